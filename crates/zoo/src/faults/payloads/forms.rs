//! Listeners that want a payload in one form where there are several.

use hookproof_contract::NotificationType;
use serde_json::{Value, json};

use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    faults::{Asks, Fault, Level, Severity, Verdict},
};

/// The wrong listeners of this kind.
pub(in crate::faults) static FORMS: &[Fault] = &[
    Fault {
        slug: "types-by-their-beginning",
        completes: "takes a type for `order_paid` that begins so",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["payloads-type-as-a-whole"],
        cause: Some("type-matched-by-part"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            text: |body| retyped(body, |kind, known| kind.starts_with(known)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "types-by-their-end",
        completes: "takes a type for `order_paid` that ends so",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["payloads-type-as-a-whole"],
        cause: Some("type-matched-by-part"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            text: |body| retyped(body, |kind, known| kind.ends_with(known)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "flat-custom-parameters",
        completes: "refuses `custom_parameters` that are no object of plain values",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-custom-parameters"],
        cause: Some("custom-parameters-too-strict"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(event.json.get("custom_parameters").is_none_or(is_flat)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "null-parameters-crash",
        completes: "meets an exception in a custom parameter that is null",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-custom-parameters"],
        cause: Some("custom-parameters-too-strict"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| if has_null_parameters(event) { Err(Refusal::Crash) } else { Ok(()) },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "type-must-come-first",
        completes: "refuses a body that does not begin with its type",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-member-order"],
        cause: Some("member-order-required"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(event.web_shop || first_member(event) == Some("notification_type"))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refuses-sandbox-orders",
        completes: "refuses an order that is a test",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-test-marks"],
        cause: Some("test-purchases-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(event.at("/order/mode") != Some(&json!("sandbox"))),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refuses-dry-runs",
        completes: "refuses a payment that is a test",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-test-marks"],
        cause: Some("test-purchases-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(event.at("/transaction/dry_run").is_none()),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "settings-ids-as-numbers",
        completes: "refuses settings whose ids are texts",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-id-forms"],
        cause: Some("ids-in-one-json-type"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(
                    is_number(event, "/settings/project_id")
                        && is_number(event, "/settings/merchant_id"),
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "external-ids-as-texts",
        completes: "refuses an `external_id` of a transaction that is a number",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-id-forms"],
        cause: Some("ids-in-one-json-type"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(event.at("/transaction/external_id").is_none_or(Value::is_string))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "payment-methods-as-numbers",
        completes: "refuses a payment whose method is a text",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-id-forms"],
        cause: Some("ids-in-one-json-type"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(
                    event.kind == "dispute" || is_number(event, "/transaction/payment_method"),
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "declined-ids-as-numbers",
        completes: "refuses a declined payment whose transaction id is a text",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-id-forms"],
        cause: Some("ids-in-one-json-type"),
        asks: Asks::also(&[NotificationType::PsDeclined]),
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(event.kind != "ps_declined" || is_number(event, "/transaction/id"))
            },
            ..Behaviour::default()
        },
    },
];

/// Names an order by its right type where its own type is like that one.
fn retyped(body: &[u8], is_like: fn(&str, &str) -> bool) -> Vec<u8> {
    let parsed = serde_json::from_slice::<Value>(body).ok();
    let Some(mut json) = parsed.filter(Value::is_object) else { return body.to_vec() };
    let kind = json.get("notification_type").and_then(Value::as_str).unwrap_or_default();
    if kind == "order_paid" || !is_like(kind, "order_paid") {
        return body.to_vec();
    }
    json["notification_type"] = json!("order_paid");
    json.to_string().into_bytes()
}

fn is_flat(parameters: &Value) -> bool {
    let is_plain = |value: &Value| !value.is_null() && !value.is_array() && !value.is_object();
    parameters.as_object().is_some_and(|members| members.values().all(is_plain))
}

fn has_null_parameters(event: &Event) -> bool {
    match event.json.get("custom_parameters") {
        Some(Value::Object(members)) => members.values().any(Value::is_null),
        Some(parameters) => parameters.is_null(),
        None => false,
    }
}

fn first_member(event: &Event) -> Option<&str> {
    event.json.as_object()?.keys().next().map(String::as_str)
}

fn is_number(event: &Event, pointer: &str) -> bool {
    event.at(pointer).is_none_or(Value::is_number)
}
