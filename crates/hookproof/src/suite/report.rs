//! `hookproof report` and `hookproof diff`: what can be told from reports alone.

use std::{
    fs::File,
    io::{Read, stdin},
    path::Path,
};

use anyhow::{Context, bail};
use hookproof_conformance::{
    Report,
    report::{diff, format::render, human::Style, json::from_json, schema},
};

use crate::{
    cli::ListFormat,
    environment::Environment,
    exit::Exit,
    failure::Failure,
    suite::{
        cli::{DiffArgs, ReportArgs},
        destination::Destination,
    },
    terminal,
};

/// Bytes of a report. The largest that were seen have a few million.
const REPORT_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Renders a report again.
pub(crate) fn run(args: &ReportArgs, environment: &Environment) -> Result<Exit, Failure> {
    let Some(file) = args.file.as_deref().filter(|_| !args.schema) else {
        terminal::print(schema::TEXT)?;
        return Ok(Exit::Conformant);
    };
    let report = read(file)?;
    let style = Style {
        color: environment.color && args.out.is_none(),
        verbose: args.verbose,
        short: false,
    };
    let text = render(&report, args.format, style).map_err(Failure::could_not_ask)?;
    match &args.out {
        None => terminal::print(&text)?,
        Some(path) => {
            let destination = Destination { format: args.format, path: path.clone() };
            destination.prepare().map_err(|error| {
                Failure::usage(error).hint("make the folder, or give --out another path")
            })?;
            destination.write(&text)?;
        }
    }
    Ok(Exit::Conformant)
}

/// Says what changed between two reports.
pub(crate) fn diff(args: &DiffArgs, environment: &Environment) -> Result<Exit, Failure> {
    let (before, after) = (read(&args.before)?, read(&args.after)?);
    let found = diff::compare(&before, &after);
    terminal::print(&match args.format {
        ListFormat::Human => diff::render(&found, environment.color),
        ListFormat::Json => diff::to_json(&found),
    })?;
    Ok(if found.worse { Exit::Nonconformant } else { Exit::Conformant })
}

/// Reads a report; `-` is stdin.
fn read(path: &Path) -> Result<Report, Failure> {
    text_of(path)
        .and_then(|text| Ok(from_json(&text)?))
        .with_context(|| format!("cannot read the report `{}`", path.display()))
        .map_err(Failure::usage)
        .map_err(|failure| {
            failure.hint("name a file that `hookproof check --report json=FILE` wrote")
        })
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        stdin().lock().take(REPORT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(REPORT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > REPORT_BYTES_MAX {
        bail!("it has more than {REPORT_BYTES_MAX} bytes");
    }
    String::from_utf8(bytes).context("it is no text")
}
