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
        // Unselected checks are the reader's own choice, and may be many.
        if status != CheckStatus::Skipped {
            let ids = paint::wrapped(&ids.join(", "), 4);
            text.line(format_args!("    {}", paint.faint(&ids)));
        }
    }
    text
}

/// The reason a check gave, with a flag where it names none and one would help.
fn reason(check: &CheckReport) -> String {
    let given = paint::one_line(check.actual.as_deref().unwrap_or("no reason was given"));
    let flag = match (check.status, check.evidence) {
        (CheckStatus::NotObservable, Evidence::Probe | Evidence::Stochastic) => {
            "give --probe URL-with-{user}"
        }
        (CheckStatus::NotObservable, Evidence::Spawn) => "give --spawn CMD",
        _ => return given,
    };
    if given.contains("--") { given } else { format!("{given} ({flag})") }
}
