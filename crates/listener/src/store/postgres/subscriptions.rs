//! Subscriptions, whatever order their notifications come in: the rules of SQLite's module of this
//! name, which says why they are so.

use tokio_postgres::Row;

use super::{
    batch::{Step, Steps, numbers, runs, texts},
    session::Request,
};
use crate::{event::Subscribed, notification::SubscriptionStep};

/// What has been here before a creation is later news: only what that left open is filled in.
pub(super) const CREATE: &str = "
    INSERT INTO subscriptions AS known
        (id, user_id, plan, state, next_charge, next_charge_ms, refunded)
    SELECT id, user_id, plan, 'active', next_charge, next_charge_ms, false
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[])
        AS new (id, user_id, plan, next_charge, next_charge_ms)
    ON CONFLICT (id) DO UPDATE SET
        plan = coalesce(known.plan, excluded.plan),
        next_charge = coalesce(known.next_charge, excluded.next_charge),
        next_charge_ms = CASE WHEN known.next_charge IS NULL
            THEN excluded.next_charge_ms ELSE known.next_charge_ms END
    WHERE known.state <> 'canceled'
    RETURNING id";

/// Dates that cannot be compared count in the order in which they come.
pub(super) const UPDATE: &str = "
    INSERT INTO subscriptions AS known
        (id, user_id, plan, state, next_charge, next_charge_ms, refunded)
    SELECT id, user_id, plan, 'active', next_charge, next_charge_ms, false
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[])
        AS new (id, user_id, plan, next_charge, next_charge_ms)
    ON CONFLICT (id) DO UPDATE SET
        plan = coalesce(excluded.plan, known.plan),
        state = 'active',
        next_charge = coalesce(excluded.next_charge, known.next_charge),
        next_charge_ms = CASE WHEN excluded.next_charge IS NULL
            THEN known.next_charge_ms ELSE excluded.next_charge_ms END,
        refunded = false
    WHERE known.state <> 'canceled'
        AND (known.refunded
            OR known.plan IS DISTINCT FROM coalesce(excluded.plan, known.plan)
            OR coalesce(excluded.next_charge_ms >= known.next_charge_ms, true))
    RETURNING id";

pub(super) const NON_RENEWAL: &str = "
    INSERT INTO subscriptions AS known
        (id, user_id, plan, state, next_charge, next_charge_ms, refunded)
    SELECT id, user_id, plan, 'non_renewing', next_charge, next_charge_ms, false
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[])
        AS new (id, user_id, plan, next_charge, next_charge_ms)
    ON CONFLICT (id) DO UPDATE SET
        plan = coalesce(known.plan, excluded.plan),
        state = 'non_renewing',
        next_charge = CASE WHEN excluded.next_charge_ms < known.next_charge_ms
            THEN known.next_charge ELSE coalesce(excluded.next_charge, known.next_charge) END,
        next_charge_ms = CASE WHEN excluded.next_charge_ms < known.next_charge_ms
                OR excluded.next_charge IS NULL
            THEN known.next_charge_ms ELSE excluded.next_charge_ms END
    WHERE known.state <> 'canceled'
    RETURNING id";

/// A subscription that has ended is never charged again.
pub(super) const END: &str = "
    INSERT INTO subscriptions AS known (id, user_id, plan, state, refunded)
    SELECT id, user_id, plan, 'canceled', false
    FROM unnest($1::bigint[], $2::text[], $3::text[]) AS new (id, user_id, plan)
    ON CONFLICT (id) DO UPDATE SET
        plan = coalesce(known.plan, excluded.plan),
        state = 'canceled', next_charge = NULL, next_charge_ms = NULL
    RETURNING id";

/// Takes an update that was seen before, if it sets the next charge back after a refund: back to a date
/// that was announced once already. Where another session holds the row, the conditions are looked at
/// again when it lets go, so of two such updates one counts.
pub(super) const SHORTEN: &str = "
    UPDATE subscriptions SET next_charge = $3::text, next_charge_ms = $4::bigint, refunded = false
    WHERE id = $1::bigint AND refunded AND state <> 'canceled'
        AND plan IS NOT DISTINCT FROM coalesce($2::text, plan) AND next_charge_ms > $4::bigint
    RETURNING id";

/// Notes that a charge went back, and so that the next charge may become an earlier one.
pub(super) const MARK_REFUNDED: &str =
    "UPDATE subscriptions SET refunded = true WHERE id = $1::bigint";

/// What an event does to a subscription.
#[derive(Debug, Clone, Copy)]
pub(super) enum SubscriptionChange<'a> {
    /// One step of it.
    Step(SubscriptionStep, &'a Subscribed),
    /// An update again.
    Shorten(&'a Subscribed),
    /// A charge of this subscription went back.
    MarkRefunded(i64),
}

impl SubscriptionChange<'_> {
    pub(super) fn subscription(self) -> i64 {
        match self {
            Self::Step(_, subscribed) | Self::Shorten(subscribed) => subscribed.id.0,
            Self::MarkRefunded(id) => id,
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Step(SubscriptionStep::Create, _) => CREATE,
            Self::Step(SubscriptionStep::Update, _) => UPDATE,
            Self::Step(SubscriptionStep::NonRenewal, _) => NON_RENEWAL,
            Self::Step(SubscriptionStep::Cancel, _) => END,
            Self::Shorten(_) => SHORTEN,
            Self::MarkRefunded(_) => MARK_REFUNDED,
        }
    }
}

/// What was asked, one entry for each request: row and event of each step.
pub(super) struct Asked(Vec<Vec<(i64, usize)>>);

/// Asks for these steps.
pub(super) fn requests<'r, 'a: 'r>(
    steps: &mut Steps<i64, SubscriptionChange<'a>>,
    requests: &mut Vec<Request<'r>>,
) -> Asked {
    let alike = |one: &SubscriptionChange<'_>, other: &SubscriptionChange<'_>| {
        // The rare ones go one by one.
        matches!(one, SubscriptionChange::Step(..)) && one.sql() == other.sql()
    };
    let mut asked = Vec::new();
    for run in runs(steps, alike) {
        requests.push(request(run));
        asked.push(run.iter().map(|step| (step.row, step.event)).collect());
    }
    Asked(asked)
}

fn request<'a>(run: &[Step<i64, SubscriptionChange<'a>>]) -> Request<'a> {
    let sql = run.first().map_or(CREATE, |step| step.what.sql());
    let values = match run {
        [Step { what: SubscriptionChange::MarkRefunded(id), .. }] => vec![one(*id)],
        [Step { what: SubscriptionChange::Shorten(subscribed), .. }] => {
            let next_charge = subscribed.next_charge.as_ref();
            vec![
                one(subscribed.id.0),
                one(subscribed.plan.as_deref().map(super::batch::storable)),
                one(next_charge.map(|moment| super::batch::storable(&moment.text))),
                one(next_charge.and_then(|moment| moment.instant_ms)),
            ]
        }
        _ => {
            let subscribed = || run.iter().filter_map(subscribed);
            let next_charge = || subscribed().map(|subscribed| subscribed.next_charge.as_ref());
            let mut values = vec![
                numbers(subscribed().map(|subscribed| subscribed.id.0)),
                texts(subscribed().map(|subscribed| subscribed.user.as_str())),
                texts(subscribed().map(|subscribed| subscribed.plan.as_deref())),
            ];
            if sql != END {
                values.push(texts(next_charge().map(|next| next.map(|moment| &*moment.text))));
                let instants = next_charge().map(|next| next.and_then(|moment| moment.instant_ms));
                values.push(numbers(instants));
            }
            values
        }
    };
    Request { sql, values }
}

fn one<'a>(value: impl tokio_postgres::types::ToSql + Sync + 'a) -> super::session::Value<'a> {
    Box::new(value)
}

fn subscribed<'a>(step: &Step<i64, SubscriptionChange<'a>>) -> Option<&'a Subscribed> {
    match step.what {
        SubscriptionChange::Step(_, subscribed) | SubscriptionChange::Shorten(subscribed) => {
            Some(subscribed)
        }
        SubscriptionChange::MarkRefunded(_) => None,
    }
}

impl Asked {
    /// The events that changed a subscription.
    pub(super) fn changed(&self, answers: &mut impl Iterator<Item = Vec<Row>>) -> Vec<usize> {
        let mut changed = Vec::new();
        for (steps, rows) in self.0.iter().zip(answers) {
            for row in rows {
                let id: i64 = row.get(0);
                changed.extend(steps.iter().find(|(row, _)| *row == id).map(|(_, event)| *event));
            }
        }
        changed
    }
}
