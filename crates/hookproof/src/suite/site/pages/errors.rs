//! The error codes.

use hookproof_contract::spec::{ForeignError, PublishedError, Spec};
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::site::{
    Section,
    context::{Context, badge},
    parts::{copyable, facts},
};

const PATH: &str = "errors.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Answers,
        "Error codes",
        "The codes that a listener answers with, and those that are met without being published.",
    );
    let published = spec.errors.published.iter().map(|entry| {
        Section::new(entry.code.as_str(), entry.code.as_str(), published(&context, entry))
            .beside(html! { span.badge.must { (entry.status) } })
            .text(entry.when.clone())
    });
    let foreign = spec.errors.foreign.iter().map(|entry| {
        Section::new(&entry.code, &entry.code, foreign(&context, entry))
            .beside(html! { (badge(entry.status)) (badge("not published")) })
            .text(entry.meaning.clone())
    });
    page.sections = published.chain(foreign).collect();
    page
}

fn published(context: &Context<'_>, entry: &PublishedError) -> Markup {
    let body = format!(r#"{{"error":{{"code":"{}","message":"{}"}}}}"#, entry.code, entry.message);
    html! {
        p { (context.prose(&entry.when)) }
        (copyable("The body", &body))
        (context.clause_lines(&entry.clauses))
        (facts(&[("Sources", context.cited(&entry.sources))]))
    }
}

fn foreign(context: &Context<'_>, entry: &ForeignError) -> Markup {
    html! {
        p { (context.prose(&entry.meaning)) }
        (facts(&[
            ("Touches", context.ids(&entry.clauses)),
            ("Sources", context.cited(&entry.sources)),
        ]))
    }
}
