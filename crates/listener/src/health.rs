//! Whether the listener is of use at the moment.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, time::timeout};

use crate::store::{Store, StoreError};

/// Time for which an answer of the database is passed on to whoever asks. The check costs a commit,
/// and strangers may ask.
const FRESH: Duration = Duration::from_secs(1);

/// Time for the database to answer. What takes longer is of no use to a sender either.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why webhooks should be sent elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unready {
    /// The end has begun.
    #[error("shutting down")]
    Stopping,
    /// No event more can wait for the database.
    #[error("the queue is full")]
    Full,
    /// The database takes no commit.
    #[error("the database cannot be written")]
    Database,
}

/// What is remembered from one question to the next.
#[derive(Debug, Default)]
pub(crate) struct Health {
    stopping: AtomicBool,
    /// When the database was asked last, and what it said.
    asked: Mutex<Option<(Instant, Result<(), Unready>)>>,
}

impl Health {
    /// From now on the listener is not ready.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Relaxed);
    }

    /// Whether an event would be recorded now.
    pub(crate) async fn ready(&self, store: &Store) -> Result<(), Unready> {
        if self.stopping.load(Relaxed) {
            return Err(Unready::Stopping);
        }
        // Whoever asks at the same time waits for the same answer.
        let mut asked = self.asked.lock().await;
        if let Some((when, answer)) = *asked
            && when.elapsed() < FRESH
        {
            return answer;
        }
        let answer = match timeout(PATIENCE, store.check()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(StoreError::Busy)) => return Err(Unready::Full),
            Ok(Err(_)) | Err(_) => Err(Unready::Database),
        };
        *asked = Some((Instant::now(), answer));
        answer
    }
}
