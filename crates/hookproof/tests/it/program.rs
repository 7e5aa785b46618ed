//! Starts the binary in surroundings that hold nothing of the tester's own.

use std::{
    io::Write,
    net::TcpListener,
    process::{Command, Output, Stdio},
};

/// The secret of every project in these tests.
pub(crate) const SECRET: &str = "example-project-secret";

/// The binary, without the variables that it would listen to.
pub(crate) fn hookproof(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookproof"));
    command.args(arguments).stdin(Stdio::null());
    // Tests share a folder, and would find each other's failures.
    command.env("HOOKPROOF_NO_STORE", "1");
    for name in [
        "HOOKPROOF_TARGET",
        "HOOKPROOF_PROBE",
        "HOOKPROOF_CA_FILE",
        "HOOKPROOF_INSECURE",
        "HOOKPROOF_PROJECT_ID",
        "HOOKPROOF_MERCHANT_ID",
        "HOOKPROOF_PRICE",
        "HOOKPROOF_CURRENCY",
        "HOOKPROOF_PROBE_DELAY",
        "HOOKPROOF_CASES",
        "HOOKPROOF_MAX_TIME",
        "HOOKPROOF_SEED",
        "HOOKPROOF_JOBS",
        "HOOKPROOF_TIMEOUT",
        "XSOLLA_WEBHOOK_SECRET_KEY",
        "HOOKPROOF_PROBE_TOKEN",
        "HOOKPROOF_LOG",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "COLUMNS",
        "NO_COLOR",
    ] {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HOOKPROOF_LISTENER_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a run said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs the binary to its end.
pub(crate) fn run(arguments: &[&str]) -> Said {
    hookproof(arguments).output().unwrap().into()
}

/// Runs a command to its end with this input.
pub(crate) fn with_stdin(mut command: Command, input: &[u8]) -> Said {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().into()
}

/// Runs the binary and expects it to refuse: this exit code, these words on stderr, nothing on stdout.
#[track_caller]
pub(crate) fn refused(arguments: &[&str], code: i32, words: &[&str]) -> Said {
    let said = run(arguments);
    assert_eq!(said.code, Some(code), "{said:#?}");
    assert_eq!(said.stdout, "");
    for word in words {
        assert!(said.stderr.contains(word), "`{word}` is missing: {said:#?}");
    }
    said
}

/// The URL of a port on which nobody listens.
pub(crate) fn silent_url() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/webhook", socket.local_addr().unwrap())
}
