//! Wrong listeners: events that come in another order, late, or among those of other purchases.

use hookproof_contract::NotificationType;

use super::{Asks, Fault, crossing::FAULT};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    game::{self, Game, Order, Standing},
    right,
};

/// Those that are wrong one event after another.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "forgets-at-the-refund",
        completes: "forgets an order at its refund, and grants a repeat of it as new",
        caught_by: &["sequence-every-order", "sequence-random-purchases"],
        cause: Some("late-repeat-granted"),
        behaviour: || Behaviour { effects: forgetting_at_the_refund, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "late-payment-grants-again",
        completes: "grants an order again when its payment comes after it",
        caught_by: &["sequence-every-order"],
        cause: Some("grants-for-a-late-payment"),
        behaviour: || Behaviour { effects: again_for_a_late_payment, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "cancels-the-latest-order",
        completes: "takes back the user's latest order of an item, whichever is cancelled",
        caught_by: &["sequence-random-purchases"],
        cause: Some("cancels-another-order"),
        behaviour: || Behaviour { effects: back_from_the_latest, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "remembers-the-last-few",
        completes: "remembers the last four events only, and handles older repeats as new",
        caught_by: &["sequence-random-purchases"],
        cause: Some("memory-of-the-last-few"),
        behaviour: || Behaviour { effects: remembering_few, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "forgets-orders-after-fifty-events",
        completes: "remembers the last fifty events only, and grants an older order again",
        caught_by: &["idempotency-late-duplicates"],
        cause: Some("memory-with-a-bound"),
        behaviour: || Behaviour {
            effects: |game, event| remembering_fifty("order_paid", game, event),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "forgets-partial-refunds-after-fifty-events",
        completes: "remembers the last fifty events only, and counts an older partial refund again",
        caught_by: &["idempotency-late-duplicates"],
        cause: Some("memory-with-a-bound"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour {
            effects: |game, event| remembering_fifty("partial_refund", game, event),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "refuses-refunds-after-fifty-events",
        completes: "remembers the last fifty events only, and refuses a duplicate of an older refund",
        caught_by: &["idempotency-late-duplicates"],
        cause: Some("memory-with-a-bound"),
        behaviour: || Behaviour {
            effects: |game, event| remembering_fifty("refund", game, event),
            objects: refunded_already,
            ..Behaviour::default()
        },
        ..FAULT
    },
];

fn forgetting_at_the_refund(game: &mut Game, event: &Event) {
    if event.kind == "refund" {
        let id = event.transaction_id();
        let paid = game.orders.iter().filter(|(_, order)| id.is_some() && order.invoice == id);
        let forgotten: Vec<String> = paid.map(|(order, _)| format!("order_paid {order}")).collect();
        game.done.retain(|key| !forgotten.contains(key));
    }
    game::effects(game, event);
}

fn again_for_a_late_payment(game: &mut Game, event: &Event) {
    if event.kind == "payment" && !game.knows_payment(event) {
        for order in game.orders_paid_by(event) {
            for (sku, quantity) in &order.granted {
                game.grant(&order.user, sku, *quantity);
            }
        }
    }
    game::effects(game, event);
}

fn back_from_the_latest(game: &mut Game, event: &Event) {
    let known = event.id("/order/id").and_then(|id| game.orders.get(&id).cloned());
    let standing = known.filter(|order| event.kind == "order_canceled" && !order.canceled);
    let Some(order) = standing else { return game::effects(game, event) };
    let alike = |other: &&Order| {
        let same = |(sku, _): &(String, u64)| order.granted.iter().any(|(own, _)| own == sku);
        other.user == order.user && !other.canceled && other.granted.iter().any(same)
    };
    let latest = game.orders.values().rfind(alike);
    let latest = latest.map_or_else(Vec::new, |latest| latest.granted.clone());
    game::effects(game, event);
    for (sku, quantity) in &order.granted {
        game.grant(&order.user, sku, *quantity);
    }
    game.take_back(&order.user, &latest);
}

/// Events that one of the listeners remembers.
const FEW: usize = 4;

fn remembering_few(game: &mut Game, event: &Event) {
    if let Some(key) = right::key(event) {
        game.recent.push_back(key);
    }
    if game.recent.len() > FEW
        && let Some(oldest) = game.recent.pop_front()
    {
        game.done.remove(&oldest);
    }
    game::effects(game, event);
}

/// Events of all types that some of the listeners remember.
const FIFTY: usize = 50;

fn remembering_fifty(kind: &str, game: &mut Game, event: &Event) {
    if let Some(key) = right::key(event) {
        game.recent.push_back(key);
    }
    if game.recent.len() > FIFTY
        && let Some(oldest) = game.recent.pop_front()
        && oldest.split_once(' ').is_some_and(|(own, _)| own == kind)
    {
        game.done.remove(&oldest);
    }
    game::effects(game, event);
}

fn refunded_already(game: &Game, event: &Event) -> Result<(), Refusal> {
    let own = event.transaction_id().and_then(|id| game.transactions.get(&id));
    let refunded = own.is_some_and(|own| own.standing == Standing::Refunded);
    if event.kind == "refund" && refunded { Err(Refusal::Conflict) } else { Ok(()) }
}
