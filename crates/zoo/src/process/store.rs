//! What a listener that is a process has beside its game: its journal, its past, its pulse.

use std::{
    io::{self, Write},
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::{
    Habit, Persist, Process,
    journal::Journal,
    record::{Mark, Record, Share},
    replay::{Past, replay},
};
use crate::{behaviour::Behaviour, event::Event, game::Game};

/// How often the pulse is taken.
const PULSE: Duration = Duration::from_millis(50);
/// A pulse that is later than this means that the process was stopped.
const STALL: Duration = Duration::from_millis(200);
/// How long a listener that was stopped does not look for repeats.
const OPEN_FOR: Duration = Duration::from_secs(10);
/// How often a chattering listener repeats its line for a request, and for its start.
const CHATTER_LINES: [usize; 2] = [20, 4_000];
/// What it says.
const CHATTER: &str =
    "debug: nothing to see here, and the next line says the same again and again\n";

/// What lasts, and what is known of earlier processes.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) process: Process,
    pub(crate) persist: Persist,
    pub(crate) past: Past,
    /// Somebody has stopped working on an event.
    pub(crate) freed: Notify,
    journal: Mutex<Journal>,
    rows: AtomicUsize,
    busy_until: Instant,
    pulse: Mutex<Pulse>,
}

#[derive(Debug)]
struct Pulse {
    last: Instant,
    open_until: Instant,
}

impl Store {
    /// Opens a folder, and brings back the game that is kept in it.
    pub(crate) fn open(folder: &Path, behaviour: &Behaviour) -> io::Result<(Self, Game)> {
        let process = behaviour.process.copied().unwrap_or(Process::RIGHT);
        let persist = behaviour.persist.copied().unwrap_or(Persist::RIGHT);
        let (mut journal, mut records) = Journal::open(folder, persist.torn)?;
        let started = Record::of_mark(Mark::Started, None);
        journal.write(&started)?;
        records.push(started);
        let (game, past) = replay(behaviour, &persist, &records);
        let now = Instant::now();
        let busy_for = process.busy_for[usize::from(past.starts > 1)];
        let store = Self {
            process,
            persist,
            past,
            freed: Notify::new(),
            journal: Mutex::new(journal),
            rows: AtomicUsize::new(0),
            busy_until: now + busy_for,
            pulse: Mutex::new(Pulse { last: now, open_until: now }),
        };
        store.chatter(CHATTER_LINES[1]);
        Ok((store, game))
    }

    /// A panic elsewhere does not break a line, so poison is ignored.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps key and effects of an event together.
    pub(crate) fn keep(&self, event: &Event, key: Option<&str>) -> io::Result<()> {
        self.journal().write(&Record::of_event(key, event, Share::Whole))
    }

    /// Is that special about it?
    pub(crate) fn has(&self, habit: Habit) -> bool {
        self.persist.habit == Some(habit)
    }

    /// Is it too early to answer?
    pub(crate) fn is_busy(&self) -> bool {
        Instant::now() < self.busy_until
    }

    /// Says what a request makes it say.
    pub(crate) fn mutter(&self) {
        self.chatter(CHATTER_LINES[0]);
    }

    fn chatter(&self, lines: usize) {
        if self.process.chatters {
            // Nobody has to read it.
            let text = CHATTER.repeat(lines);
            let _ = io::stdout().write_all(text.as_bytes());
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }

    /// Takes the number of the next row, and says whether an earlier process has used it.
    pub(crate) fn next_row_is_taken(&self) -> bool {
        self.rows.fetch_add(1, Ordering::Relaxed) < self.past.rows
    }

    /// Notices whether the process was stopped, and says whether that is not over yet.
    pub(crate) fn stalled(&self) -> bool {
        let mut pulse = self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if now.duration_since(pulse.last) > STALL {
            pulse.open_until = now + OPEN_FOR;
        }
        pulse.last = now;
        now < pulse.open_until
    }

    /// Takes the pulse for as long as the listener lives.
    pub(crate) async fn watch(&self) -> std::convert::Infallible {
        loop {
            self.stalled();
            tokio::time::sleep(PULSE).await;
        }
    }
}
