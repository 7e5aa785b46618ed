//! Listeners that are odd in how they answer.

use std::time::Duration;

use hookproof_contract::{Secret, signature};
use serde_json::{Value, json};

use super::{Odd, accepted, refused};
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    constructions,
    faults::Asks,
    front::{Closing, Framing, Front, Names, Raw, Version},
    game::Game,
    right,
    wire::{Answer, Delivery},
};

/// The odd ones of this kind.
pub(super) static ODDS: &[Odd] = &[
    Odd {
        slug: "answers-200",
        completes: "answers success with 200 and no body",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            render: |_, outcome| accepted(outcome, Answer::empty(200)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "answers-201",
        completes: "answers success with 201 and no body",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            render: |_, outcome| accepted(outcome, Answer::empty(201)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "answers-200-with-a-body",
        completes: "answers success with 200 and a body, as published examples do",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            render: |_, outcome| accepted(outcome, Answer::json(200, &json!({ "result": "OK" }))),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "statuses-401-and-422",
        completes: "refuses signatures with 401 and all else with 422, as a published library does",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            render: |_, outcome| {
                refused(outcome, |refusal, answer| {
                    answer.status = match refusal {
                        Refusal::Signature => 401,
                        _ if answer.status == 400 => 422,
                        _ => answer.status,
                    }
                })
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "signatures-403",
        completes: "refuses signatures with 403 and the right code",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            render: |_, outcome| {
                refused(outcome, |refusal, answer| {
                    if refusal == Refusal::Signature {
                        answer.status = 403;
                    }
                })
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "more-members-in-errors",
        completes: "puts more into its errors than the contract asks for",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { render: with_more_members, ..Behaviour::default() },
    },
    Odd {
        slug: "error-type-with-charset",
        completes: "names the charset of its errors",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            render: |_, outcome| {
                refused(outcome, |_, answer| {
                    answer.content_type = Some("application/json; charset=utf-8");
                })
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "problem-json",
        completes: "sends its errors as `application/problem+json`",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            render: |_, outcome| {
                refused(outcome, |_, answer| answer.content_type = Some("application/problem+json"))
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "lenient-header-form",
        completes: "takes scheme and digits in any case, with any number of blanks",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { verify: in_any_form, ..Behaviour::default() },
    },
    Odd {
        slug: "two-secrets",
        completes: "accepts the previous secret too, for a rotation",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { verify: with_an_old_secret_too, ..Behaviour::default() },
    },
    Odd {
        slug: "closes-after-each-answer",
        completes: "closes the connection after each answer and says so",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { closing: Closing::Announced, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "closes-without-a-word",
        completes: "closes the connection after each answer without saying so",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { closing: Closing::Unannounced, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "http-1-0",
        completes: "answers in HTTP/1.0",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { version: Version::Http10, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "upper-case-header-names",
        completes: "writes header names in upper case",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { names: Names::Upper, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "chunked-answers",
        completes: "sends its answers in chunks",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { framing: Framing::Chunked, ..Raw::default() }),
            render: |_, outcome| accepted(outcome, Answer::empty(200)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "dribbled-answers",
        completes: "sends its answers a few bytes at a time",
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { framing: Framing::Dribbled, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "one-at-a-time",
        completes: "answers one request before it looks at the next",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { one_at_a_time: true, ..Behaviour::default() },
    },
    Odd {
        slug: "slow",
        completes: "takes 100 ms for each answer",
        asks: Asks::STORE,
        behaviour: || Behaviour { pause: |_| SLOW, ..Behaviour::default() },
    },
    Odd {
        slug: "other-methods-404",
        completes: "answers other methods than POST with 404",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            gate: |it| right::gate(it).map_err(|_| Refusal::Path),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "pretty-errors",
        completes: "prints its errors over several lines",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            render: |_, outcome| refused(outcome, |_, answer| answer.body = pretty(&answer.body)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "errors-in-german",
        completes: "tells people in German what is wrong",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { render: in_german, ..Behaviour::default() },
    },
    Odd {
        slug: "get-shows-a-page",
        completes: "answers a GET with a page that says what this address is for",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { render: with_a_page, ..Behaviour::default() },
    },
];

/// How long the answers of one of the listeners take.
const SLOW: Duration = Duration::from_millis(100);

fn with_more_members(_: &Delivery, outcome: &Outcome) -> Answer {
    refused(outcome, |refusal, answer| {
        let Some(code) = refusal.code() else { return };
        let error = json!({ "code": code.as_str(), "message": code.message(), "details": [] });
        *answer = Answer::json(answer.status, &json!({ "status": "error", "error": error }));
    })
}

/// Lenient in the form of the header, strict in its digits.
fn in_any_form(delivery: &Delivery, _: &mut Game) -> Result<(), Refusal> {
    let words = delivery.authorization().unwrap_or_default().split_whitespace();
    let [scheme, digits] = words.collect::<Vec<_>>()[..] else { return Err(Refusal::Signature) };
    let right = digits.eq_ignore_ascii_case(&constructions::right(&delivery.body));
    if right && scheme.eq_ignore_ascii_case("signature") { Ok(()) } else { Err(Refusal::Signature) }
}

fn with_an_old_secret_too(delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    let old = Secret::new("the-secret-before-the-rotation").map_err(|_| Refusal::Crash)?;
    let by_old = signature::verify(&delivery.body, delivery.header("authorization"), &[old]);
    right::verify(delivery, game).or_else(|refusal| by_old.map_err(|_| refusal))
}

/// The same JSON over several lines; what is no JSON stays as it is.
fn pretty(body: &[u8]) -> Vec<u8> {
    let parsed = serde_json::from_slice::<Value>(body);
    parsed.map_or_else(|_| body.to_vec(), |json| format!("{json:#}\n").into_bytes())
}

fn in_german(_: &Delivery, outcome: &Outcome) -> Answer {
    refused(outcome, |refusal, answer| {
        if let Some(code) = refusal.code() {
            *answer = Answer::error(answer.status, code, "Das geht so nicht: ungültige Anfrage");
        }
    })
}

fn with_a_page(_: &Delivery, outcome: &Outcome) -> Answer {
    refused(outcome, |refusal, answer| {
        if refusal == Refusal::Method {
            *answer = Answer::text(200, "Webhooks of the shop go here, by POST.");
        }
    })
}
