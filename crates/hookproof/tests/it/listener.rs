//! `hookproof listener`: how it starts, and how it does not.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::Stdio,
};

use crate::program::{SECRET, hookproof, refused};

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
fn a_secret_is_required() {
    refused(&["listener", "--db", "unused.db"], 2, &["secret key is missing"]);
}

#[test]
fn it_serves_until_its_parent_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("listener.db");
    let arguments = ["listener", "--announce", "--listen", "127.0.0.1:0", "--db"];
    let mut child = hookproof(&arguments)
        .arg(db)
        .env("XSOLLA_WEBHOOK_SECRET_KEY", SECRET)
        .env("HOOKPROOF_PROBE_TOKEN", "token-of-the-test")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let address = said["listening"].as_str().unwrap();
    assert_eq!(said["webhook"], format!("http://{address}/webhook"));
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let seen = get("/probe/player-1001?token=token-of-the-test");
    assert!(seen.starts_with("HTTP/1.1 200") && seen.contains("player-1001"), "{seen}");
    assert!(!get("/probe/player-1001?token=wrong").starts_with("HTTP/1.1 200"));
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(TcpStream::connect(address).is_err());
}
