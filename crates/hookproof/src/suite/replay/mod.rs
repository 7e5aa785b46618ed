//! `hookproof replay`: asks again what failed before, and says whether it is fixed.
//!
//! **Invariant:** a report from elsewhere starts no program and opens no way to another machine: what
//! it says of that counts only where the command line says it too.

mod render;
mod steps;
mod words;

use std::{collections::BTreeMap, path::Path};

use anyhow::anyhow;
use hookproof_conformance::{
    Options, Report, checks,
    options::types_of,
    report::{CheckReport, CheckStatus, RunOptions, json, run_values::without_run_values},
};
use hookproof_contract::{Mode, NotificationType, Secret};

use self::render::{Outcome, Replayed};
use crate::{
    environment::Environment,
    exit::Exit,
    failure::Failure,
    files, names,
    suite::{check, cli::ReplayArgs, secret, store::Store},
};

/// Bytes of a report that are read.
const REPORT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What was recorded, and whether it comes from the own store.
struct Recorded {
    reports: Vec<Report>,
    own: bool,
}

/// Runs the command.
pub(crate) fn run(args: &ReplayArgs, environment: &Environment) -> Result<Exit, Failure> {
    let recorded = recorded(args)?;
    let mut replayed = Vec::new();
    for report in &recorded.reports {
        // Failures of one report may have shown under several seeds.
        let mut by_seed: BTreeMap<u64, Vec<&CheckReport>> = BTreeMap::new();
        for failure in failures(report) {
            let seed = failure.seed.unwrap_or(report.options.seed);
            by_seed.entry(seed).or_default().push(failure);
        }
        for (seed, failures) in by_seed {
            let ask = Ask { args, environment, report, own: recorded.own, seed };
            let Some(found) = ask.all(&failures)? else { return Ok(Exit::Interrupted) };
            replayed.extend(found);
        }
    }
    if replayed.is_empty() {
        let error = anyhow!("nothing failed or warned in `{}`", args.what);
        return Err(Failure::new(Exit::NothingSelected, error));
    }
    render::print(&replayed, args.format)?;
    Ok(render::exit(&replayed))
}

/// The checks that failed or warned.
fn failures(report: &Report) -> impl Iterator<Item = &CheckReport> {
    report.checks.iter().filter(|check| check.is_broken())
}

/// The report in a file, or what is stored under an id.
fn recorded(args: &ReplayArgs) -> Result<Recorded, Failure> {
    let path = Path::new(&args.what);
    if path.is_file() || args.what.contains(['/', '\\']) || path.extension().is_some() {
        let text = files::read(path, REPORT_BYTES_MAX).map_err(Failure::usage)?;
        let report = json::from_json(&text).map_err(|error| {
            Failure::usage(anyhow!("`{}`: {error}", args.what))
                .hint("--report json=FILE writes a report that can be replayed")
        })?;
        return Ok(Recorded { reports: vec![report], own: false });
    }
    let here = std::env::current_dir().map_err(Failure::could_not_ask)?;
    let mut all = Store::find(&here).map(|store| store.all()).unwrap_or_default();
    let ids: Vec<String> = all.iter().map(|report| report.checks[0].id.clone()).collect();
    all.retain(|report| {
        let check = &report.checks[0];
        check.id == args.what || check.clause.as_deref() == Some(args.what.as_str())
    });
    if all.is_empty() {
        let failure = Failure::usage(anyhow!("no failure is stored under `{}`", args.what));
        let near = names::near(&args.what, ids.iter().map(String::as_str));
        return Err(failure.hint(match (names::did_you_mean(&near), ids.is_empty()) {
            (Some(advice), _) => advice,
            (None, true) => {
                "nothing is stored in `.hookproof/`, here or upwards: `hookproof check` \
                             with a --target keeps what fails"
                    .to_owned()
            }
            (None, false) => format!("stored are {}", ids.join(", ")),
        }));
    }
    Ok(Recorded { reports: all, own: true })
}

/// One run that asks again.
struct Ask<'a> {
    args: &'a ReplayArgs,
    environment: &'a Environment,
    report: &'a Report,
    own: bool,
    seed: u64,
}

impl Ask<'_> {
    /// Asks again all that failed under one seed; nothing where that was interrupted.
    fn all(&self, failures: &[&CheckReport]) -> Result<Option<Vec<Replayed>>, Failure> {
        let known =
            |failure: &&&CheckReport| checks::ALL.iter().any(|check| check.id == failure.id);
        let (known, unknown): (Vec<&CheckReport>, _) = failures.iter().partition(known);
        let gone = |failure: &CheckReport| {
            self.replayed(failure, Outcome::could_not_ask("this program has no such check"))
        };
        let mut replayed: Vec<Replayed> = unknown.into_iter().map(gone).collect();
        if known.is_empty() {
            return Ok(Some(replayed));
        }
        let args = words::of_check(self, &known)?;
        let file = args.secret_file.as_deref();
        let secret = secret::one(args.secret.as_deref(), file, self.environment).ok();
        let only: Vec<String> = known.iter().map(|failure| failure.id.clone()).collect();
        let asked = check::report(&args, self.environment, |options| self.set(options, only));
        match asked {
            Ok(None) => return Ok(None),
            Ok(Some(now)) => replayed.extend(known.into_iter().map(|failure| {
                let outcome = Outcome::of(failure, self.report, &now, secret.as_ref());
                self.replayed(failure, outcome)
            })),
            Err(failure) if failure.exit == Exit::CouldNotAsk => {
                let reason = failure.to_string();
                let reason = reason.trim().trim_start_matches("error: ");
                let lost = known.into_iter();
                replayed.extend(lost.map(|old| self.replayed(old, Outcome::could_not_ask(reason))));
            }
            Err(failure) => return Err(failure),
        }
        Ok(Some(replayed))
    }

    fn replayed(&self, failure: &CheckReport, outcome: Outcome) -> Replayed {
        Replayed { check: failure.clone(), seed: self.seed, outcome }
    }

    /// Sets what a report records of the options.
    fn set(&self, options: &mut Options, only: Vec<String>) {
        let then: &RunOptions = &self.report.options;
        let modes = then.modes.iter();
        let modes: Vec<Mode> = modes
            .filter_map(|name| Mode::ALL.into_iter().find(|mode| mode.as_str() == name))
            .collect();
        let types: Vec<NotificationType> =
            then.types.iter().filter_map(|name| name.parse().ok()).collect();
        if !modes.is_empty() {
            options.modes = modes;
        }
        options.types = types_of(&[], &types, &options.modes);
        options.web_shop = then.web_shop;
        options.known_users.clone_from(&then.known_users);
        options.unknown_user.clone_from(&then.unknown_user);
        options.seed = self.seed;
        options.cases = then.cases.max(1);
        options.strict = then.strict;
        options.only = only;
        options.skip.clear();
        options.keep_steps = true;
    }
}

impl Outcome {
    /// What the answer of now says beside that of then.
    fn of(then: &CheckReport, report: &Report, now: &Report, secret: Option<&Secret>) -> Self {
        let Some(check) = now.checks.iter().find(|check| check.id == then.id) else {
            return Self::could_not_ask("it was not asked");
        };
        let strict = report.options.strict;
        let standing = match check.status {
            CheckStatus::Fail => true,
            // Of a failure that is mended a warning may be left.
            CheckStatus::Warn => strict || then.status == CheckStatus::Warn,
            CheckStatus::Pass => false,
            _ => return Self::could_not_ask(check.actual.as_deref().unwrap_or("no verdict")),
        };
        let step = steps::first_change(&then.steps, &check.steps, secret);
        if !standing {
            return Self::Fixed { step };
        }
        let plain = |text: &Option<String>| text.as_deref().map(without_run_values);
        let same = then.clause == check.clause && plain(&then.actual) == plain(&check.actual);
        let changed = !same;
        if check.status == CheckStatus::Warn && !strict {
            return Self::StillWarned { changed, now: Box::new(check.clone()), step };
        }
        Self::StillFailing {
            changed,
            now: Box::new(check.clone()),
            step,
            steps: check.steps.iter().map(steps::seen).collect(),
        }
    }
}
