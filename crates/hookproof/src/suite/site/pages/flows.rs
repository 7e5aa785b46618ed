//! The flows: purchase, refund and subscription as diagrams.

use hookproof_contract::{
    Mode,
    NotificationType::{
        CancelSubscription, CreateSubscription, NonRenewalSubscription, OrderCanceled, OrderPaid,
        UpdateSubscription,
    },
    spec::Spec,
};
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::site::{
    Section,
    context::Context,
    flow::Flow,
    svg::{graph, sequence},
};

const PATH: &str = "flows.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Start,
        "Flows",
        "Which webhook comes after which, and what a failure holds back. Drawn from what every webhook says about \
         its neighbours.",
    );
    let both = |id: &str, end| {
        html! {
            div.figures {
                @for mode in Mode::ALL {
                    @let flow = Flow::towards(spec, &[end], Some(mode));
                    figure {
                        (sequence::draw(&context, &format!("{id}-{mode}"), &format!("{id}, {mode} mode"), &flow).render())
                        figcaption { (mode) " mode" }
                    }
                }
            }
        }
    };
    page.sections = vec![
        Section::new("purchase-flow", "Purchase", html! {
            p { "The user pays; the game grants. In combined mode there is no payment of its own: the order carries it \
                 in " code { "billing" } "." }
            (both("Purchase", OrderPaid))
            (context.clause_lines(&clauses(spec, "SEQ-01", "SEQ-02")))
        }).text("user_validation payment order_paid separate combined"),
        Section::new("refund-flow", "Refund", html! {
            p { "The money goes back; the game takes back. Nothing that a listener answers stops a refund." }
            (both("Refund", OrderCanceled))
            (context.clause_lines(&clauses(spec, "REFUND-04", "REFUND-05")))
        }).text("refund order_canceled separate combined"),
        Section::new("subscription-flow", "Subscription", subscription(&context))
            .text("create update cancel non_renewal subscription payment renewal"),
        Section::new("out-of-order", "Out of order, late, or alone", html! {
            p { "A webhook can come late, or before the one that it follows: an answer was lost, an attempt failed, two \
                 connections overtook each other. The listener answers each with success or a final refusal, never with \
                 5xx, and what was revoked or refunded stays so." }
            (context.clause_lines(&out_of_order(spec)))
        }).text("refund before payment, order_canceled before order_paid, late order_paid after its cancellation"),
        Section::new("everything", "All that waits", html! {
            p { "Every webhook that waits for another, in one picture. What is not in it waits for nothing." }
            (graph::draw(&context, "whole", "Every webhook that waits for another", &Flow::whole(spec), None).render())
        }),
    ];
    page
}

fn clauses(spec: &Spec, first: &str, second: &str) -> Vec<String> {
    [first, second]
        .map(str::to_owned)
        .into_iter()
        .filter(|id| spec.clauses.contains_key(id))
        .collect()
}

/// The clauses of the topic `sequence` that bind listeners.
fn out_of_order(spec: &Spec) -> Vec<String> {
    let clauses = spec.clauses.values().filter(|it| it.topic == "sequence" && it.binds_listeners());
    clauses.map(|clause| clause.id.clone()).collect()
}

fn subscription(context: &Context<'_>) -> Markup {
    let ends = [CreateSubscription, UpdateSubscription, CancelSubscription, NonRenewalSubscription];
    let flow = Flow::towards(context.spec, &ends, Some(Mode::Separate));
    html! {
        p { "An arrow says that the right one is sent only after the left one has succeeded. Every charge comes as a "
            code { "payment" } "; the webhooks of the subscription follow it." }
        (graph::draw(context, "subscription", "The webhooks of a subscription", &flow, None).render())
        p { a href=(context.to("clauses/subscriptions.html")) { "The clauses about subscriptions" } }
    }
}
