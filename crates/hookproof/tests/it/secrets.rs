//! Secrets of any characters: the listener takes them byte for byte, and so does the suite.

#![cfg(unix)]

use crate::program::{Said, hookproof};

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

/// The suite, and the listener that it starts, which finds the secret in its environment.
#[test]
fn every_secret_is_taken_byte_for_byte() {
    let program = env!("CARGO_BIN_EXE_hookproof");
    let long = "x".repeat(200);
    for secret in ODD.into_iter().chain([long.as_str()]) {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("listener.db");
        let listen = "listener --listen 127.0.0.1:{port}";
        let start = format!("exec '{program}' {listen} --db '{}'", db.display());
        let mut suite = hookproof(&["check", "--target", "http://127.0.0.1:{port}/webhook"]);
        suite.args(["--spawn", &start, "--only", "signature-*", "--cases", "3"]);
        suite.args(["--skip", "signature-refusal-without-effect"]);
        suite.arg(format!("--secret={secret}")).env("XSOLLA_WEBHOOK_SECRET_KEY", secret);
        let said = Said::from(suite.env("HOOKPROOF_LOG", "error").output().unwrap());
        assert_eq!(said.code, Some(0), "{secret:?}: {said:#?}");
        assert!(said.stdout.contains(" passed, 0 failed"), "{secret:?}: {said:#?}");
        if secret.len() > 5 {
            assert!(!said.stdout.contains(secret), "{secret:?}");
        }
    }
}
