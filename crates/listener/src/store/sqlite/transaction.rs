//! A transaction whose statements are looked up once, however many events run them.

use rusqlite::{CachedStatement, Connection};

/// A transaction that is rolled back unless it is committed. Unlike the library's own, it is begun and
/// committed by statements that were read once.
pub(super) struct Transaction<'c> {
    pub(super) statements: Statements<'c>,
}

impl<'c> Transaction<'c> {
    pub(super) fn begin(connection: &'c Connection) -> Result<Self, rusqlite::Error> {
        let mut statements = Statements { connection, prepared: Vec::new() };
        statements.run("BEGIN IMMEDIATE")?;
        Ok(Self { statements })
    }

    pub(super) fn commit(mut self) -> Result<(), rusqlite::Error> {
        self.statements.run("COMMIT")
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // After a commit, or where the engine has rolled back by itself, there is none.
        if !self.statements.is_over()
            && let Err(error) = self.statements.run("ROLLBACK")
        {
            tracing::error!(cause = %error, "cannot roll back");
        }
    }
}

/// The connection's statements, as far as this transaction has needed them.
pub(super) struct Statements<'c> {
    connection: &'c Connection,
    prepared: Vec<(&'static str, CachedStatement<'c>)>,
}

impl<'c> Statements<'c> {
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

    /// Whether the transaction is over: the engine gives it up by itself on a full disk.
    pub(super) fn is_over(&self) -> bool {
        self.connection.is_autocommit()
    }
}
