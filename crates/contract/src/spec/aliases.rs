//! The words people search for, and where each is answered: `spec/aliases.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Source;

/// Several words for one question, and the place that answers it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The page of the documentation site, with its anchor: `delivery.html#order-paid`.
    pub to: String,
    /// The words, in lower case.
    #[serde(default)]
    pub words: Vec<String>,
    /// Keys of sources whose titles are words too.
    #[serde(default)]
    pub titles: Vec<String>,
    /// Ids of the contract that belong to the answer, the most important first.
    #[serde(default)]
    pub see: Vec<String>,
}

impl Alias {
    /// Returns every word and every title of this alias.
    pub fn phrases<'a>(
        &'a self,
        sources: &'a BTreeMap<String, Source>,
    ) -> impl Iterator<Item = &'a str> {
        let titles = self.titles.iter().filter_map(|key| sources.get(key));
        self.words.iter().map(String::as_str).chain(titles.map(|source| source.title.as_str()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AliasesFile {
    pub(super) alias: Vec<Alias>,
}
