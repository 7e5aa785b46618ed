//! What has happened, in the form in which it is recorded, and what makes two deliveries the same.

use std::fmt;

use hookproof_contract::{NotificationType, decimal::Decimal};

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

impl Key {
    /// The key of a type that counts by its number alone.
    pub(crate) fn numbered(kind: NotificationType, id: i64) -> Self {
        Self { kind, id, content: Content::default() }
    }

    /// The key of one step of a subscription.
    ///
    /// A subscription begins once and ends once, but is renewed and changed again and again under its
    /// one number: these differ in the next charge and in the plan (clause SUB-03).
    pub(crate) fn subscription(
        step: SubscriptionStep,
        id: SubscriptionId,
        next_charge: Option<&str>,
        plan: Option<&str>,
    ) -> Self {
        let content = match step {
            SubscriptionStep::Create | SubscriptionStep::Cancel => Content::default(),
            SubscriptionStep::Update => Content::of([next_charge, plan]),
            SubscriptionStep::NonRenewal => Content::of([next_charge]),
        };
        Self { kind: step.kind(), id: id.0, content }
    }

    /// The key of one stage of a dispute.
    pub(crate) fn dispute(
        transaction: TransactionId,
        action: Option<&str>,
        status: Option<&str>,
        kind: Option<&str>,
    ) -> Self {
        Self {
            kind: NotificationType::Dispute,
            id: transaction.0,
            content: Content::of([action, status, kind]),
        }
    }

    /// The key of a partial refund.
    pub(crate) fn partial_refund(transaction: TransactionId, content: Content) -> Self {
        Self { kind: NotificationType::PartialRefund, id: transaction.0, content }
    }
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

    /// What tells partial refunds of one transaction apart (clause REFUND-06): a partial refund has no
    /// number of its own, only what was given back and when.
    pub(crate) fn of_partial_refund(
        total: Option<Decimal>,
        paid: Option<Decimal>,
        date: Option<&str>,
    ) -> Self {
        let total = total.map(|total| total.to_string());
        let paid = paid.map(|paid| paid.to_string());
        Self::of([total.as_deref(), paid.as_deref(), date])
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
        let numbered = |kind, id| Some(Key::numbered(kind, id));
        match self {
            Self::Payment(charge) => numbered(NotificationType::Payment, charge.transaction.0),
            Self::Refund(charge) => numbered(NotificationType::Refund, charge.transaction.0),
            Self::PartialRefund { refund, content } => {
                Some(Key::partial_refund(refund.transaction, content.clone()))
            }
            Self::Declined { kind, transaction, .. } => numbered(*kind, transaction.0),
            Self::Dispute(dispute) => Some(Key::dispute(
                dispute.transaction,
                dispute.action.as_deref(),
                dispute.status.as_deref(),
                dispute.kind.as_deref(),
            )),
            Self::Subscription(step, subscribed) => Some(Key::subscription(
                *step,
                subscribed.id,
                subscribed.next_charge.as_ref().map(|moment| &*moment.text),
                subscribed.plan.as_deref(),
            )),
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
