//! Wrong listeners: orders, payments and refunds (clauses `ORDER-*`, `PAYMENT-*`, `REFUND-*`).

use super::{Fault, Level, Severity, Verdict};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    game::{self, Game, Order},
};

/// The wrong listeners of this topic.
pub(super) const FAULTS: &[Fault] = &[
    Fault {
        slug: "grants-one-of-each",
        completes: "grants one of each item, whatever its quantity",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-granted"],
        cause: None,
        behaviour: || Behaviour {
            effects: |game, event| {
                granting(game, event, |lines| lines.iter_mut().for_each(|line| line.1 = 1));
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "grants-the-first-item-only",
        completes: "grants the first item of an order and no other",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-granted"],
        cause: None,
        behaviour: || Behaviour {
            effects: |game, event| granting(game, event, |lines| lines.truncate(1)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "grants-nothing",
        completes: "acknowledges orders and grants nothing",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-granted"],
        cause: None,
        behaviour: || Behaviour {
            effects: |game, event| granting(game, event, Vec::clear),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "needs-an-invoice",
        completes: "refuses an order without an invoice",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["orders-without-invoice"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| {
                if event.is_order() && event.at("/order/invoice_id").is_none() {
                    Err(Refusal::Parameter)
                } else {
                    Ok(())
                }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "drops-orders-without-invoice",
        completes: "acknowledges an order without an invoice and grants nothing",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-without-invoice"],
        cause: None,
        behaviour: || Behaviour {
            effects: |game, event| {
                granting(game, event, |lines| {
                    if event.at("/order/invoice_id").is_none() {
                        lines.clear();
                    }
                });
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "ignores-cancellations",
        completes: "acknowledges cancellations and takes nothing back",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-cancel-takes-back"],
        cause: None,
        behaviour: || Behaviour {
            effects: |game, event| unless("order_canceled", game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "grants-for-payment-and-order",
        completes: "grants for the payment and once more for its order",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["payments-and-order-grant-once"],
        cause: None,
        behaviour: || Behaviour { effects: twice_if_paid, ..Behaviour::default() },
    },
    Fault {
        slug: "ignores-refunds",
        completes: "acknowledges refunds and does nothing",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-take-effect"],
        cause: None,
        behaviour: || Behaviour {
            effects: |game, event| unless("refund", game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refund-reasons-by-heart",
        completes: "refuses a refund for a reason that is not on its list",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["refunds-any-reason-code"],
        cause: None,
        behaviour: || Behaviour { vet: known_reason, ..Behaviour::default() },
    },
    Fault {
        slug: "takes-back-twice",
        completes: "takes goods back for the refund and once more for the cancellation",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-and-cancel-take-back-once"],
        cause: None,
        behaviour: || Behaviour { effects: back_for_the_refund_too, ..Behaviour::default() },
    },
];

/// The highest reason code that was published before 2026.
const REASON_CODE_MAX: u64 = 13;

/// The right effects, but for the lines that an order grants.
fn granting(game: &mut Game, event: &Event, change: impl FnOnce(&mut Vec<(String, u64)>)) {
    if event.kind != "order_paid" {
        return game::effects(game, event);
    }
    let mut lines = game::lines(event);
    change(&mut lines);
    game.grant_order(event, lines);
}

/// The right effects of all types but one.
fn unless(kind: &str, game: &mut Game, event: &Event) {
    if event.kind != kind {
        game::effects(game, event);
    }
}

fn twice_if_paid(game: &mut Game, event: &Event) {
    let paid = game.knows_invoice(event);
    granting(game, event, |lines| {
        if paid {
            lines.extend_from_within(..);
        }
    });
}

fn known_reason(event: &Event) -> Result<(), Refusal> {
    let code = event.id("/refund_details/code").and_then(|code| code.parse::<u64>().ok());
    let known = code.is_none_or(|code| code <= REASON_CODE_MAX);
    if known { Ok(()) } else { Err(Refusal::Parameter) }
}

fn back_for_the_refund_too(game: &mut Game, event: &Event) {
    if event.kind == "refund" {
        let paid_by =
            |order: &&Order| order.invoice.is_some() && order.invoice == event.transaction_id();
        let refunded: Vec<Order> = game.orders.values().filter(paid_by).cloned().collect();
        for order in refunded {
            game.take_back(&order.user, &order.granted);
        }
    }
    game::effects(game, event);
}
