//! The example payloads of a webhook: pretty, as exact bytes, and signed.

use hookproof_contract::spec::{Example, ExampleKind, ExampleMode, Notification};
use maud::{Markup, html};
use serde_json::Value;

use super::{start::SECRET, types};
use crate::suite::site::{context::badge, json, parts};

/// All examples.
pub(super) fn of(notification: &Notification) -> Markup {
    html! {
        p {
            @if notification.signed {
                "Each is signed with the secret key " code { (SECRET) } ". Copy the bytes as they are: a blank more, \
                 and the signature is another."
            } @else {
                "It is sent without a signature."
            }
        }
        @for example in &notification.examples { (one(notification, example)) }
    }
}

fn one(notification: &Notification, example: &Example) -> Markup {
    let Some(text) = types::text_of(&notification.kind, &example.file) else {
        return Markup::default();
    };
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let header = format!("Authorization: Signature {}", example.signature);
    let name = example.file.trim_start_matches("examples/").trim_end_matches(".json");
    html! {
        div.example id={ "example-" (name) } {
            h3 {
                span { (example.title) }
                (badge(example.kind))
                @if example.mode != ExampleMode::Any { (badge(format_args!("{} mode", example.mode))) }
            }
            @if notification.signed { (parts::copyable("The signature's header", &header)) }
            details open[example.kind == ExampleKind::Minimal] {
                summary { "Indented, to read" }
                (parts::block("The body, indented", json::pretty(&value)))
            }
            details {
                summary { "Exact bytes (" (text.len()) ")" }
                (parts::copyable("The body's exact bytes", text))
            }
            details {
                summary { "As a command" }
                (parts::copyable("A curl command", &command(text, notification.signed.then_some(&header))))
            }
        }
    }
}

/// A command that sends it to a listener on this machine.
fn command(body: &str, header: Option<&String>) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let header = header.map_or(String::new(), |header| format!(" \\\n  -H {}", quoted(header)));
    format!(
        "curl -i http://127.0.0.1:8080/webhook \\\n  -H 'Content-Type: application/json'{header} \\\n  \
         --data-binary {}",
        quoted(body)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_do_not_end_the_command() {
        let command = command(r#"{"name":"O'Neil"}"#, None);
        assert!(command.ends_with(r#"--data-binary '{"name":"O'\''Neil"}'"#), "{command}");
    }
}
