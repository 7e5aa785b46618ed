//! Secrets of any characters: the listener takes them byte for byte, and so does the suite.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use crate::program::{hookproof, run};

/// What a shell, a format, a parser or a trim would change.
const ODD: [&str; 7] = [
    "it's \"quoted\" `twice`",
    " blanks around ",
    "%s%n %41 + &amp; ${HOME} $1 \\n \\\\ {user} #",
    "Schlüssel-日本-😀-e\u{308}",
    "--secret=x\ttab",
    "line\nbreak",
    "0",
];

/// A listener under a secret, which ends with its stdin.
fn listener(secret: &str, folder: &std::path::Path) -> (Child, String) {
    let mut child = hookproof(&["listener", "--announce", "--listen", "127.0.0.1:0", "--db"])
        .arg(folder.join("listener.db"))
        .args(["--user", "player-1001", "--user", "player-2002"])
        .env("XSOLLA_WEBHOOK_SECRET_KEY", secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).expect(secret);
    (child, said["webhook"].as_str().unwrap().to_owned())
}

#[test]
fn every_secret_is_taken_byte_for_byte() {
    let long = "x".repeat(200);
    for secret in ODD.into_iter().chain([long.as_str()]) {
        let folder = tempfile::tempdir().unwrap();
        let (mut child, webhook) = listener(secret, folder.path());
        let given = format!("--secret={secret}");
        let said = run(&[
            "check",
            "--target",
            &webhook,
            &given,
            "--only",
            "signature-*",
            "--skip",
            "signature-refusal-without-effect",
            "--cases",
            "3",
        ]);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(said.code, Some(0), "{secret:?}: {said:#?}");
        assert!(said.stdout.contains("16 passed, 0 failed"), "{secret:?}: {said:#?}");
        if secret.len() > 5 {
            assert!(!said.stdout.contains(secret), "{secret:?}");
        }
    }
}
