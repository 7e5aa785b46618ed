//! Listeners that let pass what is not signed, or refuse it wrongly.

use hookproof_contract::ErrorCode;

use super::{after_scheme, digits, right_of, signed_by, verdict};
use crate::{
    SECRET,
    behaviour::{Behaviour, Outcome, Refusal, Steps},
    constructions,
    event::Event,
    faults::{Asks, Fault, Level, Severity, Verdict, if_refused},
    game::Game,
    right,
    wire::{Answer, Delivery},
};

/// The wrong listeners of this kind.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "signature-not-checked",
        completes: "wants the header in the right form and never compares the digits",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &[
            "signature-rejects-flipped-body",
            "signature-rejects-flipped-digit",
            "signature-rejects-normalised-body",
        ],
        cause: Some("signature-not-checked"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| verdict(digits(it).is_some()),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "accepts-everything",
        completes: "looks at no header at all",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &[
            "signature-rejects-missing-header",
            "signature-rejects-other-schemes",
            "signature-rejects-flipped-digit",
        ],
        cause: Some("signature-not-checked"),
        asks: Asks::STORE,
        behaviour: || Behaviour { verify: |_, _| Ok(()), ..Behaviour::default() },
    },
    Fault {
        slug: "warning-before-the-refusal",
        completes: "prints a warning before its refusals, so that their status stays 200",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-flipped-digit", "signature-rejects-missing-header"],
        cause: Some("warnings-before-the-answer"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(
                    outcome,
                    |_| true,
                    |answer| {
                        answer.status = 200;
                        answer.content_type = Some("text/html; charset=UTF-8");
                        answer.body = [WARNING, &answer.body].concat();
                    },
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "behind-a-firewall",
        completes: "stands behind a firewall that takes an escaped letter for an attack",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-accepts-any-serialisation"],
        cause: Some("filtered-by-firewall"),
        asks: Asks::STORE,
        behaviour: || Behaviour { render: behind_a_firewall, ..Behaviour::default() },
    },
    Fault {
        slug: "remembers-good-signatures",
        completes: "keeps the signatures that were right once and lets them pass with any body",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-flipped-body"],
        cause: Some("signature-cached"),
        asks: Asks::STORE,
        behaviour: || Behaviour { verify: remembering, ..Behaviour::default() },
    },
    Fault {
        slug: "compares-the-first-half",
        completes: "compares the first half of the digits only",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-flipped-digit"],
        cause: Some("prefix-compare"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| {
                verdict(digits(it).is_some_and(|own| own[..20] == right_of(&it.body)[..20]))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "missing-header-passes",
        completes: "lets a request without the header pass",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-missing-header"],
        cause: Some("missing-header-accepted"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| {
                if it.header("authorization").is_none() { Ok(()) } else { right::verify(it, game) }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "missing-header-crashes",
        completes: "meets an exception where the header is missing",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-missing-header", "answers-no-5xx-for-senders-faults"],
        cause: Some("missing-header-throws"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| {
                if it.header("authorization").is_none() {
                    Err(Refusal::Crash)
                } else {
                    right::verify(it, game)
                }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "ignores-the-scheme",
        completes: "takes the last word of the header for the signature, whatever the scheme",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["signature-rejects-other-schemes"],
        cause: Some("scheme-ignored"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| verdict(last_word(it) == Some(&right_of(&it.body))),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "accepts-a-prefix",
        completes: "accepts the first digits of the signature for the whole",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-cut-or-extended"],
        cause: Some("prefix-compare"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| {
                verdict(
                    after_scheme(it)
                        .is_some_and(|own| own.len() >= 8 && right_of(&it.body).starts_with(own)),
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "finds-the-signature-inside",
        completes: "accepts any value that contains the signature",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-cut-or-extended"],
        cause: Some("prefix-compare"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, _| {
                verdict(after_scheme(it).is_some_and(|own| own.contains(&right_of(&it.body))))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "other-lengths-crash",
        completes: "meets an exception where the signature has another length than its own",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-cut-or-extended", "answers-no-5xx-for-senders-faults"],
        cause: Some("missing-header-throws"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| {
                if after_scheme(it).is_some_and(|own| own.len() != 40) {
                    Err(Refusal::Crash)
                } else {
                    right::verify(it, game)
                }
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "accepts-an-hmac-too",
        completes: "accepts an HMAC of the body beside the signature",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-other-constructions"],
        cause: Some("several-constructions-accepted"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| {
                right::verify(it, game).or_else(|_| signed_by(it, constructions::hmac))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "accepts-the-secret-first-too",
        completes: "accepts the hash of secret and body beside the signature",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-other-constructions"],
        cause: Some("several-constructions-accepted"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| {
                right::verify(it, game).or_else(|_| signed_by(it, constructions::secret_first))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "accepts-no-secret-too",
        completes: "accepts the hash of the body alone beside the signature",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-other-constructions"],
        cause: Some("empty-secret"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| {
                right::verify(it, game).or_else(|_| signed_by(it, constructions::without_secret))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "tries-the-printed-body-too",
        completes: "hashes the JSON printed again where the raw body does not match",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-rejects-normalised-body"],
        cause: Some("body-normalised-before-hashing"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| {
                right::verify(it, game)
                    .or_else(|_| signed_by(it, |body| right_of(&constructions::reprinted(body))))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "validations-unsigned",
        completes: "answers `user_validation` without looking at the signature",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-checked-per-type"],
        cause: Some("signature-checked-for-some-types"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| except("user_validation", it, game),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refunds-unsigned",
        completes: "takes a `refund` without looking at the signature",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-checked-per-type"],
        cause: Some("signature-checked-for-some-types"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            verify: |it, game| except("refund", it, game),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "parses-before-verifying",
        completes: "parses the body before it looks at the signature",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["signature-before-parsing"],
        cause: Some("parsed-before-verified"),
        asks: Asks::STORE,
        behaviour: || Behaviour { steps: Steps::ParseThenVerify, ..Behaviour::default() },
    },
    Fault {
        slug: "acts-before-verifying",
        completes: "grants first and looks at the signature then",
        severity: Severity::Security,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["signature-refusal-without-effect"],
        cause: Some("acted-before-verified"),
        asks: Asks::STORE,
        behaviour: || Behaviour { steps: Steps::ActThenVerify, ..Behaviour::default() },
    },
    Fault {
        slug: "tells-the-expected-signature",
        completes: "prints the signature that it expected into its refusal",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-not-leaked"],
        cause: Some("signature-leaked"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |it, outcome| {
                if_refused(outcome, is_signature, |answer| *answer = telling(&right_of(&it.body)))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "tells-the-secret",
        completes: "prints its secret into the refusal of a signature",
        severity: Severity::Security,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["signature-not-leaked"],
        cause: Some("signature-leaked"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| {
                if_refused(outcome, is_signature, |answer| *answer = telling(SECRET))
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "refuses-signatures-with-401",
        completes: "refuses a signature with status 401 and the right code",
        severity: Severity::Cosmetic,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["signature-status-400"],
        cause: Some("other-4xx-status"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |_, outcome| if_refused(outcome, is_signature, |answer| answer.status = 401),
            ..Behaviour::default()
        },
    },
];

/// The text that PHP prints where its warnings go to the page.
const WARNING: &[u8] = b"<br />\n<b>Warning</b>: Undefined array key 1 in webhook.php on line 3\n";

/// The firewall's own answer to what looks like an attack.
fn behind_a_firewall(delivery: &Delivery, outcome: &Outcome) -> Answer {
    if !delivery.body.windows(2).any(|pair| pair == b"\\u") {
        return right::answered(outcome);
    }
    let page = "<html><head><title>403 Forbidden</title></head></html>".to_owned();
    Answer { status: 403, content_type: Some("text/html"), body: page.into_bytes() }
}

fn is_signature(refusal: Refusal) -> bool {
    refusal == Refusal::Signature
}

fn telling(what: &str) -> Answer {
    Answer::error(400, ErrorCode::InvalidSignature, &format!("Invalid signature, not {what}"))
}

fn last_word(delivery: &Delivery) -> Option<&str> {
    delivery.authorization()?.split_whitespace().next_back()
}

fn remembering(delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    let Some(own) = digits(delivery) else { return Err(Refusal::Signature) };
    if game.notes.contains(own) {
        return Ok(());
    }
    right::verify(delivery, game)?;
    game.notes.insert(own.to_owned());
    Ok(())
}

fn except(kind: &str, delivery: &Delivery, game: &mut Game) -> Result<(), Refusal> {
    match Event::read(&delivery.body, &delivery.body) {
        Ok(event) if event.kind == kind => Ok(()),
        _ => right::verify(delivery, game),
    }
}
