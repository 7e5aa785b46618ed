//! Every body that is rightly signed is believed, whatever its bytes (clauses SIG-01, SIG-14).

use hookproof_contract::{
    generate,
    payload::Payload,
    serialise::{self, Form},
};
use proptest::sample::select;
use serde_json::json;

use crate::{Check, Stop, check::Evidence, session::Session};

/// The examples, as Xsolla writes them.
pub(in crate::checks) static ACCEPTS_VALID: Check = Check {
    id: "signature-accepts-valid",
    title: "accepts every type, rightly signed",
    clauses: &["SIG-01", "SIG-15"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(accepts_valid(session)),
};

/// Validations of different bytes, and so of different digests.
const VALIDATIONS: u32 = 24;

async fn accepts_valid(session: &Session<'_>) -> Result<(), Stop> {
    let forged = session.deliver(&super::forged::last_digit_changed(session.validation())).await?;
    // One in two digests has a byte below sixteen at some place; one in ten begins with a zero.
    for place in 0..VALIDATIONS {
        session.asks(place);
        let payload = session.simple().set("/user/name", json!(format!("Ada {place}")));
        let request = session.sign(payload.to_bytes());
        let reply = session.deliver(&request).await?;
        if !reply.is_success() && (reply.status, reply.code()) == (forged.status, forged.code()) {
            return Err(session.violation("SIG-01", "200, 201 or 204", &reply, &request));
        }
    }
    let mut refused_otherwise = None;
    for (kind, mode) in session.types() {
        session.asks((kind, mode));
        let request = session.fresh(kind, mode).await?;
        let reply = session.deliver(&request).await?;
        if reply.is_success() {
            continue;
        }
        // What is refused just like a forgery is refused for its signature; else another clause is
        // broken, and another check says so.
        if (reply.status, reply.code()) == (forged.status, forged.code()) {
            return Err(session.violation("SIG-01", "200, 201 or 204", &reply, &request));
        }
        refused_otherwise =
            Some(format!("`{kind}` is refused, but not for its signature: {reply}"));
    }
    refused_otherwise.map_or(Ok(()), |reason| Err(Stop::Inconclusive(reason)))
}

/// The same JSON in other bytes. Catches whoever parses and prints again before hashing.
pub(in crate::checks) static ACCEPTS_ANY_SERIALISATION: Check = Check {
    id: "signature-accepts-any-serialisation",
    title: "accepts the same JSON in any other bytes, signed as sent",
    clauses: &["SIG-01"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(accepts_any_serialisation(session)),
};

async fn accepts_any_serialisation(session: &Session<'_>) -> Result<(), Stop> {
    let mut fixed = rich_validation(session);
    if !session.deliver(&session.sign(fixed.to_bytes())).await?.is_success() {
        // Who stumbles over letters beyond ASCII is asked about everything else all the same.
        fixed = fixed.set("/user/name", json!("Zoe / Ada"));
    }
    session.twin(&session.sign(fixed.to_bytes())).await?;
    for form in Form::ALL {
        session.asks(form);
        let body = serialise::write(fixed.value(), form);
        session.accepted("SIG-01", &session.sign(body)).await?;
    }
    let (kind, mode) = session.simplest();
    let generated = (generate::payloads(kind, mode), select(Form::ALL.to_vec()));
    session
        .for_all(generated, async |(payload, form)| {
            let payload = session.purchase().adapt(kind, mode, Payload::from(payload));
            let compact = session.deliver(&session.sign(payload.to_bytes())).await?;
            if !compact.is_success() {
                return Ok(());
            }
            let body = serialise::write(payload.value(), form);
            session.accepted("SIG-01", &session.sign(body)).await.map(drop)
        })
        .await
}

/// A validation with something for each way of writing JSON: a slash, letters beyond ASCII, numbers.
pub(super) fn rich_validation(session: &Session<'_>) -> Payload {
    session
        .simple()
        .set("/user/name", json!("Zoë / 日本 😀"))
        .set("/custom_parameters", json!({"path": "a/b", "level": 42, "share": 1.5, "vip": true}))
}

/// Text of two, three and four bytes a character, as raw UTF-8.
pub(in crate::checks) static ACCEPTS_UTF8: Check = Check {
    id: "signature-accepts-utf8",
    title: "accepts text beyond ASCII as raw UTF-8",
    clauses: &["SIG-01"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(accepts_utf8(session)),
};

async fn accepts_utf8(session: &Session<'_>) -> Result<(), Stop> {
    let named =
        |name: &str| session.sign(session.simple().set("/user/name", json!(name)).to_bytes());
    session.twin(&named("Ada")).await?;
    for name in [
        "é",
        "Zoë",
        "日本",
        "😀",
        "\u{a0}",
        "\u{2028}",
        "ß日😀",
        "Zoe\u{308}",
        "ﬁ",
        "\u{feff}",
        "Å",
    ] {
        session.asks(name);
        session.accepted("SIG-01", &named(name)).await?;
    }
    let names = "[éßñøЖ日本語한글😀🎮\u{85}\u{a0}]{1,12}";
    session
        .for_all(names, async |name: String| {
            session.accepted("SIG-01", &named(&name)).await.map(drop)
        })
        .await
}

/// Xsolla's newest samples write header names in lower case.
pub(in crate::checks) static ACCEPTS_LOWER_CASE_HEADER_NAME: Check = Check {
    id: "signature-accepts-lower-case-header-name",
    title: "finds the signature under any case of the header's name",
    clauses: &["SIG-14"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(accepts_lower_case_header_name(session)),
};

async fn accepts_lower_case_header_name(session: &Session<'_>) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    for spell in [str::to_lowercase, str::to_uppercase] {
        session.asks(spell("Authorization"));
        let mut request = session.validation();
        for (name, _) in &mut request.headers {
            *name = spell(name);
        }
        session.accepted("SIG-14", &request).await?;
    }
    Ok(())
}
