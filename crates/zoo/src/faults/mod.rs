//! The wrong listeners, one module per topic.

mod answers;
mod errors;
mod idempotency;
mod orders;
mod payloads;
mod sequence;
mod signature;
mod users;

use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    right,
    wire::{Answer, Delivery},
};

/// A listener that is wrong in one way, and the checks that must notice.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Permanent name, in kebab-case.
    pub slug: &'static str,
    /// Completes "a listener that …".
    pub completes: &'static str,
    /// What it costs in production.
    pub severity: Severity,
    /// What the suite must be given to see it.
    pub level: Level,
    /// What the checks of `caught_by` must say.
    pub verdict: Verdict,
    /// The checks that must notice; others may.
    pub caught_by: &'static [&'static str],
    /// The diagnosis that explains it, if one does.
    pub cause: Option<&'static str>,
    /// The right behaviour but for the fault.
    pub behaviour: fn() -> Behaviour,
}

/// What a fault costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Players pay and get nothing, or get what they did not pay for.
    Money,
    /// Anybody can forge a purchase or learn what is not theirs.
    Security,
    /// A chain of webhooks stalls, retries pile up, the service is down.
    Robustness,
    /// Nobody loses anything.
    Cosmetic,
}

/// What the suite must be given to see a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A URL and a secret.
    Wire,
    /// The probe as well.
    Probe,
    /// The process itself.
    Spawn,
}

/// What a check says of a fault that it catches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A `must` is broken.
    Fail,
    /// A `should`, or a point on which the sources differ.
    Warn,
}

/// All faults, by topic.
pub const TOPICS: &[&[Fault]] = &[
    signature::REFUSING,
    signature::ACCEPTING,
    answers::FAULTS,
    errors::FAULTS,
    users::FAULTS,
    payloads::FAULTS,
    orders::FAULTS,
    idempotency::FAULTS,
    sequence::FAULTS,
];

/// All faults, in the order of [`TOPICS`].
pub fn faults() -> impl Iterator<Item = &'static Fault> {
    TOPICS.iter().copied().flatten()
}

/// The right answer, or another one where the request was accepted.
fn if_accepted(delivery: &Delivery, outcome: &Outcome, other: Answer) -> Answer {
    if outcome.result.is_ok() { other } else { right::render(delivery, outcome) }
}

/// The right answer, changed where the request was refused for a reason that `concerns` the fault.
fn if_refused(
    outcome: &Outcome,
    concerns: impl Fn(Refusal) -> bool,
    change: impl FnOnce(&mut Answer),
) -> Answer {
    let mut answer = right::rendered(outcome.result);
    if outcome.result.is_err_and(concerns) {
        change(&mut answer);
    }
    answer
}
