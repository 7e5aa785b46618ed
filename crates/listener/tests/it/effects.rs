//! What a purchase and its end do to the player, in both modes.

use hookproof_contract::Mode;
use serde_json::{Value, json};

use super::Listener;
use crate::support::{order_canceled, order_paid, payment, refund, user_validation};

#[tokio::test]
async fn validation_has_no_effect() {
    let listener = Listener::start().await;
    for _ in 0..4 {
        listener.accepts(&user_validation()).await;
    }
    assert_eq!(listener.items().await, json!({}));
}

#[tokio::test]
async fn a_purchase_in_separate_mode_is_granted_once_and_taken_back_once() {
    let listener = Listener::start().await;
    listener.accepts(&user_validation()).await;
    listener.accepts(&payment(21)).await;
    assert_eq!(listener.items().await, json!({}));
    assert_eq!(listener.transaction(21).await, json!({ "state": "paid", "refunds": 0 }));

    let items = [("sword_01", 1), ("gold", 500)];
    listener.accepts(&order_paid(Mode::Separate, 1, 21, &items)).await;
    assert_eq!(listener.items().await, json!({ "gold": 500, "sword_01": 1 }));
    assert_eq!(listener.transaction(21).await, json!({ "state": "paid", "refunds": 0 }));

    listener.accepts(&refund(21)).await;
    listener.accepts(&order_canceled(Mode::Separate, 1, 21)).await;
    assert_eq!(listener.items().await, json!({}));
    assert_eq!(listener.transaction(21).await, json!({ "state": "refunded", "refunds": 1 }));
}

#[tokio::test]
async fn a_purchase_in_combined_mode_carries_its_money() {
    let listener = Listener::start().await;
    listener.accepts(&order_paid(Mode::Combined, 1, 21, &[("gold", 5)])).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    assert_eq!(listener.transaction(21).await, json!({ "state": "paid", "refunds": 0 }));
    listener.accepts(&order_canceled(Mode::Combined, 1, 21)).await;
    assert_eq!(listener.items().await, json!({}));
    assert_eq!(listener.transaction(21).await, json!({ "state": "refunded", "refunds": 1 }));
}

#[tokio::test]
async fn both_modes_at_once_are_one_purchase() {
    let listener = Listener::start().await;
    listener.accepts(&payment(21)).await;
    listener.accepts(&order_paid(Mode::Combined, 1, 21, &[("gold", 5)])).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    listener.accepts(&refund(21)).await;
    listener.accepts(&order_canceled(Mode::Combined, 1, 21)).await;
    assert_eq!(listener.items().await, json!({}));
    assert_eq!(listener.transaction(21).await, json!({ "state": "refunded", "refunds": 1 }));
}

#[tokio::test]
async fn an_order_without_invoice_is_granted_like_any_other() {
    let listener = Listener::start().await;
    for order in [1, 2] {
        let free = order_paid(Mode::Separate, order, 0, &[("gold", 5)])
            .set("/order/invoice_id", Value::Null);
        listener.accepts(&free).await;
    }
    assert_eq!(listener.items().await, json!({ "gold": 10 }));
    let canceled = order_canceled(Mode::Separate, 2, 0).set("/order/invoice_id", Value::Null);
    listener.accepts(&canceled).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
}

#[tokio::test]
async fn a_bundle_is_not_granted_beside_its_contents() {
    let listener = Listener::start().await;
    let order = order_paid(Mode::Separate, 1, 2, &[("starter_pack", 1), ("gold", 500)])
        .set("/items/0/type", "bundle")
        .set("/items/0/is_bundle_content", false)
        .set("/items/1/is_bundle_content", true);
    listener.accepts(&order).await;
    assert_eq!(listener.items().await, json!({ "starter_pack": 1 }));
}

#[tokio::test]
async fn an_article_on_several_lines_adds_up() {
    let listener = Listener::start().await;
    let items = [("gold", 5), ("sword_01", 1), ("gold", 7), ("gold", 1)];
    let order = order_paid(Mode::Separate, 1, 2, &items)
        .set("/items/1/is_free", true)
        .set("/items/3/is_bonus", true);
    listener.accepts(&order).await;
    assert_eq!(listener.items().await, json!({ "gold": 13, "sword_01": 1 }));
    listener.accepts(&order_canceled(Mode::Separate, 1, 2)).await;
    assert_eq!(listener.items().await, json!({}));
}

#[tokio::test]
async fn a_cancellation_takes_only_what_its_order_granted() {
    let listener = Listener::start().await;
    listener.accepts(&order_paid(Mode::Separate, 1, 21, &[("gold", 5)])).await;
    listener.accepts(&order_paid(Mode::Separate, 2, 22, &[("gold", 7)])).await;
    // It names other items than were granted; the record counts.
    let canceled = order_canceled(Mode::Separate, 1, 21).set("/items/0/quantity", 1000);
    listener.accepts(&canceled).await;
    assert_eq!(listener.items().await, json!({ "gold": 7 }));
}

#[tokio::test]
async fn what_is_unknown_takes_nothing_away() {
    let listener = Listener::start().await;
    listener.accepts(&order_paid(Mode::Separate, 1, 21, &[("gold", 5)])).await;
    listener.accepts(&order_canceled(Mode::Separate, 2, 22)).await;
    listener.accepts(&refund(23)).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    assert_eq!(listener.transaction(23).await, json!({ "state": "refunded", "refunds": 1 }));
    // What comes after its own end stays ended.
    listener.accepts(&order_paid(Mode::Separate, 2, 22, &[("gold", 5)])).await;
    listener.accepts(&payment(23)).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    assert_eq!(listener.transaction(23).await, json!({ "state": "refunded", "refunds": 1 }));
}

#[tokio::test]
async fn any_reason_refunds() {
    let listener = Listener::start().await;
    for (id, code) in (1..).zip([json!(1), json!(13), json!(27), json!(4000), json!("7")]) {
        listener.accepts(&payment(id)).await;
        listener.accepts(&refund(id).set("/refund_details/code", code)).await;
        assert_eq!(listener.transaction(id).await["state"], "refunded");
    }
}
