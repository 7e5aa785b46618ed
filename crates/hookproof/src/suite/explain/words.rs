//! Words that are no ids: the aliases of the contract, and what the search of the site finds.

use hookproof_contract::spec::{Alias, Spec};

use super::explain;
use crate::suite::{
    page::Page,
    site::{self, near_words, same_words},
};

/// Places that are listed where a word is no alias.
const PLACES_MAX: usize = 8;

/// The answer to a word that `spec/aliases.toml` knows, perhaps with a letter wrong.
pub(super) fn of_alias(word: &str) -> Option<String> {
    let spec = Spec::embedded();
    let phrases = || {
        spec.aliases
            .iter()
            .flat_map(|alias| alias.phrases(&spec.sources).map(move |phrase| (phrase, alias)))
    };
    if let Some((_, alias)) = phrases().find(|(phrase, _)| same_words(phrase, word)) {
        return Some(answer(word, alias, spec));
    }
    let (phrase, alias) = phrases().find(|(phrase, _)| near_words(phrase, word))?;
    let answer = answer(phrase, alias, spec);
    Some(format!("Nothing is known under `{word}`; did you mean `{phrase}`?\n\n{answer}"))
}

fn answer(word: &str, alias: &Alias, spec: &Spec) -> String {
    let title = site::index(spec).title_of(&alias.to).unwrap_or_default().to_owned();
    let mut text = format!("{word}: {title} ({} of `hookproof docs`)\n", alias.to);
    if let Some(guide) = site::guide(&alias.to) {
        text.extend(["\n", guide.as_str(), "\n"]);
    }
    for id in &alias.see {
        text += "\n";
        text += &explain(id).unwrap_or_default();
    }
    text
}

/// The places of the site that have something to say on a word.
pub(super) fn of_search(word: &str) -> Option<String> {
    let index = site::index(Spec::embedded());
    let found = index.ranked(word);
    if found.is_empty() {
        return None;
    }
    let mut page =
        Page::new(word, "no id of the contract; the site of `hookproof docs` has it here");
    for entry in found.iter().take(PLACES_MAX) {
        page.row(&entry.title, &entry.text);
        page.row("", &format!("{}: {}", entry.kind, entry.place));
    }
    Some(page.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &[&str]) {
        let text = of_alias(word).unwrap_or_else(|| panic!("{word}"));
        for part in expected {
            assert!(text.contains(part), "{word}: no {part:?} in {text}");
        }
    }

    #[test]
    fn words_are_answered() {
        check("duplicate", &["duplicate: What do I do with a duplicate?", "IDEM-01 (clause"]);
        check("timeout", &["time.html", "TIME-01 (clause"]);
        check("409", &["what-to-answer.html#statuses", "RETRY-08 (clause"]);
        check("refund before payment", &["flows.html#out-of-order", "SEQ-04 (clause"]);
        check("Exit Codes", &["tool/exit-codes.html"]);
        check("Benutzervalidierung", &["types/user_validation.html"]);
    }

    #[test]
    fn a_letter_may_be_wrong() {
        check("duplicte", &["did you mean `duplicate`?", "IDEM-01 (clause"]);
        check("idempotancy key", &["did you mean `idempotency key`?"]);
        assert_eq!(of_alias("order_pai"), None);
    }

    #[test]
    fn other_words_are_searched() {
        let text = of_search("bundle content").unwrap();
        assert!(text.contains("order_paid"), "{text}");
        assert_eq!(of_search("qqqq"), None);
    }
}
