//! Which clauses are about security, and what their breach is called elsewhere: `security.toml`.

use std::sync::LazyLock;

use hookproof_contract::spec::{Clause, Spec};
use serde::Deserialize;

/// What a breach of a clause means to somebody who looks for holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weakness {
    /// The number in the Common Weakness Enumeration.
    pub(super) cwe: u32,
    /// `0.0` to `10.0`.
    pub(super) severity: &'static str,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topic: Vec<Topic>,
    clause: Vec<OneClause>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Topic {
    name: String,
    cwe: u32,
    severity: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneClause {
    id: String,
    cwe: u32,
    severity: String,
}

fn file() -> &'static File {
    static FILE: LazyLock<File> = LazyLock::new(|| {
        toml::from_str(include_str!("security.toml")).expect("a test reads the same file")
    });
    &FILE
}

/// What the breach of this clause means, where it is about security.
pub(super) fn weakness(id: &str) -> Option<Weakness> {
    if let Some(one) = file().clause.iter().find(|one| one.id == id) {
        return Some(Weakness { cwe: one.cwe, severity: &one.severity });
    }
    let clause = Spec::embedded().clauses.get(id).filter(|clause| clause.binds_listeners())?;
    let topic = file().topic.iter().find(|topic| topic.name == clause.topic)?;
    Some(Weakness { cwe: topic.cwe, severity: &topic.severity })
}

/// All clauses about security.
pub(super) fn clauses() -> impl Iterator<Item = (&'static Clause, Weakness)> {
    let all = Spec::embedded().clauses.values();
    all.filter_map(|clause| Some((clause, weakness(&clause.id)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_names_what_there_is() {
        let spec = Spec::embedded();
        for topic in &file().topic {
            assert!(spec.topics.contains_key(&topic.name), "{topic:?}");
        }
        for one in &file().clause {
            let clause = spec.clauses.get(&one.id).expect(&one.id);
            assert!(clause.binds_listeners(), "{one:?}");
        }
        for (clause, weakness) in clauses() {
            let severity: f32 = weakness.severity.parse().expect(&clause.id);
            assert!((0.0..=10.0).contains(&severity), "{}", clause.id);
        }
    }

    #[test]
    fn forgery_is_about_security_and_form_is_not() {
        assert_eq!(weakness("SIG-02"), Some(Weakness { cwe: 347, severity: "8.1" }));
        assert_eq!(weakness("SIG-10").map(|weakness| weakness.cwe), Some(200));
        assert_eq!(weakness("SIG-12"), None, "it binds the sender");
        assert_eq!(weakness("ANS-02"), None);
    }
}
