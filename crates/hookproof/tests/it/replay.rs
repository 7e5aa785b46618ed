//! Failures are kept, asked first in the next run, and replayed: fixed, still failing, or not to be asked.

use std::path::Path;

use hookproof_zoo::{Behaviour, SECRET, Served, faults};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::program::{Said, hookproof, silent_url};

/// Listeners of the zoo, for as long as this lives.
pub(crate) struct Zoo(Runtime);

impl Zoo {
    pub(crate) fn new() -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        Self(builder.worker_threads(1).enable_all().build().unwrap())
    }

    pub(crate) fn right(&self) -> Served {
        self.0.block_on(hookproof_zoo::serve(Behaviour::default())).unwrap()
    }

    pub(crate) fn wrong(&self, slug: &str) -> Served {
        let fault = faults().find(|fault| fault.slug == slug).unwrap();
        self.0.block_on(hookproof_zoo::serve((fault.behaviour)())).unwrap()
    }
}

/// Runs in this folder, with the secret in the environment, and keeps failures there.
pub(crate) fn within(folder: &Path, arguments: &[&str]) -> Said {
    let mut command = hookproof(arguments);
    command.current_dir(folder).env_remove("HOOKPROOF_NO_STORE");
    command.env("XSOLLA_WEBHOOK_SECRET_KEY", SECRET).output().unwrap().into()
}

#[track_caller]
pub(crate) fn says(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:#?}");
    for word in words {
        assert!((said.stdout.clone() + &said.stderr).contains(word), "`{word}`: {said:#?}");
    }
    assert!(!said.stdout.contains(SECRET), "{said:#?}");
}

const FORGED: &str = "signature-rejects-flipped-digit";

const TWICE: &str = "idempotency-repeat-grants-once";

/// A folder in which these checks failed of this listener.
fn failed(served: &Served, checks: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let probe = format!("{}?token=hidden", served.probe_url);
    let mut arguments =
        vec!["check", "--target", &served.webhook_url, "--probe", &probe, "--cases", "4"];
    for id in checks {
        arguments.extend(["--only", id]);
    }
    arguments.extend(["--report", "json=report.json"]);
    let said = within(folder.path(), &arguments);
    says(&said, 1, &[&format!("  replay    hookproof replay {}", checks[0])]);
    folder
}

#[test]
fn a_failure_is_kept_without_the_secret_and_replayed() {
    let zoo = Zoo::new();
    let wrong = zoo.wrong("signature-not-checked");
    let folder = failed(&wrong, &[FORGED]);
    let home = folder.path().join(".hookproof");
    let ignored = std::fs::read_to_string(home.join(".gitignore")).unwrap();
    assert!(ignored.lines().any(|line| line == "*"));
    let kept = std::fs::read_to_string(home.join(format!("failures/{FORGED}.json"))).unwrap();
    assert!(!kept.contains(SECRET) && !kept.contains("hidden"), "{kept}");

    let said = within(folder.path(), &["replay", FORGED]);
    says(
        &said,
        1,
        &["still failing", "1.        POST", "curl ", "0 fixed, 1 still failing, 0 could"],
    );
    assert!(!said.stdout.contains("changed"), "{said:#?}");
    let said = within(folder.path(), &["replay", "SIG-02"]);
    says(&said, 1, &["0 fixed, 1 still failing, 0 could not ask\n"]);

    let right = zoo.right();
    let said = within(folder.path(), &["replay", FORGED, "--target", &right.webhook_url]);
    says(&said, 0, &["fixed", "  then      20", "  now       4", "1 fixed, 0 still failing"]);
    let said = within(folder.path(), &["replay", FORGED, "--target", &silent_url()]);
    says(&said, 3, &["could not ask", "Nothing listens there", "0 still failing, 1 could not ask"]);
}

#[test]
fn a_report_is_replayed_whole_and_as_json() {
    let zoo = Zoo::new();
    let wrong = zoo.wrong("signature-not-checked");
    let checks = [FORGED, "signature-rejects-other-constructions"];
    let folder = failed(&wrong, &checks);
    let replay = ["replay", "report.json", "--format", "json"];
    let said = within(folder.path(), &replay);
    says(&said, 1, &[]);
    let form: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(form["summary"]["still_failing"], 2);
    assert_eq!(form["replays"][0]["outcome"], "still_failing");
    assert_eq!(form["replays"][0]["changed"], false);
    let right = zoo.right();
    let said = within(folder.path(), &[&replay[..], &["--target", &right.webhook_url]].concat());
    says(&said, 0, &["\"fixed\": 2"]);
}

#[test]
fn a_probe_with_a_query_is_given_again() {
    let zoo = Zoo::new();
    let wrong = zoo.wrong("no-dedupe");
    let folder = failed(&wrong, &[TWICE]);
    let said = within(folder.path(), &["replay", TWICE]);
    says(&said, 3, &["the probe's query is not recorded", "HOOKPROOF_PROBE"]);
    let said = within(folder.path(), &["replay", TWICE, "--probe", &wrong.probe_url]);
    says(&said, 1, &["1 still failing"]);
    let right = zoo.right();
    let settings = format!("probe = \"{}\"\n", right.probe_url);
    std::fs::write(folder.path().join("hookproof.toml"), settings).unwrap();
    let said = within(folder.path(), &["replay", TWICE, "--target", &right.webhook_url]);
    says(&said, 0, &["fixed", "look at what", "1 fixed"]);
}

#[test]
fn a_stored_seed_is_asked_first_and_forgotten_when_it_passes() {
    let zoo = Zoo::new();
    let wrong = zoo.wrong("signature-not-checked");
    let folder = failed(&wrong, &[FORGED]);
    let path = folder.path().join(format!(".hookproof/failures/{FORGED}.json"));
    let seed = || -> Value {
        let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        kept["options"]["seed"].clone()
    };
    let first = seed();
    let check = |target: &str, more: &[&str]| {
        let arguments = ["check", "--target", target, "--only", FORGED, "--cases", "4"];
        within(folder.path(), &[&arguments[..], more].concat())
    };
    let again = format!("--seed {first}");
    says(&check(&wrong.webhook_url, &[]), 1, &[&again]);
    assert_eq!(seed(), first);
    // A seed that is named asks its own questions and no others.
    says(&check(&wrong.webhook_url, &["--seed", "5"]), 1, &["--seed 5"]);
    assert_eq!(seed(), 5);
    let right = zoo.right();
    // Not the same question: the failure was seen without a probe.
    let probe = ["--probe", right.probe_url.as_str()];
    says(&check(&right.webhook_url, &probe), 0, &["1 passed"]);
    assert!(path.exists());
    says(&check(&right.webhook_url, &[]), 0, &["no longer fails under the seed", "(5)"]);
    assert!(!path.exists());
}

#[test]
fn what_cannot_be_replayed_is_said() {
    let folder = tempfile::tempdir().unwrap();
    says(&within(folder.path(), &["replay", "SIG-02"]), 2, &["no failure is stored", "--target"]);
    says(&within(folder.path(), &["replay", "none.json"]), 2, &["cannot read `none.json`"]);
    std::fs::write(folder.path().join("a.json"), "{}").unwrap();
    says(
        &within(folder.path(), &["replay", "a.json"]),
        2,
        &["it is no report of this program", "--report"],
    );
    let zoo = Zoo::new();
    let right = zoo.right();
    let target = right.webhook_url.as_str();
    let few = ["check", "--target", target, "--only", FORGED, "--cases", "2"];
    says(&within(folder.path(), &[&few[..], &["--report", "json=b.json"]].concat()), 0, &[]);
    says(
        &within(folder.path(), &["replay", "b.json"]),
        4,
        &["nothing failed or warned in `b.json`"],
    );
    assert!(!folder.path().join(".hookproof").exists());
}

#[test]
fn warnings_are_kept_and_replayed() {
    const UNTYPED: &str = "payloads-without-type";
    let zoo = Zoo::new();
    let wrong = zoo.wrong("no-type-acknowledged");
    let folder = tempfile::tempdir().unwrap();
    let only = ["check", "--target", &wrong.webhook_url, "--only", UNTYPED];
    let said = within(folder.path(), &[&only[..], &["--report", "json=report.json"]].concat());
    says(
        &said,
        0,
        &["shown by  payloads-without-type (should", "  see it    curl", "  replay    hookproof"],
    );
    assert_eq!(said.stdout.matches("  see it ").count(), 1, "{said:#?}");
    for what in [UNTYPED, "report.json"] {
        let said = within(folder.path(), &["replay", what]);
        says(
            &said,
            0,
            &["! still warned: ", "expected", "curl ", "0 still failing, 1 still warned"],
        );
    }
    let right = zoo.right();
    let said = within(folder.path(), &["replay", UNTYPED, "--target", &right.webhook_url]);
    says(&said, 0, &["fixed: payloads-without-type", "1 fixed, 0 still failing, 0 could"]);
    let only = ["check", "--target", &right.webhook_url, "--only", UNTYPED];
    says(&within(folder.path(), &only), 0, &["1 passed"]);
    says(&within(folder.path(), &["replay", UNTYPED]), 2, &["no failure is stored"]);
}

#[test]
fn a_report_from_elsewhere_opens_no_way_out() {
    let zoo = Zoo::new();
    let wrong = zoo.wrong("signature-not-checked");
    let folder = failed(&wrong, &[FORGED]);
    let path = folder.path().join("report.json");
    let report = std::fs::read_to_string(&path).unwrap();
    let elsewhere = report
        .replace(&wrong.webhook_url, "http://192.0.2.1/webhook")
        .replace("\"again\": [", "\"again\": [\"--allow-remote\",");
    std::fs::write(&path, elsewhere).unwrap();
    let said = within(folder.path(), &["replay", "report.json"]);
    says(&said, 2, &["not on this machine", "--allow-remote"]);
}

const FORGETS: &str = "idempotency-survives-restart";

/// The command of a listener of the zoo that keeps its state in this folder.
#[cfg(unix)]
fn process(slug: &str, folder: &Path) -> String {
    let program = env!("CARGO_BIN_EXE_hookproof");
    let state = folder.join(slug);
    std::fs::create_dir_all(&state).unwrap();
    let state = state.display();
    format!("exec '{program}' zoo-listener {slug} --listen 127.0.0.1:{{port}} --state '{state}'")
}

#[test]
#[cfg(unix)]
fn a_command_is_never_taken_from_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let (wrong, right) = (process("memory-only-dedupe", home), process("right", home));
    let base = "http://127.0.0.1:{port}";
    let (target, probe) = (format!("{base}/webhook"), format!("{base}/probe/{{user}}"));
    let check = ["check", "--target", &target, "--probe", &probe, "--spawn", &wrong];
    let only = ["--only", FORGETS, "--report", "json=report.json"];
    says(&within(home, &[&check[..], &only].concat()), 1, &[FORGETS]);

    let text = std::fs::read_to_string(home.join("report.json")).unwrap();
    let lure = home.join("started");
    let started = format!("\"--spawn\", \"touch '{}'\"", lure.display());
    let form: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(form.contains("\"--spawn\", \"…\""), "{form}");
    std::fs::write(home.join("b.json"), form.replace("\"--spawn\", \"…\"", &started)).unwrap();
    for what in [FORGETS, "report.json", "b.json"] {
        let said = within(home, &["replay", what]);
        says(&said, 3, &["the listener's command is not recorded", "--spawn CMD"]);
    }
    assert!(!lure.exists());

    let said = within(home, &["replay", FORGETS, "--spawn", &right]);
    says(&said, 0, &["1 fixed, 0 still failing"]);
    let settings = format!("spawn = \"{wrong}\"\n");
    std::fs::write(home.join("hookproof.toml"), settings).unwrap();
    says(&within(home, &["replay", "b.json"]), 1, &["0 fixed, 1 still failing"]);
    let none = "echo no view; exit 7";
    let said = within(home, &["replay", FORGETS, "--spawn", &right, "--probe-cmd", none]);
    says(&said, 3, &["could not ask"]);
    assert!(!lure.exists());
}
