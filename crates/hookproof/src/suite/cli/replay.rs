//! The flags of `hookproof replay`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum, builder::NonEmptyStringValueParser};

use super::memory::SettingsArgs;
use crate::{durations, suite::port::Template};

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// A report or a stored failure, as JSON; or the id of a check or clause that failed or warned in an
    /// earlier run: it is looked up in `.hookproof/`, here and upwards.
    #[arg(value_name = "FILE|ID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) what: String,
    /// Another URL than the recorded one; repeat it for replicas of one listener.
    #[arg(long, value_name = "URL", value_parser = Template::target)]
    pub(crate) target: Vec<Template>,
    /// The project's secret key. Other users of this machine can see it: prefer the file or the
    /// environment variable `XSOLLA_WEBHOOK_SECRET_KEY`.
    #[arg(long, value_name = "KEY", conflicts_with = "secret_file")]
    pub(crate) secret: Option<String>,
    /// A file that holds the project's secret key. The recorded one, or that of the project's
    /// settings, where none is given.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Where effects are read: a URL with {user} in the place of the user's id. The recorded one where
    /// none is given; but a query is never recorded, as it may hold a token.
    #[arg(long, value_name = "URL", value_parser = Template::probe)]
    pub(crate) probe: Option<Template>,
    /// A command that prints the effects. Commands are never recorded: where the run had one, it is
    /// given again, or stands in the project's settings.
    #[arg(long, value_name = "CMD", value_parser = Template::command, conflicts_with = "probe")]
    pub(crate) probe_cmd: Option<Template>,
    /// The command that starts the listener. It is never recorded either.
    #[arg(long, value_name = "CMD", value_parser = Template::command)]
    pub(crate) spawn: Option<Template>,
    /// Ask a listener that is not on this machine.
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// How long to wait for one answer. As recorded where not given.
    #[arg(long, value_name = "TIME", value_parser = durations::parse_nonzero)]
    pub(crate) timeout: Option<Duration>,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// What stands on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReplayFormat,
}

/// How a replay is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplayFormat {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
}
