//! What has happened, in the form in which it is recorded, and what makes two deliveries the same.

use std::fmt;

use hookproof_contract::NotificationType;

use crate::{
    moment::Moment,
    notification::{Money, OrderId, SubscriptionId, SubscriptionStep, TransactionId},
};

/// Something that happened, and is recorded once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// Money came in.
    Payment(Charge),
    /// The money of a whole transaction went back.
    Refund(Charge),
    /// A part of the money of a transaction went back.
    PartialRefund {
        /// The transaction, and what the user got back of it.
        refund: Charge,
        /// What tells this one from the others of the transaction.
        content: Content,
    },
    /// No money came.
    Declined {
        /// Who refused: `ps_declined` or `afs_reject`.
        kind: NotificationType,
        /// The transaction.
        transaction: TransactionId,
        /// The user, if the notification says it.
        user: Option<String>,
    },
    /// A dispute was opened, or it changed.
    Dispute(Disputed),
    /// Something was put on the blocklist, or taken off it.
    Blocklist(Blocked),
    /// A subscription began, went on, changed, or ended.
    Subscription(SubscriptionStep, Subscribed),
    /// The user saved a payment account, or removed it.
    Account {
        /// Whose it is.
        user: String,
        /// The account.
        id: String,
        /// Saved, or removed.
        saved: bool,
    },
    /// An order was paid: its items are granted.
    OrderPaid(PaidOrder),
    /// An order was cancelled: what it granted is taken back.
    OrderCanceled {
        /// The order.
        order: OrderId,
        /// Its user.
        user: String,
        /// The refund, in combined mode.
        refund: Option<Charge>,
    },
}

/// What makes two deliveries the same event (clauses IDEM-01 to IDEM-10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// The type: several share the number of a transaction, so the number alone would take one event
    /// for a repeat of another (clause IDEM-04).
    pub(crate) kind: NotificationType,
    /// The number that the type counts by.
    pub(crate) id: i64,
    /// What else tells them apart.
    pub(crate) content: Content,
}

impl fmt::Display for Key {
    /// Type and number, for the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// Values that tell events of one type and number apart; most types need none.
///
/// Written as a JSON array, so that no two lists of values have the same text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Content(String);

impl Content {
    pub(crate) fn of<const N: usize>(parts: [Option<&str>; N]) -> Self {
        Self(serde_json::to_string(&parts.as_slice()).expect("strings always serialise"))
    }

    /// Empty for the types that need none.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Event {
    /// The key. None: the row that the event sets is its key, since nothing else tells a repeat from
    /// the same thing happening again.
    ///
    /// An account is saved, removed and saved again under one number, and so is an entry of the
    /// blocklist. What came last counts, and to say it again changes nothing.
    pub(crate) fn key(&self) -> Option<Key> {
        let numbered = |kind, id| Some(Key { kind, id, content: Content::default() });
        match self {
            Self::Payment(charge) => numbered(NotificationType::Payment, charge.transaction.0),
            Self::Refund(charge) => numbered(NotificationType::Refund, charge.transaction.0),
            Self::PartialRefund { refund, content } => Some(Key {
                kind: NotificationType::PartialRefund,
                id: refund.transaction.0,
                content: content.clone(),
            }),
            Self::Declined { kind, transaction, .. } => numbered(*kind, transaction.0),
            Self::Dispute(dispute) => Some(Key {
                kind: NotificationType::Dispute,
                id: dispute.transaction.0,
                content: Content::of([
                    dispute.action.as_deref(),
                    dispute.status.as_deref(),
                    dispute.kind.as_deref(),
                ]),
            }),
            Self::Subscription(step, subscribed) => Some(subscribed.key(*step)),
            // In both modes an order counts by its own number: in separate mode it names no
            // transaction (clauses IDEM-10 and IDEM-15).
            Self::OrderPaid(paid) => numbered(NotificationType::OrderPaid, paid.order.0),
            Self::OrderCanceled { order, .. } => numbered(NotificationType::OrderCanceled, order.0),
            Self::Blocklist(_) | Self::Account { .. } => None,
        }
    }

    /// The type that tells of it.
    pub(crate) fn kind(&self) -> NotificationType {
        match self {
            Self::Payment(_) => NotificationType::Payment,
            Self::Refund(_) => NotificationType::Refund,
            Self::PartialRefund { .. } => NotificationType::PartialRefund,
            Self::Declined { kind, .. } => *kind,
            Self::Dispute(_) => NotificationType::Dispute,
            Self::Blocklist(_) => NotificationType::AfsBlackList,
            Self::Subscription(step, _) => step.kind(),
            Self::Account { saved: true, .. } => NotificationType::PaymentAccountAdd,
            Self::Account { saved: false, .. } => NotificationType::PaymentAccountRemove,
            Self::OrderPaid(_) => NotificationType::OrderPaid,
            Self::OrderCanceled { .. } => NotificationType::OrderCanceled,
        }
    }
}

/// The money side of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    /// The transaction.
    pub(crate) transaction: TransactionId,
    /// The user, if the notification says it.
    pub(crate) user: Option<String>,
    /// What the user paid or got back.
    pub(crate) paid: Option<Money<'static>>,
    /// The subscription that is charged, if it is one.
    pub(crate) subscription: Option<SubscriptionId>,
}

/// The goods side of a paid order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaidOrder {
    /// The order.
    pub(crate) order: OrderId,
    /// The user who receives the items.
    pub(crate) user: String,
    /// The transaction that paid, if there was one.
    pub(crate) invoice: Option<TransactionId>,
    /// The payment, in combined mode.
    pub(crate) payment: Option<Charge>,
    /// What the game grants.
    pub(crate) grants: Vec<Grant>,
}

/// So many of an article, put into a player's inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The article.
    pub sku: String,
    /// How many; at least one.
    pub quantity: i64,
}

/// What a notification says of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscribed {
    /// The subscription.
    pub(crate) id: SubscriptionId,
    /// Its user.
    pub(crate) user: String,
    /// Its plan, if the notification says it.
    pub(crate) plan: Option<String>,
    /// When it is charged next, if the notification says it.
    pub(crate) next_charge: Option<Moment<'static>>,
}

impl Subscribed {
    /// A subscription begins once and ends once, but is renewed and changed again and again under its
    /// one number: these differ in the next charge and in the plan (clause SUB-03).
    fn key(&self, step: SubscriptionStep) -> Key {
        let next_charge = self.next_charge.as_ref().map(|moment| &*moment.text);
        let content = match step {
            SubscriptionStep::Create | SubscriptionStep::Cancel => Content::default(),
            SubscriptionStep::Update => Content::of([next_charge, self.plan.as_deref()]),
            SubscriptionStep::NonRenewal => Content::of([next_charge]),
        };
        Key { kind: step.kind(), id: self.id.0, content }
    }
}

/// What a notification says of a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disputed {
    /// The transaction that is disputed.
    pub(crate) transaction: TransactionId,
    /// Opened or changed.
    pub(crate) action: Option<String>,
    /// What kind of dispute; a transaction may go through several.
    pub(crate) kind: Option<String>,
    /// How it stands.
    pub(crate) status: Option<String>,
    /// What the payer says.
    pub(crate) reason: Option<String>,
}

/// An entry of the anti-fraud blocklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blocked {
    /// What kind of thing.
    pub(crate) parameter: String,
    /// Which one.
    pub(crate) value: String,
    /// On the list, or off it.
    pub(crate) listed: bool,
    /// Why.
    pub(crate) reason: Option<String>,
    /// When it was put on or taken off, if the notification says it.
    pub(crate) changed_ms: Option<i64>,
}
