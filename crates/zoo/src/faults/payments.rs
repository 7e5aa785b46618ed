//! Wrong listeners: payments (clauses `PAYMENT-*`).

use hookproof_contract::NotificationType;
use serde_json::Value;

use super::{Asks, Fault, Level, Severity, Verdict, granting};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    game::{self, Game},
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "grants-for-payment-and-order",
        completes: "grants for the payment and once more for its order",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["payments-and-order-grant-once"],
        cause: Some("grants-on-payment-and-order"),
        asks: Asks::STORE,
        behaviour: || Behaviour { effects: twice_if_paid, ..Behaviour::default() },
    },
    Fault {
        slug: "payment-needs-its-order",
        completes: "refuses a payment of which it has no order",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payments-without-order"],
        cause: Some("payment-without-order-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour { objects: without_an_order, ..Behaviour::default() },
    },
    Fault {
        slug: "refuses-charges-of-subscriptions",
        completes: "refuses a payment for a subscription",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payments-subscription-charge"],
        cause: Some("payment-parts-refused"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(event.at("/purchase/subscription").is_none()),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "wants-a-checkout-or-items",
        completes: "refuses a payment that holds neither a checkout nor items",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["payments-subscription-charge"],
        cause: Some("payment-parts-refused"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            vet: |event| {
                let bought = event.at("/purchase").and_then(Value::as_object);
                let names = ["checkout", "virtual_items", "virtual_currency", "order", "gift"];
                Refusal::unless(
                    event.kind != "payment"
                        || bought.is_none_or(|bought| {
                            bought.get("subscription").is_none()
                                || names.iter().any(|name| bought.contains_key(*name))
                        }),
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refuses-coupons",
        completes: "refuses a payment with a coupon",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payments-optional-parts"],
        cause: Some("payment-parts-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(event.at("/purchase/coupon").is_none()),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "declined-is-paid",
        completes: "takes a declined payment for a payment",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["payments-declined-grants-nothing"],
        cause: Some("declined-granted"),
        asks: Asks::also(&[NotificationType::PsDeclined, NotificationType::AfsReject]),
        behaviour: || Behaviour {
            effects: |game, event| paid_all_the_same(game, event, &["ps_declined", "afs_reject"]),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "rejected-is-paid",
        completes: "takes a payment that the anti-fraud check rejected for a payment",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["payments-declined-grants-nothing"],
        cause: Some("declined-granted"),
        asks: Asks::also(&[NotificationType::PsDeclined, NotificationType::AfsReject]),
        behaviour: || Behaviour {
            effects: |game, event| paid_all_the_same(game, event, &["afs_reject"]),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "gift-for-a-saved-account",
        completes: "gives a user something for a saved payment account",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["payments-accounts-grant-nothing"],
        cause: Some("account-news-granted"),
        asks: Asks::also(&[
            NotificationType::PaymentAccountAdd,
            NotificationType::PaymentAccountRemove,
        ]),
        behaviour: || Behaviour { effects: with_a_gift, ..Behaviour::default() },
    },
    Fault {
        slug: "accounts-are-payments",
        completes: "takes a saved payment account for a payment, and misses its transaction",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["payments-accounts-grant-nothing"],
        cause: Some("account-news-granted"),
        asks: Asks::also(&[
            NotificationType::PaymentAccountAdd,
            NotificationType::PaymentAccountRemove,
        ]),
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(!is_account(event) || event.at("/transaction").is_some()),
            ..Behaviour::default()
        },
    },
];

/// What a listener gives besides for what it takes for a payment, or is glad of.
const WORTH: u64 = 100;

fn twice_if_paid(game: &mut Game, event: &Event) {
    let paid = game.knows_invoice(event);
    granting(game, event, |lines| {
        if paid {
            lines.extend_from_within(..);
        }
    });
}

fn without_an_order(game: &Game, event: &Event) -> Result<(), Refusal> {
    let known = event.kind != "payment" || !game.orders_paid_by(event).is_empty();
    if known { Ok(()) } else { Err(Refusal::Invoice) }
}

/// Notes these types as payments, and grants what they name.
fn paid_all_the_same(game: &mut Game, event: &Event, kinds: &[&str]) {
    if !kinds.contains(&event.kind.as_str()) {
        return game::effects(game, event);
    }
    game.pay(event);
    reward(game, event);
}

/// Grants what a payload names, and something besides.
fn reward(game: &mut Game, event: &Event) {
    let user = event.user.as_deref().unwrap_or_default();
    let mut named = Vec::new();
    name_articles(&event.json, &mut named);
    for sku in &named {
        game.grant(user, sku, 1);
    }
    game.grant(user, "gold", WORTH);
}

/// Collects the articles that a payload names anywhere, in a text of JSON too.
fn name_articles(json: &Value, named: &mut Vec<String>) {
    match json {
        Value::Object(members) => {
            named.extend(members.get("sku").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| name_articles(value, named));
        }
        Value::Array(values) => values.iter().for_each(|value| name_articles(value, named)),
        Value::String(text) if text.starts_with(['[', '{']) => {
            let inner = serde_json::from_str::<Value>(text).unwrap_or_default();
            name_articles(&inner, named);
        }
        _ => (),
    }
}

fn is_account(event: &Event) -> bool {
    event.kind.starts_with("payment_account_")
}

fn with_a_gift(game: &mut Game, event: &Event) {
    if is_account(event) {
        reward(game, event);
    }
    game::effects(game, event);
}
