//! Types outside the contract that a listener may meet all the same: `spec/neighbours.toml`.

use serde::Deserialize;

use super::words::words;

/// A type that is deprecated or belongs to another protocol.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// Its `notification_type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it announces.
    pub title: String,
    /// Why it is not in the contract.
    pub standing: Standing,
    /// What it expects, where that is known.
    pub answer: String,
    /// Citations.
    pub sources: Vec<String>,
}

words! {
    /// Why a type is not in the contract.
    pub enum Standing {
        /// Still sent to old projects.
        Deprecated = "deprecated",
        /// Sent under other rules.
        OtherProtocol = "other-protocol",
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NeighboursFile {
    pub(super) neighbour: Vec<Neighbour>,
}
