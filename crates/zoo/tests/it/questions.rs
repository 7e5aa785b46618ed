//! Questions whose answer has a body: searches, the catalogue, the Web Shop.

use hookproof_zoo::{Behaviour, Served, serve};
use serde_json::{Value, json};

use crate::{
    client::{Reply, post, probe, send},
    events::{USER, catalog, order, payment, search, validation, web_shop, with},
};

/// Sends without a signature.
async fn unsigned(served: &Served, body: &Value) -> Reply {
    post(served, body.to_string(), &[]).await
}

#[tokio::test]
async fn a_search_finds_whom_a_public_id_belongs_to() {
    let served = serve(Behaviour::default()).await.unwrap();
    let reply = send(&served, search("player-2002@example.org").to_string()).await;
    let told: Value = serde_json::from_str(reply.body()).unwrap();
    assert_eq!((reply.status(), &told["user"]["id"]), (200, &json!("player-2002")));
    let reply = send(&served, search("nobody@example.org").to_string()).await;
    assert_eq!((reply.status(), reply.code()), (400, "INVALID_USER"));
}

#[tokio::test]
async fn the_catalogue_depends_on_who_asks() {
    let served = serve(Behaviour::default()).await.unwrap();
    let listed = async |user: Value| {
        let reply = send(&served, catalog(&user).to_string()).await;
        let listed = serde_json::from_str::<Value>(reply.body()).unwrap();
        (reply.status(), listed.as_array().map_or(0, Vec::len))
    };
    assert_eq!(listed(json!({ "user_id": USER })).await, (200, 2));
    assert_eq!(listed(json!({ "id": USER })).await, (200, 2));
    assert_eq!(listed(json!({ "user_id": null })).await, (200, 1));
    assert_eq!(listed(json!({ "user_id": "nobody" })).await, (404, 0));
    assert_eq!(listed(json!({ "id": "nobody" })).await, (404, 0));
}

#[tokio::test]
async fn the_web_shop_needs_no_signature_and_nobody_else_gets_in() {
    let served = serve(Behaviour::default()).await.unwrap();
    let before = probe(&served, USER).await;
    let known = unsigned(&served, &web_shop(USER)).await;
    let told: Value = serde_json::from_str(known.body()).unwrap();
    assert_eq!((known.status(), &told["user"]["id"]), (200, &json!(USER)));
    assert_eq!(unsigned(&served, &web_shop("nobody")).await.status(), 404);
    assert_eq!(send(&served, web_shop(USER).to_string()).await.status(), 200);
    let untyped = |mut event: Value| {
        event.as_object_mut().unwrap().remove("notification_type").unwrap();
        with(event, "/user", json!({ "id": USER, "external_id": USER }))
    };
    for body in [validation(USER), untyped(order(1, 1)), untyped(payment(1)), json!({})] {
        let reply = unsigned(&served, &body).await;
        assert_eq!((reply.status(), reply.code()), (400, "INVALID_SIGNATURE"), "{body}");
    }
    for body in [untyped(order(1, 1)), untyped(payment(1)), json!({})] {
        let reply = send(&served, body.to_string()).await;
        assert_eq!((reply.status(), reply.code()), (400, "INVALID_PARAMETER"), "{body}");
    }
    let bad = ["Authorization: Signature 0000000000000000000000000000000000000000"];
    let reply = post(&served, web_shop(USER).to_string(), &bad).await;
    assert_eq!((reply.status(), reply.code()), (400, "INVALID_SIGNATURE"));
    assert_eq!(probe(&served, USER).await, before);
}
