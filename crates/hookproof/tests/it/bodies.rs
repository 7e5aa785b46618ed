//! The commands that look at one body: sign, verify, validate.

use serde_json::Value;

use crate::program::{SECRET, Said, hookproof, refused, with_stdin};

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
    refused(
        &["sign", "none.json", "--secret", "k"],
        2,
        &["cannot read the body `none.json`", "stdin"],
    );
}

#[test]
fn an_unreadable_secret_file_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(at("empty"), "").unwrap();
    std::fs::write(at("binary"), b"\xff\xfe").unwrap();
    let sign = |file: &str, words: &[&str]| {
        let said = refused(&["sign", "-", "--secret-file", file], 2, words);
        assert_eq!(said.stderr.lines().count(), 2, "{said:#?}");
    };
    sign(&at("none"), &["none`: No such file", "hint: name a file"]);
    sign(&at(""), &["Is a directory", "hint: name a file"]);
    sign(&at("empty"), &["the secret key is empty", "hint: name a file"]);
    sign(&at("binary"), &["not UTF-8", "hint: name a file"]);
}

#[test]
fn a_file_written_on_windows_holds_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{SECRET}\r\n")).unwrap();
    let from_file = ["sign", "-", "--secret-file", file.to_str().unwrap()];
    let from_flag = ["sign", "-", "--secret", SECRET];
    let signed = |arguments: &[&str]| with_stdin(hookproof(arguments), b"{}").stdout;
    assert_eq!(signed(&from_file), signed(&from_flag));
}

fn verify(header: &str, body: &[u8]) -> Said {
    let arguments = ["verify", "-", "--explain", "--secret", SECRET, "--signature", header];
    with_stdin(hookproof(&arguments), body)
}

#[test]
fn verify_explains_what_was_hashed_and_what_was_done_wrong() {
    // HMAC-SHA1 of this body under the secret.
    let said =
        verify("Signature 7021541d74b9cea5fd4ff75f5c6dd75547d559f5", b"{\"a\": \"\xc3\xa9\"}\n");
    assert_eq!(said.code, Some(1));
    insta::assert_snapshot!("verify_hmac", said.stdout);
}

fn validate(arguments: &[&str], body: &[u8]) -> Said {
    with_stdin(hookproof(&[&["validate", "-"], arguments].concat()), body)
}

/// An order with many defects, as somebody types one.
const WRONG: &[u8] = br#"{"notification_type":"order_paid","user":{"id":"7"},"settings":{},
  "order":{"id":"x","mode":"sandbox","currency_type":"real","currency":"usd","amount":"9.99",
    "status":"paid","platform":null,"comment":null,"invoice_id":2105000001,"promotions":[]},
  "items":[{"sku":"sword_01","type":"virtual_good","is_pre_order":false,"quantity":0,"amount":9.99}]}
"#;

#[test]
fn validate_names_all_problems_at_once() {
    let said = validate(&[], WRONG);
    assert_eq!((said.code, said.stderr.as_str()), (Some(1), ""));
    insta::assert_snapshot!("validate_wrong_order", said.stdout);
}

#[test]
fn validate_for_programs() {
    let said = validate(&["--format", "json"], WRONG);
    assert_eq!(said.code, Some(1));
    let found: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(found["schema"], "hookproof.validation/1");
    assert_eq!((&found["type"], &found["mode"]), (&"order_paid".into(), &"separate".into()));
    assert_eq!(found["valid"], false);
    let problem = &found["problems"][0];
    assert_eq!(problem["pointer"], "/items/0");
    assert_eq!(problem["clause"], "PAYLOAD-03");
}

#[test]
fn validate_checks_the_signature_too() {
    let body =
        br#"{"notification_type":"user_validation","user":{"id":"player-1001","country":"US"}}"#;
    let header = "Signature 5e8269df2aa91dbfac3d1b23177b9bf8722a85a8";
    let signed = |body: &[u8]| validate(&["--signature", header, "--secret", SECRET], body);
    let said = signed(body);
    assert_eq!(said.code, Some(0), "{said:#?}");
    insta::assert_snapshot!("validate_signed", said.stdout);
    // The same JSON in other bytes is a valid body under a wrong signature.
    let said = signed(&[&body[..], b"\n"].concat());
    assert_eq!(said.code, Some(1));
    insta::assert_snapshot!("validate_wrong_signature", said.stdout);
    refused(&["validate", "-", "--signature", header], 2, &["secret key is missing"]);
}

#[test]
fn validate_by_type_and_mode() {
    let question = br#"{"user":{"id":"player-1001"}}"#;
    let said = validate(&[], question);
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("web_shop_user_validation (PAYLOAD-13)"), "{said:#?}");
    let said = validate(&["--type", "web_shop_user_validation"], question);
    assert_eq!(said.code, Some(0), "{said:#?}");
    let said = validate(&["--type", "payment"], question);
    assert!(said.stdout.contains("`notification_type` is missing (PAYLOAD-14)"), "{said:#?}");
    let order = br#"{"notification_type":"order_paid","billing":{}}"#;
    assert!(validate(&[], order).stdout.starts_with("order_paid, combined mode"));
    let said = validate(&["--mode", "separate"], order);
    assert!(said.stdout.contains("it belongs to the combined mode"), "{said:#?}");
    refused(&["validate", "-", "--type", "order_payd"], 2, &["did you mean `order_paid`"]);
    refused(&["validate", "-", "--mode", "both"], 2, &["known are separate, combined"]);
    refused(&["validate", "none.json"], 2, &["cannot read the body `none.json`", "stdin"]);
}
