//! Listeners that mind which members there are, or what stands in them.

use serde_json::Value;

use super::{items, wants};
use crate::{
    behaviour::Behaviour,
    event::Event,
    faults::{Asks, Fault, Level, Severity, Verdict},
};

/// The wrong listeners of this kind.
pub(in crate::faults) static MEMBERS: &[Fault] = &[
    Fault {
        slug: "requires-a-user-in-payments",
        completes: "refuses a `payment` that names no user",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-minimal"],
        cause: Some("optional-members-required"),
        asks: Asks::STORE,
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
        cause: Some("optional-members-required"),
        asks: Asks::STORE,
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
        verdict: Verdict::Warn,
        caught_by: &["payloads-schema-generated"],
        cause: Some("value-of-the-schema-refused"),
        asks: Asks::STORE,
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
        caught_by: &["payloads-combinations"],
        cause: Some("value-of-the-schema-refused"),
        asks: Asks::STORE,
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
        slug: "payout-wants-vat",
        completes: "refuses a `payment` with a payout and no VAT",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-combinations"],
        cause: Some("value-of-the-schema-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                let at = |name: &str| event.at(&format!("/payment_details/{name}")).is_some();
                let untaxed = at("payout") && !at("vat");
                wants(event, event.kind != "payment" || !untaxed)
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refund-wants-its-author",
        completes: "refuses a `refund` whose details name no author",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payloads-combinations"],
        cause: Some("value-of-the-schema-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                let author = event.at("/refund_details/author").is_some();
                wants(event, author || event.at("/refund_details").is_none())
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
        cause: Some("unknown-members-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| wants(event, knows_all(&event.json, KNOWN_MEMBERS)),
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
        cause: Some("unknown-members-refused"),
        asks: Asks::STORE,
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
        cause: Some("nulls-refused"),
        asks: Asks::STORE,
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
        cause: Some("nulls-refused"),
        asks: Asks::STORE,
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
        cause: Some("closed-sets"),
        asks: Asks::STORE,
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
        cause: Some("closed-sets"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| wants(event, is_one_of(event, "/order/status", STATUSES)),
            ..Behaviour::default()
        },
    },
];

const KNOWN_MEMBERS: &[&str] = &[
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

fn knows_all(json: &Value, members: &[&str]) -> bool {
    json.as_object().is_none_or(|own| own.keys().all(|name| members.contains(&name.as_str())))
}

fn is_one_of(event: &Event, pointer: &str, known: &[&str]) -> bool {
    let value = event.at(pointer).and_then(Value::as_str);
    value.is_none_or(|value| known.contains(&value))
}
