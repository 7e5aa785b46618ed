//! What becomes of a listener that is a process: how it starts, what it keeps, how it ends.

mod journal;
mod record;
mod replay;
mod serve;
mod steps;
mod store;

use std::{io, path::Path, time::Duration};

use crate::game::Game;

pub use serve::{behaviour_of, serve_process, slugs, wrapped};
pub(crate) use steps::{PAUSE, Step, What};
pub(crate) use store::Store;

/// How a listener starts, runs and ends as a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    /// What is done before the journal is opened.
    pub(crate) start: fn(&Path) -> io::Result<()>,
    /// What is done at an orderly end; nobody does it for a process that is killed.
    pub(crate) stop: fn(&Path) -> io::Result<()>,
    /// How long nobody listens.
    pub(crate) binds_after: Duration,
    /// How long everything is answered with 503 after the first start, and after later ones.
    pub(crate) busy_for: [Duration; 2],
    /// How long an orderly end takes.
    pub(crate) ends_after: Duration,
    /// Writes a lot of lines to stdout and stderr.
    pub(crate) chatters: bool,
    /// The listener is the child of a shell.
    pub(crate) wrapped: bool,
    /// A repeat of what an earlier process accepted is answered with 200.
    pub(crate) old_repeats_200: bool,
}

/// How events are kept across the life of a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Persist {
    /// The steps from an event to what is kept of it. Where there are none, key and effects are
    /// written together, in one line, before anything else happens.
    pub(crate) steps: Option<&'static [Step]>,
    /// What a last line that is not whole means.
    pub(crate) torn: Torn,
    /// What is done with an event whose handling was begun by a process that is gone.
    pub(crate) left: Left,
    /// What a restart does to what was kept.
    pub(crate) restarted: fn(&mut Game),
    /// What else is special.
    pub(crate) habit: Option<Habit>,
}

/// What is special about how a listener keeps events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// What the process that is gone had accepted has its effects once more.
    Requeues,
    /// Effects come later than the answer; those that are missing at the start are made up for.
    Queues,
    /// Rows are numbered from one in each process, and a number that is there means a repeat.
    RowsFromOne,
    /// Where the process was stopped, nobody looks for repeats for a while.
    OpenAfterStall,
}

/// What a last line that is not whole means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Torn {
    /// Its event was never acknowledged: it is cut off.
    Cut,
    /// The journal is not readable. Lines are begun ahead, so that there is always one.
    Refuse,
}

/// What is done with an event whose handling was begun by a process that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It is handled.
    Resume,
    /// It is refused, as if somebody still worked on it.
    Refuse,
    /// It is acknowledged, as if somebody still worked on it.
    Acknowledge,
}

impl Process {
    /// A process that starts, runs and ends as one expects.
    pub(crate) const RIGHT: Self = Self {
        start: |_| Ok(()),
        stop: |_| Ok(()),
        binds_after: Duration::ZERO,
        busy_for: [Duration::ZERO; 2],
        ends_after: Duration::ZERO,
        chatters: false,
        wrapped: false,
        old_repeats_200: false,
    };
}

impl Persist {
    /// Key and effects in one line, before anything else happens.
    pub(crate) const RIGHT: Self =
        Self { steps: None, torn: Torn::Cut, left: Left::Resume, restarted: |_| (), habit: None };

    /// These steps, the rest as it should be.
    pub(crate) const fn by(steps: &'static [Step]) -> Self {
        Self { steps: Some(steps), ..Self::RIGHT }
    }

    /// This habit, the rest as it should be.
    pub(crate) const fn with(habit: Habit) -> Self {
        Self { habit: Some(habit), ..Self::RIGHT }
    }
}
