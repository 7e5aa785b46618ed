//! The guides' Markdown: headings, paragraphs, lists, tables, notes and fenced blocks.
//!
//! It is the part of Markdown that the guides use, and no more. A full parser would know neither of
//! what these pages need: ids of the contract that become links, and blocks that are generated.

use maud::{Markup, html};

use super::{Section, context::Context, parts};

/// A guide, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Guide<'a> {
    pub(super) title: &'a str,
    /// Text before the first section.
    pub(super) lead: &'a str,
    pub(super) parts: Vec<Part<'a>>,
}

/// A section of a guide: `## Title {#anchor}` and what follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) anchor: &'a str,
    pub(super) title: &'a str,
    pub(super) body: &'a str,
}

impl<'a> Guide<'a> {
    /// Takes a guide apart; `None` where a title or an anchor is missing.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (title, rest) = text.strip_prefix("# ")?.split_once('\n')?;
        let mut parts = rest.split("\n## ");
        let lead = parts.next()?.trim();
        let parts = parts.map(|part| {
            let (heading, body) = part.split_once('\n')?;
            let (title, anchor) = heading.split_once(" {#")?;
            Some(Part { anchor: anchor.strip_suffix('}')?, title, body: body.trim() })
        });
        Some(Self { title, lead, parts: parts.collect::<Option<_>>()? })
    }
}

/// Makes the block that a fence names by its first word, such as `clauses` or `table`.
pub(super) type Generate<'a> = &'a dyn Fn(&str, &str) -> Option<Markup>;

/// Renders one part of a guide as a section.
pub(super) fn section(context: &Context<'_>, part: &Part<'_>, generate: Generate<'_>) -> Section {
    Section::new(part.anchor, part.title, blocks(context, part.body, generate))
        .text(plain(part.body))
}

/// Renders a text of several blocks.
pub(super) fn blocks(context: &Context<'_>, text: &str, generate: Generate<'_>) -> Markup {
    let mut shown: Vec<Markup> = Vec::new();
    let mut rest = text.trim_start_matches('\n');
    while !rest.is_empty() {
        let (block, after) = match rest.strip_prefix("```") {
            Some(fence) => {
                let (inside, after) = fence.split_once("\n```").unwrap_or((fence, ""));
                shown.push(fenced(inside, generate));
                ("", after)
            }
            None => rest.split_once("\n\n").unwrap_or((rest, "")),
        };
        if !block.is_empty() {
            shown.push(one(context, block));
        }
        rest = after.trim_start_matches('\n');
    }
    html! { @for block in &shown { (block) } }
}

/// A fence: its first line says what it holds, the rest is the content.
fn fenced(inside: &str, generate: Generate<'_>) -> Markup {
    let (info, content) = inside.split_once('\n').unwrap_or((inside, ""));
    let (word, label) = info.split_once(' ').unwrap_or((info, ""));
    if let Some(generated) = generate(word, label) {
        return generated;
    }
    parts::copyable(if label.is_empty() { "A block to copy" } else { label }, content)
}

fn one(context: &Context<'_>, block: &str) -> Markup {
    if let Some(title) = block.strip_prefix("### ") {
        return html! { h3 { (inline(context, title)) } };
    }
    if block.starts_with("> ") {
        let text: Vec<&str> = block.lines().map(|line| line.trim_start_matches("> ")).collect();
        return parts::note(inline(context, &text.join(" ")));
    }
    if block.starts_with("| ") {
        return table(context, block);
    }
    if block.starts_with("- ") {
        return html! { ul { @for item in items(block, "- ") { li { (inline(context, &item)) } } } };
    }
    if block.starts_with("1. ") {
        return html! { ol { @for item in items(block, "1. ") { li { (inline(context, &item)) } } } };
    }
    html! { p { (inline(context, &block.replace('\n', " "))) } }
}

/// The items of a list, each with the indented lines that go on with it.
fn items(block: &str, mark: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix(mark), items.last_mut()) {
            (None, Some(item)) => {
                item.push(' ');
                item.push_str(line.trim());
            }
            (begun, _) => items.push(begun.unwrap_or(line).to_owned()),
        }
    }
    items
}

fn table(context: &Context<'_>, block: &str) -> Markup {
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        inner.split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = block.lines();
    let heads = lines.next().map(cells).unwrap_or_default();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    // The second line only says that it is a table.
    let rows = lines.skip(1).map(|line| {
        html! { tr { @for cell in cells(line) { td { (inline(context, &cell)) } } } }
    });
    let label = format!("Table: {}", heads.join(", "));
    parts::table(&label, &heads, &rows.collect::<Vec<_>>())
}

/// Text within a line: links, code and ids.
fn inline(context: &Context<'_>, text: &str) -> Markup {
    let Some((before, label, href, after)) = link(text) else { return context.prose(text) };
    let external = href.starts_with("https://");
    html! {
        (context.prose(before))
        @if external { a href=(href) rel="noreferrer" { (label) } }
        @else { a href=(context.to(href)) { (label) } }
        (inline(context, after))
    }
}

/// The first link of a text, with what stands before and after it.
fn link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = text.find("](")?;
    let begin = text[..middle].rfind('[')?;
    let end = middle + text[middle..].find(')')?;
    Some((&text[..begin], &text[begin + 1..middle], &text[middle + 2..end], &text[end + 1..]))
}

/// The words of a text without its marks, for the search.
pub(super) fn plain(text: &str) -> String {
    let mut words = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && !line.starts_with("| ---") {
            words.push_str(&line.replace(['|', '#', '`'], ""));
            words.push(' ');
        }
    }
    let mut rest = words.as_str();
    let mut said = String::new();
    while let Some((before, label, _, after)) = link(rest) {
        said.push_str(before);
        said.push_str(label);
        rest = after;
    }
    said.push_str(rest);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use hookproof_contract::spec::Spec;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let context = Context::new(Spec::embedded(), "tool/a.html");
        let shown = blocks(&context, text, &|_, _| None).into_string();
        assert_eq!(shown, expected);
    }

    #[test]
    fn blocks_become_elements() {
        check("one\ntwo", "<p>one two</p>");
        check("### A `b`\n\ntext", "<h3>A <code>b</code></h3><p>text</p>");
        check("> a\n> b", "<p class=\"note\">a b</p>");
        check("- a\n  b\n- c", "<ul><li>a b</li><li>c</li></ul>");
        check("1. a\n1. b", "<ol><li>a</li><li>b</li></ol>");
        check(
            "see [this](keys.html#a), SIG-01",
            "<p>see <a href=\"../keys.html#a\">this</a>, \
             <a class=\"id\" href=\"../clauses/signature.html#SIG-01\">SIG-01</a></p>",
        );
    }

    #[test]
    fn fences_keep_their_lines() {
        let context = Context::new(Spec::embedded(), "a.html");
        let shown =
            blocks(&context, "```sh A try\na <b>\n\nc\n```\n\nd", &|_, _| None).into_string();
        assert!(
            shown.contains("aria-label=\"A try\"><code class=\"lines\">a &lt;b&gt;\n\nc</code>"),
            "{shown}"
        );
        assert!(shown.ends_with("<p>d</p>"), "{shown}");
        let generated = blocks(&context, "```clauses SIG-01\n```", &|word, rest| {
            (word == "clauses").then(|| html! { (rest) })
        });
        assert_eq!(generated.into_string(), "SIG-01");
    }

    #[test]
    fn guides_are_taken_apart() {
        let guide = Guide::parse("# T\n\nlead\n\n## A b {#a}\n\nc\n\n## D {#d}\n\ne\n").unwrap();
        assert_eq!((guide.title, guide.lead), ("T", "lead"));
        assert_eq!(guide.parts[0], Part { anchor: "a", title: "A b", body: "c" });
        assert_eq!(guide.parts[1].anchor, "d");
        assert_eq!(Guide::parse("# T\n\n## A\n\nb"), None);
        assert_eq!(plain("a [b](c) `d`\n```sh\ne\n```\n| --- |\n| f | g |"), "a b d f g");
    }
}
