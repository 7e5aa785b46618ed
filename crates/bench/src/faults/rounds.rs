//! Rounds of load, death, restart and audit.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde::Serialize;
use tokio::runtime::Runtime;

use super::{
    database::{Database, Totals},
    disk::Disk,
    traffic::{Book, Dice, QUANTITY, send_again, until_killed},
};
use crate::{
    process::{Process, free_port},
    shim::Counter,
    targets::Target,
};

/// The time from the first request of a round to its end, in milliseconds.
const LIFE_MS: [u64; 2] = [5, 300];

/// So many rounds lie between two looks at all that is stored; each looks at what it sent itself.
const TOTALS_EVERY: u32 = 10;

/// Who is killed, where it keeps its files, and how these are read.
pub(crate) struct Subject<'a> {
    pub(crate) target: &'a Target,
    pub(crate) disk: &'a Disk,
    /// The database as the program is told it: a file, or a URL.
    pub(crate) place: String,
    pub(crate) database: Database,
    /// Does it know cancellations?
    pub(crate) cancels: bool,
    /// A setting of the comparison; nothing for its own.
    pub(crate) synchronous: Option<&'static str>,
}

impl Subject<'_> {
    pub(crate) fn start(&self) -> anyhow::Result<Process> {
        let port = free_port()?;
        let mut command = self.target.command(port, Path::new(&self.place));
        command.env("HOOKPROOF_LOG", "error");
        if let Some(synchronous) = self.synchronous {
            command.env("SYNCHRONOUS", synchronous);
        }
        self.disk.put_under(&mut command);
        let counter = Counter::new(self.disk.beside())?;
        Process::launch(self.target.name, command, port, counter, self.disk.beside())
    }
}

/// What came of some rounds.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Outcome {
    pub(crate) rounds: u32,
    /// Events that were acknowledged before a death.
    pub(crate) acknowledged: usize,
    /// Events that were under way at a death.
    pub(crate) unsure: usize,
    pub(crate) sent_again: usize,
    /// The longest time from a restart to the first right answer.
    pub(crate) ready_max_ms: u128,
    pub(crate) seconds: f64,
    /// What was lost, doubled, invented or answered badly. The first round with a finding is the last one.
    pub(crate) findings: Vec<String>,
}

/// Runs rounds until one has a finding. `after` is what else happens while the program is dead.
pub(crate) fn run(
    subject: &Subject<'_>,
    rounds: u32,
    seed: u64,
    mut after: impl FnMut(u32, &mut Dice) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (start, mut dice) = (Instant::now(), Dice(seed));
    let (mut outcome, mut totals, mut next_id) = (Outcome::default(), Totals::default(), 1);
    let mut process = subject.start()?;
    for round in 0..rounds {
        let book = Book::new(round, next_id, subject.cancels, Dice(dice.below(u64::MAX)));
        let life = LIFE_MS[0] + dice.below(LIFE_MS[1] - LIFE_MS[0]);
        let (mut book, bad) = until_killed(&runtime, process, book, Duration::from_millis(life))?;
        outcome.findings.extend(bad);
        after(round, &mut dice)?;
        outcome.rounds = round + 1;
        outcome.acknowledged += book.acknowledged();
        next_id = book.end();
        outcome.unsure += usize::try_from(next_id - book.first)? - book.acknowledged();
        process = match subject.start() {
            Ok(process) => process,
            Err(error) => {
                outcome.findings.push(format!("{error:#}"));
                break;
            }
        };
        outcome.ready_max_ms = outcome.ready_max_ms.max(process.ready.as_millis());
        outcome.findings.extend(audit(
            subject,
            &mut book,
            &runtime,
            process.port,
            &mut outcome.sent_again,
        )?);
        add(&mut totals, &book);
        if outcome.findings.is_empty() && (round % TOTALS_EVERY == 0 || round + 1 == rounds) {
            let found = subject.database.totals()?;
            if found != totals {
                outcome
                    .findings
                    .push(format!("{totals:?} were acknowledged, {found:?} are stored"));
            }
        }
        if !outcome.findings.is_empty() {
            let of = format!("round {} (seed {seed}): ", round + 1);
            outcome.findings.iter_mut().for_each(|finding| finding.insert_str(0, &of));
            break;
        }
    }
    outcome.seconds = start.elapsed().as_secs_f64();
    Ok(outcome)
}

/// What was acknowledged is there; what was not is taken now; and then everything is there once.
fn audit(
    subject: &Subject<'_>,
    book: &mut Book,
    runtime: &Runtime,
    port: u16,
    sent_again: &mut usize,
) -> anyhow::Result<Vec<String>> {
    let findings = match subject.database.round(book) {
        Ok(stored) => book.contradictions(&stored),
        Err(error) => vec![format!("the database cannot be read after the restart: {error:#}")],
    };
    if !findings.is_empty() {
        return Ok(findings);
    }
    match send_again(runtime, port, book) {
        Ok(sent) => *sent_again += sent,
        Err(error) => return Ok(vec![format!("sent again: {error:#}")]),
    }
    Ok(book.contradictions(&subject.database.round(book)?))
}

/// Everything of the book is acknowledged by now.
fn add(totals: &mut Totals, book: &Book) {
    let sent = book.sent();
    let count = |events: usize| i64::try_from(events).expect("a round has few events");
    totals.payments += count(sent.payments.len());
    totals.orders += count(sent.orders.len());
    totals.canceled += count(sent.cancellations.len());
    totals.granted = (totals.orders - totals.canceled) * QUANTITY;
}
