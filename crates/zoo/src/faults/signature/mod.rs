//! Wrong listeners: signatures (clauses `SIG-*`).

mod accepting;
mod lenient;
mod refusing;

use super::Fault;
use crate::{behaviour::Refusal, constructions, wire::Delivery};

/// The wrong listeners of this topic, by what they do to a good or a bad signature.
pub(super) static REFUSING: &[Fault] = refusing::FAULTS;
/// See [`REFUSING`].
pub(super) static ACCEPTING: &[Fault] = accepting::FAULTS;

/// See [`REFUSING`].
pub(super) static LENIENT: &[Fault] = lenient::FAULTS;

fn right_of(body: &[u8]) -> String {
    constructions::right(body)
}

fn verdict(accepted: bool) -> Result<(), Refusal> {
    if accepted { Ok(()) } else { Err(Refusal::Signature) }
}

/// What follows the scheme and its blank.
fn after_scheme(delivery: &Delivery) -> Option<&str> {
    delivery.authorization()?.strip_prefix("Signature ")
}

/// The digits of a header in the right form.
fn digits(delivery: &Delivery) -> Option<&str> {
    let lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    after_scheme(delivery).filter(|digits| digits.len() == 40 && digits.bytes().all(lower_hex))
}

/// Verifies by another construction, and strictly otherwise.
fn signed_by(delivery: &Delivery, made: fn(&[u8]) -> String) -> Result<(), Refusal> {
    verdict(after_scheme(delivery) == Some(&made(&delivery.body)))
}
