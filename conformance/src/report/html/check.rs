//! One check: a line that says how it ended, and behind it all that is known.

use hookproof_contract::spec::{Clause, Spec, split_citation};
use maud::{Markup, html};

use super::{Page, command, drawing, prose, sign};
use crate::{
    Violation,
    report::{
        CheckReport, CheckStatus, Outcome,
        human::{failures::again, paint},
        words::{causes_of, visible},
    },
};

impl Page<'_> {
    pub(super) fn check(&self, check: &CheckReport, open: bool) -> Markup {
        let id = visible(&check.id);
        let outcome = Outcome::of(check, self.report.options.strict);
        html! {
            details.check.(check.status.as_str()) id=(id) open[open]
                data-status=(outcome.as_str()) data-topic=(visible(check.topic()))
                data-evidence=(check.evidence.as_str()) {
                summary {
                    (sign(check.status))
                    span.name { code { (id) } (one_line(check)) }
                    span.marks {
                        @for clause in marked(check) { span.clause { (visible(clause)) } }
                        span.badge.(check.level.as_str()) { (visible(&check.level)) }
                        span.badge.evidence { (check.evidence.as_str()) }
                    }
                }
                div.inside {
                    p.asked { "Asked whether the listener " (prose(&check.title)) "." }
                    (self.finding(check))
                    (lesser(check))
                    p.small {
                        (paint::duration(check.duration_ms)) ", "
                        @if check.cases == 1 { "1 case" } @else { (check.cases) " cases" }
                    }
                }
            }
        }
    }

    fn finding(&self, check: &CheckReport) -> Markup {
        let compared = seen(check.expected.as_deref(), check.actual.as_deref(), check.status);
        html! {
            (compared)
            @for cause in causes_of(check, self.report).take(2) {
                div.cause {
                    p { strong { "Likely" } " " (prose(&cause.text)) " " code { (visible(&cause.cause)) } }
                    p { strong { "Fix" } " " (prose(&cause.fix)) }
                }
            }
            (clauses(check))
            @if let Some(timeline) = &check.timeline {
                h3 { "Timeline" }
                (drawing(timeline, "Timeline"))
            }
            @if let Some(output) = &check.listener_output {
                h3 { "What the listener wrote" }
                (drawing(output, "Output of the listener"))
            }
            (self.steps(&check.steps))
            @if let Some(repro) = &check.repro {
                h3 { "See it" }
                (command(repro, "curl command"))
            }
            @if check.is_broken() {
                h3 { "Ask again" }
                @if let Some(replay) = &check.replay { (command(replay, "hookproof command")) }
                (command(&again(check, self.report), "hookproof command"))
            }
        }
    }
}

/// Lesser points that were noticed besides.
fn lesser(check: &CheckReport) -> Markup {
    let own = |found: &&Violation| check.clause.as_deref() == Some(&found.clause);
    let lesser: Vec<&Violation> = check.warnings.iter().filter(|found| !own(found)).collect();
    html! {
        @if !lesser.is_empty() {
            h3 { "Noticed on the way" }
            @for found in lesser {
                div.lesser {
                    p { span.clause { (visible(&found.clause)) } " " (clause_text(&found.clause)) }
                    (seen(Some(&found.expected), Some(&found.actual), CheckStatus::Warn))
                    @if let Some(repro) = &found.repro { (command(repro, "curl command")) }
                }
            }
        }
    }
}

/// The clause that was broken; where none was, those that were asked about.
fn marked(check: &CheckReport) -> Vec<&str> {
    match &check.clause {
        Some(clause) => vec![clause],
        None => check.clauses.iter().map(String::as_str).collect(),
    }
}

/// What a reader who runs down the list needs of each check.
fn one_line(check: &CheckReport) -> Markup {
    let actual = check.actual.as_deref().map(paint::one_line).unwrap_or_default();
    html! {
        span.line {
            @if let Some(reason) = &check.known { b { "known: " (visible(reason)) } "; " }
            @match (check.status, &check.expected) {
                (CheckStatus::Pass, _) => { (prose(&check.title)) }
                (_, Some(expected)) => {
                    "expected " (visible(&paint::one_line(expected))) "; got " b { (visible(&actual)) }
                }
                (_, None) => { (visible(&actual)) }
            }
        }
    }
}

fn seen(expected: Option<&str>, actual: Option<&str>, status: CheckStatus) -> Markup {
    let broken = matches!(status, CheckStatus::Fail | CheckStatus::Warn);
    html! {
        @if expected.is_some() || actual.is_some() {
            dl.seen {
                @if let Some(expected) = expected {
                    div.expected { dt { "Expected" } dd { (visible(expected)) } }
                }
                @if let Some(actual) = actual {
                    div.(if broken { "actual" } else { "reason" }) {
                        dt { (if broken { "Actual" } else { "Reason" }) }
                        dd { (visible(actual)) }
                    }
                }
            }
        }
    }
}

/// What the contract says: first the clause that was broken.
fn clauses(check: &CheckReport) -> Markup {
    let mut ids: Vec<&str> = check.clause.as_deref().into_iter().collect();
    ids.extend(
        check.clauses.iter().map(String::as_str).filter(|id| check.clause.as_deref() != Some(*id)),
    );
    html! {
        h3 { @if ids.len() == 1 { "Clause" } @else { "Clauses" } }
        @for id in ids {
            @match Spec::embedded().clauses.get(id) {
                Some(clause) => { (clause_block(clause, check.clause.as_deref() == Some(id))) }
                None => { p { span.clause { (visible(id)) } } }
            }
        }
    }
}

fn clause_block(clause: &Clause, broken: bool) -> Markup {
    html! {
        div.law.broken[broken] {
            p {
                span.clause { (clause.id) } " "
                span.badge.(clause.level.as_str()) { (clause.level) }
                @if clause.dispute.is_some() { " " span.badge.disputed { "disputed" } }
            }
            p.text { (prose(&clause.text)) }
            p.why { strong { "Why" } " " (prose(&clause.why)) }
            @if let Some(dispute) = &clause.dispute { p.why { strong { "Dispute" } " " (prose(dispute)) } }
            p.sources { strong { "Sources" } " " (sources(clause)) }
        }
    }
}

/// Each document once, with the places in it that speak of the clause.
fn sources(clause: &Clause) -> Markup {
    let spec = Spec::embedded();
    let mut documents: Vec<(&str, Vec<&str>, Option<String>)> = Vec::new();
    for citation in &clause.sources {
        let (key, anchor) = split_citation(citation);
        let title = spec.sources.get(key).map_or(key, |source| source.title.as_str());
        match documents.iter_mut().find(|(known, ..)| *known == title) {
            Some((_, anchors, _)) => anchors.extend(anchor),
            None => documents.push((title, anchor.into_iter().collect(), spec.address(citation))),
        }
    }
    html! {
        @for (place, (title, anchors, address)) in documents.iter().enumerate() {
            @if place > 0 { ", " }
            @match address {
                Some(address) => a href=(address) rel="noreferrer" { (title) },
                None => (title),
            }
            @if !anchors.is_empty() { " (" (anchors.join(", ")) ")" }
        }
    }
}

fn clause_text(id: &str) -> Markup {
    html! { @if let Some(clause) = Spec::embedded().clauses.get(id) { (prose(&clause.text)) } }
}
