//! What is said of each webhook beside its schema: `spec/notifications/*/notification.toml`.

use serde::Deserialize;

use super::{After, Plan, words::words};
use crate::{Mode, NotificationType};

/// The folder of the Web Shop's question, which has no `notification_type`.
pub const WEB_SHOP_USER_VALIDATION: &str = "web_shop_user_validation";

/// What stands in place of a plan where none is published.
pub const UNDOCUMENTED: &str = "undocumented";

/// What stands in place of a schema where the success answer has no body.
pub const NO_BODY: &str = "none";

/// A webhook: when it is sent, what it means, how it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// Its `notification_type`, or [`WEB_SHOP_USER_VALIDATION`].
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name in the documents.
    pub title: String,
    /// When it is sent.
    pub trigger: String,
    /// Whether Xsolla enables it on request only.
    pub opt_in: bool,
    /// Whether it carries a signature.
    pub signed: bool,
    /// The types that are sent only after it succeeded.
    pub precedes: Vec<NotificationType>,
    /// The types that must have succeeded before it.
    pub follows: Vec<NotificationType>,
    /// What its failure holds back.
    pub failure: String,
    /// What makes two deliveries the same event: `notification_type` and JSON pointers. Empty for a
    /// question, which has no effect that could happen twice.
    pub key: Vec<String>,
    /// The plan by which it is sent again, or [`UNDOCUMENTED`].
    pub plan: String,
    /// The statuses that are success.
    pub accepted: Vec<u16>,
    /// The schema of the body that success carries, or [`NO_BODY`].
    pub answer_body: String,
    /// The recommended time for an answer, in milliseconds.
    pub time_limit_ms: Option<u32>,
    /// The switches that change its payload.
    pub switches: Vec<String>,
    /// The clauses about it.
    pub clauses: Vec<String>,
    /// What surprises its readers.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// Citations.
    pub sources: Vec<String>,
    /// Its example payloads.
    #[serde(rename = "example")]
    pub examples: Vec<Example>,
}

impl Notification {
    /// The type, if it has one.
    pub fn notification_type(&self) -> Option<NotificationType> {
        self.kind.parse().ok()
    }

    /// The plan's id, if one is published.
    pub fn plan_id(&self) -> Option<&str> {
        (self.plan != UNDOCUMENTED).then_some(self.plan.as_str())
    }

    /// Returns what follows from an answer. `plan` is the type's own, if one is published; without
    /// one, only success is published: a status of `accepted`.
    pub fn after(&self, plan: Option<&Plan>, answer: Option<u16>) -> After {
        match (plan, answer) {
            (Some(plan), _) => plan.after(answer),
            (None, Some(status)) if self.accepted.contains(&status) => After::Done,
            (None, _) => After::Unpublished,
        }
    }

    /// The path of the success body's schema, relative to `spec/`, if there is a body.
    pub fn answer_schema(&self) -> Option<&str> {
        (self.answer_body != NO_BODY).then_some(self.answer_body.as_str())
    }
}

/// Something about a webhook that surprises its readers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quirk {
    /// What it is.
    pub text: String,
    /// Citations.
    pub sources: Vec<String>,
}

/// An example payload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Its path, relative to the notification's folder.
    pub file: String,
    /// The delivery mode in which it occurs.
    pub mode: ExampleMode,
    /// How much of the payload it shows.
    pub kind: ExampleKind,
    /// What it shows, in a few words.
    pub title: String,
    /// The signature of the compact form under the secret `example-project-secret`.
    pub signature: String,
}

words! {
    /// The delivery mode in which an example occurs.
    pub enum ExampleMode {
        /// Only where payment and order are told separately.
        Separate = "separate",
        /// Only where the order carries the payment.
        Combined = "combined",
        /// In both.
        Any = "any",
    }
}

impl ExampleMode {
    /// Whether the example occurs in this mode.
    pub fn occurs_in(self, mode: Mode) -> bool {
        match self {
            Self::Separate => mode == Mode::Separate,
            Self::Combined => mode == Mode::Combined,
            Self::Any => true,
        }
    }
}

words! {
    /// How much of a payload an example shows.
    pub enum ExampleKind {
        /// Only what is required.
        Minimal = "minimal",
        /// Everything that is documented.
        Full = "full",
        /// A form of its own.
        Variant = "variant",
    }
}
