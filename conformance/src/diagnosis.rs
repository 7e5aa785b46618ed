//! From the pattern of what failed to the likely cause.
//!
//! The causes are data, `diagnoses.toml` beside this file: which checks must have failed, which must have
//! passed, what is wrong and how it is mended. First comes the cause that explains most.

use std::{cell::RefCell, collections::BTreeMap, sync::LazyLock};

use globset::{Glob, GlobMatcher};
use serde::Deserialize;

use crate::report::{CheckReport, CheckStatus, Confidence, Diagnosis};

/// Diagnoses that are given; more would be guessing.
const DIAGNOSES_MAX: usize = 5;

/// How much an explained broken `must` counts.
const FAIL_WEIGHT: usize = 2;

/// How much an explained broken `should` counts.
const WARN_WEIGHT: usize = 1;

/// How much the explanation of a likely cause counts.
const LIKELY_FACTOR: usize = 3;

/// How much the explanation of a cause counts whose pattern others fit too.
const POSSIBLE_FACTOR: usize = 2;

/// A known cause of failures.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Permanent slug.
    pub slug: String,
    /// Checks, or globs of them, all of which must have failed or warned.
    #[serde(default)]
    pub failed: Vec<String>,
    /// Checks, or globs of them, one of which at least must have failed or warned.
    #[serde(default)]
    pub failed_any: Vec<String>,
    /// Checks, or globs of them, none of which may have failed or warned.
    #[serde(default)]
    pub kept: Vec<String>,
    /// Further checks, or globs of them, that it explains where they failed.
    #[serde(default)]
    pub explains: Vec<String>,
    /// How sure it is where the pattern fits; certain where the target showed it before the checks.
    pub confidence: Confidence,
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub fix: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseFile {
    cause: Vec<Cause>,
}

/// All known causes, in the order of their file.
pub fn causes() -> &'static [Cause] {
    static CAUSES: LazyLock<Vec<Cause>> = LazyLock::new(|| {
        let file: CauseFile =
            toml::from_str(include_str!("diagnoses.toml")).expect("a test reads the same file");
        file.cause
    });
    &CAUSES
}

/// The likely causes of what failed, the one that explains most first. `shown` are causes that the target
/// showed by what it accepts.
///
/// What the target showed is certain and stands first. The others are weighed: a broken `must` that a
/// cause explains counts more than a broken `should`, and a pattern that little else fits counts more
/// than one that fits much. Of two that explain the same, the one with the narrower pattern comes first.
pub(crate) fn diagnose(checks: &[CheckReport], shown: &[&str]) -> Vec<Diagnosis> {
    let mut found: Vec<(Weight, Diagnosis)> = causes()
        .iter()
        .filter_map(|cause| {
            let certain = shown.contains(&cause.slug.as_str());
            if !certain && !fits(cause, checks) {
                return None;
            }
            let confidence = if certain { Confidence::Certain } else { cause.confidence };
            let explained: Vec<&CheckReport> =
                bad(checks).filter(|check| explains(cause, &check.id)).collect();
            let diagnosis = Diagnosis {
                cause: cause.slug.clone(),
                confidence,
                checks: explained.iter().map(|check| check.id.clone()).collect(),
                text: cause.text.trim().to_owned(),
                fix: cause.fix.trim().to_owned(),
            };
            (!explained.is_empty()).then(|| (weight(cause, certain, &explained), diagnosis))
        })
        .collect();
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    found.truncate(DIAGNOSES_MAX);
    found.into_iter().map(|(_, diagnosis)| diagnosis).collect()
}

/// Whether the target showed it, what it explains, and how narrow its pattern is; more is better.
type Weight = (bool, usize, usize);

fn weight(cause: &Cause, certain: bool, explained: &[&CheckReport]) -> Weight {
    let per_check = |check: &&CheckReport| {
        if check.status == CheckStatus::Fail { FAIL_WEIGHT } else { WARN_WEIGHT }
    };
    let sure =
        if cause.confidence == Confidence::Possible { POSSIBLE_FACTOR } else { LIKELY_FACTOR };
    let explains: usize = explained.iter().map(per_check).sum();
    (certain, explains * sure, cause.failed.len() + cause.kept.len())
}

fn explains(cause: &Cause, id: &str) -> bool {
    [&cause.failed, &cause.failed_any, &cause.explains].iter().any(|globs| any(globs, id))
}

fn bad(checks: &[CheckReport]) -> impl Iterator<Item = &CheckReport> {
    checks.iter().filter(|check| matches!(check.status, CheckStatus::Fail | CheckStatus::Warn))
}

fn fits(cause: &Cause, checks: &[CheckReport]) -> bool {
    let failed = |glob: &String| bad(checks).any(|check| matches(glob, &check.id));
    let any_of = &cause.failed_any;
    !(cause.failed.is_empty() && any_of.is_empty())
        && cause.failed.iter().all(failed)
        && (any_of.is_empty() || any_of.iter().any(failed))
        && !cause.kept.iter().any(failed)
}

fn any(globs: &[String], id: &str) -> bool {
    globs.iter().any(|glob| matches(glob, id))
}

fn matches(glob: &str, id: &str) -> bool {
    MATCHERS.with_borrow_mut(|matchers| {
        // Each glob is asked of every check, and compiling one costs far more than asking it.
        if !matchers.contains_key(glob) {
            let matcher = Glob::new(glob).ok().map(|glob| glob.compile_matcher());
            matchers.insert(glob.to_owned(), matcher);
        }
        matchers.get(glob).and_then(Option::as_ref).is_some_and(|matcher| matcher.is_match(id))
    })
}

thread_local! {
    /// The globs of all causes, compiled when they are first asked.
    static MATCHERS: RefCell<BTreeMap<String, Option<GlobMatcher>>> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::checks;

    #[test]
    fn every_pattern_names_checks() {
        for cause in causes() {
            let globs = [&cause.failed, &cause.failed_any, &cause.kept, &cause.explains];
            for glob in globs.into_iter().flatten() {
                let known = checks::ALL.iter().any(|check| matches(glob, check.id));
                assert!(known, "cause `{}` names `{glob}`, which is no check", cause.slug);
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
}
