//! Commands, flags, settings and files that the guides name exist.

use std::collections::BTreeSet;

use clap::CommandFactory;
use hookproof_conformance::{baseline::Baseline, checks};
use hookproof_contract::schema;

use super::{
    markdown::Guide,
    pages::{generated_after_outage, guides::WRITTEN},
    *,
};
use crate::{cli::Cli, config};

/// Flags of other programs that the guides show.
const FOREIGN: &[&str] = &[
    "--app",
    "--from",
    "--locked",
    "--network",
    "--no-install-recommends",
    "--path",
    "--port",
    "--rm",
    "--root",
    "--yes",
    "--data",
];

fn flags(command: &clap::Command, known: &mut BTreeSet<String>) {
    known.extend(command.get_arguments().filter_map(clap::Arg::get_long).map(str::to_owned));
    for sub in command.get_subcommands() {
        flags(sub, known);
    }
}

/// The words of a text that look like flags.
fn mentioned(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| {
        word.strip_prefix("--").is_some_and(|rest| rest.starts_with(char::is_alphabetic))
    })
}

#[test]
fn every_guide_is_read() {
    for written in WRITTEN {
        let guide = Guide::parse(written.text).unwrap_or_else(|| panic!("{}", written.path));
        assert!(!guide.lead.is_empty() && !guide.parts.is_empty(), "{}", written.path);
    }
}

#[test]
fn every_block_has_content() {
    let site = Site::build(Spec::embedded());
    for written in WRITTEN {
        let page = site.get(written.path).unwrap();
        assert!(!page.contains("<code></code></pre>"), "{}: a block is empty", written.path);
    }
}

#[test]
fn every_flag_exists() {
    let mut known = BTreeSet::new();
    let mut command = Cli::command();
    command.build();
    flags(&command, &mut known);
    for written in WRITTEN {
        for flag in mentioned(written.text).filter(|flag| !FOREIGN.contains(flag)) {
            assert!(known.contains(flag.trim_start_matches('-')), "{}: {flag}", written.path);
        }
        for line in written.text.lines().filter(|line| line.starts_with("hookproof ")) {
            let name = line.split(' ').nth(1).unwrap();
            assert!(command.find_subcommand(name).is_some(), "{}: {line}", written.path);
        }
    }
}

/// The content of the fence with this info.
fn fence(path: &str, info: &str) -> &'static str {
    let text = WRITTEN.iter().find(|written| written.path == path).unwrap().text;
    let (_, rest) = text.split_once(&format!("```{info}\n")).unwrap();
    rest.split_once("\n```").unwrap().0
}

#[test]
fn every_setting_exists() {
    let text = fence("tool/settings-file.html", "toml hookproof.toml");
    let table: BTreeMap<String, toml::Value> = toml::from_str(text).unwrap();
    assert!(table.len() > 5);
    for key in table.keys() {
        assert!(config::check::is_setting(key), "{key}");
    }
    assert!(!config::check::is_setting("secret"));
}

#[test]
fn the_baseline_is_one() {
    let baseline = Baseline::parse(fence("tool/baseline.html", "toml known.toml")).unwrap();
    for known in &baseline.known {
        let check = checks::ALL.iter().find(|check| check.id == known.check).unwrap();
        assert!(check.clauses.contains(&known.clause.as_str()), "{known:?}");
    }
}

#[test]
fn the_sample_of_the_probe_fits_its_schema() {
    let sample = fence("tool/probe.html", "json The probe's answer for player-1001");
    let sample: serde_json::Value = serde_json::from_str(sample).unwrap();
    assert_eq!(schema::check_file("probe.schema.json", &sample), Some(Ok(())));
}

#[test]
fn the_first_page_is_right_about_an_outage() {
    use hookproof_contract::NotificationType::{
        OrderCanceled, OrderPaid, Payment, Refund, UserValidation,
    };
    let [again, never] = generated_after_outage(Spec::embedded());
    assert_eq!(
        BTreeSet::from_iter(again),
        BTreeSet::from([Payment, Refund, OrderPaid, OrderCanceled])
    );
    assert_eq!(never, [UserValidation]);
}

#[test]
fn entries_of_the_navigation_differ() {
    let mut seen = BTreeSet::new();
    for page in pages::all(Spec::embedded()) {
        let label = page.label.unwrap_or(page.title).to_lowercase();
        assert!(seen.insert(label.clone()), "`{label}` twice");
    }
}
