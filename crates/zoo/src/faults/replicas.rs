//! Wrong listeners: several processes serve one game, and each believes that it is alone.

use super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::{Behaviour, Race},
    event::Event,
    game::{self, Game, Seen},
    right,
};

/// Processes that serve one game.
const REPLICAS: usize = 2;

/// All of them are seen through the probe, at two addresses.
const FAULT: Fault = Fault {
    slug: "",
    completes: "",
    severity: Severity::Money,
    level: Level::Probe,
    verdict: Verdict::Fail,
    caught_by: &[],
    cause: Some("memory-per-process"),
    asks: Asks::STORE,
    behaviour: Behaviour::default,
};

/// The wrong listeners of this kind.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "dedupe-per-process",
        completes: "remembers in each of its processes what that one was told",
        caught_by: &[
            "idempotency-repeat-on-another-replica",
            "idempotency-copies-on-all-replicas",
            "sequence-spread-over-replicas",
        ],
        behaviour: || Behaviour { key: of_the_process, ..two() },
        ..FAULT
    },
    Fault {
        slug: "orders-per-process",
        completes: "takes back only what the same process granted",
        caught_by: &["orders-cancel-on-another-replica", "sequence-spread-over-replicas"],
        behaviour: || Behaviour { effects: back_where_it_was_granted, ..two() },
        ..FAULT
    },
    Fault {
        slug: "lock-per-process",
        completes: "keeps copies apart within a process and not between two",
        caught_by: &["idempotency-copies-on-all-replicas"],
        behaviour: || Behaviour {
            key: |event| right::key(event).filter(|_| event.kind != "order_paid"),
            race: Some(Race {
                on: |event| event.kind == "order_paid",
                read: noting_the_process,
                write: unless_it_was_known,
            }),
            ..two()
        },
        ..FAULT
    },
    Fault {
        slug: "cancellations-per-process",
        completes: "takes an order back once in each of its processes",
        caught_by: &["orders-cancel-on-another-replica"],
        behaviour: || Behaviour {
            key: |event| {
                if event.kind == "order_canceled" {
                    of_the_process(event)
                } else {
                    right::key(event)
                }
            },
            effects: back_again,
            ..two()
        },
        ..FAULT
    },
];

fn two() -> Behaviour {
    Behaviour::default().on_replicas(REPLICAS)
}

fn of_the_process(event: &Event) -> Option<String> {
    right::key(event).map(|key| format!("{key} at {}", event.replica))
}

fn back_where_it_was_granted(game: &mut Game, event: &Event) {
    let note = |replica: usize| {
        format!("granted {} at {replica}", event.id("/order/id").unwrap_or_default())
    };
    match event.kind.as_str() {
        "order_paid" => game.notes.extend([note(event.replica)]),
        "order_canceled" if !game.notes.contains(&note(event.replica)) => return,
        _ => (),
    }
    game::effects(game, event);
}

fn noting_the_process(game: &mut Game, event: &Event) {
    game.notes.extend(of_the_process(event));
}

/// Two processes that looked at the same moment both found nothing.
fn unless_it_was_known(game: &mut Game, event: &Event, seen: &Seen) {
    let known = of_the_process(event).is_some_and(|key| seen.notes.contains(&key));
    if seen.order.is_none() && !known {
        game::effects(game, event);
    }
}

fn back_again(game: &mut Game, event: &Event) {
    if event.kind == "order_canceled" {
        let order = event.id("/order/id").and_then(|id| game.orders.get_mut(&id));
        if let Some(order) = order {
            order.canceled = false;
        }
    }
    game::effects(game, event);
}
