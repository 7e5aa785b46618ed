//! An engine in a test: a new database, and what it answers.

use std::path::PathBuf;

use super::super::*;

#[path = "../../../tests/it/server.rs"]
pub(in crate::store) mod server;

/// Makes of functions that take a [`Rig`] a test on each engine. One on PostgreSQL is skipped, and a
/// line says so, where there is no server to be started.
macro_rules! on_every_engine {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(super::Rig::sqlite()); })*
        }
        mod postgres {
            $(#[test] fn $name() {
                if let Some(rig) = super::Rig::postgres() {
                    super::$name(rig);
                }
            })*
        }
    };
}
pub(super) use on_every_engine;

/// Where a rig's database is.
enum Home {
    File(tempfile::TempDir),
    Server { server: &'static server::Server, name: String },
}

pub(in crate::store) struct Rig {
    pub(in crate::store) database: Box<dyn Database>,
    pub(in crate::store) reader: Box<dyn Reader>,
    home: Home,
}

impl Rig {
    pub(in crate::store) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder);
        let database = Box::new(Sqlite::open(&path).unwrap());
        let reader = Box::new(Sqlite::open_reader(&path).unwrap());
        Self { database, reader, home: Home::File(folder) }
    }

    pub(in crate::store) fn postgres() -> Option<Self> {
        let server = server::shared()?;
        let text = server.database();
        let url: PostgresUrl = text.parse().unwrap();
        let database = Box::new(Postgres::open(&url).unwrap());
        let reader = postgres::readers(&url).unwrap().remove(0);
        let name = url.database().to_owned();
        Some(Self { database, reader, home: Home::Server { server, name } })
    }

    /// The same engine with another new database.
    pub(in crate::store) fn another(&self) -> Self {
        match &self.home {
            Home::File(_) => Self::sqlite(),
            Home::Server { .. } => Self::postgres().unwrap(),
        }
    }

    /// Applies each event in a batch of its own.
    #[track_caller]
    pub(in crate::store) fn apply(
        &mut self,
        events: &[Event],
        expected: &[Result<Outcome, StoreError>],
    ) {
        let results: Vec<_> = events
            .iter()
            .map(|event| self.database.apply(std::slice::from_ref(event)).unwrap().remove(0))
            .collect();
        assert_eq!(results, expected);
    }

    #[track_caller]
    pub(in crate::store) fn check_items(&mut self, user: &str, expected: &[(&str, i64)]) {
        let items = self.reader.view(user).unwrap().items;
        let items: Vec<_> = items.iter().map(|(sku, quantity)| (sku.as_str(), *quantity)).collect();
        assert_eq!(items, expected);
    }

    #[track_caller]
    pub(in crate::store) fn check_transaction(&mut self, id: i64, state: &str, refunds: i64) {
        let expected = TransactionView { state: state.to_owned(), refunds };
        assert_eq!(self.reader.view("ada").unwrap().transactions.get(&id), Some(&expected));
    }

    /// The one value that a query finds, as text.
    pub(in crate::store) fn one(&self, query: &str) -> String {
        match &self.home {
            Home::File(folder) => {
                let query = format!("SELECT CAST(({query}) AS TEXT)");
                let connection = rusqlite::Connection::open(file(folder)).unwrap();
                connection.query_row(&query, [], |row| row.get(0)).unwrap()
            }
            Home::Server { server, name } => {
                server.sql(name, &format!("SET search_path = hookproof; {query}"))
            }
        }
    }
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("listener.db")
}
