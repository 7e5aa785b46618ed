//! Known failures and the project's settings.

use crate::{
    program::{hookproof, silent_url},
    replay::{Zoo, says, within},
};

const TWO: [&str; 6] = [
    "--only",
    "signature-rejects-flipped-digit",
    "--only",
    "signature-accepts-valid",
    "--cases",
    "4",
];

#[test]
fn a_known_failure_passes_and_a_stale_one_fails() {
    let zoo = Zoo::new();
    let wrong = zoo.wrong("signature-not-checked");
    let folder = tempfile::tempdir().unwrap();
    let check = |target: &str, more: &[&str]| {
        within(folder.path(), &[&["check", "--target", target], &TWO[..], more].concat())
    };
    says(&check(&wrong.webhook_url, &[]), 1, &["1 passed, 1 failed"]);
    let write = ["--write-baseline", "known.toml"];
    says(&check(&wrong.webhook_url, &write), 0, &["1 known failures written to `known.toml`"]);
    let path = folder.path().join("known.toml");
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written.contains("reason = \"no reason yet"), "{written}");
    let reasoned =
        written.replace("no reason yet: say why this is known, and who mends it", "ticket 12");
    std::fs::write(&path, reasoned).unwrap();

    let known = ["--baseline", "known.toml"];
    let said = check(&wrong.webhook_url, &known);
    says(&said, 0, &["partial: ", "~ 1 known", "ticket 12", "1 passed, 0 failed"]);
    let said = check(&wrong.webhook_url, &[&known[..], &["--format", "json"]].concat());
    says(&said, 0, &["\"known\": \"ticket 12\"", "\"known\": 1", "\"fail\": 0"]);
    // Written again, it keeps its reasons.
    says(&check(&wrong.webhook_url, &write), 0, &["ticket 12"]);

    let right = zoo.right();
    let said = check(&right.webhook_url, &known);
    says(
        &said,
        1,
        &["stale: signature-rejects-flipped-digit", "line 5 of the baseline", "stale baseline: "],
    );
    assert!(!said.stdout.contains("conformant"), "{said:#?}");
    let other = ["check", "--target", &right.webhook_url, "--only", "signature-accepts-valid"];
    says(&within(folder.path(), &[&other[..], &known].concat()), 0, &["1 passed"]);
}

#[test]
fn a_wrong_baseline_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let url = silent_url();
    let check = |text: &str| {
        std::fs::write(folder.path().join("known.toml"), text).unwrap();
        within(folder.path(), &["check", "--target", &url, "--baseline", "known.toml"])
    };
    let entry = "[[known]]\ncheck = \"signature-accepts-valid\"\nclause = \"SIG-01\"\n";
    says(&check(entry), 2, &["`known.toml`", "missing field `reason`"]);
    says(&check(&format!("{entry}reason = \"\"\n")), 2, &["line 4", "the reason is empty"]);
    let misspelt = entry.replace("accepts", "acepts") + "reason = \"a\"\n";
    says(&check(&misspelt), 2, &["line 2", "did you mean `signature-accepts-valid`"]);
    says(&check(&format!("{entry}reason = \"a\"\nsinse = 1\n")), 2, &["line 5", "sinse"]);
    let none = within(folder.path(), &["check", "--target", &url, "--baseline", "none.toml"]);
    says(&none, 2, &["cannot read `none.toml`", "--write-baseline"]);
}

#[test]
fn settings_are_found_upwards_and_flags_count_before_them() {
    let zoo = Zoo::new();
    let right = zoo.right();
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(folder.path().join("key"), hookproof_zoo::SECRET).unwrap();
    let settings = format!(
        "target = \"{}\"\nsecret-file = \"key\"\nonly = [\"signature-accepts-valid\"]\nseed = 3\n\
         mode = \"combined\"\nstrict = true\nreport = \"json=out.json\"\n",
        right.webhook_url
    );
    std::fs::write(folder.path().join("hookproof.toml"), settings).unwrap();
    let run = |arguments: &[&str], seed: Option<&str>| {
        let mut command = hookproof(arguments);
        command.current_dir(&inner).envs(seed.map(|seed| ("HOOKPROOF_SEED", seed)));
        crate::program::Said::from(command.output().unwrap())
    };
    let said = run(&["check", "--format", "json"], None);
    says(&said, 0, &["\"seed\": 3,", "\"strict\": true", "\"pass\": 1", &right.webhook_url]);
    assert!(folder.path().join("out.json").exists());
    says(&run(&["check", "--format", "json"], Some("4")), 0, &["\"seed\": 4,"]);
    says(&run(&["check", "--format", "json", "--seed", "5"], Some("4")), 0, &["\"seed\": 5,"]);
    says(&run(&["check", "--only", "SIG-01", "--mode", "both"], None), 0, &["0 failed"]);
    let elsewhere = ["check", "--config", "../../hookproof.toml"];
    says(&run(&elsewhere, None), 0, &["1 passed"]);
    let without = ["check", "--no-config", "--target", &right.webhook_url];
    says(&run(&without, None), 2, &["secret key is missing"]);
}

#[test]
fn sign_and_verify_take_the_secret_of_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(folder.path().join("key"), hookproof_zoo::SECRET).unwrap();
    let settings = "target = \"http://127.0.0.1:1/\"\nsecret-file = \"key\"\n";
    std::fs::write(folder.path().join("hookproof.toml"), settings).unwrap();
    std::fs::write(inner.join("body"), "{}").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = hookproof(arguments);
        crate::program::Said::from(command.current_dir(&inner).output().unwrap())
    };
    let signed = run(&["sign", "body"]);
    says(&signed, 0, &["Authorization: Signature "]);
    let header = signed.stdout.trim();
    says(&run(&["verify", "body", "--signature", header]), 0, &["valid"]);
    says(&run(&["validate", "body", "--signature", header]), 1, &[]);
    let other = ["verify", "body", "--signature", header, "--secret", "another"];
    says(&run(&other), 1, &["invalid"]);
    says(&run(&["sign", "body", "--no-config"]), 2, &["secret key is missing"]);
    std::fs::write(folder.path().join("hookproof.toml"), "secret-fil = \"key\"\n").unwrap();
    says(&run(&["sign", "body"]), 2, &["line 1", "did you mean"]);
}

#[test]
#[cfg(unix)]
fn a_command_of_the_settings_runs_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(folder.path().join("key"), hookproof_zoo::SECRET).unwrap();
    let start = format!(
        "exec '{}' zoo-listener right --listen 127.0.0.1:$PORT --state state\n",
        env!("CARGO_BIN_EXE_hookproof")
    );
    std::fs::write(folder.path().join("start.sh"), start).unwrap();
    let settings = "target = \"http://127.0.0.1:{port}/webhook\"\nsecret-file = \"key\"\n\
                    spawn = \"exec sh ./start.sh\"\nonly = [\"signature-accepts-valid\"]\n";
    std::fs::write(folder.path().join("hookproof.toml"), settings).unwrap();
    let mut command = hookproof(&["check"]);
    let said = crate::program::Said::from(command.current_dir(&inner).output().unwrap());
    says(&said, 0, &["1 passed, 0 failed"]);
    assert!(folder.path().join("state").is_dir());
}

#[test]
fn a_wrong_setting_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        std::fs::write(folder.path().join("hookproof.toml"), text).unwrap();
        within(folder.path(), &["check"])
    };
    says(&check("\ncasez = 4\n"), 2, &["`hookproof.toml`, line 2", "did you mean `cases`?"]);
    says(&check("cases = 0\n"), 2, &["`hookproof.toml`, line 1", "1..=1000000"]);
    says(&check("timeout = 10\n"), 2, &["line 1", "the unit is missing"]);
    says(&check("strict = \"yes\"\n"), 2, &["line 1", "`strict` is true or false"]);
    says(&check("mode = [\"both\"]\n"), 2, &["line 1", "`mode` has one value"]);
    says(&check("secret = \"key\"\n"), 2, &["line 1", "secret-file", "XSOLLA_WEBHOOK_SECRET_KEY"]);
    says(&check("config = \"a\"\n"), 2, &["line 1", "the command line alone"]);
    says(&check("a = \n"), 2, &["line 1"]);
    let missing = within(folder.path(), &["check", "--config", "none.toml"]);
    says(&missing, 2, &["cannot read `none.toml`"]);
}
