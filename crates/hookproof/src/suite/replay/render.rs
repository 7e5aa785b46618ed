//! What a replay says, to people and to programs.

use std::fmt::Write;

use hookproof_conformance::report::{CheckReport, human::wrapped};
use serde::Serialize;

use super::steps::{Changed, Seen};
use crate::{exit::Exit, failure::Failure, suite::cli::ReplayFormat, terminal};

/// Name and version of the JSON form.
const SCHEMA: &str = "hookproof.replay/1";

/// Columns of a label, with its margins.
const LABEL: usize = 12;

/// A failure that was asked again.
#[derive(Debug)]
pub(super) struct Replayed {
    /// What it found then.
    pub(super) check: CheckReport,
    /// The seed of its choices.
    pub(super) seed: u64,
    /// What came of it now.
    pub(super) outcome: Outcome,
}

/// What came of asking again.
#[derive(Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum Outcome {
    /// It passes.
    Fixed {
        /// The first step that came out otherwise.
        #[serde(skip_serializing_if = "Option::is_none")]
        step: Option<Changed>,
    },
    /// It fails.
    StillFailing {
        /// Whether otherwise than before.
        changed: bool,
        /// The finding of now.
        now: Box<CheckReport>,
        /// The first step that came out otherwise.
        #[serde(skip_serializing_if = "Option::is_none")]
        step: Option<Changed>,
        /// All steps of now.
        steps: Vec<Seen>,
    },
    /// It still warns, which does not fail a run.
    StillWarned {
        /// Whether otherwise than before.
        changed: bool,
        /// The finding of now.
        now: Box<CheckReport>,
        /// The first step that came out otherwise.
        #[serde(skip_serializing_if = "Option::is_none")]
        step: Option<Changed>,
    },
    /// Nobody knows.
    CouldNotAsk {
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// Nobody knows, for this reason.
    pub(super) fn could_not_ask(reason: &str) -> Self {
        Self::CouldNotAsk { reason: reason.to_owned() }
    }
}

#[derive(Debug, Default, Serialize)]
struct Summary {
    fixed: usize,
    still_failing: usize,
    still_warned: usize,
    could_not_ask: usize,
}

impl Summary {
    fn of(replayed: &[Replayed]) -> Self {
        let mut summary = Self::default();
        for one in replayed {
            *match one.outcome {
                Outcome::Fixed { .. } => &mut summary.fixed,
                Outcome::StillFailing { .. } => &mut summary.still_failing,
                Outcome::StillWarned { .. } => &mut summary.still_warned,
                Outcome::CouldNotAsk { .. } => &mut summary.could_not_ask,
            } += 1;
        }
        summary
    }
}

/// A failure outweighs what could not be asked, and that outweighs what is fixed.
pub(super) fn exit(replayed: &[Replayed]) -> Exit {
    match Summary::of(replayed) {
        Summary { still_failing: 1.., .. } => Exit::Nonconformant,
        Summary { could_not_ask: 1.., .. } => Exit::CouldNotAsk,
        _ => Exit::Conformant,
    }
}

#[derive(Serialize)]
struct JsonForm<'a> {
    schema: &'static str,
    summary: Summary,
    replays: Vec<JsonReplay<'a>>,
}

#[derive(Serialize)]
struct JsonReplay<'a> {
    id: &'a str,
    clause: Option<&'a str>,
    seed: u64,
    then: Then<'a>,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

#[derive(Serialize)]
struct Then<'a> {
    expected: Option<&'a str>,
    actual: Option<&'a str>,
}

/// Prints what came of it.
pub(super) fn print(replayed: &[Replayed], format: ReplayFormat) -> Result<(), Failure> {
    let text = match format {
        ReplayFormat::Human => human(replayed),
        ReplayFormat::Json => json(replayed)?,
    };
    Ok(terminal::print(&text)?)
}

fn json(replayed: &[Replayed]) -> Result<String, Failure> {
    let replays = replayed.iter().map(|one| JsonReplay {
        id: &one.check.id,
        clause: one.check.clause.as_deref(),
        seed: one.seed,
        then: Then { expected: one.check.expected.as_deref(), actual: one.check.actual.as_deref() },
        outcome: &one.outcome,
    });
    let form =
        JsonForm { schema: SCHEMA, summary: Summary::of(replayed), replays: replays.collect() };
    let text = serde_json::to_string_pretty(&form).map_err(Failure::could_not_ask)?;
    Ok(text + "\n")
}

fn human(replayed: &[Replayed]) -> String {
    let mut text = String::new();
    for one in replayed {
        text.push_str(&block(one));
        text.push('\n');
    }
    line(&mut text, &Summary::of(replayed).to_string());
    text
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { fixed, still_failing, still_warned, could_not_ask } = self;
        write!(f, "{fixed} fixed, {still_failing} still failing, ")?;
        if *still_warned > 0 {
            write!(f, "{still_warned} still warned, ")?;
        }
        write!(f, "{could_not_ask} could not ask")
    }
}

fn block(one: &Replayed) -> String {
    let id = &one.check.id;
    let clause = one.check.clause.as_deref().unwrap_or_default();
    let mut text = String::new();
    match &one.outcome {
        Outcome::Fixed { step } => {
            line(&mut text, &format!("✓ fixed: {id} {clause}"));
            row(&mut text, "expected", one.check.expected.as_deref().unwrap_or_default());
            row(&mut text, "was", one.check.actual.as_deref().unwrap_or_default());
            if let Some(step) = step {
                changed(&mut text, step);
            }
        }
        Outcome::StillWarned { changed: otherwise, now, step } => {
            let word = if *otherwise { ", changed: it warns otherwise than before" } else { "" };
            line(&mut text, &format!("! still warned: {id} {clause}{word}"));
            found(&mut text, one, now, *otherwise, step.as_ref());
            see_it(&mut text, now);
        }
        Outcome::StillFailing { changed: otherwise, now, step, steps } => {
            let word = if *otherwise { ", changed: it fails otherwise than before" } else { "" };
            line(&mut text, &format!("✗ still failing: {id} {clause}{word}"));
            found(&mut text, one, now, *otherwise, step.as_ref());
            for (place, step) in steps.iter().enumerate() {
                row(&mut text, &format!("{}.", place + 1), &step.did);
                if !step.came.is_empty() {
                    row(&mut text, "", &format!("-> {}", step.came));
                }
            }
            see_it(&mut text, now);
        }
        Outcome::CouldNotAsk { reason } => {
            line(&mut text, &format!("? could not ask: {id} {clause}"));
            row(&mut text, "reason", reason);
        }
    }
    text
}

/// The finding of now, and that of before where it differs.
fn found(
    text: &mut String,
    one: &Replayed,
    now: &CheckReport,
    otherwise: bool,
    step: Option<&Changed>,
) {
    if otherwise {
        row(text, "was", one.check.actual.as_deref().unwrap_or_default());
        row(text, "clause", now.clause.as_deref().unwrap_or_default());
    }
    row(text, "expected", now.expected.as_deref().unwrap_or_default());
    row(text, "actual", now.actual.as_deref().unwrap_or_default());
    if let Some(step) = step {
        changed(text, step);
    }
}

/// The command that shows what a check finds now.
fn see_it(text: &mut String, now: &CheckReport) {
    if let Some(repro) = &now.repro {
        // Never broken: it is copied into a shell.
        let repro: String = repro.chars().filter(|char| !char.is_control()).collect();
        line(text, &format!("  {:width$}{repro}", "see it", width = LABEL - 2));
    }
}

/// A step that came out otherwise.
fn changed(text: &mut String, step: &Changed) {
    row(text, "step", &format!("{} came out otherwise: {}", step.step, step.did));
    row(text, "then", &step.then);
    row(text, "now", &step.now);
}

fn row(text: &mut String, label: &str, value: &str) {
    let label = format!("  {label:width$}", width = LABEL - 2);
    line(text, &format!("{label}{}", wrapped(value, LABEL)));
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("memory takes every line");
}
