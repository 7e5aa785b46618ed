//! Failures of earlier runs, kept in `.hookproof/` until they are fixed.
//!
//! One file for each check that failed: a report with this check alone, and the seed under which it
//! failed. **Invariant:** no secret is in it, as in any report.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use hookproof_conformance::{
    Report,
    baseline::is_failing,
    checks,
    options::StoredSeed,
    report::{CheckReport, CheckStatus, Summary, json},
};
use url::Url;

use crate::{files, suite::project};

/// The folder of everything that is kept.
const FOLDER: &str = ".hookproof";

/// The folder of failures in it.
const FAILURES: &str = "failures";

/// Bytes of one stored failure. A larger one is kept without its steps, or not at all.
const STORED_BYTES_MAX: u64 = 1024 * 1024;

/// The failures that are kept in one place.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store in this folder, whether it is there yet or not.
    pub(crate) fn within(home: &Path) -> Self {
        Self { folder: home.join(FOLDER) }
    }

    /// The next store, in the folder or above it.
    pub(crate) fn find(from: &Path) -> Option<Self> {
        Some(Self { folder: project::upwards(from, FOLDER)? })
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(FAILURES).join(format!("{id}.json"))
    }

    /// All that is kept, in the order of the checks: one at most for each. What cannot be read is
    /// nobody's failure any more.
    pub(crate) fn all(&self) -> Vec<Report> {
        let read = |id: &str| {
            let text = files::read(&self.path(id), STORED_BYTES_MAX).ok()?;
            let report = json::from_json(&text).ok()?;
            (report.checks.len() == 1 && report.checks[0].id == id).then_some(report)
        };
        checks::ALL.iter().filter_map(|check| read(check.id)).collect()
    }

    /// The seeds under which checks failed. Those of mere warnings are not asked first.
    pub(crate) fn seeds(kept: &[Report]) -> Vec<StoredSeed> {
        let seed = |report: &Report| StoredSeed {
            check: report.checks[0].id.clone(),
            seed: report.options.seed,
            cases: report.options.cases,
        };
        let failed = kept.iter().filter(|report| is_failing(&report.checks[0], report));
        failed.map(seed).collect()
    }

    /// Keeps what failed or warned, with the command that asks it again, and forgets failures that were
    /// asked under their stored seed and no longer fail, and warnings of checks that pass.
    pub(crate) fn update(&self, report: &mut Report, asked: &[Report]) -> anyhow::Result<()> {
        for kept in asked {
            let check = &kept.checks[0];
            let failed = is_failing(check, kept);
            if same_question(kept, report) && passed(check, failed, report) {
                fs::remove_file(self.path(&check.id))
                    .with_context(|| format!("cannot forget `{}`", check.id))?;
                if !failed {
                    continue;
                }
                report.notes.push(format!(
                    "{} no longer fails under the seed that was stored for it ({}): forgotten",
                    check.id, kept.options.seed
                ));
            }
        }
        for place in 0..report.checks.len() {
            if report.checks[place].is_broken() {
                let command = format!("hookproof replay {}", report.checks[place].id);
                report.checks[place].replay = Some(command);
                self.keep(&only(report, place))?;
            }
        }
        Ok(())
    }

    fn keep(&self, failure: &Report) -> anyhow::Result<()> {
        let mut text = json::to_json(failure);
        if text.len() as u64 > STORED_BYTES_MAX {
            let mut failure = failure.clone();
            failure.checks[0].steps.clear();
            text = json::to_json(&failure);
        }
        let failures = self.folder.join(FAILURES);
        fs::create_dir_all(&failures)
            .with_context(|| format!("cannot make the folder `{}`", failures.display()))?;
        let ignore = self.folder.join(".gitignore");
        if !ignore.exists() {
            project::write(&ignore, "# Failures that `hookproof check` found last.\n*\n")?;
        }
        if text.len() as u64 <= STORED_BYTES_MAX {
            project::write(&self.path(&failure.checks[0].id), &text)?;
        }
        Ok(())
    }
}

/// The report of one check alone, under the seed that shows its failure.
fn only(report: &Report, place: usize) -> Report {
    let check = CheckReport { seed: None, ..report.checks[place].clone() };
    let mut options = report.options.clone();
    options.seed = report.checks[place].seed.unwrap_or(options.seed);
    let fail = u32::from(check.status == CheckStatus::Fail);
    let mut diagnoses = report.diagnoses.clone();
    diagnoses.retain(|diagnosis| diagnosis.checks.contains(&check.id));
    Report {
        options,
        summary: Summary { fail, warn: 1 - fail, ..Summary::default() },
        notes: Vec::new(),
        diagnoses,
        stale: Vec::new(),
        checks: vec![check],
        ..report.clone()
    }
}

/// Returns true if the check passes now: a failure may leave a warning, a warning leaves nothing.
fn passed(kept: &CheckReport, failed: bool, report: &Report) -> bool {
    report.checks.iter().filter(|check| check.id == kept.id).any(|check| match check.status {
        CheckStatus::Pass => true,
        CheckStatus::Warn => failed && !is_failing(check, report),
        _ => false,
    })
}

/// Whether the run asked the listener that failed, and no less of it. A port may be another one.
fn same_question(kept: &Report, report: &Report) -> bool {
    let place = |target: &String| {
        let url = Url::parse(target).ok()?;
        Some((url.host_str()?.to_owned(), url.path().to_owned()))
    };
    let places = |report: &Report| report.target.iter().map(place).collect::<Vec<_>>();
    let (then, now) = (&kept.options, &report.options);
    places(kept) == places(report)
        && (&then.modes, &then.types, then.web_shop, then.probe)
            == (&now.modes, &now.types, now.web_shop, now.probe)
}
