//! The outbox: a game elsewhere is told of each grant and each taking back, at least once.

use hookproof_contract::{Mode::Separate, payload::Payload};
use hookproof_listener::{Grant, Handover};

use super::Listener;
use crate::{
    support::{self, USER},
    warehouse::{Mood, Warehouse},
};

/// An order for gold and a sword.
fn order_paid(order: i64) -> Payload {
    support::order_paid(Separate, order, 20 + order, &[("gold", 5), ("sword", 1)])
}

fn order_canceled(order: i64) -> Payload {
    support::order_canceled(Separate, order, 20 + order)
}

fn handover(order: i64, what: &str) -> Handover {
    let grant = |sku: &str, quantity| Grant { sku: sku.to_owned(), quantity };
    Handover {
        key: format!("order-{order}/{what}"),
        user: USER.to_owned(),
        order,
        grants: vec![grant("gold", 5), grant("sword", 1)],
        taken_back: what == "taken-back",
    }
}

#[tokio::test]
async fn each_grant_and_each_taking_back_is_told_once() {
    let game = Warehouse::new(Mood::Well);
    let listener = Listener::start_game(game.clone()).await;
    for payload in [
        order_paid(1),
        order_paid(2),
        order_paid(1),
        order_canceled(1),
        order_canceled(1),
        // What was never paid, and then is; and what gives nothing.
        order_canceled(3),
        order_paid(3),
        order_paid(4)
            .set("/items/0/is_bundle_content", true)
            .set("/items/1/is_bundle_content", true),
        order_canceled(4),
        support::payment(25),
        order_paid(1),
        order_paid(5),
    ] {
        listener.accepts(&payload).await;
    }
    let expected = [
        handover(1, "granted"),
        handover(2, "granted"),
        handover(1, "taken-back"),
        handover(5, "granted"),
    ];
    assert_eq!(game.done(4).await, expected);
    // Nor after a restart.
    let listener = listener.restart_game(game.clone()).await;
    listener.accepts(&order_canceled(5)).await;
    assert_eq!(game.done(5).await[4..], [handover(5, "taken-back")]);
}

#[tokio::test]
async fn a_game_that_is_away_is_told_in_order_when_it_is_back() {
    let game = Warehouse::new(Mood::Away);
    let listener = Listener::start_game(game.clone()).await;
    for payload in [order_paid(1), order_paid(2), order_canceled(1), order_paid(3)] {
        listener.accepts(&payload).await;
    }
    game.told(2).await;
    assert_eq!(game.done(0).await, []);
    // Counted when a round begins.
    while listener.metric("hookproof_outbox_entries").await < 4 {}
    game.is(Mood::Well);
    let keys = ["order-1/granted", "order-2/granted", "order-1/taken-back", "order-3/granted"];
    assert_eq!(game.keys(4).await, keys);
    while listener.metric("hookproof_outbox_entries").await > 0 {}
}

#[tokio::test]
async fn what_was_not_told_is_told_after_the_restart() {
    let game = Warehouse::new(Mood::Away);
    let listener = Listener::start_game(game.clone()).await;
    listener.accepts(&order_paid(1)).await;
    listener.accepts(&order_canceled(1)).await;
    game.told(1).await;
    let listener = listener.restart_game(game.clone()).await;
    listener.accepts(&order_paid(2)).await;
    game.is(Mood::Well);
    assert_eq!(game.keys(3).await, ["order-1/granted", "order-1/taken-back", "order-2/granted"]);
}

#[tokio::test]
async fn a_crash_before_it_was_written_down_tells_it_again_with_the_same_key() {
    let game = Warehouse::new(Mood::Silent);
    let listener = Listener::start_game(game.clone()).await;
    listener.accepts(&order_paid(1)).await;
    assert_eq!(game.keys(1).await, ["order-1/granted"]);
    game.is(Mood::Well);
    let listener = listener.crash_game(game.clone()).await;
    listener.accepts(&order_canceled(1)).await;
    let keys = ["order-1/granted", "order-1/granted", "order-1/taken-back"];
    assert_eq!(game.keys(3).await, keys);
}

#[tokio::test]
async fn a_panic_of_the_game_is_no_end() {
    let game = Warehouse::new(Mood::Panics);
    let listener = Listener::start_game(game.clone()).await;
    listener.accepts(&order_paid(1)).await;
    game.told(2).await;
    game.is(Mood::Well);
    assert_eq!(game.keys(1).await, ["order-1/granted"]);
    listener.accepts(&order_canceled(1)).await;
    assert_eq!(game.keys(2).await[1], "order-1/taken-back");
}

#[tokio::test]
async fn a_game_that_does_not_want_to_be_told_costs_no_entry() {
    let listener = Listener::start().await;
    listener.accepts(&order_paid(1)).await;
    listener.accepts(&order_canceled(1)).await;
    listener.accepts(&order_paid(2)).await;
    let game = Warehouse::new(Mood::Well);
    let listener = listener.restart_game(game.clone()).await;
    listener.accepts(&order_paid(3)).await;
    assert_eq!(game.keys(1).await, ["order-3/granted"]);
}
