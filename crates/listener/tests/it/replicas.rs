//! Several listeners on one PostgreSQL database, as a load balancer would ask them.

use hookproof_contract::{Mode, payload::Payload};
use serde_json::json;

use crate::{
    copies,
    postgres::Listener,
    server,
    support::{self, order_canceled, order_paid, payment, refund},
    warehouse::{Mood, Warehouse},
};

/// Listeners on the database.
const REPLICAS: usize = 3;

/// Deliveries of one event to each of them, at once.
const COPIES: usize = 6;

async fn replicas() -> Option<Vec<Listener>> {
    server::shared()?;
    let mut listeners = vec![Listener::start().await];
    while listeners.len() < REPLICAS {
        let another = listeners[0].replica().await;
        listeners.push(another);
    }
    Some(listeners)
}

/// Sends all payloads, several copies of each to every listener, at once.
async fn send_at_once(listeners: &[Listener], payloads: &[Payload]) {
    let statuses = copies::send_at_once(listeners, payloads, COPIES).await;
    assert!(statuses.iter().all(|status| *status == 204));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn copies_at_several_listeners_have_one_effect() {
    let Some(listeners) = replicas().await else { return };
    for round in 1..=5 {
        let order = order_paid(Mode::Combined, round, 20 + round, &[("gold", 5), ("sword", 1)]);
        send_at_once(&listeners, &[order, payment(20 + round)]).await;
        for listener in &listeners {
            assert_eq!(listener.items().await, json!({ "gold": 5, "sword": 1 }));
        }
        send_at_once(&listeners, &[order_canceled(Mode::Combined, round, 20 + round)]).await;
        for listener in &listeners {
            assert_eq!(listener.items().await, json!({}));
            let refunded = json!({ "state": "refunded", "refunds": 1 });
            assert_eq!(listener.transaction(20 + round).await, refunded);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn orders_and_their_cancellations_may_cross_between_listeners() {
    let Some(listeners) = replicas().await else { return };
    for round in 1..=5 {
        let order = order_paid(Mode::Separate, round, 20 + round, &[("gold", 5)]);
        let canceled = order_canceled(Mode::Separate, round, 20 + round);
        let paid = payment(20 + round);
        send_at_once(&listeners, &[order, canceled, paid, refund(20 + round)]).await;
        assert_eq!(listeners[0].items().await, json!({}), "whichever came first");
        let refunded = json!({ "state": "refunded", "refunds": 1 });
        assert_eq!(listeners[1].transaction(20 + round).await, refunded);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_listener_at_a_time_hands_over_what_all_of_them_wrote() {
    const ORDERS: i64 = 20;
    let Some(_) = server::shared() else { return };
    let game = Warehouse::new(Mood::Well);
    let mut listeners = vec![Listener::start_game(game.clone()).await];
    while listeners.len() < REPLICAS {
        let another = listeners[0].replica_game(game.clone()).await;
        listeners.push(another);
    }
    let mut expected = Vec::new();
    for order in 1..=ORDERS {
        let paid = order_paid(Mode::Separate, order, 100 + order, &[("gold", 5)]);
        send_at_once(&listeners, &[paid]).await;
        send_at_once(&listeners, &[order_canceled(Mode::Separate, order, 100 + order)]).await;
        expected.push(format!("order-{order}/granted"));
        expected.push(format!("order-{order}/taken-back"));
    }
    assert_eq!(game.keys(expected.len()).await, expected);
    // Nobody holds the others up for ever: whoever is left goes on.
    let last = listeners.pop().unwrap();
    for listener in listeners {
        listener.stop().await.unwrap().unwrap();
    }
    last.accepts(&order_paid(Mode::Separate, 500, 600, &[("gold", 5)])).await;
    assert_eq!(game.keys(expected.len() + 1).await.last().unwrap(), "order-500/granted");
}

#[tokio::test]
async fn a_server_that_is_down_is_503_and_one_that_is_back_is_used() {
    let Ok(mut server) = server::start_or_skip() else { return };
    let url = server.database();
    let listener = support::Listener::<support::Postgres>::start_with(|config| {
        config.db = hookproof_listener::Db::parse(&url).unwrap();
    })
    .await;
    let order = |order| order_paid(Mode::Separate, order, 20 + order, &[("gold", 5)]);
    listener.accepts(&order(1)).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    server.crash();
    for number in [1, 2] {
        let reply = listener.send(&order(number)).await;
        assert_eq!(reply.status, 503, "{reply:?}");
        assert!(reply.headers.contains_key("retry-after"), "{reply:?}");
        assert!(reply.body.is_empty(), "{reply:?}");
    }
    server.start_again();
    // Xsolla would wait longer.
    while listener.send(&order(2)).await.status != 204 {}
    listener.accepts(&order(1)).await;
    while listener.get(&format!("/probe/player-1001?token={}", support::TOKEN)).await.status != 200
    {
    }
    assert_eq!(listener.items().await, json!({ "gold": 10 }));
}
