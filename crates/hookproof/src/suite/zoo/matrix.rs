//! The kill matrix: what the answers of the zoo say about the suite. No I/O.

mod judge;

use std::collections::BTreeMap;

use hookproof_conformance::{Report, checks, report::CheckStatus};
use hookproof_zoo::{Cell, Fault, Severity};
use serde::Serialize;

use super::{
    ask::{self, Outcome, Said},
    inmate::Inmate,
};

/// Name and version of the JSON form.
const SCHEMA: &str = "hookproof.kill-matrix/1";

/// Faults of which the suite stops before the checks and says why, with words of that reason.
///
/// Who knows no user cannot be told from a listener that was asked about the wrong one.
const TOLD_BEFORE_THE_CHECKS: &[(&str, &str)] =
    &[("refuses-every-validation", "refuses every validation")];

/// The place at which the stop before the checks names the fault: after the wrong user.
const PLACE_BEFORE_THE_CHECKS: usize = 2;

/// How far the zoo was asked.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Extent {
    /// The source of every random choice.
    pub(super) seed: u64,
    /// Generated values per property.
    pub(super) cases: u32,
    /// Whether the whole zoo was asked.
    pub(super) whole: bool,
    /// True if every listener was asked every check.
    pub(super) full: bool,
    /// Milliseconds it took.
    pub(super) duration_ms: u64,
}

/// Everything that the zoo says about the suite.
#[derive(Debug, Serialize)]
pub(super) struct Matrix {
    schema: &'static str,
    /// How far the zoo was asked.
    pub(super) extent: Extent,
    /// What must not be: each is a reason to fail.
    pub(super) problems: Vec<String>,
    /// Faults that were seen with the URL and the secret alone, with the probe too, and with the process.
    pub(super) kill_rate: KillRate,
    /// Where the named cause stands among the diagnoses.
    pub(super) causes: Causes,
    /// The wrong listeners.
    pub(super) faults: Vec<FaultRow>,
    /// The cells of the matrix of rules and types.
    pub(super) cells: Vec<CellRow>,
    /// The odd listeners and the right one.
    pub(super) right: Vec<RightRow>,
    /// What each check sees: slugs of faults.
    pub(super) checks: BTreeMap<&'static str, Vec<&'static str>>,
    /// Checks that see no fault.
    pub(super) idle: Vec<&'static str>,
    /// Faults that one check alone sees, with that check.
    pub(super) seen_by_one: BTreeMap<&'static str, String>,
}

/// How many faults were seen with how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct KillRate {
    /// All faults that were asked about.
    pub(super) of: usize,
    /// By the URL and the secret.
    pub(super) wire: usize,
    /// By the probe too.
    pub(super) probe: usize,
    /// By the process too.
    pub(super) spawn: usize,
}

/// How many faults have their cause named at which place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Causes {
    /// All faults that were asked about.
    pub(super) of: usize,
    /// Named first.
    pub(super) first: usize,
    /// Named second.
    pub(super) second: usize,
    /// Named later.
    pub(super) later: usize,
    /// Not named, though another one is.
    pub(super) none: usize,
    /// No cause is named at all.
    pub(super) unknown: usize,
}

impl Causes {
    /// Another cause is named first: the reader looks in the wrong place.
    pub(super) const fn wrong(self) -> usize {
        self.second + self.later + self.none
    }
}

/// What became of one wrong listener.
#[derive(Debug, Serialize)]
pub(super) struct FaultRow {
    /// Its slug.
    pub(super) slug: &'static str,
    /// Completes "a listener that …".
    pub(super) completes: &'static str,
    severity: &'static str,
    level: &'static str,
    verdict: &'static str,
    /// The checks that must see it.
    pub(super) named: &'static [&'static str],
    /// Those of them that did not, with what they said.
    pub(super) missed: BTreeMap<&'static str, String>,
    /// All checks that saw something, with what they saw.
    pub(super) seen: Vec<Seen>,
    /// Checks that saw it with the URL and the secret alone.
    pub(super) at_wire: Vec<String>,
    /// Whether a check saw it with what its level gives.
    pub(super) killed: bool,
    /// The cause that the fault names.
    pub(super) cause: Option<&'static str>,
    /// The causes that the suite named, in their order.
    pub(super) diagnoses: Vec<String>,
    /// The place of the fault's cause among them, from one.
    pub(super) place: Option<usize>,
    /// Why the suite did not ask its checks, where it did not.
    pub(super) stopped: Option<String>,
    /// Milliseconds it took.
    pub(super) duration_ms: u64,
}

/// Result for the listener of one cell.
#[derive(Debug, Serialize)]
pub(super) struct CellRow {
    /// Its slug.
    pub(super) slug: &'static str,
    /// The rule that it breaks.
    pub(super) rule: &'static str,
    /// The type for which it does.
    pub(super) kind: &'static str,
    /// The checks that saw it.
    pub(super) seen: Vec<String>,
    /// True if a check of its dimension is among them.
    pub(super) caught: bool,
    /// Results of the checks of its dimension, or the reason why they were not asked, if none saw it.
    pub(super) said: Vec<String>,
    /// The causes that the suite named, in their order.
    pub(super) diagnoses: Vec<String>,
    /// Milliseconds it took.
    pub(super) duration_ms: u64,
}

/// A check that saw something.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    /// The check.
    pub(super) check: String,
    /// What it said.
    pub(super) status: CheckStatus,
    clause: Option<String>,
    expected: Option<String>,
    actual: Option<String>,
}

/// What became of a listener that is right.
#[derive(Debug, Serialize)]
pub(super) struct RightRow {
    /// Its slug.
    pub(super) slug: &'static str,
    /// Accusations, and what the suite could not judge although it must: none of them may be.
    pub(super) accused: Vec<String>,
    /// Checks that warned, which they may where the sources differ or only recommend.
    pub(super) warned: Vec<String>,
    /// Milliseconds it took.
    pub(super) duration_ms: u64,
}

impl Matrix {
    /// Judges what was found.
    pub(super) fn of(outcomes: &[Outcome], extent: Extent) -> Self {
        let mut matrix = Self {
            schema: SCHEMA,
            extent,
            problems: Vec::new(),
            kill_rate: KillRate::default(),
            causes: Causes::default(),
            faults: Vec::new(),
            cells: Vec::new(),
            right: Vec::new(),
            checks: checks::ALL.iter().map(|check| (check.id, Vec::new())).collect(),
            idle: Vec::new(),
            seen_by_one: BTreeMap::new(),
        };
        for outcome in outcomes {
            match outcome.inmate {
                Inmate::Wrong(fault) => matrix.faults.push(fault_row(fault, outcome)),
                Inmate::Cell(cell) => matrix.cells.push(cell_row(cell, outcome)),
                Inmate::Odd(_) | Inmate::Right => matrix.right.push(right_row(outcome)),
            }
        }
        matrix.conclude();
        matrix
    }
}

fn fault_row(fault: &'static Fault, outcome: &Outcome) -> FaultRow {
    let mut row = FaultRow {
        slug: fault.slug,
        completes: fault.completes,
        severity: match fault.severity {
            Severity::Money => "money",
            Severity::Security => "security",
            Severity::Robustness => "robustness",
            Severity::Cosmetic => "cosmetic",
        },
        level: fault.level.as_str(),
        verdict: fault.verdict.as_str(),
        named: fault.caught_by,
        missed: BTreeMap::new(),
        seen: Vec::new(),
        at_wire: outcome.at_wire.clone(),
        killed: false,
        cause: fault.cause,
        diagnoses: Vec::new(),
        place: None,
        stopped: None,
        duration_ms: ask::millis(outcome.took),
    };
    match &outcome.said {
        Said::Found(report) => judge_report(&mut row, fault, outcome.inmate, report),
        Said::Refused(reason) => judge_stop(&mut row, fault, reason),
    }
    row
}

fn cell_row(cell: &'static Cell, outcome: &Outcome) -> CellRow {
    let mut row = CellRow {
        slug: &cell.slug,
        rule: cell.dimension.rule,
        kind: cell.kind.as_str(),
        seen: Vec::new(),
        caught: false,
        said: Vec::new(),
        diagnoses: Vec::new(),
        duration_ms: ask::millis(outcome.took),
    };
    let report = match &outcome.said {
        Said::Found(report) => report,
        Said::Refused(reason) => {
            row.said.push(reason.clone());
            return row;
        }
    };
    let own = outcome.inmate.own_checks();
    row.seen = ask::convicting(outcome.inmate, report);
    row.caught = row.seen.iter().any(|id| own.contains(&id.as_str()));
    row.diagnoses = report.diagnoses.iter().map(|found| found.cause.clone()).collect();
    if !row.caught {
        row.said = own.iter().map(|id| format!("{id}: {}", said_of(report, id))).collect();
    }
    row
}

fn judge_report(row: &mut FaultRow, fault: &Fault, inmate: Inmate, report: &Report) {
    let convicting = ask::convicting(inmate, report);
    row.killed = !convicting.is_empty();
    let missed = fault.caught_by.iter().filter(|id| !convicting.iter().any(|known| known == *id));
    row.missed = missed.map(|id| (*id, said_of(report, id))).collect();
    let seen = report.checks.iter().filter(|check| is_bad(check.status));
    row.seen = seen
        .map(|check| Seen {
            check: check.id.clone(),
            status: check.status,
            clause: check.clause.clone(),
            expected: check.expected.clone(),
            actual: check.actual.clone(),
        })
        .collect();
    row.diagnoses = report.diagnoses.iter().map(|found| found.cause.clone()).collect();
    row.place = row
        .diagnoses
        .iter()
        .position(|cause| Some(cause.as_str()) == fault.cause)
        .map(|place| place + 1);
}

/// A stop before the checks convicts nobody, but where the fault cannot be told from a wrong question
/// it is all that can be said.
fn judge_stop(row: &mut FaultRow, fault: &Fault, reason: &str) {
    row.stopped = Some(reason.to_owned());
    let told = TOLD_BEFORE_THE_CHECKS
        .iter()
        .any(|(slug, words)| *slug == fault.slug && reason.contains(words));
    if told {
        row.killed = true;
        row.at_wire = vec!["before the checks".to_owned()];
        row.place = Some(PLACE_BEFORE_THE_CHECKS);
    } else {
        row.missed = fault.caught_by.iter().map(|id| (*id, reason.to_owned())).collect();
    }
}

fn said_of(report: &Report, id: &str) -> String {
    let Some(check) = report.checks.iter().find(|check| check.id == id) else {
        return "is no check".to_owned();
    };
    format!("{:?}: {}", check.status, check.actual.as_deref().unwrap_or("nothing was wrong"))
}

fn right_row(outcome: &Outcome) -> RightRow {
    let (accused, warned) = match &outcome.said {
        Said::Refused(reason) => (vec![format!("could not be asked: {reason}")], Vec::new()),
        Said::Found(report) => {
            let of = |wanted: &[CheckStatus]| {
                let wanted = wanted.to_vec();
                report.checks.iter().filter(move |check| wanted.contains(&check.status))
            };
            // A careful listener is asked without the flags that state its project's values, and told so.
            let advised = report.notes.iter().any(|note| note.contains("give its own with --"));
            let unknown = report.checks.iter().filter(|check| !advised && check.is_unknown_must());
            let accused = of(&[CheckStatus::Fail, CheckStatus::Error])
                .chain(unknown)
                .map(|check| {
                    let actual = check.actual.as_deref().unwrap_or_default();
                    format!("{} ({:?}): {actual}", check.id, check.status)
                })
                .collect();
            (accused, of(&[CheckStatus::Warn]).map(|check| check.id.clone()).collect())
        }
    };
    let duration_ms = ask::millis(outcome.took);
    RightRow { slug: outcome.inmate.slug(), accused, warned, duration_ms }
}

const fn is_bad(status: CheckStatus) -> bool {
    matches!(status, CheckStatus::Fail | CheckStatus::Warn)
}
