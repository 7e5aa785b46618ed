//! What the sender does with an answer, and when it sends again: `spec/delivery.toml`.

use std::str::FromStr;

use serde::Deserialize;

use super::words::{deserialize_from_str, words};
use crate::NotificationType;

/// When a webhook is sent again. The times follow from it by [`crate::derive`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The name by which notifications refer to it.
    pub id: String,
    /// What it says, in one line.
    pub title: String,
    /// The types that are sent by it.
    pub notifications: Vec<NotificationType>,
    /// Whether it is played by default.
    pub reading: PlanReading,
    /// The circumstance under which it applies, if not always.
    pub when: Option<String>,
    /// How much of it is published.
    pub published: Published,
    /// The waits between attempts.
    pub steps: Vec<Step>,
    /// The first attempt and all repeats.
    pub attempts_max: u32,
    /// No attempt comes later than this after the first, in seconds.
    pub window_s: u64,
    /// Seconds after the first attempt, written down a second time.
    pub offsets_s: Vec<u64>,
    /// Answers after which the webhook is done.
    pub done_on: Vec<AnswerPattern>,
    /// Answers after which it is sent again.
    pub again_on: Vec<AnswerPattern>,
    /// Answers that end it without success.
    pub final_on: Vec<AnswerPattern>,
    /// The clauses about it.
    pub clauses: Vec<String>,
    /// Citations.
    pub sources: Vec<String>,
    /// What else a reader should know.
    pub note: Option<String>,
}

/// A number of waits of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How many.
    pub times: u32,
    /// How long each is, in seconds.
    pub every_s: u64,
}

words! {
    /// Which of several readings of the documents a plan is.
    pub enum PlanReading {
        /// The one that is played by default.
        Taken = "taken",
        /// Another one that is still in the documents.
        Older = "older",
    }
}

words! {
    /// How much of a plan is published.
    pub enum Published {
        /// The waits themselves.
        Steps = "steps",
        /// The number of attempts and the window; the waits are ours.
        Limits = "limits",
        /// That nothing is sent again.
        Never = "never",
    }
}

/// A set of answers: one status, a class of them, none at all, or what no other set names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerPattern {
    /// This status.
    Status(u16),
    /// All statuses with this first digit.
    Class(u16),
    /// No answer.
    Silence,
    /// Whatever is not named.
    Otherwise,
}

/// The text is no pattern of answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of: a status, a class such as `5xx`, `silence`, `otherwise`")]
pub struct NoAnswerPattern(String);

impl FromStr for AnswerPattern {
    type Err = NoAnswerPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "silence" => return Ok(Self::Silence),
            "otherwise" => return Ok(Self::Otherwise),
            _ => (),
        }
        let (digits, class) = text.strip_suffix("xx").map_or((text, false), |first| (first, true));
        let number: u16 = digits.parse().map_err(|_| NoAnswerPattern(text.to_owned()))?;
        match number {
            1..=5 if class => Ok(Self::Class(number)),
            100..=599 if !class => Ok(Self::Status(number)),
            _ => Err(NoAnswerPattern(text.to_owned())),
        }
    }
}

deserialize_from_str! { AnswerPattern, }

impl AnswerPattern {
    /// How closely the pattern names the answer (`None`: no answer came); the higher, the closer.
    fn closeness(self, answer: Option<u16>) -> Option<u8> {
        match (self, answer) {
            (Self::Status(named), Some(status)) if named == status => Some(3),
            (Self::Silence, None) => Some(3),
            (Self::Class(class), Some(status)) if status / 100 == class => Some(2),
            (Self::Otherwise, _) => Some(1),
            _ => None,
        }
    }
}

/// What follows from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The webhook succeeded.
    Done,
    /// It is sent again, if the plan has an attempt left.
    Again,
    /// It failed for good.
    Final,
    /// The documents do not say.
    Unpublished,
}

impl Plan {
    /// What follows from an answer; `None` stands for no answer at all.
    pub fn after(&self, answer: Option<u16>) -> After {
        [
            (After::Done, &self.done_on),
            (After::Again, &self.again_on),
            (After::Final, &self.final_on),
        ]
        .into_iter()
        .flat_map(|(after, patterns)| patterns.iter().map(move |pattern| (after, *pattern)))
        .filter_map(|(after, pattern)| Some((pattern.closeness(answer)?, after)))
        .max_by_key(|(closeness, _)| *closeness)
        .map_or(After::Unpublished, |(_, after)| after)
    }
}

/// What happens to the user's money after the answer to a paid order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutomaticRefund {
    /// The type whose answer counts.
    pub notification: NotificationType,
    /// The plan by which that type is sent.
    pub plan: String,
    /// How the switch stands if nobody asked for another.
    pub default: Switch,
    /// The table, a row for each set of answers.
    #[serde(rename = "row")]
    pub rows: Vec<RefundRow>,
    /// The clauses about it.
    pub clauses: Vec<String>,
    /// Citations.
    pub sources: Vec<String>,
}

words! {
    /// The position of a switch.
    pub enum Switch {
        /// Off.
        Off = "off",
        /// On.
        On = "on",
    }
}

/// A row of the table of automatic refunds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundRow {
    /// The answers.
    pub on: Vec<AnswerPattern>,
    /// What happens with the switch off.
    pub off_outcome: Outcome,
    /// What happens with the switch on.
    pub on_outcome: Outcome,
    /// What that means to the user.
    pub meaning: String,
}

words! {
    /// What happens after an answer to a paid order.
    pub enum Outcome {
        /// Neither a repeat nor a refund.
        Nothing = "nothing",
        /// Sent again by the plan, and nothing more when it has run out.
        Retry = "retry",
        /// The money goes back at once.
        Refund = "refund",
        /// Sent again by the plan; the money goes back when it has run out.
        RetryThenRefund = "retry-then-refund",
    }
}

impl AutomaticRefund {
    /// The row for an answer; `None` stands for no answer at all.
    pub fn row(&self, answer: Option<u16>) -> Option<&RefundRow> {
        self.rows
            .iter()
            .filter_map(|row| {
                let closest =
                    row.on.iter().filter_map(|pattern| pattern.closeness(answer)).max()?;
                Some((closest, row))
            })
            .max_by_key(|(closest, _)| *closest)
            .map(|(_, row)| row)
    }

    /// What happens after an answer, with the switch in this position.
    pub fn outcome(&self, switch: Switch, answer: Option<u16>) -> Option<Outcome> {
        self.row(answer).map(|row| match switch {
            Switch::Off => row.off_outcome,
            Switch::On => row.on_outcome,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveryFile {
    pub(super) plan: Vec<Plan>,
    pub(super) automatic_refund: AutomaticRefund,
}
