//! The listener's process over all of its lives.

use std::{
    cell::{Cell, RefCell},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::sync::RwLock;

use super::{Spawn, SpawnError, group::Group, last_words::LastWords};
use crate::{
    answer::Reply,
    check::{Check, Evidence},
    checks,
    session::{Run, Session},
    trace::Step,
    wire::{Fault, Wire},
};

/// Time between two looks at a process that starts or ends.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How long one answer of a listener that is starting may take before it is asked again.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// How long the port may stay open after the group was killed.
const CLOSED_WITHIN: Duration = Duration::from_secs(3);

/// How long a listener may take to end when it is asked to.
const END_TIME_MAX: Duration = Duration::from_secs(3);

/// Time after an answer within which the process may write about it.
const OUTPUT_LAG: Duration = Duration::from_millis(50);

/// A listener that starts faster than this is killed as often as a check wishes.
const QUICK_START: Duration = Duration::from_millis(800);

/// However slowly it starts, it is killed so often in a check that wishes as much.
const KILLS_MIN: u32 = 2;

/// Asks whether the listener answers; its session counts as that of a check after the preflight's.
static READINESS: Check = Check {
    id: "readiness",
    title: "answers after its start",
    clauses: &[],
    evidence: Evidence::Spawn,
    alone: true,
    ask: |_session| Box::pin(async { Ok(()) }),
};

/// The listener's process. Dropping it ends the process and all that it started.
#[derive(Debug)]
pub struct Process {
    spawn: Spawn,
    start_time_max: Duration,
    group: RefCell<Option<Group>>,
    /// Whether it is meant to answer: not while the suite has killed or stopped it.
    meant: Cell<bool>,
    /// The shortest that it took to start: what a busy machine adds to the others says nothing of it.
    start_time: Cell<Option<Duration>>,
    pub(super) deaths: Cell<u32>,
    pub(super) epitaph: RefCell<String>,
    pub(super) hopeless: RefCell<Option<String>>,
    /// Output of the life before this one.
    earlier: RefCell<Option<LastWords>>,
    /// Who asks holds it together with others; who asks alone after a death holds it alone.
    pub(super) turn: RwLock<()>,
}

/// Why a process that was started cannot be asked.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Unready {
    /// The command could not be started.
    #[error("it cannot be started: {0}")]
    Start(String),
    /// It ended.
    #[error("its process ended: {0}")]
    Ended(String),
    /// It says "later", and goes on saying so.
    #[error("after {} ms it still answers {reply}", .after.as_millis())]
    Later {
        /// How long it was waited for.
        after: Duration,
        /// The last answer.
        reply: Box<Reply>,
    },
    /// It does not answer.
    #[error("after {} ms: {fault}", .after.as_millis())]
    Silent {
        /// How long it was waited for.
        after: Duration,
        /// What came instead of an answer.
        fault: Fault,
    },
    /// The view of the effects did not come back.
    #[error("it answers, but {0}")]
    Unseen(String),
}

impl Process {
    /// Starts the command, where nobody else listens yet.
    pub(crate) async fn start(
        spawn: &Spawn,
        wire: &Wire,
        start_time_max: Duration,
    ) -> Result<Self, SpawnError> {
        if wire.is_listening().await {
            return Err(SpawnError::Taken);
        }
        let group = Group::start(spawn)?;
        Ok(Self {
            spawn: spawn.clone(),
            start_time_max,
            group: RefCell::new(Some(group)),
            meant: Cell::new(true),
            start_time: Cell::default(),
            deaths: Cell::default(),
            epitaph: RefCell::default(),
            hopeless: RefCell::default(),
            earlier: RefCell::default(),
            turn: RwLock::default(),
        })
    }

    /// Waits until the listener answers a valid delivery, and its effects can be read again.
    pub(crate) async fn ready(&self, run: &Run<'_>) -> Result<(), Unready> {
        let started = Instant::now();
        let session = Session::new(run, &READINESS, checks::ALL.len() as u64 + 1);
        let request = session.validation();
        for target in 0..run.wire.targets() {
            loop {
                let limit = ANSWER_MAX.min(run.options.timeout);
                let came = run.wire.send_within(target, &request, limit).await;
                let after = started.elapsed();
                let unready = match came {
                    Ok(reply) if !reply.is_server_error() => break,
                    Ok(reply) => Unready::Later { after, reply: Box::new(reply) },
                    Err(fault) => Unready::Silent { after, fault },
                };
                if let Some(ended) = self.ended()
                    && !run.wire.is_listening().await
                {
                    return Err(Unready::Ended(ended));
                }
                if after >= self.start_time_max {
                    return Err(unready);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        let start_time = started.elapsed();
        if let Some(effects) = run.effects.as_ref().filter(|effects| effects.is_trusted()) {
            while let Err(reason) = effects.look(session.user()).await {
                if started.elapsed() >= self.start_time_max {
                    return Err(Unready::Unseen(reason));
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        let shortest = self.start_time.get().map_or(start_time, |before| before.min(start_time));
        self.start_time.set(Some(shortest));
        Ok(())
    }

    /// How the process ended by itself and what it wrote last, if it did end.
    pub(crate) fn ended(&self) -> Option<String> {
        let group = self.group.borrow();
        let group = group.as_ref()?;
        let ended = group.ended()?;
        Some(with_words(&ended, &group.final_words()))
    }

    /// Returns its output around these steps of a check that began then: stderr, or stdout where that is empty.
    pub(crate) async fn output_of(&self, began: Instant, steps: &[Step]) -> Option<String> {
        // What is written about a request may come after the answer to it.
        tokio::time::sleep(OUTPUT_LAG).await;
        let first = steps.iter().map(Step::began_ms).min().unwrap_or_default();
        let from = began + Duration::from_millis(first);
        let last = steps.iter().map(Step::ended_ms).max();
        let to = last.map_or_else(Instant::now, |last| {
            began + Duration::from_millis(last.saturating_add(1)) + OUTPUT_LAG
        });
        let now = self.group.borrow().as_ref().map(Group::words);
        let lives = [self.earlier.borrow().clone(), now];
        let said = lives.into_iter().flatten().filter_map(|words| words.within(from, to));
        let said: Vec<String> = said.collect();
        (!said.is_empty()).then(|| said.join("\n"))
    }

    /// What it wrote last.
    pub(crate) fn last_words(&self) -> String {
        self.group.borrow().as_ref().map(Group::last_words).unwrap_or_default()
    }

    /// Whether it is meant to answer.
    pub(crate) fn is_meant_to_run(&self) -> bool {
        self.meant.get()
    }

    /// The shortest that it took to start; nothing before it has started once.
    pub(crate) fn start_time(&self) -> Duration {
        self.start_time.get().unwrap_or_default()
    }

    /// Why it is not tried any more to start it.
    pub(crate) fn hopeless(&self) -> Option<String> {
        self.hopeless.borrow().clone()
    }

    /// From now on nothing is asked of it any more.
    pub(crate) fn give_up(&self, reason: &str) {
        *self.hopeless.borrow_mut() = Some(reason.to_owned());
    }

    /// How often to kill it: as often as wished, or less where it starts slowly.
    pub(crate) fn rounds(&self, wished: u32) -> u32 {
        rounds(wished, self.start_time())
    }

    /// What to say where it starts so slowly that it is killed less often.
    pub(crate) fn slowness(&self) -> Option<String> {
        let start_time = self.start_time();
        (start_time > QUICK_START).then(|| {
            format!("takes {} ms to start; killed less often for it", start_time.as_millis())
        })
    }

    /// Kills the group at once. [`Process::gone`] has to follow.
    pub(crate) fn kill(&self) {
        self.meant.set(false);
        if let Some(group) = &*self.group.borrow() {
            group.kill();
        }
    }

    /// Kills the group after this time. The thread has to be joined, and [`Process::gone`] to follow.
    pub(crate) fn kill_after(&self, delay: Duration) -> Option<JoinHandle<()>> {
        self.meant.set(false);
        self.group.borrow().as_ref().map(|group| group.kill_after(delay))
    }

    /// Asks the group to end, and kills it where it does not.
    pub(crate) async fn end(&self, wire: &Wire) -> Result<(), SpawnError> {
        self.meant.set(false);
        // A listener that ends well may wait for who is connected.
        wire.forget_connections();
        if let Some(group) = &*self.group.borrow() {
            group.terminate();
        }
        let asked = Instant::now();
        while self.ended().is_none() && asked.elapsed() < END_TIME_MAX {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.gone(wire).await
    }

    /// Stops the group where it is.
    pub(crate) fn stop(&self) {
        self.meant.set(false);
        if let Some(group) = &*self.group.borrow() {
            group.stop();
        }
    }

    /// Lets the group go on.
    pub(crate) fn go_on(&self) {
        if let Some(group) = &*self.group.borrow() {
            group.go_on();
        }
        self.meant.set(true);
    }

    /// Kills what is left of the group, and waits until nobody listens any more.
    pub(crate) async fn gone(&self, wire: &Wire) -> Result<(), SpawnError> {
        self.meant.set(false);
        let group = self.group.borrow_mut().take();
        if let Some(group) = &group {
            *self.earlier.borrow_mut() = Some(group.words());
        }
        drop(group);
        wire.forget_connections();
        let killed = Instant::now();
        while wire.is_listening().await {
            if killed.elapsed() >= CLOSED_WITHIN {
                return Err(SpawnError::Escaped);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Starts the command again, without waiting for an answer.
    pub(crate) fn begin(&self) -> Result<(), Unready> {
        let group = Group::start(&self.spawn).map_err(|e| Unready::Start(e.to_string()))?;
        *self.group.borrow_mut() = Some(group);
        Ok(())
    }

    /// Starts the command again and waits until it can be asked.
    pub(crate) async fn start_again(&self, run: &Run<'_>) -> Result<(), Unready> {
        self.begin()?;
        let ready = self.ready(run).await;
        self.meant.set(ready.is_ok());
        ready
    }
}

/// How it ended, with what it wrote last.
fn with_words(ended: &str, words: &str) -> String {
    if words.is_empty() {
        format!("{ended}; it wrote nothing")
    } else {
        format!("{ended}; the last that it wrote: `{words}`")
    }
}

/// How often to kill what starts in this time.
fn rounds(wished: u32, start_time: Duration) -> u32 {
    let quick = QUICK_START.as_millis();
    let rounds = u128::from(wished) * quick / start_time.as_millis().max(quick);
    u32::try_from(rounds).unwrap_or(wished).max(KILLS_MIN.min(wished))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_starts_slowly_is_killed_less_often_and_still_more_than_once() {
        let kills = |millis| rounds(6, Duration::from_millis(millis));
        assert_eq!([20, 800, 1_600, 2_400, 30_000].map(kills), [6, 6, 3, 2, 2]);
        assert_eq!(rounds(1, Duration::from_secs(30)), 1);
    }
}
