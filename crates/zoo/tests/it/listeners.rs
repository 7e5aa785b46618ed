//! The right listener and every odd one do what the contract says.

use std::time::Duration;

use hookproof_contract::{Mode, NotificationType};
use hookproof_zoo::{Behaviour, Odd, Served, odds, serve};
use serde_json::{Value, json};

use crate::{
    client::{Reply, authorization, deliver, exchange, get, post, probe, send},
    events::{
        USER, canceled, catalog, combined_order, news, order, payment, refund, search,
        subscription, validation, web_shop, with, without,
    },
};

/// How long effects may take to show.
const QUIET: Duration = Duration::from_secs(5);

#[tokio::test]
async fn the_right_listener_is_right() {
    let served = serve(Behaviour::default()).await.unwrap();
    check_script_in(&served, "right", &Mode::ALL).await;
}

#[tokio::test]
async fn odd_listeners_are_right() {
    // Those with rules of their project are asked with its ids and prices, by the suite's own tests.
    let asked = |odd: &&Odd| !odd.needs_process() && !odd.slug.starts_with("own-");
    for odd in odds().filter(asked) {
        let served = serve((odd.behaviour)()).await.unwrap();
        check_script_in(&served, odd.slug, odd.asks.modes).await;
        check_questions(&served, odd).await;
    }
}

#[tokio::test]
async fn a_dropped_listener_is_gone() {
    let served = serve(Behaviour::default()).await.unwrap();
    let url = served.webhook_url.clone();
    assert_eq!(get(&url).await.status(), 405);
    drop(served);
    let gone = async {
        while get(&url).await.status() != 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(QUIET, gone).await.expect("its port is closed");
}

#[tokio::test]
async fn both_servers_keep_a_connection_and_read_chunks() {
    let raw = odds().find(|odd| odd.slug == "upper-case-header-names").unwrap();
    for behaviour in [Behaviour::default(), (raw.behaviour)()] {
        let served = serve(behaviour).await.unwrap();
        let body = validation(USER).to_string();
        let (length, signature) = (body.len(), authorization(body.as_bytes()));
        let head = format!("POST /webhook HTTP/1.1\r\nHost: a\r\nAuthorization: {signature}\r\n");
        let (first, rest) = body.split_at(7);
        let plain = format!("{head}Content-Length: {length}\r\n\r\n{body}");
        let chunked = format!(
            "{head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
             7\r\n{first}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n",
            rest.len()
        );
        let reply =
            exchange(&served.webhook_url, format!("{plain}{plain}{chunked}").as_bytes()).await;
        assert_eq!(reply.count(204), 3, "{reply}");
    }
}

#[tokio::test]
async fn the_right_listener_refuses_by_the_book() {
    let served = serve(Behaviour::default()).await.unwrap();
    let check = async |event: Value, code: &str| {
        let reply = send(&served, event.to_string()).await;
        assert_eq!((reply.status(), reply.code()), (400, code), "{event}");
    };
    check(validation("test_xsolla_nobody"), "INVALID_USER").await;
    check(validation(""), "INVALID_USER").await;
    check(validation(7), "INVALID_USER").await;
    check(validation(Value::Null), "INVALID_PARAMETER").await;
    check(with(order(1, 1), "/user/external_id", "nobody"), "INVALID_USER").await;
    check(without(order(1, 1), "/order"), "INVALID_PARAMETER").await;
    check(without(order(1, 1), "/items"), "INVALID_PARAMETER").await;
    check(without(order(1, 1), "/user"), "INVALID_PARAMETER").await;
    check(without(payment(1), "/transaction"), "INVALID_PARAMETER").await;
    check(without(payment(1), "/payment_details"), "INVALID_PARAMETER").await;
    check(with(order(1, 1), "/items/0/quantity", "2"), "INVALID_PARAMETER").await;
    check(json!({}), "INVALID_PARAMETER").await;
    check(json!([]), "INVALID_PARAMETER").await;
    for kind in ["dispute", "user_search", "partner_side_catalog", "create_subscription"] {
        check(json!({ "notification_type": kind }), "INVALID_PARAMETER").await;
    }
    let unknown = json!({ "notification_type": "made_up" });
    assert_eq!(send(&served, unknown.to_string()).await.status(), 204);
    assert_eq!(send(&served, vec![b' '; 2 << 20]).await.status(), 413);
    assert_eq!(probe(&served, "nobody").await.status(), 404);
}

async fn check_script_in(served: &Served, name: &str, modes: &[Mode]) {
    let accepted = |reply: Reply, what: &str| {
        assert!(matches!(reply.status(), 200 | 201 | 204), "{name}: {what}: {reply}");
    };
    let refused = |reply: Reply, code: &str| {
        assert!(matches!(reply.status(), 400..500), "{name}: {code}: {reply}");
        assert_eq!(reply.code(), code, "{name}");
    };
    accepted(deliver(served, &validation(USER)).await, "a known user");
    refused(deliver(served, &validation("test_xsolla_nobody")).await, "INVALID_USER");
    let bad = ["Authorization: Signature 0000000000000000000000000000000000000000"];
    refused(post(served, validation(USER).to_string(), &bad).await, "INVALID_SIGNATURE");
    refused(post(served, validation(USER).to_string(), &[]).await, "INVALID_SIGNATURE");
    refused(send(served, "{").await, "INVALID_PARAMETER");

    let owned = |orders: u64| match orders {
        0 => json!({}),
        _ => json!({ "sword_01": 2 * orders, "gold": 500 * orders }),
    };
    if modes.contains(&Mode::Separate) {
        let separate = order(101, 201);
        for event in [payment(201), separate.clone(), separate.clone()] {
            accepted(deliver(served, &event).await, "a purchase");
        }
        shows(served, name, &owned(1)).await;
        for event in [refund(201), canceled(separate.clone()), canceled(separate.clone())] {
            accepted(deliver(served, &event).await, "giving back");
        }
        accepted(deliver(served, &separate).await, "a late repeat");
        shows(served, name, &owned(0)).await;
    }
    if modes.contains(&Mode::Combined) {
        let combined = combined_order(102, 202);
        for event in [combined.clone(), combined.clone(), payment(202)] {
            accepted(deliver(served, &event).await, "a purchase in combined mode");
        }
        shows(served, name, &owned(1)).await;
        accepted(deliver(served, &canceled(combined)).await, "giving back in combined mode");
        shows(served, name, &owned(0)).await;
    }
}

/// Waits until the probe shows these items.
async fn shows(served: &Served, name: &str, items: &Value) {
    let mut last = String::new();
    let seen = async {
        loop {
            let reply = probe(served, USER).await;
            last = reply.json();
            let view: Value = serde_json::from_str(&last).unwrap_or_default();
            if held(&view) == *items {
                return;
            }
        }
    };
    let timely = tokio::time::timeout(QUIET, seen).await.is_ok();
    assert!(timely, "{name}: expected {items}, the probe shows {last}");
}

/// What the listener serves beyond the store.
async fn check_questions(served: &Served, odd: &Odd) {
    let check = |reply: Reply, statuses: &[u16]| {
        assert!(statuses.contains(&reply.status()), "{}: {reply}", odd.slug);
    };
    if odd.asks.products.contains(&"subscriptions") {
        for kind in ["create_subscription", "update_subscription", "cancel_subscription"] {
            let event = subscription(kind, 71, "monthly", 2);
            check(deliver(served, &event).await, &[200, 201, 204]);
        }
    }
    if odd.asks.products.contains(&"web-shop") {
        for (user, statuses) in [(USER, [200, 204]), ("nobody", [404, 455])] {
            let body = web_shop(user).to_string();
            check(post(served, body, &[]).await, &statuses);
        }
    }
    if odd.asks.also.contains(&NotificationType::UserSearch) {
        check(deliver(served, &search("player-1001@example.org")).await, &[200]);
        check(deliver(served, &search("nobody@example.org")).await, &[400, 422]);
        check(deliver(served, &catalog(&json!({ "user_id": USER }))).await, &[200]);
    }
    for event in news().iter().filter(|_| odd.asks.also.contains(&NotificationType::Dispute)) {
        check(deliver(served, event).await, &[200, 201, 204]);
    }
}

/// The articles of which the user has any.
fn held(view: &Value) -> Value {
    let items = view["items"].as_object().cloned().unwrap_or_default();
    items.into_iter().filter(|(_, count)| *count != json!(0)).collect()
}
