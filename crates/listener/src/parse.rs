//! From the bytes of a body to a [`Notification`].
//!
//! A tolerant reader: of each type it reads what the listener acts on, and what must be there for
//! that. Unknown members, and known members of other types, are skipped unread, so that nothing new
//! on Xsolla's side can break it (clauses PAYLOAD-01 to PAYLOAD-05).

use hookproof_contract::NotificationType;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    json::{self, Object},
    notification::{
        Billing, Item, Money, Notification, Order, OrderId, Transaction, TransactionId,
    },
};

/// Why a body is no notification. All variants are answered with `INVALID_PARAMETER` (clause ERR-06).
///
/// No variant quotes the body: errors are logged, and bodies hold personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParseError {
    /// The bytes are no text.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// The text is no JSON object, or says a member twice.
    #[error("the body is no JSON object that can be read, from line {line} column {column}")]
    NotAnObject {
        /// Line of the first problem, from 1.
        line: usize,
        /// Column of the first problem, from 1.
        column: usize,
    },
    /// A member that the type requires is absent or null.
    #[error("the member `{0}` is missing")]
    Missing(&'static str),
    /// A member has not the form that the contract gives it.
    #[error("the member `{0}` is malformed")]
    Malformed(&'static str),
}

/// The members of all types, each as the text it stands as.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    notification_type: Option<&'a RawValue>,
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    transaction: Option<&'a RawValue>,
    #[serde(borrow)]
    payment_details: Option<&'a RawValue>,
    #[serde(borrow)]
    order: Option<&'a RawValue>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
    #[serde(borrow)]
    billing: Option<&'a RawValue>,
}

/// Reads a body whose signature has been checked.
pub(crate) fn parse(body: &[u8]) -> Result<Notification<'_>, ParseError> {
    let text = str::from_utf8(body).map_err(|_| ParseError::NotUtf8)?;
    let Object(envelope) = serde_json::from_str::<Object<Envelope<'_>>>(text)
        .map_err(|error| ParseError::NotAnObject { line: error.line(), column: error.column() })?;
    let name = member(envelope.notification_type, "notification_type", json::string)?;
    if name.is_empty() {
        return Err(ParseError::Malformed("notification_type"));
    }
    let Ok(kind) = name.parse::<NotificationType>() else {
        return Ok(Notification::Unknown(name));
    };
    Ok(match kind {
        NotificationType::UserValidation => {
            let user: UserWire<'_> = object(envelope.user, "user")?;
            Notification::UserValidation { user: member(user.id, "user.id", json::name)? }
        }
        NotificationType::Payment => Notification::Payment(transaction(&envelope)?),
        NotificationType::Refund => Notification::Refund(transaction(&envelope)?),
        NotificationType::OrderPaid => Notification::OrderPaid(order(&envelope)?),
        NotificationType::OrderCanceled => Notification::OrderCanceled(order(&envelope)?),
        other => Notification::Other(other),
    })
}

#[derive(Deserialize)]
struct UserWire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    external_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct TransactionWire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct PaymentDetailsWire<'a> {
    #[serde(borrow)]
    payment: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MoneyWire<'a> {
    #[serde(borrow)]
    amount: Option<&'a RawValue>,
    #[serde(borrow)]
    currency: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct OrderWire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    invoice_id: Option<&'a RawValue>,
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

#[derive(Deserialize)]
struct BillingWire<'a> {
    #[serde(borrow)]
    transaction: Option<&'a RawValue>,
    #[serde(borrow)]
    payment_details: Option<&'a RawValue>,
}

fn transaction<'a>(envelope: &Envelope<'a>) -> Result<Transaction<'a>, ParseError> {
    let transaction: TransactionWire<'_> = object(envelope.transaction, "transaction")?;
    if envelope.payment_details.is_none() {
        return Err(ParseError::Missing("payment_details"));
    }
    let user = match envelope.user {
        None => None,
        some => {
            let user: UserWire<'_> = object(some, "user")?;
            Some(member(user.id, "user.id", json::name)?)
        }
    };
    Ok(Transaction {
        id: TransactionId(member(transaction.id, "transaction.id", id)?),
        user,
        paid: paid(envelope.payment_details)?,
    })
}

fn order<'a>(envelope: &Envelope<'a>) -> Result<Order<'a>, ParseError> {
    let order: OrderWire<'_> = object(envelope.order, "order")?;
    let user: UserWire<'_> = object(envelope.user, "user")?;
    let lines: Vec<Object<ItemWire<'_>>> = read(envelope.items, "items")?;
    if lines.is_empty() {
        return Err(ParseError::Malformed("items"));
    }
    Ok(Order {
        id: OrderId(member(order.id, "order.id", id)?),
        user: member(user.external_id, "user.external_id", json::name)?,
        items: lines.into_iter().map(|Object(line)| item(line)).collect::<Result<_, _>>()?,
        // An invoice that is no number is nobody's reason to keep a paid order from the player.
        invoice: order.invoice_id.and_then(id).map(TransactionId),
        billing: envelope.billing.map(billing).transpose()?,
    })
}

fn item(line: ItemWire<'_>) -> Result<Item<'_>, ParseError> {
    let positive = |raw| json::integer(raw).filter(|quantity| *quantity > 0);
    Ok(Item {
        sku: member(line.sku, "items[].sku", json::name)?,
        quantity: member(line.quantity, "items[].quantity", positive)?,
        is_bundle_content: line.is_bundle_content.is_some_and(|raw| raw.get() == "true"),
    })
}

fn billing(raw: &RawValue) -> Result<Billing<'_>, ParseError> {
    let billing: BillingWire<'_> = object(Some(raw), "billing")?;
    let transaction = match billing.transaction {
        None => None,
        some => {
            let transaction: TransactionWire<'_> = object(some, "billing.transaction")?;
            Some(TransactionId(member(transaction.id, "billing.transaction.id", id)?))
        }
    };
    Ok(Billing { transaction, paid: paid(billing.payment_details)? })
}

/// The amount that the user paid, from `payment_details`.
fn paid(details: Option<&RawValue>) -> Result<Option<Money<'_>>, ParseError> {
    let Some(details) = details else { return Ok(None) };
    let details: PaymentDetailsWire<'_> = object(Some(details), "payment_details")?;
    let Some(payment) = details.payment else { return Ok(None) };
    let money: MoneyWire<'_> = object(Some(payment), "payment_details.payment")?;
    let Some(amount) = money.amount else { return Ok(None) };
    let amount = member(Some(amount), "payment_details.payment.amount", json::decimal)?;
    Ok(Some(Money { amount, currency: money.currency.and_then(json::string) }))
}

/// An id: an integer of up to 63 bits that is not negative (clause PAYLOAD-07).
fn id(raw: &RawValue) -> Option<i64> {
    json::integer(raw).filter(|id| *id >= 0)
}

/// A member that must be there and that `read` must understand.
fn member<'a, T>(
    raw: Option<&'a RawValue>,
    path: &'static str,
    read: impl FnOnce(&'a RawValue) -> Option<T>,
) -> Result<T, ParseError> {
    read(raw.ok_or(ParseError::Missing(path))?).ok_or(ParseError::Malformed(path))
}

/// A member that must be there and be an object.
fn object<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    path: &'static str,
) -> Result<T, ParseError> {
    read::<Object<T>>(raw, path).map(|Object(members)| members)
}

fn read<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    path: &'static str,
) -> Result<T, ParseError> {
    member(raw, path, |raw| serde_json::from_str(raw.get()).ok())
}

#[cfg(test)]
mod tests;
