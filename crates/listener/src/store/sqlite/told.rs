//! Which notifications have told of a transaction or an order: a bit for each, in the row itself.
//!
//! These are most of what comes, and the row that records the effect is also what tells a repeat: one
//! place to write instead of two, and nothing that a crash could part. What counts by more than a number
//! has rows of its own in `seen`.

use hookproof_contract::NotificationType;

/// A table whose rows know who told of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Transactions,
    Orders,
}

/// The bits of the notifications of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told(pub(super) i64);

impl Told {
    /// It is known from a notification of something else.
    pub(super) const NOTHING: Self = Self(0);

    /// All types that are known by a bit, and of which row.
    pub(super) const ALL: [(NotificationType, Table, Self); 6] = [
        (NotificationType::Payment, Table::Transactions, Self(1)),
        (NotificationType::Refund, Table::Transactions, Self(2)),
        (NotificationType::PsDeclined, Table::Transactions, Self(4)),
        (NotificationType::AfsReject, Table::Transactions, Self(8)),
        (NotificationType::OrderPaid, Table::Orders, Self(1)),
        (NotificationType::OrderCanceled, Table::Orders, Self(2)),
    ];

    /// The bit of a type, and the row that has it; none for the types that `seen` has.
    pub(super) fn by(kind: NotificationType) -> Option<(Table, Self)> {
        Self::ALL.iter().find(|(known, ..)| *known == kind).map(|(_, table, told)| (*table, *told))
    }
}

impl Table {
    /// Counts the rows of which a bit is known.
    pub(super) const fn count(self) -> &'static str {
        match self {
            Self::Transactions => "SELECT count(*) FROM transactions WHERE told & ?1",
            Self::Orders => "SELECT count(*) FROM orders WHERE told & ?1",
        }
    }

    /// Finds a row by its number and a bit.
    pub(super) const fn find(self) -> &'static str {
        match self {
            Self::Transactions => "SELECT 1 FROM transactions WHERE id = ?1 AND told & ?2",
            Self::Orders => "SELECT 1 FROM orders WHERE id = ?1 AND told & ?2",
        }
    }
}
