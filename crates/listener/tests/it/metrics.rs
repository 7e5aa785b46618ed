//! `/metrics`: what is counted, in a form that Prometheus reads.

use std::collections::BTreeSet;

use crate::sqlite::Listener;
use crate::support::{get, payment, user_validation};

#[tokio::test]
async fn each_webhook_is_counted_by_type_and_by_what_became_of_it() {
    let listener = Listener::start().await;
    listener.accepts(&payment(1)).await;
    listener.accepts(&payment(1)).await;
    listener.accepts(&user_validation()).await;
    listener.accepts(&user_validation().set("/notification_type", "from_the_future")).await;
    let nobody = user_validation().set("/user/id", "nobody");
    listener.send(&nobody).await.is_error(400, "INVALID_USER");
    let body = payment(2).to_bytes();
    listener.send_as("/webhook", &body, None).await.is_error(400, "INVALID_SIGNATURE");
    listener.send_bytes(b"no json").await.is_error(400, "INVALID_PARAMETER");
    let question = br#"{"user":{"id":"player-1001"}}"#;
    assert_eq!(listener.send_as("/web-shop", question, None).await.status, 200);

    let count = async |kind: &str, verdict: &str| {
        let labels = format!("{{type=\"{kind}\",verdict=\"{verdict}\"}}");
        listener.metric(&format!("hookproof_notifications_total{labels}")).await
    };
    assert_eq!(count("payment", "applied").await, 1);
    assert_eq!(count("payment", "repeat").await, 1);
    assert_eq!(count("user_validation", "answered").await, 1);
    assert_eq!(count("user_validation", "refused").await, 1);
    assert_eq!(count("unknown", "ignored").await, 1);
    assert_eq!(count("none", "refused").await, 2);
    assert_eq!(count("web_shop", "answered").await, 1);
    for reason in ["signature", "malformed", "unknown_user"] {
        let name = format!("hookproof_refused_total{{reason=\"{reason}\"}}");
        assert_eq!(listener.metric(&name).await, 1, "{reason}");
    }
    assert_eq!(listener.metric("hookproof_request_duration_seconds_count").await, 8);
    assert_eq!(listener.metric("hookproof_batch_events_sum").await, 2);
    assert_eq!(listener.metric("hookproof_commit_duration_seconds_count").await, 2);
    assert_ne!(listener.metric_text("hookproof_commit_duration_seconds_sum").await, "0");
    // This test's connections to the operators' address are not among them.
    assert_eq!(listener.metric("hookproof_connections_accepted_total").await, 8);
    assert_eq!(listener.metric("hookproof_queue_events").await, 0);
}

#[tokio::test]
async fn strangers_see_no_counters() {
    let listener = Listener::start().await;
    assert_eq!(listener.get("/metrics").await.status, 404);
}

/// The rules of the text format that a scrape fails on.
#[tokio::test]
async fn the_text_keeps_the_format() {
    let listener = Listener::start().await;
    listener.accepts(&payment(1)).await;
    let reply = get(listener.admin, "/metrics").await;
    assert_eq!(reply.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = String::from_utf8(reply.body).unwrap();
    assert!(text.ends_with('\n'));
    let (mut family, mut families, mut seen) = ("", BTreeSet::new(), BTreeSet::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().unwrap();
            assert!(families.insert(family), "{family} stands in one place");
            continue;
        }
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(name, family);
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{kind}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().unwrap() >= 0.0, "{line}");
        assert!(seen.insert(series), "{series} is there once");
        let name = series.split('{').next().unwrap();
        let parts = ["", "_bucket", "_sum", "_count"].map(|part| format!("{family}{part}"));
        assert!(parts.iter().any(|part| part == name), "{series} belongs to {family}");
    }
}
