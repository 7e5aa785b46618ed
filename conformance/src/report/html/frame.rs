//! What stands around the checks: head, verdict, causes, filters, and what was asked.

use base64::prelude::{BASE64_STANDARD, Engine};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::{prose, sign};
use crate::report::{
    CheckStatus, Counts, Outcome, Report, Verdict,
    human::paint,
    words::{by_topic, visible},
};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The icon, inside of the page, so that no browser asks for another.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E\
    %3Crect width='32' height='32' rx='7' fill='%233451b2'/%3E\
    %3Cpath d='M10 7v11a6 6 0 0 0 12 0v-2m-4 4 4-5 4 5' fill='none' stroke='%23fff' stroke-width='3' \
    stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

const MARK: &str = "<svg viewBox=\"0 0 32 32\" width=\"22\" height=\"22\" aria-hidden=\"true\">\
    <rect width=\"32\" height=\"32\" rx=\"7\" class=\"mark-box\"/>\
    <path d=\"M10 7v11a6 6 0 0 0 12 0v-2m-4 4 4-5 4 5\" class=\"mark-line\"/></svg>";

/// The whole document.
pub(super) fn document(report: &Report, body: Markup) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        BASE64_STANDARD.encode(Sha256::digest(SCRIPT))
    );
    let title = format!("{}: {}", title(report), visible(&report.target.join(", ")));
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) " · Hookproof" }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
                script { (PreEscaped(SCRIPT)) }
            }
            body {
                a.skip href="#content" { "Skip to the findings" }
                header.bar {
                    span.brand { (PreEscaped(MARK)) span { "Hookproof" } }
                    span.tag { "Conformance report" }
                    button.theme type="button" aria-label="Switch between light and dark" {
                        span aria-hidden="true" { "◐" }
                    }
                }
                main #content tabindex="-1" { (body) }
                footer {
                    (visible(&report.tool.name)) " " (visible(&report.tool.version)) ", contract "
                    (visible(&report.spec.version)) ". Signatures are shortened here; the commands hold them in \
                     full. The project's secret is no part of any report."
                }
            }
        }
    }
}

const fn title(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Partial if !report.stale.is_empty() => "Stale baseline",
        Verdict::Conformant => "Conformant",
        Verdict::Nonconformant => "Not conformant",
        Verdict::Partial => "Partial",
        Verdict::Error => "No verdict",
    }
}

const fn says(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Conformant => "The listener keeps the contract in all that was asked.",
        Verdict::Nonconformant => "The listener breaks the contract.",
        Verdict::Partial if !report.stale.is_empty() => {
            "The baseline lists failures that no longer occur."
        }
        Verdict::Partial if report.summary.known > 0 => {
            "Nothing is broken but what the baseline lists."
        }
        Verdict::Partial => "Nothing is broken, but not everything could be seen or told apart.",
        Verdict::Error if report.summary.error == 0 => "No selected check could be judged.",
        Verdict::Error => "Some questions could not be asked.",
    }
}

/// The whole in one look.
pub(super) fn verdict(report: &Report) -> Markup {
    let status = match report.verdict {
        Verdict::Conformant => CheckStatus::Pass,
        Verdict::Nonconformant => CheckStatus::Fail,
        Verdict::Partial if !report.stale.is_empty() => CheckStatus::Fail,
        Verdict::Partial => CheckStatus::Warn,
        Verdict::Error => CheckStatus::Error,
    };
    let counts = counts(report);
    let facts = [
        ("Duration", paint::duration(report.duration_ms)),
        ("Requests", report.requests.to_string()),
        ("Cases", format!("{} a property", report.options.cases)),
        ("Seed", report.options.seed.to_string()),
        ("Effects", if report.options.probe { "seen" } else { "not seen" }.to_owned()),
    ];
    html! {
        section.verdict.(report.verdict.as_str()) aria-label="Verdict" {
            div.said {
                (sign(status))
                div {
                    h1 { (title(report)) }
                    p.lead { (says(report)) " " strong { (Counts::of(report)) } "." }
                    p.target {
                        @for target in &report.target { code { (visible(target)) } " " }
                    }
                }
            }
            div.proportions aria-hidden="true" {
                @for (outcome, count) in &counts {
                    span.(outcome.as_str()) style={ "flex-grow:" (count) } {}
                }
            }
            ul.legend {
                @for (outcome, count) in &counts {
                    li { i.(outcome.as_str()) {} b { (count) } " " (outcome.label()) }
                }
            }
            dl.facts {
                @for (label, value) in facts { div { dt { (label) } dd { (value) } } }
            }
        }
    }
}

/// The numbers of checks, what needs a reader's eyes first.
fn counts(report: &Report) -> Vec<(Outcome, u32)> {
    let mut counts: Vec<(Outcome, u32)> = Counts::of(report).occurred().collect();
    let order = [Outcome::Failed, Outcome::Error, Outcome::Warned, Outcome::Known];
    let rank = |outcome: Outcome| order.iter().position(|first| *first == outcome);
    counts.sort_by_key(|(outcome, _)| {
        let last = usize::from(*outcome == Outcome::Passed);
        rank(*outcome).unwrap_or(order.len() + last)
    });
    counts
}

/// What was noticed, and is nobody's fault.
pub(super) fn notes(report: &Report) -> Markup {
    html! {
        @if !report.notes.is_empty() || !report.stale.is_empty() {
            ul.notes aria-label="Notes" {
                @for stale in &report.stale {
                    li {
                        "Stale: " code { (visible(&stale.check)) } " no longer breaks "
                        (visible(&stale.clause)) ". Remove its entry, line " (stale.line)
                        " of the baseline."
                    }
                }
                @for note in &report.notes { li { (prose(note)) } }
            }
        }
    }
}

/// The likely causes, each with its fix.
pub(super) fn causes(report: &Report) -> Markup {
    if report.diagnoses.is_empty() {
        return html! {};
    }
    html! {
        section #causes aria-labelledby="causes-title" {
            h2 { span #causes-title { "Likely causes" } }
            p.about { "What explains most comes first. Mend one, and ask again." }
            ol.causes {
                @for cause in &report.diagnoses {
                    li {
                        p.name {
                            code { (visible(&cause.cause)) }
                            span.badge.(cause.confidence.as_str()) { (cause.confidence.as_str()) }
                        }
                        p { (prose(&cause.text)) }
                        p.fix { strong { "Fix" } " " (prose(&cause.fix)) }
                        details.explains {
                            summary { "Explains " (paint::checks(u32::try_from(cause.checks.len()).unwrap_or(u32::MAX))) }
                            ul { @for id in &cause.checks {
                                li { a href={ "#" (visible(id)) } { (visible(id)) } }
                            } }
                        }
                    }
                }
            }
        }
    }
}

/// What narrows the list. Without scripts it is not there.
pub(super) fn toolbar(report: &Report) -> Markup {
    let mut evidences: Vec<&str> =
        report.checks.iter().map(|check| check.evidence.as_str()).collect();
    evidences.sort_unstable();
    evidences.dedup();
    html! {
        div.toolbar role="search" aria-label="Filter the checks" {
            div.statuses role="group" aria-label="Status" {
                @for (outcome, count) in counts(report) {
                    button.(outcome.as_str()) type="button" aria-pressed="false" data-status=(outcome.as_str()) {
                        i.(outcome.as_str()) aria-hidden="true" {} (outcome.label()) " " b { (count) }
                    }
                }
            }
            div.fields {
                input type="search" placeholder="Search" aria-label="Search in ids, clauses and texts"
                    autocomplete="off" spellcheck="false" aria-keyshortcuts="/";
                select data-by="topic" aria-label="Topic" {
                    option value="" { "all topics" }
                    @for (topic, _) in by_topic(report) {
                        option value=(visible(topic)) { (visible(topic)) }
                    }
                }
                select data-by="evidence" aria-label="Evidence" {
                    option value="" { "any evidence" }
                    @for evidence in evidences { option value=(evidence) { (evidence) } }
                }
                button.all type="button" aria-pressed="false" { "Open all" }
                output aria-live="polite" {}
            }
        }
    }
}

/// What was asked, and how it is asked again.
pub(super) fn options(report: &Report) -> Markup {
    let options = &report.options;
    let mut types = options.types.clone();
    if options.web_shop {
        types.push("the Web Shop's question".to_owned());
    }
    let rows = [
        ("Modes", options.modes.join(", ")),
        ("Types", types.join(", ")),
        ("Known users", options.known_users.join(", ")),
        ("Unknown user", options.unknown_user.clone()),
        ("Only", options.only.join(", ")),
        ("Left out", options.skip.join(", ")),
        ("First id", options.first_id.to_string()),
        ("At once", paint::checks(u32::try_from(options.jobs).unwrap_or(u32::MAX))),
        ("Time limit", paint::duration(options.timeout_ms)),
        ("Strict", if options.strict { "a broken `should` fails the run" } else { "" }.to_owned()),
    ];
    html! {
        section.options aria-labelledby="options-title" {
            h2 { span #options-title { "What was asked" } }
            dl {
                @for (label, value) in rows {
                    @if !value.is_empty() { div { dt { (label) } dd { (prose(&value)) } } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_end_where_they_should() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
        assert!(!SCRIPT.contains("innerHTML"));
    }
}
