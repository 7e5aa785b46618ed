//! The report as a person reads it in a terminal.
//!
//! Order: who was asked, what was noticed, every check by topic, the failures in detail, the lesser
//! points, what was left unseen (with the flag that would show it), the likely causes, a recap of the
//! failures, and alone on the last line `N passed, N failed, N skipped`.
//!
//! **Invariant:** whatever came from the target is printed without its control characters: a
//! listener cannot move the reader's cursor.

pub(super) mod failures;
pub(super) mod paint;
mod unseen;

use std::collections::BTreeMap;

use hookproof_contract::spec::Spec;

pub use self::paint::wrapped;
use self::paint::{Lines, Paint};
use super::{CheckReport, CheckStatus, Report};

/// How the report is printed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// With colours, as ANSI escape codes.
    pub color: bool,
    /// With titles, durations and counts of cases.
    pub verbose: bool,
    /// Only what is not in order, a line each.
    pub short: bool,
}

/// Counts for the last line.
///
/// A broken `should` or disputed point counts as passed, since it does not decide; under `--strict`
/// it counts as failed. What could not be asked counts nowhere: it says nothing about the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// In order.
    pub passed: u32,
    /// Not in order.
    pub failed: u32,
    /// Left out, not observable, or not to be told from another defect.
    pub skipped: u32,
}

impl Tally {
    /// Counts a report's checks.
    pub const fn of(report: &Report) -> Self {
        let sum = &report.summary;
        let skipped = sum.inconclusive + sum.not_observable + sum.skipped;
        if report.options.strict {
            Self { passed: sum.pass, failed: sum.fail + sum.warn, skipped }
        } else {
            Self { passed: sum.pass + sum.warn, failed: sum.fail, skipped }
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// What the contract says about a clause, as far as a report needs it.
#[derive(Debug, Clone, Copy)]
struct ClauseText<'a> {
    text: &'a str,
    why: &'a str,
}

/// Finds a clause by its id.
type Clauses<'a> = &'a dyn Fn(&str) -> Option<ClauseText<'a>>;

/// The report as text that ends with a newline.
pub fn render(report: &Report, style: Style) -> String {
    let clauses = &Spec::embedded().clauses;
    render_with(report, style, &|id| {
        clauses.get(id).map(|clause| ClauseText { text: &clause.text, why: &clause.why })
    })
}

/// What [`render`] says of one check that is not in order; empty where it is.
///
/// The program's own command is left out: whoever tells of one check has another way to ask again.
pub fn alone(report: &Report, id: &str) -> String {
    let mut one = report.clone();
    one.checks.retain(|check| check.id == id);
    let clauses = &Spec::embedded().clauses;
    let clause_text = |id: &str| {
        clauses.get(id).map(|clause| ClauseText { text: &clause.text, why: &clause.why })
    };
    let paint = Paint::new(false);
    let parts =
        [failures::details(&one, paint, &clause_text), failures::lesser_points(&one, paint)];
    let kept =
        parts.iter().flat_map(|part| part.lines()).filter(|line| !line.starts_with("  again "));
    kept.collect::<Vec<_>>().join("\n")
}

fn render_with(report: &Report, style: Style, clauses: Clauses<'_>) -> String {
    let paint = Paint::new(style.color);
    let mut parts: Vec<String> = Vec::new();
    if style.short {
        parts.push(short(report, paint));
    } else {
        parts.push(head(report, paint));
        parts.extend(topics(report, style, paint));
        parts.push(failures::details(report, paint, clauses));
        parts.push(failures::known(report, paint));
        parts.push(failures::lesser_points(report, paint));
        parts.push(unseen::list(report, paint));
        parts.push(failures::causes(report, paint));
        parts.push(failures::recap(report, paint));
    }
    parts.push(foot(report, paint));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn head(report: &Report, paint: Paint) -> String {
    let options = &report.options;
    let evidence = match (options.probe, options.spawn) {
        (true, true) => "wire, probe, spawn",
        (true, false) => "wire, probe (no --spawn: its process is left alone)",
        (false, true) => "wire, spawn (no --probe: effects are not seen)",
        (false, false) => "wire (no --probe: effects are not seen; no --spawn)",
    };
    let mut types = options.types.join(", ");
    if options.web_shop {
        types.push_str(", and the Web Shop's question");
    }
    let mut rows = vec![
        ("target", report.target.join(", ")),
        ("modes", options.modes.join(", ")),
        ("types", types),
        ("evidence", evidence.to_owned()),
        (
            "run",
            format!(
                "seed {}, first id {}, {} cases a property, {} requests in {} ({} requests and {} \
                 cases a second)",
                options.seed,
                options.first_id,
                options.cases,
                report.requests,
                paint::duration(report.duration_ms),
                report.pace.requests_per_second,
                report.pace.cases_per_second
            ),
        ),
    ];
    if options.strict {
        rows.push(("strict", "a broken `should` fails the run".to_owned()));
    }
    let mut text = format!(
        "{} {}, contract {}\n\n",
        paint.strong(&report.tool.name),
        report.tool.version,
        report.spec.version
    );
    for (label, value) in rows {
        text.push_str(&paint.row(label, &value));
    }
    if !report.notes.is_empty() {
        text.push('\n');
        for note in &report.notes {
            text.push_str(&paint::bullet(&paint.note("note:"), note));
        }
    }
    text
}

/// A block for each topic: the word that all of its check ids begin with.
fn topics(report: &Report, style: Style, paint: Paint) -> Vec<String> {
    let mut order: Vec<&str> = Vec::new();
    let mut by_topic: BTreeMap<&str, Vec<&CheckReport>> = BTreeMap::new();
    for check in &report.checks {
        let topic = check.topic();
        if !order.contains(&topic) {
            order.push(topic);
        }
        by_topic.entry(topic).or_default().push(check);
    }
    let width = report.checks.iter().map(|check| check.id.len()).max().unwrap_or_default();
    order
        .into_iter()
        .map(|topic| {
            let mut block = format!("{}\n", paint.strong(topic));
            for check in by_topic.get(topic).into_iter().flatten() {
                block.push_str(&check_line(check, width, style, paint));
            }
            block
        })
        .collect()
}

fn check_line(check: &CheckReport, width: usize, style: Style, paint: Paint) -> String {
    let mut line = format!(
        "  {} {:width$}  {:6}  {:10}  {}",
        if check.known.is_some() { paint.doubtful("~") } else { paint.mark(check.status) },
        check.id,
        check.level,
        check.evidence.as_str(),
        paint.faint(&check.clauses.join(" ")),
    );
    if style.verbose {
        line.push_str(&paint.faint(&format!(
            "  {} cases, {}\n      {}",
            check.cases,
            paint::duration(check.duration_ms),
            check.title
        )));
    }
    line.push('\n');
    line
}

/// A line for each check that is not in order.
fn short(report: &Report, paint: Paint) -> String {
    let not_in_order = |check: &&CheckReport| {
        check.known.is_none()
            && matches!(check.status, CheckStatus::Fail | CheckStatus::Warn | CheckStatus::Error)
    };
    let mut text = String::new();
    for check in report.checks.iter().filter(not_in_order) {
        let clause = check.clause.as_deref().map(|id| format!(" {id}")).unwrap_or_default();
        let came = paint::one_line(check.actual.as_deref().unwrap_or_default());
        let line = match &check.expected {
            Some(expected) => format!("expected {}; got {came}", paint::one_line(expected)),
            None => came,
        };
        text.line(format_args!("{} {}{clause}: {line}", paint.mark(check.status), check.id));
    }
    text
}

fn foot(report: &Report, paint: Paint) -> String {
    let mut text = format!("{}\n", paint.verdict(report.verdict, report.sentence()));
    if report.summary.warn > 0 {
        let counted = if report.options.strict { "failed (--strict)" } else { "passed" };
        text.line(format_args!(
            "{} broken in a `should` or a disputed point, counted as {counted}",
            paint::checks(report.summary.warn)
        ));
    }
    if report.summary.error > 0 {
        text.line(format_args!(
            "{} could not be asked, counted nowhere below",
            paint::checks(report.summary.error)
        ));
    }
    if report.summary.known > 0 {
        text.line(format_args!(
            "{} known to fail (baseline), counted nowhere below",
            paint::checks(report.summary.known)
        ));
    }
    for stale in &report.stale {
        text.line(format_args!(
            "{} {} no longer breaks {}: remove its entry, line {} of the baseline",
            paint.bad("stale:"),
            stale.check,
            stale.clause,
            stale.line
        ));
    }
    text.line(format_args!("\n{}", Tally::of(report)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn rendered(style: Style) -> String {
        render_with(&sample::report(), style, &|id| {
            (id == "SIG-02").then_some(ClauseText {
                text: "A body or signature that does not match is refused: status 4xx with the \
                       error code `INVALID_SIGNATURE`.",
                why: "Whoever can forge a webhook can give himself goods.",
            })
        })
    }

    #[test]
    fn full() {
        insta::assert_snapshot!(rendered(Style::default()));
    }

    #[test]
    fn verbose() {
        insta::assert_snapshot!(rendered(Style { verbose: true, ..Style::default() }));
    }

    #[test]
    fn short() {
        insta::assert_snapshot!(rendered(Style { short: true, ..Style::default() }));
    }

    #[test]
    fn a_topic_may_have_two_words() {
        let mut check = sample::report().checks.remove(0);
        for (id, topic) in [
            ("web-shop-known-user", "web-shop"),
            ("users-strange-ids", "users"),
            ("unheard-of", "unheard"),
        ] {
            id.clone_into(&mut check.id);
            assert_eq!(check.topic(), topic);
        }
    }

    #[test]
    fn colours_change_no_word() {
        let plain = rendered(Style::default());
        let colored = rendered(Style { color: true, ..Style::default() });
        assert_ne!(plain, colored);
        let mut stripped = String::new();
        let mut rest = colored.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            stripped.push_str(before);
            rest = after.split_once('m').map_or("", |(_, text)| text);
        }
        stripped.push_str(rest);
        assert_eq!(stripped, plain);
    }

    #[test]
    fn the_target_cannot_move_the_cursor() {
        let mut report = sample::report();
        report.checks[1].actual = Some("200 \u{1b}[2J\u{7}\r gone".to_owned());
        let text = render_with(&report, Style::default(), &|_| None);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\r']), "{text}");
        assert!(text.contains(r"200 \u{1b}[2J\u{7}\r gone"), "{text}");
    }

    #[test]
    fn the_last_line_stands_alone() {
        let text = rendered(Style::default());
        let mut lines = text.lines().rev();
        assert_eq!(lines.next(), Some("3 passed, 2 failed, 5 skipped"));
        assert_eq!(lines.next(), Some(""));
    }

    #[test]
    fn strict_counts_a_warning_as_failed() {
        let mut report = sample::report();
        report.options.strict = true;
        assert_eq!(Tally::of(&report), Tally { passed: 2, failed: 3, skipped: 5 });
    }
}
