//! `cargo xtask crash`: what kills a listener, and what it acknowledged before.

mod database;
mod disk;
mod failing;
mod overload;
mod postgres;
mod rounds;
mod traffic;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use self::{
    database::{Database, Tables},
    disk::{Disk, Unsynced},
    rounds::{Outcome, Subject},
};
use crate::targets::{self, Target};

/// The name of the JSON's form.
const SCHEMA: &str = "hookproof-crash/1";

/// Rounds of a trial that must convict; it ends with the first finding.
const PROOF_ROUNDS: u32 = 10;

/// Kills the listener, cuts its power, fills its disk, floods it; and audits what it acknowledged.
#[derive(Debug, Args)]
#[command(name = "cargo xtask crash")]
pub(crate) struct FaultArgs {
    /// Only these trials. [default: all]
    #[arg(value_enum)]
    trials: Vec<Trial>,
    /// Rounds of each trial that has rounds. [default: 1000 of sigkill, 200 of the others]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// How long the overload lasts.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// Another order of events and deaths.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write what came of it to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is done to the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Trial {
    /// SIGKILL at random moments under load.
    Sigkill,
    /// SIGKILL, and of the files only what the last syncs had made durable.
    PowerCut,
    /// The same with programs that are known to sync, and not to: the latter must be convicted.
    Proof,
    /// PostgreSQL instead of SQLite, and the server is killed too.
    Postgres,
    /// A disk that is full, read-only or broken for a while, under a listener that lives.
    Disk,
    /// Twice what can be sustained.
    Overload,
    /// A thousand connections that send a byte a second, beside others.
    SlowClients,
}

impl Trial {
    fn rounds(self) -> u32 {
        match self {
            Self::Sigkill => 1000,
            Self::PowerCut | Self::Postgres => 200,
            Self::Proof => PROOF_ROUNDS,
            Self::Disk | Self::Overload | Self::SlowClients => 1,
        }
    }
}

/// Runs the trials; whether all ended as they should.
pub(crate) fn run(args: &FaultArgs) -> anyhow::Result<bool> {
    let all = Trial::value_variants();
    let trials = if args.trials.is_empty() { all } else { &args.trials };
    let (mut report, mut right) = (BTreeMap::new(), true);
    for trial in trials {
        let rounds = args.rounds.unwrap_or(trial.rounds());
        let judged = match trial {
            Trial::Sigkill => vec![sigkill(rounds, args.seed)?],
            Trial::PowerCut => power_cuts(rounds, args.seed)?,
            Trial::Proof => proof(rounds, args.seed)?,
            Trial::Postgres => postgres::trial(rounds, args.seed)?,
            Trial::Disk => failing::trial(args.seed)?,
            Trial::Overload => vec![overload::flood(Duration::from_secs(args.seconds))?],
            Trial::SlowClients => vec![overload::slow()?],
        };
        for judged in judged {
            crate::tell(&judged.text());
            right &= judged.right;
            report.insert(judged.name.clone(), judged.json());
        }
    }
    if let Some(path) = &args.json {
        let report =
            json!({ "schema": SCHEMA, "seed": args.seed, "right": right, "trials": report });
        let text = serde_json::to_string_pretty(&report)? + "\n";
        std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(right)
}

/// What came of a trial, and whether it should have.
struct Judged {
    name: String,
    right: bool,
    said: String,
    details: Value,
}

impl Judged {
    fn rounds(name: &str, outcome: &Outcome, convicts: bool) -> anyhow::Result<Self> {
        let convicted = !outcome.findings.is_empty();
        let mut said = format!(
            "{} rounds in {:.0} s: {} events acknowledged, {} under way at a death, {} requests again, \
             ready after at most {} ms",
            outcome.rounds,
            outcome.seconds,
            outcome.acknowledged,
            outcome.unsure,
            outcome.sent_again,
            outcome.ready_max_ms
        );
        for finding in &outcome.findings {
            said.push_str("\n    ");
            said.push_str(finding);
        }
        if convicts {
            said.push_str(if convicted {
                "\n    convicted, as it must be"
            } else {
                "\n    NOT convicted"
            });
        }
        let details = serde_json::to_value(outcome)?;
        Ok(Self { name: name.to_owned(), right: convicted == convicts, said, details })
    }

    fn of(name: &str, mut said: String, findings: Vec<String>, details: Value) -> Self {
        for finding in &findings {
            said.push_str("\n    ");
            said.push_str(finding);
        }
        Self { name: name.to_owned(), right: findings.is_empty(), said, details }
    }

    fn text(&self) -> String {
        let sign = if self.right { "ok" } else { "WRONG" };
        format!("{sign} {}: {}\n", self.name, self.said)
    }

    fn json(&self) -> Value {
        json!({ "right": self.right, "details": self.details })
    }
}

fn listener_on<'a>(target: &'a Target, disk: &'a Disk) -> Subject<'a> {
    let db = disk.database();
    let place = db.display().to_string();
    let database = Database::file(db, Tables::Listener);
    Subject { target, disk, place, database, cancels: true, synchronous: None }
}

fn sigkill(rounds: u32, seed: u64) -> anyhow::Result<Judged> {
    let (target, disk) = (targets::listener()?, Disk::plain()?);
    let subject = listener_on(&target, &disk);
    let outcome = rounds::run(&subject, rounds, seed, |_, _| Ok(()))?;
    Judged::rounds("sigkill", &outcome, false)
}

/// Every other time, of what was not synced some blocks are left: that must not do harm either.
fn cut(disk: &Disk) -> impl FnMut(u32, &mut traffic::Dice) -> anyhow::Result<()> {
    |round, dice| {
        let unsynced = if round % 2 == 0 { Unsynced::Gone } else { Unsynced::Torn };
        disk.cut_power(unsynced, dice)
    }
}

/// The listener on a disk that keeps what was synced, and on one that says so and does not.
fn power_cuts(rounds: u32, seed: u64) -> anyhow::Result<Vec<Judged>> {
    let target = targets::listener()?;
    let mut judged = Vec::new();
    for (name, lies, rounds) in
        [("power-cut", false, rounds), ("power-cut-lying-disk", true, PROOF_ROUNDS)]
    {
        let disk = Disk::faulty(lies)?;
        let outcome = rounds::run(&listener_on(&target, &disk), rounds, seed, cut(&disk))?;
        judged.push(Judged::rounds(name, &outcome, lies)?);
    }
    Ok(judged)
}

/// A program that commits durably is acquitted; the same one with weaker settings is convicted.
fn proof(rounds: u32, seed: u64) -> anyhow::Result<Vec<Judged>> {
    let target = targets::one_commit_each()?;
    let mut judged = Vec::new();
    for (synchronous, convicts) in [("FULL", false), ("NORMAL", true), ("OFF", true)] {
        let disk = Disk::faulty(false)?;
        let mut subject = listener_on(&target, &disk);
        subject.database = Database::file(disk.database(), Tables::Comparison);
        (subject.cancels, subject.synchronous) = (false, Some(synchronous));
        let outcome = rounds::run(&subject, rounds, seed, cut(&disk))?;
        judged.push(Judged::rounds(
            &format!("proof-synchronous-{synchronous}"),
            &outcome,
            convicts,
        )?);
    }
    Ok(judged)
}
