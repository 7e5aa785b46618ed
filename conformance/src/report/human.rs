//! The report as a person reads it in a terminal.
//!
//! Order: who was asked, what was noticed, the causes with their smallest evidence, failures without a
//! known cause, what could not be asked, warnings, known failures, what was left unseen (with the flag
//! that would show it), the checks by topic, the run, a recap, and alone on the last line
//! `N passed, N failed, N skipped`.
//!
//! **Invariant:** whatever came from the target is printed without its control characters: a
//! listener cannot move the reader's cursor.

mod blocks;
pub(super) mod failures;
pub(super) mod paint;
mod unseen;

use hookproof_contract::spec::Spec;

pub use self::paint::wrapped;
use self::{
    blocks::Broken,
    paint::{Lines, Paint},
};
use super::{CheckReport, CheckStatus, Counts, Outcome, Report, words::by_topic};

/// How the report is printed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// With colours, as ANSI escape codes.
    pub color: bool,
    /// With a line for each check: title, duration, number of cases.
    pub verbose: bool,
    /// Only what is not in order, a line each.
    pub short: bool,
}

/// What the contract says about a clause, as far as a report needs it.
#[derive(Debug, Clone, Copy)]
struct ClauseText {
    text: &'static str,
    why: &'static str,
}

/// Finds a clause by its id.
type Clauses<'a> = &'a dyn Fn(&str) -> Option<ClauseText>;

/// The settings with which every part of the report is rendered.
#[derive(Clone, Copy)]
struct Context<'a> {
    report: &'a Report,
    paint: Paint,
    clauses: Clauses<'a>,
    verbose: bool,
}

/// The report as text that ends with a newline.
pub fn render(report: &Report, style: Style) -> String {
    render_with(report, style, &clause_text)
}

fn clause_text(id: &str) -> Option<ClauseText> {
    let clause = Spec::embedded().clauses.get(id)?;
    Some(ClauseText { text: &clause.text, why: &clause.why })
}

/// What [`render`] says of one check that is not in order; empty where it is.
///
/// The program's own command is left out: whoever tells of one check has another way to ask again.
pub fn alone(report: &Report, id: &str) -> String {
    let mut one = report.clone();
    one.checks.retain(|check| check.id == id);
    let paint = Paint::new(false);
    let context = Context { report: &one, paint, clauses: &clause_text, verbose: false };
    let mut warnings = one.clone();
    warnings.diagnoses.clear();
    let mut text: String = one
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Fail)
        .map(|check| failures::alone(check, context))
        .collect();
    text.push_str(&failures::warnings(&Broken::of(&warnings), context));
    let kept = text.lines().filter(|line| !line.starts_with("  again "));
    kept.collect::<Vec<_>>().join("\n")
}

fn render_with(report: &Report, style: Style, clauses: Clauses<'_>) -> String {
    let paint = Paint::new(style.color);
    let mut parts: Vec<String> = Vec::new();
    if style.short {
        parts.push(short(report, paint));
    } else {
        let context = Context { report, paint, clauses, verbose: style.verbose };
        let broken = Broken::of(report);
        parts.push(head(report, paint));
        parts.push(failures::causes(&broken, context));
        parts.push(failures::unexplained(&broken, context));
        parts.push(unseen::errors(context));
        parts.push(failures::warnings(&broken, context));
        parts.push(failures::known(report, paint));
        parts.push(unseen::list(context));
        parts.push(topics(context));
        parts.push(run(context));
        parts.push(failures::recap(&broken, paint));
    }
    parts.push(foot(report, paint));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Renders the target and the notes.
fn head(report: &Report, paint: Paint) -> String {
    let mut text = format!(
        "{} {}, contract {}: {}\n",
        paint.strong(&report.tool.name),
        report.tool.version,
        report.spec.version,
        paint::printable(&report.target.join(", "))
    );
    if !report.notes.is_empty() {
        text.push('\n');
        for note in &report.notes {
            text.push_str(&paint::bullet(&paint.note("note:"), note));
        }
    }
    text
}

/// Renders the extent of the run and its evidence levels.
fn run(context: Context<'_>) -> String {
    let Context { report, paint, verbose, .. } = context;
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
    let pace = report.pace;
    let pace = format!(
        " ({} requests and {} cases a second)",
        pace.requests_per_second, pace.cases_per_second
    );
    let extent = format!(
        "seed {}, first id {}, {} cases a property, {} requests in {}{}",
        options.seed,
        options.first_id,
        options.cases,
        report.requests,
        paint::duration(report.duration_ms),
        if verbose { &pace } else { "" }
    );
    let mut rows = vec![
        ("modes", options.modes.join(", ")),
        ("types", types),
        ("evidence", evidence.to_owned()),
        ("run", extent),
    ];
    if options.strict {
        rows.push(("strict", "a broken `should` fails the run".to_owned()));
    }
    let rows = rows.into_iter().map(|(label, value)| paint.row(label, &value));
    format!("{}\n{}", paint.strong("asked"), rows.collect::<String>())
}

/// A line for each topic of which something was asked; with `--verbose`, one for each check.
fn topics(context: Context<'_>) -> String {
    let Context { report, paint, verbose, .. } = context;
    let mut topics = by_topic(report);
    for (_, checks) in &mut topics {
        checks.retain(|check| !unseen::is_not_selected(check));
    }
    let asked = |check: &&CheckReport| check.status != CheckStatus::Skipped;
    topics.retain(|(_, checks)| checks.iter().any(asked) || (verbose && !checks.is_empty()));
    if topics.is_empty() {
        return String::new();
    }
    let width = |length: fn(&CheckReport) -> usize| {
        topics.iter().flat_map(|(_, checks)| checks).map(|check| length(check)).max()
    };
    let id_width = width(|check| check.id.len()).unwrap_or_default();
    let topic_width = width(|check| check.topic().len()).unwrap_or_default();
    let mut text = format!("{}\n", paint.strong("checks by topic"));
    for (topic, checks) in topics {
        let counts = Counts::among(checks.iter().copied(), report.options.strict);
        let counts: Vec<String> = counts
            .occurred()
            .map(|(outcome, count)| format!("{} {count:<3}", paint.outcome(outcome)))
            .collect();
        text.line(format_args!("  {topic:topic_width$}  {}", counts.join(" ").trim_end()));
        for check in checks.iter().filter(|_| verbose) {
            text.push_str(&check_line(check, id_width, report, paint));
        }
    }
    text
}

fn check_line(check: &CheckReport, width: usize, report: &Report, paint: Paint) -> String {
    format!(
        "    {} {:width$}  {:6}  {:10}  {}{}\n",
        paint.outcome(Outcome::of(check, report.options.strict)),
        check.id,
        check.level,
        check.evidence.as_str(),
        paint.faint(&check.clauses.join(" ")),
        paint.faint(&format!(
            "  {} cases, {}\n        {}",
            check.cases,
            paint::duration(check.duration_ms),
            check.title
        ))
    )
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

/// The verdict, stale entries of the baseline, and the numbers: with their symbols, and three of them
/// alone on the last line.
fn foot(report: &Report, paint: Paint) -> String {
    let sentence = report.sentence();
    let mut text = if report.stale.is_empty() {
        format!("{}\n", paint.verdict(report.verdict, sentence))
    } else {
        format!("{}\n", paint.bad(sentence))
    };
    for stale in &report.stale {
        text.line(format_args!(
            "{} {} no longer breaks {}: remove its entry, line {} of the baseline",
            paint.bad("stale:"),
            stale.check,
            stale.clause,
            stale.line
        ));
    }
    let counts = Counts::of(report);
    let legend: Vec<String> = counts
        .occurred()
        .map(|(outcome, count)| format!("{} {count} {}", paint.outcome(outcome), outcome.label()))
        .collect();
    text.line(format_args!("{}: {}", paint::checks(counts.total()), legend.join(", ")));
    if report.options.strict && report.summary.warn > 0 {
        let warned = paint::checks(report.summary.warn);
        text.line(format_args!("--strict counts {warned} with a warning as failed"));
    }
    text.line(format_args!("\n{}", counts.last_line()));
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
        assert_eq!(lines.next(), Some("2 passed, 2 failed, 2 skipped"));
        assert_eq!(lines.next(), Some(""));
    }
}
