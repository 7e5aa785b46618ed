//! Whatever the schemas allow is accepted, and has its effect (clauses PAYLOAD-03 and PAYLOAD-21).

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use hookproof_contract::{
    Mode, NotificationType, generate, payload::Payload, signature::authorization,
};
use hookproof_listener::{App, Config, DEMO_PUBLIC_ID_SUFFIX, router};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config as Cases, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::support::{TOKEN, USER, secret};

/// Payloads of each type, and of each mode where the modes differ.
const PAYLOADS: usize = 10_000;

/// Requests at once: they share commits.
const AT_ONCE: usize = 512;

/// The first number; each payload has its own.
const FIRST_ID: i64 = 4_300_000_000;

/// The same payloads in every run.
const SEED: [u8; 32] = [9; 32];

/// Bytes of the probe that are read.
const PROBE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What the user should have in the end, counted from what was sent.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    items: BTreeMap<String, i64>,
    transactions: BTreeMap<String, usize>,
    subscriptions: BTreeMap<String, usize>,
}

impl Tally {
    fn count(&mut self, kind: NotificationType, payload: &Value) {
        let money = match kind {
            NotificationType::Payment => "paid",
            NotificationType::Refund => "refunded",
            NotificationType::PartialRefund => "partially_refunded",
            NotificationType::PsDeclined | NotificationType::AfsReject => "declined",
            NotificationType::OrderPaid if payload.get("billing").is_some() => "paid",
            NotificationType::OrderCanceled if payload.get("billing").is_some() => "refunded",
            _ => "",
        };
        if !money.is_empty() && payload.get("user").is_some() {
            *self.transactions.entry(money.to_owned()).or_default() += 1;
        }
        let subscription = match kind {
            NotificationType::CreateSubscription | NotificationType::UpdateSubscription => "active",
            NotificationType::NonRenewalSubscription => "non_renewing",
            NotificationType::CancelSubscription => "canceled",
            _ => "",
        };
        if !subscription.is_empty() {
            *self.subscriptions.entry(subscription.to_owned()).or_default() += 1;
        }
        if kind == NotificationType::OrderPaid {
            for item in payload["items"].as_array().unwrap() {
                if item.get("is_bundle_content") != Some(&Value::Bool(true)) {
                    let sku = item["sku"].as_str().unwrap().to_owned();
                    *self.items.entry(sku).or_default() += item["quantity"].as_i64().unwrap();
                }
            }
        }
    }

    fn add(&mut self, other: Self) {
        for (sku, owned) in other.items {
            *self.items.entry(sku).or_default() += owned;
        }
        for (state, count) in other.transactions {
            *self.transactions.entry(state).or_default() += count;
        }
        for (state, count) in other.subscriptions {
            *self.subscriptions.entry(state).or_default() += count;
        }
    }

    /// What the probe shows.
    fn of(probe: &Value) -> Self {
        let states = |member: &str| {
            let mut counts = BTreeMap::new();
            for seen in probe[member].as_object().unwrap().values() {
                *counts.entry(seen["state"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            counts
        };
        let items = probe["items"].as_object().unwrap().iter();
        Self {
            items: items.map(|(sku, owned)| (sku.clone(), owned.as_i64().unwrap())).collect(),
            transactions: states("transactions"),
            subscriptions: states("subscriptions"),
        }
    }
}

/// Makes a payload speak of the known user and of things that were never told of.
fn adapt(kind: NotificationType, payload: Value, id: i64) -> Payload {
    let has = |pointer: &str| payload.pointer(pointer).is_some_and(|value| !value.is_null());
    let (transaction, order) =
        (has("/transaction/id"), ["order_paid", "order_canceled"].contains(&kind.as_str()));
    let mut places: Vec<(&str, Value)> = Vec::new();
    if order {
        places.extend([("/order/id", json!(id)), ("/user/external_id", json!(USER))]);
        if has("/order/invoice_id") {
            places.push(("/order/invoice_id", json!(id.to_string())));
        }
        if has("/billing") {
            places.push(("/billing/transaction/id", json!(id)));
        }
    } else {
        if has("/user/id") {
            places.push(("/user/id", json!(USER)));
        }
        if has("/user/user_id") {
            places.push(("/user/user_id", json!(USER)));
        }
        if has("/user/public_id") {
            places.push(("/user/public_id", json!(format!("{USER}{DEMO_PUBLIC_ID_SUFFIX}"))));
        }
    }
    if transaction {
        places.push(("/transaction/id", json!(id)));
    }
    if has("/subscription/subscription_id") {
        places.push(("/subscription/subscription_id", json!(id)));
    }
    places
        .into_iter()
        .fold(Payload::from(payload), |payload, (pointer, value)| payload.set(pointer, value))
}

async fn status(router: Router, body: Vec<u8>) -> (u16, Vec<u8>) {
    let request = Request::post("/webhook")
        .header("Authorization", authorization(&body, &secret()))
        .body(Body::from(body.clone()))
        .unwrap();
    (router.oneshot(request).await.unwrap().status().as_u16(), body)
}

async fn probe(router: Router) -> Value {
    let request = Request::get(format!("/probe/{USER}?token={TOKEN}")).body(Body::empty()).unwrap();
    let reply = router.oneshot(request).await.unwrap();
    serde_json::from_slice(&to_bytes(reply.into_body(), PROBE_BYTES_MAX).await.unwrap()).unwrap()
}

/// A type in one of its modes, and the number of its first payload.
type Kind = (NotificationType, Mode, i64);

/// Sends the payloads of some types and counts what they say.
async fn send(router: Router, kinds: Vec<Kind>) -> Tally {
    let mut told = Tally::default();
    for (kind, mode, first_id) in kinds {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
        let mut runner = TestRunner::new_with_rng(Cases::default(), rng);
        let payloads = generate::payloads(kind, mode);
        let asks =
            matches!(kind, NotificationType::UserSearch | NotificationType::PartnerSideCatalog);
        let success = if asks { 200 } else { 204 };
        let mut requests = JoinSet::new();
        for (sent, id) in (1..=PAYLOADS).zip(first_id..) {
            let payload = payloads.new_tree(&mut runner).unwrap().current();
            let payload = adapt(kind, payload, id);
            told.count(kind, payload.value());
            requests.spawn(status(router.clone(), payload.to_bytes()));
            while requests.len() >= AT_ONCE || (sent == PAYLOADS && !requests.is_empty()) {
                let (status, body) = requests.join_next().await.unwrap().unwrap();
                assert_eq!(status, success, "{}", String::from_utf8_lossy(&body));
            }
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_schemas_allow_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path().join("listener.db"), secret());
    config.probe_token = Some(TOKEN.to_owned());
    let router = router(App::open(config).unwrap());
    let orders = [NotificationType::OrderPaid, NotificationType::OrderCanceled];
    let kinds = NotificationType::ALL.map(|kind| (kind, Mode::Separate)).into_iter();
    let kinds = kinds.chain(orders.map(|kind| (kind, Mode::Combined)));
    let first_ids = (FIRST_ID..).step_by(PAYLOADS);
    let mut here: Vec<Kind> =
        kinds.zip(first_ids).map(|((kind, mode), first_id)| (kind, mode, first_id)).collect();
    // Most of the time goes into drawing payloads: two tasks do it.
    let there = here.split_off(here.len() / 2);
    let there = tokio::spawn(send(router.clone(), there));
    let mut expected = send(router.clone(), here).await;
    expected.add(there.await.unwrap());
    assert_eq!(Tally::of(&probe(router).await), expected);
}
