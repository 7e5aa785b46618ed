//! The test area of the Publisher Account.

use hookproof_contract::spec::{Expect, Field, Scenario, Spec, Tab};
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::site::{
    Section,
    context::{Context, badge},
    parts::{facts, table},
};

const PATH: &str = "test-area.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Reference,
        "Xsolla's test area",
        "What Xsolla's own test asks for before a project goes live, which webhooks it sends, and which answers pass.",
    );
    page.lead = html! {
        (page.lead)
        p { "It is in the Publisher Account below the webhook URL, and appears once a URL is saved: "
            a href=(context.to("setup.html")) { "Set-up" } ". Before that, test "
            a href=(context.to("testing-locally.html")) { "locally" } "." }
    };
    page.sections = spec
        .test_area
        .iter()
        .map(|tab| {
            let words: Vec<&str> = tab.scenarios.iter().map(|it| it.title.as_str()).collect();
            Section::new(&tab.id, &tab.title, body(&context, tab)).text(words.join(" "))
        })
        .collect();
    page.sections.push(Section::new("clauses", "Clauses", html! {
        p { a href=(context.to("clauses/test-area.html")) { "The clauses about the test area" } }
    }));
    page
}

fn body(context: &Context<'_>, tab: &Tab) -> Markup {
    let fields: Vec<Markup> = tab.fields.iter().map(|it| field(context, it)).collect();
    let scenarios: Vec<Markup> = tab.scenarios.iter().map(|it| scenario(context, it)).collect();
    html! {
        h3 { "What is filled in" }
        (table("Fields", &["Field", "Required", "Form", "Where it goes"], &fields))
        h3 { "What is sent, and what passes" }
        (table("Scenarios", &["Scenario", "Webhook", "Passes", "Run", "Clauses"], &scenarios))
        (facts(&[("Sources", context.cited(&tab.sources))]))
    }
}

fn field(context: &Context<'_>, field: &Field) -> Markup {
    html! {
        tr {
            th scope="row" { (field.title) }
            td { @if field.required { span.badge.need-required { "required" } } @else { span.none { "optional" } } }
            td {
                (context.prose(&field.form))
                @if let Some(shown) = &field.shown { "; shown " (context.prose(shown)) }
            }
            td {
                @for (kind, pointer) in &field.member {
                    div { (context.id(kind.as_str())) " " code { (pointer) } }
                }
                @if field.member.is_empty() { span.none { "not published" } }
            }
        }
    }
}

fn scenario(context: &Context<'_>, scenario: &Scenario) -> Markup {
    html! {
        tr id=(scenario.id) {
            th scope="row" { (scenario.title) }
            td { (context.id(scenario.notification.as_str())) }
            td {
                @match scenario.expect {
                    Expect::Success => span.badge.may { (success(context, scenario)) },
                    Expect::Refusal => span.badge.must { "4xx" },
                }
                @if let Some(code) = scenario.code { " " (context.id(code.as_str())) }
            }
            td { @if scenario.stated { "as the documents say" } @else { (badge("our reading")) } }
            td { (context.ids(&scenario.clauses)) }
        }
    }
}

/// Writes the statuses that are success for the type, such as "200, 201 or 204".
fn success(context: &Context<'_>, scenario: &Scenario) -> String {
    let accepted = &context.spec.notifications[scenario.notification.as_str()].accepted;
    let statuses: Vec<String> = accepted.iter().map(u16::to_string).collect();
    match statuses.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
