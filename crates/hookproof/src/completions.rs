//! `hookproof completions`: what a shell completes after `hookproof`.

use clap::CommandFactory;

use crate::{
    cli::{Cli, CompletionsArgs},
    exit::Exit,
    failure::Failure,
    terminal,
};

/// Runs the command.
pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "hookproof", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Conformant)
}
