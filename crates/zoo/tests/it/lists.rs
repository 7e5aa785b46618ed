//! The lists are as others rely on them: unique names, every check claimed.

use std::collections::BTreeSet;

use hookproof_contract::spec::Spec;
use hookproof_zoo::{CHECKS, faults, odds};

#[test]
fn slugs_are_unique_and_in_kebab_case() {
    let slugs: Vec<&str> =
        faults().map(|fault| fault.slug).chain(odds().map(|odd| odd.slug)).collect();
    let is_kebab = |slug: &str| {
        slug.split('-').all(|word| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
    };
    for slug in slugs.iter().chain(CHECKS) {
        assert!(is_kebab(slug), "{slug}");
    }
    let unique: BTreeSet<&str> = slugs.iter().copied().collect();
    assert_eq!(unique.len(), slugs.len());
}

#[test]
fn every_check_is_claimed_by_a_fault() {
    let claimed: BTreeSet<&str> = faults().flat_map(|fault| fault.caught_by).copied().collect();
    let checks: BTreeSet<&str> = CHECKS.iter().copied().collect();
    assert_eq!(checks.len(), CHECKS.len());
    assert_eq!(claimed, checks);
}

#[test]
fn what_is_asked_for_is_in_the_contract() {
    let spec = Spec::embedded();
    for asks in faults().map(|fault| fault.asks).chain(odds().map(|odd| odd.asks)) {
        for name in asks.products {
            assert!(spec.products.iter().any(|product| product.id == *name), "{name}");
        }
        assert!(!asks.products.is_empty() && !asks.modes.is_empty());
    }
}

#[test]
fn there_are_enough_odd_ones() {
    assert!(odds().count() >= 40, "{}", odds().count());
}

#[test]
fn descriptions_complete_a_sentence() {
    let texts = faults().map(|fault| fault.completes).chain(odds().map(|odd| odd.completes));
    for text in texts {
        assert!(text.starts_with(|first: char| first.is_ascii_lowercase()), "{text}");
        assert!(!text.ends_with('.') && !text.contains('\n'), "{text}");
    }
}
