//! The checks of the suite, by topic.

use hookproof_conformance::{Check, checks};
use hookproof_contract::spec::Spec;
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::{
    list,
    site::{
        Section,
        context::{Context, badge, level},
        parts::{copyable, count},
        search::Found,
    },
};

const PATH: &str = "checks.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Suite,
        "Checks",
        "What the suite asks a listener, by topic, and the clauses that each question is about.",
    );
    page.lead = html! {
        (page.lead)
        p { "All of them, or some by a pattern over checks or clauses:" }
        (copyable("A command", "hookproof check --target http://127.0.0.1:8080/webhook --secret-file key --only 'signature-*'"))
    };
    for name in super::topics() {
        let asked: Vec<&Check> =
            checks::ALL.iter().copied().filter(|it| topic(it) == Some(name)).collect();
        if asked.is_empty() {
            continue;
        }
        let number = badge(count(asked.len(), "check", "checks"));
        let body = html! { @for check in &asked { (one(&context, check)) } };
        page.sections.push(Section::new(format!("topic-{name}"), name, body).beside(number));
    }
    page.found = checks::ALL
        .iter()
        .map(|check| {
            let place = format!("{PATH}#{}", check.id);
            Found::new(check.id, "check", place, &format!("the listener {}", check.title))
        })
        .collect();
    page
}

/// The topic with which a check's id begins: the longest, since one may begin another.
fn topic(check: &Check) -> Option<&'static str> {
    super::topics()
        .filter(|name| check.id.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')))
        .max_by_key(|name| name.len())
}

fn one(context: &Context<'_>, check: &Check) -> Markup {
    html! {
        div.entry id=(check.id) {
            h3.mono {
                a href={ "#" (check.id) } { (check.id) }
                (level(list::level(check))) (badge(check.evidence.as_str()))
            }
            p { "The listener " (context.prose(check.title)) ". " (context.ids(check.clauses)) }
        }
    }
}
