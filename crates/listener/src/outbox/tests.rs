//! How long the pauses are when the game fails now and then, or always.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicUsize},
    },
};

use hookproof_contract::Secret;
use tempfile::TempDir;

use super::*;
use crate::{
    config::Config,
    event::{Event, Grant, PaidOrder},
    notification::OrderId,
};

/// Orders that are to be handed over.
const ORDERS: i64 = 500;

/// A game that fails every `fails_every`th time that something is handed over.
struct Flaky {
    fails_every: usize,
    calls: AtomicUsize,
    accepted: Mutex<Vec<String>>,
    /// Ends the handing over when all orders are accepted.
    stop: watch::Sender<bool>,
}

impl Game for Arc<Flaky> {
    const HANDS_OVER: bool = true;

    async fn find_user(&self, _: &str) -> Result<bool, Unavailable> {
        Ok(true)
    }

    async fn hand_over(&self, handover: &Handover) -> Result<(), Unavailable> {
        if (self.calls.fetch_add(1, Relaxed) + 1).is_multiple_of(self.fails_every) {
            return Err(Unavailable);
        }
        let mut accepted = self.accepted.lock().unwrap();
        accepted.push(handover.key.clone());
        if i64::try_from(accepted.len()).unwrap() == ORDERS {
            self.stop.send_replace(true);
        }
        Ok(())
    }
}

fn flaky(fails_every: usize) -> (Arc<Flaky>, watch::Receiver<bool>) {
    let (stop, stopping) = watch::channel(false);
    let (calls, accepted) = (AtomicUsize::new(0), Mutex::default());
    (Arc::new(Flaky { fails_every, calls, accepted, stop }), stopping)
}

/// A listener for this game that has recorded all orders.
async fn listener(game: &Arc<Flaky>) -> (App<Arc<Flaky>>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let secret = Secret::new("example-project-secret").unwrap();
    let config = Config::new(folder.path().join("listener.db"), secret);
    let app = App::open_with(config, Arc::clone(game)).unwrap();
    let mut recording = JoinSet::new();
    for order in 1..=ORDERS {
        let event = Event::OrderPaid(PaidOrder {
            order: OrderId(order),
            user: "ada".to_owned(),
            invoice: None,
            payment: None,
            grants: vec![Grant { sku: "gold".to_owned(), quantity: 1 }],
        });
        let app = app.clone();
        recording.spawn(async move { app.shared().store.record(event).await });
    }
    while let Some(recorded) = recording.join_next().await {
        recorded.unwrap().unwrap();
    }
    (app, folder)
}

#[tokio::test]
async fn pauses_stay_short_while_the_game_accepts_most_entries() {
    let (game, stopping) = flaky(10);
    let (app, _folder) = listener(&game).await;
    let paused = Mutex::new(Duration::ZERO);
    rounds(&app, stopping, async |pause| *paused.lock().unwrap() += pause).await;
    let accepted = game.accepted.lock().unwrap();
    let distinct: BTreeSet<&String> = accepted.iter().collect();
    assert_eq!((accepted.len(), distinct.len()), (500, 500), "each once");
    let paused = *paused.lock().unwrap();
    assert!(paused < Duration::from_secs(10), "paused for {paused:?}");
}

#[tokio::test]
async fn pauses_double_while_the_game_accepts_nothing() {
    let (game, stopping) = flaky(1);
    let (app, _folder) = listener(&game).await;
    let pauses = Mutex::new(Vec::new());
    let count = AtomicU32::new(0);
    let wait = async |pause| {
        pauses.lock().unwrap().push(pause);
        if count.fetch_add(1, Relaxed) == 10 {
            game.stop.send_replace(true);
        }
    };
    rounds(&app, stopping, wait).await;
    let doubled = (0..11).map(|times| (PAUSES[0] * (1 << times)).min(PAUSES[1]));
    assert_eq!(*pauses.lock().unwrap(), doubled.collect::<Vec<_>>());
}
