//! `hookproof check` on targets behind TLS, and on addresses that servers print.

use crate::program::{SECRET, refused, run};

#[test]
fn insecure_is_for_this_machine_alone() {
    let check = |target: &str, more: &[&str]| {
        let words = ["check", "--target", target, "--secret", SECRET, "--insecure"];
        refused(&[&words, more].concat(), 2, &["--insecure", "not on this machine", "--ca-file"])
    };
    check("https://192.0.2.1/", &["--allow-remote"]);
    let probe = ["--allow-remote", "--probe", "https://192.0.2.1/{user}"];
    check("https://127.0.0.1:1/", &probe);
}

#[test]
fn a_ca_file_without_certificates_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, "no certificate\n").unwrap();
    let file = path.display().to_string();
    let words = ["check", "--target", "https://127.0.0.1:1/", "--secret", SECRET];
    refused(&[&words[..], &["--ca-file", &file]].concat(), 2, &["holds no certificate", &file]);
    refused(&[&words[..], &["--ca-file", "none-such"]].concat(), 2, &["none-such"]);
}

#[test]
fn a_ca_file_in_settings_lies_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hookproof.toml");
    std::fs::write(&config, "ca-file = 'ca.pem'\n").unwrap();
    let config = config.display().to_string();
    let words = ["check", "--target", "https://127.0.0.1:1/", "--secret", SECRET];
    let named = folder.path().join("ca.pem").display().to_string();
    refused(&[&words[..], &["--config", &config]].concat(), 2, &["--ca-file", &named]);
}

#[test]
fn every_address_is_asked_on_the_loopback() {
    for (target, asked) in [
        ("http://0.0.0.0:1/webhook", "http://127.0.0.1:1/webhook"),
        ("http://[::]:1/webhook", "http://[::1]:1/webhook"),
    ] {
        let said = run(&["check", "--target", target, "--secret", SECRET]);
        assert_eq!(said.code, Some(3), "{said:#?}");
        let note = format!("note: {target} names every address of a machine; asking {asked}");
        assert!(said.stderr.contains(&note), "{said:#?}");
    }
}

#[test]
fn variables_for_tls_count_with_a_target_alone() {
    let mut command = crate::program::hookproof(&[
        "check",
        "--target",
        "https://192.0.2.1/",
        "--secret",
        SECRET,
        "--allow-remote",
    ]);
    let said: crate::program::Said =
        command.env("HOOKPROOF_INSECURE", "1").output().unwrap().into();
    assert_eq!(said.code, Some(2), "{said:#?}");
    assert!(said.stderr.contains("--insecure"), "{said:#?}");
}
