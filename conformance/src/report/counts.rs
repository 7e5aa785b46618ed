//! Counts of outcomes: one set of numbers for every format, which adds up to all checks.

use super::{CheckReport, CheckStatus, Report};

/// The outcome of a check as the reports for people count it.
///
/// These are the statuses of the JSON form, and [`Outcome::Known`] for what the baseline lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The listener keeps the clauses.
    Passed,
    /// A `must` is broken; under `--strict` a `should`, too.
    Failed,
    /// A `should` or a disputed point is broken, which does not fail the run.
    Warned,
    /// Broken, and listed in the baseline.
    Known,
    /// Could not be told from another defect.
    Inconclusive,
    /// Could not be seen with what was given.
    NotObservable,
    /// Not selected, or not required of this listener.
    Skipped,
    /// Could not be asked.
    Error,
}

impl Outcome {
    /// All outcomes, in the order in which they are counted.
    pub const ALL: [Self; 8] = [
        Self::Passed,
        Self::Failed,
        Self::Warned,
        Self::Known,
        Self::Inconclusive,
        Self::NotObservable,
        Self::Skipped,
        Self::Error,
    ];

    /// The outcome of a check. Under `strict` a warning is a failure.
    pub fn of(check: &CheckReport, strict: bool) -> Self {
        match check.status {
            CheckStatus::Fail | CheckStatus::Warn if check.known.is_some() => Self::Known,
            CheckStatus::Pass => Self::Passed,
            CheckStatus::Fail => Self::Failed,
            CheckStatus::Warn if strict => Self::Failed,
            CheckStatus::Warn => Self::Warned,
            CheckStatus::Inconclusive => Self::Inconclusive,
            CheckStatus::NotObservable => Self::NotObservable,
            CheckStatus::Skipped => Self::Skipped,
            CheckStatus::Error => Self::Error,
        }
    }

    /// The word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Warned => "warned",
            Self::Known => "known",
            Self::Inconclusive => "inconclusive",
            Self::NotObservable => "not observable",
            Self::Skipped => "skipped",
            Self::Error => "could not ask",
        }
    }

    /// The name, as in the JSON form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "pass",
            Self::Failed => "fail",
            Self::Warned => "warn",
            Self::Known => "known",
            Self::Inconclusive => "inconclusive",
            Self::NotObservable => "not_observable",
            Self::Skipped => "skipped",
            Self::Error => "error",
        }
    }

    /// One column that stands for the outcome.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Passed => "✓",
            Self::Failed => "✗",
            Self::Warned => "!",
            Self::Known => "~",
            Self::Inconclusive => "?",
            Self::NotObservable => "○",
            Self::Skipped => "-",
            Self::Error => "E",
        }
    }
}

/// Numbers of checks by outcome. They add up to all checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([u32; Outcome::ALL.len()]);

impl Counts {
    /// Counts the checks of a report.
    pub fn of(report: &Report) -> Self {
        Self::among(&report.checks, report.options.strict)
    }

    /// Counts these checks.
    pub(super) fn among<'c>(
        checks: impl IntoIterator<Item = &'c CheckReport>,
        strict: bool,
    ) -> Self {
        let mut counts = Self::default();
        for check in checks {
            counts.0[Outcome::of(check, strict) as usize] += 1;
        }
        counts
    }

    /// The number of checks with this outcome.
    pub const fn get(&self, outcome: Outcome) -> u32 {
        self.0[outcome as usize]
    }

    /// The number of all checks.
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    /// The outcomes that occurred, each with its number.
    pub fn occurred(&self) -> impl Iterator<Item = (Outcome, u32)> + use<> {
        let counts = *self;
        let all = Outcome::ALL.into_iter().map(move |outcome| (outcome, counts.get(outcome)));
        all.filter(|(_, count)| *count > 0)
    }

    /// The last line of the report: three of the numbers.
    pub fn last_line(&self) -> String {
        let [passed, failed, skipped] =
            [Outcome::Passed, Outcome::Failed, Outcome::Skipped].map(|outcome| self.get(outcome));
        format!("{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// All numbers that are not zero, after their sum.
impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let total = self.total();
        write!(f, "{total} check{}", if total == 1 { "" } else { "s" })?;
        for (place, (outcome, count)) in self.occurred().enumerate() {
            let separator = if place == 0 { ":" } else { "," };
            write!(f, "{separator} {count} {}", outcome.label())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn numbers_add_up_to_all_checks() {
        let mut report = sample::report();
        for strict in [false, true] {
            report.options.strict = strict;
            let counts = Counts::of(&report);
            assert_eq!(counts.total() as usize, report.checks.len());
        }
    }

    #[test]
    fn known_failures_are_counted_once() {
        let mut report = sample::report();
        report.checks[1].known = Some("ticket 12".to_owned());
        let counts = Counts::of(&report);
        assert_eq!((counts.get(Outcome::Failed), counts.get(Outcome::Known)), (1, 1));
        assert_eq!(
            counts.to_string(),
            "11 checks: 2 passed, 1 failed, 1 warned, 1 known, 1 inconclusive, 2 not observable, \
             2 skipped, 1 could not ask"
        );
        assert_eq!(counts.last_line(), "2 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn strict_counts_a_warning_as_failed() {
        let mut report = sample::report();
        report.options.strict = true;
        let counts = Counts::of(&report);
        assert_eq!((counts.get(Outcome::Failed), counts.get(Outcome::Warned)), (3, 0));
    }
}
