//! Groups what is broken: by its cause, or alone where no cause is known.

use std::collections::BTreeMap;

use crate::{
    check::{Evidence, Violation},
    report::{CheckReport, CheckStatus, Diagnosis, Report, run_values::without_run_values},
};

/// A cause and the checks that it explains. Each check stands in one block.
pub(super) struct Cause<'r> {
    pub(super) diagnosis: &'r Diagnosis,
    /// The check with the smallest evidence.
    pub(super) shown: &'r CheckReport,
    /// The other broken checks that this cause explains.
    pub(super) others: Vec<&'r CheckReport>,
    /// Causes that explain nothing which this one does not explain.
    pub(super) rivals: Vec<&'r Diagnosis>,
}

impl Cause<'_> {
    /// Numbers of failures and warnings that the cause explains.
    pub(super) fn counts(&self) -> (usize, usize) {
        let checks = std::iter::once(&self.shown).chain(&self.others);
        let failures = checks.filter(|check| check.status == CheckStatus::Fail).count();
        (failures, self.others.len() + 1 - failures)
    }
}

/// A failure without a known cause.
pub(super) struct Failure<'r> {
    pub(super) check: &'r CheckReport,
    /// Other checks that found the same.
    pub(super) others: Vec<&'r str>,
}

/// A `should` or disputed point that is broken, and every check that found it.
pub(super) struct Warning<'r> {
    pub(super) check: &'r CheckReport,
    pub(super) found: Violation,
    /// Other checks that found the same.
    pub(super) others: Vec<&'r str>,
}

/// Checks that failed or warned and are not listed in the baseline.
pub(super) struct Broken<'r> {
    pub(super) causes: Vec<Cause<'r>>,
    /// Failures without a known cause.
    pub(super) failures: Vec<Failure<'r>>,
    pub(super) warnings: Vec<Warning<'r>>,
}

impl<'r> Broken<'r> {
    /// Groups the broken checks of a report. The first cause that explains a check has it.
    pub(super) fn of(report: &'r Report) -> Self {
        let mut explained: BTreeMap<usize, Vec<&CheckReport>> = BTreeMap::new();
        let (mut failures, mut warned): (Vec<Failure<'_>>, _) = (Vec::new(), Vec::new());
        for check in &report.checks {
            if !check.is_broken() || check.known.is_some() {
                continue;
            }
            match owner(&check.id, report) {
                Some(place) => explained.entry(place).or_default().push(check),
                None if check.status == CheckStatus::Fail => {
                    let found = own_finding(check);
                    let same =
                        |known: &&mut Failure<'_>| is_same(&own_finding(known.check), &found);
                    match failures.iter_mut().find(same) {
                        Some(failure) => failure.others.push(&check.id),
                        None => failures.push(Failure { check, others: Vec::new() }),
                    }
                }
                None => warned.push(check),
            }
        }
        let mut causes: Vec<Cause<'r>> = explained
            .into_iter()
            .filter_map(|(place, checks)| cause(&report.diagnoses[place], checks))
            .collect();
        for diagnosis in &report.diagnoses {
            if causes.iter().any(|cause| cause.diagnosis == diagnosis) {
                continue;
            }
            let holds = |cause: &&mut Cause<'_>| {
                diagnosis.checks.iter().any(|id| cause.diagnosis.checks.contains(id))
            };
            if let Some(cause) = causes.iter_mut().find(holds) {
                cause.rivals.push(diagnosis);
            }
        }
        Self { causes, failures, warnings: warnings(report, &warned) }
    }
}

/// The place of the first diagnosis that explains a check.
fn owner(id: &str, report: &Report) -> Option<usize> {
    report.diagnoses.iter().position(|diagnosis| diagnosis.checks.iter().any(|known| known == id))
}

fn cause<'r>(diagnosis: &'r Diagnosis, checks: Vec<&'r CheckReport>) -> Option<Cause<'r>> {
    let shown = checks.iter().copied().min_by_key(|check| size(check))?;
    let others = checks.into_iter().filter(|check| check.id != shown.id).collect();
    Some(Cause { diagnosis, shown, others, rivals: Vec::new() })
}

/// Steps that a reader takes in at once.
const STEPS_FEW: usize = 8;

/// The order in which evidence is preferred: of a failure, with a command, seen by simple means, of few
/// steps, a short command.
fn size(check: &CheckReport) -> (CheckStatus, bool, Evidence, usize, usize) {
    let command = check.repro.as_ref().map_or(0, String::len);
    let steps = check.steps.len() / STEPS_FEW;
    (check.status, check.repro.is_none(), check.evidence, steps, command)
}

/// Every warning once, whichever checks found it.
fn warnings<'r>(report: &'r Report, warned: &[&'r CheckReport]) -> Vec<Warning<'r>> {
    let mut all: Vec<Warning<'r>> = Vec::new();
    for check in &report.checks {
        let own = warned.iter().any(|warned| warned.id == check.id).then(|| own_finding(check));
        let others =
            check.warnings.iter().filter(|found| check.clause.as_ref() != Some(&found.clause));
        for found in own.into_iter().chain(others.cloned()) {
            match all.iter_mut().find(|warning| is_same(&warning.found, &found)) {
                Some(warning) => warning.others.push(&check.id),
                None => all.push(Warning { check, found, others: Vec::new() }),
            }
        }
    }
    all
}

fn own_finding(check: &CheckReport) -> Violation {
    Violation {
        clause: check.clause.clone().unwrap_or_default(),
        expected: check.expected.clone().unwrap_or_default(),
        actual: check.actual.clone().unwrap_or_default(),
        repro: check.repro.clone(),
        steps: check.steps.clone(),
        timeline: check.timeline.clone(),
    }
}

fn is_same(one: &Violation, other: &Violation) -> bool {
    one.clause == other.clause
        && one.expected == other.expected
        && without_run_values(&one.actual) == without_run_values(&other.actual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn failures_that_found_the_same_stand_together() {
        let mut report = sample::report();
        report.diagnoses.clear();
        let mut twin = report.checks[1].clone();
        twin.id = "signature-twin".to_owned();
        report.checks[1].actual = Some("204 for order 7000000001".to_owned());
        twin.actual = Some("204 for order 7000000002".to_owned());
        report.checks.push(twin);
        let broken = Broken::of(&report);
        let failures: Vec<_> =
            broken.failures.iter().map(|one| (one.check.id.as_str(), one.others.clone())).collect();
        assert_eq!(
            failures,
            [
                ("signature-rejects-flipped-body", vec!["signature-twin"]),
                ("idempotency-concurrent-grants-once", vec![])
            ]
        );
    }

    #[test]
    fn each_check_stands_in_the_block_of_its_first_cause() {
        let mut report = sample::report();
        let mut rival = report.diagnoses[0].clone();
        rival.cause = "prefix-compare".to_owned();
        report.diagnoses.push(rival);
        let broken = Broken::of(&report);
        assert_eq!(broken.causes.len(), 1);
        let cause = &broken.causes[0];
        assert_eq!(cause.diagnosis.cause, "signature-not-checked");
        assert_eq!(cause.shown.id, "signature-rejects-flipped-body");
        assert_eq!(cause.rivals[0].cause, "prefix-compare");
        assert_eq!((cause.counts(), broken.failures.len()), ((2, 0), 0));
    }

    #[test]
    fn the_same_warning_is_listed_once() {
        let mut report = sample::report();
        let point = report.checks[1].warnings[0].clone();
        report.checks[2].warnings.push(point);
        let warnings = Broken::of(&report).warnings;
        let of = |clause: &str| warnings.iter().filter(|one| one.found.clause == clause).count();
        assert_eq!((of("ERR-03"), of("ANS-02")), (1, 1));
        assert_eq!(warnings[0].others, ["signature-not-leaked"]);
    }
}
