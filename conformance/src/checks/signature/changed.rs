//! Bodies that were changed after signing in a way that a parser or a decoder takes back.

use hookproof_contract::serialise::{self, Form};
use serde_json::json;

use super::valid::rich_validation;
use crate::{Check, Stop, check::Evidence, session::Session, wire::Request};

/// Bytes that a parser would forgive, changed after signing.
pub(in crate::checks) static REJECTS_NORMALISED_BODY: Check = Check {
    id: "signature-rejects-normalised-body",
    title: "refuses other bytes of the same JSON under the old signature",
    clauses: &["SIG-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(rejects_normalised_body(session)),
};

/// Forms of which the one is signed and the other sent, where neither is the compact one.
const PAIRS: [(Form, Form); 2] =
    [(Form::EscapedUnicode, Form::EscapedUnicodeUpper), (Form::TrailingNewline, Form::Compact)];

async fn rejects_normalised_body(session: &Session<'_>) -> Result<(), Stop> {
    let payload = rich_validation(session);
    let right = session.sign(payload.to_bytes());
    session.twin(&right).await?;
    for form in Form::ALL {
        let body = serialise::write(payload.value(), form);
        if body == right.body {
            continue;
        }
        session.asks(form);
        session.refused_for_signature("SIG-02", &Request { body, ..right.clone() }).await?;
    }
    for (signed, sent) in PAIRS {
        session.asks((signed, sent));
        let signed = session.sign(serialise::write(payload.value(), signed));
        let body = serialise::write(payload.value(), sent);
        not_believed(session, &Request { body, ..signed }).await?;
    }
    for (what, signed, sent) in changes(session) {
        session.asks(what);
        not_believed(session, &Request { body: sent, ..session.sign(signed) }).await?;
    }
    for (what, signed, sent) in decoded_alike(session) {
        session.asks(what);
        let forged = Request { body: sent, ..session.sign(signed) };
        let reply = session.deliver(&forged).await?;
        if reply.is_success() {
            let expected = format!("4xx with INVALID_SIGNATURE for {what}");
            session.note("SIG-02", &expected, &reply, &forged);
        }
    }
    Ok(())
}

/// Whoever refuses it for another reason has not believed it either.
async fn not_believed(session: &Session<'_>, forged: &Request) -> Result<(), Stop> {
    let reply = session.deliver(forged).await?;
    if reply.is_success() {
        let expected = "4xx with the error code INVALID_SIGNATURE";
        return Err(session.violation("SIG-02", expected, &reply, forged));
    }
    Ok(())
}

/// What was signed, and what is sent instead.
type Change = (&'static str, Vec<u8>, Vec<u8>);

fn named(session: &Session<'_>, name: &str) -> Vec<u8> {
    session.simple().set("/user/name", json!(name)).to_bytes()
}

/// Changes that only somebody takes back who does more than to decode the bytes.
fn changes(session: &Session<'_>) -> Vec<Change> {
    let plain = named(session, "Zoë");
    let and = |tail: &[u8]| [&plain[..], tail].concat();
    let text = String::from_utf8_lossy(&plain).into_owned();
    let doubled = text.replacen('{', "{\"notification_type\":\"payment\",", 1);
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    let twice: String = plain.iter().map(|byte| char::from(*byte)).collect();
    let lines = serialise::write(rich_validation(session).value(), Form::Pretty);
    let returns = String::from_utf8_lossy(&lines).replace('\n', "\r\n").into_bytes();
    let number = |text: &str| {
        let body = session.simple().set("/custom_parameters", json!({"level": 100})).to_bytes();
        String::from_utf8_lossy(&body).replace(":100}", &format!(":{text}}}")).into_bytes()
    };
    vec![
        ("a composed character written as two", plain.clone(), named(session, "Zoe\u{308}")),
        ("two characters composed to one", named(session, "Zoe\u{308}"), plain.clone()),
        ("lines that end with CR LF instead of LF", lines.clone(), returns.clone()),
        ("lines that end with LF instead of CR LF", returns, lines),
        ("a compatible character", named(session, "fi"), named(session, "ﬁ")),
        ("a NUL at the end", plain.clone(), and(b"\0")),
        ("a NUL and more at the end", plain.clone(), and(b"\0{}")),
        ("a member written twice", plain.clone(), doubled.into_bytes()),
        ("Latin-1 instead of UTF-8", plain.clone(), latin),
        ("UTF-8 of UTF-8", plain.clone(), twice.into_bytes()),
        ("100 written as 100.0", number("100"), number("100.0")),
        ("100 written as 1e2", number("100"), number("1e2")),
        ("100.0 written as 100", number("100.0"), number("100")),
    ]
}

/// Changes that are gone once the bytes were decoded as UTF-8: nobody can buy anything with them, but
/// what was hashed is not what was received.
fn decoded_alike(session: &Session<'_>) -> Vec<Change> {
    let replaced = named(session, "A\u{fffd}B");
    let text = "A\u{fffd}B".as_bytes();
    let at = replaced.windows(text.len()).position(|bytes| bytes == text).unwrap_or_default();
    let mut broken = replaced.clone();
    broken.splice(at..at + text.len(), *b"A\xffB");
    let marked = [b"\xef\xbb\xbf", &replaced[..]].concat();
    vec![
        ("a byte order mark in front", replaced.clone(), marked),
        ("a byte that is no UTF-8", replaced, broken),
    ]
}
