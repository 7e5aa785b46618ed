//! `hookproof check` on targets that are wrong: each gets its own exit code and its own advice.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use crate::program::{SECRET, Said, refused, run};

/// A server that answers 200 to everything; it ends with the test's process.
pub(crate) fn yes_to_everything() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/webhook", socket.local_addr().unwrap());
    thread::spawn(move || {
        for stream in socket.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    url
}

/// Answers until the peer hangs up.
fn answer(stream: TcpStream) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line.is_empty() {
                break;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        writer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok()?;
    }
}

#[test]
fn who_says_yes_to_everything_is_not_conformant() {
    let url = yes_to_everything();
    let said = run(&[
        "check",
        "--target",
        &url,
        "--secret",
        SECRET,
        "--only",
        "signature-rejects-*",
        "--cases",
        "4",
    ]);
    assert_eq!(said.code, Some(1), "{said:#?}");
    let again = format!("hookproof check --target {url} --cases 4 --only signature-rejects-");
    for word in [
        "shown by  signature-rejects-missing-header",
        "signature-not-checked",
        "curl ",
        &again,
        "0 passed, 8 failed",
    ] {
        assert!(said.stdout.contains(word), "`{word}` is missing: {said:#?}");
    }
    assert!(!said.stdout.contains(SECRET));
}

/// Two screens of a terminal.
const LINES_MAX: usize = 100;

#[test]
fn report_of_yes_to_everything_fits_two_screens() {
    let url = yes_to_everything();
    let said = run(&["check", "--target", &url, "--secret", SECRET, "--cases", "4"]);
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.stdout.lines().count() <= LINES_MAX, "{}", said.stdout);
    // The first thing below the notes is the cause that explains most.
    let causes = said.stdout.split_once("\ncauses\n").unwrap().1;
    assert!(causes.lines().nth(1).unwrap().contains("1. signature-not-checked"), "{causes}");
}

#[test]
fn who_has_another_secret_cannot_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("listener.db");
    let program = env!("CARGO_BIN_EXE_hookproof");
    let command = format!(
        "XSOLLA_WEBHOOK_SECRET_KEY=another-secret exec '{program}' listener --listen \
         127.0.0.1:{{port}} --db '{}'",
        db.display()
    );
    let url = "http://127.0.0.1:{port}/webhook";
    let said = refused(
        &["check", "--target", url, "--secret", SECRET, "--spawn", &command],
        3,
        &["http://127.0.0.1:", "secret"],
    );
    assert!(!said.stderr.contains(SECRET));
}

/// A listener of the zoo, asked only this.
fn of_the_zoo(slug: &str, only: &str) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let command = format!(
        "exec '{}' zoo-listener {slug} --listen 127.0.0.1:{{port}} --state '{}'",
        env!("CARGO_BIN_EXE_hookproof"),
        folder.path().display()
    );
    let url = "http://127.0.0.1:{port}/webhook";
    let secret = hookproof_zoo::SECRET;
    run(&["check", "--target", url, "--secret", secret, "--spawn", &command, "--only", only])
}

#[test]
fn warnings_alone_exit_0() {
    let said = of_the_zoo("no-type-acknowledged", "payloads-without-type");
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(said.stdout.contains("conformant: the listener keeps the contract"), "{said:#?}");
    assert!(said.stdout.contains("! 1 warned"), "{said:#?}");
    assert!(said.stdout.contains("\n0 passed, 0 failed"), "{said:#?}");
}

#[test]
fn runs_without_a_judged_check_exit_3() {
    // It needs a probe.
    let said = of_the_zoo("right", "orders-granted");
    assert_eq!(said.code, Some(3), "{said:#?}");
    assert!(said.stdout.contains("no selected check could be judged"), "{said:#?}");
}
