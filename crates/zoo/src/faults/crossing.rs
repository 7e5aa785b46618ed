//! Wrong listeners: events that cross.

use std::collections::BTreeMap;

use hookproof_contract::NotificationType;

use super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::{Behaviour, Race},
    event::Event,
    game::{self, Game, Order, Seen, Standing},
    right,
};

/// All of them are seen through the probe and cost money.
pub(super) const FAULT: Fault = Fault {
    slug: "",
    completes: "",
    severity: Severity::Money,
    level: Level::Probe,
    verdict: Verdict::Fail,
    caught_by: &[],
    cause: None,
    asks: Asks::STORE,
    behaviour: Behaviour::default,
};

/// Those that are wrong only while several events are being handled.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "loses-updates",
        completes: "reads how many of an item a user has, and writes back the sum a moment later",
        caught_by: &["orders-at-once"],
        cause: Some("lost-update"),
        behaviour: || racing("order_paid", |_, _| (), sums_of_what_it_saw),
        ..FAULT
    },
    Fault {
        slug: "writes-the-whole-inventory",
        completes: "writes back all that a user had when an order came, and its items",
        caught_by: &["orders-at-once"],
        cause: Some("lost-update"),
        behaviour: || racing("order_paid", |_, _| (), all_that_it_saw),
        ..FAULT
    },
    Fault {
        slug: "last-balance-wins",
        completes: "subtracts a cancelled order from a balance that it read before",
        caught_by: &["orders-cross-cancels"],
        cause: Some("lost-update"),
        behaviour: || racing("order_canceled", |_, _| (), what_is_left_of_what_it_saw),
        ..FAULT
    },
    Fault {
        slug: "one-user-variable",
        completes: "keeps the user of the order at hand where all requests keep it",
        caught_by: &["orders-of-two-users-at-once"],
        cause: Some("state-shared-by-requests"),
        behaviour: || racing("order_paid", noting_the_user, to_the_noted_user),
        ..FAULT
    },
    Fault {
        slug: "drops-orders-while-busy",
        completes: "drops an order while it works on another one of the same user",
        caught_by: &["orders-at-once"],
        cause: Some("order-dropped-while-busy"),
        behaviour: || racing("order_paid", noting_who_is_served, unless_somebody_was_served),
        ..FAULT
    },
    Fault {
        slug: "repeat-undoes-cancellation",
        completes: "writes an order back as paid that was cancelled while its repeat was handled",
        caught_by: &["sequence-repeats-cross-cancel"],
        cause: Some("cancellation-overwritten"),
        behaviour: || Behaviour {
            key: |event| right::key(event).filter(|_| event.kind != "order_paid"),
            ..racing("order_paid", |_, _| (), paid_as_it_saw_it)
        },
        ..FAULT
    },
    Fault {
        slug: "cancels-check-then-act",
        completes: "looks whether an order is cancelled, and takes its goods back a moment later",
        caught_by: &["refunds-cross-cancel"],
        cause: Some("taken-back-by-both"),
        behaviour: || Behaviour {
            key: |event| right::key(event).filter(|_| event.kind != "order_canceled"),
            ..racing("order_canceled", |_, _| (), back_unless_it_saw_that)
        },
        ..FAULT
    },
    Fault {
        slug: "refund-and-cancel-race",
        completes: "takes goods back at the refund and at the cancellation where both come at once",
        caught_by: &["refunds-cross-cancel"],
        cause: Some("taken-back-by-both"),
        behaviour: || Behaviour {
            race: Some(Race {
                on: |event| matches!(event.kind.as_str(), "refund" | "order_canceled"),
                read: noting_what_stands,
                write: back_for_either,
            }),
            effects: game::effects,
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "payment-grants-what-waits",
        completes: "grants an order that waits for its payment once for each of the two",
        caught_by: &["payments-cross-order"],
        cause: Some("granted-by-payment-and-order-at-once"),
        behaviour: || Behaviour {
            key: |event| right::key(event).filter(|_| event.kind != "payment"),
            race: Some(Race {
                on: |event| matches!(event.kind.as_str(), "payment" | "order_paid"),
                read: opening_the_order,
                write: granting_what_is_open,
            }),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "partial-refunds-lose-updates",
        completes: "reads the count of refunds, and writes back one more a moment later",
        verdict: Verdict::Warn,
        caught_by: &["refunds-partial-at-once"],
        cause: Some("refund-counts-race"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || racing("partial_refund", |_, _| (), one_more_than_it_saw),
        ..FAULT
    },
    Fault {
        slug: "partial-refunds-check-then-act",
        completes: "counts each copy of a partial refund that comes while the first is handled",
        caught_by: &["refunds-partial-at-once"],
        cause: Some("refund-counts-race"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour {
            key: |event| right::key(event).filter(|_| event.kind != "partial_refund"),
            ..racing("partial_refund", |_, _| (), unless_it_saw_the_same)
        },
        ..FAULT
    },
];

fn racing(
    kind: &'static str,
    read: fn(&mut Game, &Event),
    write: fn(&mut Game, &Event, &Seen),
) -> Behaviour {
    let on: fn(&Event) -> bool = match kind {
        "order_paid" => |event| event.kind == "order_paid",
        "order_canceled" => |event| event.kind == "order_canceled",
        _ => |event| event.kind == "partial_refund",
    };
    Behaviour { race: Some(Race { on, read, write }), ..Behaviour::default() }
}

fn buyer(event: &Event) -> String {
    event.user.clone().unwrap_or_default()
}

/// Adds to numbers as they were.
fn sums_of_what_it_saw(game: &mut Game, event: &Event, seen: &Seen) {
    for (sku, quantity) in game::lines(event) {
        let place = (buyer(event), sku);
        let held = seen.items.get(&place).copied().unwrap_or(0);
        game.items.insert(place, held.saturating_add(quantity));
    }
    remember(game, event);
}

/// Everything as it was, and the order's items.
fn all_that_it_saw(game: &mut Game, event: &Event, seen: &Seen) {
    let user = buyer(event);
    game.items.retain(|(owner, _), _| *owner != user);
    game.items.extend(seen.items.iter().map(|(place, held)| (place.clone(), *held)));
    game.grant_order(event, game::lines(event));
}

/// Notes an order whose items were granted already.
fn remember(game: &mut Game, event: &Event) {
    let granted = game::lines(event);
    game.grant_order(event, Vec::new());
    let order = event.id("/order/id").and_then(|id| game.orders.get_mut(&id));
    if let Some(order) = order {
        order.granted.clone_from(&granted);
    }
}

fn what_is_left_of_what_it_saw(game: &mut Game, event: &Event, seen: &Seen) {
    if let Some(order) = seen.order.as_ref().filter(|order| !order.canceled) {
        let mut left = BTreeMap::new();
        for (sku, quantity) in &order.granted {
            let place = (order.user.clone(), sku.clone());
            let held = seen.items.get(&place).copied().unwrap_or(0);
            left.insert(place, held.saturating_sub(*quantity));
        }
        game::effects(game, event);
        game.items.extend(left);
    } else {
        game::effects(game, event);
    }
}

const USER_NOTE: &str = "user at hand: ";

fn noting_the_user(game: &mut Game, event: &Event) {
    game.notes.retain(|note| !note.starts_with(USER_NOTE));
    game.notes.insert(format!("{USER_NOTE}{}", buyer(event)));
}

fn to_the_noted_user(game: &mut Game, event: &Event, _: &Seen) {
    let noted = game.notes.iter().find_map(|note| note.strip_prefix(USER_NOTE));
    let event = Event { user: noted.map(str::to_owned), ..event.clone() };
    game::effects(game, &event);
}

fn noting_who_is_served(game: &mut Game, event: &Event) {
    game.notes.insert(format!("serving {}", buyer(event)));
}

fn unless_somebody_was_served(game: &mut Game, event: &Event, seen: &Seen) {
    let note = format!("serving {}", buyer(event));
    if !seen.notes.contains(&note) {
        game.notes.remove(&note);
        game::effects(game, event);
    }
}

fn paid_as_it_saw_it(game: &mut Game, event: &Event, seen: &Seen) {
    let current = event.id("/order/id").and_then(|id| game.orders.get_mut(&id));
    match (&seen.order, current) {
        (None, None) => game::effects(game, event),
        (Some(Order { canceled: false, .. }), Some(current)) if current.canceled => {
            current.canceled = false;
            let current = current.clone();
            for (sku, quantity) in &current.granted {
                game.grant(&current.user, sku, *quantity);
            }
        }
        _ => (),
    }
}

fn back_unless_it_saw_that(game: &mut Game, event: &Event, seen: &Seen) {
    if let Some(order) = seen.order.as_ref().filter(|order| !order.canceled) {
        game.take_back(&order.user, &order.granted);
    }
    let order = event.id("/order/id").and_then(|id| game.orders.get_mut(&id));
    if let Some(order) = order {
        order.canceled = true;
    }
    if event.at("/billing").is_some() {
        game.refund(event, Standing::Refunded);
    }
}

fn noting_what_stands(game: &mut Game, event: &Event) {
    if event.kind == "refund" && game.orders_paid_by(event).iter().any(|order| !order.canceled) {
        game.notes.insert(format!("stood {}", event.transaction_id().unwrap_or_default()));
    }
}

/// Each looks whether the order stood when it came; both find so.
fn back_for_either(game: &mut Game, event: &Event, seen: &Seen) {
    if event.kind == "refund" {
        let id = event.transaction_id().unwrap_or_default();
        if game.notes.contains(&format!("stood {id}")) {
            for order in game.orders_paid_by(event) {
                game.take_back(&order.user, &order.granted);
            }
            game.notes.insert(format!("back {id}"));
        }
        return game::effects(game, event);
    }
    let invoice = seen.order.as_ref().and_then(|order| order.invoice.clone());
    if seen.notes.contains(&format!("back {}", invoice.unwrap_or_default())) {
        let order = event.id("/order/id").and_then(|id| game.orders.get_mut(&id));
        if let Some(order) = order {
            order.canceled = true;
        }
    }
    game::effects(game, event);
}

fn open_note(event: &Event) -> String {
    let invoice = event.id("/order/invoice_id").or_else(|| event.transaction_id());
    format!("open {}", invoice.unwrap_or_default())
}

fn opening_the_order(game: &mut Game, event: &Event) {
    if event.kind == "order_paid" && event.at("/billing").is_none() {
        game.notes.insert(open_note(event));
    }
}

fn granting_what_is_open(game: &mut Game, event: &Event, seen: &Seen) {
    game::effects(game, event);
    if event.kind == "order_paid" {
        game.notes.remove(&open_note(event));
    } else if seen.notes.contains(&open_note(event)) {
        for order in game.orders_paid_by(event) {
            for (sku, quantity) in &order.granted {
                game.grant(&order.user, sku, *quantity);
            }
        }
    }
}

fn one_more_than_it_saw(game: &mut Game, event: &Event, seen: &Seen) {
    game::effects(game, event);
    let paid = event.transaction_id().and_then(|id| game.transactions.get_mut(&id));
    if let (Some(paid), Some(before)) = (paid, &seen.transaction) {
        paid.refunds = before.refunds + 1;
    }
}

fn unless_it_saw_the_same(game: &mut Game, event: &Event, seen: &Seen) {
    let key = right::key(event).unwrap_or_default();
    if !seen.notes.contains(&key) {
        game.notes.insert(key);
        game::effects(game, event);
    }
}
