//! Which checks are wanted: `--only` and `--skip`.

use crate::{
    Check, checks,
    glob::{Glob, GlobError},
};

/// Near names that are suggested for a pattern that matches nothing.
const SUGGESTIONS: usize = 3;

/// Why no selection could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A pattern matches neither a check nor a clause.
    #[error("`{pattern}` matches no check and no clause{}", did_you_mean(suggestions))]
    Unmatched {
        /// The pattern.
        pattern: String,
        /// Names that are near it.
        suggestions: Vec<String>,
    },
    /// A pattern is no glob.
    #[error(transparent)]
    BadPattern(#[from] GlobError),
    /// All checks that were selected were also left out.
    #[error("nothing is left to check: every check that --only selects is left out by --skip")]
    Nothing,
}

fn did_you_mean(suggestions: &[String]) -> String {
    let quoted: Vec<String> = suggestions.iter().map(|name| format!("`{name}`")).collect();
    format!("; did you mean {}? `hookproof list` shows all", quoted.join(" or "))
}

/// The checks that `only` selects and `skip` does not leave out, in the order of the registry.
///
/// A pattern is a glob over check ids and clause ids; without `only`, all checks are selected.
pub fn select(only: &[String], skip: &[String]) -> Result<Vec<&'static Check>, SelectError> {
    let only = only.iter().map(|pattern| Pattern::parse(pattern)).collect::<Result<Vec<_>, _>>()?;
    let skip = skip.iter().map(|pattern| Pattern::parse(pattern)).collect::<Result<Vec<_>, _>>()?;
    let selected: Vec<&Check> = checks::ALL
        .iter()
        .copied()
        .filter(|check| only.is_empty() || only.iter().any(|pattern| pattern.matches(check)))
        .filter(|check| !skip.iter().any(|pattern| pattern.matches(check)))
        .collect();
    if selected.is_empty() { Err(SelectError::Nothing) } else { Ok(selected) }
}

struct Pattern(Glob);

impl Pattern {
    fn parse(pattern: &str) -> Result<Self, SelectError> {
        let this = Self(Glob::new(pattern)?);
        if checks::ALL.iter().any(|check| this.matches(check)) {
            return Ok(this);
        }
        Err(SelectError::Unmatched { pattern: pattern.to_owned(), suggestions: nearest(pattern) })
    }

    fn matches(&self, check: &Check) -> bool {
        self.0.is_match(check.id) || check.clauses.iter().any(|clause| self.0.is_match(clause))
    }
}

/// The names of checks and clauses that are nearest to a word, the nearest first.
pub fn nearest(word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let names = checks::ALL.iter().flat_map(|check| check.clauses.iter().chain([&check.id]));
    let mut scored: Vec<(f64, &str)> = names
        .map(|name| {
            let lower = name.to_lowercase();
            let contained = if lower.contains(&word) { 1.0 } else { 0.0 };
            (strsim::jaro_winkler(&word, &lower).max(contained), *name)
        })
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    scored.dedup_by_key(|(_, name)| *name);
    scored.into_iter().take(SUGGESTIONS).map(|(_, name)| name.to_owned()).collect()
}
