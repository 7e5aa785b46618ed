//! Wrong listeners: events that count as seen too early (clauses `SIG-02`, `SIG-07`, `IDEM-11`, `ORDER-16`).
//!
//! All of them look at the body where the right listener verifies it, and write down or look up there
//! what only a verified and accepted event may leave behind.

use hookproof_contract::NotificationType;
use serde_json::Value;

use super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    game::Game,
    questions, right,
    wire::Delivery,
};

/// Most of them let a forgery change something that the view shows.
const FAULT: Fault = Fault {
    slug: "",
    completes: "",
    severity: Severity::Security,
    level: Level::Probe,
    verdict: Verdict::Fail,
    caught_by: &[],
    cause: None,
    asks: Asks::STORE,
    behaviour: Behaviour::default,
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "known-events-unverified",
        completes: "looks an event up first and acknowledges a known one without verifying it",
        level: Level::Wire,
        caught_by: &["signature-rejects-forged-duplicates"],
        cause: Some("duplicate-before-signature"),
        behaviour: || Behaviour { verify: unless_known, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "known-questions-unverified",
        completes: "answers a search or a catalogue question from its cache without verifying it",
        level: Level::Wire,
        caught_by: &["signature-rejects-forged-duplicates"],
        // The shortest search is always the same, so its first forgery is a duplicate too.
        cause: Some("signature-checked-for-some-types"),
        asks: Asks::also(&[NotificationType::UserSearch, NotificationType::PartnerSideCatalog]),
        behaviour: || Behaviour { verify: unless_cached, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "forgeries-count-as-seen",
        completes: "records the id of an event before it verifies the event",
        caught_by: &["signature-forgery-forgotten"],
        cause: Some("seen-before-verified"),
        behaviour: || Behaviour {
            verify: |it, game| seen_if_forged(it, game, |_| true),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "forged-refunds-count-as-seen",
        completes: "records the id of a refund before it verifies the refund",
        caught_by: &["signature-forgery-forgotten"],
        cause: Some("seen-before-verified"),
        behaviour: || Behaviour {
            verify: |it, game| seen_if_forged(it, game, |kind| kind == "refund"),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "forged-subscription-news-count-as-seen",
        completes: "records which subscription an event is about before it verifies the event",
        caught_by: &["signature-forgery-forgotten"],
        cause: Some("seen-before-verified"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            verify: |it, game| seen_if_forged(it, game, |kind| kind.ends_with("_subscription")),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "orders-of-unknown-users-count-as-seen",
        completes: "records the id of an order before it looks for the user, and drops the corrected order",
        severity: Severity::Money,
        caught_by: &["idempotency-corrected-delivery"],
        cause: Some("rejection-remembered"),
        behaviour: || Behaviour {
            verify: |it, game| seen_if(it, game, |event| event.is_order() && !is_known(event)),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "malformed-payments-count-as-seen",
        completes: "records the id of a payment or refund before it looks at the sum, and drops the corrected one",
        severity: Severity::Money,
        caught_by: &["idempotency-corrected-delivery"],
        cause: Some("rejection-remembered"),
        behaviour: || Behaviour {
            verify: |it, game| {
                seen_if(it, game, |event| {
                    matches!(event.kind.as_str(), "payment" | "refund")
                        && !event.at("/payment_details").is_some_and(Value::is_object)
                })
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "subscriptions-of-unknown-users-count-as-seen",
        completes: "writes down which subscription an event is about before it looks for the user",
        severity: Severity::Money,
        caught_by: &["idempotency-corrected-delivery"],
        cause: Some("rejection-remembered"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            verify: |it, game| {
                seen_if(it, game, |event| event.is_subscription() && !is_known(event))
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "grants-up-to-the-bad-line",
        completes: "grants the lines of an order one by one, and keeps those before one that it rejects",
        severity: Severity::Money,
        caught_by: &["orders-refused-whole"],
        cause: Some("order-granted-in-part"),
        behaviour: || Behaviour { verify: granting_up_to_a_bad_line, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "orders-with-a-bad-line-count-as-seen",
        completes: "records the id of an order before it looks at the lines, and drops the corrected order",
        severity: Severity::Money,
        caught_by: &["orders-refused-whole"],
        cause: Some("rejection-remembered"),
        behaviour: || Behaviour {
            verify: |it, game| {
                seen_if(it, game, |event| event.is_order() && event.items().is_none())
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
];

/// The event of a delivery, and the key under which it is remembered.
fn read(delivery: &Delivery) -> Option<(Event, Option<String>)> {
    let mut event = Event::read(&delivery.body, &delivery.body).ok()?;
    event.user = right::user(&event);
    let key = right::key(&event);
    Some((event, key))
}

fn unless_known(delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    let key = read(delivery).and_then(|(_, key)| key);
    if key.is_some_and(|key| game.done.contains(&key)) {
        return Ok(());
    }
    right::verify(delivery, game)
}

fn unless_cached(delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    let question = read(delivery).filter(|(event, _)| questions::is_one(event));
    let body = String::from_utf8_lossy(&delivery.body).into_owned();
    if question.is_some() && game.notes.contains(&body) {
        return Ok(());
    }
    right::verify(delivery, game)?;
    if question.is_some() {
        game.notes.insert(body);
    }
    Ok(())
}

fn seen_if_forged(
    delivery: &Delivery,
    game: &mut Game,
    concerns: fn(&str) -> bool,
) -> Result<(), Refusal> {
    let verified = right::verify(delivery, game);
    if verified.is_err()
        && let Some((event, key)) = read(delivery)
        && concerns(&event.kind)
    {
        game.done.extend(key);
    }
    verified
}

/// Writes down a verified event that will be rejected.
fn seen_if(
    delivery: &Delivery,
    game: &mut Game,
    is_rejected: fn(&Event) -> bool,
) -> Result<(), Refusal> {
    right::verify(delivery, game)?;
    if let Some((event, key)) = read(delivery)
        && is_rejected(&event)
    {
        game.done.extend(key);
    }
    Ok(())
}

fn is_known(event: &Event) -> bool {
    event.user.as_deref().is_some_and(right::knows)
}

fn granting_up_to_a_bad_line(delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    right::verify(delivery, game)?;
    let Some((event, _)) = read(delivery) else { return Ok(()) };
    let order = event.kind == "order_paid" && event.items().is_none() && is_known(&event);
    let lines = event.at("/items").filter(|_| order).and_then(Value::as_array);
    let good = lines.into_iter().flatten().map_while(|line| {
        Some((line.get("sku")?.as_str()?.to_owned(), line.get("quantity")?.as_u64()?))
    });
    let user = event.user.as_deref().unwrap_or_default();
    for (sku, quantity) in good {
        game.grant(user, &sku, quantity);
    }
    Ok(())
}
