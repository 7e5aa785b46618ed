//! Listeners that are right in an unusual way: the suite must not convict them.
//!
//! Where a source asks for something else the suite may warn; it must not fail them.

mod answers;
mod events;
mod orders;
mod process;
mod projects;
mod questions;
mod transport;
mod views;

pub use self::projects::{CURRENCY, MERCHANT_ID, PRICE, PROJECT_ID};
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    faults::Asks,
    right,
    wire::Answer,
};

/// A listener that is odd but right.
#[derive(Debug, Clone, Copy)]
pub struct Odd {
    /// Permanent name, in kebab-case.
    pub slug: &'static str,
    /// Completes "a listener that …".
    pub completes: &'static str,
    /// All that it serves: the suite may ask for this much, and must not ask for more.
    pub asks: Asks,
    /// The right behaviour but for the oddity.
    pub behaviour: fn() -> Behaviour,
}

impl Odd {
    /// Does it show only where it is run as a process, by [`serve_process`](crate::serve_process)?
    pub fn needs_process(&self) -> bool {
        let behaviour = (self.behaviour)();
        behaviour.process.is_some() || behaviour.persist.is_some()
    }
}

/// The odd ones by kind.
static KINDS: &[&[Odd]] = &[
    answers::ODDS,
    events::ODDS,
    views::ODDS,
    questions::ODDS,
    transport::ODDS,
    orders::ODDS,
    process::ODDS,
    projects::ODDS,
];

/// All of them, in the order of their kinds.
pub fn odds() -> impl Iterator<Item = &'static Odd> {
    KINDS.iter().copied().flatten()
}

/// The right answer, or another one where the request was accepted without having asked for any.
fn accepted(outcome: &Outcome, answer: Answer) -> Answer {
    let plain = outcome.result.is_ok() && outcome.told.is_none();
    if plain { answer } else { right::answered(outcome) }
}

/// The right answer with another error body or status.
fn refused(outcome: &Outcome, change: impl FnOnce(Refusal, &mut Answer)) -> Answer {
    let mut answer = right::answered(outcome);
    if let Err(refusal) = outcome.result {
        change(refusal, &mut answer);
    }
    answer
}
