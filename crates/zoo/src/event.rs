//! A notification as the listeners read it: tolerant in what they do not need.

use hookproof_contract::{NotificationType, decimal::Decimal};
use serde_json::Value;

use crate::{behaviour::Refusal, wire::Delivery};

/// A parsed notification.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// The member `notification_type`, known to the contract or not; nothing in the Web Shop's
    /// question.
    pub(crate) kind: String,
    /// It is the Web Shop's question, the one that has no type.
    pub(crate) web_shop: bool,
    /// Everything.
    pub(crate) json: Value,
    /// The bytes that were received.
    pub(crate) body: Vec<u8>,
    /// Whom it is about, as the listener understands it.
    pub(crate) user: Option<String>,
    /// The place of the process that received it.
    pub(crate) replica: usize,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The article.
    pub(crate) sku: String,
    /// How many of it.
    pub(crate) quantity: u64,
    /// Listed only because it is part of a bundle that is listed too.
    pub(crate) in_bundle: bool,
    /// The article is a bundle.
    pub(crate) bundle: bool,
}

/// What only purchases and other news have. A body without a type that has any of it is no mere
/// question, whatever else it says.
const NEWS: &[&str] = &[
    "notification_type",
    "transaction",
    "payment_details",
    "purchase",
    "items",
    "order",
    "billing",
    "refund_details",
    "subscription",
    "payment_account",
    "dispute",
    "event",
    "action",
];

impl Event {
    /// Parses `text`, which was made of the bytes `body`.
    pub(crate) fn read(text: &[u8], body: &[u8]) -> Result<Self, Refusal> {
        let json: Value = serde_json::from_slice(text).map_err(|_| Refusal::NoJson)?;
        let members = json.as_object().ok_or(Refusal::NoJson)?;
        let kind = members.get("notification_type").and_then(Value::as_str);
        let kind = kind.map(str::to_owned);
        let web_shop = kind.is_none() && is_mere_question(&json);
        if kind.is_none() && !web_shop {
            return Err(Refusal::NoType);
        }
        let kind = kind.unwrap_or_default();
        Ok(Self { kind, web_shop, json, body: body.to_vec(), user: None, replica: 0 })
    }

    /// The delivery as an event, if it is the Web Shop's question and comes as the sample does:
    /// without a header `Authorization`.
    pub(crate) fn asked_by_web_shop(delivery: &Delivery) -> Option<Self> {
        let unsigned = delivery.header("authorization").is_none();
        let event = Self::read(&delivery.body, &delivery.body).ok().filter(|_| unsigned)?;
        event.web_shop.then_some(event)
    }

    /// The value at a JSON pointer as text, whether it came as a number or as text.
    pub(crate) fn text(&self, pointer: &str) -> Option<String> {
        self.at(pointer).and_then(text_of)
    }

    /// The amount at a JSON pointer in canonical digits.
    pub(crate) fn amount(&self, pointer: &str) -> Option<String> {
        let amount = Decimal::from_value(self.at(pointer)?);
        amount.map_or_else(|_| self.text(pointer), |amount| Some(amount.to_string()))
    }

    /// Is it one of the four types about subscriptions?
    pub(crate) fn is_subscription(&self) -> bool {
        self.kind.ends_with("_subscription") && self.published().is_some()
    }

    /// The subscription of an event about one.
    pub(crate) fn subscription_id(&self) -> Option<String> {
        self.id("/subscription/subscription_id")
    }

    /// The contract's type, if it is one.
    pub(crate) fn published(&self) -> Option<NotificationType> {
        self.kind.parse().ok()
    }

    /// Is it `order_paid` or `order_canceled`?
    pub(crate) fn is_order(&self) -> bool {
        matches!(self.kind.as_str(), "order_paid" | "order_canceled")
    }

    /// The member at a JSON pointer; null counts as absent.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        self.json.pointer(pointer).filter(|value| !value.is_null())
    }

    /// The integer at a JSON pointer in decimal digits, whether it came as a number or as text.
    pub(crate) fn id(&self, pointer: &str) -> Option<String> {
        let text = text_of(self.at(pointer)?)?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        whole.then_some(text)
    }

    /// The transaction of an event of either mode. A payment inside an order may leave its id to
    /// the order.
    pub(crate) fn transaction_id(&self) -> Option<String> {
        let inside = |billing| self.id(billing).or_else(|| self.id("/order/invoice_id"));
        match self.at("/billing") {
            Some(_) => inside("/billing/transaction/id"),
            None => self.id("/transaction/id"),
        }
    }

    /// The lines of an order, or nothing if one of them is malformed.
    pub(crate) fn items(&self) -> Option<Vec<Item>> {
        self.at("/items")?.as_array()?.iter().map(item).collect()
    }
}

fn is_mere_question(json: &Value) -> bool {
    let user = json.pointer("/user/id").is_some_and(|id| id.is_string() || id.is_number());
    user && NEWS.iter().all(|name| json.get(name).is_none())
}

fn item(value: &Value) -> Option<Item> {
    let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
    Some(Item {
        sku: value.get("sku")?.as_str()?.to_owned(),
        quantity: value.get("quantity")?.as_u64()?,
        in_bundle: flag("is_bundle_content"),
        bundle: value.get("type").and_then(Value::as_str) == Some("bundle"),
    })
}

/// A text, or a number as it was written.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
