//! What the threat model claims of strangers, and of bodies that are hostile though they are signed.

use hookproof_contract::{Mode, signature::authorization};
use serde_json::json;

use crate::sqlite::Listener;
use crate::support::{Reply, order_paid, payment, post, secret, user_validation};

/// A word that no answer has of its own.
const CANARY: &str = "c4n4ry";

async fn raw(listener: &Listener, request: &[u8]) -> Reply {
    let mut connection = listener.connect().await;
    connection.write(request).await;
    connection.reply().await
}

#[tokio::test]
async fn no_error_repeats_what_was_sent() {
    let listener = Listener::start().await;
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: {CANARY}\r\n").into_bytes();
    let end = format!("X-Request-Id: {CANARY}\r\nConnection: close\r\n\r\n").into_bytes();
    let mut requests: Vec<Vec<u8>> = Vec::new();
    for target in ["/c4n4ry", "/webhook?c4n4ry", "/probe/c4n4ry?token=c4n4ry", "/\u{7f}c4n4ry"] {
        requests.push([get(target), end.clone()].concat());
    }
    requests.push(format!("{CANARY} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").into());
    requests.push(format!("POST / HTTP/1.1\r\n{CANARY} x: y\r\n\r\n").into());
    requests.push(format!("POST / HTTP/1.1\r\nContent-Length: {CANARY}\r\n\r\n").into());
    requests.push(post("/webhook", b"{}", Some(CANARY)));
    let bodies = [
        CANARY.to_owned(),
        format!(r#"{{"notification_type":["{CANARY}"]}}"#),
        format!(r#"{{"notification_type":"user_validation","user":{{"id":"{CANARY}"}}}}"#),
        format!(r#"{{"notification_type":"user_validation","{CANARY}":1,"{CANARY}":2}}"#),
        format!(r#"{{"notification_type":"payment","transaction":{{"id":"{CANARY}"}}}}"#),
        format!(r#"{{"user":{{"id":"{CANARY}"}}}}"#),
    ];
    for body in &bodies {
        let right = authorization(body.as_bytes(), &secret());
        for header in [None, Some("Signature c4n4ry"), Some(right.as_str())] {
            requests.push(post("/webhook", body.as_bytes(), header));
            requests.push(post("/web-shop", body.as_bytes(), header));
        }
    }
    for request in requests {
        let reply = raw(&listener, &request).await;
        assert!((400..500).contains(&reply.status), "{}: {reply:?}", request.escape_ascii());
        let body = String::from_utf8_lossy(&reply.body);
        let said = format!("{:?} {body}", reply.headers);
        assert!(!said.contains(CANARY), "{}: {said}", request.escape_ascii());
    }
}

#[tokio::test]
async fn nothing_is_parsed_before_its_proof() {
    let listener = Listener::start_with(|config| config.unsigned_web_shop = false).await;
    for body in ["", "{", "[]", "\u{feff}{}", r#"{"notification_type":"payment"}"#] {
        for path in ["/", "/webhook", "/web-shop"] {
            let wrong = authorization(b"another body", &secret());
            for header in [None, Some("Basic eDp5"), Some(wrong.as_str())] {
                let reply = listener.send_as(path, body.as_bytes(), header).await;
                reply.is_error(400, "INVALID_SIGNATURE");
            }
        }
        let right = authorization(body.as_bytes(), &secret());
        let reply = listener.send_as("/webhook", body.as_bytes(), Some(&right)).await;
        reply.is_error(400, "INVALID_PARAMETER");
    }
}

#[tokio::test]
async fn a_member_that_is_said_twice_is_refused() {
    let listener = Listener::start().await;
    for body in [
        r#"{"notification_type":"user_validation","notification_type":"payment","user":{"id":"player-1001"}}"#,
        r#"{"notification_type":"user_validation","user":{"id":"player-1001"},"user":{"id":"x"}}"#,
        r#"{"notification_type":"user_validation","user":{"id":"player-1001","id":"x"}}"#,
        r#"{"notification_type":"user_validation","user":{"id":"player-1001","\u0069d":"x"}}"#,
    ] {
        listener.send_bytes(body.as_bytes()).await.is_error(400, "INVALID_PARAMETER");
    }
}

#[tokio::test]
async fn depth_costs_nothing_and_breaks_nothing() {
    let listener = Listener::start().await;
    let nested = format!("{}{}", "[".repeat(300_000), "]".repeat(300_000));
    let unread = format!(
        r#"{{"news":{nested},"notification_type":"user_validation","user":{{"id":"player-1001"}}}}"#
    );
    assert_eq!(listener.send_bytes(unread.as_bytes()).await.status, 204);
    let read = format!(r#"{{"notification_type":"user_validation","user":{{"id":{nested}}}}}"#);
    listener.send_bytes(read.as_bytes()).await.is_error(400, "INVALID_PARAMETER");
    listener.accepts(&user_validation()).await;
}

#[tokio::test]
async fn values_are_no_sql() {
    let listener = Listener::start().await;
    let sku = "x'); DELETE FROM grants; --";
    listener.accepts(&order_paid(Mode::Separate, 1, 2, &[(sku, 3)])).await;
    listener.accepts(&payment(7)).await;
    assert_eq!(listener.items().await, json!({ sku: 3 }));
}

#[tokio::test]
async fn a_length_that_can_be_read_in_two_ways_is_refused() {
    let listener = Listener::start().await;
    for framing in [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: +2",
        "Content-Length: -2",
        "Content-Length: 2\r\nTransfer-Encoding: gzip",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
    ] {
        let request = format!("POST /webhook HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n{{}}");
        assert_eq!(raw(&listener, request.as_bytes()).await.status, 400, "{framing}");
    }
    listener.accepts(&user_validation()).await;
}
