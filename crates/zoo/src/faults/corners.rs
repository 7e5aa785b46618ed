//! Wrong listeners: answers that are wrong for one type or one reason only (clauses `ERR-*`, `ANS-09`,
//! `SIG-10`).
//!
//! The checks of these rules ask about a signature, an unknown user and a validation; these listeners
//! answer all of that right.

use hookproof_contract::{ErrorCode, signature};
use serde_json::json;

use super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    SECRET,
    behaviour::{Behaviour, Outcome, Refusal},
    event::Event,
    right,
    wire::{Answer, Delivery},
};

/// All of them are seen on the wire, by what other checks ask.
const FAULT: Fault = Fault {
    slug: "",
    completes: "",
    severity: Severity::Cosmetic,
    level: Level::Wire,
    verdict: Verdict::Warn,
    caught_by: &[],
    cause: None,
    asks: Asks::STORE,
    behaviour: Behaviour::default,
};

/// The error code is none of the published ones.
const OWN_CODE: Fault =
    Fault { caught_by: &["errors-published-codes"], cause: Some("own-error-codes"), ..FAULT };

/// The error body is no JSON.
const BROKEN: Fault = Fault {
    verdict: Verdict::Fail,
    caught_by: &["errors-body-shape"],
    cause: Some("error-body-malformed"),
    ..FAULT
};

/// The error shows the listener's inside.
const INTERNALS: Fault =
    Fault { caught_by: &["answers-no-internals"], cause: Some("internals-shown"), ..FAULT };

/// The error holds something to sign with.
const LEAK: Fault = Fault {
    severity: Severity::Security,
    verdict: Verdict::Fail,
    caught_by: &["signature-not-leaked"],
    cause: Some("signature-leaked"),
    ..FAULT
};

/// The wrong listeners of this kind.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "own-code-for-unknown-buyers",
        completes: "uses a code of its own for an order of an unknown user",
        behaviour: || Behaviour {
            render: |it, outcome| {
                instead(it, outcome, ("order_paid", Refusal::User), || own_code("USER_NOT_FOUND"))
            },
            ..Behaviour::default()
        },
        ..OWN_CODE
    },
    Fault {
        slug: "own-code-for-malformed-refunds",
        completes: "uses a code of its own for a refund that is not whole",
        behaviour: || Behaviour {
            render: |it, outcome| {
                instead(it, outcome, ("refund", Refusal::Parameter), || own_code("BAD_REFUND"))
            },
            ..Behaviour::default()
        },
        ..OWN_CODE
    },
    Fault {
        slug: "message-breaks-its-json",
        completes: "puts quotation marks unescaped into the message about an unknown buyer",
        behaviour: || Behaviour {
            render: |it, outcome| {
                instead(it, outcome, ("order_paid", Refusal::User), || broken("no user \"x\""))
            },
            ..Behaviour::default()
        },
        ..BROKEN
    },
    Fault {
        slug: "message-breaks-its-json-for-refunds",
        completes: "puts quotation marks unescaped into the message about a refund that is not whole",
        behaviour: || Behaviour {
            render: |it, outcome| {
                instead(it, outcome, ("refund", Refusal::Parameter), || broken("no \"sum\""))
            },
            ..Behaviour::default()
        },
        ..BROKEN
    },
    Fault {
        slug: "exception-in-refund-errors",
        completes: "puts the text of an exception into the error about a refund that is not whole",
        behaviour: || Behaviour {
            render: |it, outcome| {
                instead(it, outcome, ("refund", Refusal::Parameter), || {
                    let text = "sum.includes is not a function";
                    Answer::error(400, ErrorCode::InvalidParameter, text)
                })
            },
            ..Behaviour::default()
        },
        ..INTERNALS
    },
    Fault {
        slug: "parser-text-in-order-errors",
        completes: "puts what its parser says into the error about an order that is not whole",
        behaviour: || Behaviour {
            render: |it, outcome| {
                instead(it, outcome, ("order_paid", Refusal::Parameter), || {
                    let text = "missing field `items` at line 1 column 41";
                    Answer::error(400, ErrorCode::InvalidParameter, text)
                })
            },
            ..Behaviour::default()
        },
        ..INTERNALS
    },
    Fault {
        slug: "tells-the-secret-to-unknown-buyers",
        completes: "prints its settings into the error about an unknown buyer",
        behaviour: || Behaviour {
            render: |it, outcome| {
                instead(it, outcome, ("order_paid", Refusal::User), || {
                    Answer::error(400, ErrorCode::InvalidUser, &format!("settings: {SECRET}"))
                })
            },
            ..Behaviour::default()
        },
        ..LEAK
    },
    Fault {
        slug: "tells-the-signature-of-refunds",
        completes: "prints the signature that it expected of a refund",
        behaviour: || Behaviour {
            render: |it, outcome| {
                let refund = Event::read(&it.body, &it.body).is_ok_and(|it| it.kind == "refund");
                if refund && outcome.result == Err(Refusal::Signature) {
                    let right = signature::sign(&it.body, &right::secret());
                    return Answer::error(400, ErrorCode::InvalidSignature, &right);
                }
                right::render(it, outcome)
            },
            ..Behaviour::default()
        },
        ..LEAK
    },
];

/// The right answer, or another one to an event of this type that is refused for this reason.
fn instead(
    delivery: &Delivery,
    outcome: &Outcome,
    (kind, refusal): (&str, Refusal),
    other: impl FnOnce() -> Answer,
) -> Answer {
    let concerned = outcome.kind() == kind && outcome.result == Err(refusal);
    if concerned { other() } else { right::render(delivery, outcome) }
}

fn own_code(code: &str) -> Answer {
    Answer::json(400, &json!({ "error": { "code": code, "message": "rejected" } }))
}

fn broken(message: &str) -> Answer {
    let code = ErrorCode::InvalidUser.as_str();
    let body = format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#);
    Answer { body: body.into_bytes(), ..own_code(code) }
}
