//! `hookproof check`: what is refused before the first request, and who cannot be asked.

use std::net::TcpListener;

use crate::program::{SECRET, refused, silent_url};

#[test]
fn nothing_selected_is_4_and_suggests_near_names() {
    refused(&["check", "--only", "nonsense"], 4, &["`nonsense` matches no check", "hint: "]);
    refused(
        &["check", "--only", "signature-accept-valid"],
        4,
        &["did you mean `signature-accepts-valid`"],
    );
    refused(&["check", "--skip", "SIG-99"], 4, &["`SIG-99`"]);
    refused(&["check", "--only", "SIG-01", "--skip", "*"], 4, &["nothing is left to check"]);
    refused(&["check", "--only", "[a"], 4, &["is not a pattern"]);
}

#[test]
fn a_target_needs_its_secret() {
    let url = silent_url();
    refused(&["check", "--target", &url], 2, &["secret key is missing", "--secret-file"]);
    refused(&["check", "--secret", SECRET], 2, &["--target"]);
    refused(
        &["check", "--target", &url, "--secret-file", "no-such-file"],
        2,
        &["cannot read the secret file `no-such-file`"],
    );
}

#[test]
fn a_target_outside_this_machine_needs_a_word() {
    // Addresses that are set aside for documents: nothing is ever sent there.
    for target in ["http://192.0.2.1/webhook", "http://[2001:db8::1]/", "http://shop.invalid/"] {
        refused(
            &["check", "--target", target, "--secret", SECRET],
            2,
            &["--target", "on this machine", "--allow-remote"],
        );
    }
    let probe = "http://192.0.2.1/{user}";
    refused(
        &["check", "--target", &silent_url(), "--secret", SECRET, "--probe", probe],
        2,
        &["--probe", "--allow-remote"],
    );
}

#[test]
fn a_malformed_target_is_refused() {
    let refuse = |target: &str, word: &str| {
        refused(&["check", "--target", target, "--secret", SECRET], 2, &["--target", word]);
    };
    refuse("localhost:8080/hook", "did you mean `http://localhost:8080/hook`?");
    refuse("127.0.0.1", "did you mean `http://127.0.0.1`?");
    refuse("ftp://127.0.0.1/", "begins with `http://` or `https://`");
    refuse("http://me:pass@127.0.0.1/", "would end up in the reports");
    refuse("http://", "expected http://HOST:PORT/PATH");
}

#[test]
fn users_are_two_and_known_or_not() {
    refused(&["check", "--known-user", ""], 2, &["value is required"]);
    refused(&["check", "--unknown-user", ""], 2, &["value is required"]);
    refused(
        &["check", "--known-user", "a", "--unknown-user", "a"],
        2,
        &["`a` is both --known-user and --unknown-user", "hint: "],
    );
    let twice = ["check", "--known-user", "a", "--known-user", "a"];
    refused(&twice, 2, &["`a` is named twice", "hint: "]);
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none/report.json");
    let report = format!("json={}", missing.display());
    refused(&["check", "--report", &report], 2, &["cannot write the report", "is not a folder"]);
}

#[test]
fn a_target_that_is_not_there_is_3() {
    let url = silent_url();
    let said = refused(
        &["check", "--target", &url, "--secret", SECRET],
        3,
        &[url.as_str(), "--wait-for-target"],
    );
    assert!(!said.stderr.contains(SECRET));
}

/// Waiting for a target that accepts and never answers can be called off.
#[cfg(unix)]
#[test]
fn an_interrupt_is_130() {
    use std::process::{Command, Stdio};

    use crate::program::{Said, hookproof};

    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", socket.local_addr().unwrap());
    let child = hookproof(&["check", "--target", &url, "--secret", SECRET])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once it connects, it watches for signals.
    let connection = socket.accept().unwrap();
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let said = Said::from(child.wait_with_output().unwrap());
    drop(connection);
    assert_eq!(said.code, Some(130), "{said:#?}");
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("", "interrupted\n"));
}
