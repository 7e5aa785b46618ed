//! What was left unseen, grouped by reason, with the flag that would show it.

use std::collections::BTreeMap;

use super::{
    paint,
    paint::{Lines, Paint},
};
use crate::{
    check::Evidence,
    report::{CheckReport, CheckStatus, Report},
};

/// The reason of a check that the command line left out.
const NOT_SELECTED: &str = "not selected";

/// What stands in the reason of a check about a type that nobody asked for, before the flag that would.
const NOT_REQUIRED: &str = " is not required: needs ";

/// A line for each reason: how many checks, why, which flag, and which ones they are.
pub(super) fn list(report: &Report, paint: Paint) -> String {
    let mut groups: BTreeMap<(CheckStatus, String), Vec<&str>> = BTreeMap::new();
    for check in &report.checks {
        let unseen = matches!(
            check.status,
            CheckStatus::Inconclusive | CheckStatus::NotObservable | CheckStatus::Skipped
        );
        if unseen {
            groups.entry((check.status, reason(check))).or_default().push(&check.id);
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", paint.strong("left unseen"));
    for ((status, reason), ids) in groups {
        let word = match status {
            CheckStatus::Inconclusive => "not to be told",
            CheckStatus::NotObservable => "not observable",
            _ => "skipped",
        };
        let line = format!("{} {word}: {reason}", ids.len());
        text.line(format_args!("  {} {}", paint.mark(status), paint::wrapped(&line, 4)));
        // Checks that --only and --skip left out are the reader's own choice, and may be many.
        if reason != NOT_SELECTED {
            let ids = paint::wrapped(&ids.join(", "), 4);
            text.line(format_args!("    {}", paint.faint(&ids)));
        }
    }
    text
}

/// The reason a check gave, with a flag where it names none and one would help.
fn reason(check: &CheckReport) -> String {
    let given = paint::one_line(check.actual.as_deref().unwrap_or("no reason was given"));
    if check.status == CheckStatus::Skipped
        && let Some((_, flag)) = given.split_once(NOT_REQUIRED)
    {
        return format!("not required of this listener; {flag} asks");
    }
    let flag = match (check.status, check.evidence) {
        (CheckStatus::NotObservable, Evidence::Probe | Evidence::Stochastic) => {
            "give --probe URL-with-{user}"
        }
        (CheckStatus::NotObservable, Evidence::Spawn) => "give --spawn CMD",
        _ => return given,
    };
    if given.contains("--") { given } else { format!("{given} ({flag})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn checks_that_one_flag_would_run_stand_together() {
        let mut report = sample::report();
        for (check, kind) in report.checks.iter_mut().zip(["create_subscription", "update"]) {
            check.status = CheckStatus::Skipped;
            check.actual = Some(format!("`{kind}` is not required: needs --product subscriptions"));
        }
        report.checks.truncate(2);
        assert_eq!(
            list(&report, Paint::new(false)),
            "left unseen\n  - 2 skipped: not required of this listener; --product subscriptions asks\n    \
             signature-accepts-valid, signature-rejects-flipped-body\n"
        );
    }
}
