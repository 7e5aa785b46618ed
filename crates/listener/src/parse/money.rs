//! The money side: transactions, by themselves and inside of orders.

use std::borrow::Cow;

use hookproof_contract::decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Envelope, ParseError, id, member, object, optional, optional_object, optional_user};
use crate::{
    json,
    notification::{Billing, Money, PartialRefund, SubscriptionId, Transaction, TransactionId},
};

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
    let id = transaction_id(envelope)?;
    if envelope.payment_details.is_none() {
        return Err(ParseError::Missing("payment_details"));
    }
    Ok(Transaction {
        id,
        user: optional_user(envelope)?,
        paid: paid(envelope.payment_details)?,
        subscription: charged(envelope.purchase),
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

pub(super) fn billing(raw: &RawValue) -> Result<Billing<'_>, ParseError> {
    let billing: BillingWire<'_> = object(Some(raw), "billing")?;
    let transaction: Option<TransactionWire<'_>> =
        optional_object(billing.transaction, "billing.transaction")?;
    let number = |transaction: TransactionWire<'_>| {
        member(transaction.id, "billing.transaction.id", id).map(TransactionId)
    };
    Ok(Billing {
        transaction: transaction.map(number).transpose()?,
        paid: paid(billing.payment_details)?,
        subscription: charged(billing.purchase),
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

/// The subscription that is charged. Nothing in `purchase` is a reason to refuse money that has moved
/// (clauses PAYMENT-05 and PAYMENT-06), so what cannot be read there is not there.
fn charged(purchase: Option<&RawValue>) -> Option<SubscriptionId> {
    let purchase: PurchaseWire<'_> = object(purchase, "purchase").ok()?;
    let charged: ChargedWire<'_> = object(purchase.subscription, "purchase.subscription").ok()?;
    charged.subscription_id.and_then(id).map(SubscriptionId)
}
