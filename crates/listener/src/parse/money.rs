//! The money side: transactions, by themselves and inside of orders.

use std::borrow::Cow;

use hookproof_contract::decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Envelope, ParseError, id, member, object, optional, optional_object, optional_user};
use crate::{
    event::{Content, Key},
    json,
    notification::{
        Billing, Bought, Money, PartialRefund, SubscriptionId, Transaction, TransactionId,
    },
};

#[derive(Deserialize)]
struct TransactionWire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    external_id: Option<&'a RawValue>,
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
struct PurchaseWire<'a> {
    #[serde(borrow)]
    total: Option<&'a RawValue>,
    #[serde(borrow)]
    subscription: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ChargedWire<'a> {
    #[serde(borrow)]
    subscription_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RefundDetailsWire<'a> {
    #[serde(borrow)]
    date: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct BillingWire<'a> {
    #[serde(borrow)]
    transaction: Option<&'a RawValue>,
    #[serde(borrow)]
    payment_details: Option<&'a RawValue>,
    #[serde(borrow)]
    purchase: Option<&'a RawValue>,
}

pub(super) fn transaction<'a>(envelope: &Envelope<'a>) -> Result<Transaction<'a>, ParseError> {
    let transaction: TransactionWire<'_> = object(envelope.transaction, "transaction")?;
    let id = member(transaction.id, "transaction.id", id).map(TransactionId)?;
    if envelope.payment_details.is_none() {
        return Err(ParseError::Missing("payment_details"));
    }
    Ok(Transaction {
        id,
        user: optional_user(envelope)?,
        paid: paid(envelope.payment_details)?,
        bought: bought(transaction.external_id, envelope.purchase),
    })
}

pub(super) fn transaction_id(envelope: &Envelope<'_>) -> Result<TransactionId, ParseError> {
    let transaction: TransactionWire<'_> = object(envelope.transaction, "transaction")?;
    member(transaction.id, "transaction.id", id).map(TransactionId)
}

pub(super) fn partial_refund<'a>(envelope: &Envelope<'a>) -> Result<PartialRefund<'a>, ParseError> {
    Ok(PartialRefund {
        transaction: transaction(envelope)?,
        total: total(envelope.purchase)?,
        date: refund_date(envelope.refund_details)?,
    })
}

/// The key of a partial refund, whatever else its body says.
pub(super) fn partial_refund_key(envelope: &Envelope<'_>) -> Result<Key, ParseError> {
    let paid = paid(envelope.payment_details)?.map(|paid| paid.amount);
    let date = refund_date(envelope.refund_details)?;
    let content = Content::of_partial_refund(total(envelope.purchase)?, paid, date.as_deref());
    Ok(Key::partial_refund(transaction_id(envelope)?, content))
}

pub(super) fn billing(raw: &RawValue) -> Result<Billing<'_>, ParseError> {
    let billing: BillingWire<'_> = object(Some(raw), "billing")?;
    let transaction: Option<TransactionWire<'_>> =
        optional_object(billing.transaction, "billing.transaction")?;
    let number = |transaction: &TransactionWire<'_>| {
        member(transaction.id, "billing.transaction.id", id).map(TransactionId)
    };
    let number = transaction.as_ref().map(number).transpose()?;
    Ok(Billing {
        transaction: number,
        paid: paid(billing.payment_details)?,
        bought: bought(transaction.and_then(|found| found.external_id), billing.purchase),
    })
}

/// The amount that the user paid, from `payment_details`.
fn paid(details: Option<&RawValue>) -> Result<Option<Money<'_>>, ParseError> {
    let details: Option<PaymentDetailsWire<'_>> = optional_object(details, "payment_details")?;
    let Some(payment) = details.and_then(|details| details.payment) else { return Ok(None) };
    let money: MoneyWire<'_> = object(Some(payment), "payment_details.payment")?;
    let amount = optional(money.amount, "payment_details.payment.amount", json::decimal)?;
    let currency = money.currency.and_then(json::string);
    Ok(amount.map(|amount| Money { amount, currency }))
}

/// The part of the price, from `purchase`.
fn total(purchase: Option<&RawValue>) -> Result<Option<Decimal>, ParseError> {
    let purchase: Option<PurchaseWire<'_>> = optional_object(purchase, "purchase")?;
    let Some(total) = purchase.and_then(|purchase| purchase.total) else { return Ok(None) };
    let total: MoneyWire<'_> = object(Some(total), "purchase.total")?;
    optional(total.amount, "purchase.total.amount", json::decimal)
}

fn refund_date(details: Option<&RawValue>) -> Result<Option<Cow<'_, str>>, ParseError> {
    let details: Option<RefundDetailsWire<'_>> = optional_object(details, "refund_details")?;
    let date = details.and_then(|details| details.date);
    optional(date, "refund_details.date", json::string)
}

/// What the money was for. Nothing here is a reason to refuse money that has moved (clauses PAYMENT-05
/// and PAYMENT-06).
fn bought<'a>(external_id: Option<&'a RawValue>, purchase: Option<&'a RawValue>) -> Bought<'a> {
    let external_id = external_id.and_then(json::name);
    let Ok(purchase) = object::<PurchaseWire<'_>>(purchase, "purchase") else {
        return Bought { external_id, ..Bought::default() };
    };
    let price = object::<MoneyWire<'_>>(purchase.total, "purchase.total").ok();
    let charged = object::<ChargedWire<'_>>(purchase.subscription, "purchase.subscription").ok();
    Bought {
        external_id,
        price: price.and_then(|price| legible(price.amount, price.currency)),
        subscription: charged
            .and_then(|charged| charged.subscription_id)
            .and_then(id)
            .map(SubscriptionId),
    }
}

/// An amount, if it can be read.
pub(super) fn legible<'a>(
    amount: Option<&'a RawValue>,
    currency: Option<&'a RawValue>,
) -> Option<Money<'a>> {
    let amount = amount.and_then(json::decimal)?;
    Some(Money { amount, currency: currency.and_then(json::string) })
}
