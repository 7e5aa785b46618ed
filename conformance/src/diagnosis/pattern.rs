//! Patterns by which causes name what was seen: checks, the clause that was broken, and words of the report.

use serde::Deserialize;

use crate::{
    checks,
    glob::{Glob, GlobError},
    report::CheckReport,
};

/// A pattern that fits more checks than this says little about each of them.
const NARROW_MAX: usize = 12;

/// `check`, `check@CLAUSE`, `check~words` or `check@CLAUSE~words`; the check may be a glob.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    written: String,
    check: Glob,
    clause: Option<String>,
    words: Option<String>,
    wide: bool,
}

impl TryFrom<String> for Pattern {
    type Error = GlobError;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        let (place, words) = split(&written, '~');
        let (check, clause) = split(place, '@');
        let matcher = Glob::new(check)?;
        let known = checks::ALL.iter().filter(|check| matcher.is_match(check.id)).count();
        let (clause, words) = (clause.map(str::to_owned), words.map(str::to_owned));
        Ok(Self { check: matcher, clause, words, wide: known > NARROW_MAX, written })
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

impl Pattern {
    /// As it is written in the file.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether it speaks of this check, however that ended.
    pub(super) fn names(&self, id: &str) -> bool {
        self.check.is_match(id)
    }

    /// Whether it describes what a failed check reports.
    pub(super) fn fits(&self, check: &CheckReport) -> bool {
        self.names(&check.id)
            && self.clause.as_ref().is_none_or(|clause| check.clause.as_ref() == Some(clause))
            && self.words.as_ref().is_none_or(|words| shown(check).contains(words))
    }

    /// Whether it fits so many checks that it says little about each.
    pub(super) fn is_wide(&self) -> bool {
        self.wide
    }

    /// Whether it says more than which check failed.
    pub(super) fn is_precise(&self) -> bool {
        self.clause.is_some() || self.words.is_some()
    }
}

/// What words are looked for in: `expected => actual`.
fn shown(check: &CheckReport) -> String {
    let text = |member: &Option<String>| member.clone().unwrap_or_default();
    format!("{} => {}", text(&check.expected), text(&check.actual))
}
