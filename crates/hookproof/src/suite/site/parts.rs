//! Pieces of HTML that many pages have.

use maud::{Markup, Render, html};

/// A table that scrolls by itself where the page is too narrow.
pub(super) fn table(label: &str, heads: &[&str], rows: &[Markup]) -> Markup {
    html! {
        div.scroll role="region" aria-label=(label) tabindex="0" {
            table {
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody { @for row in rows { (row) } }
            }
        }
    }
}

/// A list of names and what they stand for; empty entries are left out.
pub(super) fn facts(entries: &[(&str, Markup)]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in entries.iter().filter(|(_, value)| !value.0.is_empty()) {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// A block of text that can be copied.
///
/// A program keeps its lines and scrolls; the bytes of a body are one long line, which is broken.
pub(super) fn copyable(label: &str, text: &str) -> Markup {
    block(label, html! { code.lines[text.contains('\n')] { (text) } })
}

/// A block with markup inside, whose text can be copied.
pub(super) fn block(label: &str, content: Markup) -> Markup {
    html! {
        div.code {
            pre tabindex="0" aria-label=(label) { (content) }
            button.copy type="button" aria-label={ "Copy: " (label) } { "Copy" }
        }
    }
}

/// A remark.
pub(super) fn note(content: impl Render) -> Markup {
    html! { p.note { (content) } }
}

/// A number of seconds, as people say it.
pub(super) fn duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let parts: Vec<String> = [(hours, "h"), (minutes, "min"), (rest, "s")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join(" ") }
}

/// A number with the word for what it counts.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Words in one line, with the last joined by `or`.
pub(super) fn either(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [words @ .., last] => format!("{} or {last}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(duration(0), "0");
        assert_eq!(duration(300), "5 min");
        assert_eq!(duration(42_900), "11 h 55 min");
        assert_eq!(duration(172_800), "48 h");
    }

    #[test]
    fn the_last_of_several_is_joined_by_or() {
        assert_eq!(
            either(&["200".to_owned(), "201".to_owned(), "204".to_owned()]),
            "200, 201 or 204"
        );
        assert_eq!(either(&["200".to_owned()]), "200");
    }
}
