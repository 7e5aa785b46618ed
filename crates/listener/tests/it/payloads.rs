//! What is understood, and how unlike each other two payloads of one meaning may be.

use hookproof_contract::{Mode, NotificationType, payload::Payload};
use serde_json::{Value, json};

use super::Listener;
use crate::support::{PUBLIC_ID, USER, order_paid, payment, refund, user_validation};

#[tokio::test]
async fn every_published_type_is_accepted_in_both_modes() {
    for mode in Mode::ALL {
        let listener = Listener::start().await;
        for kind in NotificationType::ALL {
            let asks = [NotificationType::UserSearch, NotificationType::PartnerSideCatalog];
            let success = if asks.contains(&kind) { 200 } else { 204 };
            for payload in [Payload::minimal(kind, mode), Payload::full(kind, mode)] {
                let payload = match kind {
                    NotificationType::UserSearch => payload.set("/user/public_id", PUBLIC_ID),
                    _ => payload,
                };
                let reply = listener.send(&payload).await;
                assert_eq!(reply.status, success, "{kind}: {reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn unknown_types_are_acknowledged() {
    let listener = Listener::start().await;
    for kind in ["made_up", "payment_x", "PAYMENT", "Ünïcode"] {
        listener.accepts(&payment(1).set("/notification_type", kind)).await;
    }
    assert_eq!(listener.transaction(1).await, Value::Null);
}

/// A type counts as a whole: one that looks like another has none of its effects (clause PAYLOAD-14).
#[tokio::test]
async fn a_type_that_resembles_another_has_no_effect() {
    let listener = Listener::start().await;
    let order = order_paid(Mode::Combined, 1, 21, &[("gold", 5)]);
    for kind in ["order_paid_later", "reorder_paid", "Order_Paid", " order_paid", "order_paid\0"] {
        listener.accepts(&order.clone().set("/notification_type", kind)).await;
    }
    let account = Payload::full(NotificationType::PaymentAccountAdd, Mode::Separate)
        .set("/transaction/id", 21)
        .set("/payment_details/payment/amount", 5)
        .set("/items", order.value()["items"].clone())
        .set("/order/id", 1);
    listener.accepts(&account).await;
    listener.accepts(&account.set("/notification_type", "payment_account_remove")).await;
    assert_eq!(listener.items().await, json!({}));
    assert_eq!(listener.transaction(21).await, Value::Null);
    listener.accepts(&order).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
}

/// Tests are answered and granted like what they test (clause PAYLOAD-18).
#[tokio::test]
async fn what_is_marked_as_a_test_is_taken_like_any_other() {
    let listener = Listener::start().await;
    listener.accepts(&payment(21).set("/transaction/dry_run", 1)).await;
    let order = order_paid(Mode::Combined, 1, 21, &[("gold", 5)])
        .set("/order/mode", "sandbox")
        .set("/billing/transaction/dry_run", "1");
    listener.accepts(&order).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    assert_eq!(listener.transaction(21).await["state"], "paid");
}

#[tokio::test]
async fn users_come_as_text_or_as_integer() {
    let listener = Listener::start().await;
    for user in [json!("1234567"), json!(1_234_567)] {
        listener.accepts(&user_validation().set("/user/id", user)).await;
    }
}

#[tokio::test]
async fn large_numbers_stay_distinct() {
    let listener = Listener::start().await;
    let ids = [4_300_000_000, (1 << 53) + 1, 1 << 53, i64::MAX, i64::MAX - 1];
    for (owned, id) in (1..).zip(ids) {
        listener.accepts(&payment(id)).await;
        listener.accepts(&order_paid(Mode::Separate, id, id, &[("gold", 1)])).await;
        assert_eq!(listener.items().await, json!({ "gold": owned }));
    }
    for id in ids {
        assert_eq!(listener.transaction(id).await["state"], "paid", "{id}");
    }
}

#[tokio::test]
async fn unknown_members_and_documented_nulls_are_accepted() {
    let listener = Listener::start().await;
    let order = order_paid(Mode::Combined, 1, 2, &[("gold", 3)])
        .set("/new", json!({ "deep": [[[{}]]] }))
        .set("/order/new", json!([1]))
        .set("/items/0/new", "x")
        .set("/items/0/amount", Value::Null)
        .set("/order/comment", Value::Null)
        .set("/order/platform", Value::Null)
        .set("/order/invoice_id", Value::Null)
        .remove("/user/email");
    listener.accepts(&order).await;
    assert_eq!(listener.items().await, json!({ "gold": 3 }));
}

#[tokio::test]
async fn amounts_come_as_number_or_as_text() {
    let listener = Listener::start().await;
    let amounts = [json!(9.99), json!("9.9900"), json!(1000), json!("1.234"), json!(0)];
    for (id, amount) in (1..).zip(amounts) {
        listener.accepts(&payment(id).set("/payment_details/payment/amount", amount.clone())).await;
        listener.accepts(&refund(id).set("/payment_details/payment/amount", amount)).await;
    }
}

#[tokio::test]
async fn many_items_are_granted() {
    let listener = Listener::start().await;
    let skus: Vec<String> = (0..300).map(|number| format!("sku_{number:03}")).collect();
    let items: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 2)).collect();
    listener.accepts(&order_paid(Mode::Separate, 1, 2, &items)).await;
    let owned = listener.items().await;
    assert_eq!(owned.as_object().unwrap().len(), 300);
    assert_eq!(owned["sku_299"], 2);
}

#[tokio::test]
async fn a_user_is_named_by_the_member_of_the_type() {
    let listener = Listener::start().await;
    let order =
        order_paid(Mode::Separate, 1, 2, &[("gold", 3)]).set("/user/id", "test_xsolla_nobody");
    listener.accepts(&order).await;
    let swapped = order_paid(Mode::Separate, 3, 4, &[("gold", 3)])
        .set("/user/id", USER)
        .set("/user/external_id", "test_xsolla_nobody");
    listener.send(&swapped).await.is_error(400, "INVALID_USER");
    assert_eq!(listener.items().await, json!({ "gold": 3 }));
}
