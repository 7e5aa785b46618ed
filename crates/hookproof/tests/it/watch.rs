//! `hookproof check --watch`: what failed is rerun when the listener restarts.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Lines, Read},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::program::{hookproof, refused, silent_url};

/// Time that a listener may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// A listener of the zoo as a process, for as long as this lives.
struct Listener(Child);

impl Listener {
    fn start(slug: &str, address: SocketAddr, state: &Path) -> Self {
        let listen = address.to_string();
        let mut command = hookproof(&["zoo-listener", slug, "--listen", &listen, "--state"]);
        let child = command.arg(state).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let since = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(since.elapsed() < STARTS_WITHIN, "{slug} does not start");
        }
        Self(child)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads until a line begins so.
fn until<R: Read>(lines: &mut Lines<BufReader<R>>, begins: &str) -> Vec<String> {
    let mut read = Vec::new();
    for line in lines {
        read.push(line.unwrap());
        if read.last().is_some_and(|line| line.starts_with(begins)) {
            return read;
        }
    }
    panic!("`{begins}` does not come: {read:#?}");
}

#[test]
fn what_failed_is_rerun_when_the_listener_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let url = silent_url();
    let address: SocketAddr = url["http://".len()..url.rfind('/').unwrap()].parse().unwrap();
    let wrong = Listener::start("signature-not-checked", address, &folder.path().join("wrong"));
    let mut watching = hookproof(&["check", "--target", &url, "--watch", "--cases", "4"])
        .args(["--only", "signature-rejects-flipped-digit", "--only", "signature-accepts-valid"])
        .args(["--secret", hookproof_zoo::SECRET])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut notes = BufReader::new(watching.stderr.take().unwrap()).lines();
    until(&mut lines, "1 passed, 1 failed, ");
    drop(wrong);
    until(&mut notes, "down: ");
    let right = Listener::start("right", address, &folder.path().join("right"));
    let said = until(&mut lines, "1 passed, 0 failed, ");
    assert!(said.iter().any(|line| line.contains("conformant: ")), "{said:#?}");
    drop(right);
    until(&mut notes, "down: ");
    let _again = Listener::start("right", address, &folder.path().join("right"));
    // Nothing failed, so everything is asked again.
    until(&mut lines, "2 passed, 0 failed, ");
    let id = watching.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(watching.wait().unwrap().code(), Some(130));
}

#[test]
fn watch_needs_a_target_that_somebody_else_starts() {
    refused(&["check", "--watch"], 2, &["--target"]);
    let url = silent_url();
    let target = ["check", "--watch", "--target", &url, "--secret", "a-secret"];
    refused(&[&target[..], &["--spawn", "server"]].concat(), 2, &["--spawn"]);
    refused(&[&target[..], &["--first-id", "1"]].concat(), 2, &["--first-id"]);
}
