//! Wrong listeners: how requests are read off the wire (clauses `ANS-15` to `ANS-18`).

use super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::{Behaviour, Refusal},
    front::{Front, Raw, Reads},
    right,
    wire::Delivery,
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "joins-pieces-as-text",
        completes: "makes a text of each piece of the body as it comes in, and joins the texts",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-split-segments"],
        cause: Some("body-read-in-pieces"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { reads: Reads::TextByPiece, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "reads-once",
        completes: "takes what the first read gives for the whole body",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-split-segments"],
        cause: Some("body-read-in-pieces"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { reads: Reads::FirstPiece, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "reads-by-length-only",
        completes: "knows no body without a `Content-Length`",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["answers-chunked-request"],
        cause: Some("chunked-not-read"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { reads: Reads::LengthOnly, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refuses-expectations",
        completes: "refuses requests that expect to be told to continue",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["answers-expect-continue"],
        cause: Some("expectation-refused"),
        asks: Asks::STORE,
        behaviour: || Behaviour { gate: without_expectations, ..Behaviour::default() },
    },
    Fault {
        slug: "leaves-refused-bodies-unread",
        completes: "refuses a request and leaves its body in the connection",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["answers-connection-in-order"],
        cause: Some("body-left-unread"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { reads: Reads::UnlessRefused, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
];

fn without_expectations(delivery: &Delivery) -> Result<(), Refusal> {
    right::gate(delivery)?;
    if delivery.header("expect").is_some() { Err(Refusal::MediaType) } else { Ok(()) }
}
