//! From the bytes of a body to a [`Notification`].
//!
//! A tolerant reader: of each type it reads what the listener acts on, and what must be there for
//! that. Unknown members, and known members of other types, are skipped unread, so that nothing new
//! on Xsolla's side can break it (clauses PAYLOAD-01 to PAYLOAD-05).

mod money;
mod news;
mod orders;
mod questions;

use std::borrow::Cow;

use hookproof_contract::NotificationType;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    event::Key,
    json::{self, Object},
    notification::{Notification, Question, SubscriptionStep},
};

/// Why a body is no notification. All variants are answered with `INVALID_PARAMETER` (clauses ERR-06,
/// ERR-10 and ERR-11).
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
    /// `null` is a type, though no right one; without any, a body may be the Web Shop's question.
    #[serde(borrow, default, deserialize_with = "json::present")]
    notification_type: Option<&'a RawValue>,
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    transaction: Option<&'a RawValue>,
    #[serde(borrow)]
    payment_details: Option<&'a RawValue>,
    #[serde(borrow)]
    purchase: Option<&'a RawValue>,
    #[serde(borrow)]
    refund_details: Option<&'a RawValue>,
    #[serde(borrow)]
    order: Option<&'a RawValue>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
    #[serde(borrow)]
    billing: Option<&'a RawValue>,
    #[serde(borrow)]
    subscription: Option<&'a RawValue>,
    #[serde(borrow)]
    payment_account: Option<&'a RawValue>,
    #[serde(borrow)]
    action: Option<&'a RawValue>,
    #[serde(borrow)]
    dispute: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    fn read(body: &'a [u8]) -> Result<Self, ParseError> {
        let text = str::from_utf8(body).map_err(|_| ParseError::NotUtf8)?;
        let Object(envelope) = serde_json::from_str::<Object<Self>>(text).map_err(|error| {
            ParseError::NotAnObject { line: error.line(), column: error.column() }
        })?;
        Ok(envelope)
    }

    /// Is there anything that only something which happened has?
    fn tells_of_an_event(&self) -> bool {
        let members = [
            self.transaction,
            self.payment_details,
            self.purchase,
            self.refund_details,
            self.order,
            self.items,
            self.billing,
            self.subscription,
            self.payment_account,
            self.action,
            self.dispute,
            self.event,
        ];
        members.iter().any(Option::is_some)
    }
}

/// Reads a body whose signature has been checked.
pub(crate) fn parse(body: &[u8]) -> Result<Notification<'_>, ParseError> {
    let envelope = Envelope::read(body)?;
    if envelope.notification_type.is_none() {
        return questions::web_shop(&envelope).map(Notification::Question);
    }
    let name = member(envelope.notification_type, "notification_type", json::string)?;
    if name.is_empty() {
        return Err(ParseError::Malformed("notification_type"));
    }
    // The type counts as a whole: one that begins like another is not the other (clause PAYLOAD-14).
    let Ok(kind) = name.parse::<NotificationType>() else {
        return Ok(Notification::Unknown(name));
    };
    read_type(kind, &envelope)
}

/// Reads the key of the event that a verified body reports, and no more of the body than that takes.
///
/// Returns `None` where nothing could be recorded under a key: the type reports no event or is told
/// apart by the row that it sets (`afs_black_list`, `payment_account_add`, `payment_account_remove`), or
/// a member of the key is missing or malformed. Equals [`Event::key`](crate::event::Event::key) of a
/// body that [`parse`] reads.
pub(crate) fn key(body: &[u8]) -> Option<Key> {
    let envelope = Envelope::read(body).ok()?;
    let kind = json::string(envelope.notification_type?)?.parse().ok()?;
    read_key(kind, &envelope).ok().flatten()
}

fn read_key(kind: NotificationType, envelope: &Envelope<'_>) -> Result<Option<Key>, ParseError> {
    let subscription = |step| news::subscription_key(step, envelope);
    Ok(Some(match kind {
        NotificationType::Payment
        | NotificationType::Refund
        | NotificationType::PsDeclined
        | NotificationType::AfsReject => Key::numbered(kind, money::transaction_id(envelope)?.0),
        NotificationType::PartialRefund => money::partial_refund_key(envelope)?,
        NotificationType::Dispute => news::dispute_key(envelope)?,
        NotificationType::CreateSubscription => subscription(SubscriptionStep::Create)?,
        NotificationType::UpdateSubscription => subscription(SubscriptionStep::Update)?,
        NotificationType::CancelSubscription => subscription(SubscriptionStep::Cancel)?,
        NotificationType::NonRenewalSubscription => subscription(SubscriptionStep::NonRenewal)?,
        NotificationType::OrderPaid | NotificationType::OrderCanceled => {
            Key::numbered(kind, orders::order_id(envelope)?.0)
        }
        NotificationType::UserValidation
        | NotificationType::UserSearch
        | NotificationType::PartnerSideCatalog
        | NotificationType::AfsBlackList
        | NotificationType::PaymentAccountAdd
        | NotificationType::PaymentAccountRemove => return Ok(None),
    }))
}

/// Reads a body that has no signature. Only the Web Shop's question needs none (clause WEBSHOP-03).
pub(crate) fn parse_unsigned(body: &[u8]) -> Result<Question<'_>, ParseError> {
    questions::web_shop(&Envelope::read(body)?)
}

fn read_type<'a>(
    kind: NotificationType,
    envelope: &Envelope<'a>,
) -> Result<Notification<'a>, ParseError> {
    let subscription = |step| Ok(Notification::Subscription(step, news::subscription(envelope)?));
    Ok(match kind {
        NotificationType::UserValidation => {
            Notification::Question(Question::Validation(user(envelope)?))
        }
        NotificationType::UserSearch => Notification::Question(questions::search(envelope)?),
        NotificationType::PartnerSideCatalog => {
            Notification::Question(questions::catalogue(envelope)?)
        }
        NotificationType::Payment => Notification::Payment(money::transaction(envelope)?),
        NotificationType::Refund => Notification::Refund(money::transaction(envelope)?),
        NotificationType::PartialRefund => {
            Notification::PartialRefund(money::partial_refund(envelope)?)
        }
        NotificationType::PsDeclined | NotificationType::AfsReject => Notification::Declined {
            kind,
            transaction: money::transaction_id(envelope)?,
            user: optional_user(envelope)?,
        },
        NotificationType::Dispute => Notification::Dispute(news::dispute(envelope)?),
        NotificationType::AfsBlackList => Notification::Blocklist(news::blocklist(envelope)?),
        NotificationType::CreateSubscription => subscription(SubscriptionStep::Create)?,
        NotificationType::UpdateSubscription => subscription(SubscriptionStep::Update)?,
        NotificationType::CancelSubscription => subscription(SubscriptionStep::Cancel)?,
        NotificationType::NonRenewalSubscription => subscription(SubscriptionStep::NonRenewal)?,
        NotificationType::PaymentAccountAdd => {
            Notification::Account(news::account(envelope, true)?)
        }
        NotificationType::PaymentAccountRemove => {
            Notification::Account(news::account(envelope, false)?)
        }
        NotificationType::OrderPaid => Notification::OrderPaid(orders::order(envelope)?),
        NotificationType::OrderCanceled => Notification::OrderCanceled(orders::order(envelope)?),
    })
}

#[derive(Deserialize)]
struct UserWire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

/// The user of all types but the orders and the catalogue: `user.id` (clause USER-05).
fn user<'a>(envelope: &Envelope<'a>) -> Result<Cow<'a, str>, ParseError> {
    let user: UserWire<'_> = object(envelope.user, "user")?;
    member(user.id, "user.id", json::name)
}

/// The same, where the type does not require it.
fn optional_user<'a>(envelope: &Envelope<'a>) -> Result<Option<Cow<'a, str>>, ParseError> {
    envelope.user.map(|_| user(envelope)).transpose()
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

/// A member that may be absent or null; what is there, `read` must understand.
fn optional<'a, T>(
    raw: Option<&'a RawValue>,
    path: &'static str,
    read: impl FnOnce(&'a RawValue) -> Option<T>,
) -> Result<Option<T>, ParseError> {
    raw.map(|raw| read(raw).ok_or(ParseError::Malformed(path))).transpose()
}

/// A member that must be there and be an object.
fn object<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    path: &'static str,
) -> Result<T, ParseError> {
    read::<Object<T>>(raw, path).map(|Object(members)| members)
}

/// A member that may be absent or null, and else must be an object.
fn optional_object<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    path: &'static str,
) -> Result<Option<T>, ParseError> {
    raw.map(|_| object(raw, path)).transpose()
}

fn read<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    path: &'static str,
) -> Result<T, ParseError> {
    member(raw, path, |raw| serde_json::from_str(raw.get()).ok())
}

#[cfg(test)]
mod tests;
