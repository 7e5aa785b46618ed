//! The documents behind the contract.

use hookproof_contract::spec::{Source, Spec, split_citation};
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::site::{
    Section,
    context::{Context, badge},
    parts::{count, facts, note},
};

const PATH: &str = "sources.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Reference,
        "Sources",
        "The documents, programs and captures behind the contract, with their dates and how much each counts.",
    );
    page.sections = spec
        .sources
        .values()
        .map(|source| {
            Section::new(&source.key, &source.title, body(&context, source))
                .beside(html! { (badge(&source.key)) (badge(source.authority.label())) })
                .text(format!("{} {}", source.key, source.note.as_deref().unwrap_or_default()))
        })
        .collect();
    page
}

fn body(context: &Context<'_>, source: &Source) -> Markup {
    let cites = |citations: &[String]| {
        citations.iter().any(|citation| split_citation(citation).0 == source.key)
    };
    let clauses: Vec<&String> = context
        .spec
        .clauses
        .values()
        .filter(|clause| cites(&clause.sources))
        .map(|clause| &clause.id)
        .collect();
    html! {
        (facts(&[
            ("Address", html! { @match &source.url {
                Some(url) => a href=(url) rel="noreferrer" { (url) },
                None => span.none { "none" },
            } }),
            ("Date", html! { (source.date) }),
            ("Language", html! { (source.language) }),
            ("Anchors", html! { span.ids { @for anchor in &source.anchors { code { (anchor) } " " } } }),
        ]))
        @if let Some(text) = &source.note { (note(context.prose(text))) }
        @if !clauses.is_empty() {
            details { summary { "Cited by " (count(clauses.len(), "clause", "clauses")) } p { (context.ids(clauses)) } }
        }
    }
}
