//! What is SQLite's own.

use super::*;

#[test]
fn a_commit_is_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&folder.path().join("listener.db")).unwrap();
    let pragma = |name| {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
        database.connection.pragma_query_value(None, name, read).unwrap()
    };
    assert_eq!(pragma("synchronous"), 2.into(), "FULL");
    assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
}
