//! What is recorded of one user.

use rusqlite::{Connection, Row, params};

use crate::store::{SubscriptionView, TransactionView, View};

/// Reads the view. There is no index by user: it would cost every payment, for a view that production
/// seldom asks for.
pub(super) fn of(connection: &Connection, user: &str) -> Result<View, rusqlite::Error> {
    let items = "SELECT sku, quantity FROM inventory WHERE user_id = ?1 AND quantity <> 0";
    let subscriptions = "SELECT id, plan, state, next_charge FROM subscriptions WHERE user_id = ?1";
    // A payment that names no user belongs to the user of its order.
    let transactions = "SELECT id, state, refunds FROM transactions
         WHERE user_id = ?1 OR (user_id IS NULL AND id IN
             (SELECT transaction_id FROM orders WHERE orders.user_id = ?1))";
    Ok(View {
        items: collect(connection, items, user, |row| Ok((row.get(0)?, row.get(1)?)))?,
        subscriptions: collect(connection, subscriptions, user, |row| {
            let (plan, state, next_charge) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((row.get(0)?, SubscriptionView { plan, state, next_charge }))
        })?,
        transactions: collect(connection, transactions, user, |row| {
            Ok((row.get(0)?, TransactionView { state: row.get(1)?, refunds: row.get(2)? }))
        })?,
    })
}

fn collect<T, All: FromIterator<T>>(
    connection: &Connection,
    statement: &str,
    user: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<All, rusqlite::Error> {
    connection.prepare_cached(statement)?.query_map(params![user], read)?.collect()
}
