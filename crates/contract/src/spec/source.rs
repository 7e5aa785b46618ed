//! The documents behind the contract: `spec/sources.toml`.

use serde::Deserialize;

use super::words::words;

/// A document that clauses cite.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The name by which it is cited: `key` or `key#anchor`.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its address. A few have none: withdrawn documents, and captures that show strangers' secrets.
    pub url: Option<String>,
    /// Where each anchor is a page of its own: the page's address, with `{anchor}` for the anchor.
    pub anchor_url: Option<String>,
    /// Two letters, as in ISO 639-1.
    pub language: String,
    /// When it was written, as far as that is known.
    pub date: String,
    /// How much it counts.
    pub authority: Authority,
    /// What may stand behind the `#` of a citation.
    pub anchors: Vec<String>,
    /// What else a reader should know.
    pub note: Option<String>,
}

words! {
    /// How much a source counts.
    pub enum Authority {
        /// A document of Xsolla.
        Official = "official",
        /// A program that Xsolla publishes.
        OfficialCode = "official-code",
        /// Real traffic that somebody published.
        Capture = "capture",
        /// Somebody else's reading of Xsolla's documents.
        ThirdParty = "third-party",
        /// A standard of the internet.
        Standard = "standard",
        /// Follows from the other sources.
        Derived = "derived",
    }
}

impl Source {
    /// Where to read on: the page of the anchor if it has its own, else the document.
    pub fn address(&self, anchor: Option<&str>) -> Option<String> {
        match (anchor, &self.anchor_url) {
            (Some(anchor), Some(pattern)) => Some(pattern.replace("{anchor}", anchor)),
            _ => self.url.clone(),
        }
    }
}

/// The two parts of a citation, `key` or `key#anchor`.
pub fn split_citation(citation: &str) -> (&str, Option<&str>) {
    match citation.split_once('#') {
        Some((key, anchor)) => (key, Some(anchor)),
        None => (citation, None),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourcesFile {
    pub(super) source: Vec<Source>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_with_a_page_of_its_own_has_its_own_address() {
        let source = Source {
            key: "a".to_owned(),
            title: "A".to_owned(),
            url: Some("https://example.org/".to_owned()),
            anchor_url: Some("https://example.org/{anchor}.md".to_owned()),
            language: "en".to_owned(),
            date: "2026".to_owned(),
            authority: Authority::Official,
            anchors: vec!["b/c".to_owned()],
            note: None,
        };
        assert_eq!(split_citation("a#b/c"), ("a", Some("b/c")));
        assert_eq!(source.address(Some("b/c")).unwrap(), "https://example.org/b/c.md");
        assert_eq!(source.address(split_citation("a").1).unwrap(), "https://example.org/");
    }
}
