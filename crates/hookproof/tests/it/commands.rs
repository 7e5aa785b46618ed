//! The commands that ask nobody: help, list, explain, sign, verify.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::program::{SECRET, Said, hookproof, refused, run};

fn with_stdin(mut command: Command, input: &[u8]) -> Said {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn help() {
    for command in ["hookproof", "check", "listener"] {
        let arguments =
            if command == "hookproof" { vec!["--help"] } else { vec![command, "--help"] };
        let said = run(&arguments);
        assert_eq!(said.code, Some(0));
        insta::assert_snapshot!(format!("help of {command}").replace(' ', "_"), said.stdout);
    }
}

#[test]
fn a_wrong_command_line_is_2() {
    refused(&[], 2, &["Usage"]);
    refused(&["chek"], 2, &["check"]);
    refused(&["check", "--targte", "x"], 2, &["--target"]);
    refused(&["check", "--mode", "none"], 2, &["separate", "combined", "both"]);
    refused(&["check", "--timeout", "10"], 2, &["the unit is missing"]);
    refused(&["check", "--jobs", "0"], 2, &["1..=256"]);
    refused(&["check", "--report", "xml=a"], 2, &["known are json, junit"]);
}

#[test]
fn list_shows_every_check() {
    let said = run(&["list"]);
    assert_eq!(said.code, Some(0));
    let json = run(&["list", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let checks = json["checks"].as_array().unwrap();
    assert!(checks.len() >= 40);
    for check in checks {
        let id = check["id"].as_str().unwrap();
        assert!(said.stdout.contains(id), "{id}");
    }
}

#[test]
fn explain_knows_every_kind_of_id() {
    #[track_caller]
    fn check(id: &str, word: &str) {
        let said = run(&["explain", id]);
        assert_eq!(said.code, Some(0), "{said:#?}");
        assert!(said.stdout.contains(word), "`{word}` is missing: {said:#?}");
    }
    check("SIG-02", "INVALID_SIGNATURE");
    check("sig-02", "signature-rejects-flipped-body");
    check("signature-rejects-flipped-body", "SIG-02");
    check("INVALID_USER", "error code");
    check("order_paid", "notification type");
    check("CON-01", "contradiction");
    check("body-reserialized", "cause");
}

#[test]
fn explain_of_an_unknown_id_suggests_near_ones() {
    refused(&["explain", "signature-rejects-fliped-body"], 2, &["signature-rejects-flipped-body"]);
    refused(&["explain", "order_pai"], 2, &["order_paid"]);
    refused(&["explain", "qqqq"], 2, &["nothing is known under `qqqq`", "hookproof list"]);
}

#[test]
fn sign_and_verify_agree_on_the_bytes() {
    let body = b"{\"a\": \"\xff\"}\n";
    let signed = with_stdin(hookproof(&["sign", "-", "--secret", SECRET]), body);
    assert_eq!(signed.code, Some(0), "{signed:#?}");
    let header = signed.stdout.trim_end();
    let verify = |header: &str, body: &[u8]| {
        let arguments = ["verify", "-", "--explain", "--secret", SECRET, "--signature", header];
        with_stdin(hookproof(&arguments), body)
    };
    let said = verify(header, body);
    assert_eq!((said.code, said.stdout.ends_with("\nvalid\n")), (Some(0), true), "{said:#?}");
    assert!(!said.stdout.contains(SECRET));
    // The line break is part of the body.
    let said = verify(header, body.trim_ascii_end());
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("invalid: the signature does not match the body"), "{said:#?}");
    // Bare digits will do.
    let digits = header.rsplit(' ').next().unwrap();
    assert_eq!(verify(digits, body).code, Some(0));
}

#[test]
fn the_secret_comes_from_flag_file_or_environment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "from-file\n").unwrap();
    let file = file.to_str().unwrap();
    let header = |secret| {
        let said = with_stdin(hookproof(&["sign", "-", "--secret", secret]), b"{}");
        said.stdout
    };
    let with_environment = |arguments: &[&str]| {
        let mut command = hookproof(arguments);
        command.env("XSOLLA_WEBHOOK_SECRET_KEY", "from-environment");
        with_stdin(command, b"{}").stdout
    };
    assert_eq!(with_environment(&["sign", "-"]), header("from-environment"));
    assert_eq!(with_environment(&["sign", "-", "--secret-file", file]), header("from-file"));
    assert_eq!(with_environment(&["sign", "-", "--secret", "from-flag"]), header("from-flag"));
    let missing = folder.path().join("none");
    refused(
        &["sign", "-", "--secret-file", missing.to_str().unwrap()],
        2,
        &["cannot read the secret file", "No such file"],
    );
    refused(&["sign", "-"], 2, &["secret key is missing", "XSOLLA_WEBHOOK_SECRET_KEY"]);
    refused(&["sign", "-", "--secret", ""], 2, &["empty"]);
    refused(&["sign", "none.json", "--secret", "k"], 2, &["cannot read the body `none.json`"]);
}
