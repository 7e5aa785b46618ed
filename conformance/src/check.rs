//! What a check is, and how it can end.

use std::{future::Future, pin::Pin};

use crate::{session::Session, trace::Step};

/// The answer to a check's question, while it is being asked.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<(), Stop>> + 'a>>;

/// One question to a listener.
#[derive(Clone, Copy)]
pub struct Check {
    /// Stable kebab-case name that begins with its topic, as typed after `--only`.
    pub id: &'static str,
    /// What is asked, as a short sentence about the listener.
    pub title: &'static str,
    /// Clauses that this check tests. Level and wording live in `spec/`, not here.
    pub clauses: &'static [&'static str],
    /// How the check sees what it judges.
    pub evidence: Evidence,
    /// Whether the check is asked alone, after the others: it may hurt the target, or what others do
    /// would disturb what it sees.
    pub alone: bool,
    /// Asks the question.
    pub ask: for<'a> fn(&'a Session<'a>) -> Asking<'a>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How a check sees what it judges (the evidence levels).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Answers alone.
    Wire,
    /// Effects, through a read-only view.
    Probe,
    /// Effects, over the death and return of the listener's process.
    Spawn,
    /// Several trials, of which each might have shown the fault.
    Stochastic,
}

/// Why a check stopped before its end.
#[derive(Debug, Clone)]
pub enum Stop {
    /// The listener broke a clause.
    Violation(Box<Violation>),
    /// The check does not apply to this listener, or was not asked for.
    Skip(String),
    /// The answer cannot be told from another defect.
    Inconclusive(String),
    /// It cannot be seen with what was given.
    NotObservable(String),
    /// The question could not be asked.
    Broken(String),
}

/// What was broken, and how to see it again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Violation {
    /// The clause that was broken; its level and status say how bad that is.
    pub clause: String,
    /// What would have been right.
    pub expected: String,
    /// What came instead.
    pub actual: String,
    /// A `curl` command that shows it.
    pub repro: Option<String>,
    /// What was done last, and what came of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// The interleaving that shows it, drawn as text, where the order of events is the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<String>,
}

impl From<Violation> for Stop {
    fn from(violation: Violation) -> Self {
        Self::Violation(Box::new(violation))
    }
}
