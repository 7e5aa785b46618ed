//! What does a target accept that refuses a valid signature? Constructed requests that tell neighbours
//! apart.
//!
//! They are sent only where a valid signature was refused. What the target believes instead shows the
//! cause, so the diagnosis is certain: which form of the header, which secret, which bytes it hashes.

use std::borrow::Cow;

use hookproof_contract::{
    serialise::{self, Form},
    signature::{self, SCHEME},
};
use serde_json::json;
use sha1::{Digest, Sha1};

use crate::{
    answer::Reply,
    checks,
    constructions::{Attempt, HEADER, attempts, bodies::CHANGES},
    preflight::PREFLIGHT,
    report::{CheckReport, CheckStatus},
    session::{Run, Session},
    wire::Request,
};

/// Checks that fail where a valid signature is refused.
const OF_VALID_SIGNATURES: &[&str] =
    &["signature-accepts-valid", "signature-accepts-any-serialisation", "signature-accepts-utf8"];

/// Validations of different digests: one in two digests holds a byte below sixteen.
const DIGESTS: u32 = 16;

/// A byte of a digest below this has a leading zero.
const TWO_DIGITS_FROM: u8 = 0x10;

/// What a target believes in the place of the right signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The cause that it shows.
    pub(crate) cause: &'static str,
    /// What it believes, to follow "believes ".
    pub(crate) title: Cow<'static, str>,
}

/// The target's answer to a request that proves nothing.
pub(crate) struct Refusals<'a> {
    /// To a request with a wrong signature.
    pub(crate) forged: &'a Reply,
    /// To a request without one.
    pub(crate) bare: &'a Reply,
}

/// Where every valid delivery is refused: what is believed instead, if anything is.
pub(crate) async fn instead(
    session: &Session<'_>,
    refusals: Option<Refusals<'_>>,
) -> Option<Shown> {
    let request = session.validation();
    for attempt in attempts(&request.body, &session.run.options.secret) {
        if is_believed(session, &request, &attempt, refusals.as_ref()).await {
            return Some(Shown { cause: attempt.cause, title: attempt.title });
        }
    }
    None
}

/// Returns true if an attempt is accepted, or is answered otherwise than what proves nothing.
///
/// A listener may refuse a request for what it says, once the signature is proven: then the same header
/// with another digit gets the refusal of a wrong signature, and the attempt does not.
async fn is_believed(
    session: &Session<'_>,
    request: &Request,
    attempt: &Attempt,
    refusals: Option<&Refusals<'_>>,
) -> bool {
    let wire = session.run.wire;
    let with = |value: &str| {
        let mut request = request.clone();
        request.take_authorization();
        request.header(attempt.name, value)
    };
    let Ok(reply) = wire.send(&with(&attempt.value)).await else { return false };
    if reply.is_success() {
        return true;
    }
    let Some(refusals) = refusals.filter(|_| reply.is_refusal() && !reply.is_rate_limit()) else {
        return false;
    };
    let refusal = if attempt.name == HEADER { refusals.forged } else { refusals.bare };
    if is_same(&reply, refusal) {
        return false;
    }
    let other = wire.send(&with(&with_another_digit(&attempt.value))).await;
    other.is_ok_and(|other| is_same(&other, refusal))
}

/// Returns true if two answers say the same.
pub(crate) fn is_same(one: &Reply, other: &Reply) -> bool {
    let (code, other_code) = (one.code(), other.code());
    // Who uses no published form says it in a form of their own.
    let told = code.is_some() || one.body == other.body;
    one.status == other.status && code == other_code && told
}

/// The value with its last letter or digit changed.
fn with_another_digit(value: &str) -> String {
    let last = value.rfind(|letter: char| letter.is_ascii_alphanumeric());
    last.map_or_else(String::new, |at| {
        let other = if &value[at..=at] == "0" { "1" } else { "0" };
        format!("{}{other}{}", &value[..at], &value[at + 1..])
    })
}

/// After the checks: which change of the body, or which way to print the digest, explains the valid
/// signatures that were refused.
pub(crate) async fn after(run: &Run<'_>, reports: &[CheckReport]) -> Option<Shown> {
    let refused = |id: &&str| {
        reports.iter().any(|report| report.id == **id && report.status == CheckStatus::Fail)
    };
    if !OF_VALID_SIGNATURES.iter().any(refused) {
        return None;
    }
    // Its ids are those of the preflight, which long had its answers.
    let session = Session::new(run, &PREFLIGHT, checks::ALL.len() as u64);
    if let Some(shown) = changed_body(&session).await {
        return Some(shown);
    }
    unpadded_digest(&session).await
}

/// The change that explains the most of the refused forms, and contradicts none.
async fn changed_body(session: &Session<'_>) -> Option<Shown> {
    let mut refused = Vec::new();
    for form in Form::ALL {
        let payload = session.simple().set("/user/name", json!("Zoë / 日本 😀")).set(
            "/custom_parameters",
            json!({"path": "a/b", "level": 42, "share": 1.5, "vip": true}),
        );
        let body = serialise::write(payload.value(), form);
        if !signed_over(session, &body, &body).await {
            refused.push(body);
        }
    }
    let mut best: (usize, Option<Shown>) = (0, None);
    for change in CHANGES {
        let mut explained = 0;
        for body in &refused {
            let changed = (change.make)(body);
            if changed == *body {
                continue;
            }
            if !signed_over(session, body, &changed).await {
                explained = 0;
                break;
            }
            explained += 1;
        }
        if explained > best.0 {
            best = (explained, Some(Shown { cause: change.cause, title: change.title.into() }));
        }
    }
    best.1
}

/// Whether signatures are refused that hold a small byte, and believed without its leading zero.
async fn unpadded_digest(session: &Session<'_>) -> Option<Shown> {
    for place in 0..DIGESTS {
        let payload = session.simple().set("/user/name", json!(format!("Ada {place}")));
        let body = payload.to_bytes();
        let digest = digest(&body, session.run.options.secret.expose().as_bytes());
        if digest.iter().all(|byte| *byte >= TWO_DIGITS_FROM)
            || signed_over(session, &body, &body).await
        {
            continue;
        }
        let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:x}")).collect();
        let digits = digits.concat();
        let cause = "digest-without-leading-zeros";
        let title = "a signature whose bytes are printed without leading zeros";
        let believed = believes(session, body, &format!("{SCHEME} {digits}")).await;
        return believed.then_some(Shown { cause, title: title.into() });
    }
    None
}

/// Whether a body is accepted under the signature of these bytes.
async fn signed_over(session: &Session<'_>, body: &[u8], hashed: &[u8]) -> bool {
    let header = signature::authorization(hashed, &session.run.options.secret);
    believes(session, body.to_vec(), &header).await
}

async fn believes(session: &Session<'_>, body: Vec<u8>, header: &str) -> bool {
    let sent = session.run.wire.send(&Request::webhook(body, Some(header))).await;
    sent.is_ok_and(|reply| reply.is_success())
}

fn digest(body: &[u8], secret: &[u8]) -> Vec<u8> {
    Sha1::new().chain_update(body).chain_update(secret).finalize().to_vec()
}
