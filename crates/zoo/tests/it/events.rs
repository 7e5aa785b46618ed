//! Events to send, as small as the contract allows.

use serde_json::{Value, json};

pub(crate) const USER: &str = "player-1001";

pub(crate) fn validation(user: impl Into<Value>) -> Value {
    json!({ "notification_type": "user_validation", "user": { "id": user.into() } })
}

pub(crate) fn payment(transaction: u64) -> Value {
    json!({
        "notification_type": "payment",
        "transaction": { "id": transaction },
        "payment_details": { "payment": { "currency": "USD", "amount": 9.99 } },
    })
}

pub(crate) fn refund(transaction: u64) -> Value {
    let mut event = payment(transaction);
    event["notification_type"] = json!("refund");
    event
}

/// A paid order of the older delivery mode: two swords and gold.
pub(crate) fn order(id: u64, transaction: u64) -> Value {
    let item = |sku: &str, quantity: u64| json!({ "sku": sku, "type": "virtual_good", "quantity": quantity, "amount": "9.99" });
    json!({
        "notification_type": "order_paid",
        "items": [item("sword_01", 2), item("gold", 500)],
        "order": { "id": id, "platform": "xsolla", "status": "paid", "invoice_id": transaction.to_string() },
        "user": { "external_id": USER },
    })
}

/// The same order with its payment inside.
pub(crate) fn combined_order(id: u64, transaction: u64) -> Value {
    let mut event = order(id, transaction);
    event["billing"] = payment(transaction);
    event
}

/// The cancellation of an order.
pub(crate) fn canceled(mut order: Value) -> Value {
    order["notification_type"] = json!("order_canceled");
    if order.get("billing").is_some() {
        order["billing"]["notification_type"] = json!("refund");
    }
    order
}

/// An event with one member set.
pub(crate) fn with(mut event: Value, pointer: &str, value: impl Into<Value>) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(values) => values[member.parse::<usize>().unwrap()] = value.into(),
        _ => parent[member] = value.into(),
    }
    event
}

/// An event without one member.
pub(crate) fn without(mut event: Value, pointer: &str) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(member).unwrap();
    event
}
