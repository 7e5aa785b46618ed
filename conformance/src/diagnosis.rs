//! From the pattern of what failed to the likely cause.
//!
//! The causes are data, `diagnoses.toml` beside this file, and its top says how they are written. A cause is
//! possible where its pattern fits; the possible ones are ranked by how well they account for all checks.

use std::{collections::BTreeSet, sync::LazyLock};

use serde::Deserialize;

use crate::report::{CheckReport, CheckStatus, Confidence, Diagnosis};

mod pattern;

pub use pattern::Pattern;

/// Diagnoses that are given; more would be guessing.
const DIAGNOSES_MAX: usize = 5;

/// How much a broken `must` weighs; a broken `should` weighs one.
const FAIL_WEIGHT: f64 = 4.0;

/// How much of a check's weight counts that a cause explains by a wide glob only.
const WIDE_SHARE: f64 = 0.6;

/// How much each check tells against a cause that explains its failure, and that passed.
const MISS_WEIGHT: f64 = 0.15;

/// How much each precise pattern that fits tells for a cause.
const PRECISE_BONUS: f64 = 0.03;

/// How much each `kept` that holds tells for a cause.
const KEPT_BONUS: f64 = 0.01;

/// What is left of the score of a cause that is only possible.
const POSSIBLE_SHARE: f64 = 0.85;

/// What is left of the score of a cause that something tells against.
const DOUBTED_SHARE: f64 = 0.5;

/// A cause that explains nothing new is given where it scores this share of the best.
const RIVAL_SHARE: f64 = 0.4;

/// A known cause of failures.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Permanent slug.
    pub slug: String,
    /// What must all have failed or warned.
    #[serde(default)]
    pub failed: Vec<Pattern>,
    /// Of these one at least must have failed or warned.
    #[serde(default)]
    pub failed_any: Vec<Pattern>,
    /// None of these may have failed or warned.
    #[serde(default)]
    pub kept: Vec<Pattern>,
    /// Where one of these failed or warned, another cause is likelier.
    #[serde(default)]
    pub doubted: Vec<Pattern>,
    /// What else it explains where it failed; what of it passed tells against the cause.
    #[serde(default)]
    pub explains: Vec<Pattern>,
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
    overshadowed_by: Vec<Pattern>,
    cause: Vec<Cause>,
}

fn file() -> &'static CauseFile {
    static FILE: LazyLock<CauseFile> = LazyLock::new(|| {
        toml::from_str(include_str!("diagnoses.toml")).expect("a test reads the same file")
    });
    &FILE
}

/// All known causes, in the order of their file.
pub fn causes() -> &'static [Cause] {
    &file().cause
}

/// The likely causes of what failed, the one that accounts best for all checks first. `shown` are causes
/// that the target showed by what it accepts.
///
/// What the target showed is certain and stands first. Then come causes of failures, then causes of mere
/// warnings. A cause that explains nothing that a better one does not explain is left out, unless it comes
/// close to the best.
pub(crate) fn diagnose(checks: &[CheckReport], shown: &[&str]) -> Vec<Diagnosis> {
    let any_failed = checks.iter().any(|check| check.status == CheckStatus::Fail);
    let mut found: Vec<Candidate<'_>> =
        causes().iter().filter_map(|cause| candidate(cause, checks, shown, any_failed)).collect();
    found.sort_by(|one, other| {
        let first = (other.certain, other.serious).cmp(&(one.certain, one.serious));
        first.then(other.score.total_cmp(&one.score))
    });
    let best = found.first().map_or(0.0, |candidate| candidate.score);
    let mut told = BTreeSet::new();
    found.retain(|candidate| {
        let ids = candidate.explained.iter().map(|check| check.id.as_str());
        let rival = candidate.certain || candidate.score >= best * RIVAL_SHARE;
        let new = ids.clone().any(|id| !told.contains(id));
        if rival || new {
            told.extend(ids);
        }
        rival || new
    });
    found.truncate(DIAGNOSES_MAX);
    found.into_iter().map(Candidate::diagnosis).collect()
}

/// A cause that may be the one.
struct Candidate<'a> {
    cause: &'static Cause,
    certain: bool,
    doubted: bool,
    /// Whether it explains a broken `must`, or none was broken.
    serious: bool,
    score: f64,
    explained: Vec<&'a CheckReport>,
}

fn candidate<'a>(
    cause: &'static Cause,
    checks: &'a [CheckReport],
    shown: &[&str],
    any_failed: bool,
) -> Option<Candidate<'a>> {
    let certain = shown.contains(&cause.slug.as_str());
    if !certain && (!fits(cause, checks) || overshadowed(cause, checks)) {
        return None;
    }
    let explained: Vec<&CheckReport> =
        bad(checks).filter(|check| told_by(cause).any(|pattern| pattern.fits(check))).collect();
    if explained.is_empty() {
        return None;
    }
    let serious = !any_failed || explained.iter().any(|check| check.status == CheckStatus::Fail);
    let doubted = !certain && any_fits(&cause.doubted, checks);
    let score = score(cause, checks, &explained) * if doubted { DOUBTED_SHARE } else { 1.0 };
    Some(Candidate { cause, certain, doubted, serious, score, explained })
}

impl Candidate<'_> {
    fn diagnosis(self) -> Diagnosis {
        let confidence = match (self.certain, self.doubted) {
            (true, _) => Confidence::Certain,
            (false, true) => Confidence::Possible,
            (false, false) => self.cause.confidence,
        };
        Diagnosis {
            cause: self.cause.slug.clone(),
            confidence,
            checks: self.explained.iter().map(|check| check.id.clone()).collect(),
            text: self.cause.text.trim().to_owned(),
            fix: self.cause.fix.trim().to_owned(),
        }
    }
}

/// How well a cause accounts for all checks: the share of the failures that it explains, times the share of
/// its predictions that came true, a little more for each precise pattern.
fn score(cause: &Cause, checks: &[CheckReport], explained: &[&CheckReport]) -> f64 {
    let weigh = |check: &CheckReport| {
        if check.status == CheckStatus::Fail { FAIL_WEIGHT } else { 1.0 }
    };
    let narrow = |check: &CheckReport| {
        core(cause).any(|pattern| pattern.fits(check))
            || cause.explains.iter().any(|pattern| !pattern.is_wide() && pattern.fits(check))
    };
    let weight = |check: &&CheckReport| weigh(check) * if narrow(check) { 1.0 } else { WIDE_SHARE };
    let all: f64 = bad(checks).map(weigh).sum();
    let recall = explained.iter().map(weight).sum::<f64>() / all.max(1.0);

    let predicts = |check: &&CheckReport| {
        check.status == CheckStatus::Pass
            && cause.explains.iter().any(|pattern| !pattern.is_wide() && pattern.names(&check.id))
    };
    let hits = count(explained.iter()) + 1.0;
    let precision = hits / (hits + MISS_WEIGHT * count(checks.iter().filter(predicts)));

    let precise = count(core(cause).filter(|pattern| pattern.is_precise()));
    let bonus = 1.0 + PRECISE_BONUS * precise + KEPT_BONUS * count(cause.kept.iter());
    let sure = if cause.confidence == Confidence::Possible { POSSIBLE_SHARE } else { 1.0 };
    recall * precision * bonus * sure
}

fn count(items: impl Iterator) -> f64 {
    u32::try_from(items.count()).map_or(f64::MAX, f64::from)
}

/// What must have failed for a cause to be one.
fn core(cause: &Cause) -> impl Iterator<Item = &Pattern> {
    cause.failed.iter().chain(&cause.failed_any)
}

/// What a cause explains.
fn told_by(cause: &Cause) -> impl Iterator<Item = &Pattern> {
    core(cause).chain(&cause.explains)
}

fn bad(checks: &[CheckReport]) -> impl Iterator<Item = &CheckReport> {
    checks.iter().filter(|check| matches!(check.status, CheckStatus::Fail | CheckStatus::Warn))
}

fn any_fits(patterns: &[Pattern], checks: &[CheckReport]) -> bool {
    bad(checks).any(|check| patterns.iter().any(|pattern| pattern.fits(check)))
}

fn fits(cause: &Cause, checks: &[CheckReport]) -> bool {
    let failed = |pattern: &Pattern| bad(checks).any(|check| pattern.fits(check));
    core(cause).next().is_some()
        && cause.failed.iter().all(failed)
        && (cause.failed_any.is_empty() || any_fits(&cause.failed_any, checks))
        && !any_fits(&cause.kept, checks)
}

/// Whether something failed that hides everything which does not explain it.
fn overshadowed(cause: &Cause, checks: &[CheckReport]) -> bool {
    let hides = |check: &&CheckReport| file().overshadowed_by.iter().any(|hider| hider.fits(check));
    bad(checks).filter(hides).any(|check| !told_by(cause).any(|pattern| pattern.names(&check.id)))
}

#[cfg(test)]
mod tests;
