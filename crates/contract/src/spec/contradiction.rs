//! Where the sources disagree: `spec/contradictions.toml`.

use serde::Deserialize;

/// A point on which sources disagree, and the side that is taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// Permanent: `CON-` and two digits.
    pub id: String,
    /// What it is about.
    pub topic: String,
    /// What is said, and by whom. At least two.
    pub readings: Vec<Reading>,
    /// What the contract holds people to.
    pub taken: String,
    /// The reason for taking it.
    pub why: String,
    /// What that does to levels and payloads.
    pub effect: String,
    /// The clauses whose demand is disputed: by at least one reading, breaking them would be right.
    pub clauses: Vec<String>,
    /// The clauses that a reader should look at too: they hold by every reading, or another
    /// contradiction disputes them.
    #[serde(default)]
    pub mentions: Vec<String>,
}

/// One side of a contradiction.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// What is said.
    pub text: String,
    /// By whom.
    pub sources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContradictionsFile {
    pub(super) contradiction: Vec<Contradiction>,
}
