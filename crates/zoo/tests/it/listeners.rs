//! The right listener and every odd one do what the contract says.

use std::time::Duration;

use hookproof_zoo::{Behaviour, ODDS, Served, serve};
use serde_json::{Value, json};

use crate::{
    client::{Reply, authorization, deliver, exchange, get, post, probe, send},
    events::{USER, canceled, combined_order, order, payment, refund, validation, with, without},
};

/// How long effects may take to show.
const QUIET: Duration = Duration::from_secs(5);

#[tokio::test]
async fn the_right_listener_is_right() {
    let served = serve(Behaviour::default()).await.unwrap();
    check_script(&served, "right").await;
}

#[tokio::test]
async fn odd_listeners_are_right() {
    for odd in ODDS {
        let served = serve((odd.behaviour)()).await.unwrap();
        check_script(&served, odd.slug).await;
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
    let raw = ODDS.iter().find(|odd| odd.slug == "upper-case-header-names").unwrap();
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
    for kind in ["dispute", "user_search", "made_up"] {
        let reply = send(&served, json!({ "notification_type": kind }).to_string()).await;
        assert_eq!(reply.status(), 204, "{kind}");
    }
    assert_eq!(send(&served, vec![b' '; 2 << 20]).await.status(), 413);
    assert_eq!(probe(&served, "nobody").await.status(), 404);
}

async fn check_script(served: &Served, name: &str) {
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

    let (separate, combined) = (order(101, 201), combined_order(102, 202));
    for event in [payment(201), separate.clone(), combined.clone(), separate.clone()] {
        accepted(deliver(served, &event).await, "a purchase");
    }
    shows(served, name, &json!({ "sword_01": 4, "gold": 1_000 })).await;
    for event in [refund(201), canceled(separate.clone()), canceled(separate), refund(201)] {
        accepted(deliver(served, &event).await, "giving back");
    }
    shows(served, name, &json!({ "sword_01": 2, "gold": 500 })).await;
    accepted(deliver(served, &canceled(combined)).await, "giving back in combined mode");
    shows(served, name, &json!({})).await;
}

/// Waits until the probe shows these items.
async fn shows(served: &Served, name: &str, items: &Value) {
    let mut last = String::new();
    let seen = async {
        loop {
            let reply = probe(served, USER).await;
            last = reply.json();
            let view: Value = serde_json::from_str(&last).unwrap_or_default();
            if view["items"] == *items {
                return;
            }
        }
    };
    let timely = tokio::time::timeout(QUIET, seen).await.is_ok();
    assert!(timely, "{name}: expected {items}, the probe shows {last}");
}
