//! Which deliveries are one event (clauses `IDEM-*`).
//!
//! No webhook carries the id of its delivery or of its event. What makes two deliveries the same is
//! said for each type by the member `key` of its `notification.toml`; this module reads it from a
//! payload.

use std::fmt;

use serde_json::Value;

use crate::{decimal::Decimal, spec::Notification};

/// The word in a `key` that stands for the type itself.
const TYPE: &str = "notification_type";

/// What tells an event from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey(Vec<Option<String>>);

impl EventKey {
    /// Reads the key of a payload. `None`: the type is a question, without an effect that could
    /// happen twice.
    ///
    /// An id is the same as a number and as a decimal string (IDEM-09). A member that is absent is
    /// part of the key as well.
    pub fn of(notification: &Notification, payload: &Value) -> Option<Self> {
        let part = |part: &String| match part.as_str() {
            TYPE => Some(notification.kind.clone()),
            pointer => payload.pointer(pointer).and_then(text),
        };
        let parts: Vec<_> = notification.key.iter().map(part).collect();
        (!parts.is_empty()).then_some(Self(parts))
    }
}

impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            let separator = if index > 0 { " " } else { "" };
            write!(f, "{separator}{}", part.as_deref().unwrap_or("-"))?;
        }
        Ok(())
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => {
            let decimal = number.as_str().parse::<Decimal>();
            Some(decimal.map_or_else(|_| number.to_string(), |decimal| decimal.to_string()))
        }
        other => Some(other.to_string()),
    }
}
