//! The index of the search: a script that the pages load when somebody searches.
//!
//! It is a script and no JSON file because a page that was opened from a folder may load the one
//! but not the other.

use serde::Serialize;

use super::Page;

/// Characters of an entry's text that are kept.
const TEXT_MAX: usize = 320;

/// Something that can be found.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Found {
    /// What it is called.
    #[serde(rename = "t")]
    pub(super) title: String,
    /// What it is.
    #[serde(rename = "k")]
    pub(super) kind: String,
    /// Where it is, from the site's root.
    #[serde(rename = "u")]
    pub(super) place: String,
    /// What is said there.
    #[serde(rename = "x")]
    pub(super) text: String,
}

/// The script that sets the index.
pub(super) fn index(pages: &[Page]) -> String {
    let lines: Vec<String> = pages.iter().flat_map(entries).map(|entry| line(&entry)).collect();
    format!("window.HOOKPROOF_INDEX = [\n{}\n];\n", lines.join(",\n"))
}

fn line(entry: &Found) -> String {
    serde_json::to_string(entry).expect("strings always serialise")
}

/// The page, its sections, and what it names beside them.
fn entries(page: &Page) -> Vec<Found> {
    let mut entries = vec![Found {
        title: page.title.clone(),
        kind: page.group.title().to_owned(),
        place: page.path.clone(),
        text: shortened(&page.summary),
    }];
    entries.extend(page.sections.iter().map(|section| Found {
        title: section.title.clone(),
        kind: page.title.clone(),
        place: format!("{}#{}", page.path, section.id),
        text: shortened(&section.text),
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
