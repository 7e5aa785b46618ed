//! The statements of one transaction: each is looked up once, however many events run it.

use rusqlite::{CachedStatement, Connection};

/// The connection's statements, as far as this transaction has needed them.
pub(super) struct Statements<'c> {
    connection: &'c Connection,
    prepared: Vec<(&'static str, CachedStatement<'c>)>,
}

impl<'c> Statements<'c> {
    /// None yet.
    pub(super) const fn of(connection: &'c Connection) -> Self {
        Self { connection, prepared: Vec::new() }
    }

    /// A statement. There are few, and a text of the program is told from the others by where it stands,
    /// so finding one among them costs less than reading its text.
    pub(super) fn get(
        &mut self,
        text: &'static str,
    ) -> Result<&mut CachedStatement<'c>, rusqlite::Error> {
        let known = self.prepared.iter().position(|(known, _)| std::ptr::eq(*known, text));
        let place = match known {
            Some(place) => place,
            None => {
                self.prepared.push((text, self.connection.prepare_cached(text)?));
                self.prepared.len() - 1
            }
        };
        Ok(&mut self.prepared[place].1)
    }

    /// Runs a statement without parameters.
    pub(super) fn run(&mut self, text: &'static str) -> Result<(), rusqlite::Error> {
        self.get(text)?.execute([]).map(drop)
    }

    /// Whether there is no transaction any more: the engine gives it up by itself on a full disk.
    pub(super) fn is_over(&self) -> bool {
        self.connection.is_autocommit()
    }
}
