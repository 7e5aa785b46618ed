//! A request and its answer, as the listeners see them: below the one HTTP, above the other JSON.

use hookproof_contract::ErrorCode;
use serde_json::{Value, json};

use crate::game::Shown;

/// One request, as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    /// The method, in the sender's letters.
    pub(crate) method: String,
    /// The path, without the query.
    pub(crate) path: String,
    /// Header names and values in their order; the raw front end keeps the sender's letters.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// The bytes of the body, as received.
    pub(crate) body: Vec<u8>,
}

impl Delivery {
    /// The first header of that name, in whatever case it came.
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_slice())
    }

    /// The header `Authorization` as text.
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.header("authorization").and_then(|value| std::str::from_utf8(value).ok())
    }
}

/// What the listener answers, before a front end frames it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The type of the body, if there is one.
    pub(crate) content_type: Option<&'static str>,
    /// The bytes of the body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// No more than a status.
    pub(crate) const fn empty(status: u16) -> Self {
        Self { status, content_type: None, body: Vec::new() }
    }

    /// A JSON body.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        Self { status, content_type: Some("application/json"), body }
    }

    /// What the probe shows, as JSON.
    pub(crate) fn shown(view: &Shown<'_>) -> Self {
        let body = serde_json::to_vec(view).unwrap_or_default();
        Self { status: 200, content_type: Some("application/json"), body }
    }

    /// A line of plain text, as frameworks print it.
    pub(crate) fn text(status: u16, text: &str) -> Self {
        let body = text.as_bytes().to_vec();
        Self { status, content_type: Some("text/plain; charset=utf-8"), body }
    }

    /// The contract's error body.
    pub(crate) fn error(status: u16, code: ErrorCode, message: &str) -> Self {
        Self::json(status, &json!({ "error": { "code": code.as_str(), "message": message } }))
    }
}

/// Text of a path segment; what is no escape stands for itself.
pub(crate) fn percent_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let escaped = tail.get(..2).and_then(|digits| hex::decode(digits).ok());
        match escaped {
            Some(decoded) if *first == b'%' => {
                bytes.extend(decoded);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_once() {
        let check = |text: &str, expected: &str| assert_eq!(percent_decoded(text), expected);
        check("player-1001", "player-1001");
        check("a%20b%2Fc", "a b/c");
        check("%2541", "%41");
        check("100%", "100%");
        check("%C3%A9", "é");
    }
}
