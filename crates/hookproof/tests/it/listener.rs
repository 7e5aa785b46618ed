//! `hookproof listener`: how it starts, and how it does not.

use std::net::TcpListener;

use crate::program::{SECRET, refused};

#[test]
fn a_port_in_use_is_one_clear_line_and_no_database() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("listener.db");
    let db = db.to_str().unwrap();
    let said = refused(
        &["listener", "--listen", &address, "--db", db, "--secret", SECRET],
        3,
        &["cannot listen on", &address, "another port"],
    );
    assert!(!said.stderr.contains(SECRET));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_missing_folder_and_a_foreign_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let listen = |db: &str, words: &[&str]| {
        refused(&["listener", "--listen", "127.0.0.1:0", "--db", db, "--secret", SECRET], 3, words);
    };
    listen(&at("none/listener.db"), &["does not exist", "create it"]);
    std::fs::write(at("text.db"), "this is not a database, and must not become one").unwrap();
    listen(&at("text.db"), &["text.db"]);
    assert!(std::fs::read_to_string(at("text.db")).unwrap().starts_with("this is not"));
}

#[test]
fn a_postgresql_database_that_cannot_be_used_is_refused_without_its_password() {
    for (db, code, words) in [
        (
            "postgres://ada:pa55@127.0.0.1:1/game",
            3,
            ["postgres://ada:***@127.0.0.1:1/game", "start the"],
        ),
        ("postgres://ada:pa55@127.0.0.1:1/game?sslmode=require", 2, ["sslmode=require", "tunnel"]),
        ("postgresql://ada:pa55@127.0.0.1:one/game", 2, ["--db", "USER:PASSWORD@HOST"]),
    ] {
        let listen = ["listener", "--listen", "127.0.0.1:0", "--db", db, "--secret", SECRET];
        let said = refused(&listen, code, &words);
        assert!(!said.stderr.contains("pa55"), "{}", said.stderr);
    }
}

/// An empty SQLite database of this listener, by SQLite's published file format.
fn database_of_version(version: u32) -> Vec<u8> {
    let mut file = vec![0; 4096];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"SQLite format 3\0");
    // Page size, rollback journal, no reserved bytes, and three fractions that are always these.
    put(16, &[0x10, 0, 1, 1, 0, 64, 32, 32]);
    // Changed once, one page.
    put(24, &[0, 0, 0, 1, 0, 0, 0, 1]);
    put(56, &1_u32.to_be_bytes());
    put(60, &version.to_be_bytes());
    put(68, b"Hook");
    put(92, &1_u32.to_be_bytes());
    // A table without rows, whose cells would begin at the page's end.
    put(100, &[13, 0, 0, 0, 0, 0x10, 0]);
    file
}

/// The database of a listener that came after this one is left as it is.
#[test]
fn a_newer_database_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("listener.db");
    let file = database_of_version(4000);
    std::fs::write(&db, &file).unwrap();
    let name = db.to_str().unwrap();
    refused(
        &["listener", "--listen", "127.0.0.1:0", "--db", name, "--secret", SECRET],
        3,
        &["schema version 4000", "run the newer listener"],
    );
    assert_eq!(std::fs::read(db).unwrap(), file);
}

#[test]
fn an_address_that_cannot_be_taken_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("listener.db");
    let listen = |address: &str, code: i32, words: &[&str]| {
        let db = db.to_str().unwrap();
        refused(&["listener", "--listen", address, "--db", db, "--secret", SECRET], code, words);
    };
    // An address that is set aside for documents is no machine's.
    listen("192.0.2.1:0", 3, &["cannot listen on 192.0.2.1:0", "an address of this machine"]);
    listen("8080", 2, &["expected ADDRESS:PORT", "127.0.0.1:8080"]);
    listen("127.0.0.1:99999", 2, &["a port up to 65535"]);
}

#[test]
fn a_secret_is_required() {
    refused(&["listener", "--db", "unused.db"], 2, &["secret key is missing"]);
}
