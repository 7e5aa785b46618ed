//! Wrong listeners: statuses, connections and survival (clauses `ANS-*`).

use std::time::Duration;

use hookproof_contract::{ErrorCode, NotificationType};
use serde_json::{Value, json};

use super::{Asks, Fault, Level, Severity, Verdict, if_accepted, if_refused};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    front::{Front, Manner, Raw},
    right,
    wire::{Answer, Delivery},
};

/// Longer than any run.
const NEVER: Duration = Duration::from_hours(1);

/// One type is rejected whatever it contains.
const TYPE_REJECTED: Fault = Fault {
    slug: "",
    completes: "",
    severity: Severity::Money,
    level: Level::Wire,
    verdict: Verdict::Fail,
    caught_by: &["answers-success-status"],
    cause: Some("type-not-handled"),
    asks: Asks::STORE,
    behaviour: Behaviour::default,
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "answers-202",
        completes: "answers success with 202",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-success-status"],
        cause: Some("success-with-another-status"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |it, outcome| if_accepted(it, outcome, Answer::empty(202)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "answers-302",
        completes: "answers success with a redirection",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-success-status"],
        cause: Some("success-with-another-status"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |it, outcome| if_accepted(it, outcome, Answer::empty(302)),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "success-with-a-body",
        completes: "answers success with 200 and a body",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["answers-success-without-body"],
        cause: Some("success-with-a-body"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |it, outcome| {
                if_accepted(it, outcome, Answer::json(200, &json!({ "status": "ok" })))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "senders-faults-are-500",
        completes: "answers bad signatures and unknown users with 500 and the right code",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-no-5xx-for-senders-faults"],
        cause: Some("senders-faults-as-5xx"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| if_refused(outcome, is_senders, |answer| answer.status = 500),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "unknown-users-are-503",
        completes: "answers an unknown user with 503, as if the user might appear later",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-no-5xx-for-senders-faults"],
        cause: Some("senders-faults-as-5xx"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, |why| why == Refusal::User, |answer| answer.status = 503)
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "orders-rejected",
        completes: "rejects every `order_paid`, as a type that it does not handle",
        behaviour: || Behaviour {
            vet: |event| handles_all_but(event, "order_paid"),
            ..Behaviour::default()
        },
        ..TYPE_REJECTED
    },
    Fault {
        slug: "payments-rejected",
        completes: "rejects every `payment`, as a type that it does not handle",
        behaviour: || Behaviour {
            vet: |event| handles_all_but(event, "payment"),
            ..Behaviour::default()
        },
        ..TYPE_REJECTED
    },
    Fault {
        slug: "orders-never-answered",
        completes: "never answers an `order_paid`",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-complete"],
        cause: Some("type-never-answered"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            pause: |outcome| {
                let orders = outcome.event.as_ref().is_some_and(|event| event.kind == "order_paid");
                if orders { NEVER } else { Duration::ZERO }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "hangs-up-on-refunds",
        completes: "takes a `refund` and closes the connection without an answer",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-complete"],
        cause: Some("answer-cut-short"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw {
                manner: |it, _| if says(it, "refund") { Manner::HangUp } else { Manner::Whole },
                ..Raw::default()
            }),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "cuts-refusals-short",
        completes: "closes the connection before the last bytes of the refusal of a user",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-complete"],
        cause: Some("answer-cut-short"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw {
                manner: |_, answer| {
                    if tells(answer, "INVALID_USER") { Manner::CutShort } else { Manner::Whole }
                },
                ..Raw::default()
            }),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "dies-of-an-array",
        completes: "ends when a signed body is JSON but no object",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-survive-hostile-requests"],
        cause: Some("dies-from-a-request"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw {
                manner: |it, answer| {
                    if is_no_object(it) && !tells(answer, "INVALID_SIGNATURE") {
                        Manner::Die
                    } else {
                        Manner::Whole
                    }
                },
                ..Raw::default()
            }),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "dies-of-an-unsigned-form",
        completes: "ends when an unsigned form comes in",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-survive-hostile-requests"],
        cause: Some("dies-from-a-request"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw {
                manner: |it, _| if is_unsigned_form(it) { Manner::Die } else { Manner::Whole },
                ..Raw::default()
            }),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "get-crashes",
        completes: "meets an exception in a GET",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["answers-other-methods"],
        cause: Some("exception-in-other-methods"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            gate: |it| right::gate(it).map_err(|_| Refusal::Crash),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "shows-a-stack-trace",
        completes: "prints a stack trace into the refusal of a malformed body",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["answers-no-internals"],
        cause: Some("internals-shown"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, Refusal::is_malformed, |answer| *answer = traced())
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "one-content-type-only",
        completes: "wants the content type to be `application/json`, letter by letter",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["answers-content-type-forms"],
        cause: Some("content-type-compared-as-text"),
        asks: Asks::STORE,
        behaviour: || Behaviour { gate: exact_content_type, ..Behaviour::default() },
    },
];

fn is_senders(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::Signature | Refusal::User)
}

fn says(delivery: &Delivery, kind: &str) -> bool {
    Event::read(&delivery.body, &delivery.body).is_ok_and(|event| event.kind == kind)
}

fn tells(answer: &Answer, code: &str) -> bool {
    String::from_utf8_lossy(&answer.body).contains(code)
}

fn is_no_object(delivery: &Delivery) -> bool {
    serde_json::from_slice::<Value>(&delivery.body).is_ok_and(|json| !json.is_object())
}

fn is_unsigned_form(delivery: &Delivery) -> bool {
    let content_type = delivery.header("content-type").unwrap_or_default();
    let form = content_type.starts_with(b"application/x-www-form-urlencoded");
    form && delivery.header("authorization").is_none()
}

fn traced() -> Answer {
    let trace = "SyntaxError: Unexpected token\n    at JSON.parse (<anonymous>)\n    \
                 at handle (/srv/shop/node_modules/webhook/lib/index.js:42:17)";
    Answer::error(400, ErrorCode::InvalidParameter, trace)
}

fn exact_content_type(delivery: &Delivery) -> Result<(), Refusal> {
    right::gate(delivery)?;
    let exact = delivery.header("content-type").is_none_or(|own| own == b"application/json");
    if exact { Ok(()) } else { Err(Refusal::MediaType) }
}

/// Rejects one type as it rejects types that the contract does not have.
fn handles_all_but(event: &Event, kind: &str) -> Result<(), Refusal> {
    Refusal::unless(event.kind != kind && event.kind.parse::<NotificationType>().is_ok())
}
