//! Ways in which listeners are known to change a body, or the secret, before they hash.

use base64::prelude::{BASE64_STANDARD, Engine};
use hookproof_contract::serialise::{self, Form};
use serde_json::Value;

/// A way to change a body before it is hashed.
pub(super) struct Change {
    /// The cause that it shows.
    pub(super) cause: &'static str,
    /// What is believed then, to follow "believes ".
    pub(super) title: &'static str,
    /// Changes the body.
    pub(super) make: fn(&[u8]) -> Vec<u8>,
}

const REPRINTED: &str = "body-reserialized";

/// All of them, the narrow ones first: of two that explain the same, the first is named.
pub(super) const CHANGES: &[Change] = &[
    Change {
        cause: "body-trimmed",
        title: "the signature of the trimmed body",
        make: |body| body.trim_ascii().to_vec(),
    },
    Change {
        cause: "newline-stripped",
        title: "the signature of the body without line breaks",
        make: |body| body.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect(),
    },
    Change {
        cause: "newline-stripped",
        title: "the signature of the body with LF in the place of CR LF",
        make: |body| on_text(body, |text| text.replace("\r\n", "\n")),
    },
    Change {
        cause: "body-unescaped",
        title: "the signature of the body with plain slashes",
        make: |body| on_text(body, |text| text.replace("\\/", "/")),
    },
    Change {
        cause: "body-unescaped",
        title: "the signature of the body without backslashes",
        make: |body| on_text(body, |text| text.replace('\\', "")),
    },
    Change {
        cause: "wrong-charset",
        title: "the signature of the body read as Latin-1",
        make: |body| body.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes(),
    },
    Change {
        cause: "wrong-charset",
        title: "the signature of the body with `?` for each character beyond ASCII",
        make: |body| on_text(body, |text| text.replace(|letter: char| !letter.is_ascii(), "?")),
    },
    Change {
        cause: "wrong-charset",
        title: "the signature of the body without characters beyond ASCII",
        make: |body| body.iter().copied().filter(u8::is_ascii).collect(),
    },
    Change {
        cause: REPRINTED,
        title: "the signature of the JSON printed again without blanks",
        make: |body| printed(body, Form::Compact),
    },
    Change {
        cause: REPRINTED,
        title: "the signature of the JSON printed again with sorted members",
        make: |body| printed(body, Form::Sorted),
    },
    Change {
        cause: REPRINTED,
        title: "the signature of the JSON printed again as Python does",
        make: |body| escaped(printed(body, Form::Blanks)),
    },
    Change {
        cause: REPRINTED,
        title: "the signature of the JSON printed again with blanks",
        make: |body| printed(body, Form::Blanks),
    },
    Change {
        cause: REPRINTED,
        title: "the signature of the JSON printed again in ASCII",
        make: |body| printed(body, Form::EscapedUnicode),
    },
    Change {
        cause: REPRINTED,
        title: "the signature of the JSON printed again as PHP does",
        make: |body| escaped(printed(body, Form::EscapedSlash)),
    },
    Change {
        cause: REPRINTED,
        title: "the signature of the JSON printed again with short numbers",
        make: |body| printed(body, Form::ShortNumbers),
    },
    Change {
        cause: REPRINTED,
        title: "the signature of the JSON printed again on several lines",
        make: |body| printed(body, Form::Pretty),
    },
];

/// What is done to a secret between the Publisher Account and the hash, with what it is called.
pub(super) fn secrets(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let decoded = url::form_urlencoded::parse(format!("key={secret}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned().into_bytes());
    let candidates = [
        ("the secret without the blanks around it", Some(secret.trim().into())),
        ("the secret with CR LF behind it", Some(format!("{secret}\r\n").into_bytes())),
        ("the secret with a blank behind it", Some(format!("{secret} ").into_bytes())),
        ("the secret in quotes", Some(format!("\"{secret}\"").into_bytes())),
        ("the secret in small letters", Some(secret.to_lowercase().into_bytes())),
        ("the secret in capitals", Some(secret.to_uppercase().into_bytes())),
        ("the secret decoded from hex", hex::decode(secret).ok()),
        ("the secret in base64", Some(BASE64_STANDARD.encode(secret).into_bytes())),
        ("the secret decoded as a part of a URL", decoded),
    ];
    let known = |variant: &Vec<u8>| !variant.is_empty() && variant != secret.as_bytes();
    let variants = candidates.into_iter();
    variants.filter_map(|(title, made)| made.filter(known).map(|made| (title, made))).collect()
}

fn on_text(body: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    std::str::from_utf8(body).map_or_else(|_| body.to_vec(), |text| change(text).into_bytes())
}

fn printed(body: &[u8], form: Form) -> Vec<u8> {
    serde_json::from_slice::<Value>(body)
        .map_or_else(|_| body.to_vec(), |json| serialise::write(&json, form))
}

/// Each character beyond ASCII as `\u` escapes, as many languages print by default.
fn escaped(body: Vec<u8>) -> Vec<u8> {
    on_text(&body, |text| {
        let escaped = text.encode_utf16().map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        });
        escaped.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_prints_ascii_with_blanks() {
        let change = CHANGES.iter().find(|change| change.title.contains("Python")).unwrap();
        let printed = (change.make)("{\"a\":\"é😀\",\"b\":[1,2]}".as_bytes());
        assert_eq!(
            String::from_utf8(printed).unwrap(),
            r#"{"a": "\u00e9\ud83d\ude00", "b": [1, 2]}"#
        );
    }

    #[test]
    fn a_secret_is_not_tried_as_it_is() {
        let secret = "Ab%20c";
        let tried = secrets(secret);
        assert!(tried.iter().all(|(_, variant)| variant != secret.as_bytes()));
        assert!(tried.iter().any(|(_, variant)| variant == b"Ab c"));
    }
}
