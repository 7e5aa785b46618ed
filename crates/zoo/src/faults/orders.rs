//! Wrong listeners: orders (clauses `ORDER-*`).

use std::collections::BTreeMap;

use hookproof_contract::decimal::Decimal;
use serde_json::Value;

use super::{Asks, Fault, Level, Severity, Verdict, granting, unless};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    game::{self, Game},
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "grants-one-of-each",
        completes: "grants one of each item, whatever its quantity",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-granted"],
        cause: Some("quantity-ignored"),
        asks: Asks::STORE,
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
        cause: Some("first-line-only"),
        asks: Asks::STORE,
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
        cause: Some("nothing-granted"),
        asks: Asks::STORE,
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
        cause: Some("invoice-required"),
        asks: Asks::STORE,
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
        cause: Some("invoice-required"),
        asks: Asks::STORE,
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
        cause: Some("cancel-ignored"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| unless("order_canceled", game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "clears-what-was-canceled",
        completes: "takes all of an article away when one order of it is cancelled",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-cancel-takes-back"],
        cause: Some("cancel-clears-article"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| {
                let known = event.kind == "order_canceled" && game.knows_order(event);
                game::effects(game, event);
                if known {
                    let user = event.user.as_deref().unwrap_or_default();
                    let lines = game::lines(event).into_iter().map(|(sku, _)| (sku, u64::MAX));
                    game.take_back(user, &lines.collect::<Vec<_>>());
                }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "skips-what-is-free",
        completes: "grants no item that is free or a bonus",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["orders-bonus-items"],
        cause: Some("free-items-skipped"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| {
                keeping(game, event, |item| item["is_free"] != true && item["is_bonus"] != true);
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "one-line-per-article",
        completes: "collects the lines of an order by article, so that the last one counts",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["orders-same-item-on-two-lines"],
        cause: Some("lines-merged-by-item"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| granting(game, event, last_of_each),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "wants-items-of-version-1",
        completes: "refuses an item with a mark of version 2",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["orders-item-versions"],
        cause: Some("item-version-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(items(event).all(|item| item.get("is_bonus").is_none())),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "grants-bundle-and-contents",
        completes: "grants a bundle and what is in it",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["orders-bundle-not-twice"],
        cause: Some("bundle-granted-twice"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            effects: |game, event| keeping(game, event, |_| true),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "amounts-of-items-as-decimals",
        completes: "refuses an item whose amount is no decimal",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["orders-amount-forms"],
        cause: Some("amounts-in-one-form"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(items(event).all(is_priced)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "wants-amounts-of-items",
        completes: "refuses an item without an amount",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["orders-amount-forms"],
        cause: Some("nulls-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(items(event).all(|item| !item["amount"].is_null())),
            ..Behaviour::default()
        },
    },
];

/// The items of an order as they came.
fn items(event: &Event) -> impl Iterator<Item = &Value> {
    event.at("/items").and_then(Value::as_array).into_iter().flatten()
}

/// The right effects, but for the items that an order grants.
fn keeping(game: &mut Game, event: &Event, keep: impl Fn(&Value) -> bool) {
    granting(game, event, |lines| {
        let read = event.items().unwrap_or_default();
        let kept = items(event).zip(read).filter(|(item, _)| keep(item));
        *lines = kept.map(|(_, item)| (item.sku, item.quantity)).collect();
    });
}

fn last_of_each(lines: &mut Vec<(String, u64)>) {
    let by_article: BTreeMap<String, u64> = std::mem::take(lines).into_iter().collect();
    lines.extend(by_article);
}

fn is_priced(item: &Value) -> bool {
    item["amount"].is_null() || Decimal::from_value(&item["amount"]).is_ok()
}
