//! Two courses of one question, step beside step: what is answered otherwise than before?
//!
//! Every run has ids of its own, and dates that follow from them. So long numbers and dates are written
//! by the order in which they first appear, and signatures by whether they are right, before two steps
//! are compared.

use std::{collections::BTreeMap, fmt::Write};

use hookproof_conformance::trace::{Answer, Delivery, Step};
use hookproof_contract::{Secret, signature};
use serde::Serialize;
use serde_json::Value;

/// Digits from which on a number is an id that is new in each run.
const ID_DIGITS_MIN: usize = 10;

/// Hexadecimal digits of a signature.
const SIGNATURE_DIGITS: usize = 40;

/// Names of this machine, after which a number is a port: the suite may have chosen it.
const LOOPBACK: [&str; 3] = ["127.0.0.1:", "localhost:", "[::1]:"];

/// Characters of a body that a line shows.
const SHOWN_MAX: usize = 120;

/// Answers' headers that say nothing about what was answered.
const QUIET_HEADERS: [&str; 5] = ["date", "content-length", "connection", "keep-alive", "server"];

/// A step that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Changed {
    /// Its place among the steps of now, from 1.
    pub(super) step: usize,
    /// What was done.
    pub(super) did: String,
    /// What came of it then.
    pub(super) then: String,
    /// What comes of it now.
    pub(super) now: String,
}

/// A step as one sees it: what was done, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Seen {
    /// What was done.
    pub(super) did: String,
    /// What came of it.
    pub(super) came: String,
}

/// A step without what is new in each run.
struct Plain {
    kind: String,
    came: String,
}

/// The first step that came out otherwise, of those that both courses have.
pub(super) fn first_change(
    then: &[Step],
    now: &[Step],
    secret: Option<&Secret>,
) -> Option<Changed> {
    let (old, new) = (plain(then, secret), plain(now, secret));
    let pair = pairs(&old, &new).into_iter().find(|(a, b)| old[*a].came != new[*b].came);
    let (a, b) = pair?;
    let (before, after) = (seen(&then[a]), seen(&now[b]));
    Some(Changed { step: b + 1, did: after.did, then: before.came, now: after.came })
}

/// What was done and what came of it, short.
pub(super) fn seen(step: &Step) -> Seen {
    match step {
        Step::Delivery(delivery) => Seen { did: request(delivery), came: outcome(delivery) },
        Step::Look { user, shown, .. } => {
            Seen { did: format!("look at what `{user}` owns"), came: shown.clone() }
        }
        Step::Process { did, .. } => Seen { did: did.clone(), came: String::new() },
    }
}

fn request(delivery: &Delivery) -> String {
    let kind = kind_of(&delivery.body);
    let kind = kind.map(|kind| format!(" {kind}")).unwrap_or_default();
    format!("{}{kind} {}", delivery.method, short(&delivery.body))
}

fn outcome(delivery: &Delivery) -> String {
    match (&delivery.answer, &delivery.fault) {
        (Some(Answer { status, body, .. }), _) if body.is_empty() => status.to_string(),
        (Some(Answer { status, body, .. }), _) => format!("{status} {}", short(body)),
        (None, Some(fault)) => fault.clone(),
        (None, None) => "no answer".to_owned(),
    }
}

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn kind_of(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    Some(body.get("notification_type")?.as_str()?.to_owned())
}

fn plain(steps: &[Step], secret: Option<&Secret>) -> Vec<Plain> {
    let mut names = Names::default();
    let plain = |step: &Step| match step {
        Step::Delivery(delivery) => {
            let signed = signed(delivery, secret);
            // What a forged body says of its type may itself be forged.
            let kind = kind_of(&delivery.body).filter(|_| signed != "forged").unwrap_or_default();
            names.plain(&delivery.body);
            let came = match &delivery.answer {
                Some(answer) => {
                    let quiet = |name: &str| QUIET_HEADERS.contains(&name);
                    let headers = answer.headers.iter().filter(|(name, _)| !quiet(name));
                    let headers = headers.map(|(name, value)| format!("{name}: {value}"));
                    let headers = headers.collect::<Vec<_>>().join("\n");
                    names.plain(&format!("{} {headers}\n{}", answer.status, answer.body))
                }
                None => delivery.fault.clone().unwrap_or_default(),
            };
            Plain { kind: format!("{} {kind} {signed}", delivery.method), came }
        }
        Step::Look { user, shown, .. } => {
            Plain { kind: format!("look {user}"), came: names.plain(shown) }
        }
        Step::Process { did, .. } => Plain { kind: names.plain(did), came: String::new() },
    };
    steps.iter().map(plain).collect()
}

/// How a delivery is signed.
fn signed(delivery: &Delivery, secret: Option<&Secret>) -> &'static str {
    let mut headers = delivery.headers.iter();
    let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match (found, secret) {
        (None, _) => "unsigned",
        (Some((_, value)), Some(secret)) => {
            let right = signature::authorization(delivery.body.as_bytes(), secret);
            if *value == right { "signed" } else { "forged" }
        }
        (Some(_), None) => "with a signature",
    }
}

/// The longest common course: steps of the same kind, in the same order.
fn pairs(old: &[Plain], new: &[Plain]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut longest = vec![0_usize; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            longest[a * width + b] = if old[a].kind == new[b].kind {
                longest[(a + 1) * width + b + 1] + 1
            } else {
                longest[(a + 1) * width + b].max(longest[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b, mut found) = (0, 0, Vec::new());
    while a < old.len() && b < new.len() {
        if old[a].kind == new[b].kind {
            found.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if longest[(a + 1) * width + b] >= longest[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    found
}

/// Names for what is new in each run.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn plain(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let word = |accept: fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
            let digits = word(|c| c.is_ascii_digit());
            let date = date_at(rest);
            let hex = word(|c| c.is_ascii_hexdigit());
            let (length, prefix) = if date > 0 {
                (date, "date")
            } else if hex == SIGNATURE_DIGITS {
                (hex, "signature")
            } else if digits >= ID_DIGITS_MIN {
                (digits, "id")
            } else if digits > 0 && LOOPBACK.iter().any(|host| out.ends_with(host)) {
                (digits, "port")
            } else {
                let letters = word(|c| c.is_ascii_alphabetic());
                let char = rest.chars().next().map_or(0, char::len_utf8);
                (if digits > 0 { digits } else { letters.max(char) }, "")
            };
            let (taken, after) = rest.split_at(length);
            if prefix.is_empty() {
                out.push_str(taken);
            } else {
                let next = self.0.len() + 1;
                let place = *self.0.entry(taken.to_owned()).or_insert(next);
                write!(out, "<{prefix} {place}>").expect("memory takes every word");
            }
            rest = after;
        }
        out
    }
}

/// The length of the date with a time that the text begins with, or 0.
fn date_at(text: &str) -> usize {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let bytes = text.as_bytes();
    let fits = bytes.len() >= FORM.len()
        && FORM.iter().zip(bytes).all(|(form, byte)| match form {
            b'd' => byte.is_ascii_digit(),
            form => byte == form,
        });
    if fits { FORM.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(body: &str, status: u16) -> Step {
        Step::Delivery(Delivery {
            at_ms: 1,
            took_ms: 2,
            target: 0,
            framing: None,
            method: "POST".to_owned(),
            headers: vec![("Authorization".to_owned(), "Signature 00".to_owned())],
            body: body.to_owned(),
            answer: Some(Answer {
                status,
                headers: vec![("date".to_owned(), status.to_string())],
                body: String::new(),
            }),
            fault: None,
        })
    }

    fn look(shown: &str) -> Step {
        Step::Look { at_ms: 3, user: "player-1001".to_owned(), shown: shown.to_owned() }
    }

    fn paid(id: u64) -> String {
        format!("{{\"notification_type\":\"order_paid\",\"order\":{{\"id\":{id}}}}}")
    }

    #[test]
    fn ids_that_are_new_in_each_run_are_no_change() {
        let then = [delivery(&paid(7_000_000_000_001), 204), look("order 7000000000001 paid")];
        let now = [delivery(&paid(8_000_000_000_009), 204), look("order 8000000000009 paid")];
        assert_eq!(first_change(&then, &now, None), None);
    }

    #[test]
    fn the_first_step_that_came_out_otherwise_is_named() {
        let then = [delivery(&paid(1), 204), delivery("{}", 204), look("gold 1000")];
        let now = [delivery(&paid(1), 204), delivery("{}", 400), look("gold 500")];
        let changed = first_change(&then, &now, None).unwrap();
        assert_eq!((changed.step, changed.then.as_str(), changed.now.as_str()), (2, "204", "400"));
    }

    #[test]
    fn steps_that_one_course_lacks_are_passed_over() {
        let then = [look("gold 0"), delivery(&paid(1), 204), look("gold 1000")];
        let now = [delivery(&paid(1), 204), look("gold 500")];
        let changed = first_change(&then, &now, None).unwrap();
        assert_eq!((changed.step, changed.now.as_str()), (2, "gold 500"));
    }

    #[test]
    fn plain_texts() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(Names::default().plain(text), expected);
        }
        check("id 7000000000001, 42, 7000000000002", "id <id 1>, 42, <id 2>");
        check("tx7000000000001é7000000000001", "tx<id 1>é<id 1>");
        check("2026-03-14T09:26:53+03:00", "<date 1>+03:00");
        check(&"ab".repeat(20), "<signature 1>");
        check("refused by 127.0.0.1:8080, 127.0.0.1", "refused by 127.0.0.1:<port 1>, 127.0.0.1");
        check("Zoë 12ab", "Zoë 12ab");
    }
}
