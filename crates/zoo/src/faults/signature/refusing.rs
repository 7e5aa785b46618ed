//! Listeners that refuse what is signed: they hash other bytes, or in another way.

use base64::prelude::{BASE64_STANDARD, Engine};

use super::{right_of, signed_by, verdict};
use crate::{
    behaviour::{Behaviour, Refusal},
    constructions,
    faults::{Asks, Fault, Level, Severity, Verdict},
    front::{Front, Raw},
    game::Game,
    right,
    wire::Delivery,
};

/// Every genuine webhook is refused.
const FAULT: Fault = Fault {
    slug: "",
    completes: "",
    severity: Severity::Money,
    level: Level::Wire,
    verdict: Verdict::Fail,
    caught_by: &["signature-accepts-valid"],
    cause: None,
    asks: Asks::STORE,
    behaviour: Behaviour::default,
};

/// The wrong listeners of this kind.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "hmac-instead-of-hash",
        completes: "computes an HMAC instead of the hash of body and secret",
        cause: Some("wrong-construction-hmac"),
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, constructions::hmac),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "secret-before-body",
        completes: "hashes the secret before the body instead of after it",
        cause: Some("wrong-construction-prefix-secret"),
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, constructions::secret_first),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "hashes-the-base64-of-the-body",
        completes: "hashes the base64 text of the body, as a gateway hands it over",
        cause: Some("body-hashed-as-base64"),
        behaviour: || Behaviour {
            verify: |it, _| {
                signed_by(it, |body| constructions::over(BASE64_STANDARD.encode(body).as_bytes()))
            },
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "hashes-object-object",
        completes: "hashes the text `[object Object]` in the place of every body",
        cause: Some("body-hashed-as-object"),
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, |_| constructions::over(b"[object Object]")),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "colon-before-the-secret",
        completes: "puts a colon between the body and the secret before it hashes",
        cause: Some("separator-before-secret"),
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, constructions::with_colon),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "believes-hmac-but-knows-no-type",
        completes: "computes an HMAC, and knows none of the contract's types once it is right",
        cause: Some("wrong-construction-hmac"),
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, constructions::hmac),
            vet: |_| Err(Refusal::Parameter),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "hex-without-leading-zeros",
        completes: "prints each byte of the digest without its leading zero",
        cause: Some("digest-without-leading-zeros"),
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, constructions::without_leading_zeros),
            ..Behaviour::default()
        },
        ..FAULT
    },
    Fault {
        slug: "signature-in-another-header",
        completes: "looks for the signature in the header `X-Signature`",
        cause: Some("signature-in-another-header"),
        behaviour: || Behaviour { verify: in_another_header, ..Behaviour::default() },
        ..FAULT
    },
    Fault {
        slug: "reserialises-before-hashing",
        completes: "prints the parsed JSON again and hashes that",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-accepts-any-serialisation", "signature-rejects-normalised-body"],
        cause: Some("body-reserialized"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, |body| right_of(&constructions::reprinted(body))),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "drops-line-breaks",
        completes: "reads the body line by line and drops the line breaks before hashing",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-accepts-any-serialisation"],
        cause: Some("newline-stripped"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, |body| right_of(&without_line_breaks(body))),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "trims-the-body",
        completes: "trims the body before hashing",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-accepts-any-serialisation"],
        cause: Some("body-trimmed"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, |body| right_of(body.trim_ascii())),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "unescapes-slashes",
        completes: "replaces escaped slashes before hashing",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-accepts-any-serialisation"],
        cause: Some("body-unescaped"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, |body| right_of(&with_plain_slashes(body))),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "decodes-as-latin-1",
        completes: "decodes the body as Latin-1 before hashing",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-accepts-utf8"],
        cause: Some("wrong-charset"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| signed_by(it, |body| right_of(&constructions::through_latin_1(body))),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "header-name-in-one-case",
        completes: "finds the header only under the name `Authorization`, letter by letter",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-accepts-lower-case-header-name"],
        cause: Some("header-name-case-sensitive"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            front: Front::Raw(Raw::default()),
            verify: under_exact_name,
            ..Behaviour::default()
        },
    },
];

fn without_line_breaks(body: &[u8]) -> Vec<u8> {
    body.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect()
}

fn with_plain_slashes(body: &[u8]) -> Vec<u8> {
    let unescaped = std::str::from_utf8(body).map(|text| text.replace("\\/", "/").into_bytes());
    unescaped.unwrap_or_else(|_| body.to_vec())
}

fn in_another_header(delivery: &Delivery, _: &mut Game) -> Result<(), Refusal> {
    verdict(delivery.header("x-signature") == Some(right_of(&delivery.body).as_bytes()))
}

fn under_exact_name(delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    verdict(delivery.headers.iter().any(|(name, _)| name == "Authorization"))?;
    right::verify(delivery, game)
}
