//! The one program people install: checks listeners, explains the contract, runs the reference
//! listener, signs, verifies and validates bodies.
//!
//! Each command is a module that takes its arguments and the [`Environment`] and gives an [`Exit`].
//! Results go to stdout, everything else to stderr.
//!
//! **Invariant:** the environment and the clock are read here and nowhere else.

mod cli;

mod check;
mod completions;
mod docs;
mod explain;
mod list;
mod listener;
mod openapi;
mod replay;
mod report;
mod sign;
mod validate;
mod verify;
mod zoo;
mod zoo_listener;

mod again;
mod bodies;
mod config;
mod destination;
mod durations;
mod environment;
mod events;
mod failure;
mod files;
mod interrupt;
mod known;
mod names;
mod page;
mod port;
mod products;
mod progress;
mod reference;
mod reports;
mod secrets;
mod site;
mod store;
mod targets;
mod terminal;

use std::{io::Write, process::ExitCode, time::SystemTime};

use hookproof_conformance::Exit;

use crate::{cli::Command, config::Refused, environment::Environment, failure::Failure};

fn main() -> ExitCode {
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
        Command::Check(args) => check::run(*args, environment),
        Command::Report(args) => report::run(&args, environment),
        Command::Diff(args) => report::diff(&args, environment),
        Command::Replay(args) => replay::run(&args, environment),
        Command::List(args) => list::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Docs(args) => docs::run(&args),
        Command::Listener(args) => listener::run(*args, environment),
        Command::Sign(args) => sign::run(&args, environment),
        Command::Verify(args) => verify::run(&args, environment),
        Command::Validate(args) => validate::run(&args, environment),
        Command::Openapi => openapi::run(),
        Command::Completions(args) => completions::run(&args),
        Command::ZooListener(args) => zoo_listener::run(&args),
        Command::Zoo(args) => zoo::run(&args, environment),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the clock is read once")]
fn now() -> SystemTime {
    SystemTime::now()
}
