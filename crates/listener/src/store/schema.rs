//! The file: what tables it has, and whether it is ours at all.

mod migrations;

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use self::migrations::MIGRATIONS;
use super::postgres::ServerError;

/// SQLite's `application_id` of our files, "Hook" in ASCII: another program's file is not touched.
const APPLICATION_ID: i32 = 0x486f_6f6b;

/// Time to wait for another process that holds the file's lock.
const LOCK_TIME_MAX: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS_MAX: usize = 64;

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

#[cfg(test)]
mod tests {
    use rusqlite::Row;

    use super::*;

    /// What version 3 knew of five transactions and three orders.
    const VERSION_3: &str = "
        INSERT INTO transactions (id, state, refunds) VALUES
            (1, 'paid', 0), (2, 'refunded', 1), (3, 'declined', 0), (4, 'partially_refunded', 1),
            (5, 'refunded', 1);
        INSERT INTO orders (id, user_id, state) VALUES
            (1, 'a', 'paid'), (2, 'a', 'canceled'), (3, 'a', 'canceled');
        INSERT INTO seen (type, id, content) VALUES
            ('payment', 1, ''), ('payment', 2, ''), ('refund', 2, ''), ('ps_declined', 3, ''),
            ('afs_reject', 3, ''), ('payment', 4, ''), ('partial_refund', 4, '[1]'),
            ('order_paid', 1, ''), ('order_paid', 2, ''), ('order_canceled', 2, ''),
            ('order_canceled', 3, ''), ('create_subscription', 1, '');
    ";

    fn all<T>(
        connection: &Connection,
        query: &str,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let mut statement = connection.prepare(query).unwrap();
        statement.query_map([], read).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn what_was_told_before_is_known_after_a_migration() {
        let mut connection = Connection::open_in_memory().unwrap();
        for step in &MIGRATIONS[..3] {
            connection.execute_batch(step).unwrap();
        }
        connection.execute_batch(VERSION_3).unwrap();
        connection.pragma_update(None, "user_version", 3).unwrap();
        migrate(&mut connection).unwrap();
        let told = |table: &str| {
            all::<i64>(&connection, &format!("SELECT told FROM {table} ORDER BY id"), |row| {
                row.get(0)
            })
        };
        assert_eq!(told("transactions"), [1, 3, 4 + 8, 1, 0]);
        assert_eq!(told("orders"), [1, 3, 2]);
        let others: Vec<(i64, String)> =
            all(&connection, "SELECT id, type FROM seen ORDER BY type", |row| row.try_into());
        assert_eq!(others, [(1, "create_subscription".into()), (4, "partial_refund".into())]);
    }
}
