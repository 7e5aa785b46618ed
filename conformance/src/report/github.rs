//! The report as annotations of GitHub Actions: workflow commands on stdout.
//!
//! **Invariant:** what came from the target cannot begin a command of its own. It is escaped here, and the
//! report for people stands [`quiet`]ly, between commands that stop all others.

use super::{
    CheckReport, CheckStatus, Report,
    words::{causes_of, visible, with_status},
};

/// Annotations of one kind that GitHub shows for a step; more are dropped there without a word.
const ANNOTATIONS_MAX: usize = 10;

/// Characters of one annotation.
const MESSAGE_CHARS_MAX: usize = 2000;

/// A line for each broken check: `error` for a `must`, `warning` for lesser points.
pub fn annotations(report: &Report) -> String {
    let mut text = kind("error", &with_status(report, CheckStatus::Fail), report);
    let word = if report.options.strict { "error" } else { "warning" };
    text.push_str(&kind(word, &with_status(report, CheckStatus::Warn), report));
    text.push_str(&kind("warning", &with_status(report, CheckStatus::Error), report));
    if !report.stale.is_empty() {
        let ids: Vec<&str> = report.stale.iter().map(|stale| stale.check.as_str()).collect();
        text.push_str(&line(
            "error",
            "stale baseline",
            &format!("no longer failing: {}", ids.join(", ")),
        ));
    }
    text
}

/// A text in which GitHub looks for no commands. The token must be one that the text cannot know.
pub fn quiet(text: &str, token: &str) -> String {
    format!("::stop-commands::{token}\n{text}::{token}::\n")
}

fn kind(word: &str, checks: &[&CheckReport], report: &Report) -> String {
    let mut text = String::new();
    for (place, check) in checks.iter().enumerate() {
        let left = checks.len() - place;
        if place + 1 == ANNOTATIONS_MAX && left > 1 {
            let ids: Vec<&str> = checks[place..].iter().map(|check| check.id.as_str()).collect();
            let title = format!("{left} more checks");
            text.push_str(&line(word, &title, &ids.join(", ")));
            break;
        }
        let clause = check.clause.as_deref().map(|id| format!("{id} ")).unwrap_or_default();
        text.push_str(&line(word, &format!("{clause}{}", check.id), &message(check, report)));
    }
    text
}

fn message(check: &CheckReport, report: &Report) -> String {
    let mut rows = vec![format!("asked whether the listener {}", check.title)];
    let fields = [("expected", &check.expected), ("actual", &check.actual)];
    for (label, value) in fields {
        rows.extend(value.as_ref().map(|value| format!("{label}: {value}")));
    }
    for cause in causes_of(check, report).take(1) {
        rows.push(format!("likely: {} ({})", cause.text, cause.cause));
        rows.push(format!("fix: {}", cause.fix));
    }
    rows.join("\n")
}

fn line(word: &str, title: &str, message: &str) -> String {
    let mut message = visible(message);
    if let Some((place, _)) = message.char_indices().nth(MESSAGE_CHARS_MAX) {
        message.truncate(place);
        message.push('…');
    }
    format!("::{word} title={}::{}\n", property(title), data(&message))
}

/// What stands after the second pair of colons.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands between the pairs of colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn form() {
        insta::assert_snapshot!(annotations(&sample::report()));
    }

    #[test]
    fn every_line_is_one_command() {
        let mut report = sample::report();
        report.checks[1].actual = Some("100 %\r\n::add-mask::a\n##[error]b".to_owned());
        let text = annotations(&report);
        assert!(text.contains("100 %25\\u{d}%0A::add-mask::a%0A##[error]b"), "{text}");
        assert!(
            text.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning "))
        );
    }

    #[test]
    fn what_github_would_drop_is_told_in_the_last_line() {
        let mut report = sample::report();
        let failed = report.checks[1].clone();
        report.checks = vec![failed; ANNOTATIONS_MAX + 3];
        let text = annotations(&report);
        assert_eq!(text.lines().count(), ANNOTATIONS_MAX);
        assert!(text.contains("::error title=4 more checks::"), "{text}");
    }
}
