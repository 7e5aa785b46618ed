//! The writer: one thread that commits together what came in together.
//!
//! A durable commit costs the same for one event as for fifty, and SQLite allows one writer at a
//! time anyway. So all events go through one thread, which takes whatever has queued up while the
//! last commit ran, commits it as one transaction, and only then lets the answers go. It never waits
//! for more to come: alone, an event is committed at once; under load, batches grow by themselves.
//!
//! That a repeat is answered after the commit of what it repeats needs no care: it queues behind it.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Instant,
};

use tokio::sync::{mpsc, oneshot, watch};

use super::{Cause, Database, Outcome, StoreError, outbox::Bell};
use crate::{config::Limits, event::Event, metrics::Metrics};

/// Something to write, and who waits for it.
pub(super) enum Job {
    Record { event: Event, answer: oneshot::Sender<Result<Outcome, StoreError>> },
    Forget { entries: Vec<i64>, answer: oneshot::Sender<Result<(), StoreError>> },
    Check { answer: oneshot::Sender<Result<(), StoreError>> },
}

/// Starts the thread. It ends, and closes the database, when the last sender is gone; the other end
/// of what the receiver belongs to is gone after that.
pub(super) fn start(
    mut database: impl Database,
    limits: &Limits,
    metrics: Arc<Metrics>,
    bell: Option<Bell>,
) -> io::Result<(mpsc::Sender<Job>, watch::Receiver<()>)> {
    let (still_open, open) = watch::channel(());
    let (sender, mut queue) = mpsc::channel(limits.queue_max.max(1));
    let batch_max = limits.batch_max.max(1);
    thread::Builder::new().name("writer".to_owned()).spawn(move || {
        let mut jobs = Vec::with_capacity(batch_max);
        let mut events = Vec::with_capacity(batch_max);
        let mut answers = Vec::with_capacity(batch_max);
        let (mut forgotten, mut checks) = (Vec::new(), Vec::new());
        while queue.blocking_recv_many(&mut jobs, batch_max) > 0 {
            for job in jobs.drain(..) {
                match job {
                    Job::Record { event, answer } => {
                        events.push(event);
                        answers.push(answer);
                    }
                    Job::Forget { entries, answer } => forgotten.push((entries, answer)),
                    Job::Check { answer } => checks.push(answer),
                }
            }
            // Whoever waited may have hung up; what happened stays recorded.
            if !events.is_empty() {
                let results = commit(&mut database, &events, &metrics);
                if let Some(bell) = &bell {
                    bell.ring(&events, &results);
                }
                for (answer, result) in answers.drain(..).zip(results) {
                    let _ = answer.send(result);
                }
                events.clear();
                catch_up(&mut database);
            }
            for (entries, answer) in forgotten.drain(..) {
                let _ = answer.send(forget(&mut database, &entries));
            }
            if !checks.is_empty() {
                let result = check(&mut database);
                for answer in checks.drain(..) {
                    let _ = answer.send(result);
                }
            }
        }
        drop(database);
        drop(still_open);
    })?;
    Ok((sender, open))
}

/// One result for each event, whatever happens: if the batch fails, all of it is tried again later.
fn commit(
    database: &mut impl Database,
    events: &[Event],
    metrics: &Metrics,
) -> Vec<Result<Outcome, StoreError>> {
    let began = Instant::now();
    let applied = guarded(|| database.apply(events));
    metrics.commit(events.len(), began.elapsed(), applied.is_err());
    applied.unwrap_or_else(|cause| {
        tracing::error!(cause = %cause, events = events.len(), "cannot commit to the database");
        vec![Err(StoreError::of(&cause)); events.len()]
    })
}

/// What fails here is tried again after another batch, and no event depends on it.
fn catch_up(database: &mut impl Database) {
    if let Err(cause) = guarded(|| database.catch_up()) {
        tracing::warn!(cause = %cause, "cannot move the log into the database");
    }
}

/// Deletes entries of the outbox.
fn forget(database: &mut impl Database, entries: &[i64]) -> Result<(), StoreError> {
    guarded(|| database.forget(entries)).map_err(|cause| {
        tracing::error!(cause = %cause, "cannot write down what was handed over");
        StoreError::of(&cause)
    })
}

/// Whether the database can be written at the moment.
fn check(database: &mut impl Database) -> Result<(), StoreError> {
    guarded(|| database.check()).map_err(|cause| {
        tracing::error!(cause = %cause, "cannot write to the database");
        StoreError::Failed
    })
}

/// A panic would end the thread, and with it every later notification.
fn guarded<T>(work: impl FnOnce() -> Result<T, Cause>) -> Result<T, Cause> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Cause::from("the engine panicked")))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as blocking;

    use super::*;
    use crate::{event::Charge, notification::TransactionId};

    /// A database whose every commit waits until the test lets it go, or fail.
    struct Gated {
        began: blocking::Sender<usize>,
        go: blocking::Receiver<bool>,
    }

    impl Database for Gated {
        fn apply(&mut self, events: &[Event]) -> Result<Vec<Result<Outcome, StoreError>>, Cause> {
            self.began.send(events.len())?;
            if self.go.recv()? {
                Ok(vec![Ok(Outcome::Applied); events.len()])
            } else {
                Err("disk".into())
            }
        }

        fn forget(&mut self, _: &[i64]) -> Result<(), Cause> {
            Err("disk".into())
        }

        fn check(&mut self) -> Result<(), Cause> {
            Err("disk".into())
        }
    }

    fn charge() -> Charge {
        Charge { transaction: TransactionId(1), user: None, paid: None, subscription: None }
    }

    struct Rig {
        sender: mpsc::Sender<Job>,
        began: blocking::Receiver<usize>,
        go: blocking::Sender<bool>,
    }

    type Answer = oneshot::Receiver<Result<Outcome, StoreError>>;

    impl Rig {
        fn new(queue_max: usize) -> Self {
            let (began_sender, began) = blocking::channel();
            let (go, go_receiver) = blocking::channel();
            let limits = Limits { queue_max, ..Limits::default() };
            let database = Gated { began: began_sender, go: go_receiver };
            Self {
                sender: start(database, &limits, Arc::new(Metrics::new()), None).unwrap().0,
                began,
                go,
            }
        }

        fn send(&self) -> Option<Answer> {
            let (answer, answered) = oneshot::channel();
            self.sender.try_send(Job::Record { event: Event::Payment(charge()), answer }).ok()?;
            Some(answered)
        }
    }

    #[test]
    fn nothing_is_answered_before_its_commit() {
        let rig = Rig::new(8);
        let mut first = rig.send().unwrap();
        assert_eq!(rig.began.recv(), Ok(1));
        let mut repeats = [rig.send().unwrap(), rig.send().unwrap()];
        assert!(first.try_recv().is_err());
        rig.go.send(true).unwrap();
        assert_eq!(first.blocking_recv(), Ok(Ok(Outcome::Applied)));
        assert_eq!(rig.began.recv(), Ok(2), "what queued up is one batch");
        assert!(repeats.iter_mut().all(|repeat| repeat.try_recv().is_err()));
        rig.go.send(true).unwrap();
        for repeat in repeats {
            assert_eq!(repeat.blocking_recv(), Ok(Ok(Outcome::Applied)));
        }
    }

    #[test]
    fn a_failed_commit_fails_all_of_its_events_and_no_others() {
        let rig = Rig::new(8);
        let first = rig.send().unwrap();
        assert_eq!(rig.began.recv(), Ok(1));
        let second = rig.send().unwrap();
        let third = rig.send().unwrap();
        rig.go.send(true).unwrap();
        assert_eq!(first.blocking_recv(), Ok(Ok(Outcome::Applied)));
        rig.go.send(false).unwrap();
        assert_eq!(second.blocking_recv(), Ok(Err(StoreError::Failed)));
        assert_eq!(third.blocking_recv(), Ok(Err(StoreError::Failed)));
        let fourth = rig.send().unwrap();
        rig.go.send(true).unwrap();
        assert_eq!(fourth.blocking_recv(), Ok(Ok(Outcome::Applied)));
    }

    #[test]
    fn a_full_queue_refuses() {
        let rig = Rig::new(1);
        let _running = rig.send().unwrap();
        assert_eq!(rig.began.recv(), Ok(1));
        let _queued = rig.send().unwrap();
        assert!(rig.send().is_none());
        drop(rig.go);
    }

    #[test]
    fn a_check_is_answered_for_itself() {
        let rig = Rig::new(8);
        let first = rig.send().unwrap();
        assert_eq!(rig.began.recv(), Ok(1));
        let (answer, checked) = oneshot::channel();
        assert!(rig.sender.try_send(Job::Check { answer }).is_ok());
        let second = rig.send().unwrap();
        rig.go.send(true).unwrap();
        rig.go.send(true).unwrap();
        assert_eq!(first.blocking_recv(), Ok(Ok(Outcome::Applied)));
        assert_eq!(second.blocking_recv(), Ok(Ok(Outcome::Applied)));
        assert_eq!(checked.blocking_recv(), Ok(Err(StoreError::Failed)));
    }

    #[test]
    fn a_panic_is_a_failure() {
        struct Panics;
        impl Database for Panics {
            fn apply(&mut self, _: &[Event]) -> Result<Vec<Result<Outcome, StoreError>>, Cause> {
                panic!("as the test wants it")
            }

            fn forget(&mut self, _: &[i64]) -> Result<(), Cause> {
                Ok(())
            }

            fn check(&mut self) -> Result<(), Cause> {
                Ok(())
            }
        }
        let (sender, _open) =
            start(Panics, &Limits::default(), Arc::new(Metrics::new()), None).unwrap();
        for _ in 0..2 {
            let (answer, answered) = oneshot::channel();
            assert!(
                sender.try_send(Job::Record { event: Event::Refund(charge()), answer }).is_ok()
            );
            assert_eq!(answered.blocking_recv(), Ok(Err(StoreError::Failed)));
        }
    }
}
