//! Tells the game what was granted and taken back, until it has it.
//!
//! One round after the other, each a task of its own, so that a game that panics ends a round and no
//! more. In a round the next entries are taken from the store, handed over one by one, and deleted
//! together; so a listener that ends in between hands them over again, with the same keys.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    app::App,
    game::{Game, Handover, Unavailable},
    store::{Entry, StoreError},
};

/// Entries that are taken at once, and so that may have to be handed over again.
const ENTRIES_MAX: u32 = 64;

/// Time for the game to take one of them.
const HAND_OVER_TIME_MAX: Duration = Duration::from_secs(10);

/// Time after which no more of them are handed over before those that were are deleted. Together with
/// [`HAND_OVER_TIME_MAX`] and the time of a commit it is shorter than what PostgreSQL is told to grant a
/// listener that is silent.
const BATCH_TIME_MAX: Duration = Duration::from_secs(10);

/// How often it is looked for what other listeners on the database left behind.
const LOOK: Duration = Duration::from_secs(1);

/// The pause after a failed round: the first, and, as it doubles, the longest. It doubles only while the
/// game accepts nothing; a round in which an entry was handed over begins again with the first.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(30)];

/// How a round went.
struct Round {
    /// At least one entry was handed over and deleted.
    progressed: bool,
    ended: Result<(), Interrupted>,
}

impl Round {
    /// What a panic of the game leaves of a round.
    const PANICKED: Self = Self { progressed: false, ended: Err(Interrupted::Panic) };
}

/// Why a round ended before everything was handed over.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error(transparent)]
    Game(#[from] Unavailable),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the game panicked")]
    Panic,
}

/// Hands over until it is told to stop, and then finishes what it has begun, if there is time for that.
pub(crate) async fn run<G: Game>(app: App<G>, mut stopping: watch::Receiver<bool>) {
    if !G::HANDS_OVER {
        return;
    }
    let patience = app.shared().limits.shutdown_time_max;
    let rounds = rounds(&app, stopping.clone(), sleep);
    let too_late = async {
        stop(&mut stopping).await;
        sleep(patience).await;
    };
    tokio::select! {
        () = rounds => (),
        () = too_late => tracing::warn!("a handover was still unfinished at shutdown: it will be repeated"),
    }
}

/// Resolves when the end begins.
async fn stop(stopping: &mut watch::Receiver<bool>) {
    // Whoever would say it is gone: that is the end as well.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Hands over round after round; `wait` waits for the pause after a failed one.
async fn rounds<G: Game>(
    app: &App<G>,
    mut stopping: watch::Receiver<bool>,
    wait: impl AsyncFn(Duration),
) {
    let store = &app.shared().store;
    let mut pause = PAUSES[0];
    while !*stopping.borrow() {
        // The set ends its task when this future is dropped.
        let mut task = JoinSet::new();
        task.spawn(round(app.clone(), stopping.clone()));
        let round = task.join_next().await.and_then(Result::ok).unwrap_or(Round::PANICKED);
        if round.progressed {
            pause = PAUSES[0];
        }
        // It was logged where it failed; a lock that stays ends with its session.
        let _ = store.release_out().await;
        let again = async {
            match round.ended {
                Ok(()) => {
                    pause = PAUSES[0];
                    let _ = timeout(LOOK, store.written_out()).await;
                }
                Err(why) => {
                    tracing::warn!(cause = %why, pause = ?pause, "cannot hand over to the game");
                    wait(pause).await;
                    pause = (pause * 2).min(PAUSES[1]);
                }
            }
        };
        tokio::select! {
            () = again => (),
            () = stop(&mut stopping) => (),
        }
    }
}

/// Hands over what waits, until nothing does.
async fn round<G: Game>(app: App<G>, stopping: watch::Receiver<bool>) -> Round {
    let mut progressed = false;
    let ended = drain(&app, &stopping, &mut progressed).await;
    Round { progressed, ended }
}

async fn drain<G: Game>(
    app: &App<G>,
    stopping: &watch::Receiver<bool>,
    progressed: &mut bool,
) -> Result<(), Interrupted> {
    let shared = app.shared();
    let waiting = &shared.metrics.outbox;
    waiting.store(shared.store.count_out().await?, Relaxed);
    while !*stopping.borrow() {
        let entries = shared.store.take_out(ENTRIES_MAX).await?;
        if entries.is_empty() {
            break;
        }
        let (done, result) = hand_over(&shared.game, entries, stopping).await;
        if !done.is_empty() {
            let count = done.len() as u64;
            shared.store.forget_out(done).await?;
            *progressed = true;
            let _ = waiting
                .fetch_update(Relaxed, Relaxed, |waiting| Some(waiting.saturating_sub(count)));
        }
        result?;
    }
    Ok(())
}

/// Hands over one after the other, as far as it goes; says which are done.
async fn hand_over(
    game: &impl Game,
    entries: Vec<Entry>,
    stopping: &watch::Receiver<bool>,
) -> (Vec<i64>, Result<(), Unavailable>) {
    let began = Instant::now();
    let mut done = Vec::with_capacity(entries.len());
    for entry in entries {
        if *stopping.borrow() || began.elapsed() > BATCH_TIME_MAX {
            break;
        }
        let seq = entry.seq;
        let handover = Handover::of(entry);
        let told = timeout(HAND_OVER_TIME_MAX, game.hand_over(&handover)).await;
        if let Err(unavailable) = told.unwrap_or(Err(Unavailable)) {
            return (done, Err(unavailable));
        }
        done.push(seq);
    }
    (done, Ok(()))
}

impl Handover {
    fn of(entry: Entry) -> Self {
        let Entry { order, taken_back, user, grants, .. } = entry;
        let what = if taken_back { "taken-back" } else { "granted" };
        Self { key: format!("order-{order}/{what}"), user, order, grants, taken_back }
    }
}

#[cfg(test)]
mod tests;
