//! The database's files are deleted, moved or replaced while the listener runs: nothing is acknowledged
//! that the next start would not find, and no restart is needed when they are back.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hookproof_listener::upkeep;
use serde_json::Value;

use crate::{sqlite::Listener, support::payment};

/// The endings of the database's files.
const ENDINGS: [&str; 3] = ["", "-wal", "-shm"];

fn ending(db: &Path, ending: &str) -> PathBuf {
    let mut path = db.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// Gives all files of a database another name.
fn rename(from: &Path, to: &Path) {
    for end in ENDINGS {
        fs::rename(ending(from, end), ending(to, end)).unwrap();
    }
}

async fn refuses(listener: &Listener, id: i64) {
    let reply = listener.send(&payment(id)).await;
    assert!((500..600).contains(&reply.status), "{reply:?}");
}

/// A listener with some payments.
async fn with_payments() -> (Listener, PathBuf) {
    let listener = Listener::start().await;
    let db = listener.config.db.file().unwrap().to_owned();
    for id in 1..=3 {
        listener.accepts(&payment(id)).await;
    }
    (listener, db)
}

async fn states(listener: &Listener, ids: &[i64]) -> Vec<Value> {
    let mut states = Vec::new();
    for id in ids {
        states.push(listener.transaction(*id).await["state"].clone());
    }
    states
}

#[tokio::test]
async fn a_database_that_is_moved_away_and_back_is_refused_and_taken_again() {
    let (listener, db) = with_payments().await;
    let elsewhere = db.with_file_name("elsewhere.db");
    rename(&db, &elsewhere);
    refuses(&listener, 4).await;
    refuses(&listener, 1).await;
    assert!(!db.exists(), "an empty database would grant again whatever is sent again");
    assert_eq!(listener.get("/readyz").await.status, 503);
    rename(&elsewhere, &db);
    listener.accepts(&payment(4)).await;
    assert_eq!(states(&listener, &[1, 2, 3, 4]).await, ["paid"; 4]);
    let listener = listener.restart().await;
    assert_eq!(states(&listener, &[1, 2, 3, 4]).await, ["paid"; 4]);
}

#[tokio::test]
async fn a_folder_that_is_moved_away_and_back_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    fs::create_dir(&here).unwrap();
    let db = here.join("listener.db");
    let listener = Listener::start_with(|config| config.db = db.as_path().into()).await;
    listener.accepts(&payment(1)).await;
    fs::rename(&here, &there).unwrap();
    refuses(&listener, 2).await;
    fs::rename(&there, &here).unwrap();
    listener.accepts(&payment(2)).await;
    assert_eq!(states(&listener, &[1, 2]).await, ["paid"; 2]);
}

#[tokio::test]
async fn a_backup_takes_the_place_of_a_database_that_was_deleted() {
    let (listener, db) = with_payments().await;
    let backup = db.with_file_name("backup.db");
    upkeep::backup(&db, &backup).unwrap();
    for end in ENDINGS {
        fs::remove_file(ending(&db, end)).unwrap();
    }
    refuses(&listener, 4).await;
    fs::rename(&backup, &db).unwrap();
    listener.accepts(&payment(4)).await;
    assert_eq!(states(&listener, &[1, 2, 3, 4]).await, ["paid"; 4]);
    let listener = listener.restart().await;
    assert_eq!(states(&listener, &[1, 2, 3, 4]).await, ["paid"; 4]);
}

#[tokio::test]
async fn a_backup_beside_the_log_of_another_database_is_refused_until_that_is_gone() {
    let (listener, db) = with_payments().await;
    let backup = db.with_file_name("backup.db");
    upkeep::backup(&db, &backup).unwrap();
    listener.accepts(&payment(4)).await;
    fs::rename(&backup, &db).unwrap();
    refuses(&listener, 5).await;
    refuses(&listener, 5).await;
    for end in &ENDINGS[1..] {
        fs::remove_file(ending(&db, end)).unwrap();
    }
    listener.accepts(&payment(5)).await;
    assert_eq!(upkeep::check(&db).unwrap(), [""; 0]);
    assert_eq!(states(&listener, &[1, 2, 3, 5]).await, ["paid"; 4]);
}

#[tokio::test]
async fn what_is_only_in_a_log_that_was_deleted_is_rescued() {
    let (listener, db) = with_payments().await;
    fs::remove_file(ending(&db, "-wal")).unwrap();
    listener.accepts(&payment(4)).await;
    assert_eq!(states(&listener, &[1, 2, 3, 4]).await, ["paid"; 4]);
    assert_eq!(upkeep::check(&db).unwrap(), [""; 0]);
    let listener = listener.restart().await;
    assert_eq!(states(&listener, &[1, 2, 3, 4]).await, ["paid"; 4]);
}
