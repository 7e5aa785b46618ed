//! What is stored, read beside the program that is running.

use std::path::PathBuf;

use anyhow::Context;
use rusqlite::{Connection, OpenFlags};

use super::traffic::{Book, Stored};

/// Whose tables they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tables {
    /// An order has a state.
    Listener,
    /// Nothing is ever canceled.
    Comparison,
}

/// Runs a query whose values are integers.
pub(crate) type Ask = Box<dyn Fn(&str) -> anyhow::Result<Vec<Vec<i64>>>>;

/// A database that can be asked.
pub(crate) struct Database {
    ask: Ask,
    tables: Tables,
}

/// How much a whole database holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) payments: i64,
    pub(crate) orders: i64,
    pub(crate) canceled: i64,
    pub(crate) granted: i64,
}

impl Database {
    /// An SQLite file. It is opened anew for each question: after a power cut it is another file.
    pub(crate) fn file(path: PathBuf, tables: Tables) -> Self {
        let ask = move |sql: &str| {
            let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)
                .context("cannot open the database")?;
            let mut statement = connection.prepare(sql)?;
            let columns = statement.column_count();
            let rows =
                statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        Self { ask: Box::new(ask), tables }
    }

    /// Whatever else answers queries, with the listener's tables.
    pub(crate) fn of(ask: Ask) -> Self {
        Self { ask, tables: Tables::Listener }
    }

    fn canceled(&self) -> &'static str {
        match self.tables {
            Tables::Listener => "CASE WHEN orders.state = 'canceled' THEN 1 ELSE 0 END",
            Tables::Comparison => "0",
        }
    }

    /// What is stored of a round.
    pub(crate) fn round(&self, book: &Book) -> anyhow::Result<Stored> {
        let (first, end, sku) = (book.first, book.end(), &book.sku);
        let payments = (self.ask)(&format!(
            "SELECT id FROM transactions WHERE id >= {first} AND id < {end}
             AND id NOT IN (SELECT id FROM orders WHERE id >= {first} AND id < {end})"
        ))?;
        // An order without its transaction is not there.
        let orders = (self.ask)(&format!(
            "SELECT orders.id, {} FROM orders JOIN transactions ON transactions.id = orders.id
             WHERE orders.id >= {first} AND orders.id < {end}",
            self.canceled()
        ))?;
        let granted = (self.ask)(&format!(
            "SELECT CAST(coalesce(sum(quantity), 0) AS bigint) FROM inventory WHERE sku = '{sku}'"
        ))?;
        Ok(Stored {
            payments: payments.into_iter().flatten().collect(),
            orders: orders.into_iter().map(|row| (row[0], row[1] != 0)).collect(),
            granted: granted.into_iter().flatten().sum(),
        })
    }

    /// What is stored of all rounds.
    pub(crate) fn totals(&self) -> anyhow::Result<Totals> {
        let rows = (self.ask)(&format!(
            "SELECT (SELECT count(*) FROM transactions), count(*),
                    CAST(coalesce(sum({}), 0) AS bigint),
                    (SELECT CAST(coalesce(sum(quantity), 0) AS bigint) FROM inventory)
             FROM orders",
            self.canceled()
        ))?;
        let row = rows.first().context("a count has a row")?;
        Ok(Totals { payments: row[0] - row[1], orders: row[1], canceled: row[2], granted: row[3] })
    }
}
