//! The guides: pages in Markdown that answer one question each, with tables out of the contract.

use hookproof_contract::spec::{Spec, embedded_files};
use maud::{Markup, html};

use super::{Group, Page, generated};
use crate::suite::site::{
    context::Context,
    markdown::{self, Guide},
    parts::copyable,
};

/// A guide as it is written.
#[derive(Debug, Clone, Copy)]
pub(in crate::suite::site) struct Written {
    pub(in crate::suite::site) path: &'static str,
    group: Group,
    pub(in crate::suite::site) text: &'static str,
}

/// Lists guides: the group and the names of their files, in the order of the navigation.
macro_rules! guides {
    ($($group:ident: $($name:literal),+;)+) => {
        &[$($(Written {
            path: concat!($name, ".html"),
            group: Group::$group,
            text: include_str!(concat!("../guides/", $name, ".md")),
        }),+),+]
    };
}

/// All guides.
pub(in crate::suite::site) const WRITTEN: &[Written] = guides! {
    Start: "keys", "what-to-answer", "time", "setup", "secret", "testing-locally";
    Tool: "tool/start", "tool/languages", "tool/probe", "tool/spawn", "tool/settings-file", "tool/baseline",
        "tool/exit-codes", "tool/ci", "tool/reports";
};

/// The listeners that are shown, each a program that runs.
const CODE: &[(&str, &str)] = &[
    ("fastapi.py", include_str!("../guides/code/fastapi.py")),
    ("flask.py", include_str!("../guides/code/flask.py")),
    ("express.mjs", include_str!("../guides/code/express.mjs")),
    ("listener.php", include_str!("../guides/code/listener.php")),
    ("listener.go", include_str!("../guides/code/listener.go")),
    ("probe.py", include_str!("../guides/code/probe.py")),
];

/// The lead of a guide, or the body of the section with the anchor, without generated blocks.
pub(in crate::suite::site) fn text(place: &str) -> Option<String> {
    let (path, anchor) =
        place.split_once('#').map_or((place, None), |(path, anchor)| (path, Some(anchor)));
    let guide = Guide::parse(WRITTEN.iter().find(|written| written.path == path)?.text)?;
    let body = match anchor {
        None => guide.lead,
        Some(anchor) => guide.parts.iter().find(|part| part.anchor == anchor)?.body,
    };
    let mut kept = Vec::new();
    let mut dropped = false;
    for line in body.lines() {
        let generated = GENERATED.iter().any(|word| line.starts_with(&format!("```{word} ")));
        if generated || dropped {
            dropped = !line.eq("```");
        } else {
            kept.push(line);
        }
    }
    Some(kept.join("\n").trim().replace("\n\n\n", "\n\n"))
}

/// The guides of one group.
pub(super) fn pages(spec: &Spec, group: Group) -> impl Iterator<Item = Page> {
    WRITTEN.iter().filter(move |written| written.group == group).map(|written| page(spec, written))
}

fn page(spec: &Spec, written: &Written) -> Page {
    let context = Context::new(spec, written.path);
    let guide = Guide::parse(written.text).expect("a test reads every guide");
    let generate = |word: &str, rest: &str| generate(&context, word, rest);
    let summary = markdown::plain(guide.lead);
    let mut page = super::page(written.path, written.group, guide.title, &summary);
    page.lead = html! { div.lead { (markdown::blocks(&context, guide.lead, &generate)) } };
    page.sections =
        guide.parts.iter().map(|part| markdown::section(&context, part, &generate)).collect();
    page
}

/// The first words of fences whose content is generated.
const GENERATED: [&str; 5] = ["code", "spec", "clauses", "topic", "table"];

/// Makes what a fence asks for: a program, a file of the contract, clauses, a table.
fn generate(context: &Context<'_>, word: &str, rest: &str) -> Option<Markup> {
    let file = |files: &[(&str, &'static str)], name: &str| {
        files.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    };
    match word {
        "code" => {
            let (name, label) = rest.split_once(' ')?;
            Some(copyable(label, file(CODE, name)?.trim_end()))
        }
        "spec" => Some(copyable(rest, file(embedded_files(), rest)?.trim_end())),
        "clauses" => {
            let ids: Vec<String> = rest.split(' ').map(str::to_owned).collect();
            Some(context.clause_lines(&ids))
        }
        "topic" => {
            let clauses = context.spec.clauses.values().filter(|clause| clause.topic == rest);
            Some(context.clause_lines(clauses.map(|clause| &clause.id)))
        }
        "table" => generated::table(context, rest),
        _ => None,
    }
}
