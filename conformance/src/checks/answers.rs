//! Are deliveries answered so that Xsolla knows what to do next? (clauses `ANS-*`)

mod transport;

pub(super) use transport::{CHUNKED_REQUEST, CONNECTION_IN_ORDER, EXPECT_CONTINUE, SPLIT_SEGMENTS};
mod restart;

pub(super) use restart::AFTER_RESTART;

use hookproof_contract::{Mode, NotificationType};

use crate::{
    Check, Stop,
    answer::Reply,
    answer_rules::INTERNALS,
    check::Evidence,
    checks::{last_digit_changed, unsigned},
    session::{Session, is_about_invoice, is_about_money},
    wire::{Fault, Request},
};

/// A success that is not in the published list is delivered again, or never counts.
pub(super) static SUCCESS_STATUS: Check = Check {
    id: "answers-success-status",
    title: "accepts each type with 200, 201 or 204",
    clauses: &["ANS-01", "ORDER-01", "ORDER-02", "PAYMENT-01", "USER-01"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(success_status(session)),
};

async fn success_status(session: &Session<'_>) -> Result<(), Stop> {
    let mut excused = None;
    let mut found: Vec<Unaccepted> = Vec::new();
    let types = session.types();
    for (kind, mode) in types.iter().copied() {
        session.asks((kind, mode));
        let (reply, request) = match session.rejection_of_plain(kind, mode).await {
            Ok(Some(rejection)) => rejection,
            Ok(None) => continue,
            // The listener rejects an event before it; the failure of that type reports it.
            Err(Stop::Inconclusive(reason)) => {
                excused.get_or_insert(reason);
                continue;
            }
            Err(stop) => return Err(stop),
        };
        if is_about_money(&request, &reply) || is_about_invoice(&reply) {
            excused.get_or_insert(format!(
                "the listener knows prices or invoices of its own: {reply}"
            ));
            continue;
        }
        let reply = session.confirmed_rejection(&request, reply).await?;
        if !reply.is_success() {
            found.push(Unaccepted { kind, mode, reply, request });
        }
    }
    if let Some(reason) = session.run.no_orders.get() {
        excused.get_or_insert(reason.clone());
    }
    // What depends on the moment has a check of its own.
    found.retain(|one| !one.reply.is_refusal() || !session.run.health.accepts(one.kind, one.mode));
    let of_kind = |kind| types.iter().filter(|(other, _)| *other == kind).count();
    let found_of = |kind| found.iter().filter(|one| one.kind == kind).count();
    let mut told: Vec<String> = Vec::new();
    for one in &found {
        let word = if one.reply.is_refusal() { "rejected" } else { "answered otherwise" };
        let modes = if found_of(one.kind) < of_kind(one.kind) {
            format!(" in {} mode alone", one.mode)
        } else {
            String::new()
        };
        told.push(format!("{word}: `{}`{modes}, {}", one.kind, one.reply));
    }
    told.dedup();
    let Some(first) = found.first() else {
        return excused.map_or(Ok(()), |reason| Err(Stop::Inconclusive(reason)));
    };
    let clause = if first.reply.is_refusal() { takes(first.kind, first.mode) } else { "ANS-01" };
    let expected = "each type accepted with 200, 201 or 204";
    Err(session.violation(clause, expected, told.join("; "), &first.request))
}

/// A type whose plain notification is not answered with success.
struct Unaccepted {
    kind: NotificationType,
    mode: Mode,
    reply: Reply,
    request: Request,
}

/// The clause that says that a type is accepted.
const fn takes(kind: NotificationType, mode: Mode) -> &'static str {
    match (kind, mode) {
        (NotificationType::OrderPaid, Mode::Separate) => "ORDER-01",
        (NotificationType::OrderPaid, Mode::Combined) => "ORDER-02",
        (NotificationType::Payment, _) => "PAYMENT-01",
        (NotificationType::UserValidation, _) => "USER-01",
        _ => "ANS-01",
    }
}

/// The documents ask for none; Xsolla's own examples send one.
pub(super) static SUCCESS_WITHOUT_BODY: Check = Check {
    id: "answers-success-without-body",
    title: "answers success without a body",
    clauses: &["ANS-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(success_without_body(session)),
};

async fn success_without_body(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        // The answer to some questions is a body.
        if session.run.spec.notifications[kind.as_str()].answer_schema().is_some() {
            continue;
        }
        session.asks((kind, mode));
        let request = session.fresh(kind, mode).await?;
        let reply = session.deliver(&request).await?;
        if reply.is_success() && !reply.body.is_empty() {
            return Err(session.violation("ANS-02", "no body", &reply, &request));
        }
    }
    Ok(())
}

/// 5xx says "send it again", which does not mend the sender's fault.
pub(super) static NO_5XX_FOR_SENDERS_FAULTS: Check = Check {
    id: "answers-no-5xx-for-senders-faults",
    title: "answers the sender's faults with 4xx, not 5xx",
    clauses: &["ANS-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(no_5xx_for_senders_faults(session)),
};

async fn no_5xx_for_senders_faults(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    session.twin(&right).await?;
    let faults = [
        ("a wrong digit", last_digit_changed(right.clone())),
        ("no signature", unsigned(right.clone())),
        ("an empty header", right.clone().header("Authorization", "")),
        ("a short signature", right.clone().header("Authorization", "Signature 5e8269")),
        (
            "a long signature",
            right.header("Authorization", &format!("Signature {}", "a".repeat(200))),
        ),
        ("an unknown user", session.validation_of(&session.run.options.unknown_user)),
    ];
    for (what, request) in faults {
        session.asks(what);
        let reply = session.deliver(&request).await?;
        if reply.is_server_error() {
            return Err(session.violation("ANS-04", format!("4xx for {what}"), &reply, &request));
        }
    }
    Ok(())
}

/// Half an answer is none.
pub(super) static COMPLETE: Check = Check {
    id: "answers-complete",
    title: "answers each delivery, and to the end",
    clauses: &["ANS-06"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(complete(session)),
};

async fn complete(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        session.asks((kind, mode));
        session.deliver(&session.fresh(kind, mode).await?).await?;
        let full = session.before(kind, mode).await?.tell_fully(kind, mode);
        session.deliver(&session.sign(full.to_bytes())).await?;
    }
    session.deliver(&last_digit_changed(session.validation())).await?;
    session.deliver(&session.validation_of(&session.run.options.unknown_user)).await.map(drop)
}

/// One of Xsolla's own examples dies from an unsigned form.
pub(super) static SURVIVE_HOSTILE_REQUESTS: Check = Check {
    id: "answers-survive-hostile-requests",
    title: "goes on answering after hostile requests",
    clauses: &["ANS-07"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(survive_hostile_requests(session)),
};

async fn survive_hostile_requests(session: &Session<'_>) -> Result<(), Stop> {
    for (what, request) in hostile_requests(session) {
        session.asks(what);
        session.survives(&request).await?;
    }
    Ok(())
}

/// More than any webhook, and more than most listeners read.
const LARGE_BYTES: usize = 4 << 20;

fn hostile_requests(session: &Session<'_>) -> Vec<(&'static str, Request)> {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let form = Request::webhook(b"notification_type=payment&user[id]=1".to_vec(), None);
    let right = session.validation();
    vec![
        ("an unsigned form", form.header("Content-Type", "application/x-www-form-urlencoded")),
        ("no body", unsigned(session.sign(""))),
        ("a signed empty body", session.sign("")),
        ("null", session.sign("null")),
        ("an array", session.sign("[]")),
        ("a string", session.sign("\"payment\"")),
        ("an empty object", session.sign("{}")),
        (
            "a user that is null",
            session.sign(r#"{"notification_type":"user_validation","user":null}"#),
        ),
        ("a type that is a number", session.sign(r#"{"notification_type":7,"user":{"id":"7"}}"#)),
        ("deep nesting", session.sign(deep.clone())),
        ("deep nesting, unsigned", Request::webhook(deep.into_bytes(), None)),
        ("bytes that are no text", session.sign(vec![0, 159, 146, 150, 255])),
        (
            "a header that is no text",
            right.clone().header("Authorization", "Signature \u{1}\u{fe}"),
        ),
        ("a folded header", right.clone().header("Authorization", "Signature\r\n 5e8269")),
        ("a large body", Request::webhook(vec![b' '; LARGE_BYTES], None)),
        ("a long header", right.clone().header("Authorization", &"x".repeat(4000))),
        ("another method", Request { method: "DELETE", ..right.clone() }),
        ("another content type", right.header("Content-Type", "multipart/form-data")),
    ]
}

impl Session<'_> {
    /// Sends what may hurt, and asks whether the target still answers. How it answers the request
    /// itself is another question; that it answers nothing any more breaks clause ANS-07.
    pub(crate) async fn survives(&self, request: &Request) -> Result<Option<Reply>, Stop> {
        let answer = self.send(request).await;
        if let Some(stop) = self.ended_by(request) {
            return Err(stop);
        }
        if matches!(answer, Err(Fault::Unreachable { .. } | Fault::Tls { .. })) {
            return Err(Stop::Broken("the target does not accept connections".to_owned()));
        }
        match self.run.wire.send(&self.validation()).await {
            Ok(_) => Ok(answer.ok()),
            Err(fault) => {
                let came_back = if self.is_alive().await { ", and came back later" } else { "" };
                let actual = format!("after this request: {fault}{came_back}");
                Err(self.violation(
                    "ANS-07",
                    "an answer to the next valid delivery",
                    actual,
                    request,
                ))
            }
        }
    }
}

/// Xsolla sends by POST alone, but others look at the URL too.
pub(super) static OTHER_METHODS: Check = Check {
    id: "answers-other-methods",
    title: "answers other methods than POST without 5xx",
    clauses: &["ANS-08"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(other_methods(session)),
};

async fn other_methods(session: &Session<'_>) -> Result<(), Stop> {
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        session.asks(method);
        let request = Request::bare(method);
        if let Some(reply) = session.survives(&request).await?
            // 501 says that a method is not implemented, and is right.
            && reply.is_server_error()
            && reply.status != 501
        {
            return Err(session.violation("ANS-08", "no 5xx", &reply, &request));
        }
    }
    Ok(())
}

/// What an answer tells of the inside, it tells strangers.
pub(super) static NO_INTERNALS: Check = Check {
    id: "answers-no-internals",
    title: "shows no stack traces and no paths",
    clauses: &["ANS-09"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(no_internals(session)),
};

async fn no_internals(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    let questions = hostile_requests(session).into_iter().chain([
        ("an unknown user", session.validation_of(&session.run.options.unknown_user)),
        ("no signature", unsigned(right)),
        ("broken JSON", session.sign("{\"notification_type\":")),
        ("a payment of nothing", session.sign(r#"{"notification_type":"payment"}"#)),
    ]);
    for (what, request) in questions {
        session.asks(what);
        let Some(reply) = session.survives(&request).await? else { continue };
        let text = String::from_utf8_lossy(&reply.body);
        if let Some(found) = INTERNALS.iter().find(|word| text.contains(**word)) {
            let actual = format!("`{}` in the answer: {reply}", found.trim());
            return Err(session.violation(
                "ANS-09",
                "nothing of the listener's inside",
                actual,
                &request,
            ));
        }
    }
    Ok(())
}

/// The type's name is the same in any case, and parameters do not change it.
pub(super) static CONTENT_TYPE_FORMS: Check = Check {
    id: "answers-content-type-forms",
    title: "accepts JSON under every form of its Content-Type",
    clauses: &["ANS-10"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(content_type_forms(session)),
};

async fn content_type_forms(session: &Session<'_>) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    for form in
        ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"]
    {
        session.asks(form);
        session.accepted("ANS-10", &session.validation().header("Content-Type", form)).await?;
    }
    Ok(())
}
