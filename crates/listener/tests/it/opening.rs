//! What a listener refuses to start on, and what it says then.

use std::path::Path;

use hookproof_listener::{App, Config, DatabaseError, OpenError};
use rusqlite::Connection;

use crate::support::secret;

#[track_caller]
fn refused(path: &Path) -> DatabaseError {
    match App::open(Config::new(path, secret())) {
        Err(OpenError::Database(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_database_of_a_newer_listener_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("listener.db");
    drop(App::open(Config::new(path.as_path(), secret())).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 4_000).unwrap();
    let error = refused(&path);
    assert!(matches!(error, DatabaseError::Newer { found: 4_000, .. }), "{error}");
    assert!(error.to_string().contains("run the newer listener"), "{error}");
}

#[tokio::test]
async fn a_file_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let tables = folder.path().join("tables.db");
    let theirs = Connection::open(&tables).unwrap();
    theirs.execute_batch("CREATE TABLE theirs (id INTEGER) STRICT").unwrap();
    let marked = folder.path().join("marked.db");
    Connection::open(&marked).unwrap().pragma_update(None, "application_id", 7).unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "not a database, and longer than the header of one would be: ".repeat(9))
        .unwrap();
    for path in [tables, marked, text] {
        let before = std::fs::read(&path).unwrap();
        let error = refused(&path);
        assert!(matches!(error, DatabaseError::Foreign(_)), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{}", path.display());
    }
}

#[tokio::test]
async fn a_path_that_cannot_be_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let error = refused(&folder.path().join("missing/listener.db"));
    assert!(matches!(error, DatabaseError::NoFolder(_)), "{error}");
    assert!(error.to_string().contains("create it"), "{error}");
    let error = refused(folder.path());
    assert!(matches!(error, DatabaseError::NotWritable(_)), "{error}");
    assert!(error.to_string().contains("let this program's user write"), "{error}");
}

#[tokio::test]
async fn a_configuration_that_could_serve_nobody_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::new(folder.path().join("listener.db"), secret());
    let no_secret = Config { secrets: Vec::new(), ..config.clone() };
    assert!(matches!(App::open(no_secret), Err(OpenError::NoSecret)));
    for token in ["", "with blank", "a&b"] {
        let config = Config { probe_token: Some(token.to_owned()), ..config.clone() };
        assert!(matches!(App::open(config), Err(OpenError::ProbeToken)), "{token}");
    }
}
