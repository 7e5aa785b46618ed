//! Ways in which listeners are known to change a body before they hash it.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use hookproof_contract::serialise::{self, Form};
use serde_json::Value;

/// A way to change a body before it is hashed.
pub(crate) struct Change {
    /// The cause that it shows.
    pub(crate) cause: &'static str,
    /// What is believed then, to follow "believes ".
    pub(crate) title: &'static str,
    /// Changes the body.
    pub(crate) make: fn(&[u8]) -> Vec<u8>,
}

const REPRINTED: &str = "body-reserialized";

/// All of them, the narrow ones first: of two that explain the same, the first is named.
pub(crate) const CHANGES: &[Change] = &[
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

/// What listeners hash that lost the body, or take it for something else. None depends on how the JSON is
/// written, so none explains why one form of it is refused and another is not.
pub(crate) const REPLACEMENTS: &[Change] = &[
    Change {
        cause: "body-hashed-as-base64",
        title: "the signature of the body in base64",
        make: |body| BASE64_STANDARD.encode(body).into_bytes(),
    },
    Change {
        cause: "body-hashed-as-base64",
        title: "the signature of the body in base64 for URLs",
        make: |body| BASE64_URL_SAFE_NO_PAD.encode(body).into_bytes(),
    },
    Change {
        cause: "body-hashed-as-object",
        title: "the signature of the text `[object Object]`, whatever the body is",
        make: |_| b"[object Object]".to_vec(),
    },
    Change {
        cause: "body-missing-in-hash",
        title: "the signature of the word `undefined`, whatever the body is",
        make: |_| b"undefined".to_vec(),
    },
    Change {
        cause: "body-missing-in-hash",
        title: "the signature of the word `null`, whatever the body is",
        make: |_| b"null".to_vec(),
    },
    Change {
        cause: "body-missing-in-hash",
        title: "the signature of the word `None`, whatever the body is",
        make: |_| b"None".to_vec(),
    },
    Change {
        cause: "body-missing-in-hash",
        title: "the signature of the word `Array`, whatever the body is",
        make: |_| b"Array".to_vec(),
    },
    Change {
        cause: "body-missing-in-hash",
        title: "the signature of an empty JSON object, whatever the body is",
        make: |_| b"{}".to_vec(),
    },
    Change {
        cause: "body-hashed-as-source",
        title: "the signature of the body as Python shows bytes, `b'...'`",
        make: |body| on_text(body, |text| format!("b'{}'", as_python_bytes(text))),
    },
    Change {
        cause: "body-hashed-as-source",
        title: "the signature of the body as Python shows a dict",
        make: |body| {
            let json = serde_json::from_slice::<Value>(body);
            json.map_or_else(|_| body.to_vec(), |json| as_python_dict(&json).into_bytes())
        },
    },
    Change {
        cause: "body-hashed-as-source",
        title: "the signature of the body as a text within JSON, quotes and all",
        make: |body| on_text(body, |text| Value::from(text).to_string()),
    },
    Change {
        cause: "body-hashed-with-line-end",
        title: "the signature of the body with a line end behind it",
        make: |body| [body, b"\n"].concat(),
    },
    Change {
        cause: "body-hashed-with-line-end",
        title: "the signature of the body with CR LF behind it",
        make: |body| [body, b"\r\n"].concat(),
    },
    Change {
        cause: "wrong-charset",
        title: "the signature of the body with a byte order mark before it",
        make: |body| [b"\xef\xbb\xbf", body].concat(),
    },
    Change {
        cause: "wrong-charset",
        title: "the signature of the body in UTF-16",
        make: |body| {
            String::from_utf8_lossy(body).encode_utf16().flat_map(u16::to_le_bytes).collect()
        },
    },
];

/// The text of bytes between the quotes of Python's `b'...'`.
fn as_python_bytes(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'\\' => "\\\\".to_owned(),
        b'\'' => "\\'".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        _ => format!("\\x{byte:02x}"),
    });
    escaped.collect()
}

/// A JSON value as Python prints the dict that it makes of it.
fn as_python_dict(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.contains('\'') => format!("\"{text}\""),
        Value::String(text) => format!("'{text}'"),
        Value::Array(items) => format!("[{}]", joined(items.iter().map(as_python_dict).collect())),
        Value::Object(members) => {
            let member =
                |(name, value): (&String, &Value)| format!("'{name}': {}", as_python_dict(value));
            format!("{{{}}}", joined(members.iter().map(member).collect()))
        }
    }
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
    fn python_shows_bytes_and_dicts_in_its_own_way() {
        let shown = |title: &str, body: &str| {
            let change = REPLACEMENTS.iter().find(|change| change.title.contains(title)).unwrap();
            String::from_utf8((change.make)(body.as_bytes())).unwrap()
        };
        let body = "{\"a\":[1,null,true],\"b\":\"it's é\"}";
        assert_eq!(shown("shows bytes", body), r#"b'{"a":[1,null,true],"b":"it\'s \xc3\xa9"}'"#);
        assert_eq!(shown("a dict", body), "{'a': [1, None, True], 'b': \"it's é\"}");
    }
}
