//! Subscriptions over the wire (clauses SUB-*). Which order does what stands beside the store.

use hookproof_contract::{Mode, NotificationType as Type, payload::Payload};
use serde_json::{Value, json};

use super::Listener;
use crate::support::{USER, date, payment, refund, subscription};

fn seen(plan: &str, state: &str, month: u32) -> Value {
    json!({ "plan": plan, "state": state, "next_charge": date(month) })
}

#[tokio::test]
async fn a_subscription_begins_goes_on_changes_and_ends() {
    let listener = Listener::start().await;
    // Without a payment before it: a trial.
    listener.accepts(&subscription(Type::CreateSubscription, 5, "monthly", 4)).await;
    listener.accepts(&subscription(Type::CreateSubscription, 6, "monthly", 4)).await;
    assert_eq!(listener.subscription(5).await, seen("monthly", "active", 4));
    for month in 5..=7 {
        let renewal = subscription(Type::UpdateSubscription, 5, "monthly", month);
        listener.accepts(&renewal).await;
        listener.accepts(&renewal).await;
        assert_eq!(listener.subscription(5).await, seen("monthly", "active", month));
    }
    listener.accepts(&subscription(Type::UpdateSubscription, 5, "weekly", 6)).await;
    assert_eq!(listener.subscription(5).await, seen("weekly", "active", 6));
    listener.accepts(&subscription(Type::NonRenewalSubscription, 5, "weekly", 6)).await;
    assert_eq!(listener.subscription(5).await, seen("weekly", "non_renewing", 6));

    let listener = listener.restart().await;
    let canceled = subscription(Type::CancelSubscription, 5, "weekly", 6);
    listener.accepts(&canceled).await;
    listener.accepts(&canceled).await;
    listener.accepts(&subscription(Type::UpdateSubscription, 5, "monthly", 7)).await;
    listener.accepts(&subscription(Type::UpdateSubscription, 5, "monthly", 9)).await;
    let ended = json!({ "plan": "weekly", "state": "canceled", "next_charge": null });
    assert_eq!(listener.subscription(5).await, ended);
    assert_eq!(listener.subscription(6).await, seen("monthly", "active", 4));
    assert_eq!(listener.items().await, json!({}));
}

#[tokio::test]
async fn a_refund_shortens_what_it_paid_for() {
    let listener = Listener::start().await;
    let charge = |payload: Payload| payload.set("/purchase/subscription/subscription_id", "5");
    listener.accepts(&subscription(Type::CreateSubscription, 5, "monthly", 4)).await;
    for month in [5, 6] {
        listener.accepts(&charge(payment(20 + i64::from(month)))).await;
        listener.accepts(&subscription(Type::UpdateSubscription, 5, "monthly", month)).await;
    }
    // The late repeat of a renewal is none; the update after a refund is written like one.
    let back = subscription(Type::UpdateSubscription, 5, "monthly", 5);
    listener.accepts(&back).await;
    assert_eq!(listener.subscription(5).await, seen("monthly", "active", 6));
    listener.accepts(&refund(26)).await;
    listener.accepts(&back).await;
    assert_eq!(listener.subscription(5).await, seen("monthly", "active", 5));
}

#[tokio::test]
async fn ids_come_as_number_or_as_text() {
    let listener = Listener::start().await;
    let big = (1_i64 << 53) + 1;
    let create = subscription(Type::CreateSubscription, big, "monthly", 4);
    listener.accepts(&create.clone().set("/subscription/subscription_id", big - 1)).await;
    listener.accepts(&create).await;
    let as_text = |payload: Payload| {
        payload
            .set("/subscription/subscription_id", big.to_string())
            .set("/subscription/plan_id", 17)
    };
    listener.accepts(&as_text(subscription(Type::UpdateSubscription, big, "", 5))).await;
    assert_eq!(listener.subscription(big).await, seen("17", "active", 5));
    listener.accepts(&as_text(subscription(Type::CancelSubscription, big, "", 5))).await;
    assert_eq!(listener.subscription(big).await["state"], "canceled");
    assert_eq!(listener.subscription(big - 1).await, seen("monthly", "active", 4));
}

#[tokio::test]
async fn members_may_be_missing_and_subscriptions_unknown() {
    let listener = Listener::start().await;
    let kinds = [
        Type::CreateSubscription,
        Type::UpdateSubscription,
        Type::NonRenewalSubscription,
        Type::CancelSubscription,
    ];
    for (id, kind) in (5..).zip(kinds) {
        let bare = Payload::minimal(kind, Mode::Separate)
            .set("/user", json!({ "id": USER }))
            .set("/subscription", json!({ "subscription_id": id }));
        // Before it is recorded: afterwards it is a duplicate, whatever else is missing.
        listener.send(&bare.clone().remove("/user")).await.is_error(400, "INVALID_PARAMETER");
        listener.accepts(&bare).await;
        let seen = listener.subscription(id).await;
        assert_eq!((&seen["next_charge"], &seen["plan"]), (&Value::Null, &Value::Null));
        let nameless = bare.set("/subscription", json!({}));
        listener.send(&nameless).await.is_error(400, "INVALID_PARAMETER");
    }
}

#[tokio::test]
async fn only_who_receives_something_must_be_known() {
    let listener = Listener::start().await;
    let nobody = |kind| subscription(kind, 5, "monthly", 4).set("/user/id", "test_xsolla_nobody");
    for kind in [Type::CreateSubscription, Type::UpdateSubscription] {
        listener.send(&nobody(kind)).await.is_error(400, "INVALID_USER");
    }
    for kind in [Type::NonRenewalSubscription, Type::CancelSubscription] {
        listener.accepts(&nobody(kind)).await;
    }
}
