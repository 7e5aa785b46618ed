//! What each notification means.

use std::{borrow::Cow, collections::BTreeSet};

use hookproof_contract::NotificationType;

use super::*;
use crate::{
    event::{Grant, Key},
    game::DemoGame,
    notification::{OrderId, SubscriptionId, TransactionId},
    parse::parse,
};

const ORDER: &str = r#""order":{"id":7,"invoice_id":"21"},"user":{"external_id":"ada"},
    "items":[{"sku":"pack","quantity":1,"is_bundle_content":false},
             {"sku":"gold","quantity":500,"is_bundle_content":true},
             {"sku":"sword","quantity":2}]"#;

/// What is decided about a type with these members.
#[track_caller]
fn check(kind: &str, rest: &str, expected: Decision<'_>) {
    let body = format!(r#"{{"notification_type":"{kind}",{rest}}}"#);
    let notification = parse(body.as_bytes()).unwrap();
    let game = DemoGame::new(BTreeSet::new());
    assert_eq!(decide(&notification, &game), Ok(expected));
}

#[track_caller]
fn check_event(kind: &str, rest: &str, user: Option<&str>, event: Event) {
    let body = format!(r#"{{"notification_type":"{kind}",{rest}}}"#);
    let notification = parse(body.as_bytes()).unwrap();
    match decide(&notification, &DemoGame::new(BTreeSet::new())) {
        Ok(Decision::Record { user: found, event: happened, .. }) => {
            assert_eq!((found, happened), (user, event));
        }
        other => panic!("{other:?}"),
    }
}

/// What the game is told of the purchase: user, id of its own, price and currency, number of lines.
#[track_caller]
fn check_purchase(kind: &str, rest: &str, expected: Option<(&str, Option<&str>, &str, usize)>) {
    let body = format!(r#"{{"notification_type":"{kind}",{rest}}}"#);
    let notification = parse(body.as_bytes()).unwrap();
    let Ok(Decision::Record { purchase, .. }) =
        decide(&notification, &DemoGame::new(BTreeSet::new()))
    else {
        panic!("{notification:?}")
    };
    let price = |price: &Money<'_>| {
        format!("{} {}", price.amount, price.currency.as_deref().unwrap_or("-"))
    };
    let told = purchase.map(|told| {
        (
            told.user.unwrap(),
            told.external_id,
            told.price.map_or("none".into(), price),
            told.items.len(),
        )
    });
    let expected = expected.map(|(user, id, price, lines)| (user, id, price.to_owned(), lines));
    assert_eq!(told, expected);
}

#[test]
fn the_game_is_told_what_was_bought_and_for_how_much() {
    let bought = r#""purchase":{"total":{"amount":9.99,"currency":"USD"}},
        "transaction":{"id":21,"external_id":"shop-417"},"payment_details":{"payment":{"amount":10.89}}"#;
    let payment = format!(r#""user":{{"id":"ada"}},{bought}"#);
    check_purchase("payment", &payment, Some(("ada", Some("shop-417"), "9.99 USD", 0)));
    let bare = r#""user":{"id":"ada"},"transaction":{"id":21},"payment_details":{}"#;
    check_purchase("payment", bare, Some(("ada", None, "none", 0)));
    let order = ORDER.replace(r#""id":7"#, r#""id":7,"amount":"120","currency":"gold""#);
    check_purchase("order_paid", &order, Some(("ada", None, "120 gold", 3)));
    let combined = format!(r#"{order},"billing":{{{bought}}}"#);
    check_purchase("order_paid", &combined, Some(("ada", Some("shop-417"), "120 gold", 3)));
    // What goes back has moved: no price is a reason to keep it.
    check_purchase("refund", &payment, None);
    check_purchase("order_canceled", &combined, None);
}

/// The key of what a type with these members tells of.
fn key(kind: &str, rest: &str) -> Key {
    let body = format!(r#"{{"notification_type":"{kind}",{rest}}}"#);
    let notification = parse(body.as_bytes()).unwrap();
    match decide(&notification, &DemoGame::new(BTreeSet::new())) {
        Ok(Decision::Record { event, .. }) => event.key().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn charge(user: Option<&str>, amount: Option<&str>) -> Charge {
    Charge {
        transaction: TransactionId(21),
        user: user.map(str::to_owned),
        paid: amount.map(|amount| Money {
            amount: amount.parse().unwrap(),
            currency: Some(Cow::Borrowed("USD")),
        }),
        subscription: None,
    }
}

fn paid_order(payment: Option<Charge>) -> Event {
    let grant = |sku: &str, quantity| Grant { sku: sku.to_owned(), quantity };
    Event::OrderPaid(PaidOrder {
        order: OrderId(7),
        user: "ada".to_owned(),
        invoice: Some(TransactionId(21)),
        payment,
        grants: vec![grant("pack", 1), grant("sword", 2)],
    })
}

#[test]
fn questions_are_free_of_effects() {
    let questions = [
        ("user_validation", r#""user":{"id":"ada"}"#, Question::Validation("ada".into())),
        ("user_search", r#""user":{"id":"x","public_id":"a"}"#, Question::Search("a".into())),
        ("partner_side_catalog", r#""user":{"user_id":null}"#, Question::Catalogue(None)),
    ];
    for (kind, rest, question) in questions {
        check(kind, rest, Decision::Ask(&question));
    }
}

#[test]
fn money_is_recorded() {
    let rest = r#""transaction":{"id":21},"user":{"id":"ada"},
        "payment_details":{"payment":{"amount":9.90,"currency":"USD"}}"#;
    let charge = charge(Some("ada"), Some("9.90"));
    check_event("payment", rest, Some("ada"), Event::Payment(charge.clone()));
    check_event("refund", rest, None, Event::Refund(charge.clone()));

    let of_subscription =
        format!(r#"{rest},"purchase":{{"subscription":{{"subscription_id":"5"}}}}"#);
    let charged = Charge { subscription: Some(SubscriptionId(5)), ..charge.clone() };
    check_event("payment", &of_subscription, Some("ada"), Event::Payment(charged));

    let declined = |kind| Event::Declined {
        kind,
        transaction: TransactionId(21),
        user: Some("ada".to_owned()),
    };
    check_event("ps_declined", rest, None, declined(NotificationType::PsDeclined));
    check_event("afs_reject", rest, None, declined(NotificationType::AfsReject));

    let content = Content::of([None, Some("9.9"), None]);
    check_event("partial_refund", rest, None, Event::PartialRefund { refund: charge, content });
}

#[test]
fn orders_grant_bundles_without_their_contents() {
    check_event("order_paid", ORDER, Some("ada"), paid_order(None));
}

#[test]
fn combined_orders_carry_the_money_too() {
    let amount = r#"{"payment":{"amount":"9.90","currency":"USD"}}"#;
    let both =
        format!(r#"{ORDER},"billing":{{"transaction":{{"id":"21"}},"payment_details":{amount}}}"#);
    let payment = Some(charge(Some("ada"), Some("9.90")));
    check_event("order_paid", &both, Some("ada"), paid_order(payment));

    let invoice_only = format!(r#"{ORDER},"billing":{{}}"#);
    let refund = Some(charge(Some("ada"), None));
    let canceled = Event::OrderCanceled { order: OrderId(7), user: "ada".to_owned(), refund };
    check_event("order_canceled", &invoice_only, Some("ada"), canceled);
}

#[test]
fn whoever_receives_must_exist_and_whoever_loses_need_not() {
    let rest = r#""user":{"id":"ada"},"subscription":{"subscription_id":5,"plan_id":7}"#;
    for (step, user) in [
        (SubscriptionStep::Create, Some("ada")),
        (SubscriptionStep::Update, Some("ada")),
        (SubscriptionStep::NonRenewal, None),
        (SubscriptionStep::Cancel, None),
    ] {
        let subscribed = Subscribed {
            id: SubscriptionId(5),
            user: "ada".to_owned(),
            plan: Some("7".to_owned()),
            next_charge: None,
        };
        let event = Event::Subscription(step, subscribed);
        assert_eq!(event.kind(), step.kind());
        check_event(step.kind().as_str(), rest, user, event);
    }
}

#[test]
fn the_blocklist_knows_two_actions() {
    let entry = |listed| {
        Event::Blocklist(Blocked {
            parameter: "email".to_owned(),
            value: "bad@example.org".to_owned(),
            listed,
            reason: None,
            changed_ms: None,
        })
    };
    let news = |action: &str| {
        format!(r#""event":{{{action}"parameter":"email","parameter_value":"bad@example.org"}}"#)
    };
    check_event("afs_black_list", &news(r#""action":"adding","#), None, entry(true));
    check_event("afs_black_list", &news(r#""action":"removing","#), None, entry(false));
    check("afs_black_list", &news(r#""action":"reviewing","#), Decision::Acknowledge);
    check("afs_black_list", &news(""), Decision::Acknowledge);
    check("afs_black_list", r#""event":{"action":"adding"}"#, Decision::Acknowledge);
}

#[test]
fn a_type_is_compared_as_a_whole() {
    let rest = format!(r#"{ORDER},"transaction":{{"id":21}},"payment_details":{{}}"#);
    for kind in
        ["order_paid_x", "xorder_paid", "order_pai", "Order_paid", "order_paid ", "payments"]
    {
        check(kind, &rest, Decision::Acknowledge);
    }
    let account = r#""user":{"id":"ada"},"payment_account":{"id":12}"#;
    for (kind, saved) in [("payment_account_add", true), ("payment_account_remove", false)] {
        let event = Event::Account { user: "ada".to_owned(), id: "12".to_owned(), saved };
        assert_eq!((event.kind().as_str(), event.key()), (kind, None));
        check_event(kind, account, None, event);
    }
}

#[test]
fn the_key_includes_the_type() {
    let (payment, refund) = (Event::Payment(charge(None, None)), Event::Refund(charge(None, None)));
    let numbered = |kind, id| Some(Key { kind, id, content: Content::default() });
    assert_eq!(payment.key(), numbered(NotificationType::Payment, 21));
    assert_eq!(refund.key(), numbered(NotificationType::Refund, 21));
    assert_eq!(paid_order(None).key(), numbered(NotificationType::OrderPaid, 7));
}

#[test]
fn what_shares_a_number_is_told_apart_by_its_content() {
    let refund = |total: &str, paid: &str, date: &str| {
        key(
            "partial_refund",
            &format!(
                r#""transaction":{{"id":21}},"purchase":{{"total":{{"amount":{total}}}}},
                "payment_details":{{"payment":{{"amount":{paid}}}}},"refund_details":{{"date":{date}}}"#
            ),
        )
    };
    let first = refund("1", "2", "\"3\"");
    assert_eq!(first, refund("\"1.00\"", "2.0", "\"3\""), "the form of an amount is no content");
    for other in [refund("2", "2", "\"3\""), refund("1", "1", "\"3\""), refund("1", "2", "null")] {
        assert_ne!(first, other);
    }

    let update = |plan: &str, date: &str| {
        key(
            "update_subscription",
            &format!(
                r#""user":{{"id":"ada"}},
                "subscription":{{"subscription_id":5,"plan_id":{plan},"date_next_charge":{date}}}"#
            ),
        )
    };
    assert_eq!(update("7", "null"), update("\"7\"", "null"));
    assert_ne!(update("7", "null"), update("null", "\"7\""));
    assert_ne!(update("7", "\"a\""), update("7", "\"b\""));

    let dispute = |action: &str, status: &str| {
        key(
            "dispute",
            &format!(
                r#""action":"{action}","transaction":{{"id":21}},"dispute":{{"status":"{status}"}}"#
            ),
        )
    };
    assert_ne!(dispute("adding", "new"), dispute("updating", "new"));
    assert_ne!(dispute("updating", "won"), dispute("updating", "lost"));
    assert_eq!(dispute("updating", "won"), dispute("updating", "won"));
}
