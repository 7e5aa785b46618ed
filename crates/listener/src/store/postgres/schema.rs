//! The tables in the server, and whether they are ours at all.
//!
//! They stand in a schema of their own, so that a game's database may be shared: `orders` and
//! `inventory` are names that others use too.

use std::io;

use tokio_postgres::{Client, error::SqlState};

use super::session::{Session, described};
use crate::db::PostgresUrl;

/// Stands as a comment on the table of the version: another program's schema is not touched.
const MARK: &str = "hookproof-listener";

/// The number of the advisory lock under which the schema is changed: "Hook" in ASCII.
const LOCK: i64 = 0x486f_6f6b;

/// Schema steps: `MIGRATIONS[n]` takes a database from version `n` to `n + 1`.
///
/// Append only. A step that has shipped is never edited. Versions are counted apart from SQLite's.
const MIGRATIONS: &[&str] = &[
"
    -- Every event that was recorded: the idempotency key (clauses IDEM-01 to IDEM-10).
    -- An event that is here was answered with success; nothing else is recorded.
    CREATE TABLE seen (
        type     text NOT NULL,     -- its notification_type
        id       bigint NOT NULL,   -- whichever number its type counts by
        content  text NOT NULL,     -- what else tells events apart; empty for most types
        PRIMARY KEY (type, id, content)
    );

    CREATE TABLE transactions (
        id               bigint PRIMARY KEY,  -- transaction.id
        user_id          text,                -- null if the notification did not say
        state            text NOT NULL
            CHECK (state IN ('paid', 'partially_refunded', 'refunded', 'declined')),
        refunds          bigint NOT NULL,     -- whole and partial ones that took effect
        amount           text,                -- what the user paid, as an exact decimal
        currency         text,
        subscription_id  bigint               -- null if it was no charge of a subscription
    );

    CREATE TABLE orders (
        id              bigint PRIMARY KEY,   -- order.id
        user_id         text NOT NULL,
        transaction_id  bigint,               -- null if it was free or paid with virtual currency
        state           text NOT NULL CHECK (state IN ('paid', 'canceled'))
    );

    -- What each order granted, and so what its cancellation takes back.
    CREATE TABLE grants (
        order_id  bigint NOT NULL,
        line      bigint NOT NULL,
        sku       text NOT NULL,
        quantity  bigint NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (order_id, line)
    );

    CREATE TABLE inventory (
        user_id   text NOT NULL,
        sku       text NOT NULL,
        quantity  bigint NOT NULL,
        PRIMARY KEY (user_id, sku)
    );

    CREATE TABLE subscriptions (
        id              bigint PRIMARY KEY,   -- subscription.subscription_id
        user_id         text NOT NULL,
        plan            text,                 -- null if no notification said it
        state           text NOT NULL CHECK (state IN ('active', 'non_renewing', 'canceled')),
        next_charge     text,                 -- as it was written
        next_charge_ms  bigint,               -- the same as an instant; null if it cannot be told
        refunded        boolean NOT NULL      -- a charge went back, so the next may be earlier
    );

    -- How each dispute of a transaction stands. One transaction may go through several kinds.
    CREATE TABLE disputes (
        transaction_id  bigint NOT NULL,
        type            text NOT NULL,        -- empty if the notification did not say
        action          text,
        status          text,
        reason          text,
        PRIMARY KEY (transaction_id, type)
    );

    -- What was ever on the anti-fraud blocklist.
    CREATE TABLE blocklist (
        parameter   text NOT NULL,
        value       text NOT NULL,
        listed      boolean NOT NULL,
        reason      text,
        changed_ms  bigint,                   -- null if no notification said when
        PRIMARY KEY (parameter, value)
    );

    CREATE TABLE payment_accounts (
        user_id  text NOT NULL,
        id       text NOT NULL,               -- payment_account.id
        saved    boolean NOT NULL,
        PRIMARY KEY (user_id, id)
    );
",
"
    -- What the game is still to be told, where it wants to be told.
    CREATE TABLE outbox (
        seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- the order in which it is told
        order_id    bigint NOT NULL,                                  -- what it granted stands in grants
        taken_back  boolean NOT NULL,
        user_id     text NOT NULL                                     -- who received it
    );
"];

/// Who stands in the schema: is anything there, is it marked as ours, and whose version is it?
const WHO: &str = "
    SELECT
        (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('hookproof')),
        coalesce(obj_description(to_regclass('hookproof.version'), 'pg_class'), '')";

/// Why a PostgreSQL database cannot be used. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Nobody answers, or not in a way that helps.
    #[error(
        "cannot connect to {url}: {cause}; start the server, or correct host and port in the URL"
    )]
    Unreachable {
        /// The server, without its password.
        url: String,
        /// What happened.
        cause: String,
    },
    /// The server does not let this user in.
    #[error(
        "{url} refuses the user: {cause}; correct user and password in the URL, or pg_hba.conf"
    )]
    NotAdmitted {
        /// The server, without its password.
        url: String,
        /// What it said.
        cause: String,
    },
    /// The server has no such database.
    #[error("the server has no database `{0}`: create it, with `createdb {0}`")]
    NoDatabase(String),
    /// The user may not make tables.
    #[error(
        "{url} does not let the user make tables ({cause}): GRANT CREATE ON DATABASE to the user, or \
         create the schema `hookproof` for it"
    )]
    NotPermitted {
        /// The server, without its password.
        url: String,
        /// What it said.
        cause: String,
    },
    /// The schema is another program's.
    #[error(
        "the schema `hookproof` of {0} is not this listener's, and was left alone: name another database"
    )]
    Foreign(String),
    /// The schema was written by a newer version of this listener.
    #[error(
        "{url} has schema version {found}, and this listener knows versions up to {known}: run the \
         newer listener"
    )]
    Newer {
        /// The server, without its password.
        url: String,
        /// Its version.
        found: i64,
        /// The newest version that is known here.
        known: i64,
    },
    /// The server failed.
    #[error("{url} failed: {cause}")]
    Failed {
        /// The server, without its password.
        url: String,
        /// What it said.
        cause: String,
    },
    /// The thread or the runtime of a connection could not be started.
    #[error("cannot start the database's thread")]
    Runtime(#[source] io::Error),
}

/// Why the schema was not made ready.
enum Unready {
    Said(tokio_postgres::Error),
    Foreign,
    Newer(i64),
}

impl From<tokio_postgres::Error> for Unready {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Said(error)
    }
}

/// Brings the schema up to date, however many listeners start at once; refuses what is not ours.
pub(super) fn prepare(session: &Session, url: &PostgresUrl) -> Result<(), ServerError> {
    session.once(async |client| migrate(client).await).map_err(|unready| match unready {
        Unready::Said(error) => named(&error, url),
        Unready::Foreign => ServerError::Foreign(url.to_string()),
        Unready::Newer(found) => {
            ServerError::Newer { url: url.to_string(), found, known: newest() }
        }
    })
}

fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("nobody writes 2^63 steps")
}

/// Runs the steps that the database has not had, in one transaction and one listener at a time: the
/// others wait for the lock, and then find the work done.
async fn migrate(client: &mut Client) -> Result<(), Unready> {
    let transaction = client.transaction().await?;
    // A migration may take long, and whoever starts meanwhile has to wait for it.
    transaction
        .batch_execute("SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0")
        .await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    let who = transaction.query_one(WHO, &[]).await?;
    let (tables, mark): (i64, String) = (who.get(0), who.get(1));
    let done = match (tables, mark.as_str()) {
        (0, _) => 0,
        (_, MARK) => transaction.query_one("SELECT number FROM version", &[]).await?.get(0),
        _ => return Err(Unready::Foreign),
    };
    if done > newest() {
        return Err(Unready::Newer(done));
    }
    if tables == 0 {
        // The right to create schemas is not needed where somebody has created this one.
        let exists = "SELECT to_regnamespace('hookproof') IS NOT NULL";
        if !transaction.query_one(exists, &[]).await?.get::<_, bool>(0) {
            transaction.batch_execute("CREATE SCHEMA hookproof").await?;
        }
        let version = format!(
            "CREATE TABLE version (number bigint NOT NULL);
             COMMENT ON TABLE version IS '{MARK}';
             INSERT INTO version VALUES (0)"
        );
        transaction.batch_execute(&version).await?;
    }
    for step in MIGRATIONS.iter().skip(usize::try_from(done).unwrap_or(usize::MAX)) {
        transaction.batch_execute(step).await?;
    }
    if done < newest() {
        transaction.execute("UPDATE version SET number = $1", &[&newest()]).await?;
    }
    let fsync: String = transaction.query_one("SHOW fsync", &[]).await?.get(0);
    if fsync != "on" {
        tracing::warn!(
            "the server's `fsync` is {fsync}: a power cut there loses what was answered"
        );
    }
    transaction.commit().await?;
    Ok(())
}

/// Gives the server's errors the name that tells what to do.
fn named(error: &tokio_postgres::Error, url: &PostgresUrl) -> ServerError {
    let (url, database, cause) = (url.to_string(), url.database().to_owned(), described(error));
    match error.code() {
        None => ServerError::Unreachable { url, cause },
        Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
            ServerError::NotAdmitted { url, cause }
        }
        Some(&SqlState::INVALID_CATALOG_NAME) => ServerError::NoDatabase(database),
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => ServerError::NotPermitted { url, cause },
        Some(_) => ServerError::Failed { url, cause },
    }
}
