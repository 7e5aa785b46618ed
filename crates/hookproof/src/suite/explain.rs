//! `hookproof explain WORD`: what the contract and the suite say about an id or a word.

mod contract;
mod suite;
mod words;

use anyhow::anyhow;
use hookproof_conformance::{checks, diagnosis};
use hookproof_contract::spec::Spec;

use crate::{exit::Exit, failure::Failure, names, suite::cli::ExplainArgs, terminal};

/// Prints the explanation; what nothing is known about is a wrong command line.
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let word = args.words.join(" ");
    let text = explain(&word).or_else(|| words::of_alias(&word));
    let text = match text {
        Some(text) => text,
        None => elsewhere(&word).ok_or_else(|| unknown(&word))?,
    };
    terminal::print(&text)?;
    Ok(Exit::Conformant)
}

/// The places of the site that have something to say; `None` where the word looks like an id.
fn elsewhere(word: &str) -> Option<String> {
    let several = word.contains(char::is_whitespace);
    if several || names::near(word, known(Spec::embedded())).is_empty() {
        return words::of_search(word);
    }
    None
}

/// What is known under an id, in whatever case it was typed. Where one word names several things,
/// as `payments` does, all of them.
fn explain(id: &str) -> Option<String> {
    let spec = Spec::embedded();
    let same = |known: &str| known.eq_ignore_ascii_case(id);
    let mut pages: Vec<String> = Vec::new();
    let found = checks::ALL.iter().filter(|check| same(check.id));
    pages.extend(found.map(|check| suite::of_check(check, spec)));
    let found = diagnosis::causes().iter().filter(|cause| same(&cause.slug));
    pages.extend(found.map(suite::of_cause));
    let found = spec.clauses.values().filter(|clause| same(&clause.id));
    pages.extend(found.map(|clause| contract::of_clause(clause, spec)));
    let found = spec.contradictions.values().filter(|found| same(&found.id));
    pages.extend(found.map(|found| contract::of_contradiction(found, spec)));
    let found = spec.notifications.values().filter(|known| same(&known.kind));
    pages.extend(found.map(|known| contract::of_notification(known, spec)));
    let found = spec.neighbours.iter().filter(|known| same(&known.kind));
    pages.extend(found.map(|known| contract::of_neighbour(known, spec)));
    let found = spec.errors.published.iter().filter(|entry| same(entry.code.as_str()));
    pages.extend(found.map(|entry| contract::of_error(entry, spec)));
    let found = spec.errors.foreign.iter().filter(|entry| same(&entry.code));
    pages.extend(found.map(|entry| contract::of_foreign_error(entry, spec)));
    let found = spec.products.iter().filter(|product| same(&product.id));
    pages.extend(found.map(|product| contract::of_product(product, spec)));
    let found = spec.settings.values().filter(|setting| same(&setting.id));
    pages.extend(found.map(|setting| contract::of_setting(setting, spec)));
    let found = spec.plans.values().filter(|plan| same(&plan.id));
    pages.extend(found.map(|plan| contract::of_plan(plan, spec)));
    let found = spec.reason_codes.values().filter(|entry| is_reason(id, entry.code));
    pages.extend(found.map(|entry| contract::of_reason_code(entry, spec)));
    let found = spec.topics.values().filter(|topic| same(&topic.name));
    pages.extend(found.map(|topic| contract::of_topic(topic, spec)));
    (!pages.is_empty()).then(|| pages.join("\n"))
}

/// A reason code is a bare number, or a number after the word.
fn is_reason(id: &str, code: u32) -> bool {
    let number = id.to_lowercase();
    let number = number.strip_prefix("reason-").unwrap_or(&number);
    number.parse() == Ok(code)
}

/// Every word that [`explain`] knows, but for the numbers.
fn known(spec: &Spec) -> impl Iterator<Item = &str> {
    let checks = checks::ALL.iter().map(|check| check.id);
    let causes = diagnosis::causes().iter().map(|cause| cause.slug.as_str());
    let keys =
        spec.clauses.keys().chain(spec.contradictions.keys()).chain(spec.notifications.keys());
    let keys = keys.chain(spec.settings.keys()).chain(spec.plans.keys()).chain(spec.topics.keys());
    checks
        .chain(causes)
        .chain(keys.map(String::as_str))
        .chain(spec.neighbours.iter().map(|known| known.kind.as_str()))
        .chain(spec.errors.published.iter().map(|entry| entry.code.as_str()))
        .chain(spec.errors.foreign.iter().map(|entry| entry.code.as_str()))
        .chain(spec.products.iter().map(|product| product.id.as_str()))
}

fn unknown(id: &str) -> Failure {
    let near = names::near(id, known(Spec::embedded()));
    let hint = names::did_you_mean(&near).unwrap_or_else(|| {
        "`hookproof list` shows every check with its clauses; types, error codes, products, \
         switches and retry plans stand in spec/"
            .to_owned()
    });
    Failure::usage(anyhow!("nothing is known under `{id}`")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_word_is_explained() {
        for word in known(Spec::embedded()) {
            let text = explain(word).unwrap_or_default();
            assert!(text.starts_with(word), "{word}: {text}");
        }
        assert!(explain("reason-2").is_some_and(|text| text == explain("2").unwrap()));
        assert_eq!(explain("reason-99999"), None);
    }
}
