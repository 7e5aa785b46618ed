//! The report as one HTML file that needs no network: to be read, filtered, printed and passed on.
//!
//! It reads without scripts; with them it filters and copies. **Invariant:** whatever came from the target is
//! text. It is escaped by the markup's builder, and the page's own policy lets no script run but the one
//! whose digest it names.

mod check;
mod frame;
mod json;
mod steps;

use std::cell::Cell;

use maud::{Markup, PreEscaped, html};

use super::{
    CheckReport, CheckStatus, Outcome, Report,
    words::{pieces, visible},
};

/// Bytes of requests and answers in the whole file; what came after them is left to the JSON report.
const STEPS_BYTES_MAX: usize = 8 << 20;

/// What is rendered, and how much room there is left.
struct Page<'r> {
    report: &'r Report,
    room: Cell<usize>,
}

/// The report as HTML that ends with a newline.
pub fn to_html(report: &Report) -> String {
    let page = Page { report, room: Cell::new(STEPS_BYTES_MAX) };
    let body = html! {
        (frame::verdict(report))
        (frame::notes(report))
        (frame::causes(report))
        (frame::toolbar(report))
        @for group in &GROUPS { (page.group(group)) }
        p.nothing role="status" hidden { "No check fits the filter." }
        (frame::options(report))
    };
    let mut text = frame::document(report, body).into_string();
    text.push('\n');
    text
}

/// Checks that a reader wants to see together.
struct Group {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    holds: &'static [Outcome],
}

const GROUPS: [Group; 6] = [
    Group {
        id: "failures",
        title: "Failures",
        about: "A clause that every listener must keep is broken.",
        holds: &[Outcome::Failed],
    },
    Group {
        id: "errors",
        title: "Could not be asked",
        about: "These say nothing about the listener.",
        holds: &[Outcome::Error],
    },
    Group {
        id: "warnings",
        title: "Warnings",
        about: "Recommended, or disputed between the sources.",
        holds: &[Outcome::Warned],
    },
    Group {
        id: "known",
        title: "Known failures",
        about: "The baseline lists them; they do not fail the run.",
        holds: &[Outcome::Known],
    },
    Group {
        id: "unseen",
        title: "Left unseen",
        about: "Not to be told from another defect, not observable with what was given, or not asked for.",
        holds: &[Outcome::Inconclusive, Outcome::NotObservable, Outcome::Skipped],
    },
    Group {
        id: "passed",
        title: "Passed",
        about: "Asked and found right.",
        holds: &[Outcome::Passed],
    },
];

impl Page<'_> {
    fn group(&self, group: &Group) -> Markup {
        let strict = self.report.options.strict;
        let holds = |check: &&CheckReport| group.holds.contains(&Outcome::of(check, strict));
        let checks: Vec<&CheckReport> = self.report.checks.iter().filter(holds).collect();
        if checks.is_empty() {
            return html! {};
        }
        let label = format!("{}-title", group.id);
        html! {
            section.group id=(group.id) aria-labelledby=(label) {
                h2 { span id=(label) { (group.title) } " " span.count { (checks.len()) } }
                p.about { (group.about) }
                @for (place, check) in checks.iter().enumerate() {
                    (self.check(check, place == 0 && group.holds == [Outcome::Failed]))
                }
            }
        }
    }
}

/// A sentence, in which what stands between backticks is code.
fn prose(text: &str) -> Markup {
    html! {
        @for (is_code, part) in pieces(text) {
            @if is_code { code { (visible(part)) } } @else { (visible(part)) }
        }
    }
}

/// A drawing, with a button that copies it.
fn drawing(text: &str, label: &str) -> Markup {
    copyable(text, label, false)
}

/// A command, broken where the page ends, with a button that copies it as it was.
fn command(text: &str, label: &str) -> Markup {
    copyable(text, label, true)
}

fn copyable(text: &str, label: &str, wrapped: bool) -> Markup {
    html! {
        div.copyable.wrapped[wrapped] {
            pre tabindex="0" aria-label=(label) { code { (visible(text)) } }
            button.copy type="button" aria-label={ "Copy: " (label) } { "Copy" }
        }
    }
}

/// The sign of a status: its shape tells as much as its colour.
fn sign(status: CheckStatus) -> Markup {
    let path = match status {
        CheckStatus::Pass => "M5 10.5l3.2 3.2L15 7",
        CheckStatus::Fail => "M6 6l8 8M14 6l-8 8",
        CheckStatus::Warn => "M10 5v6M10 14.2v.3",
        CheckStatus::Inconclusive => {
            "M7.5 7.8a2.6 2.6 0 1 1 3.6 2.4c-.8.4-1.1.8-1.1 1.6M10 14.4v.2"
        }
        CheckStatus::NotObservable => "M5 10q5-6 10 0q-5 6-10 0M6 14.5l8-9",
        CheckStatus::Skipped => "M6 10h8",
        CheckStatus::Error => "M11 4.5L7 11h6L9 15.5",
    };
    html! {
        span.sign.(status.as_str()) role="img" aria-label=(status.label()) {
            (PreEscaped(format!(
                "<svg viewBox=\"0 0 20 20\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn form() {
        // Style and script are files of their own; here they would only hide what matters.
        let text = to_html(&sample::report());
        let (before, rest) = text.split_once("<style>").unwrap();
        let (_, rest) = rest.split_once("</style>").unwrap();
        let (between, rest) = rest.split_once("<script>").unwrap();
        let (_, after) = rest.split_once("</script>").unwrap();
        let lines = [before, between, after].concat().replace("><", ">\n<");
        insta::assert_snapshot!(lines);
    }

    #[test]
    fn nothing_is_fetched() {
        let text = to_html(&sample::report());
        for outside in
            ["src=\"", "@import", "<link rel=\"stylesheet\"", "url(http", "<iframe", "<object"]
        {
            assert!(!text.contains(outside), "{outside}");
        }
    }

    #[test]
    fn the_target_writes_no_markup() {
        let hostile =
            "</script></pre><img src=x onerror=alert(1)>\"'><svg onload=alert(2)>\u{202e}\u{1b}";
        let mut report = sample::report();
        report.notes = vec![hostile.to_owned()];
        report.target = vec![hostile.to_owned()];
        for check in &mut report.checks {
            check.actual = Some(hostile.to_owned());
            check.expected = Some(hostile.to_owned());
            check.repro = Some(hostile.to_owned());
            check.timeline = Some(hostile.to_owned());
            check.title = hostile.to_owned();
            check.id = hostile.to_owned();
            check.steps.iter_mut().for_each(|step| {
                step.map_texts(&|text: &mut String| hostile.clone_into(text));
            });
        }
        for cause in &mut report.diagnoses {
            cause.text = hostile.to_owned();
            cause.checks = vec![hostile.to_owned()];
        }
        let text = to_html(&report);
        assert_eq!(text.matches("<script>").count(), 1);
        assert_eq!(text.matches("</script>").count(), 1);
        for markup in ["<img", "<svg onload", "\u{202e}", "\u{1b}", "\"'>"] {
            assert!(!text.contains(markup), "{markup}");
        }
    }

    #[test]
    fn a_run_of_a_thousand_large_failures_stays_a_page() {
        let mut report = sample::report();
        let mut failed = report.checks[1].clone();
        let step = failed.steps[0].clone();
        failed.steps = vec![step; crate::trace::STEPS_MAX];
        for step in &mut failed.steps {
            step.map_texts(&|text: &mut String| *text = "x".repeat(16_384));
        }
        report.checks = vec![failed; 200];
        let text = to_html(&report);
        assert!(text.len() < 2 * STEPS_BYTES_MAX, "{}", text.len());
        assert!(text.contains("left out of this page"));
    }
}
