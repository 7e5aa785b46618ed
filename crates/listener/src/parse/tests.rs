//! What is read, and what is refused.

mod generated;

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::moment::Moment;
use crate::notification::{
    Bought, Item, Money, Order, OrderId, SubscriptionId, Transaction, TransactionId,
};

#[track_caller]
fn check(body: &str, expected: Result<Notification<'_>, ParseError>) {
    assert_eq!(parse(body.as_bytes()), expected);
}

#[track_caller]
fn check_user(body: &str, user: &str) {
    check(body, Ok(Notification::Question(Question::Validation(Cow::Borrowed(user)))));
}

#[test]
fn user_validation_names_its_user() {
    check_user(
        r#"{"notification_type":"user_validation","user":{"id":"player-1001"}}"#,
        "player-1001",
    );
    check_user(r#"{"notification_type":"user_validation","user":{"id":1234567}}"#, "1234567");
    check_user(
        r#" {"user" : {"id":"\u0070layer"}, "notification_type": "user\u005fvalidation"} "#,
        "player",
    );
    check(
        r#"{"notification_type":"user_validation","user":{"id":null}}"#,
        Err(ParseError::Missing("user.id")),
    );
    check(r#"{"notification_type":"user_validation"}"#, Err(ParseError::Missing("user")));
    check(
        r#"{"notification_type":"user_validation","user":["player-1001"]}"#,
        Err(ParseError::Malformed("user")),
    );
}

#[test]
fn a_body_is_one_object() {
    for body in
        ["", "null", "1", "[]", "\"payment\"", "{", "{} {}", r#"["user_validation",{"id":"a"}]"#]
    {
        assert!(
            matches!(parse(body.as_bytes()), Err(ParseError::NotAnObject { .. })),
            "{body}: {:?}",
            parse(body.as_bytes())
        );
    }
    assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(ParseError::NotUtf8));
    check("{}", Err(ParseError::Missing("notification_type")));
    check(r#"{"notification_type":null}"#, Err(ParseError::Malformed("notification_type")));
    check(r#"{"notification_type":""}"#, Err(ParseError::Malformed("notification_type")));
    check(r#"{"notification_type":7}"#, Err(ParseError::Malformed("notification_type")));
}

#[test]
fn unknown_types_are_named_not_read() {
    check(
        r#"{"notification_type":"payment_x","transaction":7}"#,
        Ok(Notification::Unknown(Cow::Borrowed("payment_x"))),
    );
}

#[track_caller]
fn check_question(rest: &str, expected: Result<Question<'_>, ParseError>) {
    check(&format!("{{{rest}}}"), expected.map(Notification::Question));
}

#[test]
fn a_catalogue_is_for_a_user_or_for_a_visitor() {
    let ask = |user: &str| format!(r#""notification_type":"partner_side_catalog","user":{user}"#);
    let of = |user: Option<&'static str>| Ok(Question::Catalogue(user.map(Cow::Borrowed)));
    check_question(&ask(r#"{"user_id":"ada"}"#), of(Some("ada")));
    check_question(&ask(r#"{"id":"ada"}"#), of(Some("ada")));
    check_question(&ask(r#"{"id":"bob","user_id":17}"#), of(Some("17")));
    check_question(&ask(r#"{"user_id":null}"#), of(None));
    check_question(&ask(r#"{"user_id":null,"id":"ada"}"#), of(None));
    check_question(&ask(r#"{"id":null}"#), of(None));
    check_question(&ask("{}"), Err(ParseError::Missing("user.user_id")));
    check_question(&ask(r#"{"user_id":{}}"#), Err(ParseError::Malformed("user.user_id")));
    check_question(&ask("null"), Err(ParseError::Missing("user")));
}

#[test]
fn the_web_shop_asks_without_a_type() {
    let ada = || Ok(Question::WebShop(Cow::Borrowed("ada")));
    check_question(r#""user":{"id":"ada"}"#, ada());
    check_question(r#""settings":{},"new":[],"user":{"id":"ada","country":"US"}"#, ada());
    check_question(r#""user":{"country":"US"}"#, Err(ParseError::Missing("user.id")));
    let nameless = || Err(ParseError::Missing("notification_type"));
    check_question("", nameless());
    check_question(r#""settings":{}"#, nameless());
    for event in [
        "transaction",
        "payment_details",
        "purchase",
        "refund_details",
        "order",
        "items",
        "billing",
        "subscription",
        "payment_account",
        "action",
        "dispute",
        "event",
    ] {
        check_question(&format!(r#""{event}":{{}},"user":{{"id":"ada"}}"#), nameless());
    }
    for named in ["null", r#""payment""#, r#""user_validation""#, "7"] {
        let body = format!(r#"{{"notification_type":{named},"user":{{"id":"ada"}}}}"#);
        assert_eq!(
            parse_unsigned(body.as_bytes()),
            Err(ParseError::Malformed("notification_type"))
        );
    }
}

#[test]
fn payments_keep_ids_and_amounts_exactly() {
    let payment = |amount: &'static str| {
        Notification::Payment(Transaction {
            id: TransactionId(9_007_199_254_740_993),
            user: None,
            paid: Some(Money {
                amount: amount.parse().unwrap(),
                currency: Some(Cow::Borrowed("USD")),
            }),
            bought: Bought::default(),
        })
    };
    check(
        r#"{"notification_type":"payment","transaction":{"id":9007199254740993},
            "payment_details":{"payment":{"currency":"USD","amount":9.9900}},"order":[]}"#,
        Ok(payment("9.9900")),
    );
    check(
        r#"{"notification_type":"payment","transaction":{"id":"9007199254740993"},
            "payment_details":{"payment":{"currency":"USD","amount":"0.3"}},"user":null}"#,
        Ok(payment("0.3")),
    );
    check(
        r#"{"notification_type":"payment","transaction":{"id":-1},"payment_details":{}}"#,
        Err(ParseError::Malformed("transaction.id")),
    );
    check(
        r#"{"notification_type":"payment","transaction":{"id":1}}"#,
        Err(ParseError::Missing("payment_details")),
    );
    check(
        r#"{"notification_type":"payment","transaction":{"id":1},
            "payment_details":{"payment":{"amount":"[null]"}}}"#,
        Err(ParseError::Malformed("payment_details.payment.amount")),
    );
}

#[test]
fn nothing_in_purchase_is_a_reason_to_refuse_money() {
    let price = |purchase: &str| {
        let body = format!(
            r#"{{"notification_type":"payment","transaction":{{"id":1,"external_id":[]}},"payment_details":{{}},"purchase":{purchase}}}"#
        );
        match parse(body.as_bytes()) {
            Ok(Notification::Payment(payment)) => {
                assert_eq!(payment.bought.external_id, None);
                payment.bought.price.map(|price| price.amount.to_string())
            }
            other => panic!("{purchase}: {other:?}"),
        }
    };
    assert_eq!(price(r#"{"total":{"amount":"9.90"}}"#).as_deref(), Some("9.9"));
    for purchase in [r#"{"total":7}"#, r#"{"total":{"amount":"[null]"}}"#, r#"{"total":{}}"#] {
        assert_eq!(price(purchase), None, "{purchase}");
    }
    let charged = |purchase: &str| {
        let body = format!(
            r#"{{"notification_type":"payment","transaction":{{"id":1}},"payment_details":{{}},"purchase":{purchase}}}"#
        );
        match parse(body.as_bytes()) {
            Ok(Notification::Payment(payment)) => payment.bought.subscription,
            other => panic!("{purchase}: {other:?}"),
        }
    };
    for purchase in ["null", "[]", "7", "{}", r#"{"subscription":[]}"#, r#"{"subscription":{}}"#] {
        assert_eq!(charged(purchase), None, "{purchase}");
    }
    assert_eq!(charged(r#"{"subscription":{"subscription_id":"none"},"gift":1}"#), None);
    let max = SubscriptionId(i64::MAX);
    assert_eq!(charged(r#"{"subscription":{"subscription_id":9223372036854775807}}"#), Some(max));
    assert_eq!(charged(r#"{"subscription":{"subscription_id":"9223372036854775807"}}"#), Some(max));
}

fn an_order(items: &str, rest: &str) -> String {
    format!(
        r#"{{"notification_type":"order_paid","items":{items},"order":{{"id":"689"{rest}}},
            "user":{{"id":"other","external_id":"player-1001"}}}}"#
    )
}

#[test]
fn orders_name_user_items_and_invoice() {
    let body = an_order(
        r#"[{"sku":"gold","quantity":"500","amount":null,"is_bundle_content":true,"new":{}},
            {"sku":7,"quantity":1.0,"amount":"[null]","is_bundle_content":null}]"#,
        r#","invoice_id":"2105000001","comment":null"#,
    );
    check(
        &body,
        Ok(Notification::OrderPaid(Order {
            id: OrderId(689),
            user: Cow::Borrowed("player-1001"),
            items: vec![
                Item { sku: Cow::Borrowed("gold"), quantity: 500, is_bundle_content: true },
                Item { sku: Cow::Borrowed("7"), quantity: 1, is_bundle_content: false },
            ],
            invoice: Some(TransactionId(2_105_000_001)),
            price: None,
            billing: None,
        })),
    );
}

#[test]
fn an_order_may_have_no_invoice_but_must_have_its_items() {
    for invoice in ["", r#","invoice_id":null"#, r#","invoice_id":"none""#] {
        let body = an_order(r#"[{"sku":"gold","quantity":1}]"#, invoice);
        let Ok(Notification::OrderPaid(order)) = parse(body.as_bytes()) else {
            panic!("{invoice}")
        };
        assert_eq!(order.invoice, None, "{invoice}");
    }
    check(&an_order("null", ""), Err(ParseError::Missing("items")));
    check(&an_order("{}", ""), Err(ParseError::Malformed("items")));
    check(&an_order("[]", ""), Err(ParseError::Malformed("items")));
    check(&an_order(r#"[["gold",1]]"#, ""), Err(ParseError::Malformed("items")));
    check(&an_order(r#"[{"sku":"gold"}]"#, ""), Err(ParseError::Missing("items[].quantity")));
    for quantity in ["0", "-1", "1.5", "9223372036854775808", r#""many""#] {
        check(
            &an_order(&format!(r#"[{{"sku":"gold","quantity":{quantity}}}]"#), ""),
            Err(ParseError::Malformed("items[].quantity")),
        );
    }
}

#[test]
fn what_is_not_read_cannot_fail() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    check_user(
        &format!(
            r#"{{"x":{deep},"y":1e999999,"z":"\ud800","x":1,"notification_type":"user_validation","user":{{"id":"a","id2":{deep}}}}}"#
        ),
        "a",
    );
}

proptest! {
    #[test]
    fn any_bytes_are_answered(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&body);
    }

    /// Bytes that are nearly a notification reach further into the reader.
    #[test]
    fn any_damage_is_answered(
        place in any::<proptest::sample::Index>(),
        with in proptest::collection::vec(any::<u8>(), 0..4),
        remove in 0..4_usize,
    ) {
        let mut body = br#"{"notification_type":"order_paid","items":[{"sku":"a","quantity":1}],
            "order":{"id":1,"invoice_id":"1"},"user":{"external_id":"player-1001"},
            "billing":{"transaction":{"id":1},"payment_details":{"payment":{"amount":"1.5e1"}}}}"#.to_vec();
        let from = place.index(body.len());
        let to = (from + remove).min(body.len());
        body.splice(from..to, with);
        let _ = parse(&body);
    }

    #[test]
    fn every_id_is_read_as_it_was_written(id in 0..=i64::MAX) {
        for text in [id.to_string(), format!("\"{id}\"")] {
            let body = format!(
                r#"{{"notification_type":"refund","transaction":{{"id":{text}}},"payment_details":{{}}}}"#
            );
            let bought = Bought::default();
            let expected = Transaction { id: TransactionId(id), user: None, paid: None, bought };
            prop_assert_eq!(parse(body.as_bytes()), Ok(Notification::Refund(expected)));
        }
    }
}
