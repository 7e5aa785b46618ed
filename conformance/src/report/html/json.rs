//! A body for the eye: JSON over several lines where that loses nothing, else as it came.

use maud::{Markup, html};
use serde_json::Value;

use crate::report::words::visible;

/// Columns by which each level is indented.
const INDENT: usize = 2;

/// Levels that are set out; what is nested deeper stands in one line.
const DEPTH_MAX: usize = 12;

/// The text, over several lines if it is JSON that is printed back byte by byte.
pub(super) fn shown(text: &str) -> Markup {
    let value: Option<Value> = serde_json::from_str(text).ok();
    let same = |value: &Value| serde_json::to_string(value).is_ok_and(|printed| printed == text);
    match value.filter(same) {
        Some(value) => html! { code.json { (nested(&value, 0)) } },
        None => html! { code { (visible(text)) } },
    }
}

/// What a delivery is about, in a word.
pub(super) fn kind(body: &str) -> String {
    let value: Option<Value> = serde_json::from_str(body).ok();
    let kind = value.as_ref().and_then(|value| value.get("notification_type")?.as_str());
    visible(kind.unwrap_or_default())
}

fn nested(value: &Value, depth: usize) -> Markup {
    let inner = " ".repeat(INDENT * (depth + 1));
    let outer = " ".repeat(INDENT * depth);
    match value {
        Value::Object(members) if !members.is_empty() && depth < DEPTH_MAX => html! {
            "{\n"
            @for (place, (name, member)) in members.iter().enumerate() {
                (inner) span.k { (quoted(name)) } ": " (nested(member, depth + 1))
                @if place + 1 < members.len() { "," } "\n"
            }
            (outer) "}"
        },
        Value::Array(items) if !items.is_empty() && depth < DEPTH_MAX => html! {
            "[\n"
            @for (place, item) in items.iter().enumerate() {
                (inner) (nested(item, depth + 1)) @if place + 1 < items.len() { "," } "\n"
            }
            (outer) "]"
        },
        Value::String(text) => html! { span.s { (quoted(text)) } },
        Value::Number(number) => html! { span.n { (number) } },
        Value::Bool(_) | Value::Null => html! { span.l { (value) } },
        Value::Object(_) | Value::Array(_) => html! { (visible(&value.to_string())) },
    }
}

fn quoted(text: &str) -> String {
    visible(&Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_loses_nothing_is_set_out() {
        let set_out = |text: &str| shown(text).into_string().contains('\n');
        assert!(set_out(r#"{"a":9.90,"b":[-1]}"#));
        assert!(!set_out(r#"{"a":1, "b":2}"#), "the blank would be lost");
        assert!(!set_out(r#"{"a":1,"a":2}"#), "a member would be lost");
        assert!(!set_out(r#"{"a":"\u0061"}"#), "the escape would be lost");
        assert!(!set_out("{\"a\":"));
    }

    #[test]
    fn deep_nesting_stays_in_its_column() {
        let text = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(shown(&text).into_string().lines().count(), 2 * DEPTH_MAX + 1);
    }
}
