//! What is asked: a user's id, a catalogue, and the Web Shop's question, which has no type.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Envelope, ParseError, member, object, user};
use crate::{json, notification::Question};

#[derive(Deserialize)]
struct SearchedWire<'a> {
    #[serde(borrow)]
    public_id: Option<&'a RawValue>,
}

/// The id is null for a visitor, so null is not the same as absent here.
#[derive(Deserialize)]
struct VisitorWire<'a> {
    #[serde(borrow, default, deserialize_with = "json::present")]
    user_id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    id: Option<&'a RawValue>,
}

/// The public id counts; a `user.id` beside it, the very thing that is sought, is not read.
pub(super) fn search<'a>(envelope: &Envelope<'a>) -> Result<Question<'a>, ParseError> {
    let user: SearchedWire<'_> = object(envelope.user, "user")?;
    member(user.public_id, "user.public_id", json::name).map(Question::Search)
}

/// The id is `user.user_id`, and `user.id` where that is absent (clause CATALOG-05).
pub(super) fn catalogue<'a>(envelope: &Envelope<'a>) -> Result<Question<'a>, ParseError> {
    let user: VisitorWire<'_> = object(envelope.user, "user")?;
    let id = user.user_id.or(user.id);
    if id.is_some_and(|raw| raw.get() == "null") {
        return Ok(Question::Catalogue(None));
    }
    member(id, "user.user_id", json::name).map(|user| Question::Catalogue(Some(user)))
}

/// The Web Shop's question is recognised by what it lacks: a type, and everything that an event has.
pub(super) fn web_shop<'a>(envelope: &Envelope<'a>) -> Result<Question<'a>, ParseError> {
    if envelope.notification_type.is_some() {
        return Err(ParseError::Malformed("notification_type"));
    }
    // Something happened, and does not say what (clause PAYLOAD-13).
    if envelope.tells_of_an_event() || envelope.user.is_none() {
        return Err(ParseError::Missing("notification_type"));
    }
    user(envelope).map(Question::WebShop)
}
