//! The arguments of the commands that look at reports: `report`, `diff`.

use std::path::PathBuf;

use clap::Args;
use hookproof_conformance::report::format::Format;

use crate::cli::ListFormat;

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The report that `hookproof check --report json=FILE` wrote, or `-` for stdin.
    #[arg(value_name = "FILE", required_unless_present = "schema")]
    pub(crate) file: Option<PathBuf>,
    /// The format: human, short, json, ndjson, junit, html, markdown, sarif, badge, github.
    #[arg(long = "as", value_name = "FORMAT", default_value = "human")]
    pub(crate) format: Format,
    /// The file to write to. Stdout where not given.
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// A line for each check in the human report, with its title, duration and number of cases.
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Print the JSON Schema of reports instead.
    #[arg(long, conflicts_with = "file")]
    pub(crate) schema: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The report from before, as JSON, or `-` for stdin.
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,
    /// The report from after, as JSON, or `-` for stdin.
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,
    /// What stands on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
}
