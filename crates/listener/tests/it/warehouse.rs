//! A game whose inventories are elsewhere, and who is in one mood or another.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};

use hookproof_listener::{Game, Handover, Unavailable};
use tokio::{sync::watch, time::timeout};

use crate::support::USER;

/// Time for what has to happen. Nothing takes that long, unless it does not happen.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Away,
    /// Does what it is told, and never says so.
    Silent,
    Panics,
}

/// Clones are the same game.
#[derive(Debug, Clone)]
pub(crate) struct Warehouse {
    mood: Arc<Mutex<Mood>>,
    /// What it was told, and did.
    done: Arc<watch::Sender<Vec<Handover>>>,
    /// How often it was told something.
    told: Arc<watch::Sender<usize>>,
}

impl Warehouse {
    pub(crate) fn new(mood: Mood) -> Self {
        Self { mood: Arc::new(Mutex::new(mood)), done: Arc::default(), told: Arc::default() }
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Waits until it has done so much, and says what.
    pub(crate) async fn done(&self, count: usize) -> Vec<Handover> {
        let mut done = self.done.subscribe();
        within(done.wait_for(|done| done.len() >= count)).await.clone()
    }

    /// The same, by their keys.
    pub(crate) async fn keys(&self, count: usize) -> Vec<String> {
        self.done(count).await.into_iter().map(|handover| handover.key).collect()
    }

    /// Waits until it was told something so often.
    pub(crate) async fn told(&self, count: usize) {
        within(self.told.subscribe().wait_for(|told| *told >= count)).await;
    }
}

async fn within<T, E: Debug>(what: impl Future<Output = Result<T, E>>) -> T {
    timeout(PATIENCE, what).await.expect("it happens").unwrap()
}

impl Game for Warehouse {
    const HANDS_OVER: bool = true;

    async fn find_user(&self, id: &str) -> Result<bool, Unavailable> {
        Ok(id == USER)
    }

    async fn hand_over(&self, handover: &Handover) -> Result<(), Unavailable> {
        let mood = *self.mood.lock().unwrap();
        if let Mood::Well | Mood::Silent = mood {
            self.done.send_modify(|done| done.push(handover.clone()));
        }
        self.told.send_modify(|told| *told += 1);
        match mood {
            Mood::Well => Ok(()),
            Mood::Away => Err(Unavailable),
            Mood::Silent => std::future::pending().await,
            Mood::Panics => panic!("as the test wants it"),
        }
    }
}
