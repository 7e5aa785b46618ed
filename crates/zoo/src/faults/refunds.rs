//! Wrong listeners: refunds, disputes, blocklists (clauses `REFUND-*`).

use hookproof_contract::{Mode, NotificationType};
use serde_json::Value;

use super::{Asks, Fault, Level, Severity, Verdict, unless};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    game::{self, Game, Standing},
    right,
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "ignores-refunds",
        completes: "acknowledges refunds and does nothing",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-take-effect"],
        cause: Some("refund-ignored"),
        asks: Asks::STORE,
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
        cause: Some("closed-sets"),
        asks: Asks::STORE,
        behaviour: || Behaviour { vet: known_reason, ..Behaviour::default() },
    },
    Fault {
        slug: "takes-back-twice",
        completes: "takes goods back for the refund and once more for the cancellation",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-and-cancel-take-back-once"],
        cause: Some("revoked-twice"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| back_for("refund", game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refunds-all-of-the-user",
        completes: "marks every payment of the user as refunded",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-own-transaction-only"],
        cause: Some("refund-of-other-payments"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| all_refunded(&["refund"], game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "combined-cancel-refunds-all",
        completes: "marks every payment of the user as refunded when a combined order is cancelled",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-own-transaction-only"],
        cause: Some("refund-of-other-payments"),
        asks: Asks::STORE.in_modes(&[Mode::Combined]),
        behaviour: || Behaviour {
            effects: |game, event| all_refunded(&["order_canceled"], game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refunds-the-latest-payment",
        completes: "looks for the payment of a refund by its user, and takes the latest",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-own-transaction-only"],
        cause: Some("refund-of-other-payments"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| latest_refunded("refund", game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "partial-refunds-of-the-latest-payment",
        completes: "looks for the payment of a partial refund by its user, and takes the latest",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-own-transaction-only"],
        cause: Some("refund-of-other-payments"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour {
            effects: |game, event| latest_refunded("partial_refund", game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "counts-each-delivery-of-a-refund",
        completes: "counts a refund again when it is delivered again",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-repeat-once"],
        cause: Some("refund-counted-twice"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            key: not_for_refunds,
            effects: counting_each_refund,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refuses-a-second-refund",
        completes: "refuses a refund of a payment that is refunded already",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["refunds-repeat-once"],
        cause: Some("repeat-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            key: not_for_refunds,
            objects: to_a_second_refund,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "one-partial-refund-at-most",
        completes: "refuses the second partial refund of a transaction",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["refunds-partial-accepted"],
        cause: Some("partial-refunds-collide"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour { objects: to_a_second_one, ..Behaviour::default() },
    },
    Fault {
        slug: "partial-refund-unknown",
        completes: "refuses `partial_refund` as a type that it does not know",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["refunds-partial-accepted"],
        cause: Some("type-not-handled"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(event.kind != "partial_refund"),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "partial-refunds-by-transaction",
        completes: "takes the second partial refund of a transaction for a repeat",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["refunds-partial-count"],
        cause: Some("partial-refunds-collide"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour { key: of_the_transaction_only, ..Behaviour::default() },
    },
    Fault {
        slug: "partial-refund-takes-goods",
        completes: "takes the goods back for a part of their price",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["refunds-partial-keeps-goods"],
        cause: Some("partial-refund-takes-goods"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour {
            effects: |game, event| back_for("partial_refund", game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refunded-amounts-must-be-numbers",
        completes: "refuses a refund whose amounts are texts",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["refunds-amounts-as-text"],
        cause: Some("amounts-in-one-form"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(numbers_only(event, "amount")),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refunded-percents-must-be-numbers",
        completes: "refuses a refund whose percents are texts",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["refunds-amounts-as-text"],
        cause: Some("amounts-in-one-form"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(numbers_only(event, "percent")),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "disputes-only-begin",
        completes: "refuses a dispute whose action is not `adding`",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["refunds-dispute-forms"],
        cause: Some("dispute-too-strict"),
        asks: Asks::also(&[NotificationType::Dispute]),
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(event.kind != "dispute" || says(event, "/action", &["adding"]))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "dispute-wants-its-country",
        completes: "refuses a dispute whose country stands in the user",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["refunds-dispute-forms"],
        cause: Some("dispute-too-strict"),
        asks: Asks::also(&[NotificationType::Dispute]),
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(
                    event.kind != "dispute" || event.at("/transaction/country_code").is_some(),
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "dispute-statuses-by-heart",
        completes: "refuses a dispute with a status that is not on its list",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["refunds-dispute-forms"],
        cause: Some("dispute-too-strict"),
        asks: Asks::also(&[NotificationType::Dispute]),
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(event.kind != "dispute" || says(event, "/dispute/status", STATUSES))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "blocklist-wants-a-user",
        completes: "refuses news of the blocklist that names no user",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["refunds-blocklist-forms"],
        cause: Some("blocklist-user-required"),
        asks: Asks::also(&[NotificationType::AfsBlackList]),
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(event.kind != "afs_black_list" || event.at("/user").is_some())
            },
            ..Behaviour::default()
        },
    },
];

/// The highest reason code that was published before 2026.
const REASON_CODE_MAX: u64 = 13;
/// What one of the listeners expects of a dispute.
const STATUSES: &[&str] = &["new", "accepted"];

fn known_reason(event: &Event) -> Result<(), Refusal> {
    let code = event.id("/refund_details/code").and_then(|code| code.parse::<u64>().ok());
    Refusal::unless(code.is_none_or(|code| code <= REASON_CODE_MAX))
}

/// The right effects, and what was bought is taken back at this type already.
fn back_for(kind: &str, game: &mut Game, event: &Event) {
    if event.kind == kind {
        for order in game.orders_paid_by(event) {
            game.take_back(&order.user, &order.granted);
        }
    }
    game::effects(game, event);
}

/// The right effects, and these types refund every payment of their user.
fn all_refunded(kinds: &[&str], game: &mut Game, event: &Event) {
    game::effects(game, event);
    if kinds.contains(&event.kind.as_str()) {
        let own = game.transactions.values_mut().filter(|paid| paid.user == event.user);
        for paid in own.filter(|paid| paid.standing == Standing::Paid) {
            paid.standing = Standing::Refunded;
            paid.refunds += 1;
        }
    }
}

/// The right effects, but a refund counts for the last payment of its user, which is kept in a note.
fn latest_refunded(kind: &str, game: &mut Game, event: &Event) {
    let note = format!("last payment of {} ", event.user.as_deref().unwrap_or_default());
    let mut event = event.clone();
    if matches!(event.kind.as_str(), "payment" | "order_paid") {
        if let Some(id) = event.transaction_id() {
            game.notes.retain(|known| !known.starts_with(&note));
            game.notes.insert(format!("{note}{id}"));
        }
    } else if event.kind == kind {
        let last = game.notes.iter().find_map(|known| known.strip_prefix(&note));
        if let Some(id) = last {
            event.json["transaction"]["id"] = id.into();
        }
    }
    game::effects(game, &event);
}

fn not_for_refunds(event: &Event) -> Option<String> {
    if event.kind == "refund" { None } else { right::key(event) }
}

fn counting_each_refund(game: &mut Game, event: &Event) {
    let own = event.transaction_id().and_then(|id| game.transactions.get_mut(&id));
    match own.filter(|own| event.kind == "refund" && own.standing == Standing::Refunded) {
        Some(refunded) => refunded.refunds += 1,
        None => game::effects(game, event),
    }
}

fn to_a_second_refund(game: &Game, event: &Event) -> Result<(), Refusal> {
    let own = event.transaction_id().and_then(|id| game.transactions.get(&id));
    let refunded = own.is_some_and(|own| own.standing == Standing::Refunded);
    if event.kind == "refund" && refunded { Err(Refusal::Conflict) } else { Ok(()) }
}

fn says(event: &Event, pointer: &str, known: &[&str]) -> bool {
    event.at(pointer).and_then(Value::as_str).is_some_and(|text| known.contains(&text))
}

fn to_a_second_one(game: &Game, event: &Event) -> Result<(), Refusal> {
    let Some(id) = event.id("/transaction/id") else { return Ok(()) };
    let beginning = format!("partial_refund {id} ");
    let second = game.done.iter().any(|key| key.starts_with(&beginning));
    if second && event.kind == "partial_refund" { Err(Refusal::Conflict) } else { Ok(()) }
}

fn of_the_transaction_only(event: &Event) -> Option<String> {
    if event.kind != "partial_refund" {
        return right::key(event);
    }
    event.id("/transaction/id").map(|id| format!("{} {id}", event.kind))
}

/// Are all members of that name in the sums of a refund numbers?
fn numbers_only(event: &Event, member: &str) -> bool {
    let refund = matches!(event.kind.as_str(), "refund" | "partial_refund");
    let places = ["/payment_details", "/purchase"].into_iter().filter_map(|at| event.at(at));
    let mut sums = places.filter_map(Value::as_object).flatten();
    !refund || sums.all(|(_, sum)| !sum[member].is_string())
}
