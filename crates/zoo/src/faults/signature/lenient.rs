//! Listeners that take more than one body, or more than one value, for the right one.

use hookproof_contract::signature;

use super::{digits, right_of, verdict};
use crate::{
    behaviour::{Behaviour, Refusal},
    faults::{Asks, Fault, Level, Severity, Verdict},
    game::Game,
    right,
    wire::Delivery,
};

/// The wrong listeners of this kind.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "hex-until-it-is-none",
        completes: "decodes the digits of the signature up to the first character that is none",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-cut-or-extended"],
        cause: Some("prefix-compare"),
        asks: Asks::STORE,
        behaviour: || Behaviour { verify: up_to_the_first_other, ..Behaviour::default() },
    },
    Fault {
        slug: "digits-of-any-script",
        completes: "takes digits of other scripts for the same digits",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-cut-or-extended"],
        cause: Some("prefix-compare"),
        asks: Asks::STORE,
        behaviour: || Behaviour { verify: in_any_script, ..Behaviour::default() },
    },
    Fault {
        slug: "two-headers-pass",
        completes: "does not compare the signature where the header comes twice",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-several-signatures"],
        cause: Some("several-signatures-unverified"),
        asks: Asks::STORE,
        behaviour: || Behaviour { verify: unless_twice, ..Behaviour::default() },
    },
    Fault {
        slug: "lists-pass",
        completes: "does not compare a list of signatures",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-several-signatures"],
        cause: Some("several-signatures-unverified"),
        asks: Asks::STORE,
        behaviour: || Behaviour { verify: unless_listed, ..Behaviour::default() },
    },
    Fault {
        slug: "composes-characters",
        completes: "composes the characters of the body before hashing",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-normalised-body", "signature-accepts-utf8"],
        cause: Some("body-normalised-before-hashing"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| over(it, game, composed),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "drops-carriage-returns",
        completes: "drops carriage returns before hashing",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-normalised-body", "signature-accepts-any-serialisation"],
        cause: Some("newline-stripped"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| over(it, game, without_returns),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "ends-at-a-nul",
        completes: "takes the body for a text that ends at its first NUL",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-normalised-body"],
        cause: Some("body-normalised-before-hashing"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| over(it, game, up_to_nul),
            text: up_to_nul,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "strips-the-byte-order-mark",
        completes: "strips a byte order mark before hashing",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["signature-rejects-normalised-body"],
        cause: Some("body-normalised-before-hashing"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| over(it, game, without_mark),
            text: without_mark,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "hashes-decoded-text",
        completes: "hashes the text of the body, in which broken bytes are replaced",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["signature-rejects-normalised-body"],
        cause: Some("body-normalised-before-hashing"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| over(it, game, decoded),
            text: decoded,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "believes-a-null-secret-too",
        completes: "believes signatures that end in the word `null` instead of the secret too",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-other-constructions"],
        cause: Some("several-constructions-accepted"),
        asks: Asks::STORE,
        behaviour: || Behaviour { verify: or_null, ..Behaviour::default() },
    },
];

/// The right listener's judgement of another body.
fn over(delivery: &Delivery, game: &mut Game, made: fn(&[u8]) -> Vec<u8>) -> Result<(), Refusal> {
    right::verify(&Delivery { body: made(&delivery.body), ..delivery.clone() }, game)
}

fn up_to_the_first_other(delivery: &Delivery, _: &mut Game) -> Result<(), Refusal> {
    let value = super::after_scheme(delivery).ok_or(Refusal::Signature)?;
    let end = value.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(value.len());
    verdict(value[..end] == right_of(&delivery.body))
}

fn in_any_script(delivery: &Delivery, _: &mut Game) -> Result<(), Refusal> {
    let value = super::after_scheme(delivery).ok_or(Refusal::Signature)?;
    let plain = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xff10 + u32::from('0')).unwrap_or(c),
        _ => c,
    };
    verdict(value.chars().map(plain).collect::<String>() == right_of(&delivery.body))
}

fn unless_twice(delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    let headers = delivery.headers.iter();
    let found = headers.filter(|(name, _)| name.eq_ignore_ascii_case("authorization")).count();
    if found > 1 { Ok(()) } else { right::verify(delivery, game) }
}

fn unless_listed(delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    let listed = delivery.authorization().is_some_and(|value| value.contains(", Signature "));
    if listed { Ok(()) } else { right::verify(delivery, game) }
}

fn composed(body: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(body).replace("e\u{308}", "ë").into_bytes()
}

fn without_returns(body: &[u8]) -> Vec<u8> {
    body.iter().copied().filter(|byte| *byte != b'\r').collect()
}

fn up_to_nul(body: &[u8]) -> Vec<u8> {
    body.iter().copied().take_while(|byte| *byte != 0).collect()
}

fn without_mark(body: &[u8]) -> Vec<u8> {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body).to_vec()
}

fn decoded(body: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(body).into_owned().into_bytes()
}

fn or_null(delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    let null = hookproof_contract::Secret::new("null").map_err(|_| Refusal::Crash)?;
    let by_null = digits(delivery) == Some(&signature::sign(&delivery.body, &null));
    if by_null { Ok(()) } else { right::verify(delivery, game) }
}
