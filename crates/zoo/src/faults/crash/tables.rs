//! Wrong listeners: one kind of state, or one kind of key, lives in memory and is gone after a restart.

use hookproof_contract::NotificationType;

use super::super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::Behaviour,
    game::{Game, Standing},
    process::Persist,
    subscriptions::State,
};

const CHECK: &[&str] = &["idempotency-state-survives-kill"];

/// All of them are seen across a restart and cost money.
const FAULT: Fault = Fault {
    slug: "",
    completes: "",
    severity: Severity::Money,
    level: Level::Spawn,
    verdict: Verdict::Fail,
    caught_by: CHECK,
    cause: Some("state-in-memory"),
    asks: Asks::STORE,
    behaviour: Behaviour::default,
};

/// The wrong listeners of this kind.
pub(in crate::faults) static TABLES: &[Fault] = &[
    Fault {
        slug: "subscriptions-in-memory",
        completes: "keeps its subscriptions in memory",
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || {
            Behaviour::keeping(
                const { &Persist { restarted: |game| game.subscriptions.clear(), ..Persist::RIGHT } },
            )
        },
        ..FAULT
    },
    Fault {
        slug: "canceled-subscriptions-in-memory",
        completes: "keeps in memory that a subscription was cancelled",
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || {
            Behaviour::keeping(
                const { &Persist { restarted: all_subscriptions_active, ..Persist::RIGHT } },
            )
        },
        ..FAULT
    },
    Fault {
        slug: "next-charges-in-memory",
        completes: "keeps in memory when a subscription is charged next",
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || {
            Behaviour::keeping(
                const {
                    &Persist {
                        restarted: |game| {
                            for own in game.subscriptions.values_mut() {
                                own.next_charge = None;
                            }
                        },
                        ..Persist::RIGHT
                    }
                },
            )
        },
        ..FAULT
    },
    Fault {
        slug: "payments-in-memory",
        completes: "keeps its payments in memory",
        behaviour: || {
            Behaviour::keeping(
                const { &Persist { restarted: |game| game.transactions.clear(), ..Persist::RIGHT } },
            )
        },
        ..FAULT
    },
    Fault {
        slug: "refunds-in-memory",
        completes: "keeps in memory that a payment was refunded",
        behaviour: || {
            Behaviour::keeping(const { &Persist { restarted: nothing_refunded, ..Persist::RIGHT } })
        },
        ..FAULT
    },
    Fault {
        slug: "keys-of-partial-refunds-in-memory",
        completes: "keeps the keys of partial refunds in memory, and counts their duplicates after a restart",
        cause: Some("keys-in-memory"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || {
            Behaviour::keeping(
                const {
                    &Persist {
                        restarted: |game| forget_keys(game, "partial_refund "),
                        ..Persist::RIGHT
                    }
                },
            )
        },
        ..FAULT
    },
    Fault {
        slug: "cancellations-in-memory",
        completes: "keeps in memory which orders it cancelled, and takes back again after a restart",
        cause: Some("keys-in-memory"),
        behaviour: || {
            Behaviour::keeping(
                const { &Persist { restarted: cancellations_forgotten, ..Persist::RIGHT } },
            )
        },
        ..FAULT
    },
];

fn all_subscriptions_active(game: &mut Game) {
    for own in game.subscriptions.values_mut() {
        own.state = State::Active;
    }
}

fn nothing_refunded(game: &mut Game) {
    for paid in game.transactions.values_mut().filter(|paid| paid.standing == Standing::Refunded) {
        (paid.standing, paid.refunds) = (Standing::Paid, 0);
    }
}

fn forget_keys(game: &mut Game, of: &str) {
    game.done.retain(|key| !key.starts_with(of));
}

fn cancellations_forgotten(game: &mut Game) {
    forget_keys(game, "order_canceled ");
    for order in game.orders.values_mut() {
        order.canceled = false;
    }
}
