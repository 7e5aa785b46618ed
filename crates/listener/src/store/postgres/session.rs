//! A connection to the server that is made again when it is lost.

use std::{
    collections::BTreeMap,
    error::Error,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::{runtime, time::timeout};
use tokio_postgres::{
    Client, Config, NoTls, Row, Statement, config::TargetSessionAttrs, error::SqlState,
    types::ToSql,
};

use crate::{db::PostgresUrl, store::StoreError};

/// Time to connect to one of the URL's hosts, unless the URL says another.
const HOST_TIME_MAX: Duration = Duration::from_secs(3);

/// Time to connect to any of them, and to make the connection ready.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(9);

/// Time for everything that is asked between two commits. A server that has not answered until then is
/// taken for lost.
const WORK_TIME_MAX: Duration = Duration::from_secs(10);

/// The pause after a failed attempt to connect: the first, and, as each doubles, the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];

/// What a session is told at its beginning.
///
/// A commit that was reported is on the disk, whatever the server's default is; where the default asks
/// for more, for a standby that has applied it, it stays. The times end what a listener that froze,
/// or was cut off, left behind with its locks; they are shorter than [`WORK_TIME_MAX`].
const SETTINGS: &str = "
    SELECT set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END,
        false);
    SET search_path = hookproof;
    SET client_min_messages = warning;
    SET lock_timeout = '2s';
    SET statement_timeout = '5s';
    SET idle_in_transaction_session_timeout = '10s'";

/// A value or a column of values for a statement.
pub(super) type Value<'a> = Box<dyn ToSql + Sync + 'a>;

/// A prepared statement, and what it is asked with.
pub(super) struct Request<'a> {
    pub(super) sql: &'static str,
    pub(super) values: Vec<Value<'a>>,
}

impl Request<'_> {
    /// One without values.
    pub(super) fn bare(sql: &'static str) -> Self {
        Self { sql, values: Vec::new() }
    }
}

/// Why something was not done. Where it was a transaction, it was rolled back, but for [`Lost`](Self::Lost).
#[derive(Debug)]
pub(super) enum Failure {
    /// There is no connection any more. Whether a commit that was under way took place is unknown.
    Lost(String),
    /// Another session was in the way. It may be tried again.
    Conflict(String),
    /// The values cannot be stored, as things stand.
    Refused { refusal: StoreError, what: String },
    /// The server failed.
    Engine(String),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let what = described(&error);
        let Some(code) = error.code() else { return Self::Lost(what) };
        let class = &code.code()[..2];
        let refused = |refusal| Self::Refused { refusal, what: what.clone() };
        match (class, code) {
            (_, &SqlState::NUMERIC_VALUE_OUT_OF_RANGE) => refused(StoreError::TooMany),
            // No index takes it.
            ("54", _) => refused(StoreError::TooLong),
            // Deadlock and serialisation failure; a lock that was not got in time.
            ("40", _) | (_, &SqlState::LOCK_NOT_AVAILABLE) => Self::Conflict(what),
            // Connection trouble, the server going down or being full of sessions; a server that has
            // become a standby; a session that was ended for its idleness.
            ("08" | "57", _)
            | (
                _,
                &SqlState::TOO_MANY_CONNECTIONS
                | &SqlState::READ_ONLY_SQL_TRANSACTION
                | &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            ) => Self::Lost(what),
            ("22" | "23", _) => refused(StoreError::Failed),
            _ => Self::Engine(what),
        }
    }
}

/// An error and its causes in one line. Of the server's own words only code and message: its details
/// quote rows, and with them users.
pub(super) fn described(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", error.message(), error.code().code());
    }
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        said = format!("{said}: {next}");
        cause = next.source();
    }
    said
}

/// A connection that is ready to be asked.
pub(super) struct Connection {
    pub(super) client: Client,
    statements: BTreeMap<&'static str, Statement>,
}

impl Connection {
    /// Connects. The other half of the connection lives as long as the runtime.
    async fn open(config: &Config) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(cause = %described(&error), "a connection to PostgreSQL ended");
            }
        });
        client.batch_execute(SETTINGS).await?;
        Ok(Self { client, statements: BTreeMap::new() })
    }

    async fn prepare(&mut self, statements: &[&'static str]) -> Result<(), tokio_postgres::Error> {
        let asked = statements.iter().map(|sql| self.client.prepare(sql));
        let prepared = in_turn(asked).await?;
        self.statements = statements.iter().copied().zip(prepared).collect();
        Ok(())
    }

    /// Asks in this order, without waiting for one answer before the next request leaves: all of them
    /// cost one round trip.
    pub(super) async fn ask(&self, requests: Vec<Request<'_>>) -> Result<Vec<Vec<Row>>, Failure> {
        let asked = requests.iter().map(|request| async move {
            let statement = &self.statements[request.sql];
            let values: Vec<&(dyn ToSql + Sync)> =
                request.values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
            self.client.query(statement, &values).await
        });
        Ok(in_turn(asked).await?)
    }
}

/// Starts futures one after the other, then waits for all. The client sends a request when its future
/// is polled for the first time.
async fn in_turn<T>(
    futures: impl Iterator<Item = impl Future<Output = Result<T, tokio_postgres::Error>>>,
) -> Result<Vec<T>, tokio_postgres::Error> {
    let mut started = Vec::new();
    for future in futures {
        let mut future = Box::pin(future);
        let first = std::future::poll_fn(|context: &mut Context<'_>| {
            Poll::Ready(Pin::new(&mut future).poll(context))
        })
        .await;
        started.push((future, first));
    }
    let mut results = Vec::with_capacity(started.len());
    for (future, first) in started {
        results.push(match first {
            Poll::Ready(result) => result?,
            Poll::Pending => future.await?,
        });
    }
    Ok(results)
}

/// What is asked of a server, over a connection that comes and goes.
pub(super) struct Session {
    // None only while it is dropped.
    runtime: Option<runtime::Runtime>,
    config: Config,
    statements: &'static [&'static str],
    connection: Option<Connection>,
    /// How long to leave a server alone that could not be reached, since when, and what it said.
    away: Option<(Duration, Instant, String)>,
}

impl Session {
    /// A session that is not connected yet.
    pub(super) fn new(url: &PostgresUrl, statements: &'static [&'static str]) -> io::Result<Self> {
        let mut config = url.config();
        config.application_name("hookproof-listener");
        // Never a standby: it could not be written to, and what is read from it may be old.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(HOST_TIME_MAX);
        }
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime: Some(runtime), config, statements, connection: None, away: None })
    }

    fn runtime(&self) -> &runtime::Runtime {
        self.runtime.as_ref().expect("it is there until the session is dropped")
    }

    /// Does something once over a connection of its own, before any statement is prepared.
    pub(super) fn once<T, E: From<tokio_postgres::Error>>(
        &self,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, E>,
    ) -> Result<T, E> {
        self.runtime().block_on(async {
            let mut connection = Connection::open(&self.config).await?;
            work(&mut connection.client).await
        })
    }

    /// Does something over the connection, within [`WORK_TIME_MAX`]. A connection that is lost is given
    /// up; the next work gets a new one.
    pub(super) fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.connect()?;
        let connection = self.connection.as_ref().expect("it was made just now");
        let within = async { timeout(WORK_TIME_MAX, work(connection)).await };
        let result = self.runtime().block_on(within).unwrap_or_else(|_| {
            let seconds = WORK_TIME_MAX.as_secs();
            Err(Failure::Lost(format!("the server did not answer within {seconds} s")))
        });
        if let Err(Failure::Lost(_)) = &result {
            self.connection = None;
        }
        result
    }

    /// Whether a connection stands, as far as anybody knows.
    pub(super) fn is_connected(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| !connection.client.is_closed())
    }

    fn connect(&mut self) -> Result<(), Failure> {
        if self.is_connected() {
            return Ok(());
        }
        let mut pause = PAUSES[0];
        if let Some((last, since, what)) = &self.away {
            // Whoever waits is told at once, and the server is not stormed when it comes back.
            if since.elapsed() < *last {
                return Err(Failure::Lost(what.clone()));
            }
            pause = (*last * 2).min(PAUSES[1]);
        }
        let connecting = async {
            let open = async {
                let mut connection = Connection::open(&self.config).await?;
                connection.prepare(self.statements).await?;
                Ok::<_, tokio_postgres::Error>(connection)
            };
            match timeout(CONNECT_TIME_MAX, open).await {
                Ok(connected) => connected.map_err(|error| described(&error)),
                Err(_) => Err(format!("no answer within {} s", CONNECT_TIME_MAX.as_secs())),
            }
        };
        match self.runtime().block_on(connecting) {
            Ok(connection) => {
                if self.away.take().is_some() {
                    tracing::info!("the PostgreSQL server is back");
                }
                self.connection = Some(connection);
                Ok(())
            }
            Err(what) => {
                self.connection = None;
                self.away = Some((pause, Instant::now(), what.clone()));
                Err(Failure::Lost(what))
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.connection = None;
        // Whoever drops the last handle of a store may be a task, and may not block.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
