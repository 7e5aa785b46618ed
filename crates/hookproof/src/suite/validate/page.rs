//! What `hookproof validate` prints, for people and for programs.

use std::collections::BTreeSet;

use anyhow::Context;
use hookproof_conformance::report::human::wrapped;
use hookproof_contract::spec::{Clause, Spec};

use super::{Finding, Validation};

/// Columns before the text about a finding.
const INDENT: usize = 4;

/// Columns of a clause's id.
const CLAUSE: usize = 12;

pub(super) fn render(found: &Validation) -> String {
    let mut words = vec![found.kind.unwrap_or("unknown type").to_owned()];
    words.extend(found.mode.map(|mode| format!("{mode} mode")));
    words.push(format!("{} bytes", found.bytes));
    let mut text = format!("{}\n", words.join(", "));
    if let Some(key) = &found.key {
        text += &["event key: ", &wrapped(key, INDENT), "\n"].concat();
    }
    text += &block("problems", "✗", &found.problems);
    text += &block("hints", "!", &found.hints);
    text += &clauses(found);
    if let Some(signature) = &found.signature {
        text += &["\nsignature: ", signature, "\n"].concat();
    }
    let verdict = match (found.valid, found.problems.len()) {
        (true, _) => "valid: this is what the contract says".to_owned(),
        (false, 0) => "invalid: the signature is wrong".to_owned(),
        (false, 1) => "invalid: 1 problem".to_owned(),
        (false, count) => format!("invalid: {count} problems"),
    };
    format!("{text}\n{verdict}\n")
}

fn block(title: &str, mark: &str, findings: &[Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let line = |finding: &Finding| {
        let place = if finding.pointer.is_empty() { "the body" } else { &finding.pointer };
        let line = format!("{place}: {} ({})", finding.message, finding.clause);
        format!("  {mark} {}\n", wrapped(&line, INDENT))
    };
    format!("\n{title}\n{}", findings.iter().map(line).collect::<String>())
}

/// The text of every clause that was named, once.
fn clauses(found: &Validation) -> String {
    let named: BTreeSet<&str> =
        found.problems.iter().chain(&found.hints).map(|finding| finding.clause).collect();
    let spec = Spec::embedded();
    let texts = named.into_iter().filter_map(|id| spec.clauses.get(id));
    let line =
        |clause: &Clause| format!("  {:CLAUSE$}{}\n", clause.id, wrapped(&clause.text, CLAUSE + 2));
    let lines: String = texts.map(line).collect();
    if lines.is_empty() { lines } else { format!("\nclauses\n{lines}") }
}

pub(super) fn json(found: &Validation) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(found).context("cannot write what was found")? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The source names clauses by their ids; each must exist.
    #[test]
    fn every_clause_named_here_exists() {
        let sources = [include_str!("findings.rs"), include_str!("hints.rs")].concat();
        let mut count = 0;
        for word in sources.split('"') {
            let Some((topic, number)) = word.split_once('-') else { continue };
            let upper = !topic.is_empty() && topic.bytes().all(|byte| byte.is_ascii_uppercase());
            if upper && number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit()) {
                assert!(Spec::embedded().clauses.contains_key(word), "{word}");
                count += 1;
            }
        }
        assert!(count >= 15, "{count}");
    }
}
