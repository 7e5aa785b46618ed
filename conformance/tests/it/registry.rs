//! The registry of checks, the contract's clauses and the zoo fit together.

use std::collections::BTreeSet;

use hookproof_conformance::{checks, diagnosis::causes, select::select};
use hookproof_contract::spec::{self, Clause, Spec};

#[test]
fn ids_are_unique_and_begin_with_the_topic_of_their_clauses() {
    let spec = Spec::embedded();
    let ids: BTreeSet<&str> = checks::ALL.iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), checks::ALL.len());
    for check in checks::ALL {
        let clause = spec.clauses.get(check.clauses[0]).expect(check.id);
        let rest = check.id.strip_prefix(&clause.topic).and_then(|rest| rest.strip_prefix('-'));
        assert!(rest.is_some_and(|rest| !rest.is_empty()), "{} tests {}", check.id, clause.id);
    }
}

#[test]
fn every_clause_on_listeners_is_asked_about_or_says_why_not() {
    let cited: BTreeSet<&str> =
        checks::ALL.iter().flat_map(|check| check.clauses).copied().collect();
    let accounted = |clause: &Clause| {
        let ways = [
            cited.contains(clause.id.as_str()),
            clause.evidence == spec::Evidence::Untestable,
            clause.unchecked.is_some(),
        ];
        ways.into_iter().filter(|way| *way).count() == 1
    };
    let clauses = Spec::embedded().clauses.values().filter(|clause| clause.binds_listeners());
    let not: Vec<&str> =
        clauses.filter(|clause| !accounted(clause)).map(|clause| clause.id.as_str()).collect();
    assert_eq!(not, [""; 0], "cited, untestable and unchecked: exactly one of them is to hold");
}

#[test]
fn every_check_cites_clauses_that_bind_listeners() {
    let spec = Spec::embedded();
    for check in checks::ALL {
        for id in check.clauses {
            let clause = spec.clauses.get(*id);
            let clause =
                clause.unwrap_or_else(|| panic!("{} cites {id}, which is no clause", check.id));
            assert!(clause.binds_listeners(), "{} cites {id}, which binds no listener", check.id);
        }
    }
}

#[test]
fn every_check_is_claimed_by_a_fault() {
    let claimed: BTreeSet<&str> =
        hookproof_zoo::faults().flat_map(|fault| fault.caught_by).copied().collect();
    let all: BTreeSet<&str> = checks::ALL.iter().map(|check| check.id).collect();
    assert_eq!(claimed, all);
}

/// Causes that a target shows before the checks, by what it believes: no pattern of failures tells them,
/// so no fault of the zoo has to.
const SHOWN_BEFORE_THE_CHECKS: &[&str] = &[
    "body-hashed-as-source",
    "body-hashed-with-line-end",
    "body-missing-in-hash",
    "digest-base64",
    "digest-upper-case",
    "scheme-missing",
    "secret-as-none",
    "secret-as-null",
    "secret-as-undefined",
    "secret-changed",
    "secret-cut-at-dollar",
    "secret-cut-at-hash",
    "secret-in-quotes",
    "secret-with-bom",
    "secret-with-newline",
    "signature-of-the-empty-body",
    "wrong-construction-hmac-sha256",
    "wrong-construction-hmac-swapped",
    "wrong-construction-md5",
    "wrong-construction-sha256",
    "wrong-construction-sha512",
];

#[test]
fn every_fault_names_a_known_cause() {
    let known: BTreeSet<&str> = causes().iter().map(|cause| cause.slug.as_str()).collect();
    let unnamed: Vec<&str> = hookproof_zoo::faults()
        .filter(|fault| !fault.cause.is_some_and(|cause| known.contains(cause)))
        .map(|fault| fault.slug)
        .collect();
    assert_eq!(unnamed, [""; 0]);
}

#[test]
fn every_cause_is_that_of_a_fault_or_shown_before_the_checks() {
    let claimed: BTreeSet<&str> = hookproof_zoo::faults().filter_map(|fault| fault.cause).collect();
    let idle: Vec<&str> = causes()
        .iter()
        .map(|cause| cause.slug.as_str())
        .filter(|slug| !claimed.contains(slug) && !SHOWN_BEFORE_THE_CHECKS.contains(slug))
        .collect();
    assert_eq!(idle, [""; 0]);
}

#[test]
fn patterns_select_by_check_and_by_clause() {
    let ids = |only: &[&str], skip: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        select(&owned(only), &owned(skip))
            .map(|found| found.iter().map(|check| check.id).collect::<Vec<_>>())
    };
    assert_eq!(ids(&["TIME-01"], &[]).unwrap(), ["time-within-three-seconds"]);
    assert_eq!(
        ids(&["refunds-partial-*"], &["REFUND-07"]).unwrap(),
        ["refunds-partial-accepted", "refunds-partial-keeps-goods"]
    );
    assert!(ids(&["nonsense"], &[]).is_err());
    assert!(ids(&["time-*"], &["time-*"]).is_err());
    let error = ids(&["signature-acepts-valid"], &[]).unwrap_err();
    assert!(error.to_string().contains("did you mean `signature-accepts-valid`"), "{error}");
}
