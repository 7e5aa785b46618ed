//! Tables of the guides that are made out of the contract's data.

use clap::CommandFactory;
use hookproof_contract::{
    NotificationType, derive,
    spec::{After, Notification, Plan, PlanReading, Published, Spec},
};
use maud::{Markup, html};

use super::types;
use crate::{
    cli::Cli,
    config,
    environment::FLAGS,
    suite::site::{
        context::Context,
        parts::{self, duration, either},
    },
};

/// Answers whose consequences differ, with the name that people give them.
const ANSWERS: &[(&str, &[Option<u16>])] = &[
    ("200, 201, 204", &[Some(200), Some(201), Some(204)]),
    ("202", &[Some(202)]),
    ("3xx, such as 302", &[Some(302)]),
    (
        "400, 401, 402, 403, 404, 409, 415, 422",
        &[Some(400), Some(401), Some(402), Some(403), Some(404), Some(409), Some(415), Some(422)],
    ),
    ("405, 410, 418, 429 and other 4xx", &[Some(405), Some(410), Some(418), Some(429)]),
    ("500, 502, 503 and other 5xx", &[Some(500), Some(502), Some(503)]),
    ("no answer", &[None]),
];

/// Returns the table of a name.
pub(super) fn table(context: &Context<'_>, name: &str) -> Option<Markup> {
    Some(match name {
        "keys" => keys(context),
        "answers" => answers(context),
        "statuses" => statuses(context),
        "limits" => limits(context),
        "retries" => retries(context),
        "settings-file" => settings_file(),
        "environment" => environment(),
        _ => return None,
    })
}

/// The key of a type as people write it: `notification_type` and paths into the body.
pub(super) fn key(it: &Notification) -> Markup {
    html! {
        @if it.key.is_empty() { span.none { "none: a question" } }
        @else { span.ids { @for part in &it.key { code { (member(part)) } " " } } }
    }
}

/// The ids of a key, without the type that every key has.
pub(super) fn ids_of_key(it: &Notification) -> Markup {
    let ids: Vec<&String> = it.key.iter().filter(|part| part.starts_with('/')).collect();
    html! {
        @if ids.is_empty() { span.none { "none" } }
        @else { span.ids { @for part in ids { code { (member(part)) } " " } } }
    }
}

/// A JSON pointer as a path with points.
fn member(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn keys(context: &Context<'_>) -> Markup {
    let rows: Vec<Markup> = types::in_order(context.spec)
        .map(|it| {
            html! {
                tr {
                    th scope="row" { (context.id(&it.kind)) br; small { (it.title) } }
                    td { (key(it)) }
                    td {
                        @if it.key.is_empty() { "Answer it again, from what is true now." }
                        @else { "Answer " (success(it)) ", change nothing." }
                    }
                }
            }
        })
        .collect();
    parts::table("The key of every type", &["Type", "Unique together", "A duplicate"], &rows)
}

fn success(it: &Notification) -> String {
    either(&it.accepted.iter().map(u16::to_string).collect::<Vec<_>>())
}

/// The plans of a type that are played by default, the usual one first.
fn plans<'a>(spec: &'a Spec, it: &Notification) -> Vec<&'a Plan> {
    let Some(kind) = it.notification_type() else { return Vec::new() };
    let taken = spec.plans.values().filter(|plan| plan.reading == PlanReading::Taken);
    let mut plans: Vec<&Plan> = taken.filter(|plan| plan.notifications.contains(&kind)).collect();
    plans.sort_by_key(|plan| Some(plan.id.as_str()) != it.plan_id());
    plans
}

/// Consequence of an answer, in a word.
const fn consequence(after: After) -> &'static str {
    match after {
        After::Done => "done",
        After::Again => "sent again",
        After::Final => "not sent again",
        After::Unpublished => "not published",
    }
}

/// What follows from one of several answers that are alike; by circumstances where they matter.
fn follows(context: &Context<'_>, it: &Notification, answers: &[Option<u16>]) -> Markup {
    let plans = plans(context.spec, it);
    let success = answers.iter().all(|answer| answer.is_some_and(|it| it < 300 && it != 202));
    if plans.is_empty() {
        return html! { @if success { "done" } @else { span.none { "not published" } } };
    }
    let after = |plan: &Plan| {
        let mut words: Vec<&str> =
            answers.iter().map(|answer| consequence(plan.after(*answer))).collect();
        words.dedup();
        words.join(" or ")
    };
    let mut said: Vec<(String, Option<&str>)> = Vec::new();
    for plan in plans {
        let word = after(plan);
        match said.last_mut() {
            Some((last, when)) if *last == word => *when = None,
            _ => said.push((word, plan.when.as_deref())),
        }
    }
    html! {
        @for (word, when) in &said {
            div { (word) @if let Some(when) = when { small { ", where " (when) } } }
        }
    }
}

fn answers(context: &Context<'_>) -> Markup {
    let rows: Vec<Markup> = types::in_order(context.spec)
        .map(|it| {
            html! {
                tr {
                    th scope="row" { (context.id(&it.kind)) }
                    td { (success(it)) }
                    td { @match it.answer_schema() {
                        Some(path) => a href=(context.to(&body(path))) { "required" },
                        None => span.none { "none" },
                    } }
                    td { (follows(context, it, &[Some(400)])) }
                    td { (follows(context, it, &[Some(503), None])) }
                    td { (context.prose(&it.failure)) }
                }
            }
        })
        .collect();
    let heads =
        ["Type", "Success", "Body", "After 400", "After 5xx or no answer", "What a failure means"];
    parts::table("Answers by type", &heads, &rows)
}

fn body(path: &str) -> String {
    let name = path.trim_start_matches("answers/").trim_end_matches(".schema.json");
    format!("answers.html#{name}")
}

fn statuses(context: &Context<'_>) -> Markup {
    let kinds = ["order_paid", "order_canceled", "payment", "refund", "user_validation"];
    let kinds: Vec<&Notification> =
        kinds.iter().filter_map(|kind| context.spec.notifications.get(*kind)).collect();
    let rows: Vec<Markup> = ANSWERS
        .iter()
        .map(|(name, answers)| {
            html! {
                tr {
                    th scope="row" { (name) }
                    @for it in &kinds { td { (follows(context, it, answers)) } }
                }
            }
        })
        .collect();
    let heads: Vec<&str> =
        ["Answer"].into_iter().chain(kinds.iter().map(|it| it.kind.as_str())).collect();
    html! { div.compact { (parts::table("What follows from a status", &heads, &rows)) } }
}

/// Time limit of a listener, as far as that is published.
pub(super) fn limit(context: &Context<'_>, it: &Notification) -> Markup {
    html! {
        @match it.time_limit_ms {
            Some(limit) => { (limit / 1000) " s, by its own page " (context.id("TIME-01")) },
            None => { "3 s, as for orders " (context.id("TIME-01")) },
        }
    }
}

fn limits(context: &Context<'_>) -> Markup {
    let rows: Vec<Markup> = types::in_order(context.spec)
        .map(|it| {
            html! {
                tr {
                    th scope="row" { (context.id(&it.kind)) }
                    td { (limit(context, it)) }
                    td { (types::repeats(context, it)) }
                }
            }
        })
        .collect();
    parts::table("Time to answer by type", &["Type", "Answer within", "Retry plan"], &rows)
}

fn retries(context: &Context<'_>) -> Markup {
    let taken = context.spec.plans.values().filter(|plan| plan.reading == PlanReading::Taken);
    let mut plans: Vec<&Plan> = taken.collect();
    plans.sort_by_key(|plan| (plan.notifications.first().copied(), plan.steps.is_empty()));
    let rows: Vec<Markup> = plans
        .iter()
        .map(|plan| {
            let offsets: Vec<u64> = derive::offsets(plan).map(|offset| offset.as_secs()).collect();
            html! {
                tr {
                    th scope="row" { (context.kinds(&plan.notifications))
                        @if let Some(when) = &plan.when { br; small { "where " (when) } } }
                    td { @if plan.steps.is_empty() { "never" } @else { (plan.attempts_max) " attempts" } }
                    td { @if plan.window_s > 0 { (duration(plan.window_s)) } @else { span.none { "–" } } }
                    td {
                        @match offsets.as_slice() {
                            [_, second, .., last] => { "first retry after " (duration(*second)) ", last after " (duration(*last)) },
                            _ => span.none { "–" },
                        }
                        @if plan.published == Published::Limits { br; small { "the waits are not published" } }
                    }
                    td { a href=(context.to(&format!("delivery.html#{}", plan.id))) { (plan.id) } }
                }
            }
        })
        .collect();
    let rest: Vec<&str> = types::in_order(context.spec)
        .filter(|it| it.plan_id().is_none())
        .map(|it| it.kind.as_str())
        .collect();
    html! {
        (parts::table("Retries by type", &["Type", "Attempts", "Within", "When", "Plan"], &rows))
        p { "Whether these are sent again is not published: " (context.ids(&rest)) ". Be ready for both." }
    }
}

/// The types that are sent again after 5xx, and those that never are, by the plans taken.
pub(in crate::suite::site) fn after_outage(spec: &Spec) -> [Vec<NotificationType>; 2] {
    [After::Again, After::Final].map(|wanted| {
        let fits = |it: &&Notification| {
            let plan = it.plan_id().and_then(|id| spec.plans.get(id));
            plan.is_some_and(|plan| plan.after(Some(503)) == wanted)
        };
        types::in_order(spec).filter(fits).filter_map(Notification::notification_type).collect()
    })
}

/// Every key of `hookproof.toml`, from the flags themselves.
fn settings_file() -> Markup {
    let mut command = Cli::command();
    command.build();
    let Some(check) = command.find_subcommand("check") else { return Markup::default() };
    let flags = check.get_arguments().filter_map(|arg| Some((arg, arg.get_long()?)));
    let rows: Vec<Markup> = flags
        .filter(|(_, flag)| config::check::is_setting(flag))
        .map(|(arg, flag)| {
            let value = match arg.get_action() {
                clap::ArgAction::Append => "a list, or one value",
                action if action.takes_values() => "one value",
                _ => "true or false",
            };
            let default: Vec<_> =
                arg.get_default_values().iter().map(|it| it.to_string_lossy()).collect();
            let default = default.join(", ");
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            html! {
                tr {
                    th scope="row" { code { (flag) } }
                    td { (value) @if value != "true or false" && !default.is_empty() { br; small { "default " (default) } } }
                    td { (help) }
                }
            }
        })
        .collect();
    parts::table("Keys of hookproof.toml", &["Key", "Value", "Meaning"], &rows)
}

fn environment() -> Markup {
    let rows: Vec<Markup> = FLAGS
        .iter()
        .map(|(variable, flag)| {
            html! { tr { td { code { (variable) } } td { code { "--" (flag) } } } }
        })
        .collect();
    parts::table("Environment variables", &["Variable", "Same as the flag"], &rows)
}
