//! Money that went back in part, money that never came, and news that move none.

use hookproof_contract::{Mode, NotificationType, payload::Payload};
use serde_json::{Value, json};

use super::Listener;
use crate::support::{USER, order_canceled, order_paid, payment, refund};

fn of_transaction(kind: NotificationType, id: i64) -> Payload {
    Payload::full(kind, Mode::Separate).set("/transaction/id", id).set("/user/id", USER)
}

fn partial_refund(id: i64, amount: impl Into<Value>) -> Payload {
    of_transaction(NotificationType::PartialRefund, id).set("/purchase/total/amount", amount)
}

#[tokio::test]
async fn partial_refunds_count_and_take_no_goods() {
    let listener = Listener::start().await;
    listener.accepts(&payment(21)).await;
    listener.accepts(&order_paid(Mode::Separate, 1, 21, &[("gold", 5)])).await;
    for repeat in [json!(2.5), json!(2.5), json!("2.50"), json!("2.5")] {
        listener.accepts(&partial_refund(21, repeat)).await;
    }
    let once = json!({ "state": "partially_refunded", "refunds": 1 });
    assert_eq!(listener.transaction(21).await, once);
    listener.accepts(&partial_refund(21, 1.5)).await;
    let later = partial_refund(21, 1.5).set("/refund_details/date", "2026-03-17T11:00:00+03:00");
    listener.accepts(&later).await;
    let thrice = json!({ "state": "partially_refunded", "refunds": 3 });
    assert_eq!(listener.transaction(21).await, thrice);
    assert_eq!(listener.items().await, json!({ "gold": 5 }));

    let listener = listener.restart().await;
    listener.accepts(&later).await;
    assert_eq!(listener.transaction(21).await, thrice);
    listener.accepts(&refund(21)).await;
    listener.accepts(&order_canceled(Mode::Separate, 1, 21)).await;
    assert_eq!(listener.transaction(21).await, json!({ "state": "refunded", "refunds": 4 }));
    assert_eq!(listener.items().await, json!({}));
    listener.accepts(&partial_refund(21, 0.5)).await;
    assert_eq!(listener.transaction(21).await["state"], "refunded");
}

#[tokio::test]
async fn a_partial_refund_without_anything_optional_counts() {
    let listener = Listener::start().await;
    let bare = partial_refund(21, 1)
        .remove("/user")
        .remove("/purchase")
        .remove("/refund_details")
        .set("/payment_details", json!({}));
    listener.accepts(&payment(21)).await;
    listener.accepts(&bare).await;
    listener.accepts(&bare).await;
    let once = json!({ "state": "partially_refunded", "refunds": 1 });
    assert_eq!(listener.transaction(21).await, once);
    // It speaks of money that has gone, whoever is gone since.
    listener.accepts(&partial_refund(22, 1).set("/user/id", "test_xsolla_nobody")).await;
}

#[tokio::test]
async fn a_payment_that_was_refused_is_declined_and_grants_nothing() {
    let listener = Listener::start().await;
    for (id, kind) in [(21, NotificationType::PsDeclined), (22, NotificationType::AfsReject)] {
        for id in [json!(id), json!(id.to_string())] {
            listener.accepts(&of_transaction(kind, 0).set("/transaction/id", id)).await;
        }
        assert_eq!(listener.transaction(id).await, json!({ "state": "declined", "refunds": 0 }));
        listener.accepts(&payment(id)).await;
        assert_eq!(listener.transaction(id).await["state"], "paid");
    }
    assert_eq!(listener.items().await, json!({}));
    listener
        .accepts(
            &of_transaction(NotificationType::PsDeclined, 23).remove("/user").remove("/settings"),
        )
        .await;
}

#[tokio::test]
async fn a_dispute_is_accepted_whatever_it_says() {
    let listener = Listener::start().await;
    listener.accepts(&payment(21)).await;
    let dispute = of_transaction(NotificationType::Dispute, 21);
    let forms = [
        dispute.clone().set("/action", "adding").set("/dispute/status", "new"),
        dispute.clone().set("/action", "reopening").set("/dispute/type", "new_kind"),
        dispute.clone().set("/dispute/status", 7).set("/dispute/reason", Value::Null),
        dispute.clone().remove("/transaction/country_code").set("/user/country", "US"),
        dispute.clone().set("/user/id", "test_xsolla_nobody"),
        dispute.clone().remove("/dispute"),
        dispute.set("/transaction/id", "21"),
    ];
    for form in forms {
        listener.accepts(&form).await;
    }
    assert_eq!(listener.transaction(21).await, json!({ "state": "paid", "refunds": 0 }));
}

#[tokio::test]
async fn the_blocklist_is_accepted_without_a_user() {
    let listener = Listener::start().await;
    let news = Payload::full(NotificationType::AfsBlackList, Mode::Separate);
    let forms = [
        news.clone().set("/event/action", "adding"),
        news.clone(),
        news.clone().set("/event/action", "reviewing"),
        news.clone().set("/event/transaction_id", 21).set("/event/project_id", "40001"),
        news.clone().set("/event/date_of_last_action", "soon"),
        news.set("/event", json!({})),
    ];
    for form in forms {
        listener.accepts(&form).await;
    }
}

#[tokio::test]
async fn accounts_grant_nothing() {
    let listener = Listener::start().await;
    for kind in [NotificationType::PaymentAccountAdd, NotificationType::PaymentAccountRemove] {
        for id in [json!("12345678"), json!(12_345_678), json!("card-x")] {
            let account = Payload::full(kind, Mode::Separate).set("/payment_account/id", id);
            listener.accepts(&account).await;
            listener.accepts(&account.set("/user/id", "test_xsolla_nobody")).await;
        }
    }
    let empty = json!({ "user": USER, "items": {}, "subscriptions": {}, "transactions": {} });
    assert_eq!(listener.probe(USER).await, empty);
}

#[tokio::test]
async fn what_these_types_require_must_be_there() {
    let listener = Listener::start().await;
    let lacking = [
        partial_refund(1, 1).remove("/transaction"),
        partial_refund(1, 1).remove("/payment_details"),
        partial_refund(1, "much"),
        of_transaction(NotificationType::PsDeclined, 1).remove("/transaction/id"),
        of_transaction(NotificationType::AfsReject, 1).set("/transaction/id", "none"),
        of_transaction(NotificationType::Dispute, 1).remove("/transaction"),
        Payload::full(NotificationType::AfsBlackList, Mode::Separate).remove("/event"),
        Payload::full(NotificationType::PaymentAccountAdd, Mode::Separate)
            .remove("/payment_account/id"),
        Payload::full(NotificationType::PaymentAccountRemove, Mode::Separate).remove("/user"),
    ];
    for payload in lacking {
        listener.send(&payload).await.is_error(400, "INVALID_PARAMETER");
    }
}
