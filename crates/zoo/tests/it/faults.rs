//! Every fault shows: something that the right listener answers or grants comes out otherwise.

use hookproof_zoo::{Behaviour, Level, faults, serve};
use tokio::task::JoinSet;

use crate::scripts::transcript;

/// Faults that show only where events cross or reach several replicas. These scripts
/// tell one event after another to one listener; the suite itself is who sees them, as the kill matrix
/// holds.
const WHERE_EVENTS_CROSS: &[&str] = &[
    "cancellations-per-process",
    "dedupe-per-process",
    "drops-orders-while-busy",
    "forgets-at-the-refund",
    "last-balance-wins",
    "lock-per-process",
    "one-user-variable",
    "partial-refunds-check-then-act",
    "partial-refunds-lose-updates",
    "repeat-undoes-cancellation",
    "writes-the-whole-inventory",
];

/// Listeners that are asked at once: many more would make the slow ones look silent.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn every_fault_shows() {
    let right = transcript(serve(Behaviour::default()).await.unwrap(), None).await;
    let mut asked = JoinSet::new();
    let mut hidden: Vec<&str> = Vec::new();
    // Those that need a process are right in memory; tests of the program show what they do.
    for fault in faults().filter(|fault| fault.level != Level::Spawn) {
        if asked.len() == AT_ONCE {
            hidden.extend(asked.join_next().await.unwrap().unwrap());
        }
        let right = right.clone();
        asked.spawn(async move {
            let wrong = serve((fault.behaviour)()).await.unwrap();
            (transcript(wrong, Some(&right)).await == right).then_some(fault.slug)
        });
    }
    hidden.extend(asked.join_all().await.into_iter().flatten());
    hidden.sort_unstable();
    assert_eq!(hidden, WHERE_EVENTS_CROSS, "the right listener does the same as these");
}

#[tokio::test]
async fn the_right_listener_is_the_same_twice() {
    let first = transcript(serve(Behaviour::default()).await.unwrap(), None).await;
    let second = transcript(serve(Behaviour::default()).await.unwrap(), None).await;
    assert_eq!(first, second);
}
