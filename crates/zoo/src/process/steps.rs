//! The steps from an event to what is kept of it, for the listeners that go another way.

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;

use super::{
    Habit, Left, Store,
    record::{Mark, Record, Share},
};
use crate::{behaviour::Refusal, event::Event, game::Begin, right::Listener};

/// How long two steps lie apart: long enough to be killed in between.
pub(crate) const PAUSE: Duration = Duration::from_millis(200);

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A line of the journal.
    Write(What),
    /// A line of the journal that waits in the process until there are enough of them.
    HoldBack(What),
    /// What it says counts in memory.
    Apply(What),
    /// Nothing happens for as long as [`PAUSE`].
    Pause,
    /// The event is answered.
    Answer,
}

/// What a line says of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Key and effects.
    Both,
    /// The key alone.
    Key,
    /// The effects alone.
    Effects,
    /// The key and half of the effects.
    KeyAndHalf,
    /// The other half.
    Rest,
    /// It is being worked on.
    Begun,
    /// It was waiting, and had its effects.
    Applied,
}

impl What {
    fn of(self, key: &str, event: &Event) -> Record {
        match self {
            Self::Both => Record::of_event(Some(key), event, Share::Whole),
            Self::Key => Record::of_key(key),
            Self::Effects => Record::of_event(None, event, Share::Whole),
            Self::KeyAndHalf => Record::of_event(Some(key), event, Share::Half),
            Self::Rest => Record::of_event(None, event, Share::Rest),
            Self::Begun => Record::of_mark(Mark::Begun, Some(key)),
            Self::Applied => Record::of_mark(Mark::Applied, Some(key)),
        }
    }
}

type Tell = oneshot::Sender<Result<(), Refusal>>;

impl Listener {
    /// Takes an event through these steps, unless it went through them before.
    ///
    /// The sender may hang up: what was begun is finished, or else every listener here would be
    /// wrong in one way more.
    pub(crate) async fn record_in_steps(
        self: &Arc<Self>,
        store: &Arc<Store>,
        event: &Event,
        key: String,
    ) -> Result<(), Refusal> {
        let (tell, told) = oneshot::channel();
        let (listener, event) = (Arc::clone(self), event.clone());
        let store = Arc::clone(store);
        let work = async move { listener.work(&store, &event, &key, tell).await };
        tokio::spawn(work);
        told.await.unwrap_or(Err(Refusal::Crash))
    }

    async fn work(&self, store: &Store, event: &Event, key: &str, tell: Tell) {
        let mut tell = Some(tell);
        let result = self.walk(store, event, key, &mut tell).await;
        if let Some(tell) = tell {
            // The sender may have hung up.
            let _ = tell.send(result);
        }
    }

    async fn walk(
        &self,
        store: &Store,
        event: &Event,
        key: &str,
        tell: &mut Option<Tell>,
    ) -> Result<(), Refusal> {
        let Some(_claim) = self.claim(store, key).await else { return Ok(()) };
        if store.past.left.contains(key) {
            match store.persist.left {
                Left::Resume => (),
                Left::Refuse => return Err(Refusal::Conflict),
                Left::Acknowledge => return Ok(()),
            }
        }
        (self.behaviour.objects)(&self.game(), event)?;
        let collides = store.has(Habit::RowsFromOne) && store.next_row_is_taken();
        for step in store.persist.steps.unwrap_or_default() {
            let kept = |what: What| {
                let what = if collides { What::Key } else { what };
                what.of(key, event)
            };
            let written = match *step {
                Step::Write(what) => store.journal().write(&kept(what)),
                Step::HoldBack(what) => store.journal().hold_back(&kept(what)),
                Step::Apply(what) => {
                    kept(what).apply(&self.behaviour, &mut self.game());
                    Ok(())
                }
                Step::Pause => {
                    tokio::time::sleep(PAUSE).await;
                    Ok(())
                }
                Step::Answer => {
                    let _ = tell.take().map(|tell| tell.send(Ok(())));
                    Ok(())
                }
            };
            written.map_err(|_| Refusal::Crash)?;
        }
        Ok(())
    }

    /// The right to work on an event, or nothing where it is done. Whoever comes while another copy
    /// is being worked on waits for that.
    async fn claim<'own>(&'own self, store: &'own Store, key: &'own str) -> Option<Claim<'own>> {
        if store.has(Habit::OpenAfterStall) && store.stalled() {
            return Some(Claim { listener: self, store, key });
        }
        loop {
            let freed = store.freed.notified();
            let begin = self.game().begin(key);
            match begin {
                Begin::New => return Some(Claim { listener: self, store, key }),
                Begin::Done => return None,
                Begin::Busy => freed.await,
            }
        }
    }
}

/// The right to work on an event.
struct Claim<'own> {
    listener: &'own Listener,
    store: &'own Store,
    key: &'own str,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.listener.game().busy.remove(self.key);
        self.store.freed.notify_waiters();
    }
}
