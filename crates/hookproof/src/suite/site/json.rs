//! JSON for the eye: indented, and with its parts marked.

use maud::{Markup, html};
use serde_json::Value;

/// Columns by which each level is indented.
const INDENT: usize = 2;

/// A value over several lines.
pub(super) fn pretty(value: &Value) -> Markup {
    html! { code.json { (nested(value, 0)) } }
}

fn nested(value: &Value, depth: usize) -> Markup {
    let inner = " ".repeat(INDENT * (depth + 1));
    let outer = " ".repeat(INDENT * depth);
    match value {
        Value::Object(members) if !members.is_empty() => html! {
            "{\n"
            @for (index, (name, member)) in members.iter().enumerate() {
                (inner) span.k { (quoted(name)) } ": " (nested(member, depth + 1))
                @if index + 1 < members.len() { "," } "\n"
            }
            (outer) "}"
        },
        Value::Array(items) if !items.is_empty() => html! {
            "[\n"
            @for (index, item) in items.iter().enumerate() {
                (inner) (nested(item, depth + 1)) @if index + 1 < items.len() { "," } "\n"
            }
            (outer) "]"
        },
        Value::Object(_) => html! { "{}" },
        Value::Array(_) => html! { "[]" },
        Value::String(text) => html! { span.s { (quoted(text)) } },
        Value::Number(number) => html! { span.n { (number) } },
        Value::Bool(_) | Value::Null => html! { span.l { (value) } },
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_members_their_order() {
        let value: Value = serde_json::from_str(r#"{"b":[9.90,{}],"a":"<&\"","c":null}"#).unwrap();
        assert_eq!(
            pretty(&value).into_string(),
            "<code class=\"json\">{\n  <span class=\"k\">&quot;b&quot;</span>: [\n    \
             <span class=\"n\">9.90</span>,\n    {}\n  ],\n  <span class=\"k\">&quot;a&quot;</span>: \
             <span class=\"s\">&quot;&lt;&amp;\\&quot;&quot;</span>,\n  \
             <span class=\"k\">&quot;c&quot;</span>: <span class=\"l\">null</span>\n}</code>"
        );
    }
}
