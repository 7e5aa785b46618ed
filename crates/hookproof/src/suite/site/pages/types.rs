//! The list of all webhooks, and of those that are none of the contract's.

use hookproof_contract::{
    NotificationType,
    spec::{Notification, Spec, embedded_files, notification::WEB_SHOP_USER_VALIDATION},
};
use maud::{Markup, html};

use super::{Group, Page, generated};
use crate::suite::site::{
    Section,
    context::{Context, badge},
    parts::table,
};

const PATH: &str = "types/index.html";

/// The webhooks in the order of the documentation, the one without a type last.
pub(super) fn in_order(spec: &Spec) -> impl Iterator<Item = &Notification> {
    NotificationType::ALL
        .iter()
        .map(|kind| kind.as_str())
        .chain([WEB_SHOP_USER_VALIDATION])
        .filter_map(|kind| spec.notifications.get(kind))
}

/// The text of a file of a webhook's folder.
pub(super) fn text_of(kind: &str, file: &str) -> Option<&'static str> {
    let path = format!("notifications/{kind}/{file}");
    embedded_files().iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
}

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Webhooks,
        "All webhooks",
        "Every webhook of the contract: when it is sent, what it waits for, its idempotency key, and its retry plan.",
    );
    page.sections = vec![
        Section::new("list", "The list", list(&context)),
        Section::new("neighbours", "Not in the contract", neighbours(&context))
            .text("deprecated types, types of other protocols"),
        Section::new("unknown", "Named, but not described", html! {
            p {
                "The guides name a webhook that links transaction ids. No page describes it: neither its type nor its \
                 members are known. A listener treats it like any type that it does not know ("
                (context.id("PAYLOAD-11")) ")."
            }
        })
        .text("transaction id linking webhook, undocumented"),
    ];
    page
}

fn list(context: &Context<'_>) -> Markup {
    let rows: Vec<Markup> = in_order(context.spec)
        .map(|it| {
            html! {
                tr {
                    th scope="row" { (context.id(&it.kind)) br; small { (it.title) } br; (marks(it)) }
                    td { (context.prose(&it.trigger)) }
                    td { (context.kinds(&it.follows)) }
                    td { (generated::ids_of_key(it)) }
                    td { (repeats(context, it)) }
                }
            }
        })
        .collect();
    let heads = ["Type", "Sent when", "Only after", "Key, with the type", "Retry plan"];
    html! { div.compact.keyed { (table("All webhooks", &heads, &rows)) } }
}

/// The plan by which a webhook is sent again.
pub(super) fn repeats(context: &Context<'_>, notification: &Notification) -> Markup {
    match notification.plan_id() {
        Some(plan) => html! { a href=(context.to(&format!("delivery.html#{plan}"))) { (plan) } },
        None => html! { span.none { "not published" } },
    }
}

/// What is special about a webhook, as badges.
pub(super) fn marks(notification: &Notification) -> Markup {
    html! {
        @if notification.opt_in { (badge("on request")) " " }
        @if !notification.signed { span.badge.disputed { "not signed" } " " }
        @if notification.key.is_empty() { (badge("question")) " " }
        @if notification.answer_schema().is_some() { (badge("answered with a body")) }
    }
}

fn neighbours(context: &Context<'_>) -> Markup {
    let rows: Vec<Markup> = context
        .spec
        .neighbours
        .iter()
        .map(|it| {
            html! {
                tr #(it.kind) {
                    th scope="row" { code { (it.kind) } }
                    td { (context.prose(&it.title)) }
                    td { (badge(it.standing)) }
                    td { (context.prose(&it.answer)) }
                    td { (context.cited_briefly(&it.sources)) }
                }
            }
        })
        .collect();
    html! {
        p { "Types that a listener may meet all the same. It may treat them like any type that it does not know ("
            (context.id("PAYLOAD-11")) ")." }
        (table("Types outside of the contract", &["Type", "What it announces", "Standing", "Expects", "Sources"], &rows))
    }
}
