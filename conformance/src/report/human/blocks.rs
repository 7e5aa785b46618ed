//! Groups what is broken: by its cause, or alone where no cause is known.

use std::collections::BTreeMap;

use crate::{
    check::Violation,
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

/// A `should` or disputed point that is broken, and every check that found it.
pub(super) struct Warning<'r> {
    pub(super) check: &'r CheckReport,
    pub(super) found: Violation,
    /// Other checks that found the same.
    pub(super) others: Vec<&'r str>,
}

/// What is broken and not listed in the baseline.
pub(super) struct Broken<'r> {
    pub(super) causes: Vec<Cause<'r>>,
    /// Failures without a known cause.
    pub(super) failures: Vec<&'r CheckReport>,
    pub(super) warnings: Vec<Warning<'r>>,
}

impl<'r> Broken<'r> {
    /// Groups the broken checks of a report. The first cause that explains a check has it.
    pub(super) fn of(report: &'r Report) -> Self {
        let mut explained: BTreeMap<usize, Vec<&CheckReport>> = BTreeMap::new();
        let (mut failures, mut warned) = (Vec::new(), Vec::new());
        for check in &report.checks {
            if !check.is_broken() || check.known.is_some() {
                continue;
            }
            match owner(&check.id, report) {
                Some(place) => explained.entry(place).or_default().push(check),
                None if check.status == CheckStatus::Fail => failures.push(check),
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

/// The order in which evidence is preferred: of a failure, with a command, a short one, of few steps.
fn size(check: &CheckReport) -> (CheckStatus, bool, usize, usize) {
    let command = check.repro.as_ref().map_or(0, String::len);
    (check.status, check.repro.is_none(), command, check.steps.len())
}

/// Every warning once, whichever checks found it.
fn warnings<'r>(report: &'r Report, warned: &[&'r CheckReport]) -> Vec<Warning<'r>> {
    let mut all: Vec<Warning<'r>> = Vec::new();
    for check in &report.checks {
        let own = warned.iter().any(|warned| warned.id == check.id).then(|| own_warning(check));
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

fn own_warning(check: &CheckReport) -> Violation {
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
