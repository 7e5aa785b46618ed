//! Disputes, the blocklist, payment accounts: what is known about money, and moves none.

use std::borrow::Cow;

use tokio_postgres::Row;

use super::{
    batch::{Step, Steps, flags, numbers, runs, storable, texts},
    session::Request,
};
use crate::event::{Blocked, Disputed};

/// Records how disputes stand.
pub(super) const DISPUTE: &str = "
    INSERT INTO disputes (transaction_id, type, action, status, reason)
    SELECT transaction_id, type, action, status, reason
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
        AS new (transaction_id, type, action, status, reason)
    ON CONFLICT (transaction_id, type) DO UPDATE SET
        action = excluded.action, status = excluded.status, reason = excluded.reason";

/// Records entries of the blocklist. What happened before the last that is known changes nothing;
/// where one of the two says no time, they count in the order in which they come.
pub(super) const BLOCK: &str = "
    INSERT INTO blocklist AS known (parameter, value, listed, reason, changed_ms)
    SELECT parameter, value, listed, reason, changed_ms
    FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::bigint[])
        AS new (parameter, value, listed, reason, changed_ms)
    ON CONFLICT (parameter, value) DO UPDATE SET
        listed = excluded.listed, reason = excluded.reason,
        changed_ms = coalesce(excluded.changed_ms, known.changed_ms)
    WHERE (known.listed <> excluded.listed
            OR known.changed_ms IS DISTINCT FROM excluded.changed_ms)
        AND coalesce(excluded.changed_ms >= known.changed_ms, true)
    RETURNING parameter, value";

/// Records that payment accounts were saved or removed.
pub(super) const ACCOUNT: &str = "
    INSERT INTO payment_accounts AS known (user_id, id, saved)
    SELECT user_id, id, saved
    FROM unnest($1::text[], $2::text[], $3::boolean[]) AS new (user_id, id, saved)
    ON CONFLICT (user_id, id) DO UPDATE SET saved = excluded.saved
    WHERE known.saved <> excluded.saved
    RETURNING user_id, id";

/// A key of two texts, as they are stored.
type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// What the events of a batch say.
#[derive(Default)]
pub(super) struct News<'a> {
    disputes: Steps<(i64, Cow<'a, str>), &'a Disputed>,
    blocklist: Steps<Pair<'a>, &'a Blocked>,
    accounts: Steps<Pair<'a>, bool>,
}

/// What was asked, one entry for each request: row and event of each step whose effect is asked for.
pub(super) struct Asked<'a>(Vec<Vec<(Pair<'a>, usize)>>);

impl<'a> News<'a> {
    pub(super) fn dispute(&mut self, event: usize, dispute: &'a Disputed) {
        let kind = storable(dispute.kind.as_deref().unwrap_or_default());
        self.disputes.push(Step { row: (dispute.transaction.0, kind), event, what: dispute });
    }

    pub(super) fn block(&mut self, event: usize, entry: &'a Blocked) {
        let row = (storable(&entry.parameter), storable(&entry.value));
        self.blocklist.push(Step { row, event, what: entry });
    }

    pub(super) fn account(&mut self, event: usize, user: &'a str, id: &'a str, saved: bool) {
        let row = (storable(user), storable(id));
        self.accounts.push(Step { row, event, what: saved });
    }

    /// Asks for all of them.
    pub(super) fn requests<'b>(&'b mut self, requests: &mut Vec<Request<'b>>) -> Asked<'a> {
        let mut asked = Vec::new();
        for run in runs(&mut self.disputes, |_, _| true) {
            requests.push(dispute(run));
            asked.push(Vec::new());
        }
        for run in runs(&mut self.blocklist, |_, _| true) {
            requests.push(block(run));
            asked.push(run.iter().map(|step| (step.row.clone(), step.event)).collect());
        }
        for run in runs(&mut self.accounts, |_, _| true) {
            let users = texts(run.iter().map(|step| &*step.row.0));
            let ids = texts(run.iter().map(|step| &*step.row.1));
            let saved = flags(run.iter().map(|step| step.what));
            requests.push(Request { sql: ACCOUNT, values: vec![users, ids, saved] });
            asked.push(run.iter().map(|step| (step.row.clone(), step.event)).collect());
        }
        Asked(asked)
    }
}

fn dispute<'b>(run: &'b [Step<(i64, Cow<'_, str>), &Disputed>]) -> Request<'b> {
    let values = vec![
        numbers(run.iter().map(|step| step.row.0)),
        texts(run.iter().map(|step| &*step.row.1)),
        texts(run.iter().map(|step| step.what.action.as_deref())),
        texts(run.iter().map(|step| step.what.status.as_deref())),
        texts(run.iter().map(|step| step.what.reason.as_deref())),
    ];
    Request { sql: DISPUTE, values }
}

fn block<'b>(run: &'b [Step<Pair<'_>, &Blocked>]) -> Request<'b> {
    let values = vec![
        texts(run.iter().map(|step| &*step.row.0)),
        texts(run.iter().map(|step| &*step.row.1)),
        flags(run.iter().map(|step| step.what.listed)),
        texts(run.iter().map(|step| step.what.reason.as_deref())),
        numbers(run.iter().map(|step| step.what.changed_ms)),
    ];
    Request { sql: BLOCK, values }
}

impl Asked<'_> {
    /// The events that changed an entry or an account.
    pub(super) fn changed(&self, answers: &mut impl Iterator<Item = Vec<Row>>) -> Vec<usize> {
        let mut changed = Vec::new();
        for (steps, rows) in self.0.iter().zip(answers) {
            // A dispute returns nothing: it always counts.
            for row in &rows {
                let (one, other): (&str, &str) = (row.get(0), row.get(1));
                let step = steps.iter().find(|(row, _)| row.0 == one && row.1 == other);
                changed.extend(step.map(|(_, event)| *event));
            }
        }
        changed
    }
}
