//! The matrix of rules and notification types: for each cell a listener that breaks the rule for the type.
//!
//! A [`Dimension`] is a rule that holds for many types. Each of its types is a cell, and each [`Cell`] is a
//! listener that is right but for that rule and that type. A type to which a rule does not apply is an
//! empty cell, and says why.
//!
//! The cells are generated from [`DIMENSIONS`], in `dimensions.rs`; `right.rs` asks [`Cell`] at the steps
//! where a listener can go wrong.

mod dimensions;

use std::{sync::LazyLock, time::Duration};

use hookproof_contract::NotificationType;
use serde_json::Value;

pub use self::dimensions::DIMENSIONS;
use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    event::Event,
    faults::{Level, Verdict},
    game::{self, Game},
    wire::Answer,
};

/// A rule that holds for many types, and what breaks it.
#[derive(Debug, Clone, Copy)]
pub struct Dimension {
    /// Permanent name, in kebab-case.
    pub slug: &'static str,
    /// The rule, as a sentence about the listener.
    pub rule: &'static str,
    /// Its clauses.
    pub clauses: &'static [&'static str],
    /// The checks that judge it: one of them must fail each of the cells.
    pub checks: &'static [&'static str],
    /// Evidence without which the suite cannot see it broken.
    pub level: Level,
    /// The mildest verdict that the checks may give.
    pub verdict: Verdict,
    /// Types for which the contract only recommends it.
    pub lesser: &'static [NotificationType],
    /// Types without a cell, each with the reason.
    pub empty: &'static [(&'static [NotificationType], &'static str)],
    /// The defect of the listeners of its cells.
    wrong: Wrong,
}

impl Dimension {
    /// The reason why a type has no cell, if it has none.
    pub fn reason(&self, kind: NotificationType) -> Option<&'static str> {
        let empty = self.empty.iter().find(|(kinds, _)| kinds.contains(&kind));
        empty.map(|(_, reason)| *reason)
    }
}

/// One cell of the matrix: a listener that breaks one rule for one type.
#[derive(Debug)]
pub struct Cell {
    /// The listener's permanent name: the rule that it breaks, and the type.
    pub slug: String,
    /// The rule.
    pub dimension: &'static Dimension,
    /// The type.
    pub kind: NotificationType,
}

/// A defect in how a listener handles one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// Accepts a bad signature.
    AcceptsForgery,
    /// Accepts a badly signed copy of what it accepted before.
    AcceptsForgedDuplicate,
    /// Rejects a bad signature, and takes the event for seen.
    RecordsForgery,
    /// Rejects a bad signature, and lets the event take effect.
    ActsOnForgery,
    /// Answers a bad signature with another status.
    OtherStatus,
    /// Answers a bad signature with plain text.
    PlainText,
    /// Rejects every event.
    Rejects,
    /// Answers every event with 500.
    Fails,
    /// Answers no event.
    Hangs,
    /// Answers late.
    Slow,
    /// Rejects a duplicate.
    RejectsDuplicate,
    /// Lets a duplicate take effect again.
    CountsDuplicate,
    /// Forgets an event after some others.
    Forgets,
    /// Takes an event for seen that it rejected.
    RecordsRejected,
    /// Answers most events with 500, and takes them for seen.
    RecordsFailed,
    /// Acknowledges, and does nothing.
    NoEffect,
    /// Lets an event take effect twice at once.
    TwoEffects,
    /// Loses the keys at a restart.
    LosesKeys,
    /// Loses the effects at a restart.
    LosesEffects,
    /// Fails where a member has such a value.
    FailsOn(Peculiar),
}

/// A value that programs are not prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peculiar {
    Apostrophe,
    Percent,
    LineBreak,
    Nul,
    BeyondBmp,
    LongText,
    Null,
    IdAsText,
    Beyond53Bits,
    ZeroAmount,
    AmountAsText,
    ManyDecimals,
}

/// Longer than anybody waits for an answer.
const NEVER: Duration = Duration::from_hours(1);
/// Longer than the three seconds that are allowed, and shorter than the zoo's patience.
const LATE: Duration = Duration::from_millis(3_300);
/// Events of its type after which a forgetful listener forgets one.
const REMEMBERED: usize = 3;
/// A listener that fails handles the first of this many events.
const WORKS_ONE_IN: usize = 3;
/// Decimals of the amounts in orders.
const DECIMALS_MAX: usize = 4;
/// Characters that a column of the usual width holds.
const COLUMN_MAX: usize = 255;

/// The cells of the matrix, by dimension and then in the order of the documentation.
static CELLS: LazyLock<Vec<Cell>> = LazyLock::new(|| {
    let of = |dimension: &'static Dimension| {
        let kinds = NotificationType::ALL.into_iter();
        let kinds = kinds.filter(|kind| dimension.reason(*kind).is_none());
        kinds.map(move |kind| Cell { slug: format!("{}.{kind}", dimension.slug), dimension, kind })
    };
    DIMENSIONS.iter().flat_map(of).collect()
});

/// The cells of the matrix.
pub fn cells() -> impl Iterator<Item = &'static Cell> {
    CELLS.iter()
}

impl Cell {
    /// The cell of a slug.
    pub fn of(slug: &str) -> Option<&'static Self> {
        cells().find(|cell| cell.slug == slug)
    }

    /// The listener of this cell.
    pub fn behaviour(&'static self) -> Behaviour {
        Behaviour { cell: Some(self), ..Behaviour::default() }
    }

    /// The mildest verdict that the checks may give to its listener.
    pub fn verdict(&self) -> Verdict {
        let lesser = self.dimension.lesser.contains(&self.kind);
        if lesser { Verdict::Warn } else { self.dimension.verdict }
    }

    fn is(&self, kind: &str, wrong: Wrong) -> bool {
        self.dimension.wrong == wrong && kind == self.kind.as_str()
    }

    /// Returns true if the listener accepts a badly signed event.
    pub(crate) fn accepts_forgery(&self, game: &Game, event: &Event) -> bool {
        self.is(&event.kind, Wrong::AcceptsForgery)
            || (self.is(&event.kind, Wrong::AcceptsForgedDuplicate)
                && game.notes.contains(&body(event)))
    }

    /// Changes the game for a badly signed event although the listener rejects it.
    pub(crate) fn meets_forgery(&self, game: &mut Game, event: &Event, key: Option<String>) {
        if self.is(&event.kind, Wrong::RecordsForgery) {
            game.done.extend(key);
        } else if self.is(&event.kind, Wrong::ActsOnForgery) {
            game::effects(game, event);
        }
    }

    /// Returns the wrong rejection of an event that comes before anything else is done with it, if any.
    pub(crate) fn before(&self, event: &Event) -> Option<Refusal> {
        let is = |wrong| self.is(&event.kind, wrong);
        match self.dimension.wrong {
            Wrong::Rejects if is(Wrong::Rejects) => Some(Refusal::Parameter),
            Wrong::Fails if is(Wrong::Fails) => Some(Refusal::Crash),
            Wrong::FailsOn(value) if is(Wrong::FailsOn(value)) && value.is_in(&event.json) => {
                Some(Refusal::Crash)
            }
            _ => None,
        }
    }

    /// Notes an event, and returns the wrong rejection of one that was noted before, if any.
    pub(crate) fn again(&self, game: &mut Game, event: &Event) -> Option<Refusal> {
        let keeps = [Wrong::RejectsDuplicate, Wrong::AcceptsForgedDuplicate];
        if !keeps.into_iter().any(|wrong| self.is(&event.kind, wrong)) {
            return None;
        }
        let first = game.notes.insert(body(event));
        let rejects = !first && self.is(&event.kind, Wrong::RejectsDuplicate);
        rejects.then_some(Refusal::Conflict)
    }

    /// Notes an event that was rejected.
    pub(crate) fn rejected(&self, game: &mut Game, event: &Event, key: Option<String>) {
        if self.is(&event.kind, Wrong::RecordsRejected) {
            game.done.extend(key);
        }
    }

    /// Changes which events are taken for seen, right before the look.
    pub(crate) fn recall(&self, game: &mut Game, event: &Event, key: &str) -> Result<(), Refusal> {
        if self.is(&event.kind, Wrong::CountsDuplicate) {
            game.done.remove(key);
        }
        if self.is(&event.kind, Wrong::Forgets) && !game.done.contains(key) {
            game.recent.push_back(key.to_owned());
            if game.recent.len() > REMEMBERED
                && let Some(oldest) = game.recent.pop_front()
            {
                game.done.remove(&oldest);
            }
        }
        let fails = self.is(&event.kind, Wrong::RecordsFailed)
            && game.met.insert(key.to_owned())
            && game.met.len() % WORKS_ONE_IN != 1;
        if fails {
            game.done.insert(key.to_owned());
            return Err(Refusal::Crash);
        }
        Ok(())
    }

    /// Number of times that an event takes effect.
    pub(crate) fn effects(&self, event: &Event) -> usize {
        if self.is(&event.kind, Wrong::NoEffect) {
            0
        } else if self.is(&event.kind, Wrong::TwoEffects) {
            2
        } else {
            1
        }
    }

    /// Returns true if a restart loses the effect of an event.
    pub(crate) fn loses_effects(&self, event: &Event) -> bool {
        self.is(&event.kind, Wrong::LosesEffects)
    }

    /// Removes from the game what a restart loses.
    pub(crate) fn restarted(&self, game: &mut Game) {
        if self.dimension.wrong == Wrong::LosesKeys {
            let of_kind = format!("{} ", self.kind);
            game.done.retain(|key| !key.starts_with(&of_kind));
        }
    }

    /// Time before the answer.
    pub(crate) fn pause(&self, kind: &str) -> Duration {
        if self.is(kind, Wrong::Hangs) {
            NEVER
        } else if self.is(kind, Wrong::Slow) {
            LATE
        } else {
            Duration::ZERO
        }
    }

    /// The answer to a badly signed event, if it is not the right one.
    pub(crate) fn render(&self, kind: &str, outcome: &Outcome) -> Option<Answer> {
        outcome.result.err().filter(|refusal| *refusal == Refusal::Signature)?;
        if self.is(kind, Wrong::OtherStatus) {
            Some(Answer { status: 403, ..crate::right::answered(outcome) })
        } else {
            self.is(kind, Wrong::PlainText).then(|| Answer::text(400, "Bad signature"))
        }
    }
}

/// A note of the bytes of an event.
fn body(event: &Event) -> String {
    format!("body {}", String::from_utf8_lossy(&event.body))
}

impl Peculiar {
    /// Returns true if such a value is anywhere in the JSON.
    fn is_in(self, json: &Value) -> bool {
        match json {
            Value::Object(members) => {
                members.iter().any(|(name, value)| self.is_at(name, value) || self.is_in(value))
            }
            Value::Array(values) => values.iter().any(|value| self.is_in(value)),
            _ => false,
        }
    }

    fn is_at(self, name: &str, value: &Value) -> bool {
        let text = value.as_str().unwrap_or_default();
        let number = value.as_number().map(ToString::to_string).unwrap_or_default();
        let is_id = matches!(name, "id" | "invoice_id" | "subscription_id");
        let is_amount = name == "amount" || name.ends_with("_amount");
        match self {
            Self::Apostrophe => text.contains('\''),
            Self::Percent => text.contains('%'),
            Self::LineBreak => text.contains('\n'),
            Self::Nul => text.contains('\0'),
            Self::BeyondBmp => text.chars().any(|character| u32::from(character) > 0xffff),
            Self::LongText => text.chars().count() > COLUMN_MAX,
            Self::Null => value.is_null(),
            Self::IdAsText => {
                is_id
                    && name != "invoice_id"
                    && !text.is_empty()
                    && text.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Beyond53Bits => is_id && number.parse().is_ok_and(|id: u64| id > 1 << 53),
            Self::ZeroAmount => {
                let digits = if number.is_empty() { text } else { &number };
                is_amount && digits.parse().is_ok_and(|amount: f64| amount == 0.0)
            }
            Self::AmountAsText => is_amount && value.is_string(),
            Self::ManyDecimals => {
                let digits = if number.is_empty() { text } else { &number };
                is_amount
                    && digits.split_once('.').is_some_and(|(_, places)| places.len() > DECIMALS_MAX)
            }
        }
    }
}
