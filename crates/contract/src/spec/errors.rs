//! The error codes of listeners: `spec/errors.toml`.

use serde::Deserialize;

use crate::ErrorCode;

/// The codes that are published, and those that Xsolla's own programs add to them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorTable {
    /// The published codes, in the order in which they are published.
    #[serde(rename = "error")]
    pub published: Vec<PublishedError>,
    /// Codes that are not published but met, so that their meaning can be told.
    pub foreign: Vec<ForeignError>,
}

/// An error code of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedError {
    /// The code.
    pub code: ErrorCode,
    /// A message that goes with it.
    pub message: String,
    /// The status that is recommended for it.
    pub status: u16,
    /// When it is answered.
    pub when: String,
    /// The clauses about it.
    pub clauses: Vec<String>,
    /// Citations.
    pub sources: Vec<String>,
}

/// A code that the contract does not know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignError {
    /// The code.
    pub code: String,
    /// The status with which it comes.
    pub status: u16,
    /// What it means.
    pub meaning: String,
    /// The clauses that it touches.
    pub clauses: Vec<String>,
    /// Citations.
    pub sources: Vec<String>,
}

impl ErrorTable {
    /// The entry of a published code.
    pub fn get(&self, code: ErrorCode) -> Option<&PublishedError> {
        self.published.iter().find(|entry| entry.code == code)
    }
}
