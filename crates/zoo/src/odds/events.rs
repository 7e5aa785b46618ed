//! Listeners that are odd in what they take, and in what they make of it.

use std::time::Duration;

use hookproof_contract::{Mode, NotificationType};
use serde_json::Value;

use super::Odd;
use crate::{
    behaviour::{Behaviour, Refusal, Trouble},
    event::Event,
    faults::Asks,
    game::{self, Game, KNOWN_USERS},
    right,
};

static ONE_WRITER: Trouble = Trouble::OneWriter(Duration::from_millis(8));

static DEPLOYED: Trouble =
    Trouble::Deployed { after: Duration::from_millis(1500), takes: Duration::from_secs(5) };

/// The odd ones of this kind.
pub(super) static ODDS: &[Odd] = &[
    Odd {
        slug: "refuses-unknown-types",
        completes: "refuses types that the contract does not have",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            vet: |event| {
                if event.published().is_none() && !event.web_shop {
                    Err(Refusal::Parameter)
                } else {
                    Ok(())
                }
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "refuses-strange-ids",
        completes: "refuses ids with control characters, and overlong ones, before it looks them up",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { vet: without_strange_ids, ..Behaviour::default() },
    },
    Odd {
        slug: "refuses-what-it-never-granted",
        completes: "refuses refunds and cancellations of what it does not know",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { objects: to_what_it_never_granted, ..Behaviour::default() },
    },
    Odd {
        slug: "canceled-for-good",
        completes: "does not grant an order whose cancellation came first",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { effects: canceled_for_good, ..Behaviour::default() },
    },
    Odd {
        slug: "unpacks-bundles",
        completes: "grants the contents of a bundle instead of the bundle",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { effects: with_bundles_unpacked, ..Behaviour::default() },
    },
    Odd {
        slug: "sheds-load",
        completes: "sends some events away with 503 and takes the repeat",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { sheds_load: true, ..Behaviour::default() },
    },
    Odd {
        slug: "one-writer",
        completes: "writes one event at a time and answers 503 to those that come meanwhile",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { trouble: Some(&ONE_WRITER), ..Behaviour::default() },
    },
    Odd {
        slug: "deployed-meanwhile",
        completes: "answers webhooks with 503 for five seconds while a new version is deployed",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { trouble: Some(&DEPLOYED), ..Behaviour::default() },
    },
    Odd {
        slug: "late-effects",
        completes: "answers first and grants 200 ms later",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { effects_after: LATE, ..Behaviour::default() },
    },
    Odd {
        slug: "serves-the-store-only",
        completes: "refuses all types but those of the store",
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(is_of_the_store(event)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "acknowledges-all-but-the-store",
        completes: "acknowledges all types but those of the store and does nothing",
        asks: Asks::STORE,
        behaviour: || Behaviour { text: untyped_but_for_the_store, ..Behaviour::default() },
    },
    Odd {
        slug: "combined-mode-only",
        completes: "acknowledges what belongs to separate mode and does nothing",
        asks: Asks::STORE.in_modes(&[Mode::Combined]),
        behaviour: || Behaviour { effects: without_separate_mode, ..Behaviour::default() },
    },
    Odd {
        slug: "separate-mode-only-by-choice",
        completes: "refuses orders that carry their payment",
        asks: Asks::STORE.in_modes(&[Mode::Separate]),
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(event.at("/billing").is_none()),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "takes-back-at-the-refund",
        completes: "takes the goods back at the refund, so that nothing is left to cancel",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { effects: back_at_the_refund, ..Behaviour::default() },
    },
    Odd {
        slug: "payment-before-order",
        completes: "wants the payment before the order in separate mode",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { objects: to_an_order_before_its_payment, ..Behaviour::default() },
    },
    Odd {
        slug: "unknown-orders-are-404",
        completes: "refuses the cancellation of an order that it does not know with 404",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { objects: to_unknown_orders, ..Behaviour::default() },
    },
    Odd {
        slug: "known-articles-only",
        completes: "refuses orders of articles that its game does not have",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { vet: of_known_articles, ..Behaviour::default() },
    },
    Odd {
        slug: "any-case-of-ids",
        completes: "takes ids of users in any case for the same user",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { user: in_lower_case, ..Behaviour::default() },
    },
    Odd {
        slug: "payments-of-anybody",
        completes: "notes payments whoever paid",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { user: not_of_payments, ..Behaviour::default() },
    },
    Odd {
        slug: "amounts-in-numeric-10-2",
        completes: "keeps amounts in columns of ten digits and refuses larger ones",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(amounts_fit(&event.json)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "sells-keys-to-anybody",
        completes: "sells game keys to any user, and looks users up for a validation only",
        asks: Asks { products: &["buy-button"], ..Asks::STORE },
        behaviour: || Behaviour {
            knows: |_| true,
            validate: |game, event, _| {
                right::validate(game, event, event.user.as_deref().is_some_and(right::knows))
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "no-goods-for-tests",
        completes: "acknowledges orders that are tests and grants nothing for them",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { effects: nothing_for_tests, ..Behaviour::default() },
    },
    Odd {
        slug: "refuses-unknown-subscriptions",
        completes: "refuses news of subscriptions that it does not know",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { objects: to_unknown_subscriptions, ..Behaviour::default() },
    },
    Odd {
        slug: "declined-not-noted",
        completes: "acknowledges declined payments and notes nothing",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            effects: |game, event| {
                if !matches!(event.kind.as_str(), "ps_declined" | "afs_reject") {
                    game::effects(game, event);
                }
            },
            ..Behaviour::default()
        },
    },
];

/// The first amount that does not fit `NUMERIC(10,2)`.
const AMOUNT_TOO_LARGE: f64 = 100_000_000.0;
/// How late the effects of one of the listeners show.
const LATE: Duration = Duration::from_millis(200);
/// The longest id of a user that one of the listeners looks up.
const USER_ID_BYTES_MAX: usize = 255;
/// The articles of the game.
const ARTICLES: [&str; 2] = ["sword_01", "gold"];
/// The types that a store needs.
const STORE: [NotificationType; 5] = [
    NotificationType::UserValidation,
    NotificationType::Payment,
    NotificationType::Refund,
    NotificationType::OrderPaid,
    NotificationType::OrderCanceled,
];

fn without_strange_ids(event: &Event) -> Result<(), Refusal> {
    let user = right::user(event).unwrap_or_default();
    let strange = user.contains(char::is_control) || user.len() > USER_ID_BYTES_MAX;
    if strange { Err(Refusal::User) } else { Ok(()) }
}

fn to_what_it_never_granted(game: &Game, event: &Event) -> Result<(), Refusal> {
    let known = match event.kind.as_str() {
        "refund" => game.knows_payment(event),
        "order_canceled" => game.knows_order(event),
        _ => true,
    };
    if known { Ok(()) } else { Err(Refusal::Invoice) }
}

/// Remembers the cancellation of an order that it does not know, and grants the order no more.
fn canceled_for_good(game: &mut Game, event: &Event) {
    let id = event.id("/order/id").unwrap_or_default();
    if event.kind == "order_canceled" {
        game.notes.insert(id);
    } else if event.kind == "order_paid" && game.notes.contains(&id) {
        return;
    }
    game::effects(game, event);
}

/// Grants the contents of a bundle instead of the bundle, where they are listed.
fn with_bundles_unpacked(game: &mut Game, event: &Event) {
    if event.kind != "order_paid" {
        return game::effects(game, event);
    }
    let items = event.items().unwrap_or_default();
    let unpacked = items.iter().any(|item| item.in_bundle);
    let lines = items.into_iter().filter(|item| !(unpacked && item.bundle));
    game.grant_order(event, lines.map(|item| (item.sku, item.quantity)).collect());
}

/// Is it of a type that a store needs, or of none that the contract has?
fn is_of_the_store(event: &Event) -> bool {
    !event.web_shop && event.published().is_none_or(|kind| STORE.contains(&kind))
}

/// Names all other types by one that nobody knows, so that nothing comes of them.
fn untyped_but_for_the_store(body: &[u8]) -> Vec<u8> {
    match Event::read(body, body) {
        Ok(mut event) if !is_of_the_store(&event) && !event.web_shop => {
            event.json["notification_type"] = "not_of_the_store".into();
            event.json.to_string().into_bytes()
        }
        _ => body.to_vec(),
    }
}

fn without_separate_mode(game: &mut Game, event: &Event) {
    if !matches!(event.kind.as_str(), "payment" | "refund") {
        game::effects(game, event);
    }
}

/// Whichever comes first takes back, and the other finds nothing more to do.
fn back_at_the_refund(game: &mut Game, event: &Event) {
    if event.kind == "refund" {
        for order in game.orders_paid_by(event).iter().filter(|order| !order.canceled) {
            game.take_back(&order.user, &order.granted);
        }
        let id = event.transaction_id();
        let paid = game.orders.values_mut().filter(|order| id.is_some() && order.invoice == id);
        paid.for_each(|order| order.canceled = true);
    }
    game::effects(game, event);
}

fn to_an_order_before_its_payment(game: &Game, event: &Event) -> Result<(), Refusal> {
    let separate = event.kind == "order_paid" && event.at("/billing").is_none();
    let invoiced = separate && event.at("/order/invoice_id").is_some();
    if invoiced && !game.knows_invoice(event) { Err(Refusal::Invoice) } else { Ok(()) }
}

fn to_unknown_orders(game: &Game, event: &Event) -> Result<(), Refusal> {
    let unknown = event.kind == "order_canceled" && !game.knows_order(event);
    if unknown { Err(Refusal::Path) } else { Ok(()) }
}

fn of_known_articles(event: &Event) -> Result<(), Refusal> {
    let order = event.kind == "order_paid";
    let items = event.items().unwrap_or_default();
    let known = items.iter().all(|item| ARTICLES.contains(&item.sku.as_str()));
    Refusal::unless(known || !order)
}

/// Returns true if every amount of a webhook, as a number or as text, fits the column.
fn amounts_fit(json: &Value) -> bool {
    let fits = |amount: &Value| {
        let number = amount.as_f64().or_else(|| amount.as_str()?.parse().ok());
        number.is_none_or(|number| number < AMOUNT_TOO_LARGE)
    };
    match json {
        Value::Object(members) => members
            .iter()
            .all(|(name, inner)| (name != "amount" || fits(inner)) && amounts_fit(inner)),
        Value::Array(items) => items.iter().all(amounts_fit),
        _ => true,
    }
}

fn in_lower_case(event: &Event) -> Option<String> {
    right::user(event).map(|user| user.to_lowercase())
}

/// A payment of somebody unknown is noted as one of nobody.
fn not_of_payments(event: &Event) -> Option<String> {
    let user = right::user(event);
    user.filter(|user| event.kind != "payment" || KNOWN_USERS.contains(&user.as_str()))
}

fn nothing_for_tests(game: &mut Game, event: &Event) {
    let test =
        event.kind == "order_paid" && event.text("/order/mode").as_deref() == Some("sandbox");
    if test {
        game.grant_order(event, Vec::new());
    } else {
        game::effects(game, event);
    }
}

fn to_unknown_subscriptions(game: &Game, event: &Event) -> Result<(), Refusal> {
    let late = event.is_subscription() && event.kind != "create_subscription";
    Refusal::unless(!late || game.knows_subscription(event))
}
