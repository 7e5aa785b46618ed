//! The clauses: an overview of all, and a page a topic.

use hookproof_contract::spec::{Clause, Level, Side, Spec, Status, Topic};
use maud::{Markup, html};

use super::{Group, Page, start, types};
use crate::suite::site::{
    Section,
    context::{Context, authority, badge, checks_of, level, unchecked},
    parts::{count, facts, note, table},
};

const PATH: &str = "clauses/index.html";

/// The page of all clauses.
pub(super) fn overview(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Clauses,
        "All clauses",
        "Every sentence of the contract that somebody can break, by topic, with its level and the checks that ask \
         about it.",
    );
    page.sections = vec![
        Section::new("topics", "Topics", by_topic(&context)),
        Section::new("all", "One by one", one_by_one(&context)),
    ];
    page
}

fn of<'a>(spec: &'a Spec, topic: &str) -> Vec<&'a Clause> {
    spec.clauses.values().filter(|clause| clause.topic == topic).collect()
}

fn is_checked(clause: &Clause) -> bool {
    checks_of(&clause.id).next().is_some()
}

fn by_topic(context: &Context<'_>) -> Markup {
    let spec = context.spec;
    let cells = |clauses: &[&Clause]| {
        let levels = Level::ALL
            .iter()
            .map(|level| clauses.iter().filter(|clause| clause.level == *level).count());
        let of_listeners = clauses.iter().filter(|clause| clause.binds_listeners());
        let checked = clauses.iter().filter(|clause| is_checked(clause)).count();
        let numbers: Vec<usize> =
            levels.chain([clauses.len(), of_listeners.count(), checked]).collect();
        html! { @for number in numbers { td.number { (number) } } }
    };
    let mut rows: Vec<Markup> = super::topics()
        .filter_map(|name| spec.topics.get(name))
        .map(|topic| {
            html! {
                tr {
                    th scope="row" { a href=(context.to(&format!("clauses/{}.html", topic.name))) { (topic.name) } }
                    td { (context.prose(&topic.about)) }
                    (cells(&of(spec, &topic.name)))
                }
            }
        })
        .collect();
    let all: Vec<&Clause> = spec.clauses.values().collect();
    rows.push(html! { tr.sum { th scope="row" { "all" } td {} (cells(&all)) } });
    let heads = ["Topic", "About", "must", "should", "may", "All", "On listeners", "Asked about"];
    table("Clauses by topic", &heads, &rows)
}

fn one_by_one(context: &Context<'_>) -> Markup {
    let clauses = super::topics().flat_map(|topic| of(context.spec, topic));
    let rows: Vec<Markup> = clauses
        .map(|clause| {
            let checked = if is_checked(clause) { "checked" } else { "unchecked" };
            let words = format!("{} {} {} {checked}", clause.level, clause.on, clause.status);
            html! {
                tr data-words=(words) {
                    th scope="row" { (context.id(&clause.id)) }
                    td { (level(clause.level)) " " (authority(context.spec.authority(clause))) }
                    td { (context.prose(&clause.text)) }
                    td { (clause.on) }
                    td.number { (checks_of(&clause.id).count()) }
                }
            }
        })
        .collect();
    let filters =
        ["must", "should", "may", "listener", "sender", "both", "disputed", "checked", "unchecked"];
    html! {
        div.filters role="group" aria-label="Show only" {
            @for word in filters { button type="button" aria-pressed="false" data-filter=(word) { (word) } }
            output { (count(rows.len(), "clause", "clauses")) }
        }
        div.filtered { (table("All clauses", &["Clause", "Level, authority", "Text", "Binds", "Checks"], &rows)) }
    }
}

/// The page of a topic.
pub(super) fn topic(spec: &Spec, topic: &Topic) -> Option<Page> {
    let path = format!("clauses/{}.html", topic.name);
    let context = Context::new(spec, &path);
    let clauses = of(spec, &topic.name);
    let mut page = super::page(&path, Group::Clauses, &topic.name, &topic.about);
    page.title = format!("Clauses: {}", topic.name.replace('-', " "));
    page.label = Some(topic.name.replace('-', " "));
    page.lead = html! {
        p.lead { (context.prose(&topic.about)) }
        p.marks {
            @for word in Level::ALL {
                @let number = clauses.iter().filter(|clause| clause.level == *word).count();
                @if number > 0 { span class={ "badge " (word) } { (number) " " (word) } " " }
            }
        }
    };
    page.sections = clauses
        .iter()
        .map(|clause| {
            Section::new(&clause.id, &clause.id, body(&context, clause))
                .beside(marks(spec, clause))
                .text(clause.text.clone())
        })
        .collect();
    (!page.sections.is_empty()).then_some(page)
}

fn marks(spec: &Spec, clause: &Clause) -> Markup {
    html! {
        (level(clause.level))
        (authority(spec.authority(clause)))
        @match clause.on {
            Side::Both => (badge("binds both sides")),
            side => span.badge { "binds the " (side) },
        }
        @if clause.status != Status::Settled { span class={ "badge " (clause.status) } { (clause.status) } }
    }
}

fn body(context: &Context<'_>, clause: &Clause) -> Markup {
    let concerned = concerned(context.spec, &clause.id);
    html! {
        p.sentence { (context.prose(&clause.text)) }
        (facts(&[
            ("Why", context.prose(clause.why.trim())),
            ("Disputed", html! {
                @if let Some(dispute) = &clause.dispute { (context.prose(dispute)) " " }
                @if let Some(contradiction) = &clause.contradiction { (context.id(contradiction)) }
            }),
            ("Authority", html! { (context.spec.authority(clause).meaning()) }),
            ("Evidence", html! { (badge(clause.evidence)) " " (start::what_shows(clause.evidence)) }),
            ("Asked by", html! {
                @match unchecked(clause) {
                    Some(reason) => span.none { (context.prose(reason)) },
                    None => (context.ids(checks_of(&clause.id).map(|check| check.id))),
                }
            }),
            ("Concerns", html! { @if !concerned.is_empty() { (context.ids(&concerned)) } }),
            ("Sources", context.cited(&clause.sources)),
        ]))
        @if clause.status == Status::Withdrawn { (note("It holds no more; its id stays taken.")) }
    }
}

/// Types, error codes and plans that name a clause.
fn concerned(spec: &Spec, id: &str) -> Vec<String> {
    let named = |clauses: &[String]| clauses.iter().any(|clause| clause == id);
    let kinds = types::in_order(spec).filter(|it| named(&it.clauses)).map(|it| it.kind.clone());
    let errors = spec.errors.published.iter().filter(|entry| named(&entry.clauses));
    let plans = spec.plans.values().filter(|plan| named(&plan.clauses));
    kinds
        .chain(errors.map(|entry| entry.code.to_string()))
        .chain(plans.map(|plan| plan.id.clone()))
        .collect()
}
