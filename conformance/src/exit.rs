//! What a run's exit code says; scripts may rely on it.

use crate::{Report, report::Verdict};

/// The exit codes of `hookproof check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked is right.
    Conformant = 0,
    /// A `must` is broken, or the baseline lists what no longer fails.
    Nonconformant = 1,
    /// The command line was wrong.
    Usage = 2,
    /// The question could not be asked, no check could be judged, or a `must` is unknown: the run does not
    /// vouch for the listener.
    CouldNotAsk = 3,
    /// No check was selected.
    NothingSelected = 4,
    /// The run was interrupted.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Report {
    /// The exit code that goes with this report. A run in which no check was judged has the verdict
    /// [`Verdict::Error`], so it is never a success.
    pub fn exit(&self) -> Exit {
        match self.verdict {
            Verdict::Nonconformant => Exit::Nonconformant,
            Verdict::Error => Exit::CouldNotAsk,
            // The list is wrong, and hides the next failure of its kind.
            Verdict::Conformant | Verdict::Partial if !self.stale.is_empty() => Exit::Nonconformant,
            Verdict::Conformant | Verdict::Partial => Exit::Conformant,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::{
            CheckStatus::{self, Error, Fail, Inconclusive, NotObservable, Pass, Skipped, Warn},
            sample,
        },
        verdict,
    };

    /// The report of a run whose checks, of a `should`, ended so.
    fn report(ended: &[CheckStatus], strict: bool) -> Report {
        let mut report = sample::report();
        let mut check = report.checks.swap_remove(0);
        "should".clone_into(&mut check.level);
        report.checks.clear();
        for status in ended {
            let mut check = check.clone();
            check.status = *status;
            report.checks.push(check);
        }
        report.options.strict = strict;
        report.summary = verdict::count(&report.checks);
        report.verdict = verdict::of(report.summary, &report.checks, strict);
        report
    }

    #[track_caller]
    fn check(ended: &[CheckStatus], expected: (Verdict, Exit)) {
        let report = report(ended, false);
        assert_eq!((report.verdict, report.exit()), expected, "{ended:?}");
    }

    const CONFORMANT: (Verdict, Exit) = (Verdict::Conformant, Exit::Conformant);
    const PARTIAL: (Verdict, Exit) = (Verdict::Partial, Exit::Conformant);
    const NONCONFORMANT: (Verdict, Exit) = (Verdict::Nonconformant, Exit::Nonconformant);
    const NO_VERDICT: (Verdict, Exit) = (Verdict::Error, Exit::CouldNotAsk);

    #[test]
    fn warnings_alone_are_conformant() {
        check(&[Warn], CONFORMANT);
        check(&[Warn, Skipped], CONFORMANT);
        check(&[Warn, Inconclusive], PARTIAL);
        check(&[Warn, NotObservable], PARTIAL);
        check(&[Pass, Warn], CONFORMANT);
    }

    #[test]
    fn strict_warnings_are_nonconformant() {
        let report = report(&[Warn, Pass], true);
        assert_eq!((report.verdict, report.exit()), NONCONFORMANT);
    }

    #[test]
    fn runs_without_a_judged_check_have_no_verdict() {
        for ended in [
            &[][..],
            &[Skipped],
            &[Inconclusive],
            &[NotObservable],
            &[Inconclusive, NotObservable, Skipped],
        ] {
            check(ended, NO_VERDICT);
            let report = report(ended, false);
            assert_eq!(report.sentence(), "no verdict: no selected check could be judged");
        }
    }

    #[test]
    fn failures_and_errors_decide_over_what_passed() {
        check(&[Pass, Fail], NONCONFORMANT);
        check(&[Fail, Error], NONCONFORMANT);
        check(&[Pass, Error], NO_VERDICT);
        check(&[Warn, Error], NO_VERDICT);
        check(&[Pass, Skipped], CONFORMANT);
        check(&[Pass, Inconclusive], PARTIAL);
    }

    #[test]
    fn an_unknown_must_is_no_success() {
        let unknown = |known: Option<&str>, ended| {
            let mut report = report(&[ended, Inconclusive], false);
            "must".clone_into(&mut report.checks[1].level);
            report.checks[0].known = known.map(str::to_owned);
            report.summary = verdict::count(&report.checks);
            report.verdict = verdict::of(report.summary, &report.checks, false);
            (report.verdict, report.exit())
        };
        assert_eq!(unknown(None, Pass), NO_VERDICT);
        assert_eq!(unknown(None, Warn), NO_VERDICT);
        assert_eq!(unknown(None, Fail), NONCONFORMANT);
        // What is known to be broken may be the reason.
        assert_eq!(unknown(Some("ticket 12"), Fail), PARTIAL);
    }

    #[test]
    fn stale_entries_of_the_baseline_are_nonconformant() {
        let mut report = report(&[Pass], false);
        report.stale.push(crate::baseline::Stale {
            check: "signature-accepts-valid".to_owned(),
            clause: "SIG-01".to_owned(),
            line: 1,
        });
        assert_eq!(report.exit(), Exit::Nonconformant);
    }
}
