//! Goods: orders, what they grant, and inventories.

use std::{borrow::Cow, collections::BTreeMap};

use tokio_postgres::Row;

use super::{
    batch::{Step, Steps, numbers, runs, storable, texts},
    outbox::Note,
    session::{Failure, Request},
};
use crate::{event::PaidOrder, store::StoreError};

/// Records paid orders and what they grant. Returns those that are new; where its cancellation has been
/// here before, an order grants nothing. Both halves depend on the insertion alone, so one statement
/// may do them.
pub(super) const DELIVER: &str = "
    WITH fresh AS (
        INSERT INTO orders (id, user_id, transaction_id, state)
        SELECT id, user_id, transaction_id, 'paid'
        FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS new (id, user_id, transaction_id)
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    ), written AS (
        INSERT INTO grants (order_id, line, sku, quantity)
        SELECT new.order_id, new.line, new.sku, new.quantity
        FROM unnest($4::bigint[], $5::bigint[], $6::text[], $7::bigint[])
                AS new (order_id, line, sku, quantity)
            JOIN fresh ON fresh.id = new.order_id
    )
    SELECT id FROM fresh";

/// Records cancelled orders, and holds them until the commit.
pub(super) const CANCEL: &str = "
    INSERT INTO orders (id, user_id, state)
    SELECT id, user_id, 'canceled' FROM unnest($1::bigint[], $2::text[]) AS new (id, user_id)
    ON CONFLICT (id) DO UPDATE SET state = 'canceled'";

/// What orders granted, and to whom, whoever the cancellation names.
///
/// No part of [`CANCEL`]: a statement sees what was committed when it began. If the order was just
/// being delivered by another session, [`CANCEL`] has waited for it, and only a statement that begins
/// after that sees its grants.
pub(super) const GRANTED: &str = "
    SELECT orders.user_id, grants.sku, grants.quantity, orders.id
    FROM grants JOIN orders ON orders.id = grants.order_id
    WHERE grants.order_id = ANY($1::bigint[])
    ORDER BY orders.id";

/// Adds to inventories, or takes away where the number is negative. What grows beyond 63 bits is an
/// error, and undoes the transaction. A row that was granted is never removed, so it is there to be
/// taken from.
pub(super) const CARRY: &str = "
    INSERT INTO inventory AS held (user_id, sku, quantity)
    SELECT user_id, sku, quantity
    FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (user_id, sku, quantity)
    ON CONFLICT (user_id, sku) DO UPDATE SET quantity = held.quantity + excluded.quantity";

/// What an event does to an order.
#[derive(Debug, Clone, Copy)]
pub(super) enum OrderStep<'a> {
    Deliver(&'a PaidOrder),
    /// With the user whom the cancellation names.
    Cancel(&'a str),
}

/// What a request asked.
enum Asked<'a> {
    Deliver(Vec<&'a PaidOrder>),
    Cancel,
    Granted,
}

/// What was asked of orders, one entry for each request.
pub(super) struct Goods<'a>(Vec<Asked<'a>>);

/// Asks for these steps.
pub(super) fn requests<'a>(
    steps: &mut Steps<i64, OrderStep<'a>>,
    requests: &mut Vec<Request<'a>>,
) -> Goods<'a> {
    let alike = |one: &OrderStep<'_>, other: &OrderStep<'_>| {
        matches!(one, OrderStep::Deliver(_)) == matches!(other, OrderStep::Deliver(_))
    };
    let mut asked = Vec::new();
    for run in runs(steps, alike) {
        let delivered: Vec<&PaidOrder> = run.iter().filter_map(delivered).collect();
        if delivered.is_empty() {
            let ids = || numbers(run.iter().map(|step| step.row));
            let users = texts(run.iter().filter_map(canceled));
            requests.push(Request { sql: CANCEL, values: vec![ids(), users] });
            requests.push(Request { sql: GRANTED, values: vec![ids()] });
            asked.extend([Asked::Cancel, Asked::Granted]);
        } else {
            requests.push(deliver(&delivered));
            asked.push(Asked::Deliver(delivered));
        }
    }
    Goods(asked)
}

fn delivered<'a>(step: &Step<i64, OrderStep<'a>>) -> Option<&'a PaidOrder> {
    match step.what {
        OrderStep::Deliver(paid) => Some(paid),
        OrderStep::Cancel(_) => None,
    }
}

fn canceled<'a>(step: &Step<i64, OrderStep<'a>>) -> Option<&'a str> {
    match step.what {
        OrderStep::Deliver(_) => None,
        OrderStep::Cancel(user) => Some(user),
    }
}

fn deliver<'a>(orders: &[&'a PaidOrder]) -> Request<'a> {
    let transaction = |paid: &&PaidOrder| {
        paid.payment.as_ref().map(|charge| charge.transaction).or(paid.invoice).map(|id| id.0)
    };
    let lines = || {
        orders.iter().flat_map(|paid| {
            let numbered = (0_i64..).zip(&paid.grants);
            numbered.map(|(line, grant)| (paid.order.0, line, grant))
        })
    };
    let values = vec![
        numbers(orders.iter().map(|paid| paid.order.0)),
        texts(orders.iter().map(|paid| paid.user.as_str())),
        numbers(orders.iter().map(transaction)),
        numbers(lines().map(|(order, _, _)| order)),
        numbers(lines().map(|(_, line, _)| line)),
        texts(lines().map(|(_, _, grant)| grant.sku.as_str())),
        numbers(lines().map(|(_, _, grant)| grant.quantity)),
    ];
    Request { sql: DELIVER, values }
}

impl<'a> Goods<'a> {
    /// What is to be added to inventories and taken from them, all in all.
    pub(super) fn inventories(
        self,
        answers: &mut impl Iterator<Item = Vec<Row>>,
    ) -> Inventories<'a> {
        let mut inventories = Inventories::default();
        for (asked, rows) in self.0.into_iter().zip(answers) {
            match asked {
                Asked::Deliver(orders) => {
                    let fresh: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
                    for paid in orders.iter().filter(|paid| fresh.contains(&paid.order.0)) {
                        if !paid.grants.is_empty() {
                            inventories.note(paid.order.0, false, &paid.user);
                        }
                        for grant in &paid.grants {
                            let (user, sku) = (storable(&paid.user), storable(&grant.sku));
                            inventories.add(user, sku, grant.quantity.into());
                        }
                    }
                }
                Asked::Cancel => {}
                Asked::Granted => {
                    for row in rows {
                        let (user, sku): (String, String) = (row.get(0), row.get(1));
                        let (quantity, order): (i64, i64) = (row.get(2), row.get(3));
                        inventories.note(order, true, &user);
                        inventories.add(user.into(), sku.into(), -i128::from(quantity));
                    }
                }
            }
        }
        inventories
    }
}

/// What changes in inventories, by user and article, and so in the order in which the rows are locked.
#[derive(Default)]
pub(super) struct Inventories<'a> {
    changes: BTreeMap<(Cow<'a, str>, Cow<'a, str>), i128>,
    /// Which orders were granted and taken back, in the order in which it happened.
    pub(super) notes: Vec<Note>,
}

impl<'a> Inventories<'a> {
    fn add(&mut self, user: Cow<'a, str>, sku: Cow<'a, str>, quantity: i128) {
        *self.changes.entry((user, sku)).or_default() += quantity;
    }

    /// Notes that an order was granted, or taken back. Says it once for all of its lines.
    fn note(&mut self, order: i64, taken_back: bool, user: &str) {
        if !matches!(self.notes.last(), Some(last) if (last.0, last.1) == (order, taken_back)) {
            self.notes.push((order, taken_back, user.to_owned()));
        }
    }

    /// The request, if anything changes.
    pub(super) fn request(&self) -> Result<Option<Request<'_>>, Failure> {
        let changes = || self.changes.iter().filter(|(_, quantity)| **quantity != 0);
        let quantities: Result<Vec<Option<i64>>, _> =
            changes().map(|(_, quantity)| i64::try_from(*quantity).map(Some)).collect();
        let quantities = quantities.map_err(|_| {
            let what = "a batch grants more than can be counted".to_owned();
            Failure::Refused { refusal: StoreError::TooMany, what }
        })?;
        if quantities.is_empty() {
            return Ok(None);
        }
        let users = texts(changes().map(|((user, _), _)| &**user));
        let skus = texts(changes().map(|((_, sku), _)| &**sku));
        Ok(Some(Request { sql: CARRY, values: vec![users, skus, Box::new(quantities)] }))
    }
}
