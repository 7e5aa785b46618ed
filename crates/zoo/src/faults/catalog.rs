//! Wrong listeners: the personalised catalogue (clauses `CATALOG-*`).

use hookproof_contract::NotificationType;
use serde_json::{Map, Value, json};

use super::{Asks, Fault, Level, Severity, Verdict, if_accepted, if_refused};
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    event::Event,
    game::Game,
    questions, right,
    wire::{Answer, Delivery},
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "catalog-acknowledged-only",
        completes: "acknowledges the question for the catalogue and lists nothing",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["catalog-answers-a-list"],
        cause: Some("catalog-acknowledged"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour { render: acknowledged, ..Behaviour::default() },
    },
    Fault {
        slug: "catalog-in-an-object",
        completes: "puts the list of the catalogue into an object",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["catalog-answers-a-list"],
        cause: Some("catalog-acknowledged"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour {
            inform: |game, event, known| {
                changed(game, event, known, |list| json!({ "items": list }))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "catalog-entries-without-sku",
        completes: "names the items of the catalogue by a title only",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["catalog-answers-a-list"],
        cause: Some("catalog-entry-malformed"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour {
            inform: |game, event, known| {
                with_each(game, event, known, |item| {
                    item.remove("sku");
                    item.insert("name".to_owned(), json!("Sword"));
                })
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "catalog-quantities-below-zero",
        completes: "writes -1 where there is no limit",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["catalog-answers-a-list"],
        cause: Some("catalog-entry-malformed"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour {
            inform: |game, event, known| {
                with_each(game, event, known, |item| {
                    item.insert("quantity".to_owned(), json!(-1));
                })
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "catalog-dates-without-offset",
        completes: "leaves the offset out of the dates of the catalogue",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["catalog-dates"],
        cause: Some("catalog-dates-malformed"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour {
            inform: |game, event, known| dated(game, event, known, json!("2026-01-01T00:00:00")),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "catalog-dates-in-seconds",
        completes: "writes the dates of the catalogue in seconds since 1970",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["catalog-dates"],
        cause: Some("catalog-dates-malformed"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour {
            inform: |game, event, known| dated(game, event, known, json!(1_767_225_600)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "catalog-for-strangers",
        completes: "shows the catalogue to users that it does not have",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["catalog-unknown-user"],
        cause: Some("catalog-strangers"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour {
            inform: |game, event, known| about_catalog(game, event, known, known.map(|_| true)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "catalog-strangers-are-400",
        completes: "refuses the catalogue to an unknown user with status 400",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["catalog-unknown-user"],
        cause: Some("catalog-strangers"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour { render: strangers_with_400, ..Behaviour::default() },
    },
    Fault {
        slug: "catalog-wants-a-login",
        completes: "refuses the catalogue to visitors who are not logged in",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["catalog-visitor"],
        cause: Some("catalog-needs-a-login"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour {
            inform: |game, event, known| about_catalog(game, event, known, known.or(Some(false))),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "catalog-reads-the-newer-member-only",
        completes: "reads `user.user_id` of the question for the catalogue and nothing else",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["catalog-either-member"],
        cause: Some("catalog-reads-one-member"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour { inform: by_the_newer_member, ..Behaviour::default() },
    },
    Fault {
        slug: "gift-with-each-catalog",
        completes: "gives a user something for each look at the catalogue",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["catalog-changes-nothing"],
        cause: Some("questions-have-effects"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour { inform: with_a_gift, ..Behaviour::default() },
    },
    Fault {
        slug: "catalog-takes-the-older-member-for-a-visitor",
        completes: "takes whoever is named in `user.id` for a visitor who is not logged in",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["catalog-either-member"],
        cause: Some("catalog-reads-one-member"),
        asks: Asks::also(&[NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour { inform: visited_by_the_older_member, ..Behaviour::default() },
    },
];

fn is_catalogs(event: &Event) -> bool {
    event.kind == "partner_side_catalog"
}

fn acknowledged(delivery: &Delivery, outcome: &Outcome) -> Answer {
    if outcome.event.as_ref().is_some_and(is_catalogs) {
        if_accepted(delivery, outcome, Answer::empty(204))
    } else {
        right::render(delivery, outcome)
    }
}

/// The right answer, knowing something else about the user of a question for the catalogue.
fn about_catalog(
    game: &mut Game,
    event: &Event,
    known: Option<bool>,
    believed: Option<bool>,
) -> Result<Value, Refusal> {
    questions::inform(game, event, if is_catalogs(event) { believed } else { known })
}

/// The right list, changed.
fn changed(
    game: &mut Game,
    event: &Event,
    known: Option<bool>,
    change: impl FnOnce(Value) -> Value,
) -> Result<Value, Refusal> {
    let told = questions::inform(game, event, known)?;
    Ok(if is_catalogs(event) { change(told) } else { told })
}

/// The right list with each of its items changed.
fn with_each(
    game: &mut Game,
    event: &Event,
    known: Option<bool>,
    change: impl FnMut(&mut Map<String, Value>),
) -> Result<Value, Refusal> {
    changed(game, event, known, |mut list| {
        let items = list.as_array_mut().into_iter().flatten();
        items.filter_map(Value::as_object_mut).for_each(change);
        list
    })
}

fn dated(
    game: &mut Game,
    event: &Event,
    known: Option<bool>,
    date: Value,
) -> Result<Value, Refusal> {
    with_each(game, event, known, |item| {
        if let Some(own) = item.get_mut("date_from") {
            own.clone_from(&date);
        }
    })
}

fn strangers_with_400(_: &Delivery, outcome: &Outcome) -> Answer {
    let catalogs = outcome.event.as_ref().is_some_and(is_catalogs);
    if_refused(outcome, |why| why == Refusal::Visitor && catalogs, |answer| answer.status = 400)
}

fn by_the_newer_member(
    game: &mut Game,
    event: &Event,
    known: Option<bool>,
) -> Result<Value, Refusal> {
    if is_catalogs(event) && event.json.pointer("/user/user_id").is_none() {
        return Err(Refusal::Parameter);
    }
    questions::inform(game, event, known)
}

fn with_a_gift(game: &mut Game, event: &Event, known: Option<bool>) -> Result<Value, Refusal> {
    if let (true, Some(true), Some(user)) = (is_catalogs(event), known, &event.user) {
        game.grant(user, "gold", 10);
    }
    questions::inform(game, event, known)
}

fn visited_by_the_older_member(
    game: &mut Game,
    event: &Event,
    known: Option<bool>,
) -> Result<Value, Refusal> {
    let newer = event.json.pointer("/user/user_id").is_some();
    about_catalog(game, event, known, known.filter(|_| newer))
}
