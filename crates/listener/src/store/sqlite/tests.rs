//! What is SQLite's own.

use super::*;
use crate::{event::Charge, notification::TransactionId};

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

/// Commits of a test, at most.
const COMMITS: i64 = 200;

/// Commits so many payments that lie far from each other: some hundred pages.
fn commit(database: &mut Sqlite, commit: i64) {
    let charge = |number| Charge {
        transaction: TransactionId((commit * 500 + number) * 1_000_003 % 999_999_937),
        user: None,
        paid: None,
        subscription: None,
    };
    let events: Vec<Event> = (0..500).map(|number| Event::Payment(charge(number))).collect();
    let outcomes = database.apply(&events).unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == Ok(Outcome::Applied)));
}

/// Commits until the log begins anew; whether it did.
fn begins_anew(database: &mut Sqlite, commits: &mut impl Iterator<Item = i64>) -> bool {
    let mut frames = 0;
    for number in commits {
        commit(database, number);
        let now = database.checkpoints.as_ref().unwrap().frames();
        if now < frames {
            return true;
        }
        frames = now;
        database.catch_up().unwrap();
    }
    false
}

#[test]
fn a_log_that_was_moved_begins_anew_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Sqlite::open(&folder.path().join("listener.db")).unwrap();
    let mut commits = 0..COMMITS;
    for time in 1..=3 {
        assert!(begins_anew(&mut database, &mut commits), "{time}");
    }
}

#[test]
fn no_commit_moves_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Sqlite::open(&folder.path().join("listener.db")).unwrap();
    let mut before = 0;
    for number in 0..COMMITS {
        commit(&mut database, number);
        let frames = database.checkpoints.as_ref().unwrap().frames();
        assert!(frames > before);
        before = frames;
    }
    assert!(before > 2_000, "{before} pages, and SQLite moves a thousand by itself");
}

#[test]
fn a_log_that_is_read_waits_for_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("listener.db");
    let mut database = Sqlite::open(&path).unwrap();
    commit(&mut database, 0);
    let mut reader = Sqlite::open_reader(&path).unwrap();
    let reading = reader.connection.transaction().unwrap();
    let seen = |reading: &Connection| -> i64 {
        reading.query_row("SELECT count(*) FROM transactions", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(seen(&reading), 500);
    assert!(!begins_anew(&mut database, &mut (1..30)), "it is being read");
    assert_eq!(seen(&reading), 500);
    drop(reading);
    assert!(begins_anew(&mut database, &mut (30..COMMITS)));
    assert_eq!(seen(&reader.connection) % 500, 0);
}
