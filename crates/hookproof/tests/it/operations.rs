//! `hookproof listener` in operation: its end, its log, its health, its database's upkeep.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
    },
    thread,
};

use hookproof_contract::{Mode, NotificationType, payload::Payload};
use serde_json::Value;

use crate::{
    process::{Process, ask, get, request},
    program::{SECRET, refused, run},
};

const USER: &str = "player-1001";

fn payment(id: i64) -> Vec<u8> {
    Payload::minimal(NotificationType::Payment, Mode::Separate)
        .set("/transaction/id", id)
        .set("/user/id", USER)
        .to_bytes()
}

/// Asked to stop under load, it ends with 0, and each of its 204s is in the database.
#[test]
fn a_stop_under_load_loses_nothing_that_was_acknowledged() {
    let mut process = Process::start(&["--log=error"]);
    let (next, stopping) = (Arc::new(AtomicI64::new(1)), Arc::new(AtomicBool::new(false)));
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let (next, stopping) = (Arc::clone(&next), Arc::clone(&stopping));
            let (acknowledged, address) = (Arc::clone(&acknowledged), process.address);
            thread::spawn(move || {
                while !stopping.load(Relaxed) {
                    let id = next.fetch_add(1, Relaxed);
                    if let Ok((204, _)) = ask(address, &request(&payment(id), "")) {
                        acknowledged.lock().unwrap().push(id);
                    }
                }
            })
        })
        .collect();
    process.until("some payments", |_| acknowledged.lock().unwrap().len() > 200);
    process.signal("TERM");
    assert_eq!(process.wait().code(), Some(0));
    stopping.store(true, Relaxed);
    for sender in senders {
        sender.join().unwrap();
    }

    let acknowledged = acknowledged.lock().unwrap();
    let said = run(&["listener", "check", "--db", &process.db()]);
    assert_eq!(said.code, Some(0), "{said:#?}");
    let folder = std::mem::replace(&mut process.folder, tempfile::tempdir().unwrap());
    let again = Process::start_in(folder, &["--probe-token=token"]);
    let (status, body) = get(again.address, &format!("/probe/{USER}?token=token"));
    assert_eq!(status, 200);
    let view: Value = serde_json::from_str(&body).unwrap();
    let missing: Vec<_> = acknowledged
        .iter()
        .filter(|id| view["transactions"][id.to_string()]["state"] != "paid")
        .collect();
    assert!(missing.is_empty(), "acknowledged and lost: {missing:?}");
}

#[test]
fn while_it_drains_it_is_not_ready_and_a_second_signal_ends_it() {
    let mut process = Process::start(&["--drain-time=60m"]);
    process.signal("TERM");
    process.until("it says that it is not ready", |process| get(process.admin, "/readyz").0 == 503);
    assert_eq!(process.send(&payment(1)), 204);
    process.signal("INT");
    assert_eq!(process.wait().code(), Some(130));
}

/// Everything that may be asked, right and wrong, and whose traces must not be in the log.
fn all_kinds(process: &Process) {
    for kind in NotificationType::ALL {
        for payload in [Payload::minimal(kind, Mode::Separate), Payload::full(kind, Mode::Separate)]
        {
            let member = match kind {
                NotificationType::OrderPaid | NotificationType::OrderCanceled => {
                    "/user/external_id"
                }
                _ => "/user/id",
            };
            let known = payload.clone().set(member, USER).set("/marker", "marker-in-body");
            let unknown = payload.set(member, "stranger-4711");
            for body in [known, unknown] {
                process.send(&body.to_bytes());
                process.send(&body.to_bytes());
            }
        }
    }
    process.send(br#"{"user":{"id":"player-1001"},"marker-in-body"#);
    process.send(br#"{"notification_type":"user_validation","user":{"id":["marker-in-body"]}}"#);
    let mut forged = request(&payment(1), "X-Request-Id: plain-word-1\r\n");
    forged.pop();
    forged.push(b' ');
    ask(process.address, &forged).unwrap();
    let odd =
        request(&payment(1), "X-Request-Id: \"marker-in-head\"\r\nUser-Agent: marker-in-head\r\n");
    ask(process.address, &odd).unwrap();
    let unsigned =
        b"POST /webhook HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    ask(process.address, unsigned).unwrap();
    let question = br#"{"user":{"id":"stranger-4711"}}"#;
    let shop = format!(
        "POST /web-shop HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        question.len()
    );
    ask(process.address, &[shop.as_bytes(), question].concat()).unwrap();
    get(process.address, &format!("/probe/{USER}?token=token-in-url"));
    get(process.address, &format!("/probe/{USER}?token=wrong-in-url"));
    get(process.address, "/marker-in-path?marker-in-query");
}

#[test]
fn the_log_names_requests_and_nobody() {
    for format in ["text", "json"] {
        let flags = ["--log=trace", "--log-format", format, "--probe-token=token-in-url"];
        let process = Process::start(&flags);
        all_kinds(&process);
        let (status, log) = process.stop();
        assert_eq!(status.code(), Some(0));
        assert!(log.contains("plain-word-1"), "a request's id is taken over: {log}");
        assert!(log.contains("refused a webhook"), "{log}");
        assert!(log.contains("recorded a notification"), "{log}");
        let signature = hookproof_contract::signature::sign(
            &payment(1),
            &hookproof_contract::Secret::new(SECRET).unwrap(),
        );
        let secrets = [
            SECRET,
            &signature,
            USER,
            "stranger-4711",
            "marker-in-body",
            "marker-in-head",
            "marker-in-path",
            "marker-in-query",
            "in-url",
            "@example",
        ];
        for secret in secrets {
            assert!(!log.contains(secret), "`{secret}` is in the log:\n{log}");
        }
        if format == "json" {
            for line in log.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
            }
            let refused = log.lines().find(|line| line.contains("plain-word-1")).unwrap();
            let refused: Value = serde_json::from_str(refused).unwrap();
            assert_eq!(refused["span"]["id"], "plain-word-1");
        }
    }
}

#[test]
fn health_asks_and_its_exit_code_answers() {
    let process = Process::start(&["--drain-time=60m"]);
    let (address, admin) = (process.address, process.admin);
    let health = |url: &str| run(&["listener", "health", "--url", url]);
    let said = health(&format!("http://{address}/readyz"));
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "200 ready\n"), "{said:#?}");
    assert_eq!(health(&format!("http://{address}/nowhere")).code, Some(1));
    process.signal("TERM");
    loop {
        let said = health(&format!("http://{admin}/readyz"));
        if said.code == Some(1) {
            assert_eq!(said.stdout, "503 shutting down\n");
            break;
        }
        assert_eq!(said.code, Some(0), "{said:#?}");
    }
    drop(process);
    refused(
        &["listener", "health", "--url", &format!("http://{address}/readyz")],
        3,
        &["cannot ask"],
    );
    refused(&["listener", "health", "--url", "https://example.org/"], 2, &["no http://"]);
}

#[test]
fn a_database_is_copied_checked_and_counted_beside_its_listener() {
    let process = Process::start(&[]);
    for id in 1..=3 {
        assert_eq!(process.send(&payment(id)), 204);
    }
    let copy = process.folder.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    let said = run(&["listener", "backup", "--db", &process.db(), "--to", copy]);
    assert_eq!(said.code, Some(0), "{said:#?}");
    refused(&["listener", "backup", "--db", &process.db(), "--to", copy], 3, &["left alone"]);
    for db in [copy, &process.db()] {
        let said = run(&["listener", "check", "--db", db]);
        assert_eq!(said.code, Some(0), "{said:#?}");
        let said = run(&["listener", "stats", "--db", db, "--format=json"]);
        let stats: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(stats["events"]["payment"], 3);
        let said = run(&["listener", "stats", "--db", db]);
        assert!(said.stdout.contains("3  payment"), "{said:#?}");
    }
    for task in ["check", "stats"] {
        let words = ["listener", task, "--db", "postgres://game@127.0.0.1/game"];
        refused(&words, 2, &["pg_dump"]);
        refused(&["listener", task, "--db", "missing.db"], 3, &["no such file"]);
    }
}
