//! Subscriptions, disputes, the blocklist, payment accounts.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Envelope, ParseError, id, member, money, object, optional, optional_object, user};
use crate::{
    event::Key,
    json,
    moment::Moment,
    notification::{
        Account, BlocklistNews, Dispute, Subscription, SubscriptionId, SubscriptionStep,
    },
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

#[derive(Default, Deserialize)]
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

impl<'a> SubscriptionWire<'a> {
    fn id(&self) -> Result<SubscriptionId, ParseError> {
        member(self.subscription_id, "subscription.subscription_id", id).map(SubscriptionId)
    }

    fn plan(&self) -> Result<Option<Cow<'a, str>>, ParseError> {
        optional(self.plan_id, "subscription.plan_id", json::name)
    }

    fn next_charge(&self) -> Result<Option<Cow<'a, str>>, ParseError> {
        optional(self.date_next_charge, "subscription.date_next_charge", json::string)
    }
}

pub(super) fn subscription<'a>(envelope: &Envelope<'a>) -> Result<Subscription<'a>, ParseError> {
    let wire: SubscriptionWire<'_> = object(envelope.subscription, "subscription")?;
    Ok(Subscription {
        id: wire.id()?,
        user: user(envelope)?,
        plan: wire.plan()?,
        next_charge: wire.next_charge()?.map(Moment::new),
    })
}

/// The key of one step of a subscription, whatever else its body says.
pub(super) fn subscription_key(
    step: SubscriptionStep,
    envelope: &Envelope<'_>,
) -> Result<Key, ParseError> {
    let wire: SubscriptionWire<'_> = object(envelope.subscription, "subscription")?;
    let (next_charge, plan) = (wire.next_charge()?, wire.plan()?);
    Ok(Key::subscription(step, wire.id()?, next_charge.as_deref(), plan.as_deref()))
}

impl<'a> DisputeWire<'a> {
    fn kind(&self) -> Result<Option<Cow<'a, str>>, ParseError> {
        optional(self.r#type, "dispute.type", json::name)
    }

    fn status(&self) -> Result<Option<Cow<'a, str>>, ParseError> {
        optional(self.status, "dispute.status", json::name)
    }
}

pub(super) fn dispute<'a>(envelope: &Envelope<'a>) -> Result<Dispute<'a>, ParseError> {
    let wire = dispute_wire(envelope)?;
    Ok(Dispute {
        transaction: money::transaction_id(envelope)?,
        action: dispute_action(envelope)?,
        kind: wire.kind()?,
        status: wire.status()?,
        reason: optional(wire.reason, "dispute.reason", json::name)?,
    })
}

/// The key of one stage of a dispute, whatever else its body says.
pub(super) fn dispute_key(envelope: &Envelope<'_>) -> Result<Key, ParseError> {
    let wire = dispute_wire(envelope)?;
    let (action, status, kind) = (dispute_action(envelope)?, wire.status()?, wire.kind()?);
    let transaction = money::transaction_id(envelope)?;
    Ok(Key::dispute(transaction, action.as_deref(), status.as_deref(), kind.as_deref()))
}

fn dispute_wire<'a>(envelope: &Envelope<'a>) -> Result<DisputeWire<'a>, ParseError> {
    let wire: Option<DisputeWire<'_>> = optional_object(envelope.dispute, "dispute")?;
    Ok(wire.unwrap_or_default())
}

fn dispute_action<'a>(envelope: &Envelope<'a>) -> Result<Option<Cow<'a, str>>, ParseError> {
    optional(envelope.action, "action", json::name)
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
