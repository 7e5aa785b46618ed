//! Wrong listeners: error bodies (clauses `ERR-*`).

use serde_json::{Value, json};

use super::{Asks, Fault, Level, Severity, Verdict, if_refused};
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    wire::Answer,
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "flat-error-body",
        completes: "answers errors as `{code, message}` without the member `error`",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["errors-body-shape"],
        cause: Some("framework-error-shape"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                reshaped(outcome, |code, message| json!({ "code": code, "message": message }))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "error-is-text",
        completes: "answers errors as `{error: code}`",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["errors-body-shape"],
        cause: Some("framework-error-shape"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| reshaped(outcome, |code, _| json!({ "error": code })),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "code-is-a-number",
        completes: "answers errors with a number for the code",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["errors-body-shape"],
        cause: Some("framework-error-shape"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                reshaped(
                    outcome,
                    |_, message| json!({ "error": { "code": 400, "message": message } }),
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "errors-in-plain-text",
        completes: "answers errors in plain text",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["errors-body-shape"],
        cause: Some("framework-error-shape"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, any, |answer| {
                    *answer = Answer::text(answer.status, "Bad request");
                })
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "errors-without-a-body",
        completes: "answers errors without a body",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["errors-body-shape"],
        cause: Some("framework-error-shape"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, any, |answer| *answer = Answer::empty(answer.status))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "own-error-codes",
        completes: "answers a malformed body with the code `BAD_REQUEST`",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["errors-published-codes"],
        cause: Some("own-error-codes"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, Refusal::is_malformed, |answer| *answer = own_code())
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "errors-without-a-message",
        completes: "leaves the message out of its errors",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["errors-message"],
        cause: Some("error-message-missing"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| reshaped(outcome, |code, _| json!({ "error": { "code": code } })),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "message-called-description",
        completes: "calls the message of an error `description`",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["errors-message"],
        cause: Some("error-message-missing"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                reshaped(
                    outcome,
                    |code, message| json!({ "error": { "code": code, "description": message } }),
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "empty-messages",
        completes: "sends errors with an empty message",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["errors-message"],
        cause: Some("error-message-missing"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                reshaped(outcome, |code, _| json!({ "error": { "code": code, "message": "" } }))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "unknown-users-are-404",
        completes: "refuses an unknown user with status 404 and the right code",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["errors-status-400"],
        cause: Some("other-4xx-status"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, |why| why == Refusal::User, |answer| answer.status = 404)
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "errors-typed-as-html",
        completes: "sends its JSON errors as `text/html`",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["errors-json-content-type"],
        cause: Some("errors-not-typed-as-json"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, any, |answer| {
                    answer.content_type = Some("text/html; charset=utf-8");
                })
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "malformed-bodies-crash",
        completes: "meets an exception in a malformed body",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["errors-missing-members"],
        cause: Some("malformed-body-throws"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, Refusal::is_malformed, |answer| {
                    *answer = Answer::text(500, "Internal Server Error");
                })
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "malformed-bodies-acknowledged",
        completes: "acknowledges what it cannot read",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["errors-missing-members"],
        cause: Some("malformed-body-acknowledged"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, Refusal::is_malformed, |answer| *answer = Answer::empty(204))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "unreadable-json-crashes",
        completes: "meets an exception in a body that is no JSON",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["errors-malformed-body"],
        cause: Some("malformed-body-throws"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, unreadable, |answer| {
                    *answer = Answer::text(500, "Internal Server Error");
                })
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "unreadable-json-acknowledged",
        completes: "acknowledges a body that is no JSON",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["errors-malformed-body"],
        cause: Some("malformed-body-acknowledged"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, unreadable, |answer| *answer = Answer::empty(204))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "missing-members-are-unknown-users",
        completes: "refuses a webhook that lacks its members with `INVALID_USER`",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["errors-invalid-parameter"],
        cause: Some("malformed-body-misnamed"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(
                    outcome,
                    |why| why == Refusal::Parameter,
                    |answer| {
                        let body = json!({
                            "error": { "code": "INVALID_USER", "message": "Invalid user" },
                        });
                        *answer = Answer::json(400, &body);
                    },
                )
            },
            ..Behaviour::default()
        },
    },
];

const fn any(_: Refusal) -> bool {
    true
}

fn unreadable(why: Refusal) -> bool {
    why == Refusal::NoJson
}

/// The right answer with its error body made anew of code and message.
fn reshaped(outcome: &Outcome, body: fn(&str, &str) -> Value) -> Answer {
    let code = outcome.result.err().and_then(Refusal::code);
    if_refused(outcome, any, |answer| {
        if let Some(code) = code {
            *answer = Answer::json(answer.status, &body(code.as_str(), code.message()));
        }
    })
}

fn own_code() -> Answer {
    Answer::json(400, &json!({ "error": { "code": "BAD_REQUEST", "message": "Bad request" } }))
}
