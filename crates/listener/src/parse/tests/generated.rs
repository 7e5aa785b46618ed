//! Whatever the schemas allow is read without loss: payloads generated from them, compared member by
//! member with the JSON value that they were written from.

use std::collections::{BTreeMap, BTreeSet};

use hookproof_contract::{Mode, NotificationType, generate};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::Value;

use super::*;
use crate::{
    decide::{Decision, decide},
    game::{DemoGame, NotSold},
    notification::{Subscription, Transaction},
};

/// Payloads of each type, and of each mode where the modes differ.
const PAYLOADS: usize = 10_000;

/// The same payloads in every run.
const SEED: [u8; 32] = [7; 32];

/// What was read or written, by JSON pointer.
type Said = BTreeMap<String, String>;

#[track_caller]
fn check(kind: NotificationType, mode: Mode) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let payloads = generate::payloads(kind, mode);
    for _ in 0..PAYLOADS {
        let value = payloads.new_tree(&mut runner).unwrap().current();
        let body = value.to_string();
        let notification = parse(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"));
        assert_eq!(key(body.as_bytes()), event_key(&notification), "{body}");
        // Null is an answer there, so the member that is present counts.
        let visitor =
            if value["user"].get("user_id").is_some() { "/user/user_id" } else { "/user/id" };
        let mut written = written_to(&value, kind);
        if kind == NotificationType::PartnerSideCatalog {
            written.retain(|pointer, _| pointer == visitor);
        }
        assert_eq!(read_from(&notification, visitor), written, "{body}");
    }
}

/// The key of the event that is recorded; `None` where there is none.
fn event_key(notification: &Notification<'_>) -> Option<Key> {
    match decide(notification, &DemoGame::new(BTreeSet::new())) {
        Ok(Decision::Record { event, .. }) => event.key(),
        Ok(_) | Err(NotSold) => None,
    }
}

/// What the value says at the places that a type is read from, in the form in which it is kept.
fn written_to(value: &Value, kind: NotificationType) -> Said {
    let mut said = Said::new();
    for pointer in pointers(kind) {
        write(&mut said, value, pointer);
    }
    if ORDERS.contains(&kind) {
        for line in 0..value["items"].as_array().unwrap().len() {
            write(&mut said, value, &format!("/items/{line}/sku"));
            write(&mut said, value, &format!("/items/{line}/quantity"));
            if value["items"][line]["is_bundle_content"] == true {
                said.insert(format!("/items/{line}/is_bundle_content"), "true".to_owned());
            }
        }
    }
    said
}

fn write(said: &mut Said, value: &Value, pointer: &str) {
    let text = match value.pointer(pointer) {
        None | Some(Value::Null) => return,
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        other => panic!("{pointer}: {other:?}"),
    };
    let text = if pointer.ends_with("/amount") { shortest(&text) } else { text };
    said.insert(pointer.to_owned(), text);
}

/// A decimal without the zeros that mean nothing.
fn shortest(decimal: &str) -> String {
    assert!(!decimal.contains(['e', 'E']), "{decimal}");
    match decimal.split_once('.') {
        Some((whole, fraction)) if fraction.trim_end_matches('0').is_empty() => whole.to_owned(),
        Some(_) => decimal.trim_end_matches('0').to_owned(),
        None => decimal.to_owned(),
    }
}

fn pointers(kind: NotificationType) -> &'static [&'static str] {
    match kind {
        NotificationType::UserValidation => &["/user/id"],
        NotificationType::UserSearch => &["/user/public_id"],
        NotificationType::PartnerSideCatalog => &["/user/user_id", "/user/id"],
        NotificationType::PsDeclined | NotificationType::AfsReject => {
            &["/transaction/id", "/user/id"]
        }
        NotificationType::Payment | NotificationType::Refund => &[
            "/transaction/id",
            "/user/id",
            "/payment_details/payment/amount",
            "/payment_details/payment/currency",
            "/purchase/subscription/subscription_id",
            "/purchase/total/amount",
            "/purchase/total/currency",
            "/transaction/external_id",
        ],
        NotificationType::PartialRefund => &[
            "/transaction/id",
            "/user/id",
            "/payment_details/payment/amount",
            "/payment_details/payment/currency",
            "/purchase/subscription/subscription_id",
            "/purchase/total/amount",
            "/purchase/total/currency",
            "/refund_details/date",
            "/transaction/external_id",
        ],
        NotificationType::AfsBlackList => &[
            "/event/action",
            "/event/parameter",
            "/event/parameter_value",
            "/event/reason",
            "/event/date_of_last_action",
        ],
        NotificationType::Dispute => {
            &["/transaction/id", "/action", "/dispute/type", "/dispute/status", "/dispute/reason"]
        }
        NotificationType::CreateSubscription
        | NotificationType::UpdateSubscription
        | NotificationType::CancelSubscription
        | NotificationType::NonRenewalSubscription => &[
            "/user/id",
            "/subscription/subscription_id",
            "/subscription/plan_id",
            "/subscription/date_next_charge",
        ],
        NotificationType::PaymentAccountAdd | NotificationType::PaymentAccountRemove => {
            &["/user/id", "/payment_account/id"]
        }
        NotificationType::OrderPaid | NotificationType::OrderCanceled => &[
            "/order/id",
            "/order/invoice_id",
            "/order/amount",
            "/order/currency",
            "/user/external_id",
            "/billing/transaction/id",
            "/billing/transaction/external_id",
            "/billing/purchase/total/amount",
            "/billing/purchase/total/currency",
            "/billing/payment_details/payment/amount",
            "/billing/payment_details/payment/currency",
            "/billing/purchase/subscription/subscription_id",
        ],
    }
}

/// What was read of a payload, by the place that it was read from.
fn read_from(notification: &Notification<'_>, place_of_visitor: &str) -> Said {
    let mut said = Reading::default();
    match notification {
        Notification::Question(Question::Validation(user)) => said.text("/user/id", Some(user)),
        Notification::Question(Question::Search(id)) => said.text("/user/public_id", Some(id)),
        Notification::Question(Question::Catalogue(user)) => {
            said.text(place_of_visitor, user.as_deref());
        }
        Notification::Question(Question::WebShop(_)) | Notification::Unknown(_) => {
            panic!("it has a type of the contract: {notification:?}")
        }
        Notification::Payment(transaction) | Notification::Refund(transaction) => {
            said.transaction(transaction);
        }
        Notification::PartialRefund(refund) => {
            said.transaction(&refund.transaction);
            said.number("/purchase/total/amount", refund.total);
            said.text("/refund_details/date", refund.date.as_deref());
        }
        Notification::Declined { transaction, user, .. } => {
            said.number("/transaction/id", Some(transaction.0));
            said.text("/user/id", user.as_deref());
        }
        Notification::Dispute(dispute) => {
            said.number("/transaction/id", Some(dispute.transaction.0));
            said.text("/action", dispute.action.as_deref());
            said.text("/dispute/type", dispute.kind.as_deref());
            said.text("/dispute/status", dispute.status.as_deref());
            said.text("/dispute/reason", dispute.reason.as_deref());
        }
        Notification::Blocklist(news) => {
            said.text("/event/action", news.action.as_deref());
            said.text("/event/parameter", news.parameter.as_deref());
            said.text("/event/parameter_value", news.value.as_deref());
            said.text("/event/reason", news.reason.as_deref());
            said.moment("/event/date_of_last_action", news.changed.as_ref());
        }
        Notification::Subscription(_, subscription) => said.subscription(subscription),
        Notification::Account(account) => {
            said.text("/user/id", Some(&account.user));
            said.text("/payment_account/id", Some(&account.id));
        }
        Notification::OrderPaid(order) | Notification::OrderCanceled(order) => said.order(order),
    }
    said.0
}

#[derive(Default)]
struct Reading(Said);

impl Reading {
    fn text(&mut self, pointer: &str, text: Option<&str>) {
        self.number(pointer, text);
    }

    fn number(&mut self, pointer: &str, number: Option<impl ToString>) {
        if let Some(number) = number {
            self.0.insert(pointer.to_owned(), number.to_string());
        }
    }

    /// Generated moments are right, so each must be understood.
    fn moment(&mut self, pointer: &str, moment: Option<&Moment<'_>>) {
        if let Some(moment) = moment {
            assert!(moment.instant_ms.is_some(), "{}", moment.text);
            self.text(pointer, Some(&moment.text));
        }
    }

    fn transaction(&mut self, transaction: &Transaction<'_>) {
        self.number("/transaction/id", Some(transaction.id.0));
        self.text("/user/id", transaction.user.as_deref());
        self.money("/payment_details/payment", transaction.paid.as_ref());
        self.bought("", &transaction.bought);
    }

    fn bought(&mut self, within: &str, bought: &Bought<'_>) {
        let id = bought.external_id.as_deref();
        self.text(&format!("{within}/transaction/external_id"), id);
        self.money(&format!("{within}/purchase/total"), bought.price.as_ref());
        let charged = bought.subscription.map(|id| id.0);
        self.number(&format!("{within}/purchase/subscription/subscription_id"), charged);
    }

    fn money(&mut self, place: &str, money: Option<&Money<'_>>) {
        self.number(&format!("{place}/amount"), money.map(|money| money.amount));
        let currency = money.and_then(|money| money.currency.as_deref());
        self.text(&format!("{place}/currency"), currency);
    }

    fn subscription(&mut self, subscription: &Subscription<'_>) {
        self.text("/user/id", Some(&subscription.user));
        self.number("/subscription/subscription_id", Some(subscription.id.0));
        self.text("/subscription/plan_id", subscription.plan.as_deref());
        self.moment("/subscription/date_next_charge", subscription.next_charge.as_ref());
    }

    fn order(&mut self, order: &Order<'_>) {
        self.number("/order/id", Some(order.id.0));
        self.number("/order/invoice_id", order.invoice.map(|id| id.0));
        self.text("/user/external_id", Some(&order.user));
        self.money("/order", order.price.as_ref());
        for (line, item) in order.items.iter().enumerate() {
            self.text(&format!("/items/{line}/sku"), Some(&item.sku));
            self.number(&format!("/items/{line}/quantity"), Some(item.quantity));
            let content = item.is_bundle_content.then_some(true);
            self.number(&format!("/items/{line}/is_bundle_content"), content);
        }
        if let Some(billing) = &order.billing {
            let number = billing.transaction.map(|id| id.0);
            self.number("/billing/transaction/id", number);
            self.money("/billing/payment_details/payment", billing.paid.as_ref());
            self.bought("/billing", &billing.bought);
        }
    }
}

const ORDERS: [NotificationType; 2] =
    [NotificationType::OrderPaid, NotificationType::OrderCanceled];

#[test]
fn whatever_the_schemas_allow_is_read_without_loss() {
    for kind in NotificationType::ALL.into_iter().filter(|kind| !ORDERS.contains(kind)) {
        check(kind, Mode::Separate);
    }
}

#[test]
fn whatever_the_schemas_of_orders_allow_is_read_without_loss() {
    for kind in ORDERS {
        for mode in Mode::ALL {
            check(kind, mode);
        }
    }
}
