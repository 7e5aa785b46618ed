//! The report on stdout and in files.

use std::{
    fs::OpenOptions,
    hash::{BuildHasher, Hasher, RandomState},
    io::Write,
    path::Path,
};

use anyhow::{Context, anyhow};
use hookproof_conformance::{
    Report,
    report::{
        format::{Format, render},
        github,
        human::Style,
        markdown::{MARKDOWN_BYTES_MAX, within},
    },
};

use crate::{
    environment::Environment,
    failure::Failure,
    suite::{cli::OutputFormat, destination::Destination},
    terminal,
};

/// Bytes of a summary that say more than nothing.
const SUMMARY_BYTES_MIN: usize = 4096;

impl From<OutputFormat> for Format {
    fn from(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Human => Self::Human,
            OutputFormat::Short => Self::Short,
            OutputFormat::Json => Self::Json,
        }
    }
}

/// Finds out before the run whether all reports can be written after it.
pub(crate) fn prepare(destinations: &[Destination]) -> Result<(), Failure> {
    for destination in destinations {
        destination.prepare().map_err(|error| {
            Failure::usage(error).hint("make the folder, or give --report another path")
        })?;
    }
    if destinations.iter().filter(|destination| destination.is_stdout()).count() > 1 {
        return Err(Failure::usage(anyhow!("two reports cannot both stand on stdout"))
            .hint("give all but one --report a path"));
    }
    Ok(())
}

/// Prints the report, then writes it wherever it was asked for. A report that goes to stdout by
/// `--report FORMAT=-` takes the place of `--format`. Events were written while they happened.
pub(crate) fn deliver(
    report: &Report,
    format: OutputFormat,
    verbose: bool,
    destinations: &[Destination],
    environment: &Environment,
) -> Result<(), Failure> {
    let style = Style { color: environment.color, verbose, short: false };
    if !destinations.iter().any(Destination::is_stdout) {
        let text = render(report, format.into(), style).map_err(Failure::could_not_ask)?;
        terminal::print(&text_for(&text, format, report, environment))?;
    }
    for destination in destinations.iter().filter(|one| one.format != Format::Ndjson) {
        let text = render(report, destination.format, style).map_err(Failure::could_not_ask)?;
        destination.write(&text)?;
    }
    if let Some(path) = &environment.summary
        && let Err(error) = summarize(report, path)
    {
        // The verdict does not hang on a summary.
        terminal::tell(&format!("warning: cannot write the summary of the job: {error:#}"));
    }
    Ok(())
}

/// On GitHub, what the target had a part in stands between commands that stop all others, and
/// annotations follow.
fn text_for(
    text: &str,
    format: OutputFormat,
    report: &Report,
    environment: &Environment,
) -> String {
    if !environment.github || format == OutputFormat::Json {
        return text.to_owned();
    }
    let token = format!("hookproof-{:016x}", RandomState::new().build_hasher().finish());
    format!("{}{}", github::quiet(text, &token), github::annotations(report))
}

/// Adds to the summary of the job, within what GitHub shows.
fn summarize(report: &Report, path: &Path) -> anyhow::Result<()> {
    let context = || format!("`{}`", path.display());
    let mut file = OpenOptions::new().append(true).create(true).open(path).with_context(context)?;
    let there = usize::try_from(file.metadata().with_context(context)?.len()).unwrap_or(usize::MAX);
    let room = MARKDOWN_BYTES_MAX.saturating_sub(there);
    if room < SUMMARY_BYTES_MIN {
        return Err(anyhow!("`{}` is full", path.display()));
    }
    file.write_all(within(report, room).as_bytes()).with_context(context)
}
