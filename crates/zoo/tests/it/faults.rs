//! Every fault shows: something that the right listener answers or grants comes out otherwise.

use hookproof_zoo::{Behaviour, Level, faults, serve};
use tokio::task::JoinSet;

use crate::scripts::transcript;

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
    assert!(hidden.is_empty(), "the right listener does the same: {hidden:?}");
}

#[tokio::test]
async fn the_right_listener_is_the_same_twice() {
    let first = transcript(serve(Behaviour::default()).await.unwrap(), None).await;
    let second = transcript(serve(Behaviour::default()).await.unwrap(), None).await;
    assert_eq!(first, second);
}
