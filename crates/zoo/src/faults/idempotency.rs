//! Wrong listeners: repeats (clauses `IDEM-*`).

use serde_json::Value;

use super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::{Behaviour, Dedupe, Refusal},
    event::Event,
    game::{self, Game},
    right,
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "refuses-repeats",
        completes: "refuses a repeated event with 409",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-repeat-accepted"],
        cause: Some("repeat-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour { dedupe: Dedupe::RefuseRepeats, ..Behaviour::default() },
    },
    Fault {
        slug: "no-dedupe",
        completes: "lets every delivery have its effects",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-repeat-grants-once"],
        cause: Some("no-idempotency"),
        asks: Asks::STORE,
        behaviour: || Behaviour { dedupe: Dedupe::Never, ..Behaviour::default() },
    },
    Fault {
        slug: "refuses-while-busy",
        completes: "refuses a copy with 409 while it works on the first",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["idempotency-concurrent-accepted"],
        cause: Some("conflict-under-load"),
        asks: Asks::STORE,
        behaviour: || Behaviour { dedupe: Dedupe::RefuseWhileBusy, ..Behaviour::default() },
    },
    Fault {
        slug: "checks-then-acts",
        completes: "looks for an earlier delivery first and grants a moment later",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-concurrent-grants-once"],
        cause: Some("check-then-act"),
        asks: Asks::STORE,
        behaviour: || Behaviour { dedupe: Dedupe::CheckThenAct, ..Behaviour::default() },
    },
    Fault {
        slug: "key-without-type",
        completes: "takes a refund for a repeat of the payment with the same transaction id",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-types-differ", "refunds-take-effect"],
        cause: Some("dedupe-key-without-type"),
        asks: Asks::STORE,
        behaviour: || Behaviour { key: without_type, ..Behaviour::default() },
    },
    Fault {
        slug: "refuses-known-transactions",
        completes: "refuses the refund of a transaction because it knows its id already",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-types-differ"],
        cause: Some("dedupe-key-without-type"),
        asks: Asks::STORE,
        behaviour: || Behaviour { objects: to_known, ..Behaviour::default() },
    },
    Fault {
        slug: "key-of-user-and-item",
        completes: "takes the second purchase of an item by the same user for a repeat",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-same-item-again"],
        cause: Some("dedupe-by-user-and-item"),
        asks: Asks::STORE,
        behaviour: || Behaviour { key: of_user_and_items, ..Behaviour::default() },
    },
    Fault {
        slug: "refuses-what-is-owned",
        completes: "refuses the order of an item that the user has",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-same-item-again"],
        cause: Some("dedupe-by-user-and-item"),
        asks: Asks::STORE,
        behaviour: || Behaviour { objects: to_owned, ..Behaviour::default() },
    },
    Fault {
        slug: "cancels-again",
        completes: "takes goods back for each delivery of a cancellation",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-cancel-repeat"],
        cause: Some("cancel-repeat-takes-more"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            key: not_for_cancellations,
            effects: back_every_time,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "key-of-the-bytes",
        completes: "takes two bodies for two events where they differ in a blank",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["idempotency-other-serialisation"],
        cause: Some("dedupe-by-bytes"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            key: |event| Some(hex::encode(&event.body)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "key-of-the-transaction-only",
        completes: "keys orders by a transaction id that they carry in combined mode only",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-orders-differ"],
        cause: Some("dedupe-key-undefined"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            key: |event| {
                Some(format!("{} {}", event.kind, event.transaction_id().unwrap_or_default()))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "order-ids-by-their-quotes",
        completes: "takes the id of an order as a text for another id than the same number",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["idempotency-number-or-text"],
        cause: Some("ids-by-their-form"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            text: |body| quoted_apart(body, &["/order/id"]),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "transaction-ids-by-their-quotes",
        completes: "takes the id of a transaction as a text for another id than the same number",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["idempotency-number-or-text"],
        cause: Some("ids-by-their-form"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            text: |body| quoted_apart(body, &["/transaction/id", "/order/invoice_id"]),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "key-with-the-mode",
        completes: "takes an order in combined form for another one than in separate form",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["idempotency-across-modes"],
        cause: Some("dedupe-key-with-mode"),
        asks: Asks::STORE,
        behaviour: || Behaviour { key: with_the_mode, ..Behaviour::default() },
    },
];

fn without_type(event: &Event) -> Option<String> {
    if event.is_order() { right::key(event) } else { event.transaction_id() }
}

fn of_user_and_items(event: &Event) -> Option<String> {
    if event.kind != "order_paid" {
        return right::key(event);
    }
    let skus: Vec<String> = game::lines(event).into_iter().map(|(sku, _)| sku).collect();
    Some(format!("{} {} {}", event.kind, event.user.as_deref()?, skus.join(" ")))
}

fn not_for_cancellations(event: &Event) -> Option<String> {
    if event.kind == "order_canceled" { None } else { right::key(event) }
}

fn to_known(game: &Game, event: &Event) -> Result<(), Refusal> {
    let known = event.kind == "refund" && game.knows_payment(event);
    if known { Err(Refusal::Conflict) } else { Ok(()) }
}

fn to_owned(game: &Game, event: &Event) -> Result<(), Refusal> {
    let user = event.user.as_deref().unwrap_or_default();
    let owned = game::lines(event).iter().any(|(sku, _)| game.holds(user, sku));
    if owned && event.kind == "order_paid" { Err(Refusal::Conflict) } else { Ok(()) }
}

fn back_every_time(game: &mut Game, event: &Event) {
    if event.kind == "order_canceled" {
        let order = event.id("/order/id").and_then(|id| game.orders.get_mut(&id));
        if let Some(order) = order {
            order.canceled = false;
        }
    }
    game::effects(game, event);
}

/// Makes another id of an id in quotes.
fn quoted_apart(body: &[u8], pointers: &[&str]) -> Vec<u8> {
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    let mut changed = false;
    for pointer in pointers {
        if let Some(Value::String(id)) = json.pointer_mut(pointer) {
            id.insert(0, '0');
            changed = true;
        }
    }
    if changed { json.to_string().into_bytes() } else { body.to_vec() }
}

fn with_the_mode(event: &Event) -> Option<String> {
    let combined = event.is_order() && event.at("/billing").is_some();
    right::key(event).map(|key| if combined { format!("{key} combined") } else { key })
}
