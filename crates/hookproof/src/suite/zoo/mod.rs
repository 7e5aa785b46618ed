//! `hookproof zoo`: who tests the tests.
//!
//! The whole suite is asked about every listener of the zoo, the wrong ones and the odd ones, and the
//! kill matrix says what came of it: which fault was seen by which check, which check sees nothing,
//! whether anybody was accused who is right, and whether the cause was named.
//!
//! 1. [`inmate`] lists who is asked.
//! 2. [`ask`] asks them, many at a time, on every core.
//! 3. [`matrix`] judges what was found, without I/O, and [`show`] says it.

mod ask;
mod inmate;
mod matrix;
mod show;

use std::{fs, time::Instant};

use anyhow::Context;

use self::matrix::Matrix;
use crate::{
    environment::Environment, exit::Exit, failure::Failure, suite::cli::ZooArgs, terminal,
};

/// Runs the command.
pub(crate) fn run(args: &ZooArgs, environment: &Environment) -> Result<Exit, Failure> {
    let inmates = inmate::select(&args.only)?;
    fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make the folder {}", args.out.display()))
        .map_err(Failure::usage)?;
    let started = Instant::now();
    let Some(outcomes) = ask::all(&inmates, args, environment)? else {
        terminal::tell("interrupted");
        return Ok(Exit::Interrupted);
    };
    let extent = matrix::Extent {
        seed: args.seed,
        cases: args.cases,
        whole: args.only.is_empty(),
        full: args.full,
        duration_ms: ask::millis(started.elapsed()),
    };
    let matrix = Matrix::of(&outcomes, extent);
    write(args, "kill-matrix.json", &show::json(&matrix))?;
    write(args, "kill-matrix.md", &show::markdown(&matrix))?;
    terminal::print(&show::human(&matrix, environment.color))?;
    Ok(if matrix.problems.is_empty() { Exit::Conformant } else { Exit::Nonconformant })
}

fn write(args: &ZooArgs, name: &str, text: &str) -> Result<(), Failure> {
    let path = args.out.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
