//! Subscriptions, parts of payments, and what is no payment: what the right listener makes of them.

use hookproof_zoo::{Behaviour, Served, serve};
use serde_json::{Value, json};

use crate::{
    client::{probe, send},
    events::{
        USER, canceled, combined_order, news, order, partial_refund, payment, refund, subscription,
        unpaid, with,
    },
};

/// What the probe shows of a member of the view after these events, all of which are accepted.
async fn after(served: &Served, events: &[Value], pointer: &str) -> Value {
    for event in events {
        let reply = send(served, event.to_string()).await;
        assert_eq!(reply.status(), 204, "{event}: {reply}");
    }
    let view: Value = serde_json::from_str(probe(served, USER).await.body()).unwrap();
    view.pointer(pointer).cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_subscription_begins_goes_on_and_ends() {
    let served = serve(Behaviour::default()).await.unwrap();
    let seen = |state: &str, plan: &str, day: u8| json!({ "state": state, "plan": plan, "next_charge": format!("2026-05-{day:02}T09:26:53+03:00") });
    let check = async |event: Value, expected: Value| {
        let shown = after(&served, &[event.clone(), event.clone()], "/subscriptions/71").await;
        assert_eq!(shown, expected, "{event}");
    };
    let told = |kind: &str, plan: &str, day: u8| subscription(kind, 71, plan, day);
    let other = subscription("create_subscription", "72", "monthly", 1);
    assert_eq!(after(&served, &[other], "/subscriptions/72/state").await, "active");
    check(told("create_subscription", "monthly", 1), seen("active", "monthly", 1)).await;
    check(told("update_subscription", "monthly", 2), seen("active", "monthly", 2)).await;
    check(told("update_subscription", "monthly", 3), seen("active", "monthly", 3)).await;
    check(told("update_subscription", "monthly", 2), seen("active", "monthly", 3)).await;
    check(told("update_subscription", "yearly", 3), seen("active", "yearly", 3)).await;
    check(told("non_renewal_subscription", "yearly", 3), seen("non_renewing", "yearly", 3)).await;
    let over = json!({ "state": "canceled", "plan": "yearly", "next_charge": null });
    check(told("cancel_subscription", "yearly", 3), over.clone()).await;
    check(told("update_subscription", "yearly", 4), over).await;
    assert_eq!(after(&served, &[], "/subscriptions/72/state").await, "active");
    let unknown = subscription("cancel_subscription", 79, "monthly", 1);
    assert_eq!(after(&served, &[unknown], "/subscriptions/79").await, Value::Null);
}

#[tokio::test]
async fn parts_of_a_payment_add_up_and_take_nothing_back() {
    let served = serve(Behaviour::default()).await.unwrap();
    let paid = with(payment(5), "/user", json!({ "id": USER }));
    let (first, second) = (partial_refund(5, "1.50"), partial_refund(5, "2.50"));
    let again = partial_refund(5, "1.5");
    let shown = after(&served, &[paid, order(6, 5), first, second, again], "/transactions/5").await;
    assert_eq!(shown, json!({ "state": "partially_refunded", "refunds": 2 }));
    assert_eq!(after(&served, &[], "/items/sword_01").await, 2);
    let shown = after(&served, &[refund(5), partial_refund(5, "3")], "/transactions/5").await;
    assert_eq!(shown, json!({ "state": "refunded", "refunds": 3 }));
    // A refund that comes before its payment is kept.
    let early = after(&served, &[partial_refund(8, "1")], "/transactions/8").await;
    assert_eq!(early, json!({ "state": "partially_refunded", "refunds": 1 }));
}

#[tokio::test]
async fn what_is_no_payment_grants_nothing() {
    let served = serve(Behaviour::default()).await.unwrap();
    for (kind, id) in [("ps_declined", 5), ("afs_reject", 6)] {
        let state = format!("/transactions/{id}/state");
        assert_eq!(after(&served, &[unpaid(kind, id)], &state).await, "declined");
        assert_eq!(after(&served, &[payment(id)], &state).await, "paid");
    }
    assert_eq!(after(&served, &news(), "/items").await, json!({}));
}

#[tokio::test]
async fn one_order_is_one_order_however_it_is_told() {
    let served = serve(Behaviour::default()).await.unwrap();
    let mut twice = order(6, 5);
    twice["items"][1] = twice["items"][0].clone();
    let as_text = with(twice.clone(), "/order/id", "6");
    let other_mode = with(combined_order(6, 5), "/items", twice["items"].clone());
    let told = [twice.clone(), as_text, other_mode];
    assert_eq!(after(&served, &told, "/items").await, json!({ "sword_01": 4 }));
    let late = [canceled(twice.clone()), twice];
    assert_eq!(after(&served, &late, "/items").await, json!({}));
}
