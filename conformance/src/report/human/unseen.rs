//! Checks without a verdict, by reason, with the flag that would give one.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Context, paint,
    paint::{Lines, Paint},
};
use crate::{
    check::Evidence,
    report::{
        CheckReport, CheckStatus, Report, run_values::without_run_values, words::with_status,
    },
};

/// The reason of a check that the command line left out.
const NOT_SELECTED: &str = "not selected";

/// What stands in the reason of a check about a type that nobody asked for, before the flag that would.
const NOT_REQUIRED: &str = " is not required: needs ";

/// The reason for all of these checks together, before their flags.
const ASKED_WITH: &str = "not required of this listener; asked with ";

/// Returns true if the command line left the check out.
pub(super) fn is_not_selected(check: &CheckReport) -> bool {
    check.status == CheckStatus::Skipped && check.actual.as_deref() == Some(NOT_SELECTED)
}

/// A line for each reason: how many checks, why, and which flag would show them.
///
/// Inconclusive checks are named. Others are named under `--verbose`, but for those that the command
/// line left out.
pub(super) fn list(context: Context<'_>) -> String {
    let Context { report, paint, verbose, .. } = context;
    let mut groups: BTreeMap<(CheckStatus, bool, String), Vec<&str>> = BTreeMap::new();
    let asked_with = flags(report);
    for check in &report.checks {
        let unseen = matches!(
            check.status,
            CheckStatus::Inconclusive | CheckStatus::NotObservable | CheckStatus::Skipped
        );
        if unseen {
            let reason = match (flag(check), means(check)) {
                (Some(_), _) => format!("{ASKED_WITH}{asked_with}"),
                (None, Some(means)) if !verbose => format!("needs {means}"),
                _ => reason(check),
            };
            let group = (check.status, !check.is_unknown_must(), reason);
            groups.entry(group).or_default().push(&check.id);
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", paint.strong("left unseen"));
    for ((status, told, reason), ids) in groups {
        let must = if told { "" } else { ", must" };
        let line = format!("{} {}{must}: {reason}", ids.len(), status.label());
        text.line(format_args!("  {} {}", paint.mark(status), paint::wrapped(&line, 4)));
        let named = status == CheckStatus::Inconclusive || (verbose && reason != NOT_SELECTED);
        if named {
            text.push_str(&names(&ids, paint));
        }
    }
    text
}

/// Renders the checks that could not be asked, by reason.
pub(super) fn errors(context: Context<'_>) -> String {
    let Context { report, paint, .. } = context;
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for check in with_status(report, CheckStatus::Error) {
        let reason = check.actual.as_deref().unwrap_or("no reason was given");
        let same = without_run_values(reason);
        let known = |(other, _): &&mut (String, _)| without_run_values(other) == same;
        match groups.iter_mut().find(known) {
            Some((_, ids)) => ids.push(&check.id),
            None => groups.push((reason.to_owned(), vec![&check.id])),
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", paint.strong("could not be asked"));
    for (reason, ids) in groups {
        let line = format!("{}: {reason}", ids.len());
        text.line(format_args!(
            "  {} {}",
            paint.mark(CheckStatus::Error),
            paint::wrapped(&line, 4)
        ));
        text.push_str(&names(&ids, paint));
    }
    text
}

fn names(ids: &[&str], paint: Paint) -> String {
    format!("    {}\n", paint.faint(&paint::wrapped(&ids.join(", "), 4)))
}

/// The flag that asks a check about a type that is not required, such as `--also dispute`.
fn flag(check: &CheckReport) -> Option<&str> {
    let given = check.actual.as_deref().filter(|_| check.status == CheckStatus::Skipped)?;
    given.split_once(NOT_REQUIRED).map(|(_, flag)| flag)
}

/// The flags that would show what could not be seen.
fn means(check: &CheckReport) -> Option<&'static str> {
    if check.status != CheckStatus::NotObservable {
        return None;
    }
    let reason = reason(check);
    let needs = |flag: &str| reason.contains(flag);
    match (needs("--spawn"), needs("--probe")) {
        (true, true) => Some("--spawn, and --probe or --probe-cmd"),
        (true, false) => Some("--spawn"),
        (false, true) => Some("--probe or --probe-cmd"),
        (false, false) => None,
    }
}

/// Those flags of a report, each name once: `--also a, b, --product c`.
fn flags(report: &Report) -> String {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for flag in report.checks.iter().filter_map(flag) {
        let (flag, value) = flag.split_once(' ').unwrap_or((flag, ""));
        names.entry(flag).or_default().insert(value);
    }
    let list = |(flag, values): (&str, BTreeSet<&str>)| {
        format!("{flag} {}", values.into_iter().collect::<Vec<_>>().join(", "))
    };
    names.into_iter().map(list).collect::<Vec<_>>().join(", ")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn checks_that_are_not_required_stand_together() {
        let mut report = sample::report();
        for (check, product) in report.checks.iter_mut().zip(["web-shop", "subscriptions"]) {
            check.status = CheckStatus::Skipped;
            check.actual = Some(format!("`a` is not required: needs --product {product}"));
        }
        report.checks.truncate(2);
        let clauses = |_: &str| None;
        let paint = Paint::new(false);
        let context = Context { report: &report, paint, clauses: &clauses, verbose: true };
        let short = "left unseen\n  - 2 skipped: not required of this listener; asked with --product \
                     subscriptions, web-shop\n";
        let ids = "    signature-accepts-valid, signature-rejects-flipped-body\n";
        assert_eq!(list(context), format!("{short}{ids}"));
        assert_eq!(list(Context { verbose: false, ..context }), short);
    }

    #[test]
    fn errors_of_one_reason_stand_together() {
        let mut report = sample::report();
        for (place, check) in report.checks.iter_mut().enumerate() {
            check.status = CheckStatus::Error;
            check.actual = Some(format!("refused by 127.0.0.1:8080 after {place} ms"));
        }
        report.checks.truncate(2);
        let clauses = |_: &str| None;
        let paint = Paint::new(false);
        let context = Context { report: &report, paint, clauses: &clauses, verbose: false };
        assert_eq!(
            errors(context),
            "could not be asked\n  E 2: refused by 127.0.0.1:8080 after 0 ms\n    \
             signature-accepts-valid, signature-rejects-flipped-body\n"
        );
    }
}
