//! Payloads built from the examples of `spec/notifications/`.
//!
//! An example is taken as it stands, members are set or removed by JSON pointer, and the result is
//! written as compact JSON, the way Xsolla sends it.

use std::{collections::BTreeMap, sync::OnceLock};

use serde_json::{Map, Value};

use crate::{
    notification::{Mode, NotificationType},
    spec::embedded_files,
};

/// The body of a webhook, as a JSON value that can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload(Value);

/// Why a JSON pointer does not lead to a place in a payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// A pointer is empty or begins with `/`.
    #[error("the JSON pointer `{0}` does not begin with `/`")]
    NoSlash(String),
    /// The pointer leads through something that has no members.
    #[error("the JSON pointer `{0}` leads through a value that is no object or array")]
    ThroughScalar(String),
    /// The pointer names an item of an array by something other than an index in reach.
    #[error("the JSON pointer `{0}` names no item of an array")]
    NoIndex(String),
}

impl Payload {
    /// The smallest payload that is worth sending: the members that the contract requires, and what
    /// a listener needs to act on it.
    pub fn minimal(kind: NotificationType, mode: Mode) -> Self {
        Self::of_mode(kind, mode, "minimal")
    }

    /// A payload with every documented member.
    pub fn full(kind: NotificationType, mode: Mode) -> Self {
        Self::of_mode(kind, mode, "full")
    }

    /// The example `examples/{name}.json` of a type, such as `virtual-currency` of `order_paid`.
    pub fn example(kind: NotificationType, name: &str) -> Option<Self> {
        static EXAMPLES: OnceLock<BTreeMap<&str, Value>> = OnceLock::new();
        let examples = EXAMPLES.get_or_init(|| {
            let examples = embedded_files().iter().filter(|(path, _)| is_example(path));
            let parse = |text| serde_json::from_str(text).expect("a test parses every example");
            examples.map(|(path, text)| (*path, parse(text))).collect()
        });
        let path = format!("notifications/{kind}/examples/{name}.json");
        examples.get(path.as_str()).cloned().map(Self)
    }

    /// Sets the member at a JSON pointer, adding the objects on the way to it. `-`, or an index one
    /// beyond the end, appends to an array.
    ///
    /// # Panics
    ///
    /// If the pointer leads nowhere; [`Payload::try_set`] returns the reason instead.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        if let Err(error) = self.try_set(pointer, value.into()) {
            panic!("cannot set a member: {error}");
        }
        self
    }

    /// Sets the member at a JSON pointer, like [`Payload::set`].
    pub fn try_set(&mut self, pointer: &str, value: Value) -> Result<(), PointerError> {
        let mut place = &mut self.0;
        for token in tokens(pointer)? {
            if place.is_null() {
                *place = Value::Object(Map::new());
            }
            place = match place {
                Value::Object(members) => members.entry(token).or_insert(Value::Null),
                Value::Array(items) => item(items, &token, pointer)?,
                _ => return Err(PointerError::ThroughScalar(pointer.to_owned())),
            };
        }
        *place = value;
        Ok(())
    }

    /// Removes the member or item at a JSON pointer, if there is one.
    #[must_use]
    pub fn remove(mut self, pointer: &str) -> Self {
        let Some((parent, token)) = pointer.rsplit_once('/') else { return self };
        let token = unescape(token);
        match self.0.pointer_mut(parent) {
            Some(Value::Object(members)) => {
                members.shift_remove(&token);
            }
            Some(Value::Array(items)) => {
                if let Some(index) = index(&token).filter(|index| *index < items.len()) {
                    items.remove(index);
                }
            }
            _ => (),
        }
        self
    }

    /// The body as Xsolla sends it: compact JSON without a line end.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).expect("a JSON value can be written into memory")
    }

    /// The body as a JSON value.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The body as a JSON value, taken out.
    pub fn into_value(self) -> Value {
        self.0
    }

    fn of_mode(kind: NotificationType, mode: Mode, name: &str) -> Self {
        let combined = match mode {
            Mode::Combined => Self::example(kind, &format!("{name}-combined")),
            Mode::Separate => None,
        };
        combined
            .or_else(|| Self::example(kind, name))
            .expect("a test holds that every type has a minimal and a full example")
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl From<Payload> for Value {
    fn from(payload: Payload) -> Self {
        payload.0
    }
}

fn is_example(path: &str) -> bool {
    path.starts_with("notifications/") && path.contains("/examples/")
}

fn item<'a>(
    items: &'a mut Vec<Value>,
    token: &str,
    pointer: &str,
) -> Result<&'a mut Value, PointerError> {
    let end = items.len();
    let place = if token == "-" { Some(end) } else { index(token) };
    let place = place
        .filter(|place| *place <= end)
        .ok_or_else(|| PointerError::NoIndex(pointer.to_owned()))?;
    if place == end {
        items.push(Value::Null);
    }
    Ok(&mut items[place])
}

/// An index as RFC 6901 writes it: digits without a leading zero.
fn index(token: &str) -> Option<usize> {
    let leading_zero = token.len() > 1 && token.starts_with('0');
    if leading_zero || !token.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    token.parse().ok()
}

fn tokens(pointer: &str) -> Result<impl Iterator<Item = String>, PointerError> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(PointerError::NoSlash(pointer.to_owned()));
    }
    Ok(pointer.split('/').skip(1).map(unescape))
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_has_its_examples() {
        for kind in NotificationType::ALL {
            for mode in Mode::ALL {
                for payload in [Payload::minimal(kind, mode), Payload::full(kind, mode)] {
                    assert_eq!(payload.value()["notification_type"], kind.as_str());
                    let order = matches!(
                        kind,
                        NotificationType::OrderPaid | NotificationType::OrderCanceled
                    );
                    let billing = payload.value().get("billing").is_some();
                    assert_eq!(billing, order && mode == Mode::Combined, "{kind} {mode}");
                }
            }
        }
    }

    #[test]
    fn an_example_keeps_its_bytes() {
        for (path, text) in embedded_files() {
            let Some((folder, name)) = path.split_once("/examples/") else { continue };
            let Ok(kind) = folder.trim_start_matches("notifications/").parse() else { continue };
            let payload = Payload::example(kind, name.trim_end_matches(".json")).unwrap();
            assert_eq!(payload.to_bytes(), text.as_bytes(), "{path}");
        }
    }

    #[track_caller]
    fn check(pointer: &str, expected: Value) {
        let before = Payload::from(json!({ "a": { "b": [1, 2] }, "n": null }));
        assert_eq!(before.set(pointer, 9).into_value(), expected);
    }

    #[test]
    fn members_are_set_by_pointer() {
        check("/a/b/1", json!({ "a": { "b": [1, 9] }, "n": null }));
        check("/a/b/-", json!({ "a": { "b": [1, 2, 9] }, "n": null }));
        check("/a/b/2", json!({ "a": { "b": [1, 2, 9] }, "n": null }));
        check("/a/c/d", json!({ "a": { "b": [1, 2], "c": { "d": 9 } }, "n": null }));
        check("/n/m", json!({ "a": { "b": [1, 2] }, "n": { "m": 9 } }));
        check("/x~1y", json!({ "a": { "b": [1, 2] }, "n": null, "x/y": 9 }));
        check("", json!(9));
    }

    #[test]
    fn a_pointer_to_nowhere_says_why() {
        let mut payload = Payload::from(json!({ "a": [1], "s": "text" }));
        let mut error = |pointer: &str| payload.try_set(pointer, Value::Null).unwrap_err();
        assert_eq!(error("a"), PointerError::NoSlash("a".to_owned()));
        assert_eq!(error("/s/t"), PointerError::ThroughScalar("/s/t".to_owned()));
        assert_eq!(error("/a/7"), PointerError::NoIndex("/a/7".to_owned()));
        assert_eq!(error("/a/01"), PointerError::NoIndex("/a/01".to_owned()));
    }

    #[test]
    fn members_are_removed_by_pointer() {
        let payload = Payload::from(json!({ "a": [1, 2], "b": 3, "c": 4 }));
        let left = payload.remove("/a/0").remove("/b").remove("/nothing/here").remove("/a/9");
        assert_eq!(left.to_bytes(), br#"{"a":[2],"c":4}"#);
    }
}
