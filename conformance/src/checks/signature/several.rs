//! More than one signature: in several headers, or in one.

use hookproof_contract::signature::{DIGITS, SCHEME};

use super::forged::{authorization, last_digit_changed, unsigned};
use crate::{Check, Stop, check::Evidence, session::Session, wire::Request};

/// Which of several counts is not published; that one of them must be right is.
pub(in crate::checks) static SEVERAL_SIGNATURES: Check = Check {
    id: "signature-several-signatures",
    title: "believes none of several signatures that are all wrong",
    clauses: &["SIG-19"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(several_signatures(session)),
};

async fn several_signatures(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    session.twin(&right).await?;
    let good = authorization(&right).to_owned();
    let bad = authorization(&last_digit_changed(right.clone())).to_owned();
    let worse = format!("{SCHEME} {}", "0".repeat(DIGITS));
    let listed = |values: &[&str]| right.clone().header("Authorization", &values.join(", "));
    let twice = |values: &[&str]| {
        let mut request = unsigned(right.clone());
        let header = |value: &&str| ("Authorization".to_owned(), (*value).to_owned());
        request.headers.extend(values.iter().map(header));
        request
    };
    let wrong = [
        ("two headers, both wrong", twice(&[&bad, &worse])),
        ("the same wrong header twice", twice(&[&bad, &bad])),
        ("two headers, one of them empty", twice(&["", &bad])),
        ("a list of two, both wrong", listed(&[&bad, &worse])),
        ("an empty list", listed(&["", ""])),
        ("a list of three, all wrong", listed(&[&worse, &bad, &worse])),
    ];
    for (what, forged) in &wrong {
        session.asks(what);
        let reply = session.deliver(forged).await?;
        if reply.is_success() {
            let expected = format!("4xx for {what}");
            return Err(session.violation("SIG-19", expected, &reply, forged));
        }
        no_server_error(session, forged, &reply);
    }
    // The right one among them proves the sender, and whoever refuses what is ambiguous is right too.
    for (what, mixed) in [
        ("two headers, the first right", twice(&[&good, &bad])),
        ("two headers, the second right", twice(&[&bad, &good])),
        ("a list of two, the second right", listed(&[&bad, &good])),
    ] {
        session.asks(what);
        let reply = session.deliver(&mixed).await?;
        no_server_error(session, &mixed, &reply);
    }
    Ok(())
}

/// Whatever is made of it: it is the sender's fault.
fn no_server_error(session: &Session<'_>, request: &Request, reply: &crate::answer::Reply) {
    if reply.is_server_error() {
        session.note("SIG-19", "success or 4xx, but no 5xx", reply, request);
    }
}
