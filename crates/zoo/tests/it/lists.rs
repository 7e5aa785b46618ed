//! The lists are as others rely on them: unique names, every check claimed.

use std::collections::BTreeSet;

use hookproof_contract::spec::Spec;
use hookproof_zoo::{CHECKS, DIMENSIONS, cells, faults, odds};

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
fn dimensions_are_rules_of_the_contract() {
    let clauses = &Spec::embedded().clauses;
    for dimension in DIMENSIONS {
        let slug = dimension.slug;
        assert!(!dimension.clauses.is_empty() && !dimension.checks.is_empty(), "{slug}");
        for clause in dimension.clauses {
            assert!(clauses.contains_key(*clause), "{slug}: {clause}");
        }
        for check in dimension.checks {
            let topic = check.strip_suffix('*');
            let known = |id: &&str| topic.map_or(*id == *check, |topic| id.starts_with(topic));
            assert!(CHECKS.iter().any(known), "{slug}: {check}");
        }
        assert!(cells().any(|cell| cell.dimension.slug == slug), "{slug} has no cell");
        let empty: Vec<_> = dimension.empty.iter().flat_map(|(kinds, _)| *kinds).collect();
        let unique: BTreeSet<_> = empty.iter().collect();
        assert_eq!(unique.len(), empty.len(), "{slug}: a type has two reasons");
    }
}

#[test]
fn cells_have_names_of_their_own() {
    let slugs: BTreeSet<&str> = cells().map(|cell| cell.slug.as_str()).collect();
    assert_eq!(slugs.len(), cells().count());
    assert!(faults().all(|fault| !slugs.contains(fault.slug)));
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
