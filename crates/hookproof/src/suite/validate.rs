//! `hookproof validate`: is this body what the contract says?
//!
//! Problems decide the exit code; hints are right by the contract, and surprise listeners. Both name
//! the place by JSON pointer, and the clause behind it.

mod findings;
mod hints;
mod page;

use std::collections::BTreeSet;

use hookproof_contract::{
    Mode, NotificationType, Secret,
    event::EventKey,
    schema,
    spec::{Spec, notification::WEB_SHOP_USER_VALIDATION},
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    cli::ListFormat,
    environment::Environment,
    exit::Exit,
    failure::Failure,
    suite::{bodies, cli::ValidateArgs, products::Kind, secret, verify},
    terminal,
};

/// Name and version of the JSON form.
const SCHEMA: &str = "hookproof.validation/1";

/// The member that says what a webhook announces.
const TYPE: &str = "notification_type";

/// Something about a body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Finding {
    /// Where: a JSON pointer. Empty: the whole body.
    pub(crate) pointer: String,
    /// What.
    pub(crate) message: String,
    /// The clause behind it.
    pub(crate) clause: &'static str,
}

impl Finding {
    fn new(pointer: impl Into<String>, message: impl Into<String>, clause: &'static str) -> Self {
        Self { pointer: pointer.into(), message: message.into(), clause }
    }
}

/// What was found out about a body.
#[derive(Debug, Serialize)]
struct Validation {
    schema: &'static str,
    /// The type it was compared with, where one could be told.
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    mode: Option<&'static str>,
    bytes: usize,
    valid: bool,
    /// What tells its event from all others.
    key: Option<String>,
    problems: Vec<Finding>,
    hints: Vec<Finding>,
    /// `valid`, or why it is not; absent where no signature was given.
    signature: Option<String>,
}

/// Runs the command; 1 where the body or its signature is wrong.
pub(crate) fn run(args: &ValidateArgs, environment: &Environment) -> Result<Exit, Failure> {
    let secret = match &args.signature {
        Some(_) => Some(secret::of(&args.secret, environment)?),
        None => None,
    };
    let body = bodies::read(&args.body)?;
    let mut found = validate(&body, args.kind, args.mode);
    if let (Some(given), Some(secret)) = (&args.signature, &secret) {
        found.sign(&body, given, secret);
    }
    let text = match args.format {
        ListFormat::Human => page::render(&found),
        ListFormat::Json => page::json(&found)?,
    };
    terminal::print(&text)?;
    Ok(if found.valid { Exit::Conformant } else { Exit::Nonconformant })
}

impl Validation {
    fn sign(&mut self, body: &[u8], given: &str, secret: &Secret) {
        let verdict = verify::verdict(body, &bodies::header_value(given), secret);
        self.valid &= verdict.is_ok();
        self.signature = Some(match verdict {
            Ok(()) => "valid".to_owned(),
            Err(error) => format!("{error}; `hookproof verify --explain` says more"),
        });
    }
}

/// Compares a body with the contract.
fn validate(body: &[u8], kind: Option<Kind>, mode: Option<Mode>) -> Validation {
    let mut found = Validation {
        schema: SCHEMA,
        kind: None,
        mode: None,
        bytes: body.len(),
        valid: false,
        key: None,
        problems: Vec::new(),
        hints: Vec::new(),
        signature: None,
    };
    match findings::parse(body) {
        Ok(value) => {
            match kind.map_or_else(|| findings::kind_of(&value), Ok) {
                Ok(kind) => found.compare(kind, mode, &value),
                Err(problem) => found.problems.push(problem),
            }
            found.hints.extend(hints::of_bytes(body, &value));
        }
        Err(problem) => found.problems.push(problem),
    }
    found.valid = found.problems.is_empty();
    found
}

impl Validation {
    fn compare(&mut self, kind: Kind, mode: Option<Mode>, value: &Value) {
        self.kind = Some(kind.as_str());
        let result = match kind {
            Kind::WebShop => {
                let path =
                    format!("notifications/{WEB_SHOP_USER_VALIDATION}/payload{}", schema::SUFFIX);
                schema::check_file(&path, value).unwrap_or(Ok(()))
            }
            Kind::Typed(kind) => {
                let mode = mode.unwrap_or_else(|| mode_of(kind, value));
                if is_order(kind) {
                    self.mode = Some(mode.as_str());
                }
                schema::check(kind, mode, value)
            }
        };
        if let Err(violations) = result {
            self.problems =
                violations.into_iter().map(|it| findings::problem(kind, value, it)).collect();
            self.problems.sort();
            self.problems.dedup();
        }
        // What is wrong needs no hint beside it.
        let wrong: BTreeSet<&str> = self.problems.iter().map(|it| it.pointer.as_str()).collect();
        let hints = hints::of_members(kind, value).into_iter();
        self.hints = hints.filter(|hint| !wrong.contains(hint.pointer.as_str())).collect();
        let notification = Spec::embedded().notifications.get(kind.as_str());
        self.key = notification
            .and_then(|notification| EventKey::of(notification, value))
            .map(|key| key.to_string());
    }
}

const fn is_order(kind: NotificationType) -> bool {
    matches!(kind, NotificationType::OrderPaid | NotificationType::OrderCanceled)
}

/// An order that carries its payment is of the combined mode.
fn mode_of(kind: NotificationType, value: &Value) -> Mode {
    if is_order(kind) && value.get("billing").is_some() { Mode::Combined } else { Mode::Separate }
}

#[cfg(test)]
mod tests {
    use hookproof_contract::payload::Payload;

    use super::*;

    fn clauses(body: &[u8], kind: Option<Kind>) -> Vec<(String, &'static str)> {
        let found = validate(body, kind, None);
        found.problems.into_iter().map(|it| (it.pointer, it.clause)).collect()
    }

    #[test]
    fn every_example_is_valid() {
        for kind in NotificationType::ALL {
            for mode in Mode::ALL {
                for payload in [Payload::minimal(kind, mode), Payload::full(kind, mode)] {
                    let found = validate(&payload.to_bytes(), None, Some(mode));
                    assert_eq!(found.problems, [], "{kind} {mode}");
                    assert!(found.valid);
                }
            }
        }
    }

    #[test]
    fn the_member_billing_tells_the_mode() {
        for mode in Mode::ALL {
            let body = Payload::minimal(NotificationType::OrderPaid, mode).to_bytes();
            assert_eq!(validate(&body, None, None).mode, Some(mode.as_str()));
            let other = Mode::ALL.into_iter().find(|other| *other != mode);
            assert!(!validate(&body, None, other).valid);
        }
    }

    #[test]
    fn all_problems_come_at_once_with_their_clauses() {
        let body = Payload::minimal(NotificationType::OrderPaid, Mode::Separate)
            .remove("/user/external_id")
            .set("/items/0/amount", 5)
            .set("/items/0/quantity", "one")
            .set("/order/id", Value::Null)
            .to_bytes();
        assert_eq!(
            clauses(&body, None),
            [
                ("/items/0/amount".to_owned(), "PAYLOAD-08"),
                ("/items/0/quantity".to_owned(), "PAYLOAD-03"),
                ("/order/id".to_owned(), "PAYLOAD-15"),
                ("/user".to_owned(), "USER-05"),
            ]
        );
    }

    #[test]
    fn what_is_no_webhook_at_all() {
        for body in [&b"{"[..], b"\xff", b"", b"[1]", b"\xef\xbb\xbf{}"] {
            assert_eq!(clauses(body, None), [(String::new(), "PAYLOAD-22")]);
        }
        assert_eq!(clauses(b"{}", None), [(String::new(), "PAYLOAD-13")]);
        let body = br#"{"notification_type":"order_payed"}"#;
        assert_eq!(clauses(body, None), [("/notification_type".to_owned(), "PAYLOAD-11")]);
        let body = br#"{"notification_type":7}"#;
        assert_eq!(clauses(body, None), [("/notification_type".to_owned(), "PAYLOAD-13")]);
    }

    #[test]
    fn the_web_shops_question_has_no_type() {
        let body = br#"{"user":{"id":"player-1001","country":"US"}}"#;
        assert_eq!(clauses(body, Some(Kind::WebShop)), []);
        assert_eq!(clauses(body, None), [(String::new(), "PAYLOAD-13")]);
    }
}
