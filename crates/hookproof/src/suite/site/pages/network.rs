//! Where webhooks come from: the published lists of addresses by date, and their union.

use std::collections::BTreeSet;

use hookproof_contract::spec::{AddressList, Network, Spec};
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::site::{
    Section,
    context::{Context, badge},
    parts::{copyable, facts, table},
};

const PATH: &str = "network.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Reference,
        "IP addresses",
        "The published lists of IP addresses from which webhooks come, by date, and the union that a listener should let \
         through.",
    );
    page.sections = vec![
        Section::new("union", "What to let through", union(&context))
            .text("allow-list of addresses"),
        Section::new("by-date", "Addresses by list", matrix(&context)),
    ];
    page.sections.extend(spec.network.lists.iter().map(|list| {
        Section::new(&list.id, &list.title, body(&context, list))
            .beside(html! {
                (badge(&list.date))
                @if list.accept { span.badge.may { "in the union" } } @else { (badge("not in the union")) }
            })
            .text(lines(&list.addresses).replace('\n', " "))
    }));
    page
}

fn lines(addresses: &[Network]) -> String {
    addresses.iter().map(Network::to_string).collect::<Vec<_>>().join("\n")
}

fn union(context: &Context<'_>) -> Markup {
    let union = &context.spec.network.union;
    html! {
        p { "An address filter is an addition to the signature, never its replacement. Every address of the lists that \
             count, IPv4 only:" }
        (copyable("The union of the addresses", &lines(&union.addresses)))
        (context.clause_lines(&union.clauses))
    }
}

fn matrix(context: &Context<'_>) -> Markup {
    let lists = &context.spec.network.lists;
    let addresses: BTreeSet<Network> =
        lists.iter().flat_map(|list| list.addresses.iter().copied()).collect();
    let names: Vec<String> = lists.iter().map(name).collect();
    let heads: Vec<&str> =
        ["Address"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let rows: Vec<Markup> = addresses
        .iter()
        .map(|address| {
            let counts = context.spec.network.union.addresses.contains(address);
            html! {
                tr {
                    th.address scope="row" { code { (address) } @if counts { " " span.badge.may { "let through" } } }
                    @for list in lists { td {
                        @if list.addresses.contains(address) {
                            a href={ "#" (list.id) } aria-label={ (address) " is in the list: " (list.title) } { "●" }
                        }
                    } }
                }
            }
        })
        .collect();
    table("Addresses by list", &heads, &rows)
}

/// A list's date, and what it is for where that is not all webhooks.
fn name(list: &AddressList) -> String {
    match list.purpose.as_str() {
        "webhooks" => list.date.clone(),
        purpose => format!("{} ({purpose})", list.date),
    }
}

fn body(context: &Context<'_>, list: &AddressList) -> Markup {
    html! {
        (facts(&[
            ("Date", html! { (list.date) }),
            ("For", html! { (list.purpose) }),
            ("Addresses", html! { span.ids { @for address in &list.addresses { code { (address) } " " } } }),
            ("Sources", context.cited(&list.sources)),
        ]))
    }
}
