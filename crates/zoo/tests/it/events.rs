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

/// A part of a payment given back.
pub(crate) fn partial_refund(transaction: u64, amount: &str) -> Value {
    let mut event = payment(transaction);
    event["notification_type"] = json!("partial_refund");
    event["payment_details"]["payment"]["amount"] = json!(amount);
    event["user"] = json!({ "id": USER });
    event
}

/// News of a subscription to a plan, to be charged next on that day of the month.
pub(crate) fn subscription(kind: &str, id: impl Into<Value>, plan: &str, day: u8) -> Value {
    json!({
        "notification_type": kind,
        "settings": { "project_id": 40001 },
        "user": { "id": USER },
        "subscription": {
            "subscription_id": id.into(),
            "plan_id": plan,
            "date_next_charge": format!("2026-05-{day:02}T09:26:53+03:00"),
        },
    })
}

/// News of a transaction that was not paid.
pub(crate) fn unpaid(kind: &str, transaction: u64) -> Value {
    json!({
        "notification_type": kind,
        "user": { "id": USER },
        "transaction": { "id": transaction.to_string() },
    })
}

/// A search for whoever has a public id.
pub(crate) fn search(public_id: &str) -> Value {
    json!({ "notification_type": "user_search", "user": { "public_id": public_id } })
}

/// The question which articles somebody may see.
pub(crate) fn catalog(user: &Value) -> Value {
    json!({ "notification_type": "partner_side_catalog", "user": user })
}

/// The Web Shop's question, which has no type.
pub(crate) fn web_shop(user: &str) -> Value {
    json!({ "settings": { "project_id": 40001 }, "user": { "id": user, "country": "US" } })
}

/// News that changes nothing in the game.
pub(crate) fn news() -> [Value; 4] {
    let user = json!({ "id": USER });
    let account = json!({ "id": "12345678" });
    let dispute = json!({ "incoming_date": "2026-04-01", "reason": "fraud", "status": "won", "type": "other" });
    [
        json!({ "notification_type": "payment_account_add", "user": user, "payment_account": account }),
        json!({ "notification_type": "payment_account_remove", "user": user, "payment_account": account }),
        json!({ "notification_type": "afs_black_list", "event": { "action": "adding", "parameter": "ip_address", "parameter_value": "203.0.113.66" } }),
        json!({ "notification_type": "dispute", "action": "updating", "user": { "country_code": "US" }, "transaction": { "id": 1 }, "dispute": dispute }),
    ]
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
