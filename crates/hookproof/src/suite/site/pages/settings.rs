//! The switches that change payloads.

use std::collections::BTreeSet;

use hookproof_contract::{
    NotificationType,
    spec::{Setting, Shape, Spec},
};
use maud::{Markup, html};

use super::{Group, Page, kind::payload_members};
use crate::suite::site::{
    Section,
    context::{Context, badge},
    members::anchor_of_pointer,
    parts::{facts, table},
};

const PATH: &str = "settings.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Reference,
        "Advanced settings",
        "The switches (toggles) of the Publisher Account that change payloads, and the members that come and go with them.",
    );
    page.sections.push(Section::new("matrix", "Switches and members", matrix(&context)));
    page.sections.extend(spec.settings.values().map(|setting| {
        Section::new(&setting.id, &setting.title, body(&context, setting))
            .beside(html! {
                (badge(&setting.id))
                @if setting.shape == Shape::Undocumented { span.badge.disputed { "form not published" } }
            })
            .text(setting.effect.clone())
    }));
    page
}

/// A member as a link to its row, where the schema of the type has one.
fn member(context: &Context<'_>, kind: NotificationType, pointer: &str) -> Markup {
    let anchor = anchor_of_pointer(pointer);
    let known = payload_members(kind.as_str()).iter().any(|member| member.anchor() == anchor);
    html! {
        @if known { a.id href=(context.to(&format!("types/{kind}.html#{anchor}"))) { (pointer) } }
        @else { code { (pointer) } }
    }
}

fn matrix(context: &Context<'_>) -> Markup {
    let kinds: BTreeSet<NotificationType> = NotificationType::ALL
        .into_iter()
        .filter(|kind| context.spec.settings.values().any(|it| it.changes(*kind)))
        .collect();
    let heads: Vec<&str> =
        ["Switch"].into_iter().chain(kinds.iter().map(|kind| kind.as_str())).collect();
    let rows: Vec<Markup> = context
        .spec
        .settings
        .values()
        .map(|setting| {
            html! {
                tr {
                    th scope="row" { a href={ "#" (setting.id) } { (setting.title) } }
                    @for kind in &kinds { td {
                        @if setting.notifications.contains(kind) {
                            @for pointer in &setting.adds { div { "+ " (member(context, *kind, pointer)) } }
                            @for pointer in &setting.removes { div { "− " (member(context, *kind, pointer)) } }
                            @if setting.adds.is_empty() && setting.removes.is_empty() { "a member without a name" }
                        } @else if setting.unplaced.contains(kind) { "somewhere in combined orders" }
                        @else { span.none { "–" } }
                    } }
                }
            }
        })
        .collect();
    html! {
        p { "Where the switches are in the Publisher Account: " a href=(context.to("setup.html#switches")) { "Set-up" } "." }
        div.compact { (table("Switches and members", &heads, &rows)) }
    }
}

fn body(context: &Context<'_>, setting: &Setting) -> Markup {
    let pointers = |pointers: &[String]| {
        html! { span.ids { @for pointer in pointers { code { (pointer) } " " } } }
    };
    let values: Vec<Markup> = setting
        .values
        .iter()
        .map(|it| {
            html! {
                tr { td { code { (it.member) } } td.number { (it.value) } td { (context.prose(&it.meaning)) } }
            }
        })
        .collect();
    html! {
        p { (context.prose(&setting.effect)) }
        (facts(&[
            ("Changes", context.kinds(&setting.notifications)),
            ("Also", html! { @if !setting.unplaced.is_empty() {
                (context.kinds(&setting.unplaced)) " in combined mode, at a place that is not published"
            } }),
            ("Adds", html! { @if !setting.adds.is_empty() { (pointers(&setting.adds)) } }),
            ("Removes", html! { @if !setting.removes.is_empty() { (pointers(&setting.removes)) } }),
            ("Form", html! { (setting.shape) }),
        ]))
        @if !values.is_empty() { (table("Values", &["Member", "Value", "Meaning"], &values)) }
        (facts(&[("Sources", context.cited(&setting.sources))]))
    }
}
