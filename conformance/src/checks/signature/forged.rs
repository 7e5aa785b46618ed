//! Nothing that is wrongly signed is believed (clauses SIG-02, SIG-03, SIG-05, SIG-09).

use hookproof_contract::signature::{self, DIGITS, SCHEME};
use proptest::{prelude::*, sample::Index};

use super::valid::rich_validation;
use crate::{Check, Stop, check::Evidence, constructions, session::Session, wire::Request};

/// The request with its signature's last digit changed.
pub(crate) fn last_digit_changed(request: Request) -> Request {
    let right = authorization(&request).to_owned();
    let last = if right.ends_with('0') { "1" } else { "0" };
    request.header("Authorization", &format!("{}{last}", &right[..right.len() - 1]))
}

pub(super) fn authorization(request: &Request) -> &str {
    let found = request.headers.iter().find(|(name, _)| name == "Authorization");
    found.map_or("", |(_, value)| value)
}

/// The request without its signature.
pub(crate) fn unsigned(mut request: Request) -> Request {
    request.headers.retain(|(name, _)| name != "Authorization");
    request
}

/// Any one bit changed after signing must be noticed, wherever it is.
pub(in crate::checks) static REJECTS_FLIPPED_BODY: Check = Check {
    id: "signature-rejects-flipped-body",
    title: "refuses a body of which one bit was changed after signing",
    clauses: &["SIG-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(rejects_flipped_body(session)),
};

async fn rejects_flipped_body(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.sign(rich_validation(session).to_bytes());
    session.twin(&right).await?;
    session
        .for_all((any::<Index>(), 0..8_u8), async |(place, bit)| {
            let mut forged = right.clone();
            let at = place.index(forged.body.len());
            forged.body[at] ^= 1 << bit;
            // Broken JSON may be refused as such: that the proof comes first is only recommended.
            if serde_json::from_slice::<serde_json::Value>(&forged.body).is_ok() {
                return session.refused_for_signature("SIG-02", &forged).await;
            }
            let reply = session.deliver(&forged).await?;
            if reply.is_refusal() {
                return Ok(());
            }
            Err(session.violation("SIG-02", "4xx", &reply, &forged))
        })
        .await
}

/// Any one digit changed.
pub(in crate::checks) static REJECTS_FLIPPED_DIGIT: Check = Check {
    id: "signature-rejects-flipped-digit",
    title: "refuses a signature of which one digit was changed",
    clauses: &["SIG-02", "SIG-05"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(rejects_flipped_digit(session)),
};

async fn rejects_flipped_digit(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    session.twin(&right).await?;
    let value = authorization(&right).to_owned();
    for place in 0..DIGITS {
        session.asks(place);
        let at = value.len() - DIGITS + place;
        let digit = if &value[at..=at] == "0" { "1" } else { "0" };
        let forged = format!("{}{digit}{}", &value[..at], &value[at + 1..]);
        let clause = if place < DIGITS / 2 { "SIG-02" } else { "SIG-05" };
        session
            .refused_for_signature(clause, &right.clone().header("Authorization", &forged))
            .await?;
    }
    Ok(())
}

/// An address from which webhooks come.
const XSOLLAS: &str = "185.30.20.1";

/// No header at all, or one that says nothing.
pub(in crate::checks) static REJECTS_MISSING_HEADER: Check = Check {
    id: "signature-rejects-missing-header",
    title: "refuses a request without a signature",
    clauses: &["SIG-03", "NET-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(rejects_missing_header(session)),
};

async fn rejects_missing_header(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    session.twin(&right).await?;
    session.asks("no header");
    session.refused_for_signature("SIG-03", &unsigned(right.clone())).await?;
    session.asks("empty header");
    let empty = right.clone().header("Authorization", "");
    session.refused_for_signature("SIG-03", &empty).await?;
    // Everybody can write these, and a proxy before the listener passes some of them on.
    for name in ["X-Forwarded-For", "X-Real-IP", "Forwarded"] {
        session.asks(name);
        let value = if name == "Forwarded" { format!("for={XSOLLAS}") } else { XSOLLAS.to_owned() };
        let claimed = unsigned(right.clone()).header(name, &value);
        session.refused_for_signature("NET-02", &claimed).await?;
    }
    Ok(())
}

/// Headers that hold something, but no signature.
pub(in crate::checks) static REJECTS_OTHER_SCHEMES: Check = Check {
    id: "signature-rejects-other-schemes",
    title: "refuses a header that holds something else than a signature",
    clauses: &["SIG-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(rejects_other_schemes(session)),
};

async fn rejects_other_schemes(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    session.twin(&right).await?;
    let zeros = "0".repeat(DIGITS);
    let others = [
        SCHEME.to_owned(),
        format!("{SCHEME} "),
        format!("{SCHEME} null"),
        format!("{SCHEME} {zeros}"),
        format!("Bearer {zeros}"),
        "Basic dXNlcjpwYXNzd29yZA==".to_owned(),
        "undefined".to_owned(),
    ];
    for other in others {
        session.asks(&other);
        let forged = right.clone().header("Authorization", &other);
        session.refused_for_signature("SIG-03", &forged).await?;
    }
    // The right digits prove the sender under any scheme, so this lets nobody in.
    let digits = signature::sign(&right.body, &session.run.options.secret);
    for scheme in ["Bearer", "Basic", "Xsolla"] {
        session.asks(scheme);
        let other = right.clone().header("Authorization", &format!("{scheme} {digits}"));
        let reply = session.deliver(&other).await?;
        if reply.is_success() {
            session.note("SIG-03", "4xx with the error code INVALID_SIGNATURE", &reply, &other);
        }
    }
    Ok(())
}

/// Values that begin like the signature, or hold it.
pub(in crate::checks) static REJECTS_CUT_OR_EXTENDED: Check = Check {
    id: "signature-rejects-cut-or-extended",
    title: "compares the whole signature, and nothing but it",
    clauses: &["SIG-05"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(rejects_cut_or_extended(session)),
};

async fn rejects_cut_or_extended(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    session.twin(&right).await?;
    let digits = signature::sign(&right.body, &session.run.options.secret);
    let cut = [1, 8, 16, 20, 32, DIGITS - 1].map(|length| digits[..length].to_owned());
    let extended = [
        format!("{digits}0"),
        format!("0{digits}"),
        format!("{digits}{digits}"),
        format!("{}{digits}", "0".repeat(DIGITS)),
    ];
    for (place, value) in cut.into_iter().chain(extended).enumerate() {
        session.asks(place);
        let forged = right.clone().header("Authorization", &format!("{SCHEME} {value}"));
        session.refused_for_signature("SIG-05", &forged).await?;
    }
    // Decoders of hexadecimal digits stop at what is none, and some take more than ASCII for one.
    for other in [format!("{digits}zz"), format!("{digits}é"), format!("0x{digits}"), wide(&digits)]
    {
        session.asks(other.len());
        let forged = right.clone().header("Authorization", &format!("{SCHEME} {other}"));
        let reply = session.deliver(&forged).await?;
        if reply.is_success() {
            let expected = "4xx with the error code INVALID_SIGNATURE";
            return Err(session.violation("SIG-05", expected, &reply, &forged));
        }
    }
    // The whole of the right signature stands in these, so they let nobody in.
    for tail in [" and more", ",", "; v=1"] {
        session.asks(tail);
        let longer = right.clone().header("Authorization", &format!("{SCHEME} {digits}{tail}"));
        let reply = session.deliver(&longer).await?;
        if reply.is_success() {
            session.note("SIG-05", "4xx with the error code INVALID_SIGNATURE", &reply, &longer);
        }
    }
    Ok(())
}

/// The digits with the first decimal one of them as its full-width twin, which is another character.
fn wide(digits: &str) -> String {
    let twin = |digit: char| char::from_u32(u32::from(digit) - u32::from('0') + 0xff10);
    let first = digits.find(|digit: char| digit.is_ascii_digit());
    first.map_or_else(
        || format!("{digits}０"),
        |at| {
            let other = digits[at..].chars().next().and_then(twin).unwrap_or('０');
            format!("{}{other}{}", &digits[..at], &digits[at + 1..])
        },
    )
}

/// Other ways of making a signature from the same body and secret.
pub(in crate::checks) static REJECTS_OTHER_CONSTRUCTIONS: Check = Check {
    id: "signature-rejects-other-constructions",
    title: "believes the contract's construction alone",
    clauses: &["SIG-09"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(rejects_other_constructions(session)),
};

async fn rejects_other_constructions(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    let mut accepted = None;
    for construction in constructions::ALL {
        session.asks(construction.cause);
        let forged = (construction.make)(&right.body, &session.run.options.secret);
        let forged = right.clone().header("Authorization", &forged);
        let reply = session.deliver(&forged).await?;
        if reply.is_success() && accepted.is_none() {
            let expected = format!("4xx with INVALID_SIGNATURE for {}", construction.title);
            accepted = Some(session.violation("SIG-09", expected, &reply, &forged));
        }
    }
    // An accepted forgery speaks for itself; that all were refused counts beside a twin only.
    if let Some(violation) = accepted {
        return Err(violation);
    }
    session.twin(&right).await
}
