//! `cargo xtask mutants`: the suite on small changes of a correct listener.
//!
//! The authors of the suite wrote the faults of the zoo by hand; mutants are an independent source.
//! `mutate.py` negates each condition of the Python example, deletes each statement, and changes each
//! constant and each clause of its SQL. The suite must fail every mutant that `survivors.txt` does not
//! explain.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Context, anyhow, bail, ensure};

use crate::{
    cargo,
    examples::suite::{self, End},
    tell,
};

/// The listener that is changed, and what changes it, from the root.
const LISTENER: &str = "examples/listener-python/listener.py";
const MUTATE: &str = "xtask/src/mutants/mutate.py";

/// The mutants that the suite need not fail, from the root.
const SURVIVORS: &str = "xtask/src/mutants/survivors.txt";

/// The folder for the mutants, their states and reports, from the root.
const SCRATCH: &str = "target/mutants";

/// The profile in which the suite is built: for long runs.
const PROFILE: &str = "fast";

/// A sample is every mutant in so many.
const SAMPLE_EACH: usize = 24;

/// Runs at the same time for each core: most of a run is waiting.
const RUNS_PER_CORE: usize = 2;

/// Generated values per property: a change of one line shows with few.
const CASES: &str = "12";

/// One change of the listener.
struct Mutant {
    number: usize,
    /// Function, operator and ordinal, such as `order_paid/negate/1`.
    id: String,
    line: String,
    before: String,
    after: String,
}

/// The result of the suite for a mutant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// A `must` is broken.
    Killed,
    /// A `should` is broken, and no `must`.
    Warned,
    /// Nothing is broken.
    Passed,
    /// The run gave no verdict, said why, and did not succeed.
    NoVerdict,
}

impl Outcome {
    const ALL: [(Self, &str); 4] = [
        (Self::Killed, "killed"),
        (Self::Warned, "warned"),
        (Self::Passed, "passed"),
        (Self::NoVerdict, "without a verdict"),
    ];

    /// Returns true if CI would succeed with this mutant.
    fn survives(self) -> bool {
        matches!(self, Self::Warned | Self::Passed)
    }

    fn label(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, label)| label)
    }
}

/// Runs the suite on the mutants that the arguments select: all, `--sample`, or those whose id contains a
/// word.
pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let survivors = read_survivors(&fs::read_to_string(root.join(SURVIVORS))?)?;
    let mut build = cargo();
    build.args(["build", "--profile", PROFILE, "--package", "hookproof", "--locked"]);
    ensure!(build.current_dir(root).status()?.success(), "the program does not build");
    let scratch = root.join(SCRATCH);
    if scratch.exists() {
        fs::remove_dir_all(&scratch).context("cannot clear the place of the last run")?;
    }
    fs::create_dir_all(&scratch)?;
    let mutants = write_mutants(root, &scratch)?;
    for id in survivors.keys() {
        ensure!(mutants.iter().any(|mutant| mutant.id == *id), "{SURVIVORS}: no mutant `{id}`");
    }
    let selected: Vec<&Mutant> = match arguments {
        [] => mutants.iter().collect(),
        [flag] if flag == "--sample" => mutants.iter().step_by(SAMPLE_EACH).collect(),
        words => {
            let named =
                |mutant: &&Mutant| words.iter().any(|word| mutant.id.contains(word.as_str()));
            mutants.iter().filter(named).collect()
        }
    };
    let this = std::env::current_exe().context("cannot tell where the programs are")?;
    let target = this.ancestors().nth(2).context("the program is in no folder of cargo's")?;
    let outcomes = judge(&target.join(PROFILE), &scratch, &selected)?;
    Ok(report(&selected, &outcomes, &survivors))
}

/// Reads the reason why each survivor need not be killed, by id.
fn read_survivors(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entries = lines.map(|line| {
        let (id, reason) = line.split_once(' ').with_context(|| format!("no reason: `{line}`"))?;
        Ok((id.to_owned(), reason.trim().to_owned()))
    });
    entries.collect()
}

fn write_mutants(root: &Path, scratch: &Path) -> anyhow::Result<Vec<Mutant>> {
    let mut mutate = Command::new("python3");
    mutate.arg(root.join(MUTATE)).arg(root.join(LISTENER)).arg(scratch);
    let output = mutate.output().context("cannot start python3")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{MUTATE} failed: {complaint}");
    let lines = String::from_utf8(output.stdout)?;
    lines.lines().map(|line| parse(line).with_context(|| format!("what is `{line}`?"))).collect()
}

fn parse(line: &str) -> Option<Mutant> {
    let mut columns = line.split('\t');
    let number = columns.next()?.parse().ok()?;
    let mut next = || columns.next().map(str::to_owned);
    Some(Mutant { number, id: next()?, line: next()?, before: next()?, after: next()? })
}

/// Asks about each mutant, several at a time; gives the outcomes in the mutants' order.
fn judge(programs: &Path, scratch: &Path, mutants: &[&Mutant]) -> anyhow::Result<Vec<Outcome>> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(vec![None; mutants.len()]));
    let work = || -> anyhow::Result<()> {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(mutant) = mutants.get(place) else { return Ok(()) };
            let outcome = check(programs, scratch, mutant)?;
            if outcome.survives() {
                tell(&format!("{}: {}\n", mutant.id, outcome.label()));
            }
            outcomes.lock().map_err(|_| anyhow!("a run panicked"))?[place] = Some(outcome);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores * RUNS_PER_CORE).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| match worker.join() {
            Ok(ended) => ended,
            Err(_) => bail!("a run panicked"),
        });
        ended.collect::<Vec<_>>().into_iter().collect::<anyhow::Result<()>>()
    })?;
    let outcomes = outcomes.into_inner().map_err(|_| anyhow!("a run panicked"))?;
    Ok(outcomes.into_iter().flatten().collect())
}

fn check(programs: &Path, scratch: &Path, mutant: &Mutant) -> anyhow::Result<Outcome> {
    let state = scratch.join(mutant.number.to_string());
    fs::create_dir_all(&state)?;
    let program = scratch.join(format!("{}.py", mutant.number));
    let command_line = suite::command_line("python3", &program, &state);
    let mut check = suite::command(programs, "{port}");
    check.arg("--spawn").arg(command_line).args(["--seed", "7", "--cases", CASES]);
    // Without the argument for its database, a listener writes to the current directory.
    check.current_dir(&state);
    let report: PathBuf = state.join("report.json");
    check.arg("--report").arg(format!("json={}", report.display()));
    let end = suite::bounded(check, &state.join("check"))?;
    let warned = || {
        let text = fs::read_to_string(&report).unwrap_or_default();
        text.contains("\"status\": \"warn\"")
    };
    Ok(match end {
        End::Exit(Some(1)) => Outcome::Killed,
        End::Exit(Some(0)) if warned() => Outcome::Warned,
        End::Exit(Some(0)) => Outcome::Passed,
        End::Exit(Some(3)) | End::TooLong => Outcome::NoVerdict,
        End::Exit(code) => bail!("{}: the suite ended with exit code {code:?}", mutant.id),
    })
}

/// Prints what survived and the numbers. Fails if a survivor has no reason, or a reason no survivor.
fn report(
    mutants: &[&Mutant],
    outcomes: &[Outcome],
    survivors: &BTreeMap<String, String>,
) -> ExitCode {
    let (mut explained, mut wrong) = (0, 0);
    for (mutant, outcome) in mutants.iter().zip(outcomes) {
        let label = outcome.label();
        match (outcome, survivors.get(&mutant.id)) {
            (_, None) if !outcome.survives() => {}
            (_, Some(reason)) if !outcome.survives() => {
                wrong += 1;
                tell(&format!("{} is {label}, and {SURVIVORS} says: {reason}\n", mutant.id));
            }
            (_, Some(_)) => explained += 1,
            (_, None) => {
                wrong += 1;
                let Mutant { id, line, before, after, .. } = mutant;
                tell(&format!("{id}, line {line}: {label}\n  {before}\n  {after}\n"));
            }
        }
    }
    let count = |outcome| outcomes.iter().filter(|one| **one == outcome).count();
    let numbers: Vec<String> = Outcome::ALL
        .iter()
        .map(|(outcome, label)| format!("{} {label}", count(*outcome)))
        .collect();
    tell(&format!(
        "{} mutants: {}; {explained} survivors explained, {wrong} lines of {SURVIVORS} missing or stale\n",
        mutants.len(),
        numbers.join(", ")
    ));
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_mutator_is_a_mutant() {
        let mutant = parse("3\tpayment/sql/1\t80\told\tnew").unwrap();
        assert_eq!(
            (mutant.number, mutant.id.as_str(), mutant.after.as_str()),
            (3, "payment/sql/1", "new")
        );
        assert!(parse("3\tpayment/sql/1").is_none());
    }

    #[test]
    fn every_survivor_has_a_reason() {
        let survivors = fs::read_to_string(crate::root().join(SURVIVORS)).unwrap();
        assert!(read_survivors(&survivors).is_ok());
        assert!(read_survivors("payment/sql/1").is_err());
    }
}
