//! Refusals: what is whose fault, and that nothing stays broken after it.

use std::time::Duration;

use hookproof_contract::{Mode, signature::authorization};
use serde_json::{Value, json};

use super::Listener;
use crate::support::{
    TOKEN, order_canceled, order_paid, payment, post, refund, secret, user_validation,
};

#[tokio::test]
async fn unknown_users_are_refused() {
    let listener = Listener::start().await;
    let long = "x".repeat(10_000);
    let strangers = [
        "test_xsolla_nobody",
        "",
        " ",
        "player-1001 ",
        "Player-1001",
        "PLAYER-1001",
        "01234567",
        "player-1001\0",
        "\u{1}\u{2}",
        "'; DROP TABLE orders; --",
        "\"",
        "игрок",
        "🎮",
        &long,
    ];
    for stranger in strangers {
        let reply = listener.send(&user_validation().set("/user/id", stranger)).await;
        reply.is_error(400, "INVALID_USER");
    }
    let nobody = "test_xsolla_nobody";
    for mode in Mode::ALL {
        let order = order_paid(mode, 1, 2, &[("gold", 1)]).set("/user/external_id", nobody);
        listener.send(&order).await.is_error(400, "INVALID_USER");
        let canceled = order_canceled(mode, 1, 2).set("/user/external_id", nobody);
        listener.send(&canceled).await.is_error(400, "INVALID_USER");
    }
    listener.send(&payment(1).set("/user/id", nobody)).await.is_error(400, "INVALID_USER");
    // A refund has happened, whoever is gone since.
    listener.accepts(&refund(1).set("/user/id", nobody)).await;
}

#[tokio::test]
async fn what_is_no_notification_is_refused() {
    let listener = Listener::start().await;
    let bodies = [
        "",
        "{",
        "null",
        "true",
        "1",
        "\"text\"",
        "[]",
        "{}",
        "[{}]",
        "\u{feff}{}",
        "{}{}",
        r#"{"notification_type":null}"#,
        r#"{"notification_type":""}"#,
        r#"{"notification_type":["payment"]}"#,
        r#"{"notification_type":"user_validation"}"#,
        r#"{"notification_type":"user_validation","user":"player-1001"}"#,
        r#"{"notification_type":"user_validation","user":{"id":{}}}"#,
        r#"{"notification_type":"user_validation","user":{"id":"\ud800"}}"#,
        r#"{"notification_type":"payment","notification_type":"payment"}"#,
        r#"{"notification_type":"payment","transaction":{"id":1e400},"payment_details":{}}"#,
        r#"{"notification_type":"payment","transaction":{"id":1.5},"payment_details":{}}"#,
        r#"{"notification_type":"payment","transaction":{"id":9223372036854775808},"payment_details":{}}"#,
    ];
    for body in bodies {
        let reply = listener.send_bytes(body.as_bytes()).await;
        assert_eq!(reply.status, 400, "{body}");
        reply.is_error(400, "INVALID_PARAMETER");
    }
    let deep = "[".repeat(100_000);
    listener.send_bytes(deep.as_bytes()).await.is_error(400, "INVALID_PARAMETER");
    listener.send_bytes(b"{\"x\":\"\xff\"}").await.is_error(400, "INVALID_PARAMETER");
    listener.accepts(&user_validation()).await;
}

#[tokio::test]
async fn what_a_type_requires_must_be_there() {
    let listener = Listener::start().await;
    let order = || order_paid(Mode::Separate, 1, 2, &[("gold", 1)]);
    let lacking = [
        user_validation().remove("/user"),
        user_validation().remove("/user/id"),
        payment(1).remove("/notification_type"),
        payment(1).remove("/transaction"),
        payment(1).remove("/transaction/id"),
        payment(1).remove("/payment_details"),
        refund(1).remove("/transaction/id"),
        order().remove("/items"),
        order().remove("/order"),
        order().remove("/order/id"),
        order().remove("/user"),
        order().remove("/user/external_id"),
        order().remove("/items/0/sku"),
        order().remove("/items/0/quantity"),
        order().set("/items", json!([])),
        order().set("/items/0/quantity", 0),
        order().set("/items/0/quantity", -1),
        order().set("/items/0/quantity", 1.5),
        order().set("/items/0/quantity", u64::MAX),
        order().set("/items/0/quantity", Value::Null),
    ];
    for payload in lacking {
        listener.send(&payload).await.is_error(400, "INVALID_PARAMETER");
    }
    assert_eq!(listener.items().await, json!({}));
}

#[tokio::test]
async fn more_than_can_be_counted_is_refused() {
    let listener = Listener::start().await;
    listener.accepts(&order_paid(Mode::Separate, 1, 2, &[("gold", i64::MAX)])).await;
    let more = order_paid(Mode::Separate, 3, 4, &[("sword_01", 1), ("gold", 1)]);
    listener.send(&more).await.is_error(400, "INVALID_PARAMETER");
    assert_eq!(listener.items().await, json!({ "gold": i64::MAX }));
}

#[tokio::test]
async fn other_methods_and_paths_are_not_served() {
    let listener = Listener::start().await;
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "MADEUP"] {
        for path in ["/", "/webhook"] {
            let mut connection = listener.connect().await;
            let request =
                format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            connection.write(request.as_bytes()).await;
            assert_eq!(connection.reply().await.status, 405, "{method} {path}");
        }
    }
    assert_eq!(listener.get("/elsewhere").await.status, 404);
}

#[tokio::test]
async fn content_type_has_no_meaning() {
    let listener = Listener::start().await;
    let body = user_validation().to_bytes();
    let signature = authorization(&body, &secret());
    for content_type in ["application/json; charset=utf-8", "Application/JSON", "text/plain", ""] {
        let request = String::from_utf8(post("/webhook", &body, Some(&signature))).unwrap();
        let request = request.replace("application/json", content_type);
        let mut connection = listener.connect().await;
        connection.write(request.as_bytes()).await;
        assert_eq!(connection.reply().await.status, 204, "{content_type}");
    }
}

#[tokio::test]
async fn a_body_may_come_in_chunks_that_split_a_character() {
    let listener = Listener::start().await;
    let body = user_validation().set("/user/name", "Zoë").to_bytes();
    let split = body.iter().position(|byte| !byte.is_ascii()).unwrap() + 1;
    let mut request = format!(
        "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
         Authorization: {}\r\n\r\n",
        authorization(&body, &secret())
    )
    .into_bytes();
    for chunk in [&body[..split], &body[split..], b""] {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    let mut connection = listener.connect().await;
    connection.write(&request).await;
    assert_eq!(connection.reply().await.status, 204);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let body = user_validation().to_bytes();
    let limit = body.len();
    let listener = Listener::start_with(|config| config.limits.body_bytes_max = limit).await;
    listener.accepts(&user_validation()).await;
    let longer = [body, b" ".to_vec()].concat();
    listener.send_bytes(&longer).await.is_error(413, "INVALID_PARAMETER");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let listener = Listener::start_with(|config| {
        config.limits.body_time_max = Duration::from_millis(20);
    })
    .await;
    let request = post("/webhook", b"{}", None);
    let mut connection = listener.connect().await;
    connection.write(&request[..request.len() - 1]).await;
    connection.reply().await.is_error(408, "INVALID_PARAMETER");
}

#[tokio::test]
async fn the_secrets_stay_secret() {
    let listener = Listener::start().await;
    let shown = format!("{:?}", listener.send(&payment(1).remove("/transaction")).await);
    let config = hookproof_listener::Config {
        probe_token: Some(TOKEN.to_owned()),
        ..hookproof_listener::Config::new(std::path::Path::new("x.db"), secret())
    };
    for text in [shown, format!("{config:?}")] {
        assert!(!text.contains("example-project-secret") && !text.contains(TOKEN), "{text}");
    }
}
