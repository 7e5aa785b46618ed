//! What a listener answers: the statuses by type, and the bodies with their members.

use std::collections::BTreeMap;

use hookproof_contract::{schema, spec::Spec};
use maud::{Markup, html};

use super::{Group, Page, generated, kind, types};
use crate::suite::site::{
    Section,
    context::Context,
    members::{Member, members},
    parts::{either, table},
};

const PATH: &str = "answers.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Answers,
        "Statuses and bodies",
        "Which statuses count as success, and what stands in the bodies that a listener sends.",
    );
    page.sections.push(
        Section::new("statuses", "Success by type", statuses(&context))
            .text("accepted statuses 200 201 204, time limit"),
    );
    for (path, document) in schema::documents() {
        let Some(file) = path.strip_prefix("answers/") else { continue };
        let name = file.trim_end_matches(schema::SUFFIX);
        let title = document["title"].as_str().unwrap_or(name);
        let body = html! {
            @if let Some(text) = document["description"].as_str() { p { (context.prose(text)) } }
            p { "The schema as a file: " a href=(context.to(&format!("spec/{path}"))) { code { (file) } } }
            (kind::rows(&context, &scoped(members(path), name), &BTreeMap::new()))
        };
        page.sections.push(Section::new(name, title, body).text(name));
    }
    page
}

/// Members under the name of their body: one page has several, and anchors are unique.
fn scoped(members: Vec<Member>, name: &str) -> Vec<Member> {
    members.into_iter().map(|member| Member { scope: Some(name.to_owned()), ..member }).collect()
}

fn statuses(context: &Context<'_>) -> Markup {
    let rows: Vec<Markup> = types::in_order(context.spec)
        .map(|it| {
            let statuses: Vec<String> = it.accepted.iter().map(u16::to_string).collect();
            let schema = it
                .answer_schema()
                .map(|path| path.trim_start_matches("answers/").trim_end_matches(schema::SUFFIX));
            html! {
                tr {
                    th scope="row" { (context.id(&it.kind)) }
                    td { (either(&statuses)) }
                    td { @match schema {
                        Some(name) => a href={ "#" (name) } { "required" },
                        None => span.none { "none" },
                    } }
                    td { (generated::limit(context, it)) }
                    td { (types::repeats(context, it)) }
                }
            }
        })
        .collect();
    html! {
        (table("Success by type", &["Type", "Success", "Body", "Answer within", "Retry plan"], &rows))
        (context.clause_lines(["ANS-01", "ANS-02", "ANS-04", "ANS-05"].map(str::to_owned).iter()))
    }
}
