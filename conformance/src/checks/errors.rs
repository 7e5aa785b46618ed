//! Do refusals say why, in the published form? (clauses `ERR-*`)

use hookproof_contract::{ErrorCode, NotificationType};
use serde_json::Value;

use crate::{
    Check, Stop,
    answer::Reply,
    check::Evidence,
    checks::{last_digit_changed, unsigned},
    session::Session,
    wire::Request,
};

/// The refusals whose form is judged: each with the code that belongs to it.
fn refusals(session: &Session<'_>) -> Vec<(ErrorCode, Request)> {
    let mut refusals = vec![(ErrorCode::InvalidSignature, unsigned(session.validation()))];
    // A handler for each type may have an error body for each.
    refusals.extend(session.types().into_iter().map(|(kind, mode)| {
        let told = session.sign(session.purchase().tell(kind, mode).to_bytes());
        (ErrorCode::InvalidSignature, last_digit_changed(told))
    }));
    if session.is_asked(NotificationType::UserValidation) {
        let nobody = session.validation_of(&session.run.options.unknown_user);
        refusals.push((ErrorCode::InvalidUser, nobody));
    }
    refusals
}

/// The refusals whose code and message are judged: a type and nothing else as well.
fn all_refusals(session: &Session<'_>) -> Vec<(ErrorCode, Request)> {
    let bare = session.sign(type_alone(session.simplest().0));
    refusals(session).into_iter().chain([(ErrorCode::InvalidParameter, bare)]).collect()
}

/// A body that says what it is, and nothing else.
fn type_alone(kind: NotificationType) -> String {
    format!(r#"{{"notification_type":"{kind}"}}"#)
}

/// Asks something of each refusal; what is not refused is another check's matter.
async fn of_each_refusal(
    session: &Session<'_>,
    refusals: impl IntoIterator<Item = (ErrorCode, Request)>,
    question: impl Fn(ErrorCode, &Request, &Reply) -> Result<(), Stop>,
) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    let mut untold = None;
    for (code, request) in refusals {
        session.asks((code, request.headers.len()));
        let reply = session.deliver(&request).await?;
        if reply.is_refusal() {
            question(code, &request, &reply)?;
        } else {
            untold = Some(format!("what must be refused with {code} is not refused: {reply}"));
        }
    }
    untold.map_or(Ok(()), |reason| Err(Stop::Inconclusive(reason)))
}

/// Xsolla looks for the code where it is published to stand.
pub(super) static BODY_SHAPE: Check = Check {
    id: "errors-body-shape",
    title: "says why in the published error body",
    clauses: &["ERR-01"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| {
        Box::pin(of_each_refusal(session, refusals(session), |code, request, reply| {
            let told = reply.code();
            let right = match code {
                ErrorCode::InvalidSignature => told.as_deref() == Some(code.as_str()),
                _ => told.is_some(),
            };
            if right {
                return Ok(());
            }
            let expected = format!(r#"{{"error":{{"code":"{code}","message":"…"}}}}"#);
            Err(session.violation("ERR-01", expected, reply, request))
        }))
    },
};

/// Other codes are understood by nobody.
pub(super) static PUBLISHED_CODES: Check = Check {
    id: "errors-published-codes",
    title: "uses the published error codes",
    clauses: &["ERR-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| {
        Box::pin(of_each_refusal(session, all_refusals(session), |_, request, reply| {
            match reply.code() {
                Some(code) if code.parse::<ErrorCode>().is_err() => {
                    let expected = ErrorCode::ALL.map(ErrorCode::as_str).join(", ");
                    Err(session.violation("ERR-02", expected, reply, request))
                }
                _ => Ok(()),
            }
        }))
    },
};

/// The message is what a person reads in the test area.
pub(super) static MESSAGE: Check = Check {
    id: "errors-message",
    title: "adds a message to the error code",
    clauses: &["ERR-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| {
        Box::pin(of_each_refusal(session, all_refusals(session), |_, request, reply| {
            let body = reply.json();
            let message = body.as_ref().and_then(|body| body.pointer("/error/message"));
            if reply.code().is_none()
                || message.and_then(Value::as_str).is_some_and(|text| !text.is_empty())
            {
                return Ok(());
            }
            Err(session.violation("ERR-03", "a text in `error.message`", reply, request))
        }))
    },
};

/// The documents say 400; Xsolla's own SDK answers otherwise.
pub(super) static STATUS_400: Check = Check {
    id: "errors-status-400",
    title: "answers the sender's faults with exactly 400",
    clauses: &["ERR-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| {
        Box::pin(of_each_refusal(session, refusals(session), |code, request, reply| {
            if code == ErrorCode::InvalidSignature || reply.status == 400 {
                return Ok(());
            }
            Err(session.violation("ERR-04", "400", reply, request))
        }))
    },
};

/// A body that is JSON is called JSON.
pub(super) static JSON_CONTENT_TYPE: Check = Check {
    id: "errors-json-content-type",
    title: "calls its error body JSON",
    clauses: &["ERR-05"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| {
        Box::pin(of_each_refusal(session, all_refusals(session), |_, request, reply| {
            let content_type = reply.header("content-type").unwrap_or_default().to_lowercase();
            if reply.body.is_empty() || content_type.contains("json") {
                return Ok(());
            }
            let actual = format!("Content-Type `{content_type}`");
            Err(session.violation("ERR-05", "Content-Type application/json", actual, request))
        }))
    },
};

/// A body that is no event: nothing can come of it, however often it is sent.
pub(super) static MALFORMED_BODY: Check = Check {
    id: "errors-malformed-body",
    title: "answers a signed body that is no JSON object with 4xx",
    clauses: &["ERR-10"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(malformed_body(session)),
};

async fn malformed_body(session: &Session<'_>) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    for body in [
        "",
        " ",
        "{",
        "{\"notification_type\":\"payment\"",
        "[]",
        "null",
        "17",
        "\"payment\"",
        "{}",
    ] {
        refused(session, "ERR-10", body.to_owned()).await?;
    }
    Ok(())
}

/// A webhook without what its type requires cannot be handled.
pub(super) static MISSING_MEMBERS: Check = Check {
    id: "errors-missing-members",
    title: "answers a signed webhook without its required members with 4xx",
    clauses: &["ERR-06"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(missing_members(session)),
};

/// Types that cannot be handled without their members; others are news, which may be taken unread.
const TYPES_THAT_ACT: [NotificationType; 6] = [
    NotificationType::UserValidation,
    NotificationType::Payment,
    NotificationType::Refund,
    NotificationType::CreateSubscription,
    NotificationType::OrderPaid,
    NotificationType::OrderCanceled,
];

/// Bodies that hold nothing of what their types require; `user_validation` also with an empty user.
fn without_members(session: &Session<'_>) -> Vec<(NotificationType, String)> {
    let asked = || TYPES_THAT_ACT.into_iter().filter(|kind| session.is_asked(*kind));
    let validation = NotificationType::UserValidation;
    let nobody = format!(r#"{{"notification_type":"{validation}","user":{{}}}}"#);
    let nobody = session.is_asked(validation).then_some((validation, nobody));
    asked().map(|kind| (kind, type_alone(kind))).chain(nobody).collect()
}

async fn missing_members(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, body) in without_members(session) {
        // A refusal means something only where the whole webhook is accepted.
        let mode = session.modes_of(kind)?[0];
        session.twin(&session.fresh(kind, mode).await?).await?;
        refused(session, "ERR-06", body).await?;
    }
    Ok(())
}

/// The documents list the code and the case, each by itself.
pub(super) static INVALID_PARAMETER: Check = Check {
    id: "errors-invalid-parameter",
    title: "names a malformed body INVALID_PARAMETER",
    clauses: &["ERR-11"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(invalid_parameter(session)),
};

async fn invalid_parameter(session: &Session<'_>) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    let missing = without_members(session).into_iter().map(|(_, body)| body);
    for body in ["[]".to_owned(), "{".to_owned()].into_iter().chain(missing) {
        session.asks(&body);
        let request = session.sign(body);
        let Some(reply) = session.survives(&request).await? else { continue };
        let right = ErrorCode::InvalidParameter.as_str();
        // A refusal without any code, and no refusal at all, are other checks' matter.
        if reply.is_refusal() && reply.code().is_some_and(|code| code != right) {
            let expected = format!("4xx with the error code {right}");
            return Err(session.violation("ERR-11", expected, &reply, &request));
        }
    }
    Ok(())
}

/// Expects 4xx for a signed body.
async fn refused(session: &Session<'_>, clause: &str, body: String) -> Result<(), Stop> {
    session.asks(&body);
    let request = session.sign(body);
    let Some(reply) = session.survives(&request).await? else {
        return Err(session.violation(clause, "4xx", "no answer", &request));
    };
    // A listener that sheds load is asked again before it is judged.
    let reply = if reply.is_later() { session.deliver(&request).await? } else { reply };
    if reply.is_refusal() {
        return Ok(());
    }
    Err(session.violation(clause, "4xx", &reply, &request))
}
