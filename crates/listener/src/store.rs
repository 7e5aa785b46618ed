//! What happened so far: recorded once, durably, and readable.
//!
//! The queue before the database and the answers after the commit are the same for every engine and
//! stand in [`writer`]; an engine is what implements [`Database`] and [`Reader`].

mod outbox;
mod postgres;
mod readers;
mod schema;
mod sqlite;
mod writer;

use std::{collections::BTreeMap, error::Error, path::Path, sync::Arc};

use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use self::{outbox::Entry, sqlite::audit::Audit};
use self::{
    outbox::{Out, Outbox},
    postgres::Postgres,
    readers::Readers,
    sqlite::Sqlite,
    writer::Job,
};
pub use self::{postgres::ServerError, schema::DatabaseError};
use crate::{
    config::Limits,
    db::{Db, PostgresUrl},
    event::{Event, Key},
    metrics::Metrics,
};

/// An error of an engine, for the log.
type Cause = Box<dyn Error + Send + Sync>;

/// How a recorded event relates to what was recorded before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was new, and its effects are durable.
    Applied,
    /// It had been recorded before, and changed nothing. Its first result was success, since nothing
    /// else is ever recorded; so success is the answer again (clause IDEM-01).
    Repeat,
}

/// Why an event was not recorded. It changed nothing then, but where that is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreError {
    /// More events wait than may.
    #[error("too many notifications wait for the database")]
    Busy,
    /// The database failed. The cause was logged where it happened.
    #[error("the database failed")]
    Failed,
    /// The database's server cannot be reached, or its answer was lost: then the event may have been
    /// recorded, and its repeat will find that out. The cause was logged where it happened.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The player would own more of an article than can be counted.
    #[error("the quantity is more than an inventory can hold")]
    TooMany,
    /// A name is longer than the database can find again.
    #[error("a name is longer than the database's keys may be")]
    TooLong,
}

impl StoreError {
    /// What an engine's failure is to whoever waits.
    fn of(cause: &Cause) -> Self {
        if cause.is::<Away>() { Self::Unavailable } else { Self::Failed }
    }
}

/// The [`Cause`] of an engine whose server cannot be reached.
#[derive(Debug, thiserror::Error)]
#[error("the server is away: {0}")]
struct Away(String);

/// The writing side of an engine.
trait Database: Send + 'static {
    /// Applies events, all in one transaction unless one of them fails, and returns when they are
    /// durable.
    ///
    /// Has one result for each event, in order; an event whose result is an error changed nothing
    /// and does not keep the others from being applied. A repeat may repeat an event of the same
    /// batch. Returns `Err` if nothing at all was applied, or if that cannot be told.
    fn apply(&mut self, events: &[Event]) -> Result<Vec<Result<Outcome, StoreError>>, Cause>;

    /// Deletes these entries of the outbox, durably.
    fn forget(&mut self, entries: &[i64]) -> Result<(), Cause>;

    /// Writes something durably that changes nothing: fails where [`Database::apply`] would.
    fn check(&mut self) -> Result<(), Cause>;

    /// Does what the engine has to do now and then, after a batch's answers have left.
    fn catch_up(&mut self) -> Result<(), Cause> {
        Ok(())
    }
}

/// The reading side of an engine.
trait Reader: Send + 'static {
    /// What is recorded of a user.
    fn view(&mut self, user: &str) -> Result<View, Cause>;

    /// Whether the event of this key is recorded.
    fn has_recorded(&mut self, key: &Key) -> Result<bool, Cause>;
}

/// Opens an SQLite database without its writer's thread: each call is one transaction, and says how many
/// of its events were new.
#[cfg(feature = "internals")]
pub(crate) fn alone(
    path: &Path,
) -> Result<impl FnMut(&[Event]) -> Result<usize, Cause> + use<>, DatabaseError> {
    let mut database = Sqlite::open(path)?;
    Ok(move |events: &[Event]| {
        let results = database.apply(events)?;
        database.catch_up()?;
        Ok(results.iter().filter(|result| **result == Ok(Outcome::Applied)).count())
    })
}

/// What is recorded of a user.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// Quantity by article.
    pub(crate) items: BTreeMap<String, i64>,
    /// The subscriptions by number.
    pub(crate) subscriptions: BTreeMap<i64, SubscriptionView>,
    /// The transactions by number.
    pub(crate) transactions: BTreeMap<i64, TransactionView>,
}

/// What is recorded of a subscription.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SubscriptionView {
    /// Its plan, if a notification said it.
    pub(crate) plan: Option<String>,
    /// `active`, `non_renewing` or `canceled`.
    pub(crate) state: String,
    /// When it is charged next, or would have been, as it was written.
    pub(crate) next_charge: Option<String>,
}

/// What is recorded of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TransactionView {
    /// `paid`, `partially_refunded`, `refunded` or `declined`.
    pub(crate) state: String,
    /// Refunds, whole and partial, that took effect.
    pub(crate) refunds: i64,
}

/// Handle to what is stored; clones share one writer and the readers.
#[derive(Clone)]
pub(crate) struct Store {
    // The readers go first: whoever closes an SQLite database last moves its log into the file.
    readers: Arc<Readers>,
    out: Option<Out>,
    jobs: mpsc::Sender<Job>,
    open: watch::Receiver<()>,
}

impl Store {
    /// Opens a database, creating or migrating its tables if need be, and starts its writer. If it hands
    /// over, it also keeps what the game is to be told.
    pub(crate) fn open(
        db: &Db,
        limits: &Limits,
        metrics: Arc<Metrics>,
        hands_over: bool,
    ) -> Result<Self, DatabaseError> {
        match db {
            Db::File(path) => Self::open_file(path, limits, metrics, hands_over),
            Db::Postgres(url) => Self::open_server(url, limits, metrics, hands_over),
        }
    }

    fn open_file(
        path: &Path,
        limits: &Limits,
        metrics: Arc<Metrics>,
        hands_over: bool,
    ) -> Result<Self, DatabaseError> {
        let database = Sqlite::open(path)?.handing_over(hands_over);
        let readers: Vec<Box<dyn Reader>> = vec![Box::new(Sqlite::open_reader(path)?)];
        let outbox: Option<Box<dyn Outbox>> =
            if hands_over { Some(Box::new(Sqlite::open_reader(path)?)) } else { None };
        Self::start(database, readers, outbox, limits, metrics).map_err(DatabaseError::Thread)
    }

    fn open_server(
        url: &PostgresUrl,
        limits: &Limits,
        metrics: Arc<Metrics>,
        hands_over: bool,
    ) -> Result<Self, DatabaseError> {
        let database = Postgres::open(url)?.handing_over(hands_over);
        let start = || {
            let readers = postgres::readers(url)?;
            let outbox: Option<Box<dyn Outbox>> =
                if hands_over { Some(Box::new(postgres::Desk::new(url)?)) } else { None };
            Self::start(database, readers, outbox, limits, metrics)
        };
        start().map_err(DatabaseError::Thread)
    }

    fn start(
        database: impl Database,
        readers: Vec<Box<dyn Reader>>,
        outbox: Option<Box<dyn Outbox>>,
        limits: &Limits,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let out = outbox.map(Out::new);
        let (jobs, open) =
            writer::start(database, limits, metrics, out.as_ref().map(|out| out.bell.clone()))?;
        Ok(Self { readers: Arc::new(Readers::new(readers)), out, jobs, open })
    }

    /// Resolves when the database is closed, some time after the last clone of this is gone.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + use<> {
        let mut open = self.open.clone();
        async move { while open.changed().await.is_ok() {} }
    }

    /// Records an event, unless it has been. Returns after the commit that makes it durable.
    pub(crate) async fn record(&self, event: Event) -> Result<Outcome, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Record { event, answer })?;
        answered.await.unwrap_or(Err(StoreError::Failed))
    }

    /// Whether an event could be recorded now. Waits behind those that are.
    pub(crate) async fn check(&self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Check { answer })?;
        answered.await.unwrap_or(Err(StoreError::Failed))
    }

    /// How many entries of the outbox wait.
    pub(crate) async fn count_out(&self) -> Result<u64, StoreError> {
        let Some(out) = &self.out else { return Ok(0) };
        out.ask(Outbox::count).await
    }

    /// The next entries of the outbox, in order; none either while it is another listener's turn. It is
    /// this one's then, until [`Store::release_out`].
    pub(crate) async fn take_out(&self, entries_max: u32) -> Result<Vec<Entry>, StoreError> {
        let Some(out) = &self.out else { return Ok(Vec::new()) };
        out.ask(move |outbox| outbox.take(entries_max)).await
    }

    /// Gives up the turn.
    pub(crate) async fn release_out(&self) -> Result<(), StoreError> {
        let Some(out) = &self.out else { return Ok(()) };
        out.ask(Outbox::release).await
    }

    /// Deletes entries of the outbox. Returns after the commit, and waits for room in the queue:
    /// whatever was handed over and is not deleted is handed over again.
    pub(crate) async fn forget_out(&self, entries: Vec<i64>) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Forget { entries, answer };
        self.jobs.send(job).await.map_err(|_| StoreError::Failed)?;
        answered.await.unwrap_or(Err(StoreError::Failed))
    }

    /// Resolves when an entry of the outbox may have been written here since it last resolved.
    pub(crate) async fn written_out(&self) {
        match &self.out {
            Some(out) => out.rung().await,
            None => std::future::pending().await,
        }
    }

    /// How many events wait for the writer.
    pub(crate) fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Failed,
        })
    }

    /// What is recorded of a user.
    pub(crate) async fn view(&self, user: String) -> Result<View, StoreError> {
        self.read(move |reader| reader.view(&user)).await
    }

    /// Whether the event of this key is recorded, and so was answered with success.
    pub(crate) async fn has_recorded(&self, key: Key) -> Result<bool, StoreError> {
        self.read(move |reader| reader.has_recorded(&key)).await
    }

    /// Reads beside the writer, without waiting for it, and on a thread that may block.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Reader) -> Result<T, Cause> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut reader = Readers::take(&self.readers).await;
        let result = tokio::task::spawn_blocking(move || read(reader.get())).await;
        result.map_err(Cause::from).flatten().map_err(|cause| {
            tracing::error!(cause = %cause, "cannot read the database");
            StoreError::of(&cause)
        })
    }
}

#[cfg(test)]
mod tests;
