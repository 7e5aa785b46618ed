//! Listeners that are careful: they know their project's ids, prices and currency, and refuse others.

use hookproof_contract::{ErrorCode, decimal::Decimal};
use serde_json::Value;

use super::{Odd, refused};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    faults::Asks,
    wire::Answer,
};

/// The id of the project that these listeners serve.
pub const PROJECT_ID: u64 = 777;
/// The id of the merchant whose project it is.
pub const MERCHANT_ID: u64 = 88;
/// The price of one of each item of the game.
pub const PRICE: &str = "4.99";
/// The currency of these prices.
pub const CURRENCY: &str = "EUR";

/// The odd ones of this kind.
pub(super) static ODDS: &[Odd] = &[
    Odd {
        slug: "own-project-only",
        completes: "refuses webhooks of another project, by its id",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(is_own(event, "project_id", PROJECT_ID)),
            render: |_, outcome| saying(outcome, "this webhook is for another project"),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "own-project-only-tersely",
        completes: "refuses webhooks of another project, and does not say why",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(is_own(event, "project_id", PROJECT_ID)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "own-merchant-only",
        completes: "refuses webhooks of another merchant, by its id",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(is_own(event, "merchant_id", MERCHANT_ID)),
            render: |_, outcome| saying(outcome, "this webhook is for another merchant"),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "own-prices-only",
        completes: "refuses orders and payments at other prices than its own",
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(is_priced(event)),
            render: |_, outcome| saying(outcome, "the price is not that of the shop"),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "own-currency-only",
        completes: "refuses money in another currency than its own",
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(is_in_own_currency(event)),
            render: |_, outcome| saying(outcome, "this currency is not accepted here"),
            ..Behaviour::default()
        },
    },
];

/// The right answer, with another message where a member was refused.
fn saying(outcome: &crate::behaviour::Outcome, message: &str) -> Answer {
    refused(outcome, |refusal, answer| {
        if refusal == Refusal::Parameter {
            *answer = Answer::error(400, ErrorCode::InvalidParameter, message);
        }
    })
}

/// Has every id of this name that the event has the right value?
fn is_own(event: &Event, name: &str, own: u64) -> bool {
    let places = ["/settings", "/billing/settings"].into_iter();
    let ids = places.filter_map(|place| event.at(&format!("{place}/{name}")));
    ids.map(ToString::to_string).all(|id| id.trim_matches('"') == own.to_string())
}

/// Is the money of an order or a payment that of the articles?
fn is_priced(event: &Event) -> bool {
    let paid_in_game = event.text("/order/currency_type").as_deref() == Some("virtual");
    match event.kind.as_str() {
        "order_paid" if !paid_in_game => {
            let items = event.at("/items").and_then(Value::as_array);
            items.into_iter().flatten().all(|item| is_multiple_of_the_price(&item["amount"]))
        }
        "payment" if event.at("/purchase/subscription").is_none() => {
            event.at("/payment_details/payment/amount").is_none_or(is_multiple_of_the_price)
        }
        _ => true,
    }
}

/// Is it the price of some articles? What is free, or has no price, is no matter of money.
fn is_multiple_of_the_price(amount: &Value) -> bool {
    let cents = |amount: Decimal| {
        let sum = (0..100).try_fold(Decimal::ZERO, |sum, _| sum.checked_add(amount));
        sum.and_then(Decimal::to_integer)
    };
    let Ok(amount) = Decimal::from_value(amount) else { return true };
    let price = PRICE.parse().ok().and_then(cents).unwrap_or(1);
    cents(amount).is_some_and(|amount| amount % price == 0)
}

/// Is real money in the right currency?
fn is_in_own_currency(event: &Event) -> bool {
    let paid_in_game = event.text("/order/currency_type").as_deref() == Some("virtual");
    let order = event.text("/order/currency").filter(|_| !paid_in_game);
    let paid = event.text("/payment_details/payment/currency");
    order.into_iter().chain(paid).all(|currency| currency == CURRENCY)
}
