//! `hookproof check` without a target: the reference listener, as a process of its own.

use std::net::TcpStream;

use serde_json::Value;

use crate::program::{Said, run};

/// A few checks of every evidence level, to be quick; `cargo xtask ci` runs all of them.
const FEW: &[&str] = &[
    "check",
    "--only",
    "signature-accepts-valid",
    "--only",
    "signature-rejects-flipped-body",
    "--only",
    "orders-granted",
    "--cases",
    "4",
];

fn few(more: &[&str]) -> Said {
    let said = run(&[FEW, more].concat());
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert_eq!(said.stderr, "");
    said
}

#[test]
fn the_last_line_counts() {
    let said = few(&[]);
    let mut lines = said.stdout.lines().rev();
    assert!(lines.next().unwrap().starts_with("3 passed, 0 failed, "), "{said:#?}");
    assert_eq!(lines.next(), Some(""));
}

#[test]
fn reports_are_written_and_the_child_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let json = format!("json={}", folder.path().join("report.json").display());
    let junit = format!("junit={}", folder.path().join("report.xml").display());
    let said = few(&["--report", &json, "--report", &junit, "--format", "json"]);
    let written = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    assert_eq!(written, said.stdout);
    let report: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(report["summary"]["pass"], 3);
    let url = report["target"][0].as_str().unwrap();
    let address = url.strip_prefix("http://").unwrap().strip_suffix("/webhook").unwrap();
    assert!(TcpStream::connect(address).is_err(), "the listener outlived the run");
    let junit = std::fs::read_to_string(folder.path().join("report.xml")).unwrap();
    assert!(junit.contains(r#"<testcase name="orders-granted" classname="orders""#), "{junit}");
}

#[test]
fn equal_seeds_ask_equal_questions() {
    let digests = |seed: &str| -> Vec<Value> {
        let said = few(&["--format", "json", "--seed", seed]);
        let report: Value = serde_json::from_str(&said.stdout).unwrap();
        let checks = report["checks"].as_array().unwrap();
        checks.iter().map(|check| check["cases_digest"].clone()).collect()
    };
    assert_eq!(digests("7"), digests("7"));
    assert_ne!(digests("7"), digests("8"));
}

fn options(arguments: &[&str]) -> Value {
    let one = ["check", "--only", "signature-accepts-valid", "--format", "json"];
    let said = run(&[&one, arguments].concat());
    assert_eq!(said.code, Some(0), "{said:#?}");
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    report["options"].clone()
}

#[test]
fn products_and_types_decide_what_is_asked() {
    let types = |arguments: &[&str]| {
        let types = options(arguments)["types"].take();
        let types: Vec<String> = serde_json::from_value(types).unwrap();
        types.join(" ")
    };
    // The reference listener serves all of them; a flag asks for fewer.
    assert_eq!(types(&[]).split(' ').count(), 18);
    assert_eq!(types(&["--also", "all"]).split(' ').count(), 18);
    assert_eq!(
        types(&["--product", "in-game-store"]),
        "user_validation payment refund order_paid order_canceled"
    );
    assert_eq!(
        types(&["--product", "in-game-store", "--mode", "combined"]),
        "user_validation order_paid order_canceled"
    );
    assert_eq!(
        types(&["--product", "subscriptions", "--also", "partial_refund"]),
        "user_validation payment refund partial_refund create_subscription update_subscription \
         cancel_subscription"
    );
}

#[test]
fn the_command_to_run_again_does_not_name_the_child_that_is_gone() {
    // The game behind the reference listener knows this user, so the run fails.
    let unknown = ["--unknown-user", "1234567", "--only", "users-unknown-refused", "--seed", "5"];
    let said = run(&[&["check"], &unknown[..]].concat());
    assert_eq!(said.code, Some(1), "{said:#?}");
    let command = "hookproof check --unknown-user 1234567 --only users-unknown-refused --seed 5";
    assert!(said.stdout.lines().any(|line| line == format!("  again     {command}")), "{said:#?}");
}
