//! Listeners that are right in an unusual way: the suite must not convict them.
//!
//! Where a source asks for something else the suite may warn; it must not fail them.

use std::time::Duration;

use hookproof_contract::{Secret, signature};
use serde_json::{Value, json};

use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    constructions,
    event::Event,
    front::{Closing, Framing, Front, Names, Raw, Version},
    game::{self, Game, KNOWN_USERS},
    right,
    wire::{Answer, Delivery},
};

/// A listener that is odd but right.
#[derive(Debug, Clone, Copy)]
pub struct Odd {
    /// Permanent name, in kebab-case.
    pub slug: &'static str,
    /// Completes "a listener that …".
    pub completes: &'static str,
    /// The right behaviour but for the oddity.
    pub behaviour: fn() -> Behaviour,
}

/// How late the effects of one of the listeners show.
const LATE: Duration = Duration::from_millis(200);
/// How long the answers of one of the listeners take.
const SLOW: Duration = Duration::from_millis(300);
/// The longest id of a user that one of the listeners looks up.
const USER_ID_BYTES_MAX: usize = 255;

/// All of them.
pub const ODDS: &[Odd] = &[
    Odd {
        slug: "answers-200",
        completes: "answers success with 200 and no body",
        behaviour: || Behaviour {
            render: |_, outcome| accepted(outcome, Answer::empty(200)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "answers-201",
        completes: "answers success with 201 and no body",
        behaviour: || Behaviour {
            render: |_, outcome| accepted(outcome, Answer::empty(201)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "answers-200-with-a-body",
        completes: "answers success with 200 and a body, as published examples do",
        behaviour: || Behaviour {
            render: |_, outcome| accepted(outcome, Answer::json(200, &json!({ "result": "OK" }))),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "statuses-401-and-422",
        completes: "refuses signatures with 401 and all else with 422, as a published library does",
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
        behaviour: || Behaviour { render: with_more_members, ..Behaviour::default() },
    },
    Odd {
        slug: "error-type-with-charset",
        completes: "names the charset of its errors",
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
        behaviour: || Behaviour { verify: in_any_form, ..Behaviour::default() },
    },
    Odd {
        slug: "two-secrets",
        completes: "accepts the previous secret too, for a rotation",
        behaviour: || Behaviour { verify: with_an_old_secret_too, ..Behaviour::default() },
    },
    Odd {
        slug: "closes-after-each-answer",
        completes: "closes the connection after each answer and says so",
        behaviour: || Behaviour {
            front: Front::Raw(Raw { closing: Closing::Announced, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "closes-without-a-word",
        completes: "closes the connection after each answer without saying so",
        behaviour: || Behaviour {
            front: Front::Raw(Raw { closing: Closing::Unannounced, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "http-1-0",
        completes: "answers in HTTP/1.0",
        behaviour: || Behaviour {
            front: Front::Raw(Raw { version: Version::Http10, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "upper-case-header-names",
        completes: "writes header names in upper case",
        behaviour: || Behaviour {
            front: Front::Raw(Raw { names: Names::Upper, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "chunked-answers",
        completes: "sends its answers in chunks",
        behaviour: || Behaviour {
            front: Front::Raw(Raw { framing: Framing::Chunked, ..Raw::default() }),
            render: |_, outcome| accepted(outcome, Answer::empty(200)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "dribbled-answers",
        completes: "sends its answers a few bytes at a time",
        behaviour: || Behaviour {
            front: Front::Raw(Raw { framing: Framing::Dribbled, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "one-at-a-time",
        completes: "answers one request before it looks at the next",
        behaviour: || Behaviour { one_at_a_time: true, ..Behaviour::default() },
    },
    Odd {
        slug: "slow",
        completes: "takes 300 ms for each answer",
        behaviour: || Behaviour { pause: |_| SLOW, ..Behaviour::default() },
    },
    Odd {
        slug: "sheds-load",
        completes: "sends some events away with 503 and takes the repeat",
        behaviour: || Behaviour { sheds_load: true, ..Behaviour::default() },
    },
    Odd {
        slug: "late-effects",
        completes: "answers first and grants 200 ms later",
        behaviour: || Behaviour { effects_after: LATE, ..Behaviour::default() },
    },
    Odd {
        slug: "other-methods-404",
        completes: "answers other methods than POST with 404",
        behaviour: || Behaviour {
            gate: |it| right::gate(it).map_err(|_| Refusal::Path),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "refuses-unknown-types",
        completes: "refuses types that the contract does not have",
        behaviour: || Behaviour {
            vet: |event| if event.published().is_none() { Err(Refusal::Parameter) } else { Ok(()) },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "refuses-strange-ids",
        completes: "refuses ids with control characters, and overlong ones, before it looks them up",
        behaviour: || Behaviour { vet: without_strange_ids, ..Behaviour::default() },
    },
    Odd {
        slug: "refuses-what-it-never-granted",
        completes: "refuses refunds and cancellations of what it does not know",
        behaviour: || Behaviour { objects: to_what_it_never_granted, ..Behaviour::default() },
    },
    Odd {
        slug: "canceled-for-good",
        completes: "does not grant an order whose cancellation came first",
        behaviour: || Behaviour { effects: canceled_for_good, ..Behaviour::default() },
    },
    Odd {
        slug: "unpacks-bundles",
        completes: "grants the contents of a bundle instead of the bundle",
        behaviour: || Behaviour { effects: with_bundles_unpacked, ..Behaviour::default() },
    },
    Odd {
        slug: "probe-empty-for-strangers",
        completes: "shows an empty view of a user that it does not have",
        behaviour: || Behaviour { view: empty_for_strangers, ..Behaviour::default() },
    },
    Odd {
        slug: "probe-with-items-only",
        completes: "shows nothing but items",
        behaviour: || Behaviour { view: items_only, ..Behaviour::default() },
    },
];

fn accepted(outcome: &Outcome, answer: Answer) -> Answer {
    if outcome.result.is_ok() { answer } else { right::rendered(outcome.result) }
}

/// The right answer with another error body or status.
fn refused(outcome: &Outcome, change: impl FnOnce(Refusal, &mut Answer)) -> Answer {
    let mut answer = right::rendered(outcome.result);
    if let Err(refusal) = outcome.result {
        change(refusal, &mut answer);
    }
    answer
}

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

fn without_strange_ids(event: &Event) -> Result<(), Refusal> {
    let user = right::user(event).unwrap_or_default();
    let strange = user.contains(char::is_control) || user.len() > USER_ID_BYTES_MAX;
    if strange { Err(Refusal::User) } else { Ok(()) }
}

fn to_what_it_never_granted(game: &Game, event: &Event) -> Result<(), Refusal> {
    let known = match event.kind.as_str() {
        "refund" => game.knows_payment(event),
        "order_canceled" => game.knows_order(event),
        _ => true,
    };
    if known { Ok(()) } else { Err(Refusal::Invoice) }
}

/// Remembers the cancellation of an order that it does not know, and grants the order no more.
fn canceled_for_good(game: &mut Game, event: &Event) {
    let id = event.id("/order/id").unwrap_or_default();
    if event.kind == "order_canceled" {
        game.notes.insert(id);
    } else if event.kind == "order_paid" && game.notes.contains(&id) {
        return;
    }
    game::effects(game, event);
}

/// Grants the contents of a bundle instead of the bundle, where they are listed.
fn with_bundles_unpacked(game: &mut Game, event: &Event) {
    if event.kind != "order_paid" {
        return game::effects(game, event);
    }
    let items = event.items().unwrap_or_default();
    let unpacked = items.iter().any(|item| item.in_bundle);
    let lines = items.into_iter().filter(|item| !(unpacked && item.bundle));
    game.grant_order(event, lines.map(|item| (item.sku, item.quantity)).collect());
}

fn empty_for_strangers(game: &Game, user: &str) -> Answer {
    let view = if KNOWN_USERS.contains(&user) { game.view(user) } else { json!({}) };
    Answer::json(200, &view)
}

fn items_only(game: &Game, user: &str) -> Answer {
    let mut answer = right::view(game, user);
    if answer.status == 200 {
        let mut view: Value = game.view(user);
        view.as_object_mut().map(|members| members.remove("transactions"));
        answer = Answer::json(200, &view);
    }
    answer
}
