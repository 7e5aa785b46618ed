//! The commands that ask nobody: help, list, explain.

use crate::program::{refused, run};

#[test]
fn help() {
    for command in ["hookproof", "check", "listener", "validate"] {
        let arguments =
            if command == "hookproof" { vec!["--help"] } else { vec![command, "--help"] };
        let said = run(&arguments);
        assert_eq!(said.code, Some(0));
        insta::assert_snapshot!(format!("help of {command}").replace(' ', "_"), said.stdout);
    }
}

#[test]
fn shells_complete_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = run(&["completions", shell]);
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
        assert!(said.stdout.contains("write-baseline"), "{shell}");
    }
    refused(&["completions", "tcsh"], 2, &["possible values: bash, elvish, fish"]);
}

#[test]
fn a_wrong_command_line_is_2() {
    refused(&[], 2, &["Usage"]);
    refused(&["chek"], 2, &["check"]);
    refused(&["check", "--targte", "x"], 2, &["--target"]);
    refused(&["check", "--mode", "none"], 2, &["separate", "combined", "both"]);
    refused(&["check", "--timeout", "10"], 2, &["the unit is missing"]);
    refused(&["check", "--jobs", "0"], 2, &["1..=256"]);
    refused(&["check", "--jobs", "many"], 2, &["--jobs"]);
    refused(&["check", "--cases", "0"], 2, &["1..=1000000"]);
    refused(&["check", "--timeout", "0s"], 2, &["must not be zero"]);
    refused(&["check", "--timeout", "0"], 2, &["the unit is missing"]);
    refused(&["check", "--report", "xml=a"], 2, &["known are json, ndjson, junit"]);
    refused(&["check", "--product", "shop"], 2, &["known are payments, in-game-store"]);
    refused(&["check", "--also", "partial_refnd"], 2, &["did you mean `partial_refund`"]);
    refused(&["check", "--also", "zzzz"], 2, &["known are user_validation"]);
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
    check("in-game-store", "product");
    check("order-paid", "2 times after 5 min, then 7 times after 15 min, then 10 times after 1 h");
    check("saved-methods", "switch of the Publisher Account");
    check("7", "CON-27");
    check("reason-7", "CON-27");
    check("redeem_key", "outside of the contract");
    check("users", "USER-01");
    check("web_shop_user_validation", "signed");
}

#[test]
fn a_word_with_several_meanings_is_explained_in_each() {
    let said = run(&["explain", "payments"]);
    for meaning in ["payments (product)", "payments (topic of the contract)"] {
        assert!(said.stdout.contains(meaning), "{said:#?}");
    }
}

#[test]
fn explain_knows_words() {
    #[track_caller]
    fn check(words: &[&str], parts: &[&str]) {
        let said = run(&[&["explain"], words].concat());
        assert_eq!(said.code, Some(0), "{said:#?}");
        for part in parts {
            assert!(said.stdout.contains(part), "{part} is missing: {said:#?}");
        }
    }
    check(&["duplicate"], &["keys.html#duplicates", "IDEM-01 (clause, must on listener"]);
    check(&["timeout"], &["TIME-01 (clause"]);
    check(&["409"], &["RETRY-08 (clause"]);
    check(&["exit", "code"], &["tool/exit-codes.html"]);
    check(&["refund", "before", "payment"], &["SEQ-04 (clause"]);
    check(&["duplicte", "delivery"], &["did you mean", "IDEM-02 (clause"]);
    check(&["bundle", "content"], &["order_paid"]);
    check(&["retry", "backoff", "table"], &["time.html#retries"]);
}

#[test]
fn explained() {
    for id in ["CON-01", "order_paid", "payments"] {
        let said = run(&["explain", id]);
        insta::assert_snapshot!(format!("explain_{id}"), said.stdout);
    }
}

#[test]
fn explain_of_an_unknown_id_suggests_near_ones() {
    refused(&["explain", "signature-rejects-fliped-body"], 2, &["signature-rejects-flipped-body"]);
    refused(&["explain", "order_pai"], 2, &["order_paid"]);
    refused(&["explain", "body-reserialised"], 2, &["did you mean `body-reserialized`"]);
    refused(&["explain", "SIG-99"], 2, &["did you mean `SIG-"]);
    refused(&["explain", "con-1"], 2, &["did you mean `CON-01`"]);
    refused(&["explain", ""], 2, &["value is required"]);
    refused(&["explain", "qqqq"], 2, &["nothing is known under `qqqq`", "hookproof list"]);
}
