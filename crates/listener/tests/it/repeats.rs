//! Repeats: the answer again, the effect once (clauses IDEM-*).

use std::slice;

use hookproof_contract::{Mode, NotificationType, payload::Payload};
use serde_json::json;

use super::Listener;
use crate::{
    copies,
    support::{order_canceled, order_paid, payment, refund, subscription},
};

/// Deliveries of one event at once.
const COPIES: usize = 20;

#[tokio::test]
async fn repeats_in_sequence_have_one_effect() {
    let listener = Listener::start().await;
    for mode in Mode::ALL {
        for _ in 0..5 {
            listener.accepts(&payment(21)).await;
            listener.accepts(&order_paid(mode, 1, 21, &[("gold", 5)])).await;
        }
        assert_eq!(listener.items().await, json!({ "gold": 5 }));
    }
    listener.accepts(&order_paid(Mode::Separate, 2, 22, &[("gold", 1)])).await;
    for _ in 0..5 {
        listener.accepts(&refund(21)).await;
        listener.accepts(&order_canceled(Mode::Separate, 1, 21)).await;
    }
    assert_eq!(listener.items().await, json!({ "gold": 1 }));
    assert_eq!(listener.transaction(21).await, json!({ "state": "refunded", "refunds": 1 }));
}

async fn send_at_once(listener: &Listener, payload: &Payload) {
    let (listeners, payloads) = (slice::from_ref(listener), slice::from_ref(payload));
    let statuses = copies::send_at_once(listeners, payloads, COPIES).await;
    assert_eq!(statuses, [204; COPIES]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn copies_at_once_have_one_effect() {
    let listener = Listener::start().await;
    for mode in Mode::ALL {
        let order = if mode == Mode::Separate { 1 } else { 2 };
        send_at_once(&listener, &order_paid(mode, order, 20 + order, &[("gold", 5)])).await;
        assert_eq!(listener.items().await, json!({ "gold": 5 }));
        send_at_once(&listener, &order_canceled(mode, order, 20 + order)).await;
        assert_eq!(listener.items().await, json!({}));
    }
    send_at_once(&listener, &payment(30)).await;
    send_at_once(&listener, &refund(30)).await;
    assert_eq!(listener.transaction(30).await, json!({ "state": "refunded", "refunds": 1 }));
}

#[tokio::test]
async fn the_same_item_may_be_bought_again() {
    let listener = Listener::start().await;
    for order in 1..=3 {
        listener.accepts(&order_paid(Mode::Separate, order, 20 + order, &[("gold", 5)])).await;
        listener.accepts(&order_paid(Mode::Combined, 10 + order, 30 + order, &[("gold", 5)])).await;
    }
    assert_eq!(listener.items().await, json!({ "gold": 30 }));
}

#[tokio::test]
async fn a_repeat_may_be_written_otherwise() {
    let listener = Listener::start().await;
    let order = order_paid(Mode::Separate, 1, 21, &[("gold", 5)]);
    listener.accepts(&order).await;
    listener.accepts(&order.clone().set("/order/id", "1")).await;
    let pretty = serde_json::to_vec_pretty(order.value()).unwrap();
    assert_eq!(listener.send_bytes(&pretty).await.status, 204);
    let escaped =
        String::from_utf8(order.to_bytes()).unwrap().replace("order_paid", r"order\u005fpaid");
    assert_eq!(listener.send_bytes(escaped.as_bytes()).await.status, 204);
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
}

#[tokio::test]
async fn order_and_transaction_numbers_do_not_meet() {
    let listener = Listener::start().await;
    listener.accepts(&payment(7)).await;
    listener.accepts(&order_paid(Mode::Separate, 7, 7, &[("gold", 5)])).await;
    listener.accepts(&refund(7)).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    assert_eq!(listener.transaction(7).await["state"], "refunded");
}

#[tokio::test]
async fn effects_and_keys_outlive_the_process() {
    let listener = Listener::start().await;
    let order = order_paid(Mode::Separate, 1, 21, &[("gold", 5)]);
    listener.accepts(&payment(21)).await;
    listener.accepts(&order).await;
    let listener = listener.restart().await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    listener.accepts(&payment(21)).await;
    listener.accepts(&order).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    listener.accepts(&order_canceled(Mode::Separate, 1, 21)).await;
    let listener = listener.restart().await;
    listener.accepts(&order).await;
    assert_eq!(listener.items().await, json!({}));
}

/// The repeat of an attempt whose answer was lost may overtake the cancellation (clause SEQ-10).
#[tokio::test]
async fn a_late_repeat_does_not_undo_the_cancellation() {
    let listener = Listener::start().await;
    for mode in Mode::ALL {
        let (order, invoice) = if mode == Mode::Separate { (1, 21) } else { (2, 22) };
        let paid = order_paid(mode, order, invoice, &[("gold", 5)]);
        listener.accepts(&paid).await;
        listener.accepts(&order_canceled(mode, order, invoice)).await;
        listener.accepts(&paid).await;
        assert_eq!(listener.items().await, json!({}), "{mode}");
        listener.accepts(&order_canceled(mode, order, invoice)).await;
        assert_eq!(listener.items().await, json!({}), "{mode}");
    }
    assert_eq!(listener.transaction(22).await, json!({ "state": "refunded", "refunds": 1 }));
}

/// The invoice of an order is the number of its payment, as text or as a number (clause IDEM-09).
#[tokio::test]
async fn an_invoice_is_the_same_as_number_or_as_text() {
    let listener = Listener::start().await;
    let big = (1_i64 << 53) + 1;
    let invoices = [json!(big), json!(big.to_string())];
    for (order, invoice) in (1..).zip(invoices) {
        let anonymous = payment(big).remove("/user");
        listener.accepts(&anonymous.clone().set("/transaction/id", invoice.clone())).await;
        let paid = order_paid(Mode::Separate, order, big, &[("gold", 5)])
            .set("/order/invoice_id", invoice.clone());
        listener.accepts(&paid).await;
        // The payment names no user: its order is found by the number.
        assert_eq!(listener.transaction(big).await["state"], "paid", "{invoice}");
        let written = |order: serde_json::Value| paid.clone().set("/order/id", order);
        listener.accepts(&written(json!(order.to_string()))).await;
        assert_eq!(listener.items().await, json!({ "gold": 5 * order }));
    }
}

/// A project that is switched over while a delivery is repeated sends both forms (clause IDEM-15).
#[tokio::test]
async fn one_order_in_both_modes_is_one_order() {
    let listener = Listener::start().await;
    for (order, [first, second]) in
        [(1, [Mode::Separate, Mode::Combined]), (2, [Mode::Combined, Mode::Separate])]
    {
        let invoice = 20 + order;
        listener.accepts(&payment(invoice)).await;
        for mode in [first, second] {
            listener.accepts(&order_paid(mode, order, invoice, &[("gold", 5)])).await;
            assert_eq!(listener.items().await, json!({ "gold": 5 }), "{first}, then {second}");
        }
        let paid = json!({ "state": "paid", "refunds": 0 });
        assert_eq!(listener.transaction(invoice).await, paid);
        for mode in [first, second] {
            listener.accepts(&refund(invoice)).await;
            listener.accepts(&order_canceled(mode, order, invoice)).await;
            assert_eq!(listener.items().await, json!({}), "{first}, then {second}");
        }
        let refunded = json!({ "state": "refunded", "refunds": 1 });
        assert_eq!(listener.transaction(invoice).await, refunded);
    }
}

#[tokio::test]
async fn a_repeat_is_answered_as_before_though_the_user_is_gone() {
    let listener = Listener::start().await;
    let order = order_paid(Mode::Separate, 1, 21, &[("gold", 5)]);
    listener.accepts(&order).await;
    let listener = listener.restart_with(|config| config.users.clear()).await;
    listener.accepts(&order).await;
    let renewal = subscription(NotificationType::UpdateSubscription, 5, "monthly", 5);
    listener.send(&renewal).await.is_error(400, "INVALID_USER");
    let another = order_paid(Mode::Separate, 2, 22, &[("gold", 5)]);
    listener.send(&another).await.is_error(400, "INVALID_USER");
}
