//! The ranking of the search, as `assets/ranking.js` does it in the browser.
//!
//! Both are written alike, function by function, and a test runs the script beside this on every
//! pinned query. Scores are integers, so that they are equal in both languages.

use super::Found;

/// Words that say nothing about the question. Ignored unless a query has no others.
const STOP: &[&str] = &[
    "a", "an", "and", "are", "at", "be", "can", "did", "do", "does", "for", "from", "happens",
    "has", "have", "how", "i", "if", "in", "is", "it", "me", "my", "of", "on", "or", "s", "should",
    "so", "that", "the", "then", "there", "these", "this", "to", "was", "were", "what", "when",
    "where", "which", "who", "will", "with", "you", "your",
];

/// Words that nearly every entry has: they decide between equals, and may be missing.
const GENERIC: &[&str] = &["hookproof", "listener", "webhook", "xsolla"];

/// Letters of a word from which on one of them may be wrong.
const TYPO_LETTERS_MIN: usize = 4;

/// Letters of a word from which on it may be the beginning of another.
const PREFIX_LETTERS_MIN: usize = 2;

const EXACT: i32 = 3;
const PREFIX: i32 = 2;
const TYPO: i32 = 1;

/// Returns the plain words of a text: lower case, no accents, singular.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded: String = text.to_lowercase().chars().map(fold).collect();
    let split = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    split.map(|word| if STOP.contains(&word) { word.to_owned() } else { singular(word) }).collect()
}

/// Returns the letter without its accent.
const fn fold(letter: char) -> char {
    match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ß' => 's',
        _ => letter,
    }
}

fn singular(word: &str) -> String {
    let letters = word.chars().count();
    let cut = |ending: &str| word.strip_suffix(ending);
    if letters > 4
        && let Some(stem) = cut("ies")
    {
        return format!("{stem}y");
    }
    if let Some(stem) = cut("sses") {
        return format!("{stem}ss");
    }
    let kept = ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending));
    match cut("s") {
        Some(stem) if letters > 2 && !kept => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// Returns the words of a text that say something; all of them where none does.
pub(super) fn phrase(text: &str) -> Vec<String> {
    let all = words(text);
    let telling: Vec<String> =
        all.iter().filter(|word| !STOP.contains(&word.as_str())).cloned().collect();
    if telling.is_empty() { all } else { telling }
}

/// An entry with its words taken apart.
#[derive(Debug)]
pub(super) struct Prepared {
    title: Vec<String>,
    aliases: Vec<Vec<String>>,
    text: Vec<String>,
    rank: i32,
}

impl Prepared {
    pub(super) fn new(entry: &Found) -> Self {
        let member = entry.kind.starts_with("member of");
        Self {
            title: phrase(&entry.title),
            aliases: entry.aliases.iter().map(|alias| phrase(alias)).collect(),
            text: words(&format!("{} {}", entry.kind, entry.text)),
            rank: if member { -8 } else { i32::from(!entry.place.contains('#')) * 3 },
        }
    }
}

/// Returns the score of an entry; 0 where it has nothing to say.
pub(super) fn score(entry: &Prepared, query: &[String]) -> i32 {
    if query.is_empty() {
        return 0;
    }
    let whole = entry.aliases.iter().map(|alias| whole(alias, query, 1000));
    let whole = whole.chain([self::whole(&entry.title, query, 900)]).max().unwrap_or(0);
    let mut sum = 0;
    let mut found = 0;
    let mut wanted = 0;
    for word in query {
        let generic = GENERIC.contains(&word.as_str());
        wanted += i32::from(!generic);
        match best(entry, word, query) {
            0 if generic => {}
            0 => sum -= 20,
            points if generic => sum += points / 8,
            points => {
                sum += points;
                found += 1;
            }
        }
    }
    if whole == 0 && (sum <= 0 || found * 2 < wanted || (found == 0 && wanted > 0)) {
        return 0;
    }
    (whole + sum + entry.rank).max(1)
}

/// Compares a query with a phrase as a whole: equal, begun, or with letters wrong.
fn whole(phrase: &[String], query: &[String], most: i32) -> i32 {
    if phrase.len() != query.len() {
        return 0;
    }
    let mut least = EXACT;
    for (at, (known, word)) in phrase.iter().zip(query).enumerate() {
        let likeness = likeness(known, word);
        // Only the last word may be half typed.
        if likeness == 0 || (likeness == PREFIX && at + 1 < query.len()) {
            return 0;
        }
        least = least.min(likeness);
    }
    match least {
        EXACT => most,
        PREFIX => most - 500,
        _ => most - 400,
    }
}

/// Returns true if every word is that of the phrase, or has one letter wrong.
pub(super) fn is_typo(phrase: &[String], query: &[String]) -> bool {
    let pairs = || phrase.iter().zip(query).map(|(known, word)| likeness(known, word));
    phrase.len() == query.len() && pairs().all(|it| it == EXACT || it == TYPO)
}

/// Returns the points of one word of the query, in whatever part of the entry it does best.
fn best(entry: &Prepared, word: &str, query: &[String]) -> i32 {
    let in_text = in_text(&entry.text, word);
    let in_alias = entry.aliases.iter().map(|alias| points(alias, word, query, 10)).max();
    in_text.max(points(&entry.title, word, query, 12)).max(in_alias.unwrap_or(0))
}

/// Returns the points of a word in running text, where no letter may be wrong.
fn in_text(text: &[String], word: &str) -> i32 {
    if text.iter().any(|known| known == word) {
        return 6;
    }
    let long = word.chars().count() >= PREFIX_LETTERS_MIN;
    if long && text.iter().any(|known| known.starts_with(word)) { 3 } else { 0 }
}

/// Returns the points of a word in a phrase, more where the query has the whole phrase.
fn points(phrase: &[String], word: &str, query: &[String], each: i32) -> i32 {
    let likeness = most_alike(phrase, word);
    if likeness == 0 {
        return 0;
    }
    let covered = phrase.iter().filter(|known| most_alike(query, known) > 0).count();
    if covered == phrase.len() { likeness * each + 4 } else { likeness * each / 2 }
}

fn most_alike(known: &[String], word: &str) -> i32 {
    known.iter().map(|known| likeness(known, word)).max().unwrap_or(0)
}

/// Compares two words: equal, the one begun by the other, or one letter wrong.
fn likeness(known: &str, word: &str) -> i32 {
    if known == word {
        return EXACT;
    }
    if word.chars().count() >= PREFIX_LETTERS_MIN && known.starts_with(word) {
        return PREFIX;
    }
    // Most pairs are told apart by their lengths; without accents, a letter is a byte.
    if known.len().abs_diff(word.len()) > 1 {
        return 0;
    }
    let (known, word): (Vec<char>, Vec<char>) = (known.chars().collect(), word.chars().collect());
    let long = known.len().min(word.len()) >= TYPO_LETTERS_MIN;
    if long && near(&known, &word) { TYPO } else { 0 }
}

/// Returns true if one letter was left out, added, exchanged, or swapped with its neighbour.
fn near(left: &[char], right: &[char]) -> bool {
    let digits = left.iter().chain(right).any(char::is_ascii_digit);
    if digits || left.len().abs_diff(right.len()) > 1 {
        return false;
    }
    let same = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[same..], &right[same..]);
    match (left, right) {
        ([_, left @ ..], right) if left == right => true,
        (left, [_, right @ ..]) if left == right => true,
        ([_, left @ ..], [_, right @ ..]) if left == right => true,
        ([a, b, left @ ..], [c, d, right @ ..]) => a == d && b == c && left == right,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_plain() {
        assert_eq!(
            words("Rückerstattung, RETRIES & addresses"),
            ["ruckerstattung", "retry", "address"]
        );
        assert_eq!(words("status of `order_paid`"), ["status", "of", "order", "paid"]);
        assert_eq!(phrase("What is the key?"), ["key"]);
        assert_eq!(phrase("to be"), ["to", "be"]);
    }

    #[test]
    fn likeness_of_words() {
        let check =
            |known, word, expected| assert_eq!(likeness(known, word), expected, "{known} {word}");
        check("duplicate", "duplicate", EXACT);
        check("duplicate", "dupl", PREFIX);
        check("duplicate", "duplcate", TYPO);
        check("duplicate", "duplicaate", TYPO);
        check("duplicate", "duplixate", TYPO);
        check("duplicate", "dupilcate", TYPO);
        check("duplicate", "duplicat3", 0);
        check("duplicate", "dplcate", 0);
        check("description", "ip", 0);
        check("409", "400", 0);
        check("go", "do", 0);
    }
}
