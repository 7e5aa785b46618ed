//! What no linter knows about this repository, as tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Lines of a Rust file. What is longer has two subjects.
const LINES_MAX: usize = 600;

/// Which of our crates each crate may link. A crate that is not listed fails the test.
const MAY_LINK: &[(&str, &[&str])] = &[
    ("conformance", &["hookproof-contract"]),
    // It sees what a sender sees, and starts what it measures.
    ("crates/bench", &[]),
    ("crates/contract", &[]),
    ("crates/harness", &["hookproof-conformance", "hookproof-contract"]),
    (
        "crates/hookproof",
        &["hookproof-conformance", "hookproof-contract", "hookproof-listener", "hookproof-zoo"],
    ),
    ("crates/listener", &["hookproof-contract"]),
    ("crates/listener/fuzz", &["hookproof-contract", "hookproof-listener"]),
    ("crates/zoo", &["hookproof-contract"]),
    // It is made to be copied, so it stands alone.
    ("examples/listener-rust", &[]),
    ("examples/game-rust", &["hookproof-listener"]),
    ("xtask", &[]),
];

/// What may stand at the top level.
const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".config",
    ".github",
    ".gitignore",
    ".rustfmt.toml",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "conformance",
    "crates",
    "examples",
    "spec",
    "xtask",
];

/// Files of `spec/` that hold no data, and so are not embedded.
const NOT_EMBEDDED: &[&str] = &["README.md", "COVERAGE.md", "openapi.json"];

/// What no file may say, in two halves, so that this one does not: paths of the machine it was made
/// on, and work that was put off.
const FORBIDDEN: &[(&str, &str)] = &[("/wo", "rk/"), ("/tm", "p/hp"), ("TO", "DO"), ("FIX", "ME")];

fn root() -> &'static Path {
    super::root()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below a folder that are ours, sorted, relative to the root.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if ignored(&name) {
                continue;
            }
            if path.is_file() {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            } else {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What `.gitignore` names, and what belongs to git itself: a folder, or in a further worktree a file
/// that names one elsewhere.
fn ignored(name: &str) -> bool {
    let listed = read(&root().join(".gitignore"));
    name == ".git" || listed.lines().any(|line| line.trim_matches('/') == name)
}

fn with_extension(files: Vec<PathBuf>, extension: &str) -> Vec<PathBuf> {
    files.into_iter().filter(|path| path.extension().is_some_and(|it| it == extension)).collect()
}

/// Fails with all offenders at once.
#[track_caller]
fn none(offenders: Vec<String>, rule: &str) {
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

#[test]
fn rust_files_say_what_they_are_and_are_short() {
    let mut offenders = Vec::new();
    for path in with_extension(files("."), "rs") {
        let text = read(&root().join(&path));
        if !text.starts_with("//! ") {
            offenders.push(format!("{}: does not open with `//! `", path.display()));
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            offenders.push(format!("{}: {lines} lines", path.display()));
        }
    }
    none(offenders, "a Rust file opens with a sentence that says what it is, and has one subject");
}

#[test]
fn files_hold_no_forbidden_word() {
    let mut offenders = Vec::new();
    for path in files(".") {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        // Digests of the lock file may spell anything.
        if path == Path::new("Cargo.lock") {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            for (head, tail) in FORBIDDEN {
                if line.contains(&format!("{head}{tail}")) {
                    offenders.push(format!("{}:{}: {head}{tail}", path.display(), index + 1));
                }
            }
        }
    }
    none(offenders, "no machine's paths, no work put off");
}

#[test]
fn the_top_level_holds_what_is_listed() {
    let found = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name());
    let offenders = found
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| !ignored(name) && !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    none(offenders, "not in the list of what may stand at the top level");
}

#[test]
fn every_spec_file_is_embedded() {
    let list = read(&root().join("crates/contract/src/spec/embedded.rs"));
    let listed: BTreeSet<String> = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","))
        .map(str::to_owned)
        .collect();
    let present: BTreeSet<String> = files("spec")
        .iter()
        .map(|path| path.strip_prefix("spec").unwrap().to_string_lossy().replace('\\', "/"))
        .filter(|path| !NOT_EMBEDDED.contains(&path.as_str()))
        .collect();
    let missing = present.difference(&listed).map(|path| format!("not listed: {path}"));
    let gone = listed.difference(&present).map(|path| format!("not there: {path}"));
    none(missing.chain(gone).collect(), "`embedded.rs` and the folder `spec/` differ");
}

/// One line of a manifest's dependency table.
struct Dependency {
    kind: String,
    name: String,
    line: String,
}

/// The dependency tables of a manifest, read line by line: our manifests hold nothing fancier.
fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut kind = String::new();
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            kind = header.trim_end_matches(']').to_owned();
        } else if kind.ends_with("dependencies") && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
            found.push(Dependency { kind: kind.clone(), name, line: line.to_owned() });
        }
    }
    found
}

/// All manifests but the root's, by folder.
fn manifests() -> BTreeMap<String, String> {
    let manifests = files(".").into_iter().filter(|path| path.ends_with("Cargo.toml"));
    manifests
        .filter(|path| path != Path::new("Cargo.toml"))
        .map(|path| {
            let folder = path.parent().unwrap().to_string_lossy().replace('\\', "/");
            (folder, read(&root().join(&path)))
        })
        .collect()
}

/// Those of the root's workspace. The fuzz targets have one of their own, since they need another
/// compiler.
fn members() -> BTreeMap<String, String> {
    let mut members = manifests();
    members.retain(|_, manifest| !manifest.contains("\n[workspace]\n"));
    members
}

#[test]
fn crates_link_what_the_table_allows() {
    let mut offenders = Vec::new();
    for (folder, manifest) in manifests() {
        let Some((_, allowed)) = MAY_LINK.iter().find(|(listed, _)| *listed == folder) else {
            offenders.push(format!("{folder}: not in the table"));
            continue;
        };
        for dependency in dependencies(&manifest) {
            let ours = dependency.name.starts_with("hookproof");
            // Tests may link anything.
            let test = dependency.kind.contains("dev-dependencies");
            if ours && !test && !allowed.contains(&dependency.name.as_str()) {
                offenders.push(format!("{folder}: {}", dependency.name));
            }
        }
    }
    none(offenders, "a crate links another of ours against the table");
}

/// What the listener alone must not link: the suite, and the heaviest of what that needs.
const NOT_DEPLOYED: &[&str] =
    &["hookproof-conformance", "hookproof-zoo", "maud", "proptest", "tokio-rustls"];

/// Which of these the program links, built with further words of cargo's.
fn linked(names: &[&str], build: &[&str]) -> Vec<String> {
    let mut cargo = crate::cargo();
    cargo.args(["tree", "--locked", "--package", "hookproof", "--edges", "normal"]);
    cargo.args(["--prefix", "none", "--format", "{p}"]).args(build).current_dir(root());
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let there: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    names.iter().filter(|name| there.contains(*name)).map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_listener_alone_links_no_suite() {
    assert_eq!(linked(NOT_DEPLOYED, &[]), NOT_DEPLOYED, "these are names of what is linked else");
    let offenders = linked(NOT_DEPLOYED, &["--no-default-features"]);
    none(offenders, "the program without the feature `suite` links what only the suite needs");
}

#[test]
fn versions_stand_in_the_root_manifest_only() {
    let mut offenders = Vec::new();
    for (folder, manifest) in members() {
        for dependency in dependencies(&manifest) {
            let inherited = dependency.line.replace(' ', "").contains("workspace=true");
            if !inherited {
                offenders.push(format!("{folder}: {}", dependency.line));
            }
        }
    }
    none(offenders, "a member names a version itself");
}

#[test]
fn every_member_inherits_the_lints() {
    let offenders = members()
        .into_iter()
        .filter(|(_, manifest)| !manifest.contains("[lints]\nworkspace = true"))
        .map(|(folder, _)| folder)
        .collect();
    none(offenders, "a member does not inherit the workspace's lints");
}

/// Functions that compare what strangers send with what is secret, and how each of them ends.
const COMPARES_SECRETS: &[(&str, &str, &str)] = &[
    ("crates/contract/src/signature.rs", "pub fn verify(", "\n}\n"),
    ("crates/listener/src/probe.rs", "pub(crate) fn opens(", "\n    }\n"),
];

#[test]
fn secrets_are_compared_in_constant_time() {
    let mut offenders = Vec::new();
    for (file, function, end) in COMPARES_SECRETS {
        let text = read(&root().join(file));
        let rest = text.split_once(function).map_or("", |(_, rest)| rest);
        let body = rest.split_once(end).map_or("", |(body, _)| body);
        let leaks = ["==", "!=", ".eq(", ".cmp("].iter().any(|sign| body.contains(sign));
        if leaks || !body.contains(".ct_eq(") {
            offenders.push(format!("{file}: {function}"));
        }
    }
    none(offenders, "time must not tell how much of a secret was right");
}

#[test]
fn the_script_of_ci_parses() {
    let script = root().join(".ci/run");
    // Where there is no bash, CI does not run either.
    let Ok(output) = std::process::Command::new("bash").arg("-n").arg(&script).output() else {
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
