//! Which causes are named for what was seen, the data file, and the weights.

use std::collections::BTreeSet;

use super::*;
use crate::checks;

/// A report of every check: these as they are written, the others passed.
///
/// `fail check@CLAUSE: expected => actual`
fn reports(seen: &[&str]) -> Vec<CheckReport> {
    let seen: Vec<CheckReport> = seen.iter().map(|line| report(line)).collect();
    let others = checks::ALL
        .iter()
        .filter(|check| seen.iter().all(|told| told.id != check.id))
        .map(|check| report(&format!("pass {}@: => ", check.id)));
    let others: Vec<CheckReport> = others.collect();
    seen.into_iter().chain(others).collect()
}

fn report(line: &str) -> CheckReport {
    let (status, rest) = line.split_once(' ').unwrap();
    let (place, shown) = rest.split_once(": ").unwrap();
    let (id, clause) = place.split_once('@').unwrap();
    let (expected, actual) = shown.split_once("=> ").unwrap();
    let known = checks::ALL.iter().find(|check| check.id == id);
    let known = known.unwrap_or_else(|| panic!("`{id}` is no check"));
    assert!(clause.is_empty() || known.clauses.contains(&clause), "{id} does not test {clause}");
    let status = match status {
        "fail" => CheckStatus::Fail,
        "warn" => CheckStatus::Warn,
        _ => CheckStatus::Pass,
    };
    CheckReport {
        id: id.to_owned(),
        title: String::new(),
        clauses: Vec::new(),
        level: "must".to_owned(),
        status,
        evidence: known.evidence,
        clause: (!clause.is_empty()).then(|| clause.to_owned()),
        expected: Some(expected.trim().to_owned()),
        actual: Some(actual.to_owned()),
        repro: None,
        replay: None,
        seed: None,
        known: None,
        steps: Vec::new(),
        timeline: None,
        listener_output: None,
        warnings: Vec::new(),
        duration_ms: 0,
        cases: 0,
        cases_digest: String::new(),
    }
}

fn named(seen: &[&str]) -> Vec<String> {
    diagnose(&reports(seen), &[]).into_iter().map(|diagnosis| diagnosis.cause).collect()
}

/// A warning that most listeners get: a payment without its user is refused.
const NO_USER: &str =
    "warn payloads-minimal@PAYLOAD-01: 200, 201 or 204 without `user` => 400, body `{}`";

/// What real listeners with one defect each were seen to do, and what was wrong with them.
const LISTENERS: &[(&str, &[&str])] = &[
    (
        "check-then-act",
        &[NO_USER, "fail idempotency-concurrent-grants-once@IDEM-03: 1 granted => 6 granted"],
    ),
    (
        "cancel-ignored",
        &[
            NO_USER,
            "fail orders-cancel-takes-back@ORDER-06: 1 of the item, as before the order => 3",
            "fail refunds-and-cancel-take-back-once@REFUND-04: 1 left of 2 => 2 left of 2",
            "fail idempotency-types-differ@IDEM-04: 0 granted => 1 granted",
            "fail idempotency-cancel-repeat@IDEM-06: 2 left of 3 => 3 left of 3",
            "warn sequence-stray-payment@SEQ-09: 1 left of 2 => 2 left of 2",
        ],
    ),
    (
        "cancel-without-grant",
        &[
            NO_USER,
            "warn orders-cancel-takes-back@ORDER-15: 1 of the item, as before the order => 0",
            "fail refunds-and-cancel-take-back-once@REFUND-04: 1 left of 2 => 0 left of 2",
            "fail idempotency-cancel-repeat@IDEM-06: 2 left of 3 => 0 left of 3",
            "warn sequence-cancel-of-unknown-order@SEQ-03: the item of another order is left alone => 0 left of 1",
            "warn sequence-stray-payment@SEQ-09: 1 left of 2 => 0 left of 2",
        ],
    ),
    (
        "refund-ignored",
        &[
            NO_USER,
            "fail refunds-take-effect@REFUND-02: state `refunded` => paid",
            "fail idempotency-types-differ@IDEM-04: state `refunded` => paid",
            "warn idempotency-number-or-text@IDEM-09: state `refunded` => state `paid`",
        ],
    ),
    (
        "quantity-ignored",
        &[
            NO_USER,
            "fail orders-granted@ORDER-03: 3 of the item granted => 1 granted",
            "warn orders-bonus-items@ORDER-08: 3 of the free item => 2 granted",
            "fail orders-same-item-on-two-lines@ORDER-09: 4 granted for lines of 1, 2 and 1 => 3 granted",
            "fail idempotency-orders-differ@IDEM-10: 7 granted => 3 granted",
        ],
    ),
    (
        "first-line-only",
        &[
            NO_USER,
            "fail orders-granted@ORDER-03: 1 and 2 of two items granted => 1 and 0 granted",
            "warn orders-bonus-items@ORDER-08: 3 of the free item => 0 granted",
            "fail orders-same-item-on-two-lines@ORDER-09: 4 granted for lines of 1, 2 and 1 => 1 granted",
        ],
    ),
    (
        "user-from-wrong-member",
        &[
            "fail users-right-member@USER-05: 200, 201 or 204, as with `user.id` beside it => 400, body `INVALID_USER`",
            "fail payloads-minimal@PAYLOAD-01: 200, 201 or 204 => 400, body `INVALID_USER`",
            "fail payloads-ids-beyond-32-bits@PAYLOAD-06: 200, 201 or 204 for the ids 1 and 2 => 400, body `INVALID_USER`",
            "fail idempotency-types-differ@IDEM-04: 200, 201 or 204 => 400, body `INVALID_USER`",
            "fail idempotency-same-item-again@IDEM-05: 200, 201 or 204 => 400, body `INVALID_USER`",
            "fail sequence-whole-purchase@SEQ-02: 200, 201 or 204 => 400, body `INVALID_USER`",
        ],
    ),
    (
        "dedupe-by-user-and-item",
        &[
            NO_USER,
            "fail payloads-ids-beyond-32-bits@PAYLOAD-06: 2 items for the orders 1 and 2 => 1 items",
            "warn payloads-ids-beyond-53-bits@PAYLOAD-07: 2 items for the orders 1 and 2 => 1 items",
            "fail payloads-type-as-a-whole@PAYLOAD-14: nothing taken back for types like `order_canceled` => 1 left of 3",
            "fail orders-without-invoice@ORDER-04: 2 items for two orders without an invoice => 1 items",
            "fail idempotency-concurrent-grants-once@IDEM-03: 1 granted => 0 granted",
            "fail idempotency-same-item-again@IDEM-05: 2 granted => 1 granted",
        ],
    ),
    (
        "ids-as-int32",
        &[
            NO_USER,
            "fail payloads-ids-beyond-32-bits@PAYLOAD-06: 2 items for the orders 1 and 2 => 1 items",
        ],
    ),
];

#[test]
fn the_cause_of_what_a_real_listener_did_is_named_first() {
    for (cause, seen) in LISTENERS {
        let named = named(seen);
        assert_eq!(named.first().map(String::as_str), Some(*cause), "of {named:?}");
    }
}

#[test]
fn a_warning_alone_is_explained_after_every_failure() {
    let named = named(LISTENERS[0].1);
    assert_eq!(named, ["check-then-act", "optional-members-required"]);
}

#[test]
fn where_no_valid_signature_is_believed_nothing_else_is_offered() {
    let seen = [
        "fail signature-accepts-valid@SIG-01: 200, 201 or 204 => 400, body `INVALID_SIGNATURE`",
        "fail signature-rejects-other-constructions@SIG-09: 4xx with INVALID_SIGNATURE for HMAC-SHA1 of the body under the secret => 204, no body",
        "fail payloads-ids-beyond-32-bits@PAYLOAD-06: 200 for the ids 1 and 2 => 400, body `INVALID_SIGNATURE`",
        "fail idempotency-types-differ@IDEM-04: 200, 201 or 204 => 400, body `INVALID_SIGNATURE`",
    ];
    assert_eq!(named(&seen), ["wrong-construction-hmac"]);
}

#[test]
fn what_is_doubted_is_only_possible() {
    let confidence = |seen: &[&str]| {
        let found = diagnose(&reports(seen), &[]);
        let of = |slug: &str| {
            found.iter().find(|found| found.cause == slug).map(|found| found.confidence)
        };
        of("optional-members-required")
    };
    assert_eq!(confidence(&[NO_USER]), Some(Confidence::Likely));
    let utf8 = "fail signature-accepts-utf8@SIG-01: 200, 201 or 204 => 400, body `{}`";
    assert_eq!(confidence(&[NO_USER, utf8]), Some(Confidence::Possible));
}

#[test]
fn what_the_listener_showed_is_certain_and_first() {
    let seen =
        ["fail signature-accepts-valid@SIG-01: 200, 201 or 204 => 400, body `INVALID_SIGNATURE`"];
    let found = diagnose(&reports(&seen), &["signature-in-another-header"]);
    assert_eq!(found[0].cause, "signature-in-another-header");
    assert_eq!(found[0].confidence, Confidence::Certain);
}

#[test]
fn a_check_that_passed_tells_against_a_cause_that_predicts_its_failure() {
    let cause = causes().iter().find(|cause| cause.slug == "cancel-ignored").unwrap();
    let weigh = |seen: &[&str]| {
        let reports = reports(seen);
        let explained: Vec<&CheckReport> = bad(&reports).collect();
        score(cause, &reports, &explained)
    };
    assert!(weigh(&LISTENERS[1].1[1..2]) < weigh(&LISTENERS[1].1[1..5]));
}

#[test]
fn every_pattern_names_checks_and_their_clauses() {
    for cause in causes() {
        let core = cause.failed.iter().chain(&cause.failed_any).chain(&cause.kept);
        for pattern in core.chain(&cause.doubted).chain(&cause.explains) {
            let (slug, written) = (&cause.slug, pattern.written());
            let mut named = checks::ALL.iter().filter(|check| pattern.names(check.id)).peekable();
            assert!(named.peek().is_some(), "cause `{slug}` names `{written}`, which is no check");
            let clause = written.split('~').next().and_then(|place| place.split_once('@'));
            if let Some((_, clause)) = clause {
                assert!(named.any(|check| check.clauses.contains(&clause)), "{slug}: {written}");
            }
        }
    }
}

#[test]
fn every_cause_has_one_slug_and_a_way_to_be_found() {
    let slugs: BTreeSet<&str> = causes().iter().map(|cause| cause.slug.as_str()).collect();
    assert_eq!(slugs.len(), causes().len());
    for construction in crate::constructions::ALL {
        assert!(slugs.contains(construction.cause), "no cause `{}`", construction.cause);
    }
}
