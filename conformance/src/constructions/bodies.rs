//! Ways in which listeners are known to change a body before they hash it.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use hookproof_contract::serialise::{self, Form};
use serde_json::Value;

/// A way to change a body before it is hashed.
pub(crate) struct Change {
    /// The cause that it shows.
    pub(crate) cause: &'static str,
    /// Description, to follow "believes ".
    pub(crate) title: &'static str,
    /// Changes the body.
    pub(crate) make: fn(&[u8]) -> Vec<u8>,
}

const fn change(cause: &'static str, title: &'static str, make: fn(&[u8]) -> Vec<u8>) -> Change {
    Change { cause, title, make }
}

const REPRINTED: &str = "body-reserialized";

/// All of them, the narrow ones first: of two that explain the same, the first is named.
pub(crate) const CHANGES: &[Change] = &[
    change("body-trimmed", "the signature of the trimmed body", |body| body.trim_ascii().to_vec()),
    change("newline-stripped", "the signature of the body without line breaks", |body| {
        body.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect()
    }),
    change("newline-stripped", "the signature of the body with LF in the place of CR LF", |body| {
        on_text(body, |text| text.replace("\r\n", "\n"))
    }),
    change("body-unescaped", "the signature of the body with plain slashes", |body| {
        on_text(body, |text| text.replace("\\/", "/"))
    }),
    change("body-unescaped", "the signature of the body without backslashes", |body| {
        on_text(body, |text| text.replace('\\', ""))
    }),
    change("wrong-charset", "the signature of the body read as Latin-1", |body| {
        body.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes()
    }),
    change(
        "wrong-charset",
        "the signature of the body with `?` for each character beyond ASCII",
        |body| on_text(body, |text| text.replace(|letter: char| !letter.is_ascii(), "?")),
    ),
    change("wrong-charset", "the signature of the body without characters beyond ASCII", |body| {
        body.iter().copied().filter(u8::is_ascii).collect()
    }),
    change(REPRINTED, "the signature of the JSON printed again without blanks", |body| {
        printed(body, Form::Compact)
    }),
    change(REPRINTED, "the signature of the JSON printed again with sorted members", |body| {
        printed(body, Form::Sorted)
    }),
    change(REPRINTED, "the signature of the JSON printed again as Python does", |body| {
        escaped(printed(body, Form::Blanks))
    }),
    change(REPRINTED, "the signature of the JSON printed again with blanks", |body| {
        printed(body, Form::Blanks)
    }),
    change(REPRINTED, "the signature of the JSON printed again in ASCII", |body| {
        printed(body, Form::EscapedUnicode)
    }),
    change(REPRINTED, "the signature of the JSON printed again as PHP does", |body| {
        escaped(printed(body, Form::EscapedSlash))
    }),
    change(REPRINTED, "the signature of the JSON printed again with short numbers", |body| {
        printed(body, Form::ShortNumbers)
    }),
    change(REPRINTED, "the signature of the JSON printed again on several lines", |body| {
        printed(body, Form::Pretty)
    }),
];

/// Texts that listeners hash in the place of the body. None depends on how the JSON is
/// written, so none explains why one form of it is refused and another is not.
pub(crate) const REPLACEMENTS: &[Change] = &[
    change("body-hashed-as-base64", "the signature of the body in base64", |body| {
        BASE64_STANDARD.encode(body).into_bytes()
    }),
    change("body-hashed-as-base64", "the signature of the body in base64 for URLs", |body| {
        BASE64_URL_SAFE_NO_PAD.encode(body).into_bytes()
    }),
    change(
        "body-hashed-as-object",
        "the signature of the text `[object Object]`, whatever the body is",
        |_| b"[object Object]".to_vec(),
    ),
    change(
        "body-missing-in-hash",
        "the signature of the word `undefined`, whatever the body is",
        |_| b"undefined".to_vec(),
    ),
    change(
        "body-missing-in-hash",
        "the signature of the word `null`, whatever the body is",
        |_| b"null".to_vec(),
    ),
    change(
        "body-missing-in-hash",
        "the signature of the word `None`, whatever the body is",
        |_| b"None".to_vec(),
    ),
    change(
        "body-missing-in-hash",
        "the signature of the word `Array`, whatever the body is",
        |_| b"Array".to_vec(),
    ),
    change(
        "body-missing-in-hash",
        "the signature of an empty JSON object, whatever the body is",
        |_| b"{}".to_vec(),
    ),
    change(
        "body-hashed-as-source",
        "the signature of the body as Python shows bytes, `b'...'`",
        |body| on_text(body, |text| format!("b'{}'", as_python_bytes(text))),
    ),
    change("body-hashed-as-source", "the signature of the body as Python shows a dict", |body| {
        let json = serde_json::from_slice::<Value>(body);
        json.map_or_else(|_| body.to_vec(), |json| as_python_dict(&json).into_bytes())
    }),
    change(
        "body-hashed-as-source",
        "the signature of the body as a text within JSON, quotes and all",
        |body| on_text(body, |text| Value::from(text).to_string()),
    ),
    change(
        "body-hashed-with-line-end",
        "the signature of the body with a line end behind it",
        |body| [body, b"\n"].concat(),
    ),
    change("body-hashed-with-line-end", "the signature of the body with CR LF behind it", |body| {
        [body, b"\r\n"].concat()
    }),
    change("wrong-charset", "the signature of the body with a byte order mark before it", |body| {
        [b"\xef\xbb\xbf", body].concat()
    }),
    change("wrong-charset", "the signature of the body in UTF-16", |body| {
        String::from_utf8_lossy(body).encode_utf16().flat_map(u16::to_le_bytes).collect()
    }),
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
