//! How many checks ended how, and what that says of the whole.

use crate::report::{CheckReport, CheckStatus, Summary, Verdict};

/// Counts how the checks ended; what is known to fail is counted apart.
pub(crate) fn count(checks: &[CheckReport]) -> Summary {
    let mut summary = Summary::default();
    for check in checks {
        let bad = matches!(check.status, CheckStatus::Fail | CheckStatus::Warn);
        *match check.status {
            _ if bad && check.known.is_some() => &mut summary.known,
            CheckStatus::Pass => &mut summary.pass,
            CheckStatus::Fail => &mut summary.fail,
            CheckStatus::Warn => &mut summary.warn,
            CheckStatus::Inconclusive => &mut summary.inconclusive,
            CheckStatus::NotObservable => &mut summary.not_observable,
            CheckStatus::Skipped => &mut summary.skipped,
            CheckStatus::Error => &mut summary.error,
        } += 1;
    }
    summary
}

/// The whole in one word. [`Verdict::Error`] where a check could not be asked, where none was judged, or
/// where a `must` is unknown though it was selected and could be seen: such a run vouches for nothing.
///
/// A known failure may be the reason why a `must` is unknown, so that is no error beside known failures.
pub(crate) fn of(summary: Summary, checks: &[CheckReport], strict: bool) -> Verdict {
    let untold = |check: &CheckReport| {
        matches!(check.status, CheckStatus::Inconclusive | CheckStatus::NotObservable)
    };
    if summary.fail > 0 || (strict && summary.warn > 0) {
        Verdict::Nonconformant
    } else if summary.error > 0
        || summary.judged() == 0
        || (summary.known == 0 && checks.iter().any(CheckReport::is_unknown_must))
    {
        Verdict::Error
    } else if summary.known > 0 || checks.iter().any(untold) {
        Verdict::Partial
    } else {
        Verdict::Conformant
    }
}
