//! The notifications, as far as this listener acts on them.
//!
//! They borrow from the body wherever its text can be used as it stands.

use std::borrow::Cow;

use hookproof_contract::{NotificationType, decimal::Decimal};

use crate::moment::Moment;

/// Number of a transaction: `transaction.id`, and `order.invoice_id`, which holds the same as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TransactionId(pub(crate) i64);

/// Number of a subscription: `subscription.subscription_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SubscriptionId(pub(crate) i64);

/// Number of an order: `order.id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OrderId(pub(crate) i64);

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notification<'a> {
    /// Something is asked, and nothing has happened.
    Question(Question<'a>),
    /// Money came in.
    Payment(Transaction<'a>),
    /// The money of a whole transaction went back.
    Refund(Transaction<'a>),
    /// A part of the money of a transaction went back.
    PartialRefund(PartialRefund<'a>),
    /// No money came: the payment system or the anti-fraud check refused the payment.
    Declined {
        /// Which of the two.
        kind: NotificationType,
        /// The transaction.
        transaction: TransactionId,
        /// The user, if the notification says it.
        user: Option<Cow<'a, str>>,
    },
    /// A dispute was opened, or it changed.
    Dispute(Dispute<'a>),
    /// Something was put on the anti-fraud blocklist, or taken off it.
    Blocklist(BlocklistNews<'a>),
    /// A subscription began, went on, changed, or ended.
    Subscription(SubscriptionStep, Subscription<'a>),
    /// The user saved a payment account, or removed it.
    Account(Account<'a>),
    /// An order was paid.
    OrderPaid(Order<'a>),
    /// An order was cancelled.
    OrderCanceled(Order<'a>),
    /// A type that the contract does not list (clause PAYLOAD-11).
    Unknown(Cow<'a, str>),
}

impl Notification<'_> {
    /// Its type, if the contract lists it.
    pub(crate) fn kind(&self) -> Option<NotificationType> {
        Some(match self {
            Self::Question(Question::Validation(_) | Question::WebShop(_)) => {
                NotificationType::UserValidation
            }
            Self::Question(Question::Search(_)) => NotificationType::UserSearch,
            Self::Question(Question::Catalogue(_)) => NotificationType::PartnerSideCatalog,
            Self::Payment(_) => NotificationType::Payment,
            Self::Refund(_) => NotificationType::Refund,
            Self::PartialRefund(_) => NotificationType::PartialRefund,
            Self::Declined { kind, .. } => *kind,
            Self::Dispute(_) => NotificationType::Dispute,
            Self::Blocklist(_) => NotificationType::AfsBlackList,
            Self::Subscription(step, _) => step.kind(),
            Self::Account(account) if account.saved => NotificationType::PaymentAccountAdd,
            Self::Account(_) => NotificationType::PaymentAccountRemove,
            Self::OrderPaid(_) => NotificationType::OrderPaid,
            Self::OrderCanceled(_) => NotificationType::OrderCanceled,
            Self::Unknown(_) => return None,
        })
    }
}

/// What is asked of the game. No question has an effect, and each may be repeated at will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question<'a> {
    /// Is this user known? `user_validation`, the game's own id of the user.
    Validation(Cow<'a, str>),
    /// Who has this public id? `user_search`.
    Search(Cow<'a, str>),
    /// What may this user see in the store? `partner_side_catalog`; none is a visitor who is not
    /// logged in.
    Catalogue(Option<Cow<'a, str>>),
    /// Does the user exist whose id was typed into a Web Shop? It has no type.
    WebShop(Cow<'a, str>),
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
    /// What was bought, and for how much.
    pub(crate) bought: Bought<'a>,
}

/// What a transaction was for. A listener must not stumble over any of it (clauses PAYMENT-05 and
/// PAYMENT-06), so what cannot be read is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bought<'a> {
    /// The game's own id of the purchase, if the game gave it one: `transaction.external_id`.
    pub(crate) external_id: Option<Cow<'a, str>>,
    /// What it cost: `purchase.total`.
    pub(crate) price: Option<Money<'a>>,
    /// The subscription that is charged, if it is one.
    pub(crate) subscription: Option<SubscriptionId>,
}

/// What `partial_refund` says. There may be several of one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartialRefund<'a> {
    /// The transaction, and what the user got back of it.
    pub(crate) transaction: Transaction<'a>,
    /// The part of the price that was given back: `purchase.total.amount`.
    pub(crate) total: Option<Decimal>,
    /// When: `refund_details.date`.
    pub(crate) date: Option<Cow<'a, str>>,
}

/// What `dispute` says. All its words are open sets (clause REFUND-10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dispute<'a> {
    /// The transaction that is disputed.
    pub(crate) transaction: TransactionId,
    /// `adding` or `updating`.
    pub(crate) action: Option<Cow<'a, str>>,
    /// What kind of dispute.
    pub(crate) kind: Option<Cow<'a, str>>,
    /// How it stands.
    pub(crate) status: Option<Cow<'a, str>>,
    /// What the payer says.
    pub(crate) reason: Option<Cow<'a, str>>,
}

/// What `afs_black_list` says. It has no user (clause REFUND-11), and no member must be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BlocklistNews<'a> {
    /// `adding` or `removing`.
    pub(crate) action: Option<Cow<'a, str>>,
    /// What kind of thing is listed.
    pub(crate) parameter: Option<Cow<'a, str>>,
    /// What is listed.
    pub(crate) value: Option<Cow<'a, str>>,
    /// Why.
    pub(crate) reason: Option<Cow<'a, str>>,
    /// When.
    pub(crate) changed: Option<Moment<'a>>,
}

/// Which of the four notifications about a subscription it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubscriptionStep {
    /// It began.
    Create,
    /// It was renewed, or changed.
    Update,
    /// It will not be renewed, and goes on until then.
    NonRenewal,
    /// It ended.
    Cancel,
}

impl SubscriptionStep {
    /// The type of its notification.
    pub(crate) fn kind(self) -> NotificationType {
        match self {
            Self::Create => NotificationType::CreateSubscription,
            Self::Update => NotificationType::UpdateSubscription,
            Self::NonRenewal => NotificationType::NonRenewalSubscription,
            Self::Cancel => NotificationType::CancelSubscription,
        }
    }
}

/// What the four notifications about a subscription say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription<'a> {
    /// The subscription.
    pub(crate) id: SubscriptionId,
    /// Its user.
    pub(crate) user: Cow<'a, str>,
    /// Its plan.
    pub(crate) plan: Option<Cow<'a, str>>,
    /// When it is charged next, or would have been.
    pub(crate) next_charge: Option<Moment<'a>>,
}

/// What `payment_account_add` and `payment_account_remove` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account<'a> {
    /// Saved, or removed.
    pub(crate) saved: bool,
    /// Whose it is.
    pub(crate) user: Cow<'a, str>,
    /// The account.
    pub(crate) id: Cow<'a, str>,
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
    /// What it cost: `order.amount`, in money or in a currency of the game.
    pub(crate) price: Option<Money<'a>>,
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
    /// What was bought, and for how much.
    pub(crate) bought: Bought<'a>,
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
pub struct Money<'a> {
    /// How much, to the last digit.
    pub amount: Decimal,
    /// The currency's code, if it is given.
    pub currency: Option<Cow<'a, str>>,
}

impl Money<'_> {
    /// The same, borrowing nothing.
    pub(crate) fn to_static(&self) -> Money<'static> {
        let currency = self.currency.clone().map(|code| Cow::Owned(code.into_owned()));
        Money { amount: self.amount, currency }
    }
}
