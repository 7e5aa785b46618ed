//! The command line. Scripts rely on every name in it.

mod listener;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::listener::{ListenerArgs, ListenerTask, LogFormat, Logs};
#[cfg(feature = "suite")]
use crate::suite;

/// Checks webhook listeners against the contract of Xsolla's payment webhooks.
#[derive(Debug, Parser)]
#[command(name = "hookproof", version, max_term_width = 100)]
#[cfg_attr(
    not(feature = "suite"),
    command(
        about = "Runs the reference listener of Xsolla's payment webhooks; built without the suite"
    )
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

// The numbers are places in the help, among the commands of the suite.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[cfg(feature = "suite")]
    #[command(flatten)]
    Suite(suite::Command),
    /// Run the reference listener, or look after its database.
    #[command(display_order = 6)]
    Listener(Box<ListenerArgs>),
    /// Print the words that a shell completes.
    #[command(display_order = 11)]
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell whose words are completed.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
