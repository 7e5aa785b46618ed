//! Why money was given back.

use hookproof_contract::spec::{Advice, ReasonCode, Spec};
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::site::{Section, context::Context, parts::table, search::Found};

const PATH: &str = "reason-codes.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Reference,
        "Reason codes",
        "Why money was given back: the values of refund_details.code. The set is open, and a listener accepts codes \
         that are not listed.",
    );
    page.lead = html! {
        p.lead {
            "Why money was given back: the values of " code { "refund_details.code" } ". The set is open: a listener \
             accepts codes that are not listed (" (context.id("REFUND-03")) ", " (context.id("CON-28")) ")."
        }
    };
    let rows: Vec<Markup> = spec.reason_codes.values().map(|code| row(&context, code)).collect();
    let heads = ["Code", "Reason", "Block the user?", "Listed for", "Sources"];
    page.sections = vec![Section::new("codes", "Codes", table("Reason codes", &heads, &rows))];
    page.found = spec
        .reason_codes
        .values()
        .map(|code| {
            let place = format!("{PATH}#code-{}", code.code);
            Found::new(format!("Reason code {}", code.code), "reason code", place, &code.reason)
        })
        .collect();
    page
}

fn row(context: &Context<'_>, code: &ReasonCode) -> Markup {
    html! {
        tr id={ "code-" (code.code) } {
            th scope="row" { (code.code) }
            td {
                (context.prose(&code.reason))
                @if let Some(note) = &code.note { " " small { (context.prose(note)) } }
            }
            td { @match code.blocklist {
                Advice::Yes => span.badge.must { "yes" },
                Advice::No => span.badge.may { "no" },
                Advice::Unsaid => span.none { "not said" },
            } }
            td { (context.kinds(&code.on)) }
            td { (context.cited_briefly(&code.sources)) }
        }
    }
}
