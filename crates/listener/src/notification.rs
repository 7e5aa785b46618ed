//! The notifications, as far as this listener acts on them.
//!
//! They borrow from the body wherever its text can be used as it stands.

use std::{borrow::Cow, fmt};

use hookproof_contract::{NotificationType, decimal::Decimal};

/// Number of a transaction: `transaction.id`, and `order.invoice_id`, which holds the same as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TransactionId(pub(crate) i64);

/// Number of an order: `order.id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OrderId(pub(crate) i64);

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notification<'a> {
    /// Is this user known?
    UserValidation {
        /// The game's own id of the user.
        user: Cow<'a, str>,
    },
    /// Money came in.
    Payment(Transaction<'a>),
    /// The money of a whole transaction went back.
    Refund(Transaction<'a>),
    /// An order was paid.
    OrderPaid(Order<'a>),
    /// An order was cancelled.
    OrderCanceled(Order<'a>),
    /// A type of the contract that has no effect here.
    Other(NotificationType),
    /// A type that the contract does not list (clause PAYLOAD-11).
    Unknown(Cow<'a, str>),
}

impl Notification<'_> {
    /// The value of `notification_type`.
    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::UserValidation { .. } => NotificationType::UserValidation.as_str(),
            Self::Payment(_) => NotificationType::Payment.as_str(),
            Self::Refund(_) => NotificationType::Refund.as_str(),
            Self::OrderPaid(_) => NotificationType::OrderPaid.as_str(),
            Self::OrderCanceled(_) => NotificationType::OrderCanceled.as_str(),
            Self::Other(kind) => kind.as_str(),
            Self::Unknown(kind) => kind,
        }
    }
}

/// What `payment` and `refund` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transaction<'a> {
    /// The transaction; a refund has the number of its payment.
    pub(crate) id: TransactionId,
    /// The user, where the sender's settings let the notification say it.
    pub(crate) user: Option<Cow<'a, str>>,
    /// What the user paid, or got back.
    pub(crate) paid: Option<Money<'a>>,
}

/// What `order_paid` and `order_canceled` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order<'a> {
    /// The order.
    pub(crate) id: OrderId,
    /// The user: here it is `user.external_id` (clause USER-05).
    pub(crate) user: Cow<'a, str>,
    /// What was bought.
    pub(crate) items: Vec<Item<'a>>,
    /// The transaction that paid; none if the order was free or paid with virtual currency.
    pub(crate) invoice: Option<TransactionId>,
    /// The money side, in combined mode.
    pub(crate) billing: Option<Billing<'a>>,
}

/// The money side of an order in combined mode: it stands for a `payment` or a `refund`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Billing<'a> {
    /// The transaction.
    pub(crate) transaction: Option<TransactionId>,
    /// What the user paid, or got back.
    pub(crate) paid: Option<Money<'a>>,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// The article.
    pub sku: Cow<'a, str>,
    /// How many of it; at least one.
    pub quantity: i64,
    /// The line repeats what a bundle of the same order contains (clause ORDER-07).
    pub is_bundle_content: bool,
}

/// An amount in a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Money<'a> {
    /// How much.
    pub(crate) amount: Decimal,
    /// The currency's code, if it is given.
    pub(crate) currency: Option<Cow<'a, str>>,
}

impl Money<'_> {
    /// The same, borrowing nothing.
    pub(crate) fn to_static(&self) -> Money<'static> {
        let currency = self.currency.clone().map(|code| Cow::Owned(code.into_owned()));
        Money { amount: self.amount, currency }
    }
}
