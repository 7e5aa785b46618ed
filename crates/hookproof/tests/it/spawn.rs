//! `hookproof check --spawn`: listeners that are started, killed and restarted, and what is left of them.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::program::{SECRET, Said, hookproof, run};

/// How long a process may take to vanish after it was killed.
const VANISHES_WITHIN: Duration = Duration::from_secs(20);

const TOKEN: &str = "token-of-the-test";

/// The reference listener, started by a shell that does something before.
fn listener(before: &str, db: &Path) -> String {
    format!(
        "{before} exec '{}' listener --listen 127.0.0.1:{{port}} --db '{}' --probe-token {TOKEN}",
        env!("CARGO_BIN_EXE_hookproof"),
        db.display()
    )
}

/// The suite, asking these checks of a listener that it starts.
fn asking(command: &str, only: &[&str], more: &[&str]) -> Command {
    let mut suite = hookproof(&["check", "--target", "http://127.0.0.1:{port}/webhook"]);
    suite.env("XSOLLA_WEBHOOK_SECRET_KEY", SECRET).env("HOOKPROOF_LOG", "error");
    suite.args(["--format", "json", "--spawn", command]).args(more);
    for pattern in only {
        suite.args(["--only", pattern]);
    }
    suite
}

fn probe() -> [String; 2] {
    ["--probe".to_owned(), format!("http://127.0.0.1:{{port}}/probe/{{user}}?token={TOKEN}")]
}

fn check(command: &str, only: &[&str]) -> (Said, Value) {
    let [flag, probe] = probe();
    let said: Said = asking(command, only, &[&flag, &probe]).output().unwrap().into();
    let report = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:#?}"));
    (said, report)
}

fn status<'a>(report: &'a Value, id: &str) -> &'a str {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap()["status"].as_str().unwrap()
}

/// Waits until no process has this text in its command line.
fn vanished(text: &str) {
    let since = Instant::now();
    loop {
        let listed = Command::new("ps").args(["-A", "-o", "pid=,args="]).output().unwrap().stdout;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let left: Vec<&str> = listed.lines().filter(|line| line.contains(text)).collect();
        if left.is_empty() {
            return;
        }
        assert!(since.elapsed() < VANISHES_WITHIN, "left: {left:#?}");
    }
}

const CRASHES: &[&str] = &["IDEM-08", "IDEM-12", "IDEM-16", "ANS-14"];

#[test]
fn the_reference_listener_survives_and_is_gone_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("listener.db");
    // Something that has to go with the listener, and something that it has to wait for.
    let before = "sleep 3600 & sleep 1;";
    let (said, report) = check(&listener(before, &db), CRASHES);
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert_eq!(report["summary"]["pass"], 8, "{said:#?}");
    assert_eq!(report["options"]["spawn"], true);
    let notes = report["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note.as_str().unwrap().contains("ms to start")), "{notes:?}");
    vanished(&db.display().to_string());
}

#[test]
fn who_forgets_everything_is_convicted() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("listener.db");
    let (said, report) = check(&listener(&format!("rm -f '{}'*;", db.display()), &db), CRASHES);
    assert_eq!(said.code, Some(1), "{said:#?}");
    for id in ["idempotency-survives-restart", "idempotency-survives-kill-after-answer"] {
        assert_eq!(status(&report, id), "fail", "{id}");
    }
    assert_eq!(status(&report, "idempotency-survives-stop"), "pass");
    assert_eq!(status(&report, "answers-after-restart"), "pass");
    let steps = said.stdout.contains("killed by SIGKILL") && said.stdout.contains("started again");
    assert!(steps, "{said:#?}");
}

#[test]
fn who_leaves_a_lock_behind_is_accused_once() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("lock");
    let before = format!("mkdir '{}' || {{ echo locked by myself; exit 4; }};", lock.display());
    let (said, report) = check(&listener(&before, &folder.path().join("listener.db")), CRASHES);
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert_eq!(status(&report, "answers-after-restart"), "fail");
    assert_eq!(report["summary"]["fail"], 1, "{said:#?}");
    assert_eq!(report["summary"]["error"], 0, "{said:#?}");
    assert!(said.stdout.contains("locked by myself"), "{said:#?}");
}

#[test]
fn a_command_that_fails_says_its_last_words() {
    let command = format!("echo no such game {{port}} {SECRET} >&2; exit 3");
    let said = Said::from(asking(&command, &["SIG-01"], &[]).output().unwrap());
    assert_eq!(said.code, Some(3), "{said:#?}");
    for word in ["exit status 3", "no such game", "[secret]"] {
        assert!(said.stderr.contains(word), "`{word}` is missing: {said:#?}");
    }
    assert!(!said.stderr.contains(SECRET), "{said:#?}");
}

#[test]
fn output_around_a_failed_step_is_part_of_the_failure() {
    let folder = tempfile::tempdir().unwrap();
    let secret = hookproof_zoo::SECRET;
    let command = format!(
        "while :; do echo database is locked {secret} >&2; sleep 0.02; done & exec '{}' zoo-listener \
         signature-not-checked --listen 127.0.0.1:{{port}} --state '{}'",
        env!("CARGO_BIN_EXE_hookproof"),
        folder.path().display()
    );
    let url = "http://127.0.0.1:{port}/webhook";
    let check = ["check", "--target", url, "--secret", secret, "--spawn", &command];
    let check = [&check[..], &["--only", "signature-rejects-flipped-digit"]].concat();
    let said = run(&check);
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.stdout.contains("  listener  database is locked [secret]"), "{said:#?}");
    let said = run(&[&check[..], &["--format", "json"]].concat());
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    let failed = |check: &&Value| check["status"] == "fail";
    let failed = report["checks"].as_array().unwrap().iter().find(failed).unwrap();
    let output = failed["listener_output"].as_str().unwrap();
    assert!(output.contains("database is locked") && output.len() <= 4096, "{output}");
    let passed = |check: &&Value| check["status"] != "fail" && check["status"] != "warn";
    let mut passed = report["checks"].as_array().unwrap().iter().filter(passed);
    assert!(passed.all(|check| check["listener_output"].is_null()));
}

#[test]
fn port_and_secret_are_in_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let command = format!(
        "exec '{}' listener --listen 127.0.0.1:$PORT --db '{}' --secret \"$XSOLLA_WEBHOOK_SECRET_KEY\"",
        env!("CARGO_BIN_EXE_hookproof"),
        folder.path().join("listener.db").display()
    );
    let url = "http://127.0.0.1:{port}/webhook";
    let check = ["check", "--target", url, "--secret", SECRET, "--spawn", &command];
    let said = run(&[&check[..], &["--only", "signature-accepts-valid"]].concat());
    assert_eq!(said.code, Some(0), "{said:#?}");
}

#[test]
fn flags_that_do_not_fit_are_refused() {
    let url = "http://127.0.0.1:{port}/webhook";
    let refuse = |arguments: &[&str], words: &[&str]| {
        let said = run(&[&["check", "--secret", SECRET], arguments].concat());
        assert_eq!(said.code, Some(2), "{said:#?}");
        for word in words {
            assert!(said.stderr.contains(word), "`{word}` is missing: {said:#?}");
        }
    };
    refuse(&["--target", url], &["{port}", "--spawn"]);
    let fixed = "http://127.0.0.1:1/webhook";
    refuse(&["--target", fixed, "--spawn", "server {port}"], &["{port}", "in both"]);
    refuse(&["--spawn", "server {port}"], &["--target"]);
    refuse(&["--target", url, "--spawn", " "], &["--spawn", "not empty"]);
    let probes = ["--probe", "http://127.0.0.1:1/{user}", "--probe-cmd", "true"];
    refuse(&[&["--target", "http://127.0.0.1:1/"], &probes[..]].concat(), &["--probe-cmd"]);
}

/// Nobody who is killed can clean up, so somebody else has to.
#[test]
fn a_suite_that_is_killed_or_interrupted_leaves_nothing() {
    for signal in ["KILL", "TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("listener.db");
        let told = folder.path().join("told");
        let before = format!("mkfifo '{0}'; echo up > '{0}' & sleep 3600 &", told.display());
        // The suite opens no fifo; it waits for a listener that is never ready.
        let command = listener(&format!("{before} sleep 3600;"), &db);
        let mut suite = asking(&command, CRASHES, &[])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let since = Instant::now();
        while !told.exists() {
            assert!(since.elapsed() < VANISHES_WITHIN, "the command was not started");
        }
        let mut line = String::new();
        BufReader::new(std::fs::File::open(&told).unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "up\n");
        let killed =
            Command::new("kill").args(["-s", signal, &suite.id().to_string()]).status().unwrap();
        assert!(killed.success());
        suite.wait().unwrap();
        vanished(&db.display().to_string());
    }
}

#[test]
fn a_port_that_somebody_has_is_refused() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/webhook", taken.local_addr().unwrap());
    let said = run(&["check", "--target", &url, "--secret", SECRET, "--spawn", "exec sleep 3600"]);
    assert_eq!(said.code, Some(3), "{said:#?}");
    assert!(said.stderr.contains("something listens there already"), "{said:#?}");
}

#[test]
fn effects_can_be_read_by_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("listener.db");
    let command = listener("", &db);
    let nothing = ["--probe-cmd", "printf '{\"user\":\"x\"}'"];
    let said = Said::from(asking(&command, &["orders-granted"], &nothing).output().unwrap());
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    // A command that shows nothing is no view: the canary does not show in it.
    assert_eq!(status(&report, "orders-granted"), "error", "{said:#?}");
    let failing = ["--probe-cmd", "echo the database is gone >&2; exit 9"];
    let said = Said::from(asking(&command, &["orders-granted"], &failing).output().unwrap());
    assert!(said.stdout.contains("the database is gone"), "{said:#?}");
}
