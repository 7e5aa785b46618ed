//! Repeats: the plans with their timelines, and the table of automatic refunds.

use hookproof_contract::{
    derive,
    spec::{AnswerPattern, Outcome, Plan, PlanReading, Published, Spec},
};
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::site::{
    Section,
    context::{Context, badge},
    parts::{count, duration, facts, note, table},
    svg::timeline,
};

const PATH: &str = "delivery.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Answers,
        "Retries and automatic refunds",
        "When a webhook is sent again, for how long, after which answers, and when the money goes back by itself.",
    );
    let plans = in_order(spec);
    let all: Vec<&Plan> = plans.iter().copied().filter(|plan| !plan.steps.is_empty()).collect();
    page.sections.push(Section::new("all-plans", "All plans on one scale", html! {
        (timeline::compare(&all).render())
        p.caption { "A dot is an attempt. Time runs on the scale of its square root, so that the first minutes and the \
                     last days can both be seen." }
    }));
    page.sections.extend(plans.into_iter().map(|plan| {
        Section::new(&plan.id, &plan.title, body(&context, plan)).beside(marks(plan)).text(format!(
            "{} {}",
            plan.id,
            plan.note.as_deref().unwrap_or_default()
        ))
    }));
    page.sections.push(
        Section::new("automatic-refund", "Automatic refunds", refunds(&context)).text(
            "what happens to the money after the answer to order_paid, with the switch on or off",
        ),
    );
    page
}

/// By type, in the order of the documentation; what is played by default comes first.
fn in_order(spec: &Spec) -> Vec<&Plan> {
    let mut plans: Vec<&Plan> = spec.plans.values().collect();
    plans.sort_by_key(|plan| (plan.notifications.first().copied(), plan.reading, &plan.id));
    plans
}

fn marks(plan: &Plan) -> Markup {
    html! {
        (badge(&plan.id))
        @if plan.reading == PlanReading::Older { span.badge.disputed { "older reading" } }
    }
}

fn body(context: &Context<'_>, plan: &Plan) -> Markup {
    let published = match plan.published {
        Published::Steps => "the waits themselves",
        Published::Limits => {
            "the number of attempts and the window; the waits are ours, within them"
        }
        Published::Never => "that nothing is sent again",
    };
    html! {
        @if !plan.steps.is_empty() {
            (timeline::draw(plan).render())
        }
        (facts(&[
            ("Types", context.kinds(&plan.notifications)),
            ("When", html! { @if let Some(when) = &plan.when { (context.prose(when)) } }),
            ("Attempts", html! { (plan.attempts_max)
                @if plan.window_s > 0 { " within " (duration(plan.window_s)) } }),
            ("Waits", html! { @for (index, step) in plan.steps.iter().enumerate() {
                @if index > 0 { ", " }
                @if step.times > 1 { (step.times) " × " } (duration(step.every_s))
            } }),
            ("What is published", html! { (published) }),
            ("Done after", patterns(&plan.done_on)),
            ("Again after", patterns(&plan.again_on)),
            ("Given up after", patterns(&plan.final_on)),
            ("Clauses", context.ids(&plan.clauses)),
            ("Sources", context.cited(&plan.sources)),
        ]))
        @if let Some(text) = &plan.note { (note(context.prose(text))) }
        @if !plan.steps.is_empty() { (offsets(plan)) }
    }
}

fn offsets(plan: &Plan) -> Markup {
    let rows: Vec<Markup> = derive::offsets(plan)
        .zip(std::iter::once(None).chain(derive::waits(plan).map(Some)))
        .enumerate()
        .map(|(index, (offset, wait))| {
            html! {
                tr {
                    td { (index + 1) }
                    td { @if let Some(wait) = wait { (duration(wait.as_secs())) } }
                    td { (duration(offset.as_secs())) }
                    td { (offset.as_secs()) }
                }
            }
        })
        .collect();
    html! {
        details {
            summary { (count(rows.len(), "attempt", "attempts")) ", one by one" }
            (table("Attempts", &["Attempt", "After a wait of", "Since the first", "In seconds"], &rows))
        }
    }
}

/// A set of answers, as the contract's files write it.
fn patterns(patterns: &[AnswerPattern]) -> Markup {
    html! { @for (index, pattern) in patterns.iter().enumerate() {
        @if index > 0 { ", " }
        @match pattern {
            AnswerPattern::Status(status) => (status),
            AnswerPattern::Class(class) => { (class) "xx" },
            AnswerPattern::Silence => "no answer",
            AnswerPattern::Otherwise => "anything else",
        }
    } }
}

fn outcome(outcome: Outcome) -> Markup {
    let (word, class) = match outcome {
        Outcome::Nothing => ("nothing more", "badge"),
        Outcome::Retry => ("sent again", "badge should"),
        Outcome::Refund => ("refunded at once", "badge must"),
        Outcome::RetryThenRefund => ("sent again, then refunded", "badge must"),
    };
    html! { span class=(class) { (word) } }
}

fn refunds(context: &Context<'_>) -> Markup {
    let it = &context.spec.automatic_refund;
    let rows: Vec<Markup> = it
        .rows
        .iter()
        .map(|row| {
            html! {
                tr {
                    th scope="row" { (patterns(&row.on)) }
                    td { (outcome(row.off_outcome)) }
                    td { (outcome(row.on_outcome)) }
                    td { (context.prose(&row.meaning)) }
                }
            }
        })
        .collect();
    html! {
        p { "What follows from the answer to " (context.id(it.notification.as_str())) ". The switch is set by Xsolla on \
             request; it is " strong { (it.default) } " unless somebody asked." }
        (table("Automatic refunds", &["Answer", "Switch off", "Switch on", "Meaning"], &rows))
        (context.clause_lines(&it.clauses))
        (facts(&[
            ("Plan", context.id(&it.plan)),
            ("Sources", context.cited(&it.sources)),
        ]))
    }
}
