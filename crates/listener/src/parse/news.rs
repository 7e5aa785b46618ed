//! Subscriptions, disputes, the blocklist, payment accounts.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Envelope, ParseError, id, member, money, object, optional, optional_object, user};
use crate::{
    json,
    moment::Moment,
    notification::{Account, BlocklistNews, Dispute, Subscription, SubscriptionId},
};

#[derive(Deserialize)]
struct SubscriptionWire<'a> {
    #[serde(borrow)]
    subscription_id: Option<&'a RawValue>,
    #[serde(borrow)]
    plan_id: Option<&'a RawValue>,
    #[serde(borrow)]
    date_next_charge: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct DisputeWire<'a> {
    #[serde(borrow)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    reason: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct BlocklistWire<'a> {
    #[serde(borrow)]
    action: Option<&'a RawValue>,
    #[serde(borrow)]
    parameter: Option<&'a RawValue>,
    #[serde(borrow)]
    parameter_value: Option<&'a RawValue>,
    #[serde(borrow)]
    reason: Option<&'a RawValue>,
    #[serde(borrow)]
    date_of_last_action: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct AccountWire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

pub(super) fn subscription<'a>(envelope: &Envelope<'a>) -> Result<Subscription<'a>, ParseError> {
    let wire: SubscriptionWire<'_> = object(envelope.subscription, "subscription")?;
    Ok(Subscription {
        id: SubscriptionId(member(wire.subscription_id, "subscription.subscription_id", id)?),
        user: user(envelope)?,
        plan: optional(wire.plan_id, "subscription.plan_id", json::name)?,
        next_charge: optional(
            wire.date_next_charge,
            "subscription.date_next_charge",
            json::string,
        )?
        .map(Moment::new),
    })
}

pub(super) fn dispute<'a>(envelope: &Envelope<'a>) -> Result<Dispute<'a>, ParseError> {
    let wire: Option<DisputeWire<'_>> = optional_object(envelope.dispute, "dispute")?;
    let (kind, status, reason) =
        wire.map_or((None, None, None), |wire| (wire.r#type, wire.status, wire.reason));
    Ok(Dispute {
        transaction: money::transaction_id(envelope)?,
        action: optional(envelope.action, "action", json::name)?,
        kind: optional(kind, "dispute.type", json::name)?,
        status: optional(status, "dispute.status", json::name)?,
        reason: optional(reason, "dispute.reason", json::name)?,
    })
}

pub(super) fn blocklist<'a>(envelope: &Envelope<'a>) -> Result<BlocklistNews<'a>, ParseError> {
    let wire: BlocklistWire<'_> = object(envelope.event, "event")?;
    Ok(BlocklistNews {
        action: optional(wire.action, "event.action", json::string)?,
        parameter: optional(wire.parameter, "event.parameter", json::name)?,
        value: optional(wire.parameter_value, "event.parameter_value", json::name)?,
        reason: optional(wire.reason, "event.reason", json::name)?,
        changed: optional(wire.date_of_last_action, "event.date_of_last_action", json::string)?
            .map(Moment::new),
    })
}

pub(super) fn account<'a>(envelope: &Envelope<'a>, saved: bool) -> Result<Account<'a>, ParseError> {
    let wire: AccountWire<'_> = object(envelope.payment_account, "payment_account")?;
    Ok(Account {
        saved,
        user: user(envelope)?,
        id: member(wire.id, "payment_account.id", json::name)?,
    })
}
