//! How a request may travel: in several segments, in chunks, with an expectation, after another one.

use crate::{
    Check, Stop,
    check::Evidence,
    checks::{last_digit_changed, unsigned},
    session::Session,
    wire::{Fault, Framing, Request},
};

/// TCP carries bytes, not messages; where it cuts them is nobody's choice.
pub(in crate::checks) static SPLIT_SEGMENTS: Check = Check {
    id: "answers-split-segments",
    title: "reads a delivery to its end, however it is cut into segments",
    clauses: &["ANS-15", "SIG-01"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(split_segments(session)),
};

/// Text of two, three and four bytes a character.
const NAME: &str = "é日😀";

impl Session<'_> {
    /// A small delivery with characters of several bytes in it, and the place of the first of them.
    fn with_wide_text(&self) -> (Request, usize) {
        let payload = self.simple().set("/user/name", serde_json::json!(NAME));
        let request = self.sign(payload.to_bytes());
        let first = NAME.as_bytes()[0];
        let place = request.body.iter().position(|byte| *byte == first);
        (request, place.unwrap_or_default())
    }
}

async fn split_segments(session: &Session<'_>) -> Result<(), Stop> {
    let (right, wide) = session.with_wide_text();
    session.twin(&right).await?;
    let length = right.body.len();
    let cuts = [
        ("between head and body", vec![0]),
        ("inside a character of two bytes", vec![wide + 1]),
        ("inside a character of three bytes", vec![wide + 3]),
        ("inside a character of four bytes", vec![wide + 7]),
        ("before the last byte", vec![length - 1]),
        ("into one byte each around those", (wide..wide + NAME.len()).collect()),
    ];
    for (what, places) in cuts {
        session.asks(what);
        let reply = session.deliver(&right.clone().framed(Framing::Cut(places.clone()))).await?;
        if !reply.is_success() {
            let request = right.clone().framed(Framing::Cut(places));
            let expected = format!("200, 201 or 204, as in one piece, when cut {what}");
            return Err(session.violation("ANS-15", expected, &reply, &request));
        }
    }
    Ok(())
}

/// HTTP/1.1 obliges every server to read them; whether Xsolla sends them is not published.
pub(in crate::checks) static CHUNKED_REQUEST: Check = Check {
    id: "answers-chunked-request",
    title: "reads a delivery that comes in chunks",
    clauses: &["ANS-16"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(chunked_request(session)),
};

async fn chunked_request(session: &Session<'_>) -> Result<(), Stop> {
    let (right, wide) = session.with_wide_text();
    session.twin(&right).await?;
    for (what, sizes) in [
        ("one chunk", vec![]),
        ("chunks of 16 bytes", vec![16]),
        ("a border inside a character", vec![wide + 1, 2]),
        ("chunks of one byte", vec![1]),
    ] {
        session.asks(what);
        let request = right.clone().framed(Framing::Chunked(sizes));
        session.accepted("ANS-16", &request).await?;
    }
    Ok(())
}

/// Client libraries ask before they send a large body, and send it after a moment all the same.
pub(in crate::checks) static EXPECT_CONTINUE: Check = Check {
    id: "answers-expect-continue",
    title: "takes a delivery that expects to be told to continue",
    clauses: &["ANS-17"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(expect_continue(session)),
};

async fn expect_continue(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    session.twin(&right).await?;
    let expecting = right.header("Expect", "100-continue");
    for framing in [Framing::Whole, Framing::Cut(vec![0])] {
        session.asks(&framing);
        session.accepted("ANS-17", &expecting.clone().framed(framing)).await?;
    }
    Ok(())
}

/// What is left of one request is read as the beginning of the next.
pub(in crate::checks) static CONNECTION_IN_ORDER: Check = Check {
    id: "answers-connection-in-order",
    title: "answers the next delivery on a connection for itself",
    clauses: &["ANS-18"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(connection_in_order(session)),
};

async fn connection_in_order(session: &Session<'_>) -> Result<(), Stop> {
    let right = session.validation();
    session.twin(&right).await?;
    let firsts = [
        ("a valid delivery", right.clone()),
        ("a wrong signature", last_digit_changed(right.clone())),
        ("no signature", unsigned(right.clone())),
        ("an empty body", unsigned(session.sign(""))),
        ("no JSON", session.sign("{\"notification_type\":")),
        ("an unknown user", session.validation_of(&session.run.options.unknown_user)),
    ];
    for (what, first) in firsts {
        session.asks(what);
        let came = session.send_in_turn(&[&first, &right]).await;
        // Who closes the connection after an answer is right, said or unsaid.
        let after = match &came[..] {
            // Half of a request was read as a whole one, and answered.
            [Ok(reply)] if reply.unasked && reply.is_refusal() => "an answer too many".to_owned(),
            [_, Ok(second)] if !second.is_success() && !second.is_later() => second.to_string(),
            [_, Err(fault @ (Fault::NotHttp(_) | Fault::Silent(_)))] => fault.to_string(),
            _ => continue,
        };
        // The same delivery on a connection of its own tells a passing trouble from a broken connection.
        session.accepted("ANS-18", &right).await?;
        let expected = format!("200, 201 or 204 for a valid delivery after {what}");
        return Err(session.violation("ANS-18", expected, after, &first));
    }
    Ok(())
}
