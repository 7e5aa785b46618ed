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
    /// Weight of a source. The strongest comes first, so `min` finds it.
    pub enum Authority {
        /// A document of Xsolla, in the newest form that was read.
        Official = "official",
        /// A document of Xsolla that was withdrawn or replaced, or is older than combined mode.
        OfficialOlder = "official-older",
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

impl Authority {
    /// Its name for readers.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Official => "Xsolla's newest page",
            Self::OfficialOlder => "Xsolla's older page",
            Self::OfficialCode => "Xsolla's example code",
            Self::Capture => "captured traffic",
            Self::ThirdParty => "third party",
            Self::Standard => "standard",
            Self::Derived => "derived",
        }
    }

    /// Its meaning for a clause whose strongest source has it, as a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Official => "A page that Xsolla publishes now states it.",
            Self::OfficialOlder => {
                "A page of Xsolla states it that was withdrawn or replaced, or that was written before \
                 22 January 2025. No newer page is cited for it."
            }
            Self::OfficialCode => {
                "No document of Xsolla states it. A program that Xsolla publishes does it."
            }
            Self::Capture => "No document of Xsolla states it. Published traffic shows it.",
            Self::ThirdParty => "No document of Xsolla states it. Another integrator reports it.",
            Self::Standard => "No document of Xsolla states it. A standard of the internet does.",
            Self::Derived => "No document of Xsolla states it. It follows from other clauses.",
        }
    }

    /// Returns true if a document of Xsolla, newest or older, is among the sources.
    pub const fn is_documented(self) -> bool {
        matches!(self, Self::Official | Self::OfficialOlder)
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
