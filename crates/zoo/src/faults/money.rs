//! Wrong listeners: whose goods, how many, and which purchase (clauses `ORDER-*`, `IDEM-*`, `REFUND-07`).

use hookproof_contract::NotificationType;

use super::{Asks, Fault, Level, Severity, Verdict, granting};
use crate::{
    behaviour::Behaviour,
    event::Event,
    game::{self, Game, Standing},
    right,
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "one-space-of-ids",
        completes: "knows events by a bare number, be it an order's or a transaction's",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-across-kinds-of-ids"],
        cause: Some("one-space-of-ids"),
        asks: Asks::STORE,
        behaviour: || Behaviour { key: in_one_space, ..Behaviour::default() },
    },
    Fault {
        slug: "bars-what-was-canceled",
        completes: "does not grant an item again to whom it was taken back from",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-again-after-cancel"],
        cause: Some("barred-after-cancel"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: barring, ..Behaviour::default() },
    },
    Fault {
        slug: "a-late-payment-is-paid",
        completes: "takes a payment that comes again after its refund for paid",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-late-payment"],
        cause: Some("late-payment-undoes-refund"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            key: not_for_payments,
            effects: paid_again,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "grants-to-the-last-payer",
        completes: "grants an order to whoever was told of last",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-right-user"],
        cause: Some("user-of-another-request"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: to_the_last_payer, ..Behaviour::default() },
    },
    Fault {
        slug: "quantities-in-8-bits",
        completes: "keeps quantities in 8 bits",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-large-quantities"],
        cause: Some("quantity-too-narrow"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| cut(game, event, 1 << 8),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "quantities-in-16-bits",
        completes: "keeps quantities in 16 bits",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["orders-large-quantities"],
        cause: Some("quantity-too-narrow"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| cut(game, event, 1 << 16),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "cancels-all-without-invoice",
        completes: "cancels every order of the invoice of an order, of no invoice too",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-cancel-without-invoice"],
        cause: Some("canceled-by-invoice"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: by_invoice, ..Behaviour::default() },
    },
    Fault {
        slug: "keeps-orders-without-invoice",
        completes: "finds nothing to cancel where an order has no invoice",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-cancel-without-invoice"],
        cause: Some("canceled-by-invoice"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: with_invoice_only, ..Behaviour::default() },
    },
    Fault {
        slug: "partial-refunds-by-amount",
        completes: "takes a second partial refund of the same amount for a repeat",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["refunds-partial-equal-amounts"],
        cause: Some("partial-refunds-by-amount"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour { key: parts_by_amount, ..Behaviour::default() },
    },
];

fn in_one_space(event: &Event) -> Option<String> {
    let id = if event.is_order() { event.id("/order/id") } else { event.transaction_id() };
    let way = if matches!(event.kind.as_str(), "payment" | "order_paid") { "in" } else { "out" };
    match event.kind.as_str() {
        "payment" | "refund" | "order_paid" | "order_canceled" => {
            // A combined order brings its transaction with it, under whose number it is known as well.
            let inside = event.at("/billing").and_then(|_| event.transaction_id());
            Some(format!("{way} {}", inside.or(id)?))
        }
        _ => right::key(event),
    }
}

fn barring(game: &mut Game, event: &Event) {
    let user = event.user.clone().unwrap_or_default();
    let note = |sku: &str| format!("barred {user} {sku}");
    if event.kind == "order_canceled" {
        for (sku, _) in game::lines(event) {
            game.notes.insert(note(&sku));
        }
    }
    let barred: Vec<_> = game::lines(event).into_iter().map(|(sku, _)| note(&sku)).collect();
    let barred = barred.iter().any(|note| game.notes.contains(note));
    if event.kind == "order_paid" && barred {
        return game.grant_order(event, Vec::new());
    }
    game::effects(game, event);
}

fn not_for_payments(event: &Event) -> Option<String> {
    if event.kind == "payment" { None } else { right::key(event) }
}

fn paid_again(game: &mut Game, event: &Event) {
    game::effects(game, event);
    let own = event.transaction_id().and_then(|id| game.transactions.get_mut(&id));
    if let Some(paid) = own.filter(|_| event.kind == "payment") {
        paid.standing = Standing::Paid;
    }
}

/// Keeps the last payer in a note, and gives an order that comes without its payment to that one.
fn to_the_last_payer(game: &mut Game, event: &Event) {
    const NOTE: &str = "payer ";
    if event.kind == "payment" {
        game.notes.retain(|note| !note.starts_with(NOTE));
        game.notes.extend(event.user.as_ref().map(|user| format!("{NOTE}{user}")));
    }
    let mut event = event.clone();
    let separate = event.kind == "order_paid" && event.at("/billing").is_none();
    let payer = game.notes.iter().find_map(|note| note.strip_prefix(NOTE)).map(str::to_owned);
    if let Some(payer) = payer.filter(|_| separate) {
        event.user = Some(payer);
    }
    game::effects(game, &event);
}

fn cut(game: &mut Game, event: &Event, beyond: u64) {
    granting(game, event, |lines| lines.iter_mut().for_each(|(_, quantity)| *quantity %= beyond));
}

fn by_invoice(game: &mut Game, event: &Event) {
    let invoice = event.transaction_id().or_else(|| event.id("/order/invoice_id"));
    game::effects(game, event);
    if event.kind == "order_canceled" {
        let user = event.user.clone().unwrap_or_default();
        let alike = |order: &&mut game::Order| {
            !order.canceled && order.invoice == invoice && order.user == user
        };
        let mut all = Vec::new();
        for order in game.orders.values_mut().filter(alike) {
            order.canceled = true;
            all.push(order.clone());
        }
        for order in &all {
            game.take_back(&order.user, &order.granted);
        }
    }
}

fn with_invoice_only(game: &mut Game, event: &Event) {
    let invoice = event.transaction_id().or_else(|| event.id("/order/invoice_id"));
    if event.kind != "order_canceled" || invoice.is_some() {
        game::effects(game, event);
    }
}

fn parts_by_amount(event: &Event) -> Option<String> {
    if event.kind != "partial_refund" {
        return right::key(event);
    }
    let told = [event.id("/transaction/id"), event.amount("/payment_details/payment/amount")];
    Some(told.map(Option::unwrap_or_default).join(" part "))
}
