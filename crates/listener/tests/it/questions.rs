//! What is asked of the game: who has a public id, and what may a user see?

use hookproof_contract::{Mode, NotificationType, payload::Payload, schema::check_file};
use serde_json::{Value, json};

use super::Listener;
use crate::support::{PUBLIC_ID, Reply, USER};

fn json_of(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.headers["content-type"], "application/json");
    serde_json::from_slice(&reply.body).unwrap()
}

fn search(public_id: impl Into<Value>) -> Payload {
    Payload::minimal(NotificationType::UserSearch, Mode::Separate).set("/user/public_id", public_id)
}

#[tokio::test]
async fn a_user_is_found_by_the_public_id() {
    let listener = Listener::start().await;
    for payload in [
        search(PUBLIC_ID),
        search(PUBLIC_ID).set("/user/id", "somebody else"),
        Payload::full(NotificationType::UserSearch, Mode::Combined)
            .set("/user/public_id", PUBLIC_ID),
    ] {
        let found = json_of(&listener.send(&payload).await);
        assert_eq!(found, json!({ "user": { "id": USER } }));
        assert_eq!(check_file("answers/user_search.schema.json", &found), Some(Ok(())));
    }
    let another = json_of(&listener.send(&search("1234567@example.org")).await);
    assert_eq!(another["user"]["id"], "1234567");
}

#[tokio::test]
async fn an_unknown_public_id_is_refused() {
    let listener = Listener::start().await;
    for stranger in
        ["nobody@example.org", "", "@example.org", USER, "PLAYER-1001@example.org", "\0"]
    {
        // That the id itself is known says nothing about whom the payer means.
        let reply = listener.send(&search(stranger).set("/user/id", USER)).await;
        reply.is_error(400, "INVALID_USER");
    }
    listener.send(&search(1)).await.is_error(400, "INVALID_USER");
    listener.send(&search(Value::Null)).await.is_error(400, "INVALID_PARAMETER");
    listener.send(&search("x").remove("/user")).await.is_error(400, "INVALID_PARAMETER");
}

fn catalogue(user: Value) -> Payload {
    Payload::full(NotificationType::PartnerSideCatalog, Mode::Separate).set("/user", user)
}

/// What is offered, by article.
async fn offers(listener: &Listener, user: Value) -> Vec<String> {
    let offers = json_of(&listener.send(&catalogue(user)).await);
    assert_eq!(check_file("answers/catalog.schema.json", &offers), Some(Ok(())));
    let offers = offers.as_array().unwrap().iter();
    offers.map(|offer| offer["sku"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_catalogue_is_for_a_user_or_for_a_visitor() {
    let listener = Listener::start().await;
    let everything = ["sword_01", "gold", "starter_pack"];
    for user in [
        json!({ "user_id": USER }),
        json!({ "id": USER }),
        json!({ "user_id": 1_234_567 }),
        json!({ "user_id": USER, "id": "test_xsolla_nobody" }),
        json!({ "user_id": USER, "country": null, "locale": 7 }),
    ] {
        assert_eq!(offers(&listener, user.clone()).await, everything, "{user}");
        assert_eq!(offers(&listener, user).await, everything, "asked again");
    }
    for visitor in [json!({ "user_id": null }), json!({ "id": null })] {
        assert_eq!(offers(&listener, visitor).await, ["sword_01", "gold"]);
    }
    for stranger in [json!("test_xsolla_nobody"), json!(""), json!(7)] {
        for name in ["user_id", "id"] {
            let reply = listener.send(&catalogue(json!({ name: stranger }))).await;
            reply.is_error(404, "INVALID_USER");
        }
    }
    listener.send(&catalogue(json!({}))).await.is_error(400, "INVALID_PARAMETER");
    let empty = json!({ "user": USER, "items": {}, "subscriptions": {}, "transactions": {} });
    assert_eq!(listener.probe(USER).await, empty);
}
