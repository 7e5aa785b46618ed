//! Near names for a name that is not known.

/// Near names that are suggested at most.
const SUGGESTIONS: usize = 3;

/// Below this similarity a name is no help.
const NEAR: f64 = 0.8;

/// How near a name counts that has the word inside.
const INSIDE: f64 = 0.9;

/// Letters of a word, from which on a name that has it inside is near.
const INSIDE_LETTERS_MIN: usize = 3;

/// The names that are near a word, the nearest first.
pub(crate) fn near<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = plain(word);
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (similarity(&word, &plain(name)), name))
        .filter(|(score, _)| *score >= NEAR)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    scored.dedup();
    scored.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect()
}

/// The question that goes with near names.
pub(crate) fn did_you_mean(names: &[&str]) -> Option<String> {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    (!quoted.is_empty()).then(|| format!("did you mean {}?", quoted.join(" or ")))
}

/// Case and the kind of dash make no other name.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

fn similarity(word: &str, name: &str) -> f64 {
    let inside = word.len() >= INSIDE_LETTERS_MIN && name.contains(word);
    strsim::jaro_winkler(word, name).max(if inside { INSIDE } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first() {
        let names = ["order_paid", "order_canceled", "payment", "body-reserialized", "CON-01"];
        assert_eq!(near("order-payed", names), ["order_paid", "order_canceled"]);
        assert_eq!(near("body-reserialised", names), ["body-reserialized"]);
        assert_eq!(near("con-1", names), ["CON-01"]);
        assert_eq!(near("xyz", names), [""; 0]);
        assert_eq!(did_you_mean(&["a", "b"]).as_deref(), Some("did you mean `a` or `b`?"));
        assert_eq!(did_you_mean(&[]), None);
    }
}
