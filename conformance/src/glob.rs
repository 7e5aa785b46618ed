//! Patterns over ids: `*`, `?`, `[a-z]` and `{one,other}`.

/// A pattern over the ids of checks, clauses or listeners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

/// The text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a pattern: its `{bracket}` is not closed")]
pub struct GlobError {
    /// The pattern.
    pub pattern: String,
    /// The bracket that lacks its partner.
    pub bracket: char,
}

impl Glob {
    /// Reads a pattern.
    pub fn new(pattern: &str) -> Result<Self, GlobError> {
        match unclosed(pattern) {
            Some(bracket) => Err(GlobError { pattern: pattern.to_owned(), bracket }),
            None => Ok(Self(pattern.to_owned())),
        }
    }

    /// Returns true if the whole id matches.
    pub fn is_match(&self, id: &str) -> bool {
        fast_glob::glob_match(&self.0, id)
    }
}

/// The first bracket without its partner.
fn unclosed(pattern: &str) -> Option<char> {
    let (mut open, mut escaped) = (Vec::new(), false);
    for next in pattern.chars() {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' if open.last() == Some(&'[') => drop(open.pop()),
            _ if open.last() == Some(&'[') => (),
            '[' | '{' => open.push(next),
            '}' if open.pop().is_none() => return Some(next),
            _ => (),
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, matching: &[&str], other: &[&str]) {
        let glob = Glob::new(pattern).unwrap();
        for id in matching {
            assert!(glob.is_match(id), "{pattern} {id}");
        }
        for id in other {
            assert!(!glob.is_match(id), "{pattern} {id}");
        }
    }

    #[test]
    fn pattern_covers_the_whole_id() {
        check(
            "signature-*",
            &["signature-accepts-valid", "signature-"],
            &["no-signature-x", "sign"],
        );
        check("SIG-0?", &["SIG-01", "SIG-09"], &["SIG-1", "SIG-010", "XSIG-01"]);
        check("SIG-0[1-3]", &["SIG-02"], &["SIG-04", "SIG-0[1-3]"]);
        check(
            "orders-{at-once,cross-*}",
            &["orders-at-once", "orders-cross-cancels"],
            &["orders-"],
        );
    }

    #[test]
    fn bracket_without_partner_is_named() {
        for (pattern, bracket) in [("[", '['), ("a-{b,c", '{'), ("a}", '}'), ("{[a}", '[')] {
            let error = Glob::new(pattern).unwrap_err();
            assert_eq!(error, GlobError { pattern: pattern.to_owned(), bracket });
        }
        check("\\[a", &["[a"], &["a"]);
    }
}
