//! The outbox: what was granted and taken back, until the game has it; and whose turn it is to tell.

use std::io;

use super::{
    batch::{flags, numbers, texts},
    session::{Connection, Failure, Request, Session},
};
use crate::{
    db::PostgresUrl,
    event::Grant,
    store::{
        Away, Cause,
        outbox::{self, Entry, Outbox},
    },
};

/// The number of the advisory lock of the listener that hands over: the first eight letters of
/// "Hook outbox", without the blank, in ASCII.
///
/// A lock belongs to a session, so it ends with its listener. And with its silence: a listener that
/// froze, or was cut off, is idle, and the server ends its session (before PostgreSQL 14 it does not).
/// Whoever comes next may then hand over again what was being handed over, with the same keys.
const TURN: &str = "SELECT pg_try_advisory_lock(5219512999830975586),
    (SELECT set_config(name, '60s', false) FROM pg_settings WHERE name = 'idle_session_timeout')";

/// Gives back the lock, as often as it was taken.
const RELEASE: &str = "SELECT pg_advisory_unlock_all()";

/// Writes entries down, in this order. The rows of their orders are locked until the commit, so what
/// another listener writes of one of them gets a greater number.
pub(super) const NOTE: &str = "
    INSERT INTO outbox (order_id, taken_back, user_id)
    SELECT order_id, taken_back, user_id
    FROM unnest($1::bigint[], $2::boolean[], $3::text[]) WITH ORDINALITY
        AS new (order_id, taken_back, user_id, place)
    ORDER BY place";

/// Deletes entries.
pub(super) const FORGET: &str = "DELETE FROM outbox WHERE seq = ANY($1::bigint[])";

const STATEMENTS: &[&str] = &[TURN, RELEASE, outbox::TAKE, outbox::COUNT];

/// An entry that is to be written: order, whether it was taken back, and who received it.
pub(super) type Note = (i64, bool, String);

/// The request for these entries.
pub(super) fn note(notes: &[Note]) -> Request<'_> {
    let values = vec![
        numbers(notes.iter().map(|note| note.0)),
        flags(notes.iter().map(|note| note.1)),
        texts(notes.iter().map(|note| note.2.as_str())),
    ];
    Request { sql: NOTE, values }
}

/// A connection of its own, whose lock says whose turn it is.
pub(in crate::store) struct Desk {
    session: Session,
}

impl Desk {
    pub(in crate::store) fn new(url: &PostgresUrl) -> io::Result<Self> {
        Ok(Self { session: Session::new(url, STATEMENTS)? })
    }

    /// Asks; once more if the connection had been lost since it was last used.
    fn ask<T>(&mut self, ask: impl AsyncFn(&Connection) -> Result<T, Failure>) -> Result<T, Cause> {
        let was_connected = self.session.is_connected();
        let mut result = self.session.run(&ask);
        if was_connected && let Err(Failure::Lost(_)) = &result {
            result = self.session.run(&ask);
        }
        result.map_err(|failure| match failure {
            Failure::Lost(what) => Cause::from(Away(what)),
            Failure::Conflict(what) | Failure::Engine(what) | Failure::Refused { what, .. } => {
                what.into()
            }
        })
    }
}

impl Outbox for Desk {
    fn count(&mut self) -> Result<u64, Cause> {
        let rows =
            self.ask(async |connection| connection.ask(vec![Request::bare(outbox::COUNT)]).await)?;
        let count = rows.iter().flatten().next().map_or(0, |row| row.get::<_, i64>(0));
        Ok(u64::try_from(count)?)
    }

    fn take(&mut self, entries_max: u32) -> Result<Vec<Entry>, Cause> {
        let answers = self.ask(async |connection| {
            let values: Vec<super::session::Value<'_>> = vec![Box::new(i64::from(entries_max))];
            // The second statement begins after the first, and so sees what was deleted before the
            // lock was given back.
            let take = Request { sql: outbox::TAKE, values };
            connection.ask(vec![Request::bare(TURN), take]).await
        })?;
        let [turn, lines] = answers.as_slice() else { return Ok(Vec::new()) };
        if !turn.iter().any(|row| row.get(0)) {
            return Ok(Vec::new());
        }
        Ok(outbox::gather(lines.iter().map(|row| {
            let grant = Grant { sku: row.get(4), quantity: row.get(5) };
            (row.get(0), row.get(1), row.get(2), row.get(3), grant)
        })))
    }

    fn release(&mut self) -> Result<(), Cause> {
        // A lock that nobody holds is no lock, and a connection that is gone holds none.
        if !self.session.is_connected() {
            return Ok(());
        }
        self.ask(async |connection| connection.ask(vec![Request::bare(RELEASE)]).await).map(drop)
    }
}
