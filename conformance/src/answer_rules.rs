//! Rules about answers that hold for every answer of a run, whichever check received it.
//!
//! A listener keeps them where it was written with care, and breaks them in the corner that no check of
//! its own covers: the code of one type's rejection, the text of one exception. So each answer is held
//! against them where it is received. What is found counts for the check of the rule, once, with the
//! smallest request that shows it.

use std::{cell::RefCell, collections::BTreeMap};

use hookproof_contract::{ErrorCode, Secret, signature};
use serde_json::Value;

use crate::{Violation, answer::Reply, repro, session::is_signed_by, wire::Request};

/// A secret that is shorter could stand in an answer by chance.
const TELLING_LENGTH: usize = 6;

/// Words that stand in stack traces, error pages and texts of exceptions, and in no answer to a webhook.
pub(crate) const INTERNALS: &[&str] = &[
    "Traceback (most recent call last)",
    "\n    at ",
    "node_modules",
    "Stack trace:",
    " on line <b>",
    ".php:",
    ".java:",
    ".py\", line",
    "goroutine ",
    "panicked at",
    "SQLSTATE",
    "sqlite3.",
    "Whitelabel Error",
    "/usr/",
    "/home/",
    "/var/www",
    "C:\\",
    " is not a function",
    "Cannot read propert",
    "undefined is not ",
    "'NoneType' object",
    "KeyError",
    "TypeError:",
    "NullPointerException",
    "NullReferenceException",
    "Undefined array key",
    "Undefined index",
    "invalid literal for int()",
    "missing field `",
    "Unexpected token ",
    " in JSON at position ",
    "Expecting value: line ",
    "UNIQUE constraint failed",
    "duplicate key value violates",
    "syntax error at or near",
    "database is locked",
];

/// One answer and the request that it answers.
struct Exchange<'run> {
    request: &'run Request,
    reply: &'run Reply,
    text: &'run str,
    json: Option<&'run Value>,
    secret: &'run Secret,
}

impl Exchange<'_> {
    /// The error object of a rejection in the published form; a limit on the rate is none.
    fn error(&self) -> Option<&Value> {
        let rejected = self.reply.is_refusal() && !self.reply.is_rate_limit();
        let json = self.json.filter(|_| rejected)?;
        json.get("error").filter(|error| error.get("code").is_some_and(Value::is_string))
    }

    fn is_called_json(&self) -> bool {
        let called = self.reply.header("content-type").unwrap_or_default();
        called.to_ascii_lowercase().contains("json")
    }
}

/// A rule that each answer has to keep.
struct Rule {
    /// The check for which it counts.
    check: &'static str,
    clause: &'static str,
    expected: &'static str,
    /// Says how an answer breaks the rule, if it does.
    broken_by: fn(&Exchange<'_>) -> Option<String>,
}

/// Returns true for a check whose rule holds for every answer of the run.
pub fn is_about_every_answer(check: &str) -> bool {
    RULES.iter().any(|rule| rule.check == check)
}

const RULES: &[Rule] = &[
    Rule {
        check: "errors-body-shape",
        clause: "ERR-01",
        expected: "an error body that is JSON",
        broken_by: |it| {
            let broken = it.reply.is_refusal()
                && it.is_called_json()
                && it.json.is_none()
                && it.text.contains("\"error\"");
            broken.then(|| it.reply.to_string())
        },
    },
    Rule {
        check: "errors-published-codes",
        clause: "ERR-02",
        expected: "one of the published error codes",
        broken_by: |it| {
            let code = it.error()?["code"].as_str()?;
            code.parse::<ErrorCode>().is_err().then(|| it.reply.to_string())
        },
    },
    Rule {
        check: "errors-message",
        clause: "ERR-03",
        expected: "a text in `error.message`",
        broken_by: |it| {
            let message = it.error()?.get("message").and_then(Value::as_str);
            message.is_none_or(str::is_empty).then(|| it.reply.to_string())
        },
    },
    Rule {
        check: "errors-json-content-type",
        clause: "ERR-05",
        expected: "Content-Type application/json",
        broken_by: |it| {
            it.error().filter(|_| !it.is_called_json())?;
            let called = it.reply.header("content-type").unwrap_or_default();
            Some(format!("Content-Type `{called}` of {}", it.reply))
        },
    },
    Rule {
        check: "answers-no-internals",
        clause: "ANS-09",
        expected: "nothing of the listener's inside",
        broken_by: |it| {
            // What the request said itself, the listener may repeat.
            let sent = String::from_utf8_lossy(&it.request.body);
            let word =
                INTERNALS.iter().find(|word| it.text.contains(**word) && !sent.contains(**word))?;
            Some(format!("`{}` in the answer: {}", word.trim(), it.reply))
        },
    },
    Rule {
        check: "signature-not-leaked",
        clause: "SIG-10",
        expected: "nothing to sign with",
        broken_by: |it| {
            let secret = it.secret.expose();
            let holds = |word: &str| {
                let in_headers = it.reply.headers.iter().any(|(_, value)| value.contains(word));
                in_headers || it.text.contains(word)
            };
            if secret.len() >= TELLING_LENGTH && holds(secret) {
                return Some("the answer holds the project's secret".to_owned());
            }
            // Who signed rightly learns nothing from it.
            if is_signed_by(it.request, it.secret) {
                return None;
            }
            holds(&signature::sign(&it.request.body, it.secret))
                .then(|| "the answer holds the signature that was expected".to_owned())
        },
    },
];

/// An answer that breaks a rule.
#[derive(Debug)]
struct Finding {
    clause: &'static str,
    expected: &'static str,
    actual: String,
    request: Request,
}

/// The answers of a run that break a rule: the one with the smallest request, for each check.
#[derive(Debug, Default)]
pub(crate) struct AnswerRules {
    found: RefCell<BTreeMap<&'static str, Finding>>,
}

impl AnswerRules {
    /// Holds an answer against the rules.
    pub(crate) fn apply(&self, request: &Request, reply: &Reply, secret: &Secret) {
        if request.method != "POST" || (reply.body.is_empty() && reply.is_success()) {
            return;
        }
        let text = String::from_utf8_lossy(&reply.body);
        let json = reply.json();
        let exchange = Exchange { request, reply, text: &text, json: json.as_ref(), secret };
        let mut all = self.found.borrow_mut();
        for rule in RULES {
            let known = all.get(rule.check).map(|found| found.request.body.len());
            if known.is_some_and(|size| size <= request.body.len()) {
                continue;
            }
            if let Some(actual) = (rule.broken_by)(&exchange) {
                let (clause, expected) = (rule.clause, rule.expected);
                all.insert(
                    rule.check,
                    Finding { clause, expected, actual, request: request.clone() },
                );
            }
        }
    }

    /// Returns the finding for a check, as a broken clause.
    pub(crate) fn violation(&self, check: &str, target: &url::Url) -> Option<Violation> {
        let all = self.found.borrow();
        let found = all.get(check)?;
        Some(Violation {
            clause: found.clause.to_owned(),
            expected: found.expected.to_owned(),
            actual: found.actual.clone(),
            repro: Some(repro::curl(target, &found.request)),
            steps: Vec::new(),
            timeline: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BODY: &str = r#"{"notification_type":"payment"}"#;

    fn secret() -> Secret {
        Secret::new("mySecretKey").unwrap()
    }

    /// The checks whose rules an answer to a badly signed request breaks.
    fn broken(status: u16, content_type: &str, body: &str) -> Vec<&'static str> {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        let reply = Reply {
            status,
            headers,
            body: body.as_bytes().to_vec(),
            elapsed: Duration::ZERO,
            reusable: true,
            unasked: false,
        };
        let rules = AnswerRules::default();
        let request = Request::webhook(BODY.as_bytes().to_vec(), Some("Signature 0"));
        rules.apply(&request, &reply, &secret());
        rules.found.borrow().keys().copied().collect()
    }

    #[test]
    fn the_published_form_breaks_no_rule() {
        let body = r#"{"error":{"code":"INVALID_USER","message":"no such user"}}"#;
        assert_eq!(broken(400, "application/json; charset=utf-8", body), [""; 0]);
        assert_eq!(broken(204, "", ""), [""; 0]);
        assert_eq!(broken(502, "text/html", "<h1>Bad Gateway</h1>"), [""; 0]);
        assert_eq!(broken(404, "application/json", r#"{"detail":"Not Found"}"#), [""; 0]);
    }

    #[test]
    fn each_rule_is_broken_by_its_answer() {
        let json = "application/json";
        let other = r#"{"error":{"code":"USER_NOT_FOUND","message":"no such user"}}"#;
        assert_eq!(broken(400, json, other), ["errors-published-codes"]);
        let empty = r#"{"error":{"code":"INVALID_USER","message":""}}"#;
        assert_eq!(broken(400, json, empty), ["errors-message"]);
        let right = r#"{"error":{"code":"INVALID_USER","message":"no"}}"#;
        assert_eq!(broken(400, "text/html", right), ["errors-json-content-type"]);
        let quoted = r#"{"error":{"code":"INVALID_USER","message":"no "x""}}"#;
        assert_eq!(broken(400, json, quoted), ["errors-body-shape"]);
        let internal = "TypeError: x.includes is not a function";
        assert_eq!(broken(500, "text/plain", internal), ["answers-no-internals"]);
        let expected = signature::sign(BODY.as_bytes(), &secret());
        assert_eq!(broken(400, "text/plain", &expected), ["signature-not-leaked"]);
        assert_eq!(broken(400, "text/plain", "it is mySecretKey"), ["signature-not-leaked"]);
    }

    #[test]
    fn the_smallest_request_is_kept() {
        let rules = AnswerRules::default();
        let body = br#"{"error":{"code":"OTHER","message":"m"}}"#.to_vec();
        let reply = Reply {
            status: 400,
            headers: Vec::new(),
            body,
            elapsed: Duration::ZERO,
            reusable: true,
            unasked: false,
        };
        for body in ["{\"a\":1}", "{}", "{\"a\":12}"] {
            rules.apply(&Request::webhook(body.into(), None), &reply, &secret());
        }
        assert_eq!(rules.found.borrow()["errors-published-codes"].request.body, b"{}");
    }
}
