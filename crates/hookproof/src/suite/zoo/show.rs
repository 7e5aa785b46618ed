//! The kill matrix for people, as Markdown, and as JSON.

use std::{collections::BTreeMap, fmt::Write};

use anstyle::{AnsiColor, Style};

use super::matrix::{FaultRow, Matrix};

/// Listeners that took longest, as many as are worth a look.
const SLOWEST: usize = 5;

/// The published, versioned form.
pub(super) fn json(matrix: &Matrix) -> String {
    // A map with text keys, and nothing that could fail to be written.
    let mut text = serde_json::to_string_pretty(matrix).unwrap_or_default();
    text.push('\n');
    text
}

/// The page for a terminal: what is wrong, and the numbers at the end.
pub(super) fn human(matrix: &Matrix, color: bool) -> String {
    let dress = |style: Style, text: &str| {
        if color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    };
    let (good, bad) = (AnsiColor::Green.on_default(), AnsiColor::Red.on_default().bold());
    let (doubtful, faint) = (AnsiColor::Yellow.on_default(), Style::new().dimmed());
    let mut page = String::new();
    let mut line = |text: String| {
        page.push_str(&text);
        page.push('\n');
    };
    for (fault, check) in &matrix.seen_by_one {
        line(dress(faint, &format!("  {fault} is seen by {check} alone")));
    }
    for row in matrix.right.iter().filter(|row| !row.warned.is_empty()) {
        line(dress(
            faint,
            &format!("  {} is odd, and warned: {}", row.slug, row.warned.join(", ")),
        ));
    }
    for row in unnamed(matrix) {
        line(format!("{} {}", dress(doubtful, "?"), cause(row)));
    }
    for problem in &matrix.problems {
        line(format!("{} {problem}", dress(bad, "✗")));
    }
    for (title, value) in numbers(matrix) {
        line(format!("{title:<13} {value}"));
    }
    let right = matrix.problems.is_empty();
    let word = if right {
        dress(good, "the zoo is in order")
    } else {
        dress(bad, "the zoo is not in order")
    };
    line(format!("\n{word}: {}", in_short(matrix)));
    page
}

/// The page for a repository or a job's summary.
pub(super) fn markdown(matrix: &Matrix) -> String {
    let mut page = String::from("# Kill matrix\n\n");
    for (title, value) in numbers(matrix) {
        let _ = writeln!(page, "- {title}: {value}");
    }
    section(&mut page, "Problems", matrix.problems.iter().cloned());
    confusion(&mut page, matrix);
    page.push_str("\n## Faults\n\n| fault | seen by | at wire | cause | place | ms |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for row in &matrix.faults {
        let seen: Vec<String> = row
            .seen
            .iter()
            .map(|seen| {
                let named = row.named.contains(&seen.check.as_str());
                if named { format!("**{}**", seen.check) } else { seen.check.clone() }
            })
            .collect();
        let wire = if row.at_wire.is_empty() { "" } else { "yes" };
        let place = row.place.map_or_else(|| "none".to_owned(), |place| place.to_string());
        let _ = writeln!(
            page,
            "| `{}` | {} | {wire} | {} | {place} | {} |",
            row.slug,
            seen.join(", "),
            row.cause.unwrap_or_default(),
            row.duration_ms
        );
    }
    page.push_str("\n## Cells\n\n| cell | seen by | causes | ms |\n| --- | --- | --- | --- |\n");
    for row in &matrix.cells {
        let (seen, causes) = (row.seen.join(", "), row.diagnoses.join(", "));
        let _ = writeln!(page, "| `{}` | {seen} | {causes} | {} |", row.slug, row.duration_ms);
    }
    page.push_str("\n## Checks\n\n| check | sees |\n| --- | --- |\n");
    for (check, faults) in &matrix.checks {
        let _ = writeln!(page, "| `{check}` | {}: {} |", faults.len(), faults.join(", "));
    }
    page.push_str(
        "\n## Right listeners\n\n| listener | accused | warned | ms |\n| --- | --- | --- | --- |\n",
    );
    for row in &matrix.right {
        let (accused, warned) = (row.accused.join("; "), row.warned.join(", "));
        let _ = writeln!(page, "| `{}` | {accused} | {warned} | {} |", row.slug, row.duration_ms);
    }
    page
}

fn section(page: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.map(|line| format!("- {line}\n")).collect();
    if !lines.is_empty() {
        let _ = write!(page, "\n## {title}\n\n{}", lines.concat());
    }
}

/// Lists the causes for which another one is named first, and the listeners of each pair.
fn confusion(page: &mut String, matrix: &Matrix) {
    let mut taken: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for row in unnamed(matrix) {
        let first = row.diagnoses.first().map_or("none", String::as_str);
        taken.entry((row.cause.unwrap_or("none"), first)).or_default().push(row.slug);
    }
    page.push_str("\n## Confused causes\n\n| cause | named first instead | listeners |\n");
    page.push_str("| --- | --- | --- |\n");
    for ((wanted, first), slugs) in taken {
        let _ = writeln!(page, "| `{wanted}` | `{first}` | {} |", slugs.join(", "));
    }
}

fn unnamed(matrix: &Matrix) -> impl Iterator<Item = &FaultRow> {
    matrix.faults.iter().filter(|row| row.place != Some(1))
}

fn cause(row: &FaultRow) -> String {
    let wanted = row.cause.unwrap_or("no cause is given");
    let named =
        if row.diagnoses.is_empty() { "nothing".to_owned() } else { row.diagnoses.join(", ") };
    format!("{}: {wanted}; named: {named}", row.slug)
}

/// The numbers that the suite is measured by.
fn numbers(matrix: &Matrix) -> Vec<(&'static str, String)> {
    let (rate, causes) = (matrix.kill_rate, matrix.causes);
    let caught = matrix.faults.iter().filter(|row| row.missed.is_empty()).count();
    let cells = matrix.cells.iter().filter(|row| row.caught).count();
    let alarms: usize = matrix.right.iter().map(|row| row.accused.len()).sum();
    let mut slowest: Vec<(u64, &str)> = matrix
        .faults
        .iter()
        .map(|row| (row.duration_ms, row.slug))
        .chain(matrix.cells.iter().map(|row| (row.duration_ms, row.slug)))
        .chain(matrix.right.iter().map(|row| (row.duration_ms, row.slug)))
        .collect();
    slowest.sort_unstable_by(|left, right| right.cmp(left));
    let slowest: Vec<String> = slowest
        .iter()
        .take(SLOWEST)
        .map(|(took, slug)| format!("{slug} {}", seconds(*took)))
        .collect();
    vec![
        ("faults", format!("{caught} of {} caught by the checks that name them", rate.of)),
        (
            "cells",
            format!("{} of {} caught by the checks of their rule", cells, matrix.cells.len()),
        ),
        ("false alarms", format!("{alarms} among {} right listeners", matrix.right.len())),
        (
            "checks",
            format!(
                "{} of {} catch something",
                matrix.checks.len() - matrix.idle.len(),
                matrix.checks.len()
            ),
        ),
        (
            "kill rate",
            format!(
                "wire {} %, with the probe {} %, with the process {} %",
                percent(rate.wire, rate.of),
                percent(rate.probe, rate.of),
                percent(rate.spawn, rate.of)
            ),
        ),
        (
            "causes",
            format!(
                "{} % right, {} % wrong (first {}, second {}, later {}, not {}, none named {})",
                percent(causes.first, causes.of),
                percent(causes.wrong(), causes.of),
                causes.first,
                causes.second,
                causes.later,
                causes.none,
                causes.unknown
            ),
        ),
        (
            "time",
            format!(
                "{} with seed {}; longest: {}",
                seconds(matrix.extent.duration_ms),
                matrix.extent.seed,
                slowest.join(", ")
            ),
        ),
    ]
}

fn in_short(matrix: &Matrix) -> String {
    let (faults, right) = (matrix.faults.len() + matrix.cells.len(), matrix.right.len());
    format!("{faults} wrong listeners, {right} right ones, {} problems", matrix.problems.len())
}

/// A share with one digit after the point, rounded down: 100.0 means all.
fn percent(part: usize, of: usize) -> String {
    let mille = (part * 1000).checked_div(of).unwrap_or(1000);
    format!("{}.{}", mille / 10, mille % 10)
}

fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}
