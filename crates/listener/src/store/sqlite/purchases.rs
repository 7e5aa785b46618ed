//! Money and goods: transactions, orders, inventories.

use rusqlite::params;

use super::{Failure, told::Told, transaction::Statements};
use crate::{
    event::{Charge, Grant, PaidOrder},
    notification::{OrderId, TransactionId},
    store::StoreError,
};

/// Records a payment that this told of. One that comes after a refund of it stays refunded.
pub(super) fn pay(
    statements: &mut Statements<'_>,
    charge: &Charge,
    told: Told,
) -> Result<bool, rusqlite::Error> {
    let amount = charge.paid.as_ref().map(|paid| paid.amount.to_string());
    let currency = charge.paid.as_ref().and_then(|paid| paid.currency.as_ref());
    let subscription = charge.subscription.map(|id| id.0);
    let (id, user) = (charge.transaction.0, &charge.user);
    statements
        .get(
            "INSERT INTO transactions
                 (id, user_id, state, refunds, amount, currency, subscription_id, told)
             VALUES (?1, ?2, 'paid', 0, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET
                 state = CASE state WHEN 'declined' THEN 'paid' ELSE state END,
                 user_id = coalesce(user_id, excluded.user_id),
                 amount = coalesce(excluded.amount, amount),
                 currency = coalesce(excluded.currency, currency),
                 subscription_id = coalesce(excluded.subscription_id, subscription_id),
                 told = told | excluded.told
             WHERE excluded.told = 0 OR NOT told & excluded.told",
        )?
        .execute(params![id, user, amount, currency, subscription, told.0])
        .map(|changed| changed > 0)
}

/// Records a full refund that this told of. It counts once, though `refund` and a combined
/// `order_canceled` may both tell of it; and it may come before the payment, or without one (clause
/// SEQ-04).
pub(super) fn refund(
    statements: &mut Statements<'_>,
    charge: &Charge,
    told: Told,
) -> Result<bool, rusqlite::Error> {
    let subscription = charge.subscription.map(|id| id.0);
    let changed = statements
        .get(
            "INSERT INTO transactions (id, user_id, state, refunds, subscription_id, told)
             VALUES (?1, ?2, 'refunded', 1, ?3, 0)
             ON CONFLICT DO UPDATE SET
                 state = 'refunded', refunds = refunds + 1,
                 user_id = coalesce(user_id, excluded.user_id),
                 subscription_id = coalesce(excluded.subscription_id, subscription_id)
             WHERE state <> 'refunded'",
        )?
        .execute(params![charge.transaction.0, charge.user, subscription])?;
    if changed > 0 {
        statements
            .get(
                "UPDATE subscriptions SET refunded = 1
                 WHERE id = (SELECT subscription_id FROM transactions WHERE id = ?1)",
            )?
            .execute(params![charge.transaction.0])?;
    }
    // Nothing that was refunded in full is ever anything else again: of a repeat, all this changed
    // nothing.
    statements
        .get("UPDATE transactions SET told = told | ?2 WHERE id = ?1 AND NOT told & ?2")?
        .execute(params![charge.transaction.0, told.0])
        .map(|changed| changed > 0)
}

/// Records a partial refund. Each one counts, also beside a full one (clause REFUND-07); what was
/// refunded in full stays so.
pub(super) fn refund_partly(
    statements: &mut Statements<'_>,
    charge: &Charge,
) -> Result<bool, rusqlite::Error> {
    statements
        .get(
            "INSERT INTO transactions (id, user_id, state, refunds, told)
             VALUES (?1, ?2, 'partially_refunded', 1, 0)
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
    statements: &mut Statements<'_>,
    transaction: TransactionId,
    user: Option<&str>,
    told: Told,
) -> Result<bool, rusqlite::Error> {
    statements
        .get(
            "INSERT INTO transactions (id, user_id, state, refunds, told)
             VALUES (?1, ?2, 'declined', 0, ?3)
             ON CONFLICT DO UPDATE SET
                 user_id = coalesce(user_id, excluded.user_id),
                 told = told | excluded.told
             WHERE NOT told & excluded.told",
        )?
        .execute(params![transaction.0, user, told.0])
        .map(|changed| changed > 0)
}

/// Records a paid order and grants its items, unless its cancellation has been here before.
pub(super) fn deliver(
    statements: &mut Statements<'_>,
    paid: &PaidOrder,
    told: Told,
) -> Result<bool, Failure> {
    let transaction = paid.payment.as_ref().map(|charge| charge.transaction).or(paid.invoice);
    let new = statements
        .get(
            "INSERT INTO orders (id, user_id, transaction_id, state, told)
             VALUES (?1, ?2, ?3, 'paid', ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![paid.order.0, paid.user, transaction.map(|id| id.0), told.0])?;
    if new > 0 {
        grant(statements, paid)?;
    } else {
        let cancelled_before = statements
            .get("UPDATE orders SET told = told | ?2 WHERE id = ?1 AND NOT told & ?2")?
            .execute(params![paid.order.0, told.0])?;
        if cancelled_before == 0 {
            return Ok(false);
        }
    }
    if let Some(charge) = &paid.payment {
        pay(statements, charge, Told::NOTHING)?;
    }
    Ok(true)
}

fn grant(statements: &mut Statements<'_>, paid: &PaidOrder) -> Result<(), Failure> {
    for (line, Grant { sku, quantity }) in (0_i64..).zip(&paid.grants) {
        statements
            .get("INSERT INTO grants (order_id, line, sku, quantity) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![paid.order.0, line, sku, quantity])?;
        // Without the condition, a sum beyond 63 bits would turn into a floating-point number.
        let added = statements
            .get(
                "INSERT INTO inventory (user_id, sku, quantity) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity
                 WHERE quantity <= 9223372036854775807 - excluded.quantity",
            )?
            .execute(params![paid.user, sku, quantity])?;
        if added == 0 {
            return Err(Failure::Refused(StoreError::TooMany));
        }
    }
    Ok(())
}

/// Records a cancelled order and takes back what it granted: nothing, if it is unknown.
pub(super) fn cancel(
    statements: &mut Statements<'_>,
    order: OrderId,
    user: &str,
    charge: Option<&Charge>,
    told: Told,
) -> Result<bool, rusqlite::Error> {
    let new = statements
        .get(
            "INSERT INTO orders (id, user_id, state, told) VALUES (?1, ?2, 'canceled', ?3)
             ON CONFLICT DO UPDATE SET state = 'canceled', told = told | excluded.told
             WHERE NOT told & excluded.told",
        )?
        .execute(params![order.0, user, told.0])?;
    if new == 0 {
        return Ok(false);
    }
    if let Some(charge) = charge {
        refund(statements, charge, Told::NOTHING)?;
    }
    // From the one who received it, whoever the cancellation names.
    statements
        .get(
            "UPDATE inventory SET quantity = inventory.quantity - granted.quantity
             FROM (SELECT orders.user_id, grants.sku, sum(grants.quantity) AS quantity
                   FROM grants JOIN orders ON orders.id = grants.order_id
                   WHERE grants.order_id = ?1 GROUP BY grants.sku) AS granted
             WHERE inventory.user_id = granted.user_id AND inventory.sku = granted.sku",
        )?
        .execute(params![order.0])
        .map(|_| true)
}
