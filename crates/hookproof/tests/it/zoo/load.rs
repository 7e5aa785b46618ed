//! The right listener under load, killed again and again: nothing is lost, nothing is doubled.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::task::JoinSet;

use super::{
    client::{SWORDS, order, send, swords},
    running::{Running, until},
};

/// Senders at a time.
const SENDERS: u64 = 8;
/// Kills.
const ROUNDS: u64 = 3;
/// Orders that are accepted before a kill.
const ACCEPTED: u64 = 60;
/// Orders of one sender at most.
const ORDERS_MAX: u64 = 100_000;

#[tokio::test]
async fn kills_under_load_lose_nothing_and_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut granted = 0;
    for round in 0..ROUNDS {
        let running = Running::start("right", folder.path()).await.unwrap();
        running.shows(granted).await.unwrap();
        let (address, accepted) = (running.address, Arc::new(AtomicU64::new(0)));
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            let accepted = Arc::clone(&accepted);
            senders.spawn(async move {
                let first = (round * SENDERS + sender) * ORDERS_MAX;
                for id in first..first + ORDERS_MAX {
                    if send(address, &order(id)).await != 204 {
                        return (id - first, order(id));
                    }
                    accepted.fetch_add(1, Ordering::Relaxed);
                }
                panic!("nobody killed it");
            });
        }
        let enough =
            until("enough is accepted", async || accepted.load(Ordering::Relaxed) >= ACCEPTED);
        enough.await.unwrap();
        running.kill();
        let ended = senders.join_all().await;

        let running = Running::start("right", folder.path()).await.unwrap();
        let acknowledged: u64 = ended.iter().map(|(accepted, _)| accepted).sum();
        assert_eq!(acknowledged, accepted.load(Ordering::Relaxed));
        let seen = swords(running.address).await.unwrap();
        let least = granted + SWORDS * acknowledged;
        assert!((least..=least + SWORDS * SENDERS).contains(&seen), "{seen}, not {least} or more");
        // What was not acknowledged comes again, and so does something that was.
        for (_, cut_short) in &ended {
            assert_eq!(send(running.address, cut_short).await, 204);
            assert_eq!(send(running.address, cut_short).await, 204);
        }
        granted = least + SWORDS * SENDERS;
        running.shows(granted).await.unwrap();
        running.kill();
    }
}
