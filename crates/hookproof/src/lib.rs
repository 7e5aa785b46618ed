//! The one program people install: checks listeners, explains the contract, runs the reference
//! listener, signs, verifies and validates bodies.
//!
//! Without the feature `suite` it is the reference listener alone, for where that is deployed.
//!
//! Each command is a module that takes its arguments and the [`Environment`] and gives an [`Exit`].
//! Results go to stdout, everything else to stderr.
//!
//! **Invariant:** the environment and the clock are read here and nowhere else.

mod cli;

mod completions;
mod listener;
#[cfg(feature = "suite")]
mod suite;

mod address;
mod config;
mod durations;
mod environment;
mod exit;
mod failure;
mod files;
mod interrupt;
mod names;
mod secrets;
mod terminal;

use std::{io::Write, process::ExitCode, time::SystemTime};

use crate::{
    cli::Command, config::Refused, environment::Environment, exit::Exit, failure::Failure,
};

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let environment = Environment::read(now());
    let result = match config::command_line(std::env::args_os().collect(), &environment) {
        Ok(cli) => run(cli.command, &environment),
        Err(Refused::Settings(failure)) => Err(failure),
        Err(Refused::Words(error)) => {
            // Help goes to stdout with 0, a wrong command line to stderr with 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8));
        }
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // Nobody is left to tell where stderr is closed.
            let _ = write!(std::io::stderr(), "{failure}");
            failure.exit.into()
        }
    }
}

fn run(command: Command, environment: &Environment) -> Result<Exit, Failure> {
    match command {
        #[cfg(feature = "suite")]
        Command::Suite(command) => suite::run(command, environment),
        Command::Listener(args) => listener::run(*args, environment),
        Command::Completions(args) => completions::run(&args),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the clock is read once")]
fn now() -> SystemTime {
    SystemTime::now()
}
