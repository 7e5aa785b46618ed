//! Wrong listeners: users whom somebody talked them into (clauses `USER-02`, `USER-03`).

use super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    game::{Game, KNOWN_USERS},
    right,
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "looks-up-inherited-names",
        completes: "looks users up in an object that has inherited names",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-hostile-lookups"],
        cause: Some("lookup-injection"),
        asks: Asks::STORE,
        behaviour: || Behaviour { knows: or_inherited, ..Behaviour::default() },
    },
    Fault {
        slug: "conditions-in-ids",
        completes: "builds its query out of the id, so that a condition in it holds for everybody",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-hostile-lookups"],
        cause: Some("lookup-injection"),
        asks: Asks::STORE,
        behaviour: || Behaviour { knows: or_condition, ..Behaviour::default() },
    },
    Fault {
        slug: "operators-in-ids",
        completes: "hands the id to its database as it came, operators and all",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-hostile-lookups"],
        cause: Some("lookup-injection"),
        asks: Asks::STORE,
        behaviour: || Behaviour { user: anybody_for_an_object, ..Behaviour::default() },
    },
    Fault {
        slug: "registers-on-validation",
        completes: "registers a user whom it was asked about",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-validation-repeatable"],
        cause: Some("registers-on-validation"),
        asks: Asks::STORE,
        behaviour: || Behaviour { validate: registering, ..Behaviour::default() },
    },
];

fn or_inherited(user: &str) -> bool {
    let inherited = ["constructor", "toString", "hasOwnProperty", "valueOf", "__proto__"];
    right::knows(user) || inherited.contains(&user)
}

fn or_condition(user: &str) -> bool {
    right::knows(user) || user.contains("' OR '")
}

fn anybody_for_an_object(event: &Event) -> Option<String> {
    let object = event.at("/user/id").is_some_and(serde_json::Value::is_object);
    if object { Some(KNOWN_USERS[0].to_owned()) } else { right::user(event) }
}

fn registering(game: &mut Game, event: &Event, known: bool) -> Result<(), Refusal> {
    let user = event.user.clone().unwrap_or_default();
    if known || !game.notes.insert(user) { Ok(()) } else { Err(Refusal::User) }
}
