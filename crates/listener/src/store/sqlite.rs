//! The embedded engine: SQLite.
//!
//! Every rule about repeats and order of events is a statement here that holds inside one
//! transaction. None of them looks first and writes later, so none can be raced.

pub(crate) mod audit;
mod checkpoints;
mod news;
mod outbox;
mod place;
mod purchases;
mod subscriptions;
mod told;
mod transaction;
mod view;

use std::path::Path;

use rusqlite::{Connection, params};

use self::{
    checkpoints::Checkpoints,
    place::{Found, Place},
    told::Told,
    transaction::{Statements, Transaction},
};
use super::{Cause, Database, DatabaseError, Outcome, Reader, StoreError, View, schema};
use crate::{
    event::{Event, Key},
    notification::SubscriptionStep,
};

/// A connection to a database file.
pub(super) struct Sqlite {
    connection: Connection,
    place: Place,
    /// None: it only reads.
    checkpoints: Option<Checkpoints>,
    /// Whether it is written down what the game is to be told.
    hands_over: bool,
}

impl Sqlite {
    /// Opens a file for writing.
    pub(super) fn open(path: &Path) -> Result<Self, DatabaseError> {
        Self::writing(schema::open(path)?, path)
    }

    fn writing(mut connection: Connection, path: &Path) -> Result<Self, DatabaseError> {
        let checkpoints = Some(Checkpoints::start(&mut connection, path)?);
        Ok(Self { connection, place: Place::of(path), checkpoints, hands_over: false })
    }

    /// The same, which also writes down what the game is to be told.
    pub(super) fn handing_over(self, hands_over: bool) -> Self {
        Self { hands_over, ..self }
    }

    /// Opens a file that [`Sqlite::open`] has prepared, for reading.
    pub(super) fn open_reader(path: &Path) -> Result<Self, DatabaseError> {
        let connection = schema::open_reader(path)?;
        Ok(Self { connection, place: Place::of(path), checkpoints: None, hands_over: false })
    }

    /// The connection; a new one, if other files have the name now. A file that is missing is not made:
    /// without what is recorded, everything that is sent again would be granted again.
    fn connected(&mut self) -> Result<&mut Connection, Cause> {
        match self.place.found() {
            Found::Same => return Ok(&mut self.connection),
            Found::Nothing => return Err(self.place.gone().into()),
            Found::Leftover => return Err(self.place.leftover().into()),
            Found::OtherLog => self.rescue()?,
            Found::Other => {}
        }
        let path = self.place.path();
        tracing::warn!(db = %path.display(), "other files have the database's name: opening it again");
        *self = match self.checkpoints {
            Some(_) => Self::writing(schema::open_again(path)?, path)?,
            None => Self::open_reader(path)?,
        }
        .handing_over(self.hands_over);
        Ok(&mut self.connection)
    }

    /// The log was deleted: moves what is only there into the database, as long as it is open.
    fn rescue(&self) -> Result<(), Cause> {
        if self.checkpoints.is_none() {
            return Ok(());
        }
        let busy: bool =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy { Err(self.place.read().into()) } else { Ok(()) }
    }
}

impl Sqlite {
    /// Applies events in one transaction, or none of them where `apply` fails. Returns the outer `Err`
    /// if the transaction itself failed.
    ///
    /// Where the files are is asked after the commit and not before it, which a batch would feel. If
    /// other files have the name by then, they are what the events are applied to.
    fn apply_with<T, E>(
        &mut self,
        events: &[Event],
        apply: impl Fn(&mut Statements<'_>, &Event) -> Result<T, E>,
    ) -> Result<Result<Vec<T>, E>, Cause> {
        let result = self.commit(events, &apply);
        if result.is_err() && self.place.found() != Found::Same {
            self.connected()?;
            return self.commit(events, &apply);
        }
        result
    }

    fn commit<T, E>(
        &mut self,
        events: &[Event],
        apply: impl Fn(&mut Statements<'_>, &Event) -> Result<T, E>,
    ) -> Result<Result<Vec<T>, E>, Cause> {
        let mut transaction = Transaction::begin(&self.connection)?;
        let statements = &mut transaction.statements;
        let results = events.iter().map(|event| apply(statements, event)).collect();
        if Result::is_ok(&results) {
            transaction.commit()?;
            // What was written to a file that nobody will find is not acknowledged.
            self.place.confirm()?;
        }
        Ok(results)
    }
}

/// Why an event was not applied.
enum Failure {
    /// It cannot be, now or later.
    Refused(StoreError),
    /// The engine failed.
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

impl Database for Sqlite {
    /// Nearly always every event of a batch can be applied, and to guard each of them would cost a third
    /// of the batch. So they are guarded only where one has failed without.
    fn apply(&mut self, events: &[Event]) -> Result<Vec<Result<Outcome, StoreError>>, Cause> {
        let hands_over = self.hands_over;
        match self.apply_with(events, |database, event| apply(database, event, hands_over))? {
            Ok(outcomes) => Ok(outcomes.into_iter().map(Ok).collect()),
            Err(_) => {
                let guarded = |database: &mut Statements<'_>, event: &_| {
                    isolated(database, event, hands_over)
                };
                Ok(self.apply_with(events, guarded)??)
            }
        }
    }

    fn forget(&mut self, entries: &[i64]) -> Result<(), Cause> {
        let mut transaction = Transaction::begin(self.connected()?)?;
        outbox::forget(&mut transaction.statements, entries)?;
        Ok(transaction.commit()?)
    }

    fn check(&mut self) -> Result<(), Cause> {
        // The version is in the file's first page, and to write it again takes all that a commit takes.
        let connection = self.connected()?;
        let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        connection.pragma_update(None, "user_version", version)?;
        Ok(self.place.confirm()?)
    }

    fn catch_up(&mut self) -> Result<(), Cause> {
        match &mut self.checkpoints {
            Some(checkpoints) => checkpoints.go_on(&self.connection),
            None => Ok(()),
        }
    }
}

/// Applies one event, or leaves no trace of it, so that its failure is nobody else's.
///
/// Returns `Err` if the engine has given up the whole transaction, as it does on a full disk.
fn isolated(
    statements: &mut Statements<'_>,
    event: &Event,
    hands_over: bool,
) -> Result<Result<Outcome, StoreError>, rusqlite::Error> {
    statements.run("SAVEPOINT event")?;
    let result = match apply(statements, event, hands_over) {
        Ok(outcome) => Ok(outcome),
        Err(Failure::Engine(error)) if statements.is_over() => return Err(error),
        Err(failure) => {
            statements.run("ROLLBACK TO event")?;
            Err(match failure {
                Failure::Refused(refusal) => refusal,
                Failure::Engine(error) => {
                    tracing::error!(cause = %error, kind = %event.kind(), "cannot record an event");
                    StoreError::Failed
                }
            })
        }
    };
    statements.run("RELEASE event")?;
    Ok(result)
}

fn apply(
    statements: &mut Statements<'_>,
    event: &Event,
    hands_over: bool,
) -> Result<Outcome, Failure> {
    let (told, new) = match (Told::by(event.kind()), event.key()) {
        // Whether it is new is told by its row.
        (Some((_, told)), _) => (told, true),
        (None, Some(key)) => (Told::NOTHING, remember(statements, &key)?),
        (None, None) => (Told::NOTHING, true),
    };
    let applied = match event {
        // A charge that went back makes the next one due earlier, and that may be a date which was
        // announced before: the one case in which a repeat says something.
        Event::Subscription(SubscriptionStep::Update, subscribed) if !new => {
            subscriptions::shorten(statements, subscribed)?
        }
        _ if !new => false,
        Event::Payment(charge) => purchases::pay(statements, charge, told)?,
        Event::Refund(charge) => purchases::refund(statements, charge, told)?,
        Event::PartialRefund { refund, .. } => purchases::refund_partly(statements, refund)?,
        Event::Declined { transaction, user, .. } => {
            purchases::decline(statements, *transaction, user.as_deref(), told)?
        }
        Event::OrderPaid(paid) => purchases::deliver(statements, paid, told)?,
        Event::OrderCanceled { order, user, refund } => {
            purchases::cancel(statements, *order, user, refund.as_ref(), told)?
        }
        Event::Subscription(step, subscribed) => {
            subscriptions::change(statements, *step, subscribed)?
        }
        Event::Dispute(dispute) => news::dispute(statements, dispute)?,
        Event::Blocklist(entry) => news::block(statements, entry)?,
        Event::Account { user, id, saved } => news::account(statements, user, id, *saved)?,
    };
    if hands_over && applied {
        outbox::note(statements, event)?;
    }
    Ok(if applied { Outcome::Applied } else { Outcome::Repeat })
}

/// Writes a key down; whether it is new.
fn remember(statements: &mut Statements<'_>, key: &Key) -> Result<bool, rusqlite::Error> {
    statements
        .get("INSERT INTO seen (type, id, content) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![key.kind.as_str(), key.id, key.content.as_str()])
        .map(|new| new > 0)
}

impl Reader for Sqlite {
    fn has_recorded(&mut self, key: &Key) -> Result<bool, Cause> {
        let connection = self.connected()?;
        if let Some((table, told)) = Told::by(key.kind) {
            return Ok(connection.prepare_cached(table.find())?.exists(params![key.id, told.0])?);
        }
        let mut find = connection
            .prepare_cached("SELECT 1 FROM seen WHERE type = ?1 AND id = ?2 AND content = ?3")?;
        Ok(find.exists(params![key.kind.as_str(), key.id, key.content.as_str()])?)
    }

    fn view(&mut self, user: &str) -> Result<View, Cause> {
        // One transaction, so that all parts are of the same moment.
        let transaction = self.connected()?.transaction()?;
        Ok(view::of(&transaction, user)?)
    }
}

#[cfg(test)]
mod tests;
