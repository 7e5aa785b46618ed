//! The audit: acknowledged is what is stored, each exactly once.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, bail};
use rusqlite::{Connection, OpenFlags};

use crate::pool::Stored;

/// Reads the tables that all targets have, and compares them with what was acknowledged.
///
/// What was in the database before is told by `before`.
pub(crate) fn audit(db: &Path, expected: &Stored, before: i64) -> anyhow::Result<()> {
    let connection = Connection::open_with_flags(db, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .context("cannot open the database after the run")?;
    if before > 0 {
        return count(&connection, expected, before);
    }
    let found = Stored {
        transactions: ids(&connection, "transactions")?,
        orders: ids(&connection, "orders")?,
        inventory: inventory(&connection)?,
    };
    if found != *expected {
        bail!(
            "acknowledged is not what is stored: {} of {} transactions, {} of {} orders, \
             inventory {:?} instead of {:?}",
            found.transactions.len(),
            expected.transactions.len(),
            found.orders.len(),
            expected.orders.len(),
            found.inventory,
            expected.inventory
        );
    }
    Ok(())
}

/// In a database of millions, the new ones are looked up one by one.
fn count(connection: &Connection, expected: &Stored, before: i64) -> anyhow::Result<()> {
    let mut find = connection.prepare("SELECT 1 FROM transactions WHERE id = ?1")?;
    for id in &expected.transactions {
        if !find.exists([id])? {
            bail!("transaction {id} was acknowledged and is not stored");
        }
    }
    let all: i64 =
        connection.query_row("SELECT count(*) FROM transactions", [], |row| row.get(0))?;
    let new = all - before;
    if usize::try_from(new).ok() != Some(expected.transactions.len()) {
        bail!(
            "{} transactions were acknowledged and {new} are stored",
            expected.transactions.len()
        );
    }
    Ok(())
}

fn ids(connection: &Connection, table: &str) -> anyhow::Result<Vec<i64>> {
    let mut statement = connection.prepare(&format!("SELECT id FROM {table} ORDER BY id"))?;
    let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids)
}

fn inventory(connection: &Connection) -> anyhow::Result<BTreeMap<String, i64>> {
    let mut statement =
        connection.prepare("SELECT sku, sum(quantity) FROM inventory GROUP BY sku")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(folder: &Path, rows: &[i64]) -> std::path::PathBuf {
        let path = folder.join("db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(include_str!("../peers/schema.sql")).unwrap();
        for id in rows {
            connection.execute("INSERT INTO transactions (id) VALUES (?1)", [id]).unwrap();
        }
        path
    }

    #[test]
    fn what_is_lost_or_too_many_is_noticed() {
        let expected = Stored { transactions: vec![1, 2], ..Stored::default() };
        for (rows, right) in
            [(&[1_i64, 2][..], true), (&[1], false), (&[1, 2, 3], false), (&[1, 3], false)]
        {
            let folder = tempfile::tempdir().unwrap();
            let db = database(folder.path(), rows);
            assert_eq!(audit(&db, &expected, 0).is_ok(), right, "{rows:?}");
        }
    }

    #[test]
    fn new_ones_are_found_among_old_ones() {
        let expected = Stored { transactions: vec![11, 12], ..Stored::default() };
        for (rows, right) in
            [(&[1_i64, 11, 12][..], true), (&[1, 2, 11], false), (&[1, 2, 11, 12], false)]
        {
            let folder = tempfile::tempdir().unwrap();
            let db = database(folder.path(), rows);
            assert_eq!(audit(&db, &expected, 1).is_ok(), right, "{rows:?}");
        }
    }
}
