//! What a run found: one value, rendered for people and for programs.
//!
//! The JSON form is published and versioned: members are added, never renamed or removed, within one
//! [`SCHEMA`]. The project's secret is no part of it.

pub mod badge;
mod counts;
pub mod diff;
pub mod format;
pub mod github;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod ndjson;
pub mod run_values;
#[cfg(test)]
pub(crate) mod sample;
pub mod sarif;
pub mod schema;
mod security;
mod words;

use serde::{Deserialize, Serialize};

pub use self::counts::{Counts, Outcome};
use crate::{
    baseline::Stale,
    check::{Evidence, Violation},
    trace::Step,
};

/// Name and version of the JSON form.
pub const SCHEMA: &str = "hookproof.report/1";

/// Everything that a run found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Who asked.
    pub tool: Tool,
    /// By which edition of the contract.
    pub spec: SpecVersion,
    /// Who was asked.
    pub target: Vec<String>,
    /// How it was asked.
    pub options: RunOptions,
    /// The whole in one word.
    pub verdict: Verdict,
    /// How many checks ended how.
    pub summary: Summary,
    /// What was noticed about the target, and is nobody's fault.
    pub notes: Vec<String>,
    /// Each check, in the order of the registry.
    pub checks: Vec<CheckReport>,
    /// The likely causes, the one that explains most first.
    pub diagnoses: Vec<Diagnosis>,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
    /// Requests sent.
    pub requests: u64,
    /// How fast it was asked; members of this kind are zero in reports of older programs.
    #[serde(default)]
    pub pace: Pace,
    /// What the baseline lists, and no longer fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<Stale>,
}

/// How fast a run was, all its checks and waits together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Questions that were asked of the target.
    pub cases: u64,
    /// Questions in each second.
    pub cases_per_second: u64,
    /// Requests in each second.
    pub requests_per_second: u64,
}

impl Pace {
    /// The pace at which so much was asked in this time.
    pub(crate) fn new(checks: &[CheckReport], requests: u64, duration_ms: u64) -> Self {
        let cases = checks.iter().map(|check| u64::from(check.cases)).sum();
        let per_second = |count: u64| count.saturating_mul(1_000) / duration_ms.max(1);
        Self {
            cases,
            cases_per_second: per_second(cases),
            requests_per_second: per_second(requests),
        }
    }
}

/// The program that asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The edition of the contract.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SpecVersion {
    /// Its version.
    pub version: String,
}

/// What of the options decides which requests are sent. The secret is not among them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of the published form")]
pub struct RunOptions {
    /// The source of every random choice.
    pub seed: u64,
    /// The first transaction and order id.
    pub first_id: u64,
    /// Generated values per property.
    pub cases: u32,
    /// Checks asked at the same time.
    pub jobs: usize,
    /// Milliseconds to wait for one answer.
    pub timeout_ms: u64,
    /// Delivery modes asked about.
    pub modes: Vec<String>,
    /// Notification types asked about.
    pub types: Vec<String>,
    /// Whether the Web Shop's question was asked, which has no type.
    #[serde(default)]
    pub web_shop: bool,
    /// Users said to exist.
    pub known_users: Vec<String>,
    /// User said not to exist.
    pub unknown_user: String,
    /// Whether effects could be read.
    pub probe: bool,
    /// Whether the suite started the listener itself, and could kill and restart it.
    #[serde(default)]
    pub spawn: bool,
    /// Whether a broken `should` fails the run.
    pub strict: bool,
    /// Patterns of checks to ask.
    pub only: Vec<String>,
    /// Patterns of checks to leave out.
    pub skip: Vec<String>,
    /// Words that ask the same again after `hookproof check`, without selection, seed and secret:
    /// whoever started the run fills them in.
    #[serde(default)]
    pub again: Vec<String>,
}

/// The whole in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All that was asked is right.
    Conformant,
    /// A `must` is broken, or under `--strict` a `should`.
    Nonconformant,
    /// Nothing is broken but what is known to be, or the baseline is stale, or not everything that was
    /// selected could be seen or told.
    Partial,
    /// Questions could not be asked, no selected check could be judged, or a `must` that was selected and
    /// could be seen is neither kept nor broken.
    Error,
}

/// How many checks ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Kept.
    pub pass: u32,
    /// A `must` is broken.
    pub fail: u32,
    /// A `should` or a disputed point is broken.
    pub warn: u32,
    /// Could not be told from another defect.
    pub inconclusive: u32,
    /// Could not be seen with what was given.
    pub not_observable: u32,
    /// Not selected, or not required of this listener.
    pub skipped: u32,
    /// Could not be asked.
    pub error: u32,
    /// Broken, and listed in the baseline; counted nowhere else.
    #[serde(default)]
    pub known: u32,
}

impl Summary {
    /// Checks that found the listener right or wrong.
    pub const fn judged(&self) -> u32 {
        self.pass + self.fail + self.warn + self.known
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// Kept.
    Pass,
    /// A `must` is broken.
    Fail,
    /// A `should` or a disputed point is broken.
    Warn,
    /// Could not be told from another defect.
    Inconclusive,
    /// Could not be seen with what was given.
    NotObservable,
    /// Not selected, or not required of this listener.
    Skipped,
    /// Could not be asked.
    Error,
}

/// What one check found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckReport {
    /// The check's id.
    pub id: String,
    /// What was asked.
    pub title: String,
    /// The clauses that it tests.
    pub clauses: Vec<String>,
    /// The strictest level among them: `must`, `should` or `may`.
    pub level: String,
    /// How it ended.
    pub status: CheckStatus,
    /// How it saw what it judged.
    pub evidence: Evidence,
    /// The clause that was broken, where one was.
    pub clause: Option<String>,
    /// What would have been right, where something was not.
    pub expected: Option<String>,
    /// What came instead; or the reason of a verdict that is neither pass nor fail.
    pub actual: Option<String>,
    /// A command that shows it.
    pub repro: Option<String>,
    /// A command of the suite that asks the same again, where the failure was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<String>,
    /// The seed under which it failed, where that is an earlier run's and not this run's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Why it is known to fail, where the baseline lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// What was done last, and what came of it, where a clause was broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// The interleaving that shows it, drawn as text, where the order of events is the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<String>,
    /// Output of the listener's process around the failed steps, where the suite owns it: stderr, or stdout
    /// where stderr is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener_output: Option<String>,
    /// Lesser points found on the way: broken `should` clauses and disputed ones.
    pub warnings: Vec<Violation>,
    /// Milliseconds it took.
    pub duration_ms: u64,
    /// Questions asked: generated values and fixed ones.
    pub cases: u32,
    /// Digest over the questions asked, without fresh ids: equal for equal seeds.
    pub cases_digest: String,
}

impl CheckReport {
    /// Returns true for a `must` that is neither kept nor broken, although it was selected and observable.
    pub fn is_unknown_must(&self) -> bool {
        self.status == CheckStatus::Inconclusive && self.level == "must"
    }
}

/// A likely cause of what was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Permanent slug of the cause.
    pub cause: String,
    /// How sure this is: `certain`, `likely` or `possible`.
    pub confidence: Confidence,
    /// The checks that it explains.
    pub checks: Vec<String>,
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub fix: String,
}

/// How sure a diagnosis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The target showed it.
    Certain,
    /// The pattern fits, and little else does.
    Likely,
    /// The pattern fits.
    Possible,
}
