//! What is not in order: in detail, the lesser points, the causes, the recap.

use std::collections::BTreeMap;

use super::{
    Clauses, paint,
    paint::{Lines, Paint},
};
use crate::report::{
    CheckReport, CheckStatus, Report,
    words::{causes_of, with_status},
};

/// Each failure: the clause and its text, expected and actual, how to see it again, the likely cause.
pub(super) fn details(report: &Report, paint: Paint, clauses: Clauses<'_>) -> String {
    let failures = with_status(report, CheckStatus::Fail);
    if failures.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", paint.strong("failures"));
    // A cause is told in full once; later failures say where.
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, check) in failures.iter().enumerate() {
        text.line(format_args!(
            "\n{} {} {}",
            paint.bad(&format!("{}.", index + 1)),
            paint.strong(&check.id),
            paint.faint(&format!("({}, {})", check.level, check.evidence.as_str())),
        ));
        text.push_str(&what_broke(check, paint, clauses));
        for cause in causes_of(check, report) {
            let first = *told.entry(&cause.cause).or_insert(index);
            if first == index {
                text.push_str(&paint.row("likely", &format!("{} ({})", cause.text, cause.cause)));
                text.push_str(&paint.row("fix", &cause.fix));
            } else {
                let as_before = format!("{}, as in {}.", cause.cause, first + 1);
                text.push_str(&paint.row("likely", &as_before));
            }
        }
        if let Some(timeline) = &check.timeline {
            text.push_str(&paint.drawing("told", timeline));
        }
        if let Some(repro) = &check.repro {
            text.push_str(&paint.command("see it", repro));
        }
        if let Some(replay) = &check.replay {
            text.push_str(&paint.command("replay", replay));
        }
        text.push_str(&paint.command("again", &again(check, report)));
    }
    text
}

/// What the baseline lists: the clause, the check, the reason.
pub(super) fn known(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    for check in &report.checks {
        let Some(reason) = &check.known else { continue };
        let clause = check.clause.as_deref().unwrap_or_default();
        let reason = paint::wrapped(reason, 4);
        text.line(format_args!("  {} {clause} {}", paint.doubtful("~"), paint.faint(&check.id)));
        text.line(format_args!("    {reason}"));
    }
    if text.is_empty() {
        return text;
    }
    format!("{}\n{text}", paint.strong("known failures (baseline)"))
}

fn what_broke(check: &CheckReport, paint: Paint, clauses: Clauses<'_>) -> String {
    let mut text = paint.row("asked", &format!("whether the listener {}", check.title));
    if let Some(id) = &check.clause {
        match clauses(id) {
            Some(clause) => {
                text.push_str(&paint.row(id, clause.text));
                text.push_str(&paint.row("why", clause.why));
            }
            None => text.push_str(&paint.row("clause", id)),
        }
    }
    if let Some(expected) = &check.expected {
        text.push_str(&paint.row("expected", expected));
    }
    if let Some(actual) = &check.actual {
        text.push_str(&paint.row("actual", actual));
    }
    text
}

/// The suite's own command for one check, with the cases of this run.
pub(in crate::report) fn again(check: &CheckReport, report: &Report) -> String {
    let words = report.options.again.iter().map(|word| paint::word(word));
    let seed = check.seed.unwrap_or(report.options.seed).to_string();
    let mut command = vec!["hookproof".to_owned(), "check".to_owned()];
    command.extend(words);
    command.extend(["--only", &check.id, "--seed", &seed].map(str::to_owned));
    command.join(" ")
}

/// Broken `should` clauses and disputed points, two lines each.
pub(super) fn lesser_points(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    for check in &report.checks {
        if check.status == CheckStatus::Warn && check.known.is_none() {
            let clause = check.clause.as_deref().unwrap_or_default();
            let expected = check.expected.as_deref().unwrap_or_default();
            let actual = check.actual.as_deref().unwrap_or_default();
            text.push_str(&point(&check.id, clause, (expected, actual), paint));
        }
        for warning in &check.warnings {
            let seen = (warning.expected.as_str(), warning.actual.as_str());
            text.push_str(&point(&check.id, &warning.clause, seen, paint));
        }
    }
    if text.is_empty() {
        return text;
    }
    format!("{}\n{text}", paint.strong("lesser points (`should`, or disputed)"))
}

fn point(check: &str, clause: &str, (expected, actual): (&str, &str), paint: Paint) -> String {
    let seen = format!("expected {}; got {}", paint::one_line(expected), paint::one_line(actual));
    format!(
        "  {} {clause} {}\n    {}\n",
        paint.doubtful("!"),
        paint.faint(check),
        paint::wrapped(&seen, 4)
    )
}

/// What could not be asked, and the likely causes.
pub(super) fn causes(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    let broken = with_status(report, CheckStatus::Error);
    if !broken.is_empty() {
        text.line(format_args!("{}", paint.strong("could not be asked")));
        for check in broken {
            let reason = check.actual.as_deref().unwrap_or_default();
            let reason = paint::wrapped(reason, 4);
            text.line(format_args!("  {} {}: {reason}", paint.bad("E"), check.id));
        }
    }
    if report.diagnoses.is_empty() {
        return text;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.line(format_args!("{}", paint.strong("likely causes")));
    for diagnosis in &report.diagnoses {
        text.line(format_args!(
            "\n  {} {}",
            paint.strong(&diagnosis.cause),
            paint.faint(&format!("({})", diagnosis.confidence.as_str()))
        ));
        text.push_str(&paint.row("what", &diagnosis.text));
        text.push_str(&paint.row("fix", &diagnosis.fix));
        text.push_str(&paint.row("explains", &diagnosis.checks.join(", ")));
    }
    text
}

/// A line for each failure.
pub(super) fn recap(report: &Report, paint: Paint) -> String {
    let failures = with_status(report, CheckStatus::Fail);
    if failures.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", paint.strong("recap"));
    for check in failures {
        let clause = check.clause.as_deref().unwrap_or_default();
        let causes: Vec<&str> =
            causes_of(check, report).map(|cause| cause.cause.as_str()).collect();
        let causes =
            if causes.is_empty() { String::new() } else { format!("  <- {}", causes.join(", ")) };
        text.line(format_args!("  {} {clause}  {}{causes}", paint.bad("✗"), check.id));
    }
    text
}
