//! The groups in which tools show the webhooks.

use hookproof_contract::NotificationType;
use serde_json::{Value, json};

/// A group, its name being the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Users,
    Payments,
    Orders,
    Subscriptions,
    AntiFraud,
    Catalog,
}

impl Group {
    /// In the order in which a listener is written.
    const ALL: [Self; 6] = [
        Self::Users,
        Self::Payments,
        Self::Orders,
        Self::Subscriptions,
        Self::AntiFraud,
        Self::Catalog,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Payments => "Payments",
            Self::Orders => "Orders",
            Self::Subscriptions => "Subscriptions",
            Self::AntiFraud => "Anti-fraud",
            Self::Catalog => "Catalogue",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::Users => "Questions about users. They have no effect and may be asked again.",
            Self::Payments => "Money that was paid, declined or given back, and saved accounts.",
            Self::Orders => {
                "What was bought in the catalogue: items are granted and taken back here."
            }
            Self::Subscriptions => "The life of a subscription.",
            Self::AntiFraud => "What anti-fraud decided, and disputes with banks.",
            Self::Catalog => "What a user may see in the store.",
        }
    }
}

/// The group of a type; `None` stands for the Web Shop's question.
fn group(kind: Option<NotificationType>) -> Group {
    use NotificationType as Kind;
    match kind {
        None | Some(Kind::UserValidation | Kind::UserSearch) => Group::Users,
        Some(
            Kind::Payment
            | Kind::Refund
            | Kind::PartialRefund
            | Kind::PsDeclined
            | Kind::PaymentAccountAdd
            | Kind::PaymentAccountRemove,
        ) => Group::Payments,
        Some(Kind::OrderPaid | Kind::OrderCanceled) => Group::Orders,
        Some(
            Kind::CreateSubscription
            | Kind::UpdateSubscription
            | Kind::CancelSubscription
            | Kind::NonRenewalSubscription,
        ) => Group::Subscriptions,
        Some(Kind::AfsReject | Kind::AfsBlackList | Kind::Dispute) => Group::AntiFraud,
        Some(Kind::PartnerSideCatalog) => Group::Catalog,
    }
}

/// The name of a type's group; `None` stands for the Web Shop's question.
pub(super) fn tag(kind: Option<NotificationType>) -> &'static str {
    group(kind).name()
}

/// All groups, as tags.
pub(super) fn tags() -> Vec<Value> {
    let tag = |group: Group| json!({ "name": group.name(), "description": group.about() });
    Group::ALL.into_iter().map(tag).collect()
}
