//! The notification types and the two delivery modes.
//!
//! The same list stands as folders in `spec/notifications/`; a test holds the two equal.

use std::{fmt, str::FromStr};

/// What a webhook announces: the value of its member `notification_type`.
///
/// The Web Shop's user validation has no such member, and so is not in this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotificationType {
    /// Does this user exist?
    UserValidation,
    /// Which user has this public id?
    UserSearch,
    /// The user paid.
    Payment,
    /// A payment was cancelled in full.
    Refund,
    /// A part of a payment was given back.
    PartialRefund,
    /// The payment system refused the payment.
    PsDeclined,
    /// The anti-fraud check refused the transaction.
    AfsReject,
    /// The anti-fraud blocklist changed.
    AfsBlackList,
    /// A dispute was opened or changed.
    Dispute,
    /// A subscription began.
    CreateSubscription,
    /// A subscription was renewed or changed.
    UpdateSubscription,
    /// A subscription ended.
    CancelSubscription,
    /// A subscription will not be renewed.
    NonRenewalSubscription,
    /// The user saved a payment account.
    PaymentAccountAdd,
    /// The user removed a saved payment account.
    PaymentAccountRemove,
    /// Which items may this user see?
    PartnerSideCatalog,
    /// An order was paid: grant its items.
    OrderPaid,
    /// An order was cancelled: take its items back.
    OrderCanceled,
}

impl NotificationType {
    /// All types, in the order in which the documentation lists them.
    pub const ALL: [Self; 18] = [
        Self::UserValidation,
        Self::UserSearch,
        Self::Payment,
        Self::Refund,
        Self::PartialRefund,
        Self::PsDeclined,
        Self::AfsReject,
        Self::AfsBlackList,
        Self::Dispute,
        Self::CreateSubscription,
        Self::UpdateSubscription,
        Self::CancelSubscription,
        Self::NonRenewalSubscription,
        Self::PaymentAccountAdd,
        Self::PaymentAccountRemove,
        Self::PartnerSideCatalog,
        Self::OrderPaid,
        Self::OrderCanceled,
    ];

    /// The value of `notification_type`, which is also the folder's name in `spec/notifications/`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserValidation => "user_validation",
            Self::UserSearch => "user_search",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::PartialRefund => "partial_refund",
            Self::PsDeclined => "ps_declined",
            Self::AfsReject => "afs_reject",
            Self::AfsBlackList => "afs_black_list",
            Self::Dispute => "dispute",
            Self::CreateSubscription => "create_subscription",
            Self::UpdateSubscription => "update_subscription",
            Self::CancelSubscription => "cancel_subscription",
            Self::NonRenewalSubscription => "non_renewal_subscription",
            Self::PaymentAccountAdd => "payment_account_add",
            Self::PaymentAccountRemove => "payment_account_remove",
            Self::PartnerSideCatalog => "partner_side_catalog",
            Self::OrderPaid => "order_paid",
            Self::OrderCanceled => "order_canceled",
        }
    }
}

impl fmt::Display for NotificationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no notification type of the contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a notification type of the contract")]
pub struct UnknownNotificationType(pub String);

impl FromStr for NotificationType {
    type Err = UnknownNotificationType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownNotificationType(text.to_owned()))
    }
}

/// How a purchase is told (clauses `SEQ-*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `payment` then `order_paid`; `refund` then `order_canceled`.
    Separate,
    /// `order_paid` and `order_canceled` alone, with the payment in their member `billing`.
    Combined,
}

impl Mode {
    /// Both modes, the older one first.
    pub const ALL: [Self; 2] = [Self::Separate, Self::Combined];

    /// The name, as in `spec/` and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Separate => "separate",
            Self::Combined => "combined",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
