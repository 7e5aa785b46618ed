//! Databases that hold many events already: written into the listener's own tables, and copied for each
//! sample.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use crate::{
    measure::MEMORY, plan::Before, pool::Ids, process::Process, shim::Shim, targets::Target,
};

/// The first number of what is stored beforehand.
const FIRST: i64 = 1;

/// The first number of what comes later: far above all that was stored.
const LATER: i64 = 1 << 40;

impl Before {
    /// Events that are there beforehand.
    pub(crate) fn rows(self) -> i64 {
        match self {
            Self::Empty => 0,
            Self::Growing(rows) | Self::Scattered(rows) => rows,
        }
    }

    /// The numbers of what comes later. None of them is there beforehand.
    pub(crate) fn next_ids(self) -> Ids {
        match self {
            Self::Empty | Self::Growing(_) => Ids::From(LATER),
            Self::Scattered(_) => Ids::Scattered(LATER),
        }
    }

    fn ids(self) -> Ids {
        match self {
            Self::Empty | Self::Growing(_) => Ids::From(FIRST),
            Self::Scattered(_) => Ids::Scattered(FIRST),
        }
    }
}

/// Databases that are ready to be copied.
pub(crate) struct Seeds {
    folder: TempDir,
    files: BTreeMap<Before, PathBuf>,
}

impl Seeds {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("hookproof-bench-").tempdir_in(MEMORY)?;
        Ok(Self { folder, files: BTreeMap::new() })
    }

    /// Has the listener make its tables, and fills them by the same columns as a payment does.
    pub(crate) fn prepare(&mut self, before: Before, listener: &Target) -> anyhow::Result<()> {
        if before == Before::Empty || self.files.contains_key(&before) {
            return Ok(());
        }
        let folder = self.folder.path();
        let file = folder.join(format!("{}.db", self.files.len()));
        Process::start(listener, &Shim::compile(folder, 0)?, folder, &file)?.kill()?;
        fill(&file, before).with_context(|| format!("cannot fill a database for {before:?}"))?;
        self.files.insert(before, file);
        Ok(())
    }

    /// Copies one to where a sample wants it; an empty one is made by its listener.
    pub(crate) fn copy(&self, before: Before, to: &Path) -> anyhow::Result<()> {
        if before != Before::Empty {
            let from = self.files.get(&before).context("the databases are prepared")?;
            fs::copy(from, to)?;
        }
        Ok(())
    }
}

/// Of ids without order, so many in a hundred are stored in order, which is fast and leaves full pages;
/// the others come as they are, and leave pages as full as growing without order leaves them.
const IN_ORDER_PERCENT: usize = 70;

/// Memory of the engine while it fills a database, in KiB: most of the file.
const CACHE_KIB: i64 = 512 * 1024;

fn fill(file: &Path, before: Before) -> anyhow::Result<()> {
    let count = usize::try_from(before.rows())?;
    let mut ids: Vec<i64> = (0..count).map(|index| before.ids().at(index)).collect();
    ids[..count * IN_ORDER_PERCENT / 100].sort_unstable();
    let mut connection = Connection::open(file)?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    let transaction = connection.transaction()?;
    {
        let mut paid = transaction.prepare(
            "INSERT INTO transactions (id, user_id, state, refunds, amount, currency, told)
             VALUES (?1, ?2, 'paid', 0, '9.99', 'USD', 1)",
        )?;
        for id in &ids {
            paid.execute(params![id, format!("player-{}", id % 100_000)])?;
        }
    }
    transaction.commit()?;
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy != 0 {
        bail!("the log could not be moved into the file");
    }
    Ok(())
}
