//! Whose webhooks are let in: the filter by address, and the proxies that are believed.

use hookproof_contract::signature::authorization;
use hookproof_listener::{Config, Source, network};

use crate::sqlite::Listener;
use crate::support::{Reply, payment, post, secret, user_validation};

/// Networks that are set aside for documents.
const ELSEWHERE: &str = "192.0.2.0/24";

fn allow(config: &mut Config, sources: &[&str]) {
    config.allow = sources.iter().map(|text| text.parse().unwrap()).collect();
}

/// A valid webhook with further lines in its head.
async fn send_with(listener: &Listener, lines: &str) -> Reply {
    let body = user_validation().to_bytes();
    let request = post("/webhook", &body, Some(&authorization(&body, &secret())));
    let request = String::from_utf8(request).unwrap();
    let request = request.replacen("Host: test\r\n", &format!("Host: test\r\n{lines}"), 1);
    let mut connection = listener.connect().await;
    connection.write(request.as_bytes()).await;
    connection.reply().await
}

#[tokio::test]
async fn by_default_everybody_may_try() {
    let listener = Listener::start().await;
    listener.accepts(&user_validation()).await;
    assert_eq!(send_with(&listener, "X-Forwarded-For: garbage\r\n").await.status, 204);
}

#[tokio::test]
async fn loopback_is_no_exception_and_the_body_is_not_read() {
    let listener = Listener::start_with(|config| allow(config, &["xsolla", ELSEWHERE])).await;
    let reply = listener.send(&payment(1)).await;
    assert_eq!((reply.status, &*reply.body), (403, &b""[..]), "{reply:?}");
    assert_eq!(listener.probe("player-1001").await["transactions"].as_object().unwrap().len(), 0);
    assert_eq!(listener.metric("hookproof_refused_total{reason=\"address\"}").await, 1);

    // The answer comes though the body never does.
    let request = post("/webhook", b"{}", None);
    let mut connection = listener.connect().await;
    connection.write(&request[..request.len() - 2]).await;
    assert_eq!(connection.reply().await.status, 403);
    // The Web Shop's question goes the same way; health does not.
    assert_eq!(listener.send_as("/web-shop", b"{}", None).await.status, 403);
    assert_eq!(listener.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn who_is_let_in_still_has_to_sign() {
    let listener = Listener::start_with(|config| allow(config, &["127.0.0.1"])).await;
    listener.accepts(&user_validation()).await;
    let body = user_validation().to_bytes();
    listener.send_as("/webhook", &body, None).await.is_error(400, "INVALID_SIGNATURE");
}

#[tokio::test]
async fn a_header_counts_through_a_trusted_proxy_alone() {
    let open = Listener::start_with(|config| allow(config, &[ELSEWHERE])).await;
    assert_eq!(send_with(&open, "X-Forwarded-For: 192.0.2.7\r\n").await.status, 403);

    let behind = Listener::start_with(|config| {
        allow(config, &[ELSEWHERE]);
        config.proxies = vec![network("127.0.0.0/8").unwrap(), network("10.0.0.0/8").unwrap()];
    })
    .await;
    let check = async |lines: &str, status| {
        assert_eq!(send_with(&behind, lines).await.status, status, "{lines}");
    };
    check("", 403).await;
    check("X-Forwarded-For: 192.0.2.7\r\n", 204).await;
    check("x-forwarded-for: 198.51.100.1, 192.0.2.7, 10.1.2.3\r\n", 204).await;
    check("X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: 10.1.2.3\r\n", 204).await;
    check("X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: 198.51.100.1\r\n", 403).await;
    check("X-Forwarded-For: \u{fffd}, \"\u{e9}\"\r\n", 403).await;
    check(&format!("X-Forwarded-For: {}\r\n", ",".repeat(4000)), 403).await;
}

#[test]
fn the_filter_is_printed_as_it_was_read() {
    let sources = ["xsolla", "2001:db8::/32"].map(|text| text.parse::<Source>().unwrap());
    assert_eq!(sources.map(|source| source.to_string()), ["xsolla", "2001:db8::/32"]);
}
