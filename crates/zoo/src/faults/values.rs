//! Wrong listeners: values that are handled otherwise than their neighbours (clauses `PAYLOAD-08`,
//! `PAYLOAD-23`, `ORDER-03`, `ORDER-07`, `PAYMENT-11`, `TIME-01`).

use std::time::Duration;

use hookproof_contract::NotificationType;
use serde_json::Value;

use super::{Asks, Fault, Level, Severity, Verdict, granting, unless};
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    event::Event,
    game::{self, Game},
};

/// Most of them cost money and are seen on the wire.
const FAULT: Fault = Fault {
    slug: "",
    completes: "",
    severity: Severity::Money,
    level: Level::Wire,
    verdict: Verdict::Fail,
    caught_by: &[],
    cause: None,
    asks: Asks::STORE,
    behaviour: Behaviour::default,
};

/// The wrong listeners of this kind.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "names-in-queries",
        completes: "writes the payer's name unescaped into a query, which an apostrophe breaks",
        severity: Severity::Security,
        caught_by: &["payloads-hazardous-texts"],
        cause: Some("text-breaks-query"),
        behaviour: || Behaviour {
            vet: |event| crash_at(event, "payment", "/user/name", |text| text.contains('\'')),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "percent-in-subscribers-names",
        completes: "uses a subscriber's name as a format, which a percent sign breaks",
        caught_by: &["payloads-hazardous-texts"],
        cause: Some("text-breaks-query"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            vet: |event| {
                crash_at(event, "create_subscription", "/user/name", |text| text.contains('%'))
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "comments-in-three-bytes",
        completes: "keeps comments of orders in a column that has three bytes for a character",
        caught_by: &["payloads-hazardous-texts"],
        cause: Some("four-byte-characters-rejected"),
        behaviour: || Behaviour {
            vet: |event| {
                crash_at(event, "order_paid", "/order/comment", |text| {
                    text.chars().any(|it| it.len_utf8() > 3)
                })
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "nul-in-refund-reasons",
        completes: "meets an exception in a refund whose reason holds a NUL",
        severity: Severity::Robustness,
        verdict: Verdict::Warn,
        caught_by: &["payloads-hazardous-texts"],
        cause: Some("nul-not-stored"),
        behaviour: || Behaviour {
            vet: |event| {
                crash_at(event, "refund", "/refund_details/reason", |text| text.contains('\0'))
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "order-sums-in-truncated-cents",
        completes: "adds up the lines of an order in cents that it cuts out of binary fractions",
        caught_by: &["payloads-amount-values"],
        cause: Some("cents-truncated"),
        behaviour: || Behaviour { vet: sum_in_truncated_cents, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "payments-in-truncated-cents",
        completes: "rejects a payment whose amount is another one in cents cut out of a binary fraction",
        caught_by: &["payloads-amount-values"],
        cause: Some("cents-truncated"),
        behaviour: || Behaviour { vet: payment_in_truncated_cents, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "marked-lines-skipped",
        completes: "skips every line that has the mark `is_bundle_content`, also where it is false",
        level: Level::Probe,
        caught_by: &["orders-item-versions"],
        cause: Some("version-2-lines-skipped"),
        behaviour: || Behaviour {
            effects: |game, event| {
                granting(game, event, |lines| {
                    if is_version_2(event) {
                        lines.clear();
                    }
                });
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "one-of-each-marked-line",
        completes: "grants one of each line that has the marks of version 2",
        level: Level::Probe,
        caught_by: &["orders-item-versions"],
        cause: Some("version-2-lines-skipped"),
        behaviour: || Behaviour {
            effects: |game, event| {
                granting(game, event, |lines| {
                    if is_version_2(event) {
                        for (_, quantity) in lines {
                            *quantity = 1;
                        }
                    }
                });
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "skus-as-numbers",
        completes: "keeps a SKU of digits as a number, without its leading zeros",
        level: Level::Probe,
        caught_by: &["orders-number-like-skus"],
        cause: Some("skus-as-numbers"),
        behaviour: || Behaviour {
            effects: |game, event| {
                granting(game, event, |lines| {
                    for (sku, _) in lines {
                        *sku = as_number(sku);
                    }
                });
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "takes-back-skus-as-numbers",
        completes: "takes back what an order lists under SKUs without leading zeros",
        level: Level::Probe,
        caught_by: &["orders-number-like-skus"],
        cause: Some("skus-as-numbers"),
        behaviour: || Behaviour { effects: taking_back_numbers, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "lone-bundles-dropped",
        completes: "grants the content of bundles only, and nothing where none is listed",
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["orders-bundle-alone"],
        cause: Some("bundle-not-granted"),
        behaviour: || Behaviour {
            effects: |game, event| {
                let items = event.items().unwrap_or_default();
                let bundles = items.iter().all(|item| item.bundle);
                granting(game, event, |lines| {
                    if bundles {
                        lines.clear();
                    }
                });
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "lone-marked-bundles-dropped",
        completes: "grants nothing for a bundle of version 2 whose content is not listed",
        level: Level::Probe,
        verdict: Verdict::Warn,
        caught_by: &["orders-bundle-alone"],
        cause: Some("bundle-not-granted"),
        behaviour: || Behaviour {
            effects: |game, event| {
                let items = event.items().unwrap_or_default();
                let bundles = is_version_2(event) && items.iter().all(|item| item.bundle);
                granting(game, event, |lines| {
                    if bundles {
                        lines.clear();
                    }
                });
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "payments-not-recorded",
        completes: "acknowledges payments without recording them",
        level: Level::Probe,
        caught_by: &["payments-recorded"],
        cause: Some("payment-not-recorded"),
        behaviour: || Behaviour {
            effects: |game, event| unless("payment", game, event),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "payments-recorded-for-nobody",
        completes: "records payments for no user",
        level: Level::Probe,
        caught_by: &["payments-recorded"],
        cause: Some("payment-not-recorded"),
        behaviour: || Behaviour { effects: paid_by_nobody, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "slow-for-each-line",
        completes: "takes more than three seconds for an order of 300 lines",
        severity: Severity::Robustness,
        verdict: Verdict::Warn,
        caught_by: &["time-within-three-seconds"],
        cause: Some("slow-answer"),
        behaviour: || Behaviour { pause: for_each_line, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "slow-partial-refunds",
        completes: "takes more than three seconds for a partial refund",
        severity: Severity::Robustness,
        verdict: Verdict::Warn,
        caught_by: &["time-within-three-seconds"],
        cause: Some("slow-answer"),
        asks: Asks::also(&[NotificationType::PartialRefund]),
        behaviour: || Behaviour {
            pause: |outcome| {
                if outcome.kind() == "partial_refund" { TOO_LONG } else { Duration::ZERO }
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
];

/// More than the three seconds within which an answer should come.
const TOO_LONG: Duration = Duration::from_millis(3_500);

/// Work for one line of an order.
const PER_LINE: Duration = Duration::from_millis(12);

fn crash_at(
    event: &Event,
    kind: &str,
    member: &str,
    breaks: fn(&str) -> bool,
) -> Result<(), Refusal> {
    let text = event.at(member).filter(|_| event.kind == kind).and_then(Value::as_str);
    if text.is_some_and(breaks) { Err(Refusal::Crash) } else { Ok(()) }
}

/// Cents of an amount, cut out of a binary fraction.
#[expect(clippy::cast_possible_truncation, reason = "the fault is that it truncates")]
fn cents(amount: &str) -> Option<i64> {
    Some((amount.parse::<f64>().ok()? * 100.0) as i64)
}

fn sum_in_truncated_cents(event: &Event) -> Result<(), Refusal> {
    let lines = event.at("/items").filter(|_| event.kind == "order_paid").and_then(Value::as_array);
    let (Some(lines), Some(total)) = (lines, event.amount("/order/amount")) else { return Ok(()) };
    // Other orders here have prices that do not add up.
    let prices: Vec<&str> = lines.iter().filter_map(|line| line["amount"].as_str()).collect();
    let exact = |amount: &str| amount.parse::<f64>().unwrap_or_default();
    let sum: f64 = prices.iter().map(|price| exact(price)).sum();
    if prices.len() < 2 || (sum - exact(&total)).abs() > 0.001 {
        return Ok(());
    }
    let sum: Option<i64> = prices.iter().map(|price| cents(price)).sum();
    Refusal::unless(sum == cents(&total))
}

#[expect(clippy::cast_precision_loss, reason = "amounts here are small")]
fn payment_in_truncated_cents(event: &Event) -> Result<(), Refusal> {
    let amount =
        event.amount("/payment_details/payment/amount").filter(|_| event.kind == "payment");
    let Some(amount) = amount else { return Ok(()) };
    let exact = amount.parse::<f64>().unwrap_or_default();
    let kept = cents(&amount).unwrap_or_default() as f64 / 100.0;
    // More decimals than two are no cents.
    Refusal::unless((kept - exact).abs() < 0.005 || exact >= 1e6)
}

fn is_version_2(event: &Event) -> bool {
    event.at("/items/0/is_bundle_content").is_some()
}

fn as_number(sku: &str) -> String {
    sku.parse::<u64>().map_or_else(|_| sku.to_owned(), |number| number.to_string())
}

fn taking_back_numbers(game: &mut Game, event: &Event) {
    let order = event.id("/order/id").filter(|_| event.kind == "order_canceled");
    if let Some(order) = order.and_then(|id| game.orders.get_mut(&id)) {
        for (sku, _) in &mut order.granted {
            *sku = as_number(sku);
        }
    }
    game::effects(game, event);
}

fn paid_by_nobody(game: &mut Game, event: &Event) {
    let user = event.user.clone().filter(|_| event.kind != "payment");
    game::effects(game, &Event { user, ..event.clone() });
}

fn for_each_line(outcome: &Outcome) -> Duration {
    let items = outcome.event.as_ref().and_then(Event::items).unwrap_or_default();
    PER_LINE * u32::try_from(items.len()).unwrap_or(u32::MAX)
}
