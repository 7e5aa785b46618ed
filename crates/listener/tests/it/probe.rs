//! The probe: for whom, and for nobody else.

use hookproof_contract::{Mode, NotificationType, schema::check_file};
use serde_json::json;

use super::Listener;
use crate::support::{TOKEN, USER, order_paid, subscription};

#[tokio::test]
async fn without_a_token_there_is_no_probe() {
    let listener = Listener::start_with(|config| config.probe_token = None).await;
    for query in ["", "?token=", "?token=probe-token"] {
        assert_eq!(listener.get(&format!("/probe/{USER}{query}")).await.status, 404);
    }
}

#[tokio::test]
async fn only_its_token_opens_it() {
    let listener = Listener::start().await;
    for query in ["", "?token=", "?token=probe-toke", "?token=other"] {
        assert_eq!(listener.get(&format!("/probe/{USER}{query}")).await.status, 401, "{query}");
    }
    let mut connection = listener.connect().await;
    let request = format!(
        "GET /probe/{USER} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
         Authorization: Bearer {TOKEN}\r\n\r\n"
    );
    connection.write(request.as_bytes()).await;
    assert_eq!(connection.reply().await.status, 200);
}

#[tokio::test]
async fn it_has_the_published_form() {
    let listener = Listener::start().await;
    listener.accepts(&order_paid(Mode::Combined, 1, 2_105_000_001, &[("sword_01", 1)])).await;
    listener.accepts(&subscription(NotificationType::CreateSubscription, 5, "monthly", 4)).await;
    listener.accepts(&subscription(NotificationType::CancelSubscription, 6, "monthly", 4)).await;
    let probe = listener.probe(USER).await;
    assert_eq!(check_file("probe.schema.json", &probe), Some(Ok(())), "{probe}");
}

#[tokio::test]
async fn it_reports_one_user() {
    let listener = Listener::start().await;
    listener.accepts(&order_paid(Mode::Combined, 1, 2_105_000_001, &[("sword_01", 1)])).await;
    let expected = json!({
        "user": USER,
        "items": { "sword_01": 1 },
        "subscriptions": {},
        "transactions": { "2105000001": { "state": "paid", "refunds": 0 } },
    });
    assert_eq!(listener.probe(USER).await, expected);
    let expected =
        json!({ "user": "player-2002", "items": {}, "subscriptions": {}, "transactions": {} });
    assert_eq!(listener.probe("player-2002").await, expected);
    for stranger in ["nobody", "player-1001%20", "a%2Fb", "%ff"] {
        let reply = listener.get(&format!("/probe/{stranger}?token={TOKEN}")).await;
        assert!([400, 404].contains(&reply.status), "{stranger}: {reply:?}");
    }
}
