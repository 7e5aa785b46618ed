//! Cross-checks of the words people search for.

use std::collections::BTreeSet;

use super::{Checker, Place};
use crate::spec::{Fault, Kind, aliases::Alias};

const FILE: &str = "aliases.toml";

/// Languages of which every official page is found by its own title.
const TITLES_IN: [&str; 2] = ["de", "pt"];

pub(super) fn check(checker: &mut Checker<'_>) {
    let aliases = &checker.files.aliases;
    let ids = ids(checker);
    let mut seen = BTreeSet::new();
    for alias in aliases {
        let mut place = checker.at(FILE, format!("alias {}", alias.to));
        one(&mut place, alias, &ids);
        for word in &alias.words {
            place.expect(seen.insert(word.as_str()), || Fault::ListedTwice(word.clone()));
        }
    }
    let titles = aliases.iter().flat_map(|alias| &alias.titles);
    checker.unique(FILE, "title", titles.clone().map(String::as_str));
    let titles: BTreeSet<&str> = titles.map(String::as_str).collect();
    for source in &checker.files.sources {
        let translated =
            source.authority.is_documented() && TITLES_IN.contains(&source.language.as_str());
        if translated && !titles.contains(source.key.as_str()) {
            checker.at(FILE, "title").report(Fault::ListedNowhere(source.key.clone()));
        }
    }
}

fn one(place: &mut Place<'_, '_>, alias: &Alias, ids: &BTreeSet<&str>) {
    let named = !alias.words.is_empty() || !alias.titles.is_empty();
    place.expect(named, || Fault::Empty("words"));
    place.expect(is_page(&alias.to), || Fault::Form { form: "page", value: alias.to.clone() });
    for word in &alias.words {
        let plain = !word.is_empty() && *word == word.trim().to_lowercase();
        place.expect(plain, || Fault::Form { form: "word in lower case", value: word.clone() });
    }
    for key in &alias.titles {
        place.refers(Kind::Source, key);
    }
    for id in &alias.see {
        place.expect(ids.contains(id.as_str()), || Fault::UnknownId(id.clone()));
    }
}

/// A page below the site's root, `FOLDER/NAME.html`, with or without an anchor. A test of the site
/// holds that it exists.
fn is_page(place: &str) -> bool {
    let (file, anchor) = place.split_once('#').unwrap_or((place, "top"));
    let path = file.strip_suffix(".html").unwrap_or_default();
    let plain = |text: &str| {
        let known = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !text.is_empty() && text.chars().all(known)
    };
    plain(anchor) && path.split('/').all(plain)
}

/// Every id to which an alias can lead.
fn ids<'a>(checker: &Checker<'a>) -> BTreeSet<&'a str> {
    let files = checker.files;
    let errors = files.errors.published.iter().map(|entry| entry.code.as_str());
    let foreign = files.errors.foreign.iter().map(|entry| entry.code.as_str());
    let topics = files.clauses.values().map(|file| file.topic.as_str());
    let own = checker.clauses.iter().chain(&checker.contradictions).chain(&checker.plans);
    own.chain(&checker.settings)
        .copied()
        .chain(files.notifications.keys().map(String::as_str))
        .chain(files.products.iter().map(|product| product.id.as_str()))
        .chain(errors.chain(foreign).chain(topics))
        .collect()
}
