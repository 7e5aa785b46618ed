//! The report on stdout and in files.

use hookproof_conformance::{
    Report,
    report::{human, json, junit},
};

use crate::{
    cli::OutputFormat,
    destination::{Destination, Format},
    environment::Environment,
    failure::Failure,
    terminal,
};

/// Finds out before the run whether all reports can be written after it.
pub(crate) fn prepare(destinations: &[Destination]) -> Result<(), Failure> {
    for destination in destinations {
        destination.prepare().map_err(|error| {
            Failure::usage(error).hint("make the folder, or give --report another path")
        })?;
    }
    Ok(())
}

/// Prints the report, then writes it wherever it was asked for.
pub(crate) fn deliver(
    report: &Report,
    format: OutputFormat,
    verbose: bool,
    destinations: &[Destination],
    environment: &Environment,
) -> Result<(), Failure> {
    let style =
        human::Style { color: environment.color, verbose, short: format == OutputFormat::Short };
    let text = match format {
        OutputFormat::Human | OutputFormat::Short => human::render(report, style),
        OutputFormat::Json => json::to_json(report),
    };
    terminal::print(&text)?;
    for destination in destinations {
        let text = match destination.format {
            Format::Json => json::to_json(report),
            Format::Junit => junit::to_junit(report).map_err(Failure::could_not_ask)?,
        };
        destination.write(&text)?;
    }
    Ok(())
}
