//! All that the program knows beside the reference listener: the suite, the contract's readable forms,
//! the zoo.
//!
//! A build without the feature `suite` has none of it, and links none of what it needs.

pub(crate) mod cli;
pub(crate) mod project;

mod check;
mod docs;
mod explain;
mod list;
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
mod destination;
mod events;
mod known;
mod page;
mod port;
mod products;
mod progress;
mod reference;
mod reports;
mod secret;
mod site;
mod store;
mod targets;
mod trust;
mod watch;

use hookproof_conformance::Exit as Run;

pub(crate) use self::cli::Command;
use crate::{environment::Environment, exit::Exit, failure::Failure};

/// Runs the command.
pub(crate) fn run(command: Command, environment: &Environment) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => check::run(*args, environment),
        Command::Report(args) => report::run(&args, environment),
        Command::Diff(args) => report::diff(&args, environment),
        Command::Replay(args) => replay::run(&args, environment),
        Command::List(args) => list::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Docs(args) => docs::run(&args),
        Command::Sign(args) => sign::run(&args, environment),
        Command::Verify(args) => verify::run(&args, environment),
        Command::Validate(args) => validate::run(&args, environment),
        Command::Openapi => openapi::run(),
        Command::ZooListener(args) => zoo_listener::run(&args),
        Command::Zoo(args) => zoo::run(&args, environment),
    }
}

/// The library's exit codes are the program's.
impl From<Run> for Exit {
    fn from(run: Run) -> Self {
        match run {
            Run::Conformant => Self::Conformant,
            Run::Nonconformant => Self::Nonconformant,
            Run::Usage => Self::Usage,
            Run::CouldNotAsk => Self::CouldNotAsk,
            Run::NothingSelected => Self::NothingSelected,
            Run::Interrupted => Self::Interrupted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_and_library_mean_the_same_by_an_exit_code() {
        for run in [
            Run::Conformant,
            Run::Nonconformant,
            Run::Usage,
            Run::CouldNotAsk,
            Run::NothingSelected,
            Run::Interrupted,
        ] {
            assert_eq!(Exit::from(run) as u8, run as u8);
        }
    }
}
