//! Wrong listeners: what a payload may contain (clauses `PAYLOAD-*`).

use serde_json::Value;

use super::{Fault, Level, Severity, Verdict, if_refused};
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    event::Event,
    right,
    wire::{Answer, Delivery},
};

/// The wrong listeners of this topic.
pub(super) const FAULTS: &[Fault] = &[
    Fault {
        slug: "requires-a-user-in-payments",
        completes: "refuses a `payment` that names no user",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-minimal"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| wants(event, event.kind != "payment" || event.at("/user").is_some()),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "requires-settings",
        completes: "refuses a `payment` or `refund` without `settings`",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-minimal"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| {
                wants(event, event.at("/transaction").is_none() || event.at("/settings").is_some())
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refuses-gifts",
        completes: "refuses a purchase that is a gift",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-schema-generated"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| wants(event, event.at("/purchase/gift").is_none()),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "external-ids-as-numbers",
        completes: "takes `transaction.external_id` for a number",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-schema-generated"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| {
                wants(
                    event,
                    event.at("/transaction/external_id").is_none()
                        || event.id("/transaction/external_id").is_some(),
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refuses-unknown-members",
        completes: "refuses a notification with a member that it does not know",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-unknown-members"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| wants(event, knows_all(&event.json, MEMBERS)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refuses-unknown-user-members",
        completes: "refuses a user with a member that it does not know",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-unknown-members"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| {
                wants(event, event.at("/user").is_none_or(|user| knows_all(user, USER_MEMBERS)))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "wants-an-amount-per-item",
        completes: "refuses an order with an item whose amount is null",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-nulls"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| wants(event, items(event).all(|item| !item["amount"].is_null())),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "wants-a-platform",
        completes: "refuses an order whose platform is null",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-nulls"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| wants(event, !event.is_order() || event.at("/order/platform").is_some()),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "platforms-by-heart",
        completes: "refuses an order from a platform that is not on its list",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-open-sets"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| wants(event, is_one_of(event, "/order/platform", PLATFORMS)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "statuses-by-heart",
        completes: "refuses an order with a status that is not on its list",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-open-sets"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| wants(event, is_one_of(event, "/order/status", STATUSES)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "ids-as-int32",
        completes: "keeps transaction ids in 32 bits",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-ids-beyond-32-bits"],
        cause: Some("ids-as-int32"),
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
        behaviour: || Behaviour { key: rounded_key, ..Behaviour::default() },
    },
    Fault {
        slug: "amounts-must-be-numbers",
        completes: "refuses amounts of a payment that come as text",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-amount-forms"],
        cause: None,
        behaviour: || Behaviour {
            vet: |event| wants(event, amounts_are_numbers(event)),
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
        cause: None,
        behaviour: || Behaviour { text: with_escapes_kept, ..Behaviour::default() },
    },
    Fault {
        slug: "deep-nesting-crashes",
        completes: "meets an exception in deeply nested JSON",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-hostile"],
        cause: None,
        behaviour: || Behaviour { render: not_too_deep, ..Behaviour::default() },
    },
    Fault {
        slug: "nul-crashes",
        completes: "meets an exception in a text that contains NUL",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-hostile"],
        cause: None,
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
        cause: None,
        behaviour: || Behaviour {
            vet: |event| if event.published().is_none() { Err(Refusal::Crash) } else { Ok(()) },
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
        cause: None,
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
        cause: None,
        behaviour: || Behaviour { gate: small_bodies, ..Behaviour::default() },
    },
    Fault {
        slug: "no-type-acknowledged",
        completes: "acknowledges a body without a type",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-without-type"],
        cause: None,
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

const MEMBERS: &[&str] = &[
    "notification_type",
    "settings",
    "user",
    "transaction",
    "payment_details",
    "payment_account",
    "card_bin",
    "card_suffix",
    "purchase",
    "refund_details",
    "custom_parameters",
    "items",
    "order",
    "billing",
];
const USER_MEMBERS: &[&str] =
    &["id", "external_id", "ip", "phone", "email", "name", "country", "zip"];
const PLATFORMS: &[&str] = &["xsolla", "playstation_network", "xbox_live", "pc_standalone"];
const STATUSES: &[&str] = &["new", "paid", "done", "canceled"];

/// The largest body that one of the listeners reads.
const BODY_BYTES_MAX: usize = 16 << 10;
/// The most items that one of the listeners takes.
const ITEMS_MAX: usize = 50;
/// The deepest nesting that one of the listeners survives.
const DEPTH_MAX: usize = 64;

/// Refuses an event of the game's own types unless it is as the listener wants it.
fn wants(event: &Event, wanted: bool) -> Result<(), Refusal> {
    let own = matches!(event.kind.as_str(), "user_validation" | "payment" | "refund");
    if wanted || !(own || event.is_order()) { Ok(()) } else { Err(Refusal::Parameter) }
}

fn items(event: &Event) -> impl Iterator<Item = &Value> {
    event.at("/items").and_then(Value::as_array).into_iter().flatten()
}

fn knows_all(json: &Value, members: &[&str]) -> bool {
    json.as_object().is_none_or(|own| own.keys().all(|name| members.contains(&name.as_str())))
}

fn is_one_of(event: &Event, pointer: &str, known: &[&str]) -> bool {
    let value = event.at(pointer).and_then(Value::as_str);
    value.is_none_or(|value| known.contains(&value))
}

/// The right key with its id rounded to a double.
fn rounded_key(event: &Event) -> Option<String> {
    let key = right::key(event)?;
    let (kind, id) = key.split_once(' ')?;
    let rounded: f64 = id.parse().ok()?;
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
