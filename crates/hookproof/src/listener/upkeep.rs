//! `hookproof listener backup|check|stats`: what is done to a listener's database beside it.

use std::{fmt::Write, path::Path};

use anyhow::{Context, anyhow};
use hookproof_listener::upkeep::{self, Stats};
use serde_json::json;

use crate::{
    cli::{ListFormat, ListenerTask},
    exit::Exit,
    failure::Failure,
    terminal,
};

/// How a database of PostgreSQL is named.
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];

pub(super) fn run(task: &ListenerTask) -> Result<Exit, Failure> {
    match task {
        ListenerTask::Backup { db, to } => {
            ours(db)?;
            let bytes = upkeep::backup(db, to)
                .with_context(|| format!("cannot copy `{}` to `{}`", db.display(), to.display()))?;
            terminal::print(&format!("{}: {bytes} bytes, whole\n", to.display()))?;
            Ok(Exit::Conformant)
        }
        ListenerTask::Check { db } => {
            ours(db)?;
            let problems = upkeep::check(db).with_context(|| unreadable(db))?;
            if problems.is_empty() {
                terminal::print(&format!("{}: whole, and all tables agree\n", db.display()))?;
                return Ok(Exit::Conformant);
            }
            terminal::print(&format!("{}\n", problems.join("\n")))?;
            Ok(Exit::Nonconformant)
        }
        ListenerTask::Stats { db, format } => {
            ours(db)?;
            let stats = upkeep::stats(db).with_context(|| unreadable(db))?;
            terminal::print(&match format {
                ListFormat::Human => for_people(&stats)?,
                ListFormat::Json => format!("{}\n", for_programs(&stats)),
            })?;
            Ok(Exit::Conformant)
        }
        ListenerTask::Health { .. } => Err(Failure::usage(anyhow!("health has no database"))),
    }
}

fn unreadable(db: &Path) -> String {
    format!("cannot read the database `{}`", db.display())
}

/// These commands know files; a server has tools of its own.
fn ours(db: &Path) -> Result<(), Failure> {
    let named = db.to_string_lossy();
    if POSTGRES.iter().any(|scheme| named.starts_with(scheme)) {
        let error = anyhow!("this command is for SQLite's files, and the database is PostgreSQL's");
        return Err(Failure::usage(error).hint(
            "use PostgreSQL's own tools: `pg_dump` copies a running database, `pg_amcheck` checks it",
        ));
    }
    Ok(())
}

fn for_people(stats: &Stats) -> anyhow::Result<String> {
    let mut text = String::new();
    writeln!(text, "database     {} bytes, {} of them free", stats.bytes, stats.free_bytes)?;
    writeln!(text, "log          {} bytes", stats.log_bytes)?;
    match stats.changed_unix_s {
        Some(seconds) => writeln!(text, "last change  {seconds} s after 1970-01-01 UTC")?,
        None => writeln!(text, "last change  not known")?,
    }
    for (name, counts) in [("events", &stats.events), ("tables", &stats.tables)] {
        let total: u64 = counts.values().sum();
        writeln!(text, "\n{name}: {total}")?;
        for (what, count) in counts {
            writeln!(text, "{count:>12}  {what}")?;
        }
    }
    Ok(text)
}

fn for_programs(stats: &Stats) -> serde_json::Value {
    json!({
        "bytes": stats.bytes,
        "free_bytes": stats.free_bytes,
        "log_bytes": stats.log_bytes,
        "changed_unix_s": stats.changed_unix_s,
        "events": stats.events,
        "tables": stats.tables,
    })
}
