//! Listeners that are odd in how they take events that come early, late or at once.

use std::time::Duration;

use super::Odd;
use crate::{
    behaviour::{Behaviour, Dedupe, Refusal},
    event::Event,
    faults::Asks,
    game::{self, Game},
    right,
};

/// The odd ones of this kind.
pub(super) static ODDS: &[Odd] = &[
    Odd {
        slug: "refuses-early-events",
        completes: "refuses with 4xx what comes before its predecessor",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            objects: |game, event| {
                if is_early(game, event) { Err(Refusal::Invoice) } else { Ok(()) }
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "later-until-the-predecessor-came",
        completes: "answers 503 to what comes before its predecessor, and takes the repeat",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            objects: |game, event| if is_early(game, event) { Err(Refusal::Busy) } else { Ok(()) },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "keeps-early-events",
        completes: "keeps what comes before its predecessor, and handles it after that",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { effects: keeping_early_events, ..Behaviour::default() },
    },
    Odd {
        slug: "one-event-at-a-time",
        completes: "handles one event after another, each in 20 ms",
        asks: Asks::STORE,
        behaviour: || Behaviour {
            one_at_a_time: true,
            pause: |outcome| if outcome.event.is_some() { SLOW } else { Duration::ZERO },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "copies-come-back-later",
        completes: "answers 503 to a copy while it works on the first",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            dedupe: Dedupe::RefuseWhileBusy,
            render: |_, outcome| match outcome.result {
                Err(Refusal::Conflict) => right::rendered(Err(Refusal::Busy)),
                _ => right::answered(outcome),
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "two-processes",
        completes: "is served by two processes that share one game",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour::default().on_replicas(2),
    },
    Odd {
        slug: "effects-in-their-order",
        completes: "answers first, and handles its queue 40 ms later in the order of its coming",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { effects_after: QUEUE, ..Behaviour::default() },
    },
];

/// How long one of the listeners takes for each event.
const SLOW: Duration = Duration::from_millis(20);
/// How late one of the listeners comes to what it was told.
const QUEUE: Duration = Duration::from_millis(40);

/// Does the event come before the one that it follows?
fn is_early(game: &Game, event: &Event) -> bool {
    let separate = event.at("/billing").is_none();
    match event.kind.as_str() {
        "order_paid" => {
            separate && event.at("/order/invoice_id").is_some() && !game.knows_invoice(event)
        }
        "refund" => !game.knows_payment(event),
        "order_canceled" => !game.knows_order(event),
        _ => false,
    }
}

fn keeping_early_events(game: &mut Game, event: &Event) {
    if is_early(game, event) {
        game.kept.push(event.clone());
        return;
    }
    game::effects(game, event);
    while let Some(place) = game.kept.iter().position(|kept| !is_early(game, kept)) {
        let kept = game.kept.remove(place);
        game::effects(game, &kept);
    }
}
