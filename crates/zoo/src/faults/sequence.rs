//! Wrong listeners: order of events, time (clauses `SEQ-*`, `TIME-*`).

use std::time::Duration;

use super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    game::{self, Game, Standing},
};

/// More than the three seconds within which an answer should come.
const TOO_LONG: Duration = Duration::from_millis(3_500);

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "order-canceled-unknown",
        completes: "refuses `order_canceled` as a type that it does not know",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-success-status"],
        cause: Some("type-not-handled"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                if event.kind == "order_canceled" { Err(Refusal::Parameter) } else { Ok(()) }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "separate-mode-only",
        completes: "refuses an order that carries its payment",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-success-status"],
        cause: Some("one-delivery-mode-only"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(event.at("/billing").is_none()),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "order-needs-its-payment",
        completes: "refuses a paid order whose payment did not come as an event of its own",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["sequence-whole-purchase"],
        cause: Some("one-delivery-mode-only"),
        asks: Asks::STORE,
        behaviour: || Behaviour { objects: without_its_payment, ..Behaviour::default() },
    },
    Fault {
        slug: "unknown-orders-crash",
        completes: "meets an exception in the cancellation of an order that it does not know",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["sequence-cancel-of-unknown-order"],
        cause: Some("missing-predecessor-throws"),
        asks: Asks::STORE,
        behaviour: || Behaviour { objects: crashing_on_orders, ..Behaviour::default() },
    },
    Fault {
        slug: "unknown-orders-taken-away",
        completes: "takes away what a cancellation lists although it never granted the order",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["sequence-cancel-of-unknown-order"],
        cause: Some("cancel-without-grant"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: taking_what_is_listed, ..Behaviour::default() },
    },
    Fault {
        slug: "unknown-payments-crash",
        completes: "meets an exception in the refund of a payment that it does not know",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["sequence-refund-of-unknown-payment"],
        cause: Some("missing-predecessor-throws"),
        asks: Asks::STORE,
        behaviour: || Behaviour { objects: crashing_on_payments, ..Behaviour::default() },
    },
    Fault {
        slug: "slow-cancellations",
        completes: "takes more than three seconds for a cancellation",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["time-within-three-seconds"],
        cause: Some("slow-answer"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            pause: |outcome| {
                if outcome.kind() == "order_canceled" { TOO_LONG } else { Duration::ZERO }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "forgets-canceled-orders",
        completes: "forgets an order when it is canceled, and grants it again",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["sequence-late-repeat"],
        cause: Some("late-repeat-granted"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: forgetting, ..Behaviour::default() },
    },
    Fault {
        slug: "grants-what-was-canceled-before",
        completes: "forgets the cancellation of an order that it does not know, and grants the order",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["sequence-order-after-cancel"],
        cause: Some("early-cancellation-forgotten"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: without_early_cancellations, ..Behaviour::default() },
    },
    Fault {
        slug: "grants-what-was-canceled-without-invoice",
        completes: "remembers an early cancellation by the payment that it carries",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["sequence-order-after-cancel"],
        cause: Some("early-cancellation-forgotten"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| {
                if event.at("/billing").is_some() {
                    game::effects(game, event);
                } else {
                    without_early_cancellations(game, event);
                }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "canceled-orders-crash",
        completes: "meets an exception in an order whose cancellation came first",
        severity: Severity::Robustness,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["sequence-order-after-cancel"],
        cause: Some("late-event-throws"),
        asks: Asks::STORE,
        behaviour: || Behaviour { objects: crashing_on_late_orders, ..Behaviour::default() },
    },
    Fault {
        slug: "late-payments-are-paid",
        completes: "forgets a refund that comes before its payment, and takes the payment for paid",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["sequence-payment-after-refund"],
        cause: Some("early-refund-forgotten"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: without_early_refunds, ..Behaviour::default() },
    },
    Fault {
        slug: "late-payments-crash",
        completes: "meets an exception in a payment whose refund came first",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["sequence-payment-after-refund"],
        cause: Some("late-event-throws"),
        asks: Asks::STORE,
        behaviour: || Behaviour { objects: crashing_on_late_payments, ..Behaviour::default() },
    },
    Fault {
        slug: "refuses-stray-payments",
        completes: "refuses the payment of an order that carried its payment",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["sequence-stray-payment"],
        cause: Some("stray-payment-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour { objects: to_stray_payments, ..Behaviour::default() },
    },
    Fault {
        slug: "grants-for-stray-payments",
        completes: "grants once more for the payment of an order that carried its payment",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["sequence-stray-payment"],
        cause: Some("grants-on-payment-and-order"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: again_for_strays, ..Behaviour::default() },
    },
];

fn without_its_payment(game: &Game, event: &Event) -> Result<(), Refusal> {
    let invoiced = event.kind == "order_paid" && event.at("/order/invoice_id").is_some();
    if invoiced && !game.knows_invoice(event) { Err(Refusal::Invoice) } else { Ok(()) }
}

fn crashing_on_orders(game: &Game, event: &Event) -> Result<(), Refusal> {
    let unknown = event.kind == "order_canceled" && !game.knows_order(event);
    if unknown { Err(Refusal::Crash) } else { Ok(()) }
}

fn taking_what_is_listed(game: &mut Game, event: &Event) {
    if event.kind == "order_canceled" && !game.knows_order(event) {
        game.take_back(event.user.as_deref().unwrap_or_default(), &game::lines(event));
    }
    game::effects(game, event);
}

fn crashing_on_payments(game: &Game, event: &Event) -> Result<(), Refusal> {
    let unknown = event.kind == "refund" && !game.knows_payment(event);
    if unknown { Err(Refusal::Crash) } else { Ok(()) }
}

fn forgetting(game: &mut Game, event: &Event) {
    game::effects(game, event);
    if let (Some(id), "order_canceled") = (event.id("/order/id"), event.kind.as_str()) {
        game.orders.remove(&id);
        game.done.remove(&format!("order_paid {id}"));
    }
}

fn without_early_cancellations(game: &mut Game, event: &Event) {
    game::effects(game, event);
    game.canceled_early.clear();
}

fn crashing_on_late_orders(game: &Game, event: &Event) -> Result<(), Refusal> {
    let id = event.id("/order/id").unwrap_or_default();
    let late = event.kind == "order_paid" && game.canceled_early.contains(&id);
    if late { Err(Refusal::Crash) } else { Ok(()) }
}

fn without_early_refunds(game: &mut Game, event: &Event) {
    if event.kind != "refund" || game.knows_payment(event) {
        game::effects(game, event);
    }
}

fn crashing_on_late_payments(game: &Game, event: &Event) -> Result<(), Refusal> {
    let own = event.transaction_id().and_then(|id| game.transactions.get(&id));
    let refunded = own.is_some_and(|own| own.standing == Standing::Refunded);
    if event.kind == "payment" && refunded { Err(Refusal::Crash) } else { Ok(()) }
}

fn to_stray_payments(game: &Game, event: &Event) -> Result<(), Refusal> {
    let stray = event.kind == "payment" && !game.orders_paid_by(event).is_empty();
    if stray { Err(Refusal::Conflict) } else { Ok(()) }
}

fn again_for_strays(game: &mut Game, event: &Event) {
    if event.kind == "payment" {
        for order in game.orders_paid_by(event) {
            for (sku, quantity) in &order.granted {
                game.grant(&order.user, sku, *quantity);
            }
        }
    }
    game::effects(game, event);
}
