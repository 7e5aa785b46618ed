//! `hookproof list`: every check with its level, its authority, its evidence and its clauses.

use anyhow::Context;
use hookproof_conformance::{Check, check::Evidence, checks};
use hookproof_contract::spec::{Authority, Level, Spec};
use serde::Serialize;

use crate::{cli::ListFormat, exit::Exit, failure::Failure, suite::cli::ListArgs, terminal};

/// Name and version of the JSON form.
const SCHEMA: &str = "hookproof.checks/1";

/// Prints the list.
pub(crate) fn run(args: &ListArgs) -> Result<Exit, Failure> {
    let text = match args.format {
        ListFormat::Human => human(),
        ListFormat::Json => json()?,
    };
    terminal::print(&text)?;
    Ok(Exit::Conformant)
}

/// The strictest level among a check's clauses.
pub(crate) fn level(check: &Check) -> Level {
    let clauses = &Spec::embedded().clauses;
    let levels = check.clauses.iter().filter_map(|id| clauses.get(*id)).map(|clause| clause.level);
    levels.min().unwrap_or(Level::May)
}

/// The authority of the clauses that make a check as strict as it is: the strongest among them.
fn authority(check: &Check) -> Authority {
    let spec = Spec::embedded();
    let strictest = level(check);
    let clauses = check.clauses.iter().filter_map(|id| spec.clauses.get(*id));
    let authorities = clauses.filter(|it| it.level == strictest).map(|it| spec.authority(it));
    authorities.min().expect("a check names a clause")
}

fn human() -> String {
    let width = checks::ALL.iter().map(|check| check.id.len()).max().unwrap_or_default();
    let mut lines: Vec<String> = checks::ALL
        .iter()
        .map(|check| {
            format!(
                "{:width$}  {:6}  {:14}  {:10}  {}",
                check.id,
                level(check).as_str(),
                authority(check).as_str(),
                check.evidence.as_str(),
                check.clauses.join(" ")
            )
        })
        .collect();
    lines.push(format!(
        "\n{} checks; `hookproof explain ID` says more about one",
        checks::ALL.len()
    ));
    lines.join("\n") + "\n"
}

/// The list, for programs.
#[derive(Serialize)]
struct Listing {
    schema: &'static str,
    checks: Vec<Listed>,
}

/// One check.
#[derive(Serialize)]
struct Listed {
    id: &'static str,
    title: &'static str,
    clauses: &'static [&'static str],
    level: &'static str,
    authority: &'static str,
    evidence: Evidence,
}

fn json() -> anyhow::Result<String> {
    let checks = checks::ALL
        .iter()
        .map(|check| Listed {
            id: check.id,
            title: check.title,
            clauses: check.clauses,
            level: level(check).as_str(),
            authority: authority(check).as_str(),
            evidence: check.evidence,
        })
        .collect();
    let text = serde_json::to_string_pretty(&Listing { schema: SCHEMA, checks })
        .context("cannot write the list")?;
    Ok(text + "\n")
}
