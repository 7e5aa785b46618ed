//! The embedded engine: SQLite.
//!
//! Every rule about repeats and order of events is a statement here that holds inside one
//! transaction. None of them looks first and writes later, so none can be raced.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior, params};

use super::{
    Cause, Database, DatabaseError, Outcome, Reader, StoreError, TransactionView, View, schema,
};
use crate::{
    decide::{Charge, Event, Grant, Key, PaidOrder},
    notification::OrderId,
};

/// A connection to a database file.
pub(super) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// Opens a file for writing.
    pub(super) fn open(path: &Path) -> Result<Self, DatabaseError> {
        Ok(Self { connection: schema::open(path)? })
    }

    /// Opens a file that [`Sqlite::open`] has prepared, for reading.
    pub(super) fn open_reader(path: &Path) -> Result<Self, DatabaseError> {
        Ok(Self { connection: schema::open_reader(path)? })
    }
}

/// Why an event was not applied.
enum Failure {
    /// It cannot be, now or later.
    Refused(StoreError),
    /// The engine failed.
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

impl Database for Sqlite {
    fn apply(&mut self, events: &[Event]) -> Result<Vec<Result<Outcome, StoreError>>, Cause> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut results = Vec::with_capacity(events.len());
        for event in events {
            results.push(isolated(&transaction, event)?);
        }
        transaction.commit()?;
        Ok(results)
    }
}

/// Applies one event, or leaves no trace of it, so that its failure is nobody else's.
///
/// Returns `Err` if the engine has given up the whole transaction, as it does on a full disk.
fn isolated(
    connection: &Connection,
    event: &Event,
) -> Result<Result<Outcome, StoreError>, rusqlite::Error> {
    run(connection, "SAVEPOINT event")?;
    let result = match apply(connection, event) {
        Ok(outcome) => Ok(outcome),
        Err(Failure::Engine(error)) if connection.is_autocommit() => return Err(error),
        Err(failure) => {
            run(connection, "ROLLBACK TO event")?;
            Err(match failure {
                Failure::Refused(refusal) => refusal,
                Failure::Engine(error) => {
                    let (kind, id) = event.key();
                    tracing::error!(cause = %error, kind = %kind, id, "cannot record an event");
                    StoreError::Failed
                }
            })
        }
    };
    run(connection, "RELEASE event")?;
    Ok(result)
}

fn run(connection: &Connection, statement: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}

fn apply(connection: &Connection, event: &Event) -> Result<Outcome, Failure> {
    let (kind, id) = event.key();
    let new = connection
        .prepare_cached("INSERT INTO seen (type, id) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![kind.as_str(), id])?;
    if new == 0 {
        return Ok(Outcome::Repeat);
    }
    match event {
        Event::Payment(charge) => pay(connection, charge)?,
        Event::Refund(charge) => refund(connection, charge)?,
        Event::OrderPaid(paid) => {
            if let Some(charge) = &paid.payment {
                pay(connection, charge)?;
            }
            grant(connection, paid)?;
        }
        Event::OrderCanceled { order, user, refund: charge } => {
            if let Some(charge) = charge {
                refund(connection, charge)?;
            }
            take_back(connection, *order, user)?;
        }
    }
    Ok(Outcome::Applied)
}

/// Records a payment. One that comes after its refund stays refunded.
fn pay(connection: &Connection, charge: &Charge) -> Result<(), rusqlite::Error> {
    let amount = charge.paid.as_ref().map(|paid| paid.amount.to_string());
    let currency = charge.paid.as_ref().and_then(|paid| paid.currency.as_ref());
    connection
        .prepare_cached(
            "INSERT INTO transactions (id, user_id, state, refunds, amount, currency)
             VALUES (?1, ?2, 'paid', 0, ?3, ?4)
             ON CONFLICT DO UPDATE SET
                 user_id = coalesce(user_id, excluded.user_id),
                 amount = excluded.amount, currency = excluded.currency",
        )?
        .execute(params![charge.transaction.0, charge.user, amount, currency])
        .map(drop)
}

/// Records a full refund. It counts once, though `refund` and a combined `order_canceled` may both
/// tell of it; and it may come before the payment, or without one (clause SEQ-04).
fn refund(connection: &Connection, charge: &Charge) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO transactions (id, user_id, state, refunds) VALUES (?1, ?2, 'refunded', 1)
             ON CONFLICT DO UPDATE SET
                 state = 'refunded', refunds = refunds + 1,
                 user_id = coalesce(user_id, excluded.user_id)
             WHERE state <> 'refunded'",
        )?
        .execute(params![charge.transaction.0, charge.user])
        .map(drop)
}

/// Records a paid order and grants its items, unless its cancellation has been here before.
fn grant(connection: &Connection, paid: &PaidOrder) -> Result<(), Failure> {
    let transaction = paid.payment.as_ref().map(|charge| charge.transaction).or(paid.invoice);
    let new = connection
        .prepare_cached(
            "INSERT INTO orders (id, user_id, transaction_id, state) VALUES (?1, ?2, ?3, 'paid')
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![paid.order.0, paid.user, transaction.map(|id| id.0)])?;
    if new == 0 {
        return Ok(());
    }
    let mut write_down = connection.prepare_cached(
        "INSERT INTO grants (order_id, line, sku, quantity) VALUES (?1, ?2, ?3, ?4)",
    )?;
    // Without the condition, a sum beyond 63 bits would turn into a floating-point number.
    let mut add = connection.prepare_cached(
        "INSERT INTO inventory (user_id, sku, quantity) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity
         WHERE quantity <= 9223372036854775807 - excluded.quantity",
    )?;
    for (line, Grant { sku, quantity }) in (0_i64..).zip(&paid.grants) {
        write_down.execute(params![paid.order.0, line, sku, quantity])?;
        if add.execute(params![paid.user, sku, quantity])? == 0 {
            return Err(Failure::Refused(StoreError::TooMany));
        }
    }
    Ok(())
}

/// Records a cancelled order and takes back what it granted: nothing, if it is unknown.
fn take_back(connection: &Connection, order: OrderId, user: &str) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO orders (id, user_id, state) VALUES (?1, ?2, 'canceled')
             ON CONFLICT DO UPDATE SET state = 'canceled'",
        )?
        .execute(params![order.0, user])?;
    // From the one who received it, whoever the cancellation names.
    connection
        .prepare_cached(
            "UPDATE inventory SET quantity = inventory.quantity - granted.quantity
             FROM (SELECT orders.user_id, grants.sku, sum(grants.quantity) AS quantity
                   FROM grants JOIN orders ON orders.id = grants.order_id
                   WHERE grants.order_id = ?1 GROUP BY grants.sku) AS granted
             WHERE inventory.user_id = granted.user_id AND inventory.sku = granted.sku",
        )?
        .execute(params![order.0])
        .map(drop)
}

impl Reader for Sqlite {
    fn has_recorded(&mut self, (kind, id): Key) -> Result<bool, Cause> {
        let mut find =
            self.connection.prepare_cached("SELECT 1 FROM seen WHERE type = ?1 AND id = ?2")?;
        Ok(find.exists(params![kind.as_str(), id])?)
    }

    fn view(&mut self, user: &str) -> Result<View, Cause> {
        // One transaction, so that all parts are of the same moment.
        let transaction = self.connection.transaction()?;
        let mut view = View::default();
        let mut items = transaction.prepare_cached(
            "SELECT sku, quantity FROM inventory WHERE user_id = ?1 AND quantity <> 0",
        )?;
        for row in items.query_map(params![user], |row| Ok((row.get(0)?, row.get(1)?)))? {
            let (sku, quantity) = row?;
            view.items.insert(sku, quantity);
        }
        // There is no index by user: it would cost every payment, for a view that production
        // seldom asks for. A payment that names no user belongs to the user of its order.
        let mut transactions = transaction.prepare_cached(
            "SELECT id, state, refunds FROM transactions
             WHERE user_id = ?1 OR (user_id IS NULL AND id IN
                 (SELECT transaction_id FROM orders WHERE orders.user_id = ?1))",
        )?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get(0)?, TransactionView { state: row.get(1)?, refunds: row.get(2)? }))
        };
        for row in transactions.query_map(params![user], read)? {
            let (id, seen) = row?;
            view.transactions.insert(id, seen);
        }
        Ok(view)
    }
}

#[cfg(test)]
mod tests;
