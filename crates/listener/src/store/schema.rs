//! The file: what tables it has, and whether it is ours at all.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::postgres::ServerError;

/// SQLite's `application_id` of our files, "Hook" in ASCII: another program's file is not touched.
const APPLICATION_ID: i32 = 0x486f_6f6b;

/// Time to wait for another process that holds the file's lock.
const LOCK_TIME_MAX: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS_MAX: usize = 64;

/// Schema steps: `MIGRATIONS[n]` takes a database from version `n` to `n + 1`.
///
/// Append only. A step that has shipped is never edited.
const MIGRATIONS: &[&str] = &[
"
    -- Every event that was recorded: the idempotency key (clauses IDEM-01 to IDEM-05).
    -- An event that is here was answered with success; nothing else is recorded.
    CREATE TABLE seen (
        type  TEXT NOT NULL,      -- its notification_type
        id    INTEGER NOT NULL,   -- transaction.id or order.id, whichever its type counts by
        PRIMARY KEY (type, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE transactions (
        id        INTEGER PRIMARY KEY,  -- transaction.id
        user_id   TEXT,                 -- null if the notification did not say
        state     TEXT NOT NULL CHECK (state IN ('paid', 'refunded')),
        refunds   INTEGER NOT NULL,     -- how many took effect
        amount    TEXT,                 -- what the user paid: an exact decimal, so text
        currency  TEXT
    ) STRICT;

    CREATE TABLE orders (
        id              INTEGER PRIMARY KEY,  -- order.id
        user_id         TEXT NOT NULL,
        transaction_id  INTEGER,              -- null if it was free or paid with virtual currency
        state           TEXT NOT NULL CHECK (state IN ('paid', 'canceled'))
    ) STRICT;

    -- What each order granted, and so what its cancellation takes back.
    CREATE TABLE grants (
        order_id  INTEGER NOT NULL,
        line      INTEGER NOT NULL,
        sku       TEXT NOT NULL,
        quantity  INTEGER NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (order_id, line)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE inventory (
        user_id   TEXT NOT NULL,
        sku       TEXT NOT NULL,
        quantity  INTEGER NOT NULL,
        PRIMARY KEY (user_id, sku)
    ) STRICT, WITHOUT ROWID;
",
"
    -- Keys get a third part: partial refunds of one transaction, renewals of one subscription and news
    -- of one dispute differ in nothing but their content (clauses REFUND-06 and SUB-03).
    ALTER TABLE seen RENAME TO seen_1;
    CREATE TABLE seen (
        type     TEXT NOT NULL,
        id       INTEGER NOT NULL,   -- whichever number its type counts by
        content  TEXT NOT NULL,      -- empty for the types that need no more
        PRIMARY KEY (type, id, content)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO seen (type, id, content) SELECT type, id, '' FROM seen_1;
    DROP TABLE seen_1;

    -- Two more states, and the subscription that was charged.
    ALTER TABLE transactions RENAME TO transactions_1;
    CREATE TABLE transactions (
        id               INTEGER PRIMARY KEY,
        user_id          TEXT,
        state            TEXT NOT NULL
            CHECK (state IN ('paid', 'partially_refunded', 'refunded', 'declined')),
        refunds          INTEGER NOT NULL,  -- whole and partial ones
        amount           TEXT,
        currency         TEXT,
        subscription_id  INTEGER            -- null if it was no charge of a subscription
    ) STRICT;
    INSERT INTO transactions (id, user_id, state, refunds, amount, currency)
        SELECT id, user_id, state, refunds, amount, currency FROM transactions_1;
    DROP TABLE transactions_1;

    CREATE TABLE subscriptions (
        id              INTEGER PRIMARY KEY,  -- subscription.subscription_id
        user_id         TEXT NOT NULL,
        plan            TEXT,                 -- null if no notification said it
        state           TEXT NOT NULL CHECK (state IN ('active', 'non_renewing', 'canceled')),
        next_charge     TEXT,                 -- as it was written
        next_charge_ms  INTEGER,              -- the same as an instant; null if it cannot be told
        refunded        INTEGER NOT NULL      -- 1: a charge went back, so the next charge may be earlier
    ) STRICT;

    -- How each dispute of a transaction stands. One transaction may go through several kinds.
    CREATE TABLE disputes (
        transaction_id  INTEGER NOT NULL,
        type            TEXT NOT NULL,        -- empty if the notification did not say
        action          TEXT,
        status          TEXT,
        reason          TEXT,
        PRIMARY KEY (transaction_id, type)
    ) STRICT, WITHOUT ROWID;

    -- What was ever on the anti-fraud blocklist.
    CREATE TABLE blocklist (
        parameter   TEXT NOT NULL,
        value       TEXT NOT NULL,
        listed      INTEGER NOT NULL CHECK (listed IN (0, 1)),
        reason      TEXT,
        changed_ms  INTEGER,                  -- null if no notification said when
        PRIMARY KEY (parameter, value)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE payment_accounts (
        user_id  TEXT NOT NULL,
        id       TEXT NOT NULL,               -- payment_account.id
        saved    INTEGER NOT NULL CHECK (saved IN (0, 1)),
        PRIMARY KEY (user_id, id)
    ) STRICT, WITHOUT ROWID;
",
"
    -- What the game is still to be told, where it wants to be told.
    CREATE TABLE outbox (
        seq         INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which it is told; never used again
        order_id    INTEGER NOT NULL,                   -- what it granted stands in grants
        taken_back  INTEGER NOT NULL CHECK (taken_back IN (0, 1)),
        user_id     TEXT NOT NULL                       -- who received it
    ) STRICT;
",
"
    -- A transaction and an order are told of by few types, each at most once. So their own rows say
    -- which of them came, and a payment is written in one place. And for a list of more than two values
    -- in a CHECK, the engine would build a table with each row that is written.
    ALTER TABLE transactions RENAME TO transactions_3;
    CREATE TABLE transactions (
        id               INTEGER PRIMARY KEY,
        user_id          TEXT,
        state            TEXT NOT NULL CHECK (state = 'paid' OR state = 'refunded'
            OR state = 'partially_refunded' OR state = 'declined'),
        refunds          INTEGER NOT NULL,
        amount           TEXT,
        currency         TEXT,
        subscription_id  INTEGER,
        told             INTEGER NOT NULL  -- 1 payment, 2 refund, 4 ps_declined, 8 afs_reject
    ) STRICT;
    INSERT INTO transactions
        SELECT *, (
            SELECT coalesce(sum(CASE type WHEN 'payment' THEN 1 WHEN 'refund' THEN 2
                WHEN 'ps_declined' THEN 4 ELSE 8 END), 0)
            FROM seen WHERE type IN ('payment', 'refund', 'ps_declined', 'afs_reject')
                AND seen.id = transactions_3.id)
        FROM transactions_3;
    DROP TABLE transactions_3;

    ALTER TABLE orders RENAME TO orders_3;
    CREATE TABLE orders (
        id              INTEGER PRIMARY KEY,
        user_id         TEXT NOT NULL,
        transaction_id  INTEGER,
        state           TEXT NOT NULL CHECK (state IN ('paid', 'canceled')),
        told            INTEGER NOT NULL   -- 1 order_paid, 2 order_canceled
    ) STRICT;
    INSERT INTO orders
        SELECT *, (
            SELECT coalesce(sum(CASE type WHEN 'order_paid' THEN 1 ELSE 2 END), 0)
            FROM seen WHERE type IN ('order_paid', 'order_canceled') AND seen.id = orders_3.id)
        FROM orders_3;
    DROP TABLE orders_3;

    DELETE FROM seen WHERE type IN ('payment', 'refund', 'ps_declined', 'afs_reject', 'order_paid',
        'order_canceled');

    ALTER TABLE subscriptions RENAME TO subscriptions_3;
    CREATE TABLE subscriptions (
        id              INTEGER PRIMARY KEY,
        user_id         TEXT NOT NULL,
        plan            TEXT,
        state           TEXT NOT NULL
            CHECK (state = 'active' OR state = 'non_renewing' OR state = 'canceled'),
        next_charge     TEXT,
        next_charge_ms  INTEGER,
        refunded        INTEGER NOT NULL
    ) STRICT;
    INSERT INTO subscriptions SELECT * FROM subscriptions_3;
    DROP TABLE subscriptions_3;
"];

/// Why a database cannot be used. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The folder of the file does not exist.
    #[error("the folder `{}` does not exist: create it, or name another database file", .0.display())]
    NoFolder(PathBuf),
    /// The file cannot be opened, created or written.
    #[error(
        "cannot open `{}` for writing: name a file, not a folder, and let this program's user \
         write to it and to its folder",
        .0.display()
    )]
    NotWritable(PathBuf),
    /// The file is another program's.
    #[error("`{}` is not a database of this listener, and was left alone: name another file", .0.display())]
    Foreign(PathBuf),
    /// The file was written by a newer version of this listener.
    #[error(
        "`{}` has schema version {found}, and this listener knows versions up to {known}: run the \
         newer listener",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The newest version that is known here.
        known: usize,
    },
    /// The file was written by an older version of this listener, or is empty.
    #[error(
        "`{}` has schema version {found}, and this listener has {known}: start the listener once, \
         which brings it up to date",
        path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The version that is known here.
        known: usize,
    },
    /// A copy could not be made durable.
    #[error("cannot make the copy durable")]
    Copy(#[source] io::Error),
    /// The file system cannot do write-ahead logging.
    #[error("`{}` cannot use write-ahead logging: put it on a local disk", .0.display())]
    NoWriteAheadLog(PathBuf),
    /// Anything else that the engine reports.
    #[error("the database failed")]
    Engine(#[from] rusqlite::Error),
    /// A PostgreSQL database cannot be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A thread of the database's own could not be started.
    #[error("cannot start a thread for the database")]
    Thread(#[source] io::Error),
}

/// Opens a database for writing; creates it and brings its schema up to date if need be.
pub(super) fn open(path: &Path) -> Result<Connection, DatabaseError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder
        && !folder.is_dir()
    {
        return Err(DatabaseError::NoFolder(folder.to_owned()));
    }
    prepare(connect(path, OpenFlags::SQLITE_OPEN_CREATE)?, path)
}

/// The same for a file that was open before, and so is not made anew where it is missing.
pub(super) fn open_again(path: &Path) -> Result<Connection, DatabaseError> {
    prepare(connect(path, OpenFlags::empty())?, path)
}

fn prepare(mut connection: Connection, path: &Path) -> Result<Connection, DatabaseError> {
    // First who owns the file, then the first byte written to it.
    identify(&connection, path)?;
    if connection.is_readonly("main")? {
        return Err(DatabaseError::NotWritable(path.to_owned()));
    }
    let journal: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if journal != "wal" {
        return Err(DatabaseError::NoWriteAheadLog(path.to_owned()));
    }
    // Every commit is on the disk before it returns. NORMAL would lose the last ones in a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens a database that [`open`] has prepared, to move its log into it.
pub(super) fn open_mover(path: &Path) -> Result<Connection, DatabaseError> {
    let connection = connect(path, OpenFlags::empty())?;
    // As durable as the commits: what was moved is on the disk before the log is written over.
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Opens a database that [`open`] has prepared, for reading only.
pub(super) fn open_reader(path: &Path) -> Result<Connection, DatabaseError> {
    let connection = connect(path, OpenFlags::empty())?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens a database that somebody else may be writing, for reading only. It must be a listener's, and
/// of this version: another one's tables mean something else.
pub(super) fn open_existing(path: &Path) -> Result<Connection, DatabaseError> {
    let connection = connect(path, OpenFlags::empty())?;
    identify(&connection, path)?;
    let found = version(&connection)?;
    if found < MIGRATIONS.len() {
        let (path, known) = (path.to_owned(), MIGRATIONS.len());
        return Err(DatabaseError::Older { path, found, known });
    }
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn connect(path: &Path, create: OpenFlags) -> Result<Connection, DatabaseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| named(error, path))?;
    connection.busy_timeout(LOCK_TIME_MAX)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Refuses a file that is another program's, or a newer listener's.
fn identify(connection: &Connection, path: &Path) -> Result<(), DatabaseError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let application = pragma("application_id").map_err(|error| named(error, path))?;
    let version = version(connection)?;
    if application == 0 {
        let tables: u32 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 || version > 0 {
            return Err(DatabaseError::Foreign(path.to_owned()));
        }
    } else if application != APPLICATION_ID {
        return Err(DatabaseError::Foreign(path.to_owned()));
    }
    if version > MIGRATIONS.len() {
        let (path, known) = (path.to_owned(), MIGRATIONS.len());
        return Err(DatabaseError::Newer { path, found: version, known });
    }
    Ok(())
}

/// Runs the steps that the file has not had, each at most once, however many processes start.
fn migrate(connection: &mut Connection) -> Result<(), DatabaseError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = version(&transaction)?;
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    if done < MIGRATIONS.len() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        let version = i32::try_from(MIGRATIONS.len()).expect("nobody writes 2^31 steps");
        transaction.pragma_update(None, "user_version", version)?;
    }
    transaction.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<usize, DatabaseError> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(version as usize)
}

/// Gives the engine's errors of opening a file the name that tells what to do.
fn named(error: rusqlite::Error, path: &Path) -> DatabaseError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => DatabaseError::Foreign(path.to_owned()),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            DatabaseError::NotWritable(path.to_owned())
        }
        _ => DatabaseError::Engine(error),
    }
}
