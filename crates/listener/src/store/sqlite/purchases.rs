//! Money and goods: transactions, orders, inventories.

use rusqlite::{Connection, params};

use super::Failure;
use crate::{
    event::{Charge, Grant, PaidOrder},
    notification::{OrderId, TransactionId},
    store::StoreError,
};

/// Records a payment. One that comes after a refund of it stays refunded.
pub(super) fn pay(connection: &Connection, charge: &Charge) -> Result<bool, rusqlite::Error> {
    let amount = charge.paid.as_ref().map(|paid| paid.amount.to_string());
    let currency = charge.paid.as_ref().and_then(|paid| paid.currency.as_ref());
    let subscription = charge.subscription.map(|id| id.0);
    connection
        .prepare_cached(
            "INSERT INTO transactions (id, user_id, state, refunds, amount, currency, subscription_id)
             VALUES (?1, ?2, 'paid', 0, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET
                 state = CASE state WHEN 'declined' THEN 'paid' ELSE state END,
                 user_id = coalesce(user_id, excluded.user_id),
                 amount = coalesce(excluded.amount, amount),
                 currency = coalesce(excluded.currency, currency),
                 subscription_id = coalesce(excluded.subscription_id, subscription_id)",
        )?
        .execute(params![charge.transaction.0, charge.user, amount, currency, subscription])
        .map(|_| true)
}

/// Records a full refund. It counts once, though `refund` and a combined `order_canceled` may both
/// tell of it; and it may come before the payment, or without one (clause SEQ-04).
pub(super) fn refund(connection: &Connection, charge: &Charge) -> Result<bool, rusqlite::Error> {
    let subscription = charge.subscription.map(|id| id.0);
    let changed = connection
        .prepare_cached(
            "INSERT INTO transactions (id, user_id, state, refunds, subscription_id)
             VALUES (?1, ?2, 'refunded', 1, ?3)
             ON CONFLICT DO UPDATE SET
                 state = 'refunded', refunds = refunds + 1,
                 user_id = coalesce(user_id, excluded.user_id),
                 subscription_id = coalesce(excluded.subscription_id, subscription_id)
             WHERE state <> 'refunded'",
        )?
        .execute(params![charge.transaction.0, charge.user, subscription])?;
    if changed > 0 {
        connection
            .prepare_cached(
                "UPDATE subscriptions SET refunded = 1
                 WHERE id = (SELECT subscription_id FROM transactions WHERE id = ?1)",
            )?
            .execute(params![charge.transaction.0])?;
    }
    Ok(true)
}

/// Records a partial refund. Each one counts, also beside a full one (clause REFUND-07); what was
/// refunded in full stays so.
pub(super) fn refund_partly(
    connection: &Connection,
    charge: &Charge,
) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO transactions (id, user_id, state, refunds)
             VALUES (?1, ?2, 'partially_refunded', 1)
             ON CONFLICT DO UPDATE SET
                 state = CASE state WHEN 'refunded' THEN state ELSE 'partially_refunded' END,
                 refunds = refunds + 1,
                 user_id = coalesce(user_id, excluded.user_id)",
        )?
        .execute(params![charge.transaction.0, charge.user])
        .map(|_| true)
}

/// Records that no money came. Money that did come, by whichever order of events, counts for more.
pub(super) fn decline(
    connection: &Connection,
    transaction: TransactionId,
    user: Option<&str>,
) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO transactions (id, user_id, state, refunds) VALUES (?1, ?2, 'declined', 0)
             ON CONFLICT DO UPDATE SET user_id = coalesce(user_id, excluded.user_id)",
        )?
        .execute(params![transaction.0, user])
        .map(|_| true)
}

/// Records a paid order and grants its items, unless its cancellation has been here before.
pub(super) fn deliver(connection: &Connection, paid: &PaidOrder) -> Result<bool, Failure> {
    if let Some(charge) = &paid.payment {
        pay(connection, charge)?;
    }
    let transaction = paid.payment.as_ref().map(|charge| charge.transaction).or(paid.invoice);
    let new = connection
        .prepare_cached(
            "INSERT INTO orders (id, user_id, transaction_id, state) VALUES (?1, ?2, ?3, 'paid')
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![paid.order.0, paid.user, transaction.map(|id| id.0)])?;
    if new > 0 {
        grant(connection, paid)?;
    }
    Ok(true)
}

fn grant(connection: &Connection, paid: &PaidOrder) -> Result<(), Failure> {
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
pub(super) fn cancel(
    connection: &Connection,
    order: OrderId,
    user: &str,
    charge: Option<&Charge>,
) -> Result<bool, rusqlite::Error> {
    if let Some(charge) = charge {
        refund(connection, charge)?;
    }
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
        .map(|_| true)
}
