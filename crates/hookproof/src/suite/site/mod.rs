//! The readable edition of the contract: a static site that is made out of `spec/` and the list of
//! checks.
//!
//! 1. [`pages`] turns each part of the contract into a [`Page`], with [`context`] for links and
//!    citations, [`members`] for the tables out of the JSON Schemas, and [`svg`] for the diagrams.
//! 2. [`frame`] puts navigation, table of contents and search around a page.
//! 3. [`Site`] holds the files until they are written or served.
//!
//! The pages need no network and no script: what the script adds (search, copying, the switch from
//! light to dark) is absent without it.
//!
//! **Invariant:** equal contracts give equal bytes, and every anchor is an id of the contract.

mod context;
mod flow;
mod frame;
mod json;
mod markdown;
mod members;
mod pages;
mod parts;
mod search;
mod svg;

#[cfg(test)]
mod guide_tests;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use hookproof_contract::spec::{Spec, embedded_files};
use maud::Markup;

pub(crate) use self::search::{Index, near_words, same_words};

/// Files that stand beside the pages as they are.
const ASSETS: &[(&str, &str)] = &[
    ("assets/style.css", include_str!("assets/style.css")),
    ("assets/figures.css", include_str!("assets/figures.css")),
    ("assets/theme.js", include_str!("assets/theme.js")),
    ("assets/site.js", include_str!("assets/site.js")),
    ("assets/ranking.js", include_str!("assets/ranking.js")),
    ("assets/search.js", include_str!("assets/search.js")),
];

/// The folder of the contract's own files, from which pages link to them.
const DATA: &str = "spec";

/// One page, before the frame is put around it.
struct Page {
    /// Relative to the site's root.
    path: String,
    group: Group,
    title: String,
    /// What the navigation calls it, if not by its title.
    label: Option<String>,
    /// One sentence of plain text, for the search and for whoever links to the page.
    summary: String,
    /// What stands between the title and the first section.
    lead: Markup,
    sections: Vec<Section>,
    /// Entries that the search finds next to the page and its sections.
    found: Vec<search::Found>,
}

/// A part of a page with an anchor of its own.
struct Section {
    /// The anchor.
    id: String,
    title: String,
    /// What stands in the line of the title, such as badges.
    beside: Markup,
    body: Markup,
    /// Plain text by which the search finds it.
    text: String,
}

impl Section {
    fn new(id: impl Into<String>, title: impl Into<String>, body: Markup) -> Self {
        let (id, title) = (id.into(), title.into());
        Self { id, title, beside: Markup::default(), body, text: String::new() }
    }

    fn beside(self, beside: Markup) -> Self {
        Self { beside, ..self }
    }

    fn text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }
}

/// Where a page stands in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Start,
    Tool,
    Webhooks,
    Answers,
    Clauses,
    Reference,
    Suite,
}

impl Group {
    const ALL: [Self; 7] = [
        Self::Start,
        Self::Tool,
        Self::Webhooks,
        Self::Answers,
        Self::Clauses,
        Self::Reference,
        Self::Suite,
    ];

    const fn title(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Tool => "The program",
            Self::Webhooks => "Webhooks",
            Self::Answers => "Answers and delivery",
            Self::Clauses => "Clauses",
            Self::Reference => "Reference",
            Self::Suite => "The suite",
        }
    }
}

/// Everything that the search of the site finds, without the site.
pub(crate) fn index(spec: &Spec) -> Index {
    Index::new(spec, &pages::all(spec))
}

/// The text of a guide, or of its section where the place has an anchor; as Markdown.
pub(crate) fn guide(place: &str) -> Option<String> {
    pages::guides::text(place)
}

/// All files of the site, by their path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    files: BTreeMap<String, String>,
    pages: usize,
}

impl Site {
    /// Makes the site.
    pub(crate) fn build(spec: &Spec) -> Self {
        let pages = pages::all(spec);
        let mut files: BTreeMap<String, String> = (0..pages.len())
            .map(|at| (pages[at].path.clone(), frame::render(&pages, at).into_string()))
            .collect();
        files.extend(ASSETS.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
        files.insert("assets/search-index.js".to_owned(), Index::new(spec, &pages).script());
        let data = embedded_files().iter();
        files.extend(data.map(|(path, text)| (format!("{DATA}/{path}"), (*text).to_owned())));
        Self { files, pages: pages.len() }
    }

    /// The text of a file.
    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// How many of the files are pages.
    pub(crate) fn pages(&self) -> usize {
        self.pages
    }

    /// Size of all files, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.files.values().map(String::len).sum()
    }

    /// Writes the files into a folder, which is made where it is missing. Other files in it stay.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        for (path, text) in &self.files {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)
                    .with_context(|| format!("cannot make the folder `{}`", parent.display()))?;
            }
            fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        Ok(())
    }
}
