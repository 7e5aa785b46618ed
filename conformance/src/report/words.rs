//! The words that every renderer uses for the same thing.

use hookproof_contract::{
    NotificationType,
    spec::{Level, Spec, Status},
};

use super::{CheckReport, CheckStatus, Confidence, Diagnosis, Report, SpecVersion, Tool, Verdict};
use crate::{check::Evidence, trace::Step};

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self { name: "hookproof".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl SpecVersion {
    /// The edition that is built in.
    pub fn this() -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl Verdict {
    /// The name, as in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conformant => "conformant",
            Self::Nonconformant => "nonconformant",
            Self::Partial => "partial",
            Self::Error => "error",
        }
    }

    /// What it means, in half a sentence.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Conformant => "conformant: the listener keeps the contract",
            Self::Nonconformant => "not conformant: the listener breaks the contract",
            Self::Partial => {
                "partial: nothing is broken, but not everything could be seen or told apart"
            }
            Self::Error => "no verdict: questions could not be asked",
        }
    }
}

impl Report {
    /// What the verdict means, in half a sentence.
    pub const fn sentence(&self) -> &'static str {
        match self.verdict {
            Verdict::Partial if !self.stale.is_empty() => {
                "stale baseline: it lists failures that no longer occur; remove these entries"
            }
            Verdict::Partial if self.summary.known > 0 => {
                "partial: nothing is broken but what the baseline lists"
            }
            Verdict::Error if self.summary.error == 0 && self.summary.judged() == 0 => {
                "no verdict: no selected check could be judged"
            }
            Verdict::Error if self.summary.error == 0 => {
                "no verdict: nothing is known to be broken, but a `must` could not be judged"
            }
            verdict => verdict.sentence(),
        }
    }
}

impl CheckStatus {
    /// Every status, what needs a reader's eyes first.
    pub const ALL: [Self; 7] = [
        Self::Fail,
        Self::Error,
        Self::Warn,
        Self::Inconclusive,
        Self::NotObservable,
        Self::Skipped,
        Self::Pass,
    ];

    /// The name, as in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Inconclusive => "inconclusive",
            Self::NotObservable => "not_observable",
            Self::Skipped => "skipped",
            Self::Error => "error",
        }
    }

    /// The word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pass => "passed",
            Self::Fail => "failed",
            Self::Warn => "warned",
            Self::Inconclusive => "inconclusive",
            Self::NotObservable => "not observable",
            Self::Skipped => "skipped",
            Self::Error => "could not ask",
        }
    }
}

impl Evidence {
    /// The name, as in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Probe => "probe",
            Self::Spawn => "spawn",
            Self::Stochastic => "stochastic",
        }
    }
}

impl Confidence {
    /// The name, as in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

impl CheckReport {
    /// The topic: the words of `spec/clauses/` with which the check's id begins, or its first word.
    pub fn topic(&self) -> &str {
        let begins = |topic: &&String| {
            self.id.strip_prefix(topic.as_str()).is_some_and(|rest| rest.starts_with('-'))
        };
        match Spec::embedded().topics.keys().filter(begins).max_by_key(|topic| topic.len()) {
            Some(topic) => &self.id[..topic.len()],
            None => self.id.split('-').next().unwrap_or(&self.id),
        }
    }

    /// Whether a clause was broken, a `must` or a lesser one.
    pub fn is_broken(&self) -> bool {
        matches!(self.status, CheckStatus::Fail | CheckStatus::Warn)
    }
}

/// The checks that ended so, and are not listed in a baseline.
pub(super) fn with_status(report: &Report, status: CheckStatus) -> Vec<&CheckReport> {
    let wanted = |check: &&CheckReport| check.status == status && check.known.is_none();
    report.checks.iter().filter(wanted).collect()
}

/// The likely causes of what a check found.
pub(super) fn causes_of<'a>(
    check: &'a CheckReport,
    report: &'a Report,
) -> impl Iterator<Item = &'a Diagnosis> + use<'a> {
    report.diagnoses.iter().filter(|diagnosis| diagnosis.checks.contains(&check.id))
}

/// The level of a clause: `must`, `should` or `may`, or that its sources disagree.
pub(super) fn binding(clause: &str) -> &'static str {
    match Spec::embedded().clauses.get(clause) {
        Some(clause) if clause.status != Status::Settled => "disputed",
        Some(clause) => match clause.level {
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
        },
        None => "unknown clause",
    }
}

/// The notification type of the request that shows something: of the command, or where there is none of
/// the last delivery.
pub(super) fn notification_type(steps: &[Step], repro: Option<&str>) -> Option<String> {
    if let Some(command) = repro {
        return named_type(command);
    }
    let mut bodies = steps.iter().rev().filter_map(|step| match step {
        Step::Delivery(delivery) => Some(delivery.body.as_str()),
        _ => None,
    });
    bodies.find_map(named_type)
}

/// The value of the first `notification_type` in a text, where the contract knows it.
fn named_type(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("\"notification_type\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (name, _) = rest.split_once('"')?;
    let known: NotificationType = name.parse().ok()?;
    Some(known.to_string())
}

/// The checks by topic, both in the order of the report.
pub(super) fn by_topic(report: &Report) -> Vec<(&str, Vec<&CheckReport>)> {
    let mut topics: Vec<(&str, Vec<&CheckReport>)> = Vec::new();
    for check in &report.checks {
        let topic = check.topic();
        match topics.iter_mut().find(|(known, _)| *known == topic) {
            Some((_, checks)) => checks.push(check),
            None => topics.push((topic, vec![check])),
        }
    }
    topics
}

/// What a header may show: the digits of a signature are shortened, as they say nothing to a reader.
pub(super) fn header_value(name: &str, value: &str) -> String {
    if !name.eq_ignore_ascii_case("authorization") {
        return value.to_owned();
    }
    value.split(' ').map(shortened).collect::<Vec<_>>().join(" ")
}

/// Digits that are kept of a signature.
const DIGITS_SHOWN: usize = 8;

fn shortened(word: &str) -> String {
    match word.char_indices().nth(DIGITS_SHOWN) {
        Some((place, _)) if word != "Signature" => format!("{}…", &word[..place]),
        _ => word.to_owned(),
    }
}

/// Text as it may be shown: control characters besides line breaks, and those that turn the direction
/// of reading, are written as escapes.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        let turns = matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if turns || (char.is_control() && !matches!(char, '\n' | '\t')) {
            shown.extend(char.escape_unicode());
        } else {
            shown.push(char);
        }
    }
    shown
}

/// Prose in pieces: plain text, and what stands between backticks (`true`).
pub(super) fn pieces(text: &str) -> Vec<(bool, &str)> {
    let text = text.trim();
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        // A backtick without its partner is text.
        return vec![(false, text)];
    }
    let marked = parts.into_iter().enumerate().map(|(place, part)| (place % 2 == 1, part));
    marked.filter(|(_, part)| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_shortened_and_nothing_else() {
        let value = "Signature 7f6daccfc5b80a3e31a294c027226ebfe9b79a34";
        assert_eq!(header_value("authorization", value), "Signature 7f6daccf…");
        assert_eq!(header_value("Authorization", "Signature ab"), "Signature ab");
        assert_eq!(header_value("Authorization", "ééééééééééé"), "éééééééé…");
        assert_eq!(header_value("Content-Type", "application/json"), "application/json");
    }

    #[test]
    fn what_would_move_the_reader_is_escaped() {
        assert_eq!(visible("a\u{1b}[2J\nb\u{202e}c"), "a\\u{1b}[2J\nb\\u{202e}c");
    }

    #[test]
    fn backticks_mark_code() {
        assert_eq!(pieces(" a `b` c "), [(false, "a "), (true, "b"), (false, " c")]);
        assert_eq!(pieces("`b`"), [(true, "b")]);
        assert_eq!(pieces("it`s"), [(false, "it`s")]);
    }
}
