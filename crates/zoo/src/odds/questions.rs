//! Listeners that are odd in what they answer to questions.

use serde_json::{Map, Value, json};

use super::{Odd, refused};
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    event::Event,
    faults::Asks,
    game::Game,
    questions, right,
    wire::{Answer, Delivery},
};

/// The odd ones of this kind.
pub(super) static ODDS: &[Odd] = &[
    Odd {
        slug: "web-shop-answers-455",
        completes: "refuses an unknown user of the Web Shop with 455",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { render: with_455, ..Behaviour::default() },
    },
    Odd {
        slug: "web-shop-answers-204",
        completes: "accepts a user of the Web Shop with 204, as the top-up block allows",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { render: with_204, ..Behaviour::default() },
    },
    Odd {
        slug: "web-shop-answers-the-id-only",
        completes: "tells the Web Shop nothing but the id",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            inform: |game, event, known| {
                changed(questions::inform(game, event, known), event.web_shop, |told| {
                    told.remove("attributes")
                })
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "signature-everywhere",
        completes: "demands a signature of everything, and so serves no Web Shop",
        asks: Asks { products: &["in-game-store", "subscriptions"], ..Asks::EVERYTHING },
        behaviour: || Behaviour { unsigned: |_| false, ..Behaviour::default() },
    },
    Odd {
        slug: "search-answers-the-id-only",
        completes: "tells nothing but the id of a user who was searched",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { inform: the_id_only, ..Behaviour::default() },
    },
    Odd {
        slug: "catalog-hides-everything",
        completes: "shows an empty catalogue",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            inform: |game, event, known| listing(game, event, known, |_| json!([])),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "catalog-by-item-id",
        completes: "calls the articles of the catalogue `item_id`",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            inform: |game, event, known| listing(game, event, known, by_item_id),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "catalog-of-names-only",
        completes: "lists no more of the catalogue than its articles",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            inform: |game, event, known| {
                listing(game, event, known, |_| json!([{ "sku": "sword_01" }, { "sku": "gold" }]))
            },
            ..Behaviour::default()
        },
    },
];

fn with_455(_: &Delivery, outcome: &Outcome) -> Answer {
    refused(outcome, |refusal, answer| {
        if outcome.is_web_shops() && refusal == Refusal::Visitor {
            answer.status = 455;
        }
    })
}

fn with_204(_: &Delivery, outcome: &Outcome) -> Answer {
    if outcome.is_web_shops() && outcome.result.is_ok() {
        Answer::empty(204)
    } else {
        right::answered(outcome)
    }
}

/// The right answer to some of the questions, with its members changed.
fn changed<T>(
    told: Result<Value, Refusal>,
    concerned: bool,
    change: impl FnOnce(&mut Map<String, Value>) -> T,
) -> Result<Value, Refusal> {
    let mut told = told?;
    if concerned {
        told.as_object_mut().map(change);
    }
    Ok(told)
}

fn the_id_only(game: &mut Game, event: &Event, known: Option<bool>) -> Result<Value, Refusal> {
    let told = questions::inform(game, event, known);
    changed(told, event.kind == "user_search", |told| {
        told.insert("user".to_owned(), json!({ "id": event.user }));
    })
}

/// The right answers, with another list for the catalogue.
fn listing(
    game: &mut Game,
    event: &Event,
    known: Option<bool>,
    other: fn(Value) -> Value,
) -> Result<Value, Refusal> {
    let told = questions::inform(game, event, known)?;
    Ok(if event.kind == "partner_side_catalog" { other(told) } else { told })
}

fn by_item_id(mut list: Value) -> Value {
    let items = list.as_array_mut().into_iter().flatten();
    for item in items.filter_map(Value::as_object_mut) {
        let sku = item.remove("sku").unwrap_or_default();
        item.insert("item_id".to_owned(), sku);
    }
    list
}
