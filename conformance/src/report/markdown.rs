//! The report as Markdown for the summary of a CI job.
//!
//! **Invariants:** whatever is not this file's own is written as entities, so that a listener cannot write
//! markup into somebody's summary; and the text is never longer than what GitHub shows.

use std::fmt::Write;

use super::{
    CheckReport, CheckStatus, Counts, Report, Verdict,
    human::{failures, paint},
    words::{causes_of, pieces, visible, with_status},
};

/// Bytes that GitHub shows of the summary of a step.
pub const MARKDOWN_BYTES_MAX: usize = 1 << 20;

/// Bytes set aside for what says how much was left out.
const REST_BYTES: usize = 512;

/// Characters of a cell in a table.
const CELL_CHARS_MAX: usize = 240;

/// Characters of one text among the details.
const TEXT_CHARS_MAX: usize = 20_000;

/// The report as Markdown that ends with a newline.
pub fn to_markdown(report: &Report) -> String {
    within(report, MARKDOWN_BYTES_MAX)
}

/// The report as Markdown of so many bytes at most, or of a few lines where that is too little.
pub fn within(report: &Report, bytes_max: usize) -> String {
    let mut text = head(report);
    let mut parts = diagnoses(report);
    parts.extend(table(report));
    parts.extend(with_status(report, CheckStatus::Fail).iter().map(|check| details(check, report)));
    parts.extend(lesser(report));
    parts.push(foot(report));
    let mut left_out = 0_u32;
    for part in parts {
        if text.len() + part.len() + REST_BYTES <= bytes_max {
            text.push_str(&part);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        line(&mut text, format_args!("\n{left_out} parts were left out: the summary is full."));
    }
    text
}

fn head(report: &Report) -> String {
    let icon = match report.verdict {
        Verdict::Conformant => "✅",
        Verdict::Nonconformant => "❌",
        Verdict::Partial => "🟡",
        Verdict::Error => "⚠️",
    };
    let mut text = String::new();
    line(&mut text, format_args!("## {icon} Webhook contract: {}\n", report.verdict.as_str()));
    line(&mut text, format_args!("{}. **{}.**\n", report.sentence(), Counts::of(report)));
    let targets: Vec<String> = report.target.iter().map(|target| code(target)).collect();
    line(
        &mut text,
        format_args!(
            "{} asked by {} {}, {} requests in {}, seed {}.\n",
            targets.join(", "),
            escaped(&report.tool.name),
            escaped(&report.tool.version),
            report.requests,
            paint::duration(report.duration_ms),
            report.options.seed
        ),
    );
    for note in &report.notes {
        line(&mut text, format_args!("- {}", prose(note)));
    }
    for stale in &report.stale {
        line(
            &mut text,
            format_args!(
                "- Stale baseline: {} no longer breaks {}; remove its entry, line {}.",
                code(&stale.check),
                escaped(&stale.clause),
                stale.line
            ),
        );
    }
    for check in &report.checks {
        if let Some(reason) = &check.known {
            line(
                &mut text,
                format_args!("- {} is known to fail: {}", code(&check.id), prose(reason)),
            );
        }
    }
    text
}

fn diagnoses(report: &Report) -> Vec<String> {
    let mut parts = Vec::new();
    for (place, cause) in report.diagnoses.iter().enumerate() {
        let mut text = String::new();
        if place == 0 {
            text.push_str("\n### Likely causes\n\n");
        }
        line(
            &mut text,
            format_args!(
                "{}. **{}** ({}, explains {}). {} <br>**Fix:** {}",
                place + 1,
                code(&cause.cause),
                cause.confidence.as_str(),
                paint::checks(u32::try_from(cause.checks.len()).unwrap_or(u32::MAX)),
                prose(&cause.text),
                prose(&cause.fix),
            ),
        );
        parts.push(text);
    }
    parts
}

fn table(report: &Report) -> Vec<String> {
    let failed = with_status(report, CheckStatus::Fail);
    let mut parts = Vec::new();
    for (place, check) in failed.into_iter().enumerate() {
        let mut text = String::new();
        if place == 0 {
            text.push_str("\n### Failures\n\n| clause | check | expected | actual | cause |\n");
            text.push_str("| --- | --- | --- | --- | --- |\n");
        }
        let causes: Vec<String> =
            causes_of(check, report).take(1).map(|cause| code(&cause.cause)).collect();
        line(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} |",
                check.clause.as_deref().map(escaped).unwrap_or_default(),
                code(&check.id),
                cell(check.expected.as_deref()),
                cell(check.actual.as_deref()),
                causes.join(" ")
            ),
        );
        parts.push(text);
    }
    parts
}

fn details(check: &CheckReport, report: &Report) -> String {
    let mut text = String::new();
    let clause = check.clause.as_deref().map(escaped).unwrap_or_default();
    line(&mut text, format_args!("\n<details><summary>{clause} {}</summary>\n", code(&check.id)));
    line(&mut text, format_args!("Asked whether the listener {}.\n", prose(&check.title)));
    let rows = [("Expected", &check.expected), ("Actual", &check.actual)];
    for (label, value) in rows {
        if let Some(value) = value {
            line(&mut text, format_args!("**{label}**\n\n{}\n", block(value)));
        }
    }
    if let Some(timeline) = &check.timeline {
        line(&mut text, format_args!("**Timeline**\n\n{}\n", block(timeline)));
    }
    if let Some(output) = &check.listener_output {
        line(&mut text, format_args!("**The listener wrote**\n\n{}\n", block(output)));
    }
    if let Some(repro) = &check.repro {
        line(&mut text, format_args!("**See it**\n\n{}\n", block(repro)));
    }
    let again = failures::again(check, report);
    let commands: Vec<&str> = check.replay.iter().chain([&again]).map(String::as_str).collect();
    line(&mut text, format_args!("**Ask again**\n\n{}\n", block(&commands.join("\n"))));
    text.push_str("</details>\n");
    text
}

fn lesser(report: &Report) -> Vec<String> {
    let mut points: Vec<String> = Vec::new();
    for check in &report.checks {
        let own = (check.status == CheckStatus::Warn && check.known.is_none())
            .then(|| (check.clause.as_deref().unwrap_or_default(), &check.expected, &check.actual));
        if let Some((clause, expected, actual)) = own {
            points.push(point(clause, &check.id, expected.as_deref(), actual.as_deref()));
        }
        for found in &check.warnings {
            // A warning that is the check's own finding was told above.
            if check.clause.as_deref() != Some(&found.clause) {
                points.push(point(
                    &found.clause,
                    &check.id,
                    Some(&found.expected),
                    Some(&found.actual),
                ));
            }
        }
    }
    if let Some(first) = points.first_mut() {
        first.insert_str(0, "\n### Warnings\n\n");
    }
    points
}

fn point(clause: &str, check: &str, expected: Option<&str>, actual: Option<&str>) -> String {
    let (expected, actual) = (cell(expected), cell(actual));
    format!("- {} {}: expected {expected}; got {actual}\n", escaped(clause), code(check))
}

fn foot(report: &Report) -> String {
    format!("\n<sub>Contract {}.</sub>\n", escaped(&report.spec.version))
}

fn cell(text: Option<&str>) -> String {
    code(&cut(&paint::one_line(text.unwrap_or_default()), CELL_CHARS_MAX))
}

/// Text of any length and shape: what stands in `pre` is no Markdown.
fn block(text: &str) -> String {
    let text = visible(&cut(text, TEXT_CHARS_MAX));
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<pre>{text}</pre>")
}

/// A sentence, in which what stands between backticks is code.
fn prose(text: &str) -> String {
    pieces(text)
        .iter()
        .map(|(is_code, part)| if *is_code { code(part) } else { escaped(part) })
        .collect()
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", escaped(text)) }
}

/// One line of text in which nothing is markup: everything but letters, digits and the most harmless
/// punctuation is written as an entity. Inside of a word, `-` and `_` mean nothing to Markdown, and neither
/// does the stop at the end of a sentence.
fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        let inside = before.is_ascii_alphanumeric() && next.is_ascii_alphanumeric();
        match char {
            '\n' | '\t' => out.push(' '),
            ' ' | ',' | ';' | '?' => out.push(char),
            '-' | '_' if inside => out.push(char),
            '.' if before.is_ascii_alphabetic() && next == ' ' => out.push(char),
            _ if char.is_ascii() && !char.is_ascii_alphanumeric() => {
                // A `String` takes every write.
                let _ = write!(out, "&#{};", u32::from(char));
            }
            _ => out.push(char),
        }
        before = char;
    }
    out
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((place, _)) => format!("{}…", &text[..place]),
        None => text.to_owned(),
    }
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // A `String` takes every write.
    let _ = writeln!(text, "{words}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn form() {
        insta::assert_snapshot!(to_markdown(&sample::report()));
    }

    #[test]
    fn the_target_writes_no_markup() {
        let hostile = "`</code></pre></details><img src=x>| # [a](b) @me ![c](d)\n\n# big\n```";
        let mut report = sample::report();
        report.checks[1].actual = Some(hostile.to_owned());
        report.checks[1].repro = Some(hostile.to_owned());
        report.notes = vec![hostile.to_owned()];
        let text = to_markdown(&report);
        for markup in ["<img", "](b)", "@me", "</details><", "| # ["] {
            let in_pre = text.split("<pre>").skip(1).filter_map(|part| part.split_once("</pre>"));
            let outside = in_pre.fold(text.clone(), |text, (inside, _)| text.replace(inside, ""));
            assert!(!outside.contains(markup), "{markup}: {outside}");
        }
        assert!(!text.contains("<img"));
    }

    #[test]
    fn it_fits_whatever_was_found() {
        let mut report = sample::report();
        let mut failed = report.checks[1].clone();
        failed.actual = Some("<".repeat(100_000));
        failed.timeline = Some("&".repeat(100_000));
        report.checks = vec![failed; 80];
        let text = to_markdown(&report);
        assert!(text.len() <= MARKDOWN_BYTES_MAX, "{}", text.len());
        assert!(text.contains("parts were left out"));
        assert!(within(&report, 4096).len() <= 4096);
    }
}
