//! Every way of breaking the data is noticed, and named with its file and place.

mod tables;

use super::*;

/// The embedded files with one text replaced in one of them, and then read.
#[track_caller]
fn problems_of(path: &str, from: &str, to: &str) -> Vec<String> {
    let mut files: Vec<(&str, String)> =
        embedded_files().iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    let (_, text) = files.iter_mut().find(|(name, _)| *name == path).expect(path);
    assert!(text.contains(from), "{path} does not hold {from:?}");
    *text = text.replacen(from, to, 1);
    problems_in(&files)
}

fn problems_in(files: &[(&str, String)]) -> Vec<String> {
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    match Spec::from_files(&files) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems.iter().map(ToString::to_string).collect(),
    }
}

/// Breaks one file, and looks for the problem that must be among those reported.
#[track_caller]
fn check(path: &str, from: &str, to: &str, expected: &str) {
    let problems = problems_of(path, from, to);
    let found = problems.iter().any(|problem| problem.contains(expected));
    assert!(found, "wanted {expected:?}, got {problems:#?}");
}

const SIG: &str = "clauses/signature.toml";

#[test]
fn unreadable_files() {
    check(SIG, "why = ", "wy = ", "spec/clauses/signature.toml: line 16: ");
    check(SIG, "level = \"must\"", "level = \"shall\"", "unknown variant `shall`");
    check(SIG, "level = \"must\"", "level = must", "spec/clauses/signature.toml: line 9: ");
    check("sources.toml", "[[source]]", "[[sorce]]", "unknown field `sorce`");
    check("delivery.toml", "\"order_paid\"", "\"order_payed\"", "not a notification type");
    check("delivery.toml", "\"5xx\"", "\"6xx\"", "`6xx` is none of");
    check("errors.toml", "\"INVALID_USER\"", "\"INVALID_USR\"", "not an error code");
    check("network.toml", "185.30.20.0/24", "185.30.20.1/24", "no range of IPv4 addresses");
    check(
        "products.toml",
        "need = \"required\"",
        "need = \"perhaps\"",
        "unknown variant `perhaps`",
    );
    check("notifications/payment/payload.schema.json", "{", "{,", "payload.schema.json: line 1: ");
}

#[test]
fn clauses_out_of_form() {
    check(SIG, "id = \"SIG-02\"", "id = \"SIG-01\"", "clause SIG-01: the id occurs twice");
    check(
        SIG,
        "id = \"SIG-02\"",
        "id = \"SIG-2\"",
        "clause SIG-2: the id has not the form `SIG-NN`",
    );
    check(
        SIG,
        "id = \"SIG-02\"",
        "id = \"ANS-02\"",
        "clause ANS-02: the id has not the form `SIG-NN`",
    );
    check(
        "clauses/answers.toml",
        "prefix = \"ANS\"",
        "prefix = \"SIG\"",
        "belongs to another file",
    );
    check(
        SIG,
        "topic = \"signature\"",
        "topic = \"signing\"",
        "says `signing`, its path says `signature`",
    );
    check(
        SIG,
        "\"de-overview#signature\", ",
        "\"de-overvew#signature\", ",
        "there is no source `de-overvew`",
    );
    check(SIG, "\"de-overview#signature\", ", "\"de-overview#sig\", ", "lists no anchor `sig`");
}

#[test]
fn disputes_out_of_form() {
    check(
        SIG,
        "status = \"settled\"",
        "status = \"disputed\"",
        "clause SIG-01: `dispute` is missing",
    );
    check(
        SIG,
        "status = \"disputed\"",
        "status = \"settled\"",
        "clause SIG-06: `dispute` is there",
    );
    check(SIG, "contradiction = \"CON-03\"\n", "", "clause SIG-06: `contradiction` is missing");
    let disputed_must = "clause SIG-06: `level = \"must\"` is there, although";
    check(SIG, "level = \"should\"", "level = \"must\"", disputed_must);
    check(SIG, "\"CON-03\"", "\"CON-99\"", "there is no contradiction `CON-99`");
    check(SIG, "\"CON-03\"", "\"CON-01\"", "contradiction `CON-01` does not name it in return");
    check(
        SIG,
        "evidence = \"wire\"",
        "evidence = \"untestable\"",
        "clause SIG-01: `reason` is missing",
    );
    check(
        SIG,
        "evidence = \"untestable\"",
        "evidence = \"wire\"",
        "clause SIG-11: `reason` is there",
    );
    check(
        SIG,
        "why = \"Otherwise anybody can forge a purchase.",
        "why = \"\" # ",
        "clause SIG-02: `why` is empty",
    );
}

#[test]
fn clauses_without_a_check_out_of_form() {
    let unchecked = |text: &str| format!("evidence = \"wire\"\nunchecked = \"{text}\"");
    check(SIG, "evidence = \"wire\"", &unchecked(" "), "clause SIG-01: `unchecked` is empty");
    let sender = "id = \"SIG-12\"\nunchecked = \"not yet\"";
    check(SIG, "id = \"SIG-12\"", sender, "clause SIG-12: `unchecked` is there");
    let untestable = "id = \"SIG-11\"\nunchecked = \"not yet\"";
    check(SIG, "id = \"SIG-11\"", untestable, "clause SIG-11: `unchecked` is there");
}

#[test]
fn sources_and_contradictions_out_of_form() {
    check(
        "sources.toml",
        "key = \"de-overview\"",
        "key = \"de-setup\"",
        "source de-setup: the id occurs twice",
    );
    check(
        "sources.toml",
        "\"settings\", \"answers\"",
        "\"answers\", \"answers\"",
        "`answers` is listed twice",
    );
    check(
        "sources.toml",
        "authority = \"official-older\"",
        "authority = \"official-newest\"",
        "unknown variant `official-newest`",
    );
    let con = "contradictions.toml";
    check(con, "id = \"CON-02\"", "id = \"CON-2\"", "contradiction CON-2: the id has not the form");
    check(con, "id = \"CON-02\"", "id = \"CON-01\"", "contradiction CON-01: the id occurs twice");
    check(con, "\"ANS-12\"", "\"ANS-99\"", "contradiction CON-01: there is no clause `ANS-99`");
    check(con, "\"v2#answers\"", "\"v3#answers\"", "there is no source `v3`");
    check(
        con,
        "[\"SIG-06\"]",
        "[\"SIG-06\", \"SIG-02\"]",
        "clause SIG-02: `status = \"disputed\"` is missing, which a contradiction that lists",
    );
    check(con, "[\"SIG-06\"]", "[\"SIG-06\", \"SIG-06\"]", "CON-03: `SIG-06` is listed twice");
    check(con, "[\"SIG-06\"]", "[]", "clause SIG-06: contradiction `CON-03` does not name it");
    check(
        con,
        "taken = \"The listener may",
        "taken = \"\" # ",
        "contradiction CON-02: `taken` is empty",
    );
}

#[test]
fn files_too_few_or_too_many() {
    let whole: Vec<(&str, String)> =
        embedded_files().iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    let without = |path: &str| {
        let files: Vec<_> = whole.iter().filter(|(name, _)| *name != path).cloned().collect();
        problems_in(&files)
    };
    assert_eq!(without("network.toml"), ["spec/network.toml: whole file: the file is missing"]);
    let refund = "notifications/refund/notification.toml";
    assert!(without(refund).contains(&format!("spec/{refund}: whole file: the file is missing")));
    let schema = "notifications/refund/payload.schema.json";
    assert_eq!(
        without(schema),
        [format!("spec/{refund}: notification: there is no file `{schema}`")]
    );

    let with =
        |path, text: &str| problems_in(&[whole.clone(), vec![(path, text.to_owned())]].concat());
    let unexpected = "no file of this name belongs to the contract";
    assert_eq!(
        with("clauses/a/b.toml", ""),
        [format!("spec/clauses/a/b.toml: whole file: {unexpected}")]
    );
    assert_eq!(with("notes.txt", ""), [format!("spec/notes.txt: whole file: {unexpected}")]);
    let vectors = "spec/vectors/new.json: clauses: there is no clause `SIG-99`";
    assert_eq!(with("vectors/new.json", "{\"clauses\": [\"SIG-99\"]}"), [vectors]);
    let long = " ".repeat(FILE_BYTES_MAX + 1);
    let problems = with("vectors/long.json", &long);
    assert!(problems.iter().any(|problem| problem.contains("longer than 1048576 bytes")));
}

#[test]
fn all_problems_are_reported_at_once() {
    let mut files: Vec<(&str, String)> =
        embedded_files().iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    for (name, text) in &mut files {
        if *name == SIG {
            *text = text.replace("\"php-sdk#signature\"", "\"php#signature\"");
        }
        if *name == "delivery.toml" {
            *text = text.replace("attempts_max = 12", "attempts_max = 13");
        }
    }
    let problems = problems_in(&files);
    assert!(problems.iter().filter(|problem| problem.contains("no source `php`")).count() >= 5);
    assert_eq!(problems.iter().filter(|problem| problem.contains("attempts_max is 13")).count(), 4);
    let sorted = problems.is_sorted();
    assert!(sorted, "{problems:#?}");
}
