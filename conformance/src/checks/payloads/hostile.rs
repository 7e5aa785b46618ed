//! What is signed, and yet strange: hostile JSON, unknown types, very many items.

use hookproof_contract::NotificationType;
use serde_json::{Value, json};

use crate::{Check, Stop, check::Evidence, effects::GRANTS, session::Session};

/// A signature proves the sender, not its sanity.
pub(in crate::checks) static HOSTILE: Check = Check {
    id: "payloads-hostile",
    title: "answers strange JSON without 5xx",
    clauses: &["PAYLOAD-09"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(hostile(session)),
};

async fn hostile(session: &Session<'_>) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    for (what, body) in hostile_bodies(&json!(session.user())) {
        session.asks(what);
        let request = session.sign(body);
        let Some(reply) = session.survives(&request).await? else {
            return Err(session.violation(
                "PAYLOAD-09",
                "an answer below 500",
                "no answer",
                &request,
            ));
        };
        let reply = if reply.is_later() { session.deliver(&request).await? } else { reply };
        if reply.is_server_error() {
            return Err(session.violation(
                "PAYLOAD-09",
                format!("no 5xx for {what}"),
                &reply,
                &request,
            ));
        }
    }
    Ok(())
}

/// Bodies that are JSON and nothing that Xsolla sends, about this user.
fn hostile_bodies(user: &Value) -> Vec<(&'static str, String)> {
    let with = |member: &str| {
        format!(
            r#"{{"notification_type":"user_validation","user":{{"id":{user}}},"custom_parameters":{member}}}"#
        )
    };
    let nested = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(1000), "}".repeat(1000));
    let long = "9".repeat(5000);
    let wide = format!("[{}0]", "0,".repeat(50_000));
    let digits = "9".repeat(400);
    let user_twice = format!(
        r#"{{"notification_type":"user_validation","user":{{"id":{user}}},"user":{{"id":"x"}}}}"#
    );
    vec![
        ("a thousand levels", with(&nested)),
        ("a number of 400 digits", with(&digits)),
        ("a thousand levels of objects", with(&objects)),
        ("a number of 5000 digits", with(&long)),
        ("a list of 50000 numbers", with(&wide)),
        ("a user twice", user_twice),
        ("a type twice", with("1").replacen('{', r#"{"notification_type":"payment","#, 1)),
        ("a name of 5000 letters", with(&format!(r#"{{"{}":1}}"#, "x".repeat(5000)))),
        ("an empty name", with(r#"{"":1}"#)),
        ("a lone surrogate in an id", with("1").replacen(r#""id":"#, r#""id":"\ud800","i":"#, 1)),
        (
            "an id of 5000 digits",
            with("1").replacen(r#""id":"#, &format!(r#""id":{long},"i":"#), 1),
        ),
        ("a number below zero as an id", with("1").replacen(r#""id":"#, r#""id":-1,"i":"#, 1)),
        ("a truth as an id", with("1").replacen(r#""id":"#, r#""id":true,"i":"#, 1)),
        ("an exponent of 400", with("1e400")),
        ("a lone surrogate", with(r#""\ud800""#)),
        ("a NUL in a text", with(r#""a\u0000b""#)),
        ("a member twice", with(r#"{"a":1,"a":2}"#)),
        ("a member called __proto__", with(r#"{"__proto__":{"admin":true}}"#)),
        (
            "an id that is an object",
            r#"{"notification_type":"user_validation","user":{"id":{}}}"#.to_owned(),
        ),
        (
            "an id that is an array",
            r#"{"notification_type":"user_validation","user":{"id":[1]}}"#.to_owned(),
        ),
        (
            "a fraction as an id",
            r#"{"notification_type":"user_validation","user":{"id":1.5}}"#.to_owned(),
        ),
        (
            "a user that is a text",
            r#"{"notification_type":"user_validation","user":"player"}"#.to_owned(),
        ),
        ("a type that is an object", r#"{"notification_type":{},"user":{"id":"1"}}"#.to_owned()),
        ("a byte order mark", format!("\u{feff}{}", with("1"))),
    ]
}

/// Types are added; those of products that the game does not use come by mistake.
pub(in crate::checks) static UNKNOWN_TYPE: Check = Check {
    id: "payloads-unknown-type",
    title: "answers a type that it does not know without 5xx",
    clauses: &["PAYLOAD-11"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(unknown_type(session)),
};

async fn unknown_type(session: &Session<'_>) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    for name in ["hookproof_new_type", "payment_account_add", "dispute", "PAYMENT", ""] {
        session.asks(name);
        let payload = session.simple().set("/notification_type", json!(name));
        let request = session.sign(payload.to_bytes());
        let reply = session.deliver(&request).await?;
        if !reply.is_success() && !reply.is_refusal() {
            return Err(session.violation("PAYLOAD-11", "success or 4xx", &reply, &request));
        }
    }
    Ok(())
}

/// A cart can be long.
pub(in crate::checks) static MANY_ITEMS: Check = Check {
    id: "payloads-many-items",
    title: "accepts an order of 300 items",
    clauses: &["PAYLOAD-12"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(many_items(session)),
};

/// About 50 KiB of JSON.
const ITEMS: usize = 300;

async fn many_items(session: &Session<'_>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks(mode);
        session.twin(&session.fresh(GRANTS, mode).await?).await?;
        let told = session.before(GRANTS, mode).await?.tell(GRANTS, mode);
        let item = told.value().pointer("/items/0").cloned().unwrap_or(Value::Null);
        let many = told.set("/items", Value::Array(vec![item; ITEMS]));
        session.accepted("PAYLOAD-12", &session.sign(many.to_bytes())).await?;
    }
    Ok(())
}

/// What says not what it is, is not done.
pub(in crate::checks) static WITHOUT_TYPE: Check = Check {
    id: "payloads-without-type",
    title: "refuses a purchase that says no type",
    clauses: &["PAYLOAD-13"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(without_type(session)),
};

async fn without_type(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        if !matches!(kind, NotificationType::Payment | NotificationType::OrderPaid) {
            continue;
        }
        session.asks((kind, mode));
        session.twin(&session.fresh(kind, mode).await?).await?;
        let payload =
            session.before(kind, mode).await?.tell(kind, mode).remove("/notification_type");
        let request = session.sign(payload.to_bytes());
        let reply = session.deliver(&request).await?;
        if !reply.is_refusal() {
            let expected = "4xx with the error code INVALID_PARAMETER";
            return Err(session.violation("PAYLOAD-13", expected, &reply, &request));
        }
    }
    Ok(())
}
