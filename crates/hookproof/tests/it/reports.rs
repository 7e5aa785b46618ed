//! Reports as files, on stdout and out of their JSON alone; and what changed between two.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    program::{SECRET, Said, hookproof, refused, run},
    wrong::yes_to_everything,
};

/// The formats whose file is the same whether it was written by the run or made of the JSON.
const FORMATS: [&str; 6] = ["json", "junit", "html", "markdown", "sarif", "badge"];

/// Asks a listener that says yes to everything, on GitHub's machine, for every report there is.
fn run_for_all_reports(folder: &Path) -> Said {
    let url = yes_to_everything();
    let mut arguments: Vec<String> =
        ["check", "--target", &url, "--secret", SECRET, "--only", "signature-*", "--cases", "4"]
            .map(str::to_owned)
            .to_vec();
    for format in FORMATS.into_iter().chain(["ndjson"]) {
        let path = folder.join(format);
        arguments.extend(["--report".to_owned(), format!("{format}={}", path.display())]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = hookproof(&arguments);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", folder.join("summary"));
    command.output().unwrap().into()
}

#[test]
fn every_report_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("summary"), "# Before\n").unwrap();
    let said = run_for_all_reports(folder.path());
    assert_eq!(said.code, Some(1), "{said:#?}");
    let file = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    for name in FORMATS.into_iter().chain(["ndjson", "summary"]) {
        assert!(!file(name).contains(SECRET), "{name}");
    }

    // On GitHub, no word of the target is a command.
    let (quiet, commands) =
        said.stdout.split_once("::stop-commands::").unwrap().1.split_once('\n').unwrap();
    let (report, annotations) = commands.split_once(&format!("::{quiet}::\n")).unwrap();
    assert!(report.contains("0 passed") || report.contains(" failed, "), "{report}");
    assert!(annotations.starts_with("::error title=SIG-"), "{annotations}");
    assert!(file("summary").starts_with("# Before\n"), "what was there stays");
    assert!(file("summary").contains("Likely causes"));

    let events: Vec<Value> =
        file("ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    assert_eq!((count("started"), count("ended")), (1, 1));
    assert_eq!(events.last().unwrap()["verdict"], "nonconformant");
    let report: Value = serde_json::from_str(&file("json")).unwrap();
    assert_eq!(count("check_ended"), report["checks"].as_array().unwrap().len());

    let json = folder.path().join("json");
    let json = json.to_str().unwrap();
    for format in FORMATS {
        let again = run(&["report", json, "--as", format]);
        assert_eq!((again.code, again.stderr.as_str()), (Some(0), ""), "{format}");
        assert!(again.stdout == file(format), "{format} differs out of the JSON");
    }
    let out = folder.path().join("again.html");
    let again = run(&["report", json, "--as", "html", "--out", out.to_str().unwrap()]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), ""));
    assert_eq!(file("again.html"), file("html"));
    let human = run(&["report", json]).stdout;
    assert!(human.contains("signature-not-checked") && human.contains(" failed, "), "{human}");
    let differs = run(&["diff", json, json]);
    assert_eq!(differs.code, Some(0), "{differs:#?}");
    assert!(differs.stdout.ends_with("0 fixed, 0 newly broken, 0 changed\n"), "{differs:#?}");
    what_got_worse(folder.path());
}

/// The same report with one check that passed before, and one option that differed.
fn what_got_worse(folder: &Path) {
    let after = folder.join("json");
    let mut report: Value = serde_json::from_str(&fs::read_to_string(&after).unwrap()).unwrap();
    let checks = report["checks"].as_array_mut().unwrap();
    let failed = checks.iter_mut().find(|check| check["status"] == "fail").unwrap();
    failed["status"] = "pass".into();
    report["options"]["cases"] = 64.into();
    let before = folder.join("before");
    fs::write(&before, report.to_string()).unwrap();
    let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
    let said = run(&["diff", before, after]);
    assert_eq!(said.code, Some(1), "{said:#?}");
    for word in ["cases: 64 -> 4", "newly broken", "0 fixed, 1 newly broken, 0 changed"] {
        assert!(said.stdout.contains(word), "`{word}` is missing: {said:#?}");
    }
    let said = run(&["diff", after, before, "--format", "json"]);
    assert_eq!(said.code, Some(0), "{said:#?}");
    let found: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&found["worse"], found["fixed"].as_array().unwrap().len()), (&false.into(), 1));
}

#[test]
fn a_report_may_take_the_place_of_the_usual_one_on_stdout() {
    let url = yes_to_everything();
    let only = ["check", "--target", &url, "--secret", SECRET, "--only", "SIG-04"];
    let said = run(&[&only[..], &["--report", "ndjson=-"]].concat());
    assert_eq!(said.code, Some(1), "{said:#?}");
    for line in said.stdout.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["schema"], "hookproof.events/1");
    }
    let two = [&only[..], &["--report", "json=-", "--report", "junit=-"]].concat();
    refused(&two, 2, &["two reports cannot both stand on stdout", "hint: "]);
}

#[test]
fn what_is_no_report_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report");
    let name = path.to_str().unwrap();
    for (text, reason) in [
        ("", "it is empty"),
        ("{\"schema\": \"hookproof.rep", "it ends in the middle, at line 1"),
        ("<testsuites/>", "it is no JSON"),
        ("{\"a\": 1}", "it is no report of this program"),
        ("{\"schema\": \"hookproof.report/9\"}", "the report's schema is `hookproof.report/9`"),
        ("{\"schema\": \"hookproof.report/1\"}", "it is no whole report: missing field"),
    ] {
        fs::write(&path, text).unwrap();
        refused(&["report", name], 2, &["cannot read the report", reason, "hint: "]);
        refused(&["diff", name, name], 2, &[reason]);
    }
    fs::write(&path, [0xff, 0xfe]).unwrap();
    refused(&["report", name], 2, &["it is no text"]);
    let folder = folder.path().to_str().unwrap();
    refused(&["report", folder], 2, &["cannot read the report"]);
    refused(&["report", "no-such-file"], 2, &["`no-such-file`"]);
    refused(&["report", name, "--as", "xml"], 2, &["`xml` is no report format; known are human"]);
    refused(&["report"], 2, &["<FILE>"]);
}

#[test]
fn the_schema_is_printed() {
    let said = run(&["report", "--schema"]);
    let schema: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(schema["properties"]["schema"]["const"], "hookproof.report/1");
}
