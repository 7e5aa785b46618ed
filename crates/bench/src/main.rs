//! `hookproof-bench`: measures the listener beside what people would write instead.
//!
//! It links none of the listener's crates: it sees what a sender sees, what the kernel says of the process,
//! and what is in the database afterwards. `cargo xtask bench` builds everything and starts it.

mod answer;
mod audit;
mod client;
mod connection;
mod faults;
mod generator;
mod goals;
mod growth;
mod hostile;
mod measure;
mod plan;
mod pool;
mod process;
mod report;
mod results;
mod shim;
mod targets;

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::{
    faults::FaultArgs,
    hostile::HostileArgs,
    measure::{Bench, Sample},
    plan::{Cell, Plan, STORAGE_ALONE, SYNCS_ALONE},
    results::Results,
    targets::{LISTENER, Target},
};

/// Measures the listener beside what people would write instead.
///
/// Any bad answer, anything that was acknowledged and is not stored exactly once, and anything durable that
/// does not sync, ends the run with an error. A goal that is missed does not: it says so.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    task: Option<Task>,
    /// About ten minutes, for a judgement, instead of about one.
    #[arg(long)]
    full: bool,
    /// Measure only this target, and the listener; repeatable.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Measure only under this load, as the table calls it; repeatable.
    #[arg(long, value_name = "LOAD")]
    load: Vec<String>,
    /// Samples of each measurement. [default: 3, with --full 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    rounds: Option<u16>,
    /// Write everything that was measured to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only write and sync the file `db` of this folder for so many milliseconds: how a process of this
    /// program measures its disk model.
    #[arg(long, value_name = "MILLIS", hide = true)]
    sync_for: Option<u64>,
}

/// What else this program does.
#[derive(Debug, Subcommand)]
enum Task {
    Crash(FaultArgs),
    Hostile(HostileArgs),
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match (&args.task, args.sync_for) {
        (Some(Task::Crash(args)), _) => faults::run(args),
        (Some(Task::Hostile(args)), _) => hostile::run(args, &mut io::stdout()).map(|()| true),
        (None, Some(millis)) => sync_only(Duration::from_millis(millis)).map(|()| true),
        (None, None) => run(&args).map(|()| true),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tell(&format!("\nerror: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    let mut plan = if args.full { plan::full() } else { plan::smoke() };
    if let Some(rounds) = args.rounds {
        plan.rounds = usize::from(rounds);
    }
    let wanted = |name: &str| {
        name == LISTENER || args.only.is_empty() || args.only.iter().any(|only| only == name)
    };
    if let Some(unknown) =
        args.only.iter().find(|only| !plan.cells.iter().any(|cell| cell.target == **only))
    {
        anyhow::bail!("nothing in this plan is called `{unknown}`");
    }
    let loads: Vec<String> = plan.cells.iter().map(ToString::to_string).collect();
    if let Some(unknown) = args.load.iter().find(|load| !loads.contains(load)) {
        anyhow::bail!("no load in this plan is called `{unknown}`");
    }
    let under = |cell: &Cell| args.load.is_empty() || args.load.contains(&cell.to_string());
    plan.cells.retain(|cell| wanted(cell.target) && under(cell));
    let cache = cache()?;
    let targets = targets::prepare(&cache, wanted)?;
    for (name, why) in &targets.missing {
        tell(&format!("skipped: {name}: {why}\n"));
    }
    plan.cells.retain(|cell| {
        let alone = [STORAGE_ALONE, SYNCS_ALONE].contains(&cell.target);
        alone || targets.present.iter().any(|target| target.name == cell.target)
    });
    let missing = targets.missing.clone();
    let load_before = load_average();
    let bench = Bench::new(&plan, targets, &cache)?;
    let results = measure(&plan, &bench)?;
    let goals = goals::judge(&results);
    let loads = [load_before, load_average()];
    tell(&report::text(&results, &goals, &loads));
    if let Some(path) = &args.json {
        let json = report::json(&results, &goals, &missing, &loads, args.full)?;
        std::fs::write(path, json).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

/// Round by round, so that what is compared was measured within seconds; every other round backwards, so
/// that nobody is always the first.
fn measure(plan: &Plan, bench: &Bench) -> anyhow::Result<Results> {
    let mut results = Results::new(&plan.cells);
    let start = Instant::now();
    for round in 0..plan.rounds {
        tell(&format!("round {} of {}", round + 1, plan.rounds));
        let mut samples: Vec<Option<Sample>> = vec![None; plan.cells.len()];
        let mut order: Vec<usize> = (0..plan.cells.len()).collect();
        // The storage alone needs the listener's batches, so it comes last in either direction.
        if round % 2 == 1 {
            order.reverse();
        }
        order.sort_by_key(|index| plan.cells[*index].target == STORAGE_ALONE);
        for index in order {
            let cell = &plan.cells[index];
            let sample = take(plan, bench, cell, &samples);
            samples[index] =
                Some(sample.with_context(|| format!("cannot measure {}, {cell}", cell.target))?);
            tell(".");
        }
        results.add(samples.into_iter().flatten());
        tell(&format!(" {:.0} s\n", start.elapsed().as_secs_f64()));
    }
    Ok(results)
}

fn take(
    plan: &Plan,
    bench: &Bench,
    cell: &Cell,
    so_far: &[Option<Sample>],
) -> anyhow::Result<Sample> {
    match cell.target {
        SYNCS_ALONE => bench.syncs(cell),
        STORAGE_ALONE if cell.connections > 0 => bench.storage(cell, cell.connections),
        STORAGE_ALONE => {
            let same = Cell::new(LISTENER, cell.load, 64);
            let listener = plan.cells.iter().zip(so_far).find(|(other, _)| **other == same);
            let listener = listener.and_then(|(_, sample)| sample.as_ref());
            let listener = listener.context("the listener is measured first")?;
            bench.storage(cell, batch(listener))
        }
        name => {
            let mut present = bench.targets.present.iter();
            let target: &Target =
                present.find(|target| target.name == name).context("the target is prepared")?;
            bench.sample(cell, target)
        }
    }
}

/// Events that the listener committed together, on average.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the quotient is positive, and no batch is larger than the limit of the listener"
)]
fn batch(sample: &Sample) -> usize {
    (1.0 / sample.syncs_per_request).round().clamp(1.0, 512.0) as usize
}

/// What this process does instead when it is to measure the disk model.
fn sync_only(time: Duration) -> anyhow::Result<()> {
    let start = Instant::now();
    let syncs = shim::sync_again_and_again(Path::new("db"), time)?;
    writeln!(io::stdout(), "{syncs} {}", start.elapsed().as_nanos())?;
    Ok(())
}

/// Where dependencies of the comparisons are kept: beside the built programs, in the target folder.
fn cache() -> anyhow::Result<PathBuf> {
    let program = env::current_exe()?;
    let target = program.ancestors().nth(2).context("this program is in the target folder")?;
    let cache = target.join("bench");
    std::fs::create_dir_all(&cache)?;
    Ok(cache)
}

/// What else the machine was doing.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// The report is for people; scripts read the JSON.
fn tell(text: &str) {
    // Nobody is left to tell where stderr is closed.
    let _ = write!(io::stderr(), "{text}");
}
