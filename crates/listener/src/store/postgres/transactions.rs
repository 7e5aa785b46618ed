//! Money: payments, refunds, and payments that were refused.

use tokio_postgres::Row;

use super::{
    batch::{Step, Steps, numbers, runs, texts},
    session::Request,
};
use crate::{event::Charge, notification::TransactionId};

/// Records payments. One that comes after a refund of it stays refunded.
pub(super) const PAY: &str = "
    INSERT INTO transactions AS known
        (id, user_id, state, refunds, amount, currency, subscription_id)
    SELECT id, user_id, 'paid', 0, amount, currency, subscription_id
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[])
        AS new (id, user_id, amount, currency, subscription_id)
    ON CONFLICT (id) DO UPDATE SET
        state = CASE known.state WHEN 'declined' THEN 'paid' ELSE known.state END,
        user_id = coalesce(known.user_id, excluded.user_id),
        amount = coalesce(excluded.amount, known.amount),
        currency = coalesce(excluded.currency, known.currency),
        subscription_id = coalesce(excluded.subscription_id, known.subscription_id)";

/// Records full refunds. Each counts once, though `refund` and a combined `order_canceled` may both
/// tell of it; and it may come before the payment, or without one (clause SEQ-04). Returns those that
/// counted, and the subscription that was charged.
pub(super) const REFUND: &str = "
    INSERT INTO transactions AS known (id, user_id, state, refunds, subscription_id)
    SELECT id, user_id, 'refunded', 1, subscription_id
    FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS new (id, user_id, subscription_id)
    ON CONFLICT (id) DO UPDATE SET
        state = 'refunded',
        refunds = known.refunds + 1,
        user_id = coalesce(known.user_id, excluded.user_id),
        subscription_id = coalesce(excluded.subscription_id, known.subscription_id)
    WHERE known.state <> 'refunded'
    RETURNING id, subscription_id";

/// Records partial refunds. Each one counts, also beside a full one (clause REFUND-07); what was
/// refunded in full stays so.
pub(super) const REFUND_PARTLY: &str = "
    INSERT INTO transactions AS known (id, user_id, state, refunds)
    SELECT id, user_id, 'partially_refunded', 1
    FROM unnest($1::bigint[], $2::text[]) AS new (id, user_id)
    ON CONFLICT (id) DO UPDATE SET
        state = CASE known.state WHEN 'refunded' THEN known.state ELSE 'partially_refunded' END,
        refunds = known.refunds + 1,
        user_id = coalesce(known.user_id, excluded.user_id)";

/// Records that no money came. Money that did come, by whichever order of events, counts for more.
pub(super) const DECLINE: &str = "
    INSERT INTO transactions AS known (id, user_id, state, refunds)
    SELECT id, user_id, 'declined', 0
    FROM unnest($1::bigint[], $2::text[]) AS new (id, user_id)
    ON CONFLICT (id) DO UPDATE SET user_id = coalesce(known.user_id, excluded.user_id)";

/// What an event does to a transaction.
#[derive(Debug, Clone, Copy)]
pub(super) enum TransactionStep<'a> {
    Pay(&'a Charge),
    Refund(&'a Charge),
    RefundPartly(&'a Charge),
    Decline(TransactionId, Option<&'a str>),
}

impl<'a> TransactionStep<'a> {
    pub(super) fn transaction(self) -> i64 {
        match self {
            Self::Pay(charge) | Self::Refund(charge) | Self::RefundPartly(charge) => {
                charge.transaction.0
            }
            Self::Decline(transaction, _) => transaction.0,
        }
    }

    fn user(self) -> Option<&'a str> {
        match self {
            Self::Pay(charge) | Self::Refund(charge) | Self::RefundPartly(charge) => {
                charge.user.as_deref()
            }
            Self::Decline(_, user) => user,
        }
    }

    fn charge(self) -> Option<&'a Charge> {
        match self {
            Self::Pay(charge) | Self::Refund(charge) | Self::RefundPartly(charge) => Some(charge),
            Self::Decline(..) => None,
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Pay(_) => PAY,
            Self::Refund(_) => REFUND,
            Self::RefundPartly(_) => REFUND_PARTLY,
            Self::Decline(..) => DECLINE,
        }
    }
}

/// What was asked, one entry for each request: row and event of each step.
pub(super) struct Asked(Vec<Vec<(i64, usize)>>);

/// Asks for these steps.
pub(super) fn requests<'r, 'a: 'r>(
    steps: &mut Steps<i64, TransactionStep<'a>>,
    requests: &mut Vec<Request<'r>>,
) -> Asked {
    let mut asked = Vec::new();
    for run in runs(steps, |one, other| one.sql() == other.sql()) {
        requests.push(request(run));
        asked.push(run.iter().map(|step| (step.row, step.event)).collect());
    }
    Asked(asked)
}

fn request<'a>(run: &[Step<i64, TransactionStep<'a>>]) -> Request<'a> {
    let sql = run.first().map_or(PAY, |step| step.what.sql());
    let charges = || run.iter().map(|step| step.what.charge());
    let paid = || charges().map(|charge| charge.and_then(|charge| charge.paid.as_ref()));
    let mut values = vec![
        numbers(run.iter().map(|step| step.row)),
        texts(run.iter().map(|step| step.what.user())),
    ];
    if sql == PAY {
        let amounts = paid().map(|paid| paid.map(|paid| paid.amount.to_string()));
        values.push(Box::new(amounts.collect::<Vec<Option<String>>>()));
        values.push(texts(paid().map(|paid| paid.and_then(|paid| paid.currency.as_deref()))));
    }
    if sql == PAY || sql == REFUND {
        let subscriptions = charges().map(|charge| charge.and_then(|charge| charge.subscription));
        values.push(numbers(subscriptions.map(|subscription| subscription.map(|id| id.0))));
    }
    Request { sql, values }
}

impl Asked {
    /// The events whose refund counted, and the subscription whose charge went back.
    pub(super) fn refunded(
        &self,
        answers: &mut impl Iterator<Item = Vec<Row>>,
    ) -> Vec<(usize, i64)> {
        let mut refunded = Vec::new();
        for (steps, rows) in self.0.iter().zip(answers) {
            for row in rows {
                let (id, subscription): (i64, Option<i64>) = (row.get(0), row.get(1));
                let event = steps.iter().find(|(row, _)| *row == id).map(|(_, event)| *event);
                refunded.extend(event.zip(subscription));
            }
        }
        refunded
    }
}
