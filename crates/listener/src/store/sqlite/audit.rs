//! A second look at a file: copies it, counts it, and compares its tables with one another.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, Row, backup::Backup, params};

use super::told::Told;
use crate::store::{DatabaseError, schema};

/// Problems of one kind that are listed. More say nothing more.
const LISTED_MAX: u32 = 20;

/// A file's tables.
const TABLES: [&str; 10] = [
    "seen",
    "transactions",
    "orders",
    "grants",
    "inventory",
    "subscriptions",
    "disputes",
    "blocklist",
    "payment_accounts",
    "outbox",
];

/// What must hold between the tables: what is wrong where a row comes out, and the query that finds
/// it. Ids are named, users are not: this may be shown to anybody who helps.
const RULES: [(&str, &str); 6] = [
    (
        "an inventory holds something else than its paid orders granted: article",
        "WITH granted AS (
             SELECT orders.user_id AS user_id, grants.sku AS sku, sum(grants.quantity) AS quantity
             FROM grants JOIN orders ON orders.id = grants.order_id
             WHERE orders.state = 'paid' GROUP BY orders.user_id, grants.sku)
         SELECT inventory.sku FROM inventory LEFT JOIN granted USING (user_id, sku)
             WHERE inventory.quantity <> coalesce(granted.quantity, 0)
         UNION ALL
         SELECT granted.sku FROM granted LEFT JOIN inventory USING (user_id, sku)
             WHERE inventory.quantity IS NULL",
    ),
    (
        "something was granted for an order that is not there: order",
        "SELECT DISTINCT order_id FROM grants
         WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = grants.order_id)",
    ),
    (
        "an order is paid or cancelled without a notification that says so: order",
        "SELECT id FROM orders WHERE NOT told & iif(state = 'paid', 1, 2)",
    ),
    (
        "a notification of an order was recorded without its effect: order",
        "SELECT id FROM orders WHERE told & 2 AND state <> 'canceled'",
    ),
    (
        "a notification of a transaction was recorded without its effect: transaction",
        "SELECT id FROM transactions
         WHERE (told & 2 AND state <> 'refunded') OR (told & 1 AND state = 'declined')
         UNION
         SELECT seen.id FROM seen WHERE type = 'partial_refund'
         AND NOT EXISTS (SELECT 1 FROM transactions
             WHERE transactions.id = seen.id AND transactions.refunds > 0)",
    ),
    (
        "a notification of a subscription was recorded without its effect: subscription",
        "SELECT DISTINCT seen.id FROM seen
         WHERE type IN ('create_subscription', 'update_subscription', 'cancel_subscription',
             'non_renewal_subscription')
         AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE subscriptions.id = seen.id
             AND (seen.type <> 'cancel_subscription' OR subscriptions.state = 'canceled'))",
    ),
];

/// A file that is read beside whoever writes it.
pub(crate) struct Audit {
    connection: Connection,
}

impl Audit {
    /// Opens a file of this listener and of its version.
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        Ok(Self { connection: schema::open_existing(path)? })
    }

    /// Copies everything into a file that is empty, as it is at one moment: in one step, so that the
    /// listener's commits meanwhile do not begin it anew. They go on; only the log grows.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<(), DatabaseError> {
        let mut copy = Connection::open(path)?;
        {
            let backup = Backup::new(&self.connection, &mut copy)?;
            backup.step(-1)?;
        }
        // The copy is one file, and durable before it is spoken of.
        copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
        copy.close().map_err(|(_, error)| error)?;
        let file = std::fs::File::open(path).and_then(|file| file.sync_all());
        file.map_err(DatabaseError::Copy)
    }

    /// What contradicts what.
    pub(crate) fn problems(&self) -> Result<Vec<String>, DatabaseError> {
        // All of one moment.
        let whole = self.connection.unchecked_transaction()?;
        let text = |row: &Row<'_>| row.get::<_, String>(0);
        let mut problems = Vec::new();
        let mut integrity = whole.prepare("PRAGMA integrity_check")?;
        for line in integrity.query_map([], text)? {
            let line = line?;
            if line != "ok" {
                problems.push(format!("the file is damaged: {line}"));
            }
        }
        for (wrong, query) in RULES {
            let query =
                format!("WITH found (id) AS ({query}) SELECT CAST(id AS TEXT) FROM found LIMIT ?1");
            let mut find = whole.prepare(&query)?;
            for id in find.query_map(params![LISTED_MAX], text)? {
                problems.push(format!("{wrong} {}", id?));
            }
        }
        Ok(problems)
    }

    /// Bytes of the file that are free.
    pub(crate) fn free_bytes(&self) -> Result<u64, DatabaseError> {
        let pragma = |name| self.connection.pragma_query_value(None, name, |row| count_in(row, 0));
        Ok(pragma("freelist_count")? * pragma("page_size")?)
    }

    /// Recorded events by type.
    pub(crate) fn events(&self) -> Result<BTreeMap<String, u64>, DatabaseError> {
        let mut count = self.connection.prepare("SELECT type, count(*) FROM seen GROUP BY type")?;
        let counted = count.query_map([], |row| Ok((row.get(0)?, count_in(row, 1)?)))?;
        let mut events = counted.collect::<Result<BTreeMap<_, _>, _>>()?;
        for (kind, table, told) in Told::ALL {
            let query = table.count();
            let count =
                self.connection.query_row(query, params![told.0], |row| count_in(row, 0))?;
            if count > 0 {
                events.insert(kind.as_str().to_owned(), count);
            }
        }
        Ok(events)
    }

    /// Rows by table.
    pub(crate) fn rows(&self) -> Result<BTreeMap<String, u64>, DatabaseError> {
        let mut rows = BTreeMap::new();
        for table in TABLES {
            let query = format!("SELECT count(*) FROM {table}");
            let count = self.connection.query_row(&query, [], |row| count_in(row, 0))?;
            rows.insert(table.to_owned(), count);
        }
        Ok(rows)
    }
}

/// A count, which SQLite has as a signed number.
fn count_in(row: &Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}
