//! What a run remembers: known failures, stored ones, the settings of a project.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(next_help_heading = "Memory")]
pub(crate) struct Memory {
    /// Known failures, each with a reason: they do not fail the run, and one that no longer fails
    /// does.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write what fails now to a file for --baseline. Reasons that stand there already are kept.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Keep no failures in `.hookproof/`, and ask none that are kept there. The environment variable
    /// `HOOKPROOF_NO_STORE` does the same.
    #[arg(long)]
    pub(crate) no_store: bool,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Where failures are kept: beside the project's settings, else in the current folder.
    #[arg(skip)]
    pub(crate) home: PathBuf,
}

/// Where the settings of a project stand.
#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    /// The project's settings: flags of `hookproof check` as `flag = value`. Flags and environment
    /// variables count before it. [default: the next hookproof.toml upwards]
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Read no settings.
    #[arg(long)]
    pub(crate) no_config: bool,
}
