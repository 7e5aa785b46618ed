//! Every listener that is wrong as a process is wrong, and every odd one is right: each is killed or
//! stopped in the moment that matters.

use std::time::Duration;

use hookproof_zoo::{Fault, Level, faults, odds};
use tokio::task::{JoinSet, LocalSet};

use super::{
    client::{begin, canceled, order},
    running::Running,
};

/// How long a listener stands still that is stopped.
const STALL: Duration = Duration::from_millis(700);
/// Listeners at a time.
const AT_ONCE: usize = 8;

/// When a listener is killed or stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// As soon as it has answered.
    Answered,
    /// As soon as it has written something of an event that it has not answered.
    Writing,
    /// Before an event comes, for long enough that its sender hangs up.
    Stopped,
}
use Moment::{Answered, Stopped, Writing};

/// What is seen of a listener: the swords of the user after each step, or that it does not start, or
/// that it refuses an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Swords(&'static [u64]),
    NoStart,
    Refused,
}
use Seen::{NoStart, Refused, Swords};

/// What a right listener shows.
const RIGHT: [(Moment, Seen); 3] =
    [(Answered, Swords(&[2, 2, 4, 2])), (Writing, Swords(&[2])), (Stopped, Swords(&[2]))];

/// What the wrong ones show.
const WRONG: &[(&str, Moment, Seen)] = &[
    ("memory-only-dedupe", Answered, Swords(&[2, 4])),
    ("keeps-nothing", Answered, Swords(&[0])),
    ("keys-expire-on-restart", Answered, Swords(&[2, 4])),
    ("orders-in-memory", Answered, Swords(&[2, 2, 4, 4])),
    ("queue-replayed", Answered, Swords(&[4])),
    ("rows-numbered-from-one", Answered, Swords(&[2, 2, 2])),
    ("stale-lock", Answered, NoStart),
    ("journal-to-be-closed", Answered, NoStart),
    ("answers-before-it-writes", Answered, Swords(&[0])),
    ("write-behind", Answered, Swords(&[0])),
    ("effects-before-key", Writing, Swords(&[4])),
    ("key-before-effects", Writing, Swords(&[0])),
    ("grants-in-parts", Writing, Swords(&[1])),
    ("in-progress-for-ever", Writing, Refused),
    ("in-progress-taken-for-done", Writing, Swords(&[0])),
    ("torn-line", Answered, NoStart),
    ("open-after-a-stall", Stopped, Swords(&[4])),
];

async fn check(slug: &str, moment: Moment, expected: Seen) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(slug, folder.path()).await?;
    let running = match moment {
        Answered => {
            let status = running.deliver(&order(1)).await;
            running.kill();
            accepted(status)?;
            Running::start(slug, folder.path()).await
        }
        Writing => {
            running.shows(0).await?;
            let kept = running.kept();
            let stream = begin(running.address, &order(1)).await.unwrap();
            running.keeps_more_than(kept).await?;
            running.kill();
            drop(stream);
            Running::start(slug, folder.path()).await
        }
        Stopped => {
            running.shows(0).await?;
            let kept = running.kept();
            running.signal("STOP");
            drop(begin(running.address, &order(1)).await.unwrap());
            tokio::time::sleep(STALL).await;
            running.signal("CONT");
            running.keeps_more_than(kept).await?;
            Ok(running)
        }
    };
    match (running, expected) {
        (Err(_), NoStart) => Ok(()),
        (Ok(_), NoStart) => Err("it starts".to_owned()),
        (Err(error), _) => Err(error),
        (Ok(running), Refused) => match running.deliver(&order(1)).await {
            409 => Ok(()),
            status => Err(format!("it answers {status}")),
        },
        (Ok(running), Swords(swords)) => follow(&running, moment, swords).await,
    }
}

/// What is done after the kill or the stop, for as long as something is expected of it.
async fn follow(running: &Running, moment: Moment, expected: &[u64]) -> Result<(), String> {
    if moment != Answered {
        accepted(running.deliver(&order(1)).await)?;
        return running.shows(expected[0]).await;
    }
    running.shows(expected[0]).await?;
    for (event, swords) in [order(1), order(2), canceled(1)].iter().zip(&expected[1..]) {
        accepted(running.deliver(event).await)?;
        running.shows(*swords).await?;
    }
    Ok(())
}

fn accepted(status: u16) -> Result<(), String> {
    if matches!(status, 200 | 204) { Ok(()) } else { Err(format!("it answers {status}")) }
}

async fn check_all(questions: Vec<(&'static str, Moment, Seen)>) {
    let (mut asked, mut wrong) = (JoinSet::new(), Vec::new());
    let mut questions = questions.into_iter();
    loop {
        while asked.len() < AT_ONCE
            && let Some((slug, moment, seen)) = questions.next()
        {
            asked.spawn_local(async move { (slug, moment, check(slug, moment, seen).await) });
        }
        let Some(answer) = asked.join_next().await else { break };
        let (slug, moment, result) = answer.unwrap();
        wrong.extend(result.err().map(|error| format!("{slug}, {moment:?}: {error}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_fault_of_a_process_shows() {
    LocalSet::new().run_until(check_all(WRONG.to_vec())).await;
}

#[tokio::test]
async fn the_right_and_the_odd_ones_are_right() {
    let odd = odds().filter(|odd| odd.needs_process()).map(|odd| odd.slug);
    let slugs = std::iter::once("right").chain(odd);
    let questions = slugs.flat_map(|slug| RIGHT.map(|(moment, seen)| (slug, moment, seen)));
    LocalSet::new().run_until(check_all(questions.collect())).await;
}

#[test]
fn every_fault_of_a_process_is_shown_here() {
    // What is lost of other types than orders shows in no sword: the zoo's own run shows it.
    let of_orders = |fault: &&Fault| fault.caught_by != ["idempotency-state-survives-kill"];
    let level = faults().filter(|fault| fault.level == Level::Spawn).filter(of_orders);
    let mut wanted: Vec<&str> = level.map(|fault| fault.slug).collect();
    let mut shown: Vec<&str> = WRONG.iter().map(|(slug, ..)| *slug).collect();
    wanted.sort_unstable();
    shown.sort_unstable();
    assert_eq!(shown, wanted);
}

/// Who ends in good order may be started again, whatever a kill would do.
#[tokio::test]
async fn a_listener_that_ends_in_good_order_starts_again() {
    for slug in
        ["right", "stale-lock", "torn-line", "journal-to-be-closed", "write-behind", "slow-to-end"]
    {
        let folder = tempfile::tempdir().unwrap();
        let running = Running::start(slug, folder.path()).await.unwrap();
        assert_eq!(running.deliver(&order(1)).await, 204);
        assert_eq!(running.stop(), Some(0), "{slug}");
        let running = Running::start(slug, folder.path()).await.unwrap();
        running.shows(2).await.unwrap();
    }
}
