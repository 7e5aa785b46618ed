//! The test vectors: what each file holds, and each case in a line.

use hookproof_contract::spec::{Spec, embedded_files};
use maud::{Markup, html};
use serde_json::Value;

use super::{Group, Page};
use crate::suite::site::{
    Section,
    context::{Context, badge},
    parts::{count, facts, table},
};

const PATH: &str = "vectors.html";

/// Members that say what a case expects, whichever the file has.
const EXPECTED: &[&str] = &["result", "relation", "outcome", "next_attempt_s", "expected"];

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Reference,
        "Vectors",
        "Exact bytes, secrets and signatures; answers and what follows from them; pairs of deliveries. Plain JSON, \
         loadable from any language.",
    );
    page.sections =
        embedded_files().iter().filter_map(|(path, text)| section(&context, path, text)).collect();
    page
}

fn section(context: &Context<'_>, path: &str, text: &str) -> Option<Section> {
    let name = path.strip_prefix("vectors/")?.strip_suffix(".json")?;
    let file: Value = serde_json::from_str(text).ok()?;
    // Schemas stand beside the vectors, and have no cases.
    let tests = file.get("tests")?.as_array()?;
    let title = file["title"].as_str().unwrap_or(name);
    let clauses = file["clauses"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let schema = file["schema"].as_str().unwrap_or_default();
    let body = html! {
        (facts(&[
            ("File", html! { a href=(context.to(&format!("spec/{path}"))) { code { "spec/" (path) } } }),
            ("Form", html! { a href=(context.to(&format!("spec/vectors/{schema}"))) { code { (schema) } } }),
            ("Clauses", context.ids(clauses)),
        ]))
        (flags(context, &file, tests))
        details {
            summary { (count(tests.len(), "case", "cases")) ", one by one" }
            (cases(context, tests))
        }
    };
    let cases = badge(count(tests.len(), "case", "cases"));
    Some(Section::new(name, title, body).beside(cases).text(name))
}

fn flags(context: &Context<'_>, file: &Value, tests: &[Value]) -> Markup {
    let has = |test: &&Value, flag: &str| {
        test["flags"].as_array().into_iter().flatten().any(|it| it == flag)
    };
    let rows: Vec<Markup> = file["flags"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(flag, text)| {
            let number = tests.iter().filter(|test| has(test, flag)).count();
            html! {
                tr {
                    th scope="row" { code { (flag) } }
                    td { (context.prose(text.as_str().unwrap_or_default())) }
                    td.number { (number) }
                }
            }
        })
        .collect();
    table("Flags", &["Flag", "What it marks", "Cases"], &rows)
}

fn cases(context: &Context<'_>, tests: &[Value]) -> Markup {
    let rows: Vec<Markup> = tests
        .iter()
        .map(|test| {
            let flags = test["flags"].as_array().into_iter().flatten().filter_map(Value::as_str);
            html! {
                tr {
                    td.number { (test["id"]) }
                    td { (context.prose(test["comment"].as_str().unwrap_or_default())) }
                    td { @for flag in flags { (badge(flag)) " " } }
                    td { (expected(test)) }
                }
            }
        })
        .collect();
    table("Cases", &["Id", "Case", "Flags", "Expected"], &rows)
}

fn expected(test: &Value) -> String {
    let found = EXPECTED.iter().find_map(|name| test.get(*name));
    match found {
        Some(Value::String(word)) => word.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}
