//! Wrong listeners: the Web Shop's question (clauses `WEBSHOP-*`).

use serde_json::{Value, json};

use super::{Asks, Fault, Level, Severity, Verdict, if_refused};
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
        slug: "web-shop-needs-a-type",
        completes: "refuses what has no type, the question of the Web Shop too",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["web-shop-known-user"],
        cause: Some("web-shop-not-routed"),
        asks: Asks::WEB_SHOP,
        behaviour: || Behaviour {
            vet: |event| if event.web_shop { Err(Refusal::NoType) } else { Ok(()) },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "web-shop-gets-no-id",
        completes: "answers the Web Shop without the id of the user",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["web-shop-known-user"],
        cause: Some("web-shop-not-routed"),
        asks: Asks::WEB_SHOP,
        behaviour: || Behaviour {
            inform: |game, event, known| {
                changed(game, event, known, |_| json!({ "status": "success" }))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "web-shop-knows-everybody",
        completes: "tells the Web Shop that it has any user",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["web-shop-unknown-user"],
        cause: Some("web-shop-strangers"),
        asks: Asks::WEB_SHOP,
        behaviour: || Behaviour {
            inform: |game, event, known| {
                let known = if event.web_shop { Some(true) } else { known };
                questions::inform(game, event, known)
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "web-shop-strangers-are-400",
        completes: "refuses the Web Shop an unknown user as it refuses all others",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["web-shop-unknown-user"],
        cause: Some("web-shop-strangers"),
        asks: Asks::WEB_SHOP,
        behaviour: || Behaviour { render: strangers_with_400, ..Behaviour::default() },
    },
    Fault {
        slug: "open-door-grants",
        completes: "takes what has neither type nor signature for what it looks like",
        severity: Severity::Security,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["web-shop-changes-nothing"],
        cause: Some("open-door"),
        asks: Asks::WEB_SHOP,
        behaviour: || Behaviour {
            unsigned: is_untyped,
            text: typed_by_its_looks,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "web-shop-login-bonus",
        completes: "gives a user something for whatever comes without a type",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["web-shop-changes-nothing"],
        cause: Some("open-door"),
        asks: Asks::WEB_SHOP,
        behaviour: || Behaviour {
            unsigned: is_untyped,
            text: reduced_to_its_question,
            inform: with_a_bonus,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "attributes-without-values",
        completes: "tells the Web Shop attributes that have no value",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["web-shop-attributes"],
        cause: Some("web-shop-attributes-malformed"),
        asks: Asks::WEB_SHOP,
        behaviour: || Behaviour {
            inform: |game, event, known| {
                attributed(game, event, known, json!([{ "key": "level" }]))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "attribute-keys-as-numbers",
        completes: "tells the Web Shop attributes whose keys are numbers",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["web-shop-attributes"],
        cause: Some("web-shop-attributes-malformed"),
        asks: Asks::WEB_SHOP,
        behaviour: || Behaviour {
            inform: |game, event, known| {
                attributed(game, event, known, json!([{ "key": 7, "value": "12" }]))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "web-shop-tells-the-email",
        completes: "tells the Web Shop the e-mail address of the user",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["web-shop-known-user"],
        cause: Some("web-shop-tells-too-much"),
        asks: Asks::WEB_SHOP,
        behaviour: || Behaviour { inform: with_the_address, ..Behaviour::default() },
    },
];

/// The right answer to the Web Shop, changed.
fn changed(
    game: &mut Game,
    event: &Event,
    known: Option<bool>,
    change: impl FnOnce(Value) -> Value,
) -> Result<Value, Refusal> {
    let told = questions::inform(game, event, known)?;
    Ok(if event.web_shop { change(told) } else { told })
}

fn attributed(
    game: &mut Game,
    event: &Event,
    known: Option<bool>,
    attributes: Value,
) -> Result<Value, Refusal> {
    changed(game, event, known, |mut told| {
        told["attributes"] = attributes;
        told
    })
}

fn strangers_with_400(_: &Delivery, outcome: &Outcome) -> Answer {
    let web_shops = outcome.is_web_shops();
    if_refused(outcome, |why| why == Refusal::Visitor && web_shops, |answer| answer.status = 400)
}

fn with_a_bonus(game: &mut Game, event: &Event, known: Option<bool>) -> Result<Value, Refusal> {
    if let (true, Some(true), Some(user)) = (event.web_shop, known, &event.user) {
        game.grant(user, "gold", 10);
    }
    questions::inform(game, event, known)
}

fn is_untyped(delivery: &Delivery) -> bool {
    let json = serde_json::from_slice::<Value>(&delivery.body).unwrap_or_default();
    let untyped = json.is_object() && json.get("notification_type").is_none();
    right::unsigned(delivery) || (untyped && delivery.header("authorization").is_none())
}

/// Gives a body without a type the type that its members suggest.
fn typed_by_its_looks(body: &[u8]) -> Vec<u8> {
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    let has = |name: &str| json.get(name).is_some_and(|value| !value.is_null());
    let looks = [
        ("items", "order_paid"),
        ("subscription", "create_subscription"),
        ("transaction", "payment"),
    ];
    let found = looks.into_iter().find(|(name, _)| has(name)).map(|(_, kind)| kind);
    let Some(kind) = found.filter(|_| !has("notification_type")) else { return body.to_vec() };
    json["notification_type"] = json!(kind);
    if kind == "order_paid" && json["user"]["external_id"].is_null() && json["user"].is_object() {
        json["user"]["external_id"] = json["user"]["id"].clone();
    }
    if kind == "order_paid" && json["order"]["id"].is_null() {
        json["order"] = json!({ "id": body.len() });
    }
    json.to_string().into_bytes()
}

fn with_the_address(game: &mut Game, event: &Event, known: Option<bool>) -> Result<Value, Refusal> {
    changed(game, event, known, |mut told| {
        told["user"]["email"] = json!("ada@example.org");
        told
    })
}

/// Leaves of a body without a type no more than the question in it.
fn reduced_to_its_question(body: &[u8]) -> Vec<u8> {
    let json = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let typed = json.get("notification_type").is_some();
    match json.pointer("/user/id") {
        Some(id) if !typed => json!({ "user": { "id": id } }).to_string().into_bytes(),
        _ => body.to_vec(),
    }
}
