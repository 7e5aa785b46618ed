//! The harness of crashes, as a process: it must convict whom it should, and nobody else.

use std::process::Command;

use serde_json::Value;

/// The program that commits each request alone stands beside the harness; with weaker settings, it loses
/// what it acknowledged when the power is cut.
#[test]
fn a_power_cut_convicts_whoever_does_not_sync_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("crash.json");
    assert!(std::path::Path::new(env!("CARGO_BIN_EXE_one_commit_each")).is_file());
    let output = Command::new(env!("CARGO_BIN_EXE_hookproof-bench"))
        .args(["crash", "proof", "--rounds", "4", "--json"])
        .arg(&json)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let findings = |name: &str| {
        report["trials"][name]["details"]["findings"].as_array().expect("it was tried").clone()
    };
    assert_eq!(findings("proof-synchronous-FULL"), [Value::Null; 0], "{said}");
    for weaker in ["NORMAL", "OFF"] {
        let findings = findings(&format!("proof-synchronous-{weaker}"));
        assert!(findings[0].as_str().unwrap().contains("acknowledged"), "{said}");
    }
}
