//! Wrong listeners: users (clauses `USER-*`).

use hookproof_contract::NotificationType;
use serde_json::{Value, json};

use super::{Asks, Fault, Level, Severity, Verdict, if_accepted, if_refused};
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    event::{Event, text_of},
    game::{Game, KNOWN_USERS},
    questions, right,
    wire::{Answer, Delivery},
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "refuses-every-validation",
        completes: "refuses every user",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-known-accepted"],
        cause: Some("known-users-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour { validate: |_, _, _| Err(Refusal::User), ..Behaviour::default() },
    },
    Fault {
        slug: "knows-one-user-only",
        completes: "knows the first user of the game and no other",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-known-accepted"],
        cause: Some("known-users-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour { knows: |id| id == KNOWN_USERS[0], ..Behaviour::default() },
    },
    Fault {
        slug: "every-user-is-valid",
        completes: "says yes to every user",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-unknown-refused"],
        cause: Some("every-user-valid"),
        asks: Asks::STORE,
        behaviour: || Behaviour { validate: |_, _, _| Ok(()), ..Behaviour::default() },
    },
    Fault {
        slug: "refuses-users-with-200",
        completes: "answers 200 with an error inside for an unknown user",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-unknown-refused"],
        cause: Some("error-inside-success"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, |why| why == Refusal::User, |answer| answer.status = 200)
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "validates-once",
        completes: "refuses a `user_validation` that it has seen before",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-validation-repeatable"],
        cause: Some("validation-deduped"),
        asks: Asks::STORE,
        behaviour: || Behaviour { validate: once, ..Behaviour::default() },
    },
    Fault {
        slug: "gift-with-each-validation",
        completes: "gives a user something for each `user_validation`",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["users-validation-without-effect"],
        cause: Some("questions-have-effects"),
        asks: Asks::STORE,
        behaviour: || Behaviour { validate: with_a_gift, ..Behaviour::default() },
    },
    Fault {
        slug: "integer-ids-crash",
        completes: "meets an exception where a user's id is a number",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-integer-id"],
        cause: Some("user-id-as-text-only"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            vet: |event| {
                if event.at("/user/id").is_some_and(Value::is_number) {
                    Err(Refusal::Crash)
                } else {
                    Ok(())
                }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "quotes-in-ids-crash",
        completes: "builds its query out of the id, so that a quote or a control character breaks it",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-strange-ids"],
        cause: Some("user-id-in-query"),
        asks: Asks::STORE,
        behaviour: || Behaviour { vet: breakable, ..Behaviour::default() },
    },
    Fault {
        slug: "knows-the-empty-user",
        completes: "takes the empty id for a user",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-strange-ids"],
        cause: Some("empty-user-known"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            knows: |id| id.is_empty() || right::knows(id),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "ids-in-any-case",
        completes: "compares ids without regard to case",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-exact-match"],
        cause: Some("user-ids-normalised"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            knows: |id| right::knows(&id.to_lowercase()),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "trims-ids",
        completes: "trims ids before it compares them",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-exact-match"],
        cause: Some("user-ids-normalised"),
        asks: Asks::STORE,
        behaviour: || Behaviour { knows: |id| right::knows(id.trim()), ..Behaviour::default() },
    },
    Fault {
        slug: "orders-of-nobody-acknowledged",
        completes: "acknowledges the order of an unknown user and grants nothing",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-order-of-unknown-user"],
        cause: Some("unknown-buyer-acknowledged"),
        asks: Asks::STORE,
        behaviour: || Behaviour { render: orders_acknowledged, ..Behaviour::default() },
    },
    Fault {
        slug: "combined-orders-of-nobody-acknowledged",
        completes: "looks up the user of an order only where its payment came as an event of its own",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-order-of-unknown-user"],
        cause: Some("unknown-buyer-acknowledged"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                let order = |event: &Event| event.is_order() && event.at("/billing").is_some();
                acknowledged_if(outcome, order)
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "payments-of-nobody-acknowledged",
        completes: "acknowledges the payment of an unknown user and notes nothing",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-payment-of-unknown-user"],
        cause: Some("unknown-payer-acknowledged"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| acknowledged_if(outcome, |event| event.kind == "payment"),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "prefers-user-id-in-orders",
        completes: "reads `user.id` of an order where it is there",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-right-member"],
        cause: Some("user-from-wrong-member"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            user: |event| event.at("/user/id").and_then(text_of).or_else(|| right::user(event)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "reads-user-id-in-orders",
        completes: "reads `user.id` of an order, which is not there",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["users-right-member"],
        cause: Some("user-from-wrong-member"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            user: |event| event.at("/user/id").and_then(text_of),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "search-acknowledged-only",
        completes: "acknowledges a search and names nobody",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-search-finds"],
        cause: Some("search-acknowledged"),
        asks: Asks::also(&[NotificationType::UserSearch]),
        behaviour: || Behaviour {
            render: |it, outcome| {
                if outcome.kind() == "user_search" {
                    if_accepted(it, outcome, Answer::empty(204))
                } else {
                    right::render(it, outcome)
                }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "search-answers-the-public-id",
        completes: "answers a search with the public id in the place of the user's own",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-search-finds"],
        cause: Some("search-acknowledged"),
        asks: Asks::also(&[NotificationType::UserSearch]),
        behaviour: || Behaviour { inform: by_the_public_id, ..Behaviour::default() },
    },
    Fault {
        slug: "search-finds-nobody-with-200",
        completes: "answers a search for a stranger with 200 and no user",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-search-unknown"],
        cause: Some("search-strangers"),
        asks: Asks::also(&[NotificationType::UserSearch]),
        behaviour: || Behaviour {
            inform: |game, event, known| nobody(questions::inform(game, event, known), event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "search-code-for-strangers",
        completes: "refuses a search for a stranger with another code",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["users-search-unknown"],
        cause: Some("search-strangers"),
        asks: Asks::also(&[NotificationType::UserSearch]),
        behaviour: || Behaviour {
            inform: |game, event, known| {
                let told = questions::inform(game, event, known);
                if event.kind == "user_search" {
                    told.map_err(|_| Refusal::Parameter)
                } else {
                    told
                }
            },
            ..Behaviour::default()
        },
    },
];

fn once(game: &mut Game, event: &Event, known: bool) -> Result<(), Refusal> {
    right::validate(game, event, known)?;
    let new = game.notes.insert(event.json.to_string());
    if new { Ok(()) } else { Err(Refusal::Conflict) }
}

fn with_a_gift(game: &mut Game, event: &Event, known: bool) -> Result<(), Refusal> {
    right::validate(game, event, known)?;
    if let Some(user) = &event.user {
        game.grant(user, "gold", 100);
    }
    Ok(())
}

fn breakable(event: &Event) -> Result<(), Refusal> {
    let breaks = |it: char| it.is_control() || matches!(it, '\'' | '"' | '\\');
    let broken = right::user(event).is_some_and(|id| id.contains(breaks));
    if broken { Err(Refusal::Crash) } else { Ok(()) }
}

fn orders_acknowledged(_: &Delivery, outcome: &Outcome) -> Answer {
    acknowledged_if(outcome, Event::is_order)
}

/// The right answer, but success where such an event was refused for its user.
fn acknowledged_if(outcome: &Outcome, such: fn(&Event) -> bool) -> Answer {
    let such = outcome.event.as_ref().is_some_and(such);
    if_refused(outcome, |why| why == Refusal::User && such, |answer| *answer = Answer::empty(204))
}

fn by_the_public_id(game: &mut Game, event: &Event, known: Option<bool>) -> Result<Value, Refusal> {
    let mut told = questions::inform(game, event, known)?;
    if let (Some(public), "user_search") = (event.at("/user/public_id"), event.kind.as_str()) {
        told["user"]["id"] = public.clone();
    }
    Ok(told)
}

fn nobody(told: Result<Value, Refusal>, event: &Event) -> Result<Value, Refusal> {
    told.or_else(|why| match event.kind.as_str() {
        "user_search" if why == Refusal::User => Ok(json!({ "user": null })),
        _ => Err(why),
    })
}
