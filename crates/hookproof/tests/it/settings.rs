//! The settings of `hookproof listener`: flags before variables before the file, and as they are printed.

use crate::{
    process::{Process, file},
    program::{Said, hookproof, refused},
};

/// A run of `--print-config` with variables.
fn printed(words: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = hookproof(&["listener", "--print-config"]);
    let said: Said = command.args(words).envs(variables.iter().copied()).output().unwrap().into();
    assert_eq!(said.code, Some(0), "{said:#?}");
    said.stdout
}

#[track_caller]
fn says(text: &str, line: &str) {
    assert!(text.lines().any(|found| found == line), "`{line}` is missing:\n{text}");
}

#[test]
fn a_flag_counts_before_a_variable_and_a_variable_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = file(
        folder.path(),
        "listener.toml",
        "db = 'file.db'\nqueue-max = 1\nbatch-max = 2\nheaders-max = 3\nuser = ['from-file']\n",
    );
    let variables = [
        ("HOOKPROOF_LISTENER_QUEUE_MAX", "10"),
        ("HOOKPROOF_LISTENER_BATCH_MAX", "20"),
        ("HOOKPROOF_LISTENER_ALLOW", "xsolla, 10.0.0.0/8"),
        ("HOOKPROOF_LISTENER_SIGNED_WEB_SHOP", "true"),
    ];
    let text = printed(&["--config", &config, "--queue-max=100"], &variables);
    says(&text, "queue-max = 100  # command line");
    says(&text, "batch-max = 20  # HOOKPROOF_LISTENER_BATCH_MAX");
    says(&text, &format!("headers-max = 3  # `{config}`, line 4"));
    says(&text, "connections-max = 1024  # default");
    says(&text, "allow = [\"xsolla\", \"10.0.0.0/8\"]  # HOOKPROOF_LISTENER_ALLOW");
    says(&text, "signed-web-shop = true  # HOOKPROOF_LISTENER_SIGNED_WEB_SHOP");
    says(&text, "# admin is not set");
    // The file's own folder counts, not the reader's.
    let db = folder.path().join("file.db");
    says(&text, &format!("db = \"{}\"  # `{config}`, line 1", db.display()));
    // A variable can name the file.
    let text = printed(&[], &[("HOOKPROOF_LISTENER_CONFIG", &config)]);
    says(&text, &format!("queue-max = 1  # `{config}`, line 2"));
}

#[test]
fn what_is_printed_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "--db=listener.db",
        "--user=quote\" and \\",
        "--user=second",
        "--allow=xsolla",
        "--trusted-proxy=10.0.0.0/8",
        "--head-time-max=500ms",
        "--log=hookproof_listener=debug",
        "--secret-file=key",
        "--workers=2",
    ];
    let first = printed(&words, &[]);
    let config = file(folder.path(), "again.toml", &first);
    let second = printed(&["--config", &config], &[]);
    let settings = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split("  # ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(settings(&first), settings(&second));
    says(&first, "user = [\"quote\\\" and \\\\\", \"second\"]  # command line");
}

#[test]
fn no_secret_is_printed() {
    let words =
        ["--db=postgres://game:s3cr3t-1@db/game", "--secret=s3cr3t-2", "--probe-token=s3cr3t-3"];
    let text = printed(&words, &[]);
    assert!(!text.contains("s3cr3t"), "{text}");
    says(&text, "# secret = \"***\"  # command line");
    says(&text, "# db = \"postgres://game:***@db/game\"  # command line");
    let variables =
        [("XSOLLA_WEBHOOK_SECRET_KEY", "s3cr3t-4"), ("HOOKPROOF_PROBE_TOKEN", "s3cr3t-5")];
    let text = printed(&["--db=listener.db"], &variables);
    assert!(!text.contains("s3cr3t"), "{text}");
    says(&text, "# secret = \"***\"  # XSOLLA_WEBHOOK_SECRET_KEY");
    says(&text, "# probe-token = \"***\"  # HOOKPROOF_PROBE_TOKEN");
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str, words: &[&str]| {
        let config = file(folder.path(), "wrong.toml", text);
        refused(&["listener", "--config", &config, "--db=listener.db"], 2, words);
    };
    check("queue-max = 1\nqueue-maxx = 2\n", &["line 2", "no setting `queue-maxx`", "`queue-max`"]);
    check("\nsecret = 'key'\n", &["line 2", "no place in a file", "secret-file"]);
    check("probe-token = 'key'\n", &["line 1", "no place in a file", "probe-token-file"]);
    check("print-config = true\n", &["line 1", "on the command line alone"]);
    check("head-time-max = '10'\n", &["line 1", "the unit is missing"]);
    check("allow = ['xsola']\n", &["line 1", "neither a network"]);
    check("trusted-proxy = ['proxy']\n", &["line 1", "expected a network"]);
    check("queue-max = 0\n", &["line 1", "0 is not in"]);
    check("queue-max = [\n", &["line 1", "unclosed array"]);
    refused(&["listener", "--config=missing.toml", "--db=listener.db"], 2, &["missing.toml"]);
}

#[test]
fn a_wrong_variable_is_named_and_a_strange_one_is_no_error() {
    let run = |name: &str, value: &str| -> Said {
        let mut command = hookproof(&["listener", "--print-config", "--db=listener.db"]);
        command.env(name, value).output().unwrap().into()
    };
    let said = run("HOOKPROOF_LISTENER_IDLE_TIME_MAX", "ever");
    assert_eq!(said.code, Some(2), "{said:#?}");
    assert!(said.stderr.contains("HOOKPROOF_LISTENER_IDLE_TIME_MAX"), "{said:#?}");
    // Such names are made by container platforms out of a service that is called like this program.
    let said = run("HOOKPROOF_LISTENER_SERVICE_HOST", "10.0.0.1");
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(said.stderr.contains("HOOKPROOF_LISTENER_SERVICE_HOST is no setting"), "{said:#?}");
}

/// What people are told to copy is taken as it is.
#[test]
fn the_example_is_taken() {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/deploy/listener.toml");
    let text = printed(&["--config", config, "--db=listener.db"], &[]);
    assert!(text.contains("allow = [\"xsolla\"]  # `"), "{text}");
    assert!(text.contains("trusted-proxy = [\"127.0.0.1\", \"::1\"]  # `"), "{text}");
}

/// The settings do not only print: a listener that is started with them has them.
#[test]
fn a_listener_lives_by_its_file() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "key-1", "the-old-key\n");
    file(folder.path(), "key-2", crate::program::SECRET);
    let config = file(
        folder.path(),
        "listener.toml",
        "secret-file = ['key-1', 'key-2']\nuser = ['only-me']\nbody-bytes-max = 1000\nworkers = 2\n",
    );
    let mut process = Process::start(&["--config", &config]);
    let body = |user: &str| {
        format!(r#"{{"notification_type":"user_validation","user":{{"id":"{user}"}}}}"#)
            .into_bytes()
    };
    assert_eq!(process.send(&body("only-me")), 204);
    assert_eq!(process.send(&body("player-1001")), 400);
    assert_eq!(process.send(&body(&"x".repeat(1000))), 413);
    process.signal("TERM");
    assert_eq!(process.wait().code(), Some(0));
}
