//! Where the sources disagree.

use hookproof_contract::spec::{Contradiction, Spec};
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::site::{Section, context::Context, parts::facts};

const PATH: &str = "contradictions.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Clauses,
        "Contradictions",
        "Where the sources disagree: who says what, which side is taken here, why, and what follows from that.",
    );
    page.sections = spec
        .contradictions
        .values()
        .map(|it| {
            let text = format!("{} {}", it.taken, it.why);
            let title = format!("{} {}", it.id, it.topic);
            Section::new(&it.id, title, body(&context, it)).text(text)
        })
        .collect();
    page
}

fn body(context: &Context<'_>, it: &Contradiction) -> Markup {
    html! {
        ul.readings {
            @for reading in &it.readings {
                li { (context.prose(&reading.text)) " " (context.cited_briefly(&reading.sources)) }
            }
        }
        (facts(&[
            ("Taken", html! { strong { (context.prose(&it.taken)) } }),
            ("Why", context.prose(&it.why)),
            ("Effect", context.prose(&it.effect)),
            ("Disputed clauses", html! { @if !it.clauses.is_empty() { (context.ids(&it.clauses)) } }),
            ("See also", html! { @if !it.mentions.is_empty() { (context.ids(&it.mentions)) } }),
        ]))
    }
}
