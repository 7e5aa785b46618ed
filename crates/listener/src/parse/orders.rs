//! The goods side: orders and their items.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Envelope, ParseError, id, member, money, object, read};
use crate::{
    json::{self, Object},
    notification::{Item, Order, OrderId, TransactionId},
};

#[derive(Deserialize)]
struct OrderWire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    invoice_id: Option<&'a RawValue>,
    #[serde(borrow)]
    amount: Option<&'a RawValue>,
    #[serde(borrow)]
    currency: Option<&'a RawValue>,
}

impl OrderWire<'_> {
    fn number(&self) -> Result<OrderId, ParseError> {
        member(self.id, "order.id", id).map(OrderId)
    }
}

#[derive(Deserialize)]
struct OrderUserWire<'a> {
    #[serde(borrow)]
    external_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ItemWire<'a> {
    #[serde(borrow)]
    sku: Option<&'a RawValue>,
    #[serde(borrow)]
    quantity: Option<&'a RawValue>,
    #[serde(borrow)]
    is_bundle_content: Option<&'a RawValue>,
}

pub(super) fn order<'a>(envelope: &Envelope<'a>) -> Result<Order<'a>, ParseError> {
    let order: OrderWire<'_> = object(envelope.order, "order")?;
    let user: OrderUserWire<'_> = object(envelope.user, "user")?;
    let lines: Vec<Object<ItemWire<'_>>> = read(envelope.items, "items")?;
    if lines.is_empty() {
        return Err(ParseError::Malformed("items"));
    }
    Ok(Order {
        id: order.number()?,
        user: member(user.external_id, "user.external_id", json::name)?,
        items: lines.into_iter().map(|Object(line)| item(line)).collect::<Result<_, _>>()?,
        // An invoice that is no number is nobody's reason to keep a paid order from the player.
        invoice: order.invoice_id.and_then(id).map(TransactionId),
        price: money::legible(order.amount, order.currency),
        billing: envelope.billing.map(money::billing).transpose()?,
    })
}

/// The number of an order, whatever else its body says.
pub(super) fn order_id(envelope: &Envelope<'_>) -> Result<OrderId, ParseError> {
    let order: OrderWire<'_> = object(envelope.order, "order")?;
    order.number()
}

/// What a line costs is not read: no amount is a reason to refuse an order (clause ORDER-11).
fn item(line: ItemWire<'_>) -> Result<Item<'_>, ParseError> {
    let positive = |raw| json::integer(raw).filter(|quantity| *quantity > 0);
    Ok(Item {
        sku: member(line.sku, "items[].sku", json::name)?,
        quantity: member(line.quantity, "items[].quantity", positive)?,
        is_bundle_content: line.is_bundle_content.is_some_and(|raw| raw.get() == "true"),
    })
}
