//! The outbox: what was granted and taken back, until the game has it.

use rusqlite::params;

use super::{Sqlite, transaction::Statements};
use crate::{
    event::{Event, Grant},
    store::{
        Cause,
        outbox::{self, Entry, Outbox},
    },
};

/// Writes down what a new event granted or took back: nothing, if its order came to nothing.
pub(super) fn note(statements: &mut Statements<'_>, event: &Event) -> Result<(), rusqlite::Error> {
    let (order, taken_back) = match event {
        Event::OrderPaid(paid) => (paid.order, false),
        Event::OrderCanceled { order, .. } => (*order, true),
        _ => return Ok(()),
    };
    // An order that was cancelled before it was paid is there, and has granted nothing.
    statements
        .get(
            "INSERT INTO outbox (order_id, taken_back, user_id)
             SELECT id, ?2, user_id FROM orders WHERE id = ?1
             AND EXISTS (SELECT 1 FROM grants WHERE grants.order_id = orders.id)",
        )?
        .execute(params![order.0, taken_back])
        .map(drop)
}

/// Deletes entries.
pub(super) fn forget(
    statements: &mut Statements<'_>,
    entries: &[i64],
) -> Result<(), rusqlite::Error> {
    let delete = statements.get("DELETE FROM outbox WHERE seq = ?1")?;
    for seq in entries {
        delete.execute(params![seq])?;
    }
    Ok(())
}

impl Outbox for Sqlite {
    fn count(&mut self) -> Result<u64, Cause> {
        let mut count = self.connection.prepare_cached(outbox::COUNT)?;
        Ok(u64::try_from(count.query_row([], |row| row.get::<_, i64>(0))?)?)
    }

    fn take(&mut self, entries_max: u32) -> Result<Vec<Entry>, Cause> {
        let mut take = self.connection.prepare_cached(outbox::TAKE)?;
        let lines = take.query_map(params![entries_max], |row| {
            let grant = Grant { sku: row.get(4)?, quantity: row.get(5)? };
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, grant))
        })?;
        Ok(outbox::gather(lines.collect::<Result<Vec<_>, _>>()?))
    }

    /// There is one listener on a file.
    fn release(&mut self) -> Result<(), Cause> {
        Ok(())
    }
}
