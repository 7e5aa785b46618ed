//! The Web Shop's question: the one that needs no signature, and the door that leads no further.

use hookproof_contract::{
    Mode, NotificationType, payload::Payload, schema::check_file, signature::authorization,
};
use serde_json::{Value, json};

use super::Listener;
use crate::support::{USER, order_canceled, order_paid, secret, user_validation};

/// Where the question may be asked; the first path is its own.
const PATHS: [&str; 3] = ["/web-shop", "/webhook", "/"];

fn question(user: &str) -> Vec<u8> {
    json!({ "settings": { "project_id": 40001 }, "user": { "id": user, "country": "US" } })
        .to_string()
        .into_bytes()
}

#[tokio::test]
async fn a_known_user_is_confirmed_and_an_unknown_one_is_not_found() {
    let listener = Listener::start().await;
    for path in PATHS {
        for signature in [None, Some(authorization(&question(USER), &secret()))] {
            let reply = listener.send_as(path, &question(USER), signature.as_deref()).await;
            assert_eq!(reply.status, 200, "{path}: {reply:?}");
            assert_eq!(reply.headers["content-type"], "application/json");
            let answer: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(answer, json!({ "user": { "id": USER } }));
            let schema = "answers/web_shop_user_validation.schema.json";
            assert_eq!(check_file(schema, &answer), Some(Ok(())));
        }
        for stranger in ["test_xsolla_nobody", "", " ", "\0", "'; --", "игрок"] {
            let reply = listener.send_as(path, &question(stranger), None).await;
            reply.is_error(404, "INVALID_USER");
        }
    }
}

#[tokio::test]
async fn a_signature_that_is_there_must_be_right() {
    let listener = Listener::start().await;
    let body = question(USER);
    let right = authorization(&body, &secret());
    for path in PATHS {
        for wrong in ["", "Signature", "Bearer x", &right[..40], &right.replace('S', "s ")] {
            let reply = listener.send_as(path, &body, Some(wrong)).await;
            reply.is_error(400, "INVALID_SIGNATURE");
        }
    }
}

#[tokio::test]
async fn nothing_else_goes_without_a_signature() {
    let listener = Listener::start().await;
    let order = order_paid(Mode::Combined, 1, 21, &[("gold", 5)]);
    let mut bodies = vec![
        order.clone().remove("/notification_type"),
        order.clone().set("/notification_type", Value::Null).set("/user/id", USER),
        order.clone().remove("/notification_type").set("/user/id", USER),
        order_canceled(Mode::Combined, 1, 21).remove("/notification_type"),
        user_validation(),
        user_validation().set("/notification_type", "made_up"),
        user_validation().set("/notification_type", ""),
        user_validation().remove("/notification_type").remove("/user"),
        user_validation().remove("/notification_type").remove("/user/id"),
    ];
    for kind in NotificationType::ALL {
        bodies.push(Payload::full(kind, Mode::Combined));
    }
    for body in &bodies {
        for path in ["/webhook", "/"] {
            let reply = listener.send_as(path, &body.to_bytes(), None).await;
            reply.is_error(400, "INVALID_SIGNATURE");
        }
        // Its own path serves the question alone, signed or not.
        let bytes = body.to_bytes();
        for signature in [None, Some(authorization(&bytes, &secret()))] {
            let reply = listener.send_as("/web-shop", &bytes, signature.as_deref()).await;
            reply.is_error(400, "INVALID_PARAMETER");
        }
    }
    for body in ["", "{", "[]", "null", "{\"user\":{\"id\":\"\\ud800\"}}", "\u{feff}{}"] {
        let reply = listener.send_as("/webhook", body.as_bytes(), None).await;
        reply.is_error(400, "INVALID_SIGNATURE");
        let reply = listener.send_as("/web-shop", body.as_bytes(), None).await;
        reply.is_error(400, "INVALID_PARAMETER");
    }
    let empty = json!({ "user": USER, "items": {}, "subscriptions": {}, "transactions": {} });
    assert_eq!(listener.probe(USER).await, empty);
}

/// What happened must say what it is, signed or not (clause PAYLOAD-13).
#[tokio::test]
async fn an_event_without_a_type_is_refused() {
    let listener = Listener::start().await;
    for kind in NotificationType::ALL {
        let payload = Payload::full(kind, Mode::Combined).remove("/notification_type");
        let asks = payload
            .value()
            .as_object()
            .unwrap()
            .keys()
            .all(|member| ["settings", "user", "custom_parameters"].contains(&member.as_str()));
        if !asks {
            listener.send(&payload).await.is_error(400, "INVALID_PARAMETER");
        }
    }
}

#[tokio::test]
async fn a_listener_may_demand_the_signature_of_this_too() {
    let listener = Listener::start_with(|config| config.unsigned_web_shop = false).await;
    let body = question(USER);
    for path in PATHS {
        listener.send_as(path, &body, None).await.is_error(400, "INVALID_SIGNATURE");
        let signature = authorization(&body, &secret());
        assert_eq!(listener.send_as(path, &body, Some(&signature)).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn its_path_has_the_same_bounds() {
    let limit = question(USER).len();
    let listener = Listener::start_with(|config| config.limits.body_bytes_max = limit).await;
    let longer = [question(USER), b" ".to_vec()].concat();
    listener.send_as("/web-shop", &longer, None).await.is_error(413, "INVALID_PARAMETER");
    assert_eq!(listener.get("/web-shop").await.status, 405);
}
