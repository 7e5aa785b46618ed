//! The page of one webhook.

use std::collections::{BTreeMap, BTreeSet};

use hookproof_contract::{
    Mode, NotificationType,
    spec::{Clause, Need, Notification, Spec},
};
use maud::{Markup, html};

use super::{Group, Page, examples, generated, types};
use crate::suite::site::{
    Section,
    context::{Context, badge, checks_of},
    flow::Flow,
    members::{Member, Presence, members},
    parts::{either, facts, note, table},
    search::Found,
    svg::graph,
};

pub(super) fn page(spec: &Spec, it: &Notification) -> Page {
    let path = format!("types/{}.html", it.kind);
    let context = Context::new(spec, &path);
    let mut page = super::page(&path, Group::Webhooks, &it.kind, &it.trigger);
    page.summary = format!("{}. {}", it.title, it.trigger);
    page.lead = html! {
        p.lead { strong { (it.title) ". " } (context.prose(&it.trigger)) }
        p.marks { (types::marks(it)) }
    };
    let members = payload_members(&it.kind);
    page.sections = vec![
        Section::new("facts", "At a glance", glance(&context, it)).text(format!(
            "{} {} key {}",
            it.title,
            it.failure,
            it.key.join(" ")
        )),
        Section::new("order", "Before and after", neighbours(&context, it)),
        Section::new("products", "Products", products(&context, it)),
        Section::new("members", "Members", payload(&context, it, &members)),
        Section::new("examples", "Examples", examples::of(it)),
    ];
    if !it.quirks.is_empty() {
        page.sections.push(Section::new("quirks", "Quirks", quirks(&context, it)));
    }
    page.sections.push(Section::new("clauses", "Clauses", clauses(&context, it)));
    page.sections.push(Section::new("checks", "Checks", checks(&context, it)));
    page.sections.push(Section::new("sources", "Sources", context.cited(&it.sources)));
    page.found = members
        .iter()
        .filter(|member| !member.path.is_empty())
        .map(|member| {
            let place = format!("{path}#{}", member.anchor());
            let note = member.notes.first().map_or("", String::as_str);
            Found::new(member.name(), format!("member of {}", it.kind), place, note)
        })
        .collect();
    page
}

fn glance(context: &Context<'_>, it: &Notification) -> Markup {
    let statuses: Vec<String> = it.accepted.iter().map(u16::to_string).collect();
    let body = |path: &str| {
        let name = path.trim_start_matches("answers/").trim_end_matches(".schema.json");
        html! { " with a " a href=(context.to(&format!("answers.html#{name}"))) { "body" } }
    };
    facts(&[
        (
            "Success",
            html! { (either(&statuses)) @if let Some(path) = it.answer_schema() { (body(path)) } },
        ),
        ("If it fails", context.prose(&it.failure)),
        (
            "Idempotency key",
            html! { (generated::key(it)) " " a href=(context.to("keys.html")) { "All keys" } },
        ),
        (
            "Sent again",
            html! {
                @match it.plan_id().and_then(|id| context.spec.plans.get(id)) {
                    Some(plan) => a href=(context.to(&format!("delivery.html#{}", plan.id))) { (plan.title) },
                    None => "Whether it is sent again is not published.",
                }
                @for plan in others(context.spec, it) {
                    br; a href=(context.to(&format!("delivery.html#{}", plan.id))) { (plan.title) }
                }
            },
        ),
        ("Time to answer", generated::limit(context, it)),
        (
            "Switches",
            html! {
                @if it.switches.is_empty() { span.none { "none changes it" } }
                @else { span.ids { @for id in &it.switches {
                    a.id href=(context.to(&format!("settings.html#{id}"))) { (id) } " "
                } } }
            },
        ),
        (
            "Signature",
            html! {
                @if it.signed { "In the header " code { "Authorization" } " " (context.id("SIG-12")) }
                @else { "None: it is not signed." }
            },
        ),
    ])
}

/// The other plans of the same type: for other circumstances, or by an older reading.
fn others<'a>(
    spec: &'a Spec,
    it: &'a Notification,
) -> impl Iterator<Item = &'a hookproof_contract::spec::Plan> {
    spec.plans.values().filter(|plan| {
        it.notification_type().is_some_and(|kind| plan.notifications.contains(&kind))
            && Some(plan.id.as_str()) != it.plan_id()
    })
}

fn neighbours(context: &Context<'_>, it: &Notification) -> Markup {
    let Some(kind) = it.notification_type() else {
        return html! { p { "It stands alone: no webhook waits for it, and it waits for none." } };
    };
    let flow = Flow::around(context.spec, kind);
    if flow.edges.is_empty() {
        return html! { p { "It stands alone: no webhook waits for it, and it waits for none." } };
    }
    html! {
        (graph::draw(context, "around", &format!("What {kind} waits for, and what waits for it"), &flow, Some(kind)).render())
        p.caption { "An arrow says that the right one is sent only after the left one has succeeded. "
            a href=(context.to("flows.html")) { "All flows" } }
    }
}

fn products(context: &Context<'_>, it: &Notification) -> Markup {
    let rows: Vec<Markup> = context
        .spec
        .products
        .iter()
        .map(|product| {
            let [separate, combined] = match it.notification_type() {
                Some(kind) => Mode::ALL.map(|mode| product.needs(kind, mode)),
                None => [product.web_shop_validation; 2],
            };
            html! {
                tr {
                    th scope="row" { a href=(context.to(&format!("products.html#{}", product.id))) { (product.title) } }
                    td { (need(separate)) } td { (need(combined)) }
                }
            }
        })
        .collect();
    table("Products that need it", &["Product", "Separate mode", "Combined mode"], &rows)
}

/// How much a product needs something, as a badge.
pub(super) fn need(need: Need) -> Markup {
    match need {
        Need::Unused => html! { span.none { "–" } },
        _ => html! { span class={ "badge need-" (need) } { (need) } },
    }
}

/// The members in any mode.
pub(super) fn payload_members(kind: &str) -> Vec<Member> {
    members(&format!("notifications/{kind}/payload.schema.json"))
}

fn payload(context: &Context<'_>, it: &Notification, members: &[Member]) -> Markup {
    let file = |name: &str| format!("spec/notifications/{}/{name}", it.kind);
    let by_mode = modes(&it.kind);
    let schemas =
        ["payload.schema.json", "payload.separate.schema.json", "payload.combined.schema.json"];
    html! {
        p { "Unknown members may come at any time and are ignored (" (context.id("PAYLOAD-02")) "). "
            "Required means: required where what it stands in is there. The schema as a file: "
            @for name in schemas.iter().filter(|name| types::text_of(&it.kind, name).is_some()) {
                a href=(context.to(&file(name))) { code { (name) } } " "
            }
        }
        (rows(context, members, &by_mode))
    }
}

/// Where the schema of a mode says something else: members by anchor, with what it says.
fn modes(kind: &str) -> BTreeMap<String, Vec<String>> {
    let base: BTreeMap<String, Presence> =
        payload_members(kind).into_iter().map(|it| (it.anchor(), it.presence)).collect();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mode in Mode::ALL {
        for member in members(&format!("notifications/{kind}/payload.{mode}.schema.json")) {
            let said = match member.presence {
                presence if base.get(&member.anchor()) == Some(&presence) => continue,
                Presence::Required => format!("required in {mode} mode"),
                Presence::Optional => format!("optional in {mode} mode"),
                Presence::Forbidden => format!("absent in {mode} mode"),
            };
            found.entry(member.anchor()).or_default().push(said);
        }
    }
    found
}

/// The members as a table.
pub(super) fn rows(
    context: &Context<'_>,
    members: &[Member],
    by_mode: &BTreeMap<String, Vec<String>>,
) -> Markup {
    let mut seen = BTreeSet::new();
    // Of an object as a whole, only its sentences are worth a place.
    let whole = members.first().filter(|member| member.path.is_empty() && member.kind == "object");
    let rows: Vec<Markup> = members
        .iter()
        .skip(usize::from(whole.is_some()))
        .map(|member| {
            // Two alternatives may describe the same member: the anchor is that of the first.
            let anchor = Some(member.anchor()).filter(|anchor| seen.insert(anchor.clone()));
            html! {
                tr id=[anchor] {
                    th scope="row" { (path(&member.name())) }
                    td.kind { (member.kind) }
                    td {
                        @match by_mode.get(&member.anchor()) {
                            Some(said) => @for word in said { (badge(word)) " " },
                            None if member.presence == Presence::Required => span.badge.need-required { "required" },
                            None => span.none { "optional" },
                        }
                    }
                    td { @for text in &member.notes { (context.prose(text)) " " } }
                }
            }
        })
        .collect();
    html! {
        @for text in whole.into_iter().flat_map(|member| &member.notes) { p { (context.prose(text)) } }
        div.members { (table("Members", &["Member", "Type", "Required", "Notes"], &rows)) }
    }
}

/// A member's path, which may be broken after each point; its own name stands out.
fn path(name: &str) -> Markup {
    if name.is_empty() {
        return html! { code.path { "(the body)" } };
    }
    let parts: Vec<&str> = name.split_inclusive('.').collect();
    let (own, outer) = parts.split_last().unwrap_or((&name, &[]));
    html! { code.path { span { @for part in outer { (part) wbr; } } (own) } }
}

fn quirks(context: &Context<'_>, it: &Notification) -> Markup {
    html! {
        ul.quirks {
            @for quirk in &it.quirks {
                li { (context.prose(&quirk.text)) " " (context.cited_briefly(&quirk.sources)) }
            }
        }
    }
}

/// The clauses that the webhook names.
fn named<'a>(context: &Context<'a>, it: &'a Notification) -> Vec<&'a Clause> {
    it.clauses.iter().filter_map(|id| context.spec.clauses.get(id)).collect()
}

fn clauses(context: &Context<'_>, it: &Notification) -> Markup {
    let rest = ["signature", "answers", "payloads", "idempotency", "sequence", "time"];
    html! {
        (context.clause_lines(named(context, it).into_iter().map(|clause| &clause.id)))
        (note(html! {
            "The clauses that hold for every webhook stand under "
            @for topic in rest { a href=(context.to(&format!("clauses/{topic}.html"))) { (topic) } " " }
        }))
    }
}

fn checks(context: &Context<'_>, it: &Notification) -> Markup {
    let mut seen = BTreeSet::new();
    let asked: Vec<_> = named(context, it)
        .into_iter()
        .flat_map(|clause| checks_of(&clause.id))
        .filter(|check| seen.insert(check.id))
        .collect();
    let flags = it
        .notification_type()
        .map_or("--product web-shop".to_owned(), |kind| flag(context.spec, kind));
    html! {
        @if asked.is_empty() { p.none { "No check asks about its own clauses yet." } }
        @else {
            ul { @for check in asked { li { (context.id(check.id)) ": the listener " (context.prose(check.title)) } } }
        }
        @if !flags.is_empty() {
            p { "They are asked with " code { "hookproof check --target URL " (flags) } "." }
        }
    }
}

/// What must be said for the suite to ask about a type; nothing where it does by itself.
fn flag(spec: &Spec, kind: NotificationType) -> String {
    let needs = |id: &str| {
        let product = spec.products.iter().find(|product| product.id == id);
        product.is_some_and(|product| product.needs(kind, Mode::Separate) == Need::Required)
    };
    match () {
        () if needs("in-game-store") => String::new(),
        () if needs("subscriptions") => "--product subscriptions".to_owned(),
        () => format!("--also {kind}"),
    }
}
