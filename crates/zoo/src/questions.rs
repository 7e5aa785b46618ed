//! The questions whose answer has a body: who is this, and what may this user see?
//!
//! None of them changes anything, and each may be asked as often as anybody likes.

use serde_json::{Value, json};

use crate::{behaviour::Refusal, event::Event, game::Game};

/// The public id of the first known user, by which a search finds them.
pub const PUBLIC_ID: &str = "player-1001@example.org";
/// What follows a user's id in the public id.
const PUBLIC: &str = "@example.org";
/// A public id that the contract's examples use, and whose it is.
const NICKNAME: (&str, &str) = ("player@example.org", "player-1001");
/// What the Web Shop is told of every user.
const LEVEL: &str = "12";

/// Is it a question whose success has a body?
pub(crate) fn is_one(event: &Event) -> bool {
    event.web_shop || matches!(event.kind.as_str(), "user_search" | "partner_side_catalog")
}

/// Whom a public id belongs to, or nothing where it has not the form of one.
pub(crate) fn owner(public_id: &str) -> Option<String> {
    let (nickname, owner) = NICKNAME;
    let id = if public_id == nickname { Some(owner) } else { public_id.strip_suffix(PUBLIC) };
    id.map(str::to_owned)
}

/// Answers a question, knowing whether the game has the user, if one was named.
pub(crate) fn inform(_: &mut Game, event: &Event, known: Option<bool>) -> Result<Value, Refusal> {
    let user = event.user.as_deref().unwrap_or_default();
    match event.kind.as_str() {
        "partner_side_catalog" => catalog(event, known),
        "user_search" if !names_anybody(event) => Err(Refusal::Parameter),
        "user_search" if known == Some(true) => Ok(json!({ "user": found(user) })),
        "user_search" => Err(Refusal::User),
        _ if known == Some(true) => Ok(visitor(user)),
        _ => Err(Refusal::Visitor),
    }
}

fn names_anybody(event: &Event) -> bool {
    event.text("/user/public_id").or_else(|| event.text("/user/id")).is_some()
}

/// What a search tells of the user that it found.
fn found(user: &str) -> Value {
    json!({ "id": user, "public_id": format!("{user}{PUBLIC}"), "name": format!("Ada of {user}") })
}

/// What the Web Shop is told of a user.
fn visitor(user: &str) -> Value {
    json!({
        "user": { "id": user, "name": "Ada" },
        "attributes": [{ "key": "level", "value": LEVEL }],
    })
}

/// Everybody sees the sword, and who is logged in sees the gold as well.
fn catalog(event: &Event, known: Option<bool>) -> Result<Value, Refusal> {
    event.at("/user").filter(|user| user.is_object()).ok_or(Refusal::Parameter)?;
    let sword = json!({
        "sku": "sword_01",
        "quantity": 1,
        "date_from": "2026-01-01T00:00:00+03:00",
        "date_until": "2036-01-01T00:00:00+03:00",
    });
    match known {
        None => Ok(json!([sword])),
        Some(true) => Ok(json!([sword, { "sku": "gold", "quantity": null }])),
        Some(false) => Err(Refusal::Visitor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_id_has_one_owner() {
        let check = |public_id: &str, expected: Option<&str>| {
            assert_eq!(owner(public_id).as_deref(), expected);
        };
        check(PUBLIC_ID, Some("player-1001"));
        check("player-2002@example.org", Some("player-2002"));
        check("player@example.org", Some("player-1001"));
        check("player-2002", None);
        check("", None);
    }
}
