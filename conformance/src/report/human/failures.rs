//! Failures in detail: causes, failures without a known cause, warnings, known failures.

use super::{
    Context,
    blocks::{Broken, Cause, Failure, Warning},
    paint,
    paint::{Lines, Paint},
};
use crate::report::{
    CheckReport, Diagnosis, Report,
    words::{binding, causes_of, notification_type},
};

/// Lines of the listener's output that are shown of a failure.
const OUTPUT_LINES_MAX: usize = 8;

/// Each cause: what is wrong, what to do, the smallest evidence, and the other checks it explains.
pub(super) fn causes(broken: &Broken<'_>, context: Context<'_>) -> String {
    let mut text = String::new();
    for (place, cause) in broken.causes.iter().enumerate() {
        text.push_str(&cause_block(cause, place + 1, context));
    }
    titled("causes", &text, context.paint)
}

/// Each failure without a known cause.
pub(super) fn unexplained(broken: &Broken<'_>, context: Context<'_>) -> String {
    let mut text = String::new();
    for (place, Failure { check, others }) in broken.failures.iter().enumerate() {
        text.push_str(&failure_block(check, broken.causes.len() + place + 1, context));
        if !others.is_empty() {
            text.push_str(&context.paint.row("also", &others.join(", ")));
        }
    }
    let title = if broken.causes.is_empty() { "failures" } else { "failures of unknown cause" };
    titled(title, &text, context.paint)
}

/// Each warning once: the clause, expected and actual, and the request that shows it.
pub(super) fn warnings(broken: &Broken<'_>, context: Context<'_>) -> String {
    let text: String =
        broken.warnings.iter().map(|warning| warning_block(warning, context)).collect();
    let about = if context.report.options.strict {
        "warnings (a `should` or a disputed point; --strict counts them as failures)"
    } else {
        "warnings (a `should` or a disputed point; they do not fail the run)"
    };
    titled(about, &text, context.paint)
}

fn titled(title: &str, text: &str, paint: Paint) -> String {
    if text.is_empty() { String::new() } else { format!("{}\n{text}", paint.strong(title)) }
}

fn cause_block(cause: &Cause<'_>, number: usize, context: Context<'_>) -> String {
    let Context { paint, .. } = context;
    let Cause { diagnosis, shown, .. } = cause;
    let (failures, warnings) = cause.counts();
    let mark = paint.mark(shown.status);
    let mut text = format!(
        "\n{mark} {} {} {}\n",
        paint.bad(&format!("{number}.")),
        paint.strong(&diagnosis.cause),
        paint.faint(&format!("({}; {})", diagnosis.confidence.as_str(), sum(failures, warnings))),
    );
    text.push_str(&paint.row("what", &diagnosis.text));
    text.push_str(&paint.row("fix", &diagnosis.fix));
    for rival in &cause.rivals {
        let words =
            format!("{} ({}): {}", rival.cause, rival.confidence.as_str(), first_sentence(rival));
        text.push_str(&paint.row("or", &words));
    }
    text.push_str(&paint.row("shown by", &format!("{} {}", shown.id, about(shown))));
    text.push_str(&evidence(shown, context, context.verbose));
    if !cause.others.is_empty() {
        let ids: Vec<&str> = cause.others.iter().map(|check| check.id.as_str()).collect();
        text.push_str(&paint.row("explains", &ids.join(", ")));
    }
    text
}

fn failure_block(check: &CheckReport, number: usize, context: Context<'_>) -> String {
    let Context { paint, .. } = context;
    let mut text = format!(
        "\n{} {} {} {}\n",
        paint.mark(check.status),
        paint.bad(&format!("{number}.")),
        paint.strong(&check.id),
        paint.faint(&about(check)),
    );
    text.push_str(&paint.row("asked", &format!("whether the listener {}", check.title)));
    // Where a cause is named, it says why.
    text.push_str(&evidence(check, context, true));
    text
}

fn warning_block(warning: &Warning<'_>, context: Context<'_>) -> String {
    let Context { paint, .. } = context;
    let Warning { check, found, others } = warning;
    let mut facts = vec![binding(&found.clause).to_owned()];
    facts.extend(notification_type(&found.steps, found.repro.as_deref()));
    let mut text = format!(
        "\n{} {} {}\n",
        paint.doubtful("!"),
        paint.strong(&check.id),
        paint.faint(&format!("({})", facts.join(", "))),
    );
    let own = check.clause.as_ref() == Some(&found.clause);
    // What belongs to the check itself would ask about something else.
    let shown = CheckReport {
        clause: Some(found.clause.clone()),
        expected: Some(found.expected.clone()),
        actual: Some(found.actual.clone()),
        repro: found.repro.clone(),
        steps: found.steps.clone(),
        timeline: found.timeline.clone(),
        listener_output: check.listener_output.clone().filter(|_| own),
        replay: check.replay.clone().filter(|_| own),
        ..(*check).clone()
    };
    text.push_str(&evidence(&shown, context, context.verbose));
    if !others.is_empty() {
        text.push_str(&paint.row("also", &others.join(", ")));
    }
    text
}

/// Renders the finding of one check, with the causes that explain it.
pub(super) fn alone(check: &CheckReport, context: Context<'_>) -> String {
    let mut text = failure_block(check, 1, context);
    for cause in causes_of(check, context.report) {
        let words = format!("{} ({})", cause.text, cause.cause);
        text.push_str(&context.paint.row("likely", &words));
        text.push_str(&context.paint.row("fix", &cause.fix));
    }
    text
}

/// The clause and why it stands, what was expected, what came, and the commands that show it.
fn evidence(check: &CheckReport, context: Context<'_>, why: bool) -> String {
    let Context { report, paint, clauses, verbose } = context;
    let mut text = String::new();
    if let Some(id) = &check.clause {
        match clauses(id) {
            Some(clause) => {
                text.push_str(&paint.row(id, clause.text));
                if why {
                    text.push_str(&paint.row("why", clause.why));
                }
            }
            None => text.push_str(&paint.row("clause", id)),
        }
    }
    let rows = [("expected", &check.expected), ("actual", &check.actual)];
    for (label, value) in rows {
        text.extend(value.as_ref().map(|value| paint.row(label, value)));
    }
    if let Some(timeline) = &check.timeline {
        text.push_str(&paint.drawing("told", timeline));
    }
    if let Some(output) = &check.listener_output {
        text.push_str(&paint.row("listener", &last_lines(output, verbose)));
    }
    let commands = [("see it", &check.repro), ("replay", &check.replay)];
    for (label, command) in commands {
        text.extend(command.as_ref().map(|command| paint.command(label, command)));
    }
    text.push_str(&paint.command("again", &again(check, report)));
    text
}

/// The end of what the listener wrote; all of it under `--verbose`.
fn last_lines(output: &str, verbose: bool) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let shown = if verbose { lines.len() } else { lines.len().min(OUTPUT_LINES_MAX) };
    lines[lines.len() - shown..].join("\n")
}

/// Level, evidence and notification type of what a check found.
fn about(check: &CheckReport) -> String {
    let mut facts = vec![check.level.clone(), check.evidence.as_str().to_owned()];
    facts.extend(notification_type(&check.steps, check.repro.as_deref()));
    format!("({})", facts.join(", "))
}

fn first_sentence(diagnosis: &Diagnosis) -> &str {
    let text = diagnosis.text.trim();
    text.split_once(". ").map_or(text, |(sentence, _)| sentence)
}

/// `2 failures, 1 warning`.
fn sum(failures: usize, warnings: usize) -> String {
    let number = |count: usize, word: &str| {
        (count > 0).then(|| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
    };
    let parts = [number(failures, "failure"), number(warnings, "warning")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Renders the failures that the baseline lists: clause, check, reason.
pub(super) fn known(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    for check in &report.checks {
        let Some(reason) = &check.known else { continue };
        let clause = check.clause.as_deref().unwrap_or_default();
        let reason = paint::wrapped(reason, 4);
        text.line(format_args!("  {} {clause} {}", paint.doubtful("~"), paint.faint(&check.id)));
        text.line(format_args!("    {reason}"));
    }
    titled("known failures (baseline)", &text, paint)
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

/// A line for each cause and each failure without one, with the numbers of the blocks above.
pub(super) fn recap(broken: &Broken<'_>, paint: Paint) -> String {
    let mut text = String::new();
    for (place, cause) in broken.causes.iter().enumerate() {
        let (failures, warnings) = cause.counts();
        text.line(format_args!(
            "  {} {}. {}: {}",
            paint.mark(cause.shown.status),
            place + 1,
            cause.diagnosis.cause,
            sum(failures, warnings)
        ));
    }
    for (place, Failure { check, .. }) in broken.failures.iter().enumerate() {
        text.line(format_args!(
            "  {} {}. {} {}",
            paint.mark(check.status),
            broken.causes.len() + place + 1,
            check.clause.as_deref().unwrap_or_default(),
            check.id
        ));
    }
    titled("recap", &text, paint)
}
