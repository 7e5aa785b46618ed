//! Which product needs which webhooks.

use hookproof_contract::{
    Mode,
    spec::{Need, Notification, Product, Spec},
};
use maud::{Markup, html};

use super::{Group, Page, kind::need, types};
use crate::suite::site::{
    Section,
    context::Context,
    parts::{facts, note, table},
};

const PATH: &str = "products.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Reference,
        "Products",
        "Which product of Xsolla's needs which webhooks, in both delivery modes.",
    );
    page.sections.push(Section::new("matrix", "Products and types", matrix(&context)));
    page.sections.extend(spec.products.iter().map(|product| {
        Section::new(&product.id, &product.title, body(&context, product))
            .beside(html! { (need(product.need)) })
            .text(format!("{} {}", product.id, product.purpose))
    }));
    page
}

fn matrix(context: &Context<'_>) -> Markup {
    let products = &context.spec.products;
    let heads: Vec<&str> =
        ["Type"].into_iter().chain(products.iter().map(|product| product.title.as_str())).collect();
    let rows: Vec<Markup> = types::in_order(context.spec)
        .map(|it| {
            html! {
                tr {
                    th scope="row" { (context.id(&it.kind)) }
                    @for product in products { td { (cell(product, it)) } }
                }
            }
        })
        .collect();
    html! {
        div.compact { (table("Products and types", &heads, &rows)) }
        p.caption { "\u{201c}Separate\u{201d}: required in separate mode, optional in combined mode, where the order carries the \
                     payment." }
    }
}

fn cell(product: &Product, it: &Notification) -> Markup {
    let needs = match it.notification_type() {
        Some(kind) => Mode::ALL.map(|mode| product.needs(kind, mode)),
        None => [product.web_shop_validation; 2],
    };
    match needs {
        [Need::Required, Need::Optional] => html! { span.badge.should { "separate" } },
        [separate, _] => need(separate),
    }
}

fn body(context: &Context<'_>, product: &Product) -> Markup {
    html! {
        p { (context.prose(&product.purpose)) }
        (facts(&[
            ("Required", context.kinds(&product.required)),
            ("Required in separate mode", context.kinds(&product.required_when_separate)),
            ("Optional", context.kinds(&product.optional)),
            ("Web Shop validation", need(product.web_shop_validation)),
            ("Suite", html! { code { "hookproof check --target URL --product " (product.id) } }),
            ("Sources", context.cited(&product.sources)),
        ]))
        @if let Some(text) = &product.note { (note(context.prose(text))) }
    }
}
