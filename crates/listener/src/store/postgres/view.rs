//! The reading side: what is recorded of one user.

use std::io;

use tokio_postgres::Row;

use super::{
    ROLLBACK,
    batch::storable,
    session::{Connection, Failure, Request, Session},
};
use crate::{
    db::PostgresUrl,
    event::Key,
    store::{Away, Cause, Reader, SubscriptionView, TransactionView, View},
};

/// One moment for all parts of a view.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// There is no index by user: it would cost every payment, for a view that production seldom asks for.
const ITEMS: &str = "SELECT sku, quantity FROM inventory WHERE user_id = $1 AND quantity <> 0";
const SUBSCRIPTIONS: &str =
    "SELECT id, plan, state, next_charge FROM subscriptions WHERE user_id = $1";
/// A payment that names no user belongs to the user of its order.
const TRANSACTIONS: &str = "
    SELECT id, state, refunds FROM transactions
    WHERE user_id = $1 OR (user_id IS NULL AND id IN
        (SELECT transaction_id FROM orders WHERE orders.user_id = $1))";

/// What has been recorded was committed, and is on the disk: nobody sees a row before.
const RECORDED: &str = "SELECT 1 FROM seen WHERE type = $1 AND id = $2 AND content = $3";

const STATEMENTS: &[&str] = &[BEGIN, ROLLBACK, ITEMS, SUBSCRIPTIONS, TRANSACTIONS, RECORDED];

/// One connection that reads.
pub(super) struct Viewer {
    session: Session,
}

impl Viewer {
    pub(super) fn new(url: &PostgresUrl) -> io::Result<Self> {
        Ok(Self { session: Session::new(url, STATEMENTS)? })
    }

    /// Reads; once more if the connection had been lost since it was last used.
    fn read<T>(
        &mut self,
        read: impl AsyncFn(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Cause> {
        let was_connected = self.session.is_connected();
        let mut result = self.session.run(&read);
        if was_connected && let Err(Failure::Lost(_)) = &result {
            result = self.session.run(&read);
        }
        result.map_err(|failure| match failure {
            Failure::Lost(what) => Cause::from(Away(what)),
            Failure::Conflict(what) | Failure::Engine(what) | Failure::Refused { what, .. } => {
                what.into()
            }
        })
    }
}

impl Reader for Viewer {
    fn view(&mut self, user: &str) -> Result<View, Cause> {
        let user = storable(user);
        self.read(async |connection| {
            let about = |sql| Request { sql, values: vec![Box::new(&*user)] };
            let requests = vec![
                Request::bare(BEGIN),
                about(ITEMS),
                about(SUBSCRIPTIONS),
                about(TRANSACTIONS),
                Request::bare(ROLLBACK),
            ];
            let answers = connection.ask(requests).await?;
            let rows = |number: usize| answers.get(number).map_or(&[][..], Vec::as_slice);
            Ok(view(rows(1), rows(2), rows(3)))
        })
    }

    fn has_recorded(&mut self, key: &Key) -> Result<bool, Cause> {
        self.read(async |connection| {
            let values: Vec<super::session::Value<'_>> =
                vec![Box::new(key.kind.as_str()), Box::new(key.id), Box::new(key.content.as_str())];
            let answers = connection.ask(vec![Request { sql: RECORDED, values }]).await?;
            Ok(answers.iter().any(|rows| !rows.is_empty()))
        })
    }
}

fn view(items: &[Row], subscriptions: &[Row], transactions: &[Row]) -> View {
    View {
        items: items.iter().map(|row| (row.get(0), row.get(1))).collect(),
        subscriptions: subscriptions
            .iter()
            .map(|row| {
                let (plan, state, next_charge) = (row.get(1), row.get(2), row.get(3));
                (row.get(0), SubscriptionView { plan, state, next_charge })
            })
            .collect(),
        transactions: transactions
            .iter()
            .map(|row| (row.get(0), TransactionView { state: row.get(1), refunds: row.get(2) }))
            .collect(),
    }
}
