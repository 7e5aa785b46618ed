//! The search: its index, which the pages load as a script, and its ranking.
//!
//! The index is a script and no JSON file because a page that was opened from a folder may load the
//! one but not the other.

mod ranking;

#[cfg(test)]
mod tests;

use std::{cmp::Reverse, collections::BTreeMap};

use hookproof_contract::spec::Spec;
use serde::Serialize;

use self::ranking::Prepared;
use super::Page;

/// Characters of an entry's text that are kept.
const TEXT_MAX: usize = 320;

/// Something that can be found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Found {
    /// What it is called.
    #[serde(rename = "t")]
    pub(crate) title: String,
    /// What it is.
    #[serde(rename = "k")]
    pub(crate) kind: String,
    /// Where it is, from the site's root.
    #[serde(rename = "u")]
    pub(crate) place: String,
    /// What is said there.
    #[serde(rename = "x")]
    pub(crate) text: String,
    /// Other words for it.
    #[serde(rename = "a", skip_serializing_if = "Vec::is_empty")]
    pub(crate) aliases: Vec<String>,
}

impl Found {
    pub(super) fn new(
        title: impl Into<String>,
        kind: impl Into<String>,
        place: impl Into<String>,
        text: &str,
    ) -> Self {
        let (title, kind, place) = (title.into(), kind.into(), place.into());
        Self { title, kind, place, text: shortened(text), aliases: Vec::new() }
    }
}

/// Returns true if two texts are the same words: case, accents, plurals and small words do not matter.
pub(crate) fn same_words(left: &str, right: &str) -> bool {
    ranking::phrase(left) == ranking::phrase(right)
}

/// Returns true if two texts differ by a letter in some of their words.
pub(crate) fn near_words(left: &str, right: &str) -> bool {
    ranking::is_typo(&ranking::phrase(left), &ranking::phrase(right))
}

/// All that can be found, in the order of the pages.
#[derive(Debug)]
pub(crate) struct Index {
    entries: Vec<Found>,
    /// The same, taken apart for the ranking.
    prepared: Vec<Prepared>,
}

impl Index {
    pub(super) fn new(spec: &Spec, pages: &[Page]) -> Self {
        let mut entries: Vec<Found> = pages.iter().flat_map(entries).collect();
        let mut aliases: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for alias in &spec.aliases {
            let phrases = alias.phrases(&spec.sources).map(str::to_owned);
            aliases.entry(&alias.to).or_default().extend(phrases);
        }
        for entry in &mut entries {
            entry.aliases = aliases.remove(entry.place.as_str()).unwrap_or_default();
        }
        let prepared = entries.iter().map(Prepared::new).collect();
        Self { entries, prepared }
    }

    /// The title of the entry at a place.
    pub(crate) fn title_of(&self, place: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|entry| entry.place == place);
        entry.map(|entry| entry.title.as_str())
    }

    /// The script that sets the index.
    pub(super) fn script(&self) -> String {
        let lines: Vec<String> = self.entries.iter().map(line).collect();
        format!("globalThis.HOOKPROOF_INDEX = [\n{}\n];\n", lines.join(",\n"))
    }

    /// Returns the entries that have something to say on a query, the best first.
    pub(crate) fn ranked(&self, query: &str) -> Vec<&Found> {
        let query = ranking::phrase(query);
        let mut scored: Vec<(i32, &Found)> = self
            .prepared
            .iter()
            .map(|entry| ranking::score(entry, &query))
            .zip(&self.entries)
            .filter(|(score, _)| *score > 0)
            .collect();
        scored.sort_by_key(|(score, _)| Reverse(*score));
        scored.into_iter().map(|(_, entry)| entry).collect()
    }
}

fn line(entry: &Found) -> String {
    serde_json::to_string(entry).expect("strings always serialise")
}

/// The page, its sections, and what it names beside them.
fn entries(page: &Page) -> Vec<Found> {
    let group = page.group.title();
    let mut entries = vec![Found::new(&page.title, group, &page.path, &page.summary)];
    entries.extend(page.sections.iter().map(|section| {
        let place = format!("{}#{}", page.path, section.id);
        Found::new(&section.title, &page.title, place, &section.text)
    }));
    entries.extend(page.found.iter().cloned());
    entries
}

fn shortened(text: &str) -> String {
    let plain = text.replace(['`', '\n'], " ");
    match plain.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain.trim().to_owned(),
    }
}
