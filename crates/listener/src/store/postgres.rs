//! The engine for several listeners on one database: PostgreSQL.
//!
//! The rules are SQLite's, and so are the tables; what differs is that other sessions write at the
//! same time. Three things keep the promises there:
//!
//! - A key is a row that can be inserted once. Whoever meets a key that another session has inserted
//!   and not yet committed waits for that commit; so the answer to a repeat, too, comes after it.
//! - Every rule is one statement that decides on the row as it is when it is locked (`READ COMMITTED`
//!   looks at it again after it has waited for it), and what follows from several tables is asked by a
//!   statement of its own after the lock, which sees what was committed until then. See [`batch`].
//! - All sessions lock in one order: table by table, row by row. So they wait for each other and do not
//!   deadlock; should one be chosen to give way all the same, its batch is applied again.

mod batch;
mod news;
mod orders;
mod outbox;
mod schema;
mod session;
mod subscriptions;
mod transactions;
mod view;

use std::{io, thread};

pub(super) use self::outbox::Desk;
pub use self::schema::ServerError;
use self::{
    batch::Batch,
    session::{Connection, Failure, Request, Session},
    view::Viewer,
};
use super::{Away, Cause, Database, Outcome, Reader, StoreError};
use crate::{db::PostgresUrl, event::Event};

/// Connections that read at the same time.
const READERS: usize = 4;

/// How often a batch is applied before those in its way are too many.
const ATTEMPTS_MAX: u32 = 8;

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";

/// Changes nothing, and takes all that a commit takes.
const CHECK: &str = "UPDATE hookproof.version SET number = number";

/// All that a writer asks.
const STATEMENTS: &[&str] = &[
    BEGIN,
    COMMIT,
    ROLLBACK,
    CHECK,
    batch::REMEMBER,
    transactions::PAY,
    transactions::REFUND,
    transactions::REFUND_PARTLY,
    transactions::DECLINE,
    orders::DELIVER,
    orders::CANCEL,
    orders::GRANTED,
    orders::CARRY,
    subscriptions::CREATE,
    subscriptions::UPDATE,
    subscriptions::NON_RENEWAL,
    subscriptions::END,
    subscriptions::SHORTEN,
    subscriptions::MARK_REFUNDED,
    news::DISPUTE,
    news::BLOCK,
    news::ACCOUNT,
    outbox::NOTE,
    outbox::FORGET,
];

/// The writing side: one connection.
pub(super) struct Postgres {
    session: Session,
    /// Whether it is written down what the game is to be told.
    hands_over: bool,
}

impl Postgres {
    /// Connects, and brings the schema up to date. Waits for that, on a thread of its own: whoever
    /// starts a listener may be a task.
    pub(super) fn open(url: &PostgresUrl) -> Result<Self, ServerError> {
        let open = || {
            let session = Session::new(url, STATEMENTS).map_err(ServerError::Runtime)?;
            schema::prepare(&session, url)?;
            Ok(Self { session, hands_over: false })
        };
        thread::scope(|scope| scope.spawn(open).join())
            .unwrap_or_else(|_| Err(ServerError::Runtime(io::Error::other("it panicked"))))
    }

    /// The same, which also writes down what the game is to be told.
    pub(super) fn handing_over(self, hands_over: bool) -> Self {
        Self { hands_over, ..self }
    }

    /// Applies a batch in one transaction, as often as it takes.
    fn transact(&mut self, events: &[Event]) -> Result<Vec<Outcome>, Failure> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let was_connected = self.session.is_connected();
            let batch = || Batch::new(events).handing_over(self.hands_over);
            let result =
                self.session.run(async |connection| transaction(connection, batch()).await);
            match result {
                Err(Failure::Conflict(what)) if attempts < ATTEMPTS_MAX => {
                    tracing::debug!(cause = what, attempts, "applying a batch again");
                }
                // The server may have restarted since it was last asked. If it is this batch's commit
                // that was cut off, the keys tell whether it took place.
                Err(Failure::Lost(what)) if was_connected && attempts < ATTEMPTS_MAX => {
                    tracing::warn!(cause = what, "lost the connection to PostgreSQL");
                }
                result => return result,
            }
        }
    }

    /// Asks one thing, which is a transaction by itself.
    fn write<'a>(&mut self, request: impl Fn() -> Request<'a>) -> Result<(), Cause> {
        let ask = async |connection: &Connection| connection.ask(vec![request()]).await;
        match self.session.run(ask) {
            Ok(_) => Ok(()),
            Err(Failure::Lost(what)) => Err(Box::new(Away(what))),
            Err(
                Failure::Conflict(what) | Failure::Engine(what) | Failure::Refused { what, .. },
            ) => Err(what.into()),
        }
    }

    /// Applies events; those that fail with others are halved until each fails alone.
    fn apply_or_halve(
        &mut self,
        events: &[Event],
        results: &mut Vec<Result<Outcome, StoreError>>,
    ) -> Result<(), Cause> {
        match self.transact(events) {
            Ok(outcomes) => results.extend(outcomes.into_iter().map(Ok)),
            Err(Failure::Refused { .. }) if events.len() > 1 => {
                let (first, second) = events.split_at(events.len() / 2);
                self.apply_or_halve(first, results)?;
                self.apply_or_halve(second, results)?;
            }
            Err(Failure::Refused { refusal, what }) => {
                let kind = events.first().map(Event::kind).map(tracing::field::display);
                tracing::error!(cause = what, kind, "cannot record an event");
                results.push(Err(refusal));
            }
            Err(Failure::Lost(what)) => return Err(Box::new(Away(what))),
            Err(Failure::Conflict(what) | Failure::Engine(what)) => return Err(what.into()),
        }
        Ok(())
    }
}

impl Database for Postgres {
    fn apply(&mut self, events: &[Event]) -> Result<Vec<Result<Outcome, StoreError>>, Cause> {
        let mut results = Vec::with_capacity(events.len());
        if let Err(cause) = self.apply_or_halve(events, &mut results) {
            if results.is_empty() {
                return Err(cause);
            }
            // What was applied before the halves began to fail is durable.
            tracing::error!(cause = %cause, "cannot commit all of a batch");
            results.resize(events.len(), Err(StoreError::of(&cause)));
        }
        Ok(results)
    }

    fn forget(&mut self, entries: &[i64]) -> Result<(), Cause> {
        self.write(|| Request { sql: outbox::FORGET, values: vec![Box::new(entries)] })
    }

    fn check(&mut self) -> Result<(), Cause> {
        self.write(|| Request::bare(CHECK))
    }
}

/// One transaction, committed or rolled back. Its round trips are the same few for any number of
/// events.
async fn transaction(connection: &Connection, batch: Batch<'_>) -> Result<Vec<Outcome>, Failure> {
    match batch.apply(connection).await {
        Ok(outcomes) => {
            connection.ask(vec![Request::bare(COMMIT)]).await?;
            Ok(outcomes)
        }
        Err(failure @ Failure::Lost(_)) => Err(failure),
        Err(failure) => {
            connection.ask(vec![Request::bare(ROLLBACK)]).await.map_err(lost)?;
            Err(failure)
        }
    }
}

/// A transaction that cannot be rolled back ends with its connection.
fn lost(failure: Failure) -> Failure {
    match failure {
        Failure::Lost(what)
        | Failure::Conflict(what)
        | Failure::Engine(what)
        | Failure::Refused { what, .. } => Failure::Lost(what),
    }
}

/// The reading side: connections that are made when they are first needed.
pub(super) fn readers(url: &PostgresUrl) -> io::Result<Vec<Box<dyn Reader>>> {
    (0..READERS)
        .map(|_| Viewer::new(url).map(|reader| Box::new(reader) as Box<dyn Reader>))
        .collect()
}

#[cfg(test)]
mod tests;
