//! Why money was given back: `spec/reason-codes.toml`.

use serde::Deserialize;

use super::words::words;
use crate::NotificationType;

/// A value of `refund_details.code`. The set is open: other codes occur.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonCode {
    /// The code.
    pub code: u32,
    /// What it means.
    pub reason: String,
    /// Whether the user should be blocked.
    pub blocklist: Advice,
    /// The types whose pages list the code.
    pub on: Vec<NotificationType>,
    /// Citations.
    pub sources: Vec<String>,
    /// What else a reader should know.
    pub note: Option<String>,
}

words! {
    /// What the documents advise.
    pub enum Advice {
        /// To do it.
        Yes = "yes",
        /// Not to do it.
        No = "no",
        /// Nothing.
        Unsaid = "unsaid",
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonCodesFile {
    pub(super) code: Vec<ReasonCode>,
}
