//! Listeners that cannot hold what a payload may hold.

use serde_json::Value;

use super::{items, wants};
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    event::Event,
    faults::{Asks, Fault, Level, Severity, Verdict, if_refused},
    right,
    wire::{Answer, Delivery},
};

/// The wrong listeners of this kind.
pub(in crate::faults) static LIMITS: &[Fault] = &[
    Fault {
        slug: "ids-as-int32",
        completes: "keeps transaction ids in 32 bits",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-ids-beyond-32-bits"],
        cause: Some("ids-as-int32"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                wants(event, event.transaction_id().is_none_or(|id| id.parse::<i32>().is_ok()))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "ids-as-floats",
        completes: "keeps ids as floating-point numbers, so that neighbours beyond 2^53 are one",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["payloads-ids-beyond-53-bits"],
        cause: Some("ids-as-floats"),
        asks: Asks::STORE,
        behaviour: || Behaviour { key: rounded_key, ..Behaviour::default() },
    },
    Fault {
        slug: "amounts-must-be-numbers",
        completes: "refuses amounts of a refund that come as text",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["refunds-amounts-as-text"],
        cause: Some("amounts-in-one-form"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| wants(event, amounts_are_numbers(event)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "amounts-with-a-fraction-only",
        completes: "refuses a `payment` whose amount is written as a whole number",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-amount-forms"],
        cause: Some("amounts-in-one-form"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                let amount = event.at("/payment_details/payment/amount");
                let whole = amount.is_some_and(Value::is_u64);
                wants(event, event.kind != "payment" || !whole)
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "two-decimals-at-most",
        completes: "refuses a `payment` with an amount of three decimals",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-amount-forms"],
        cause: Some("amounts-in-one-form"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                let amount = event.text("/payment_details/payment/amount").unwrap_or_default();
                let decimals = amount.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                wants(event, event.kind != "payment" || decimals <= DECIMALS_MAX)
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "escapes-not-decoded",
        completes: "does not decode the escapes in a text",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-escapes"],
        cause: Some("escapes-not-decoded"),
        asks: Asks::STORE,
        behaviour: || Behaviour { text: with_escapes_kept, ..Behaviour::default() },
    },
    Fault {
        slug: "deep-nesting-crashes",
        completes: "meets an exception in deeply nested JSON",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-hostile"],
        cause: Some("exception-in-hostile-body"),
        asks: Asks::STORE,
        behaviour: || Behaviour { render: not_too_deep, ..Behaviour::default() },
    },
    Fault {
        slug: "nul-crashes",
        completes: "meets an exception in a text that contains NUL",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-hostile"],
        cause: Some("exception-in-hostile-body"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| if has_nul(&event.json) { Err(Refusal::Crash) } else { Ok(()) },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "unknown-types-crash",
        completes: "meets an exception in a type that it does not know",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-unknown-type"],
        cause: Some("unknown-type-throws"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                if event.published().is_none() && !event.web_shop {
                    Err(Refusal::Crash)
                } else {
                    Ok(())
                }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "fifty-items-at-most",
        completes: "refuses an order of more than fifty items",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-many-items"],
        cause: Some("size-limit-too-small"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| wants(event, items(event).count() <= ITEMS_MAX),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "small-bodies-only",
        completes: "reads bodies of 16 KiB at most",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-many-items"],
        cause: Some("size-limit-too-small"),
        asks: Asks::STORE,
        behaviour: || Behaviour { gate: small_bodies, ..Behaviour::default() },
    },
    Fault {
        slug: "no-type-acknowledged",
        completes: "acknowledges a body without a type",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-without-type"],
        cause: Some("missing-type-acknowledged"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(
                    outcome,
                    |why| why == Refusal::NoType,
                    |answer| *answer = Answer::empty(204),
                )
            },
            ..Behaviour::default()
        },
    },
];

/// The largest body that one of the listeners reads.
const BODY_BYTES_MAX: usize = 16 << 10;
/// The most items that one of the listeners takes.
const ITEMS_MAX: usize = 50;
/// The decimals of an amount that one of the listeners keeps.
const DECIMALS_MAX: usize = 2;
/// The deepest nesting that one of the listeners survives.
const DEPTH_MAX: usize = 64;

/// The right key with its id rounded to a double.
fn rounded_key(event: &Event) -> Option<String> {
    let key = right::key(event)?;
    let (kind, id) = key.split_once(' ')?;
    let rounded = id.parse::<f64>().map_or_else(|_| id.to_owned(), |id| id.to_string());
    Some(format!("{kind} {rounded}"))
}

fn amounts_are_numbers(event: &Event) -> bool {
    let sums = event.at("/payment_details").and_then(Value::as_object).into_iter().flatten();
    sums.into_iter().all(|(_, sum)| !sum["amount"].is_string())
}

/// Doubles the backslash of each escape but those of quotes and backslashes.
fn with_escapes_kept(body: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(body.len());
    let mut bytes = body.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        kept.push(byte);
        if byte == b'\\' {
            if !matches!(bytes.peek(), Some(b'"' | b'\\')) {
                kept.push(b'\\');
            }
            kept.extend(bytes.next());
        }
    }
    kept
}

fn small_bodies(delivery: &Delivery) -> Result<(), Refusal> {
    right::gate(delivery)?;
    if delivery.body.len() > BODY_BYTES_MAX { Err(Refusal::TooLarge) } else { Ok(()) }
}

/// A parser that goes too deep ends the request, whatever would have come of it.
fn not_too_deep(delivery: &Delivery, outcome: &Outcome) -> Answer {
    let parsed = outcome.result != Err(Refusal::Signature);
    if parsed && depth(&delivery.body) > DEPTH_MAX {
        return Answer::text(500, "Internal Server Error");
    }
    right::render(delivery, outcome)
}

/// How deep the brackets are nested, quoted ones included: it is a wrong listener's count.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in body {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => (),
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn has_nul(json: &Value) -> bool {
    match json {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(members) => members.values().any(has_nul),
        _ => false,
    }
}
