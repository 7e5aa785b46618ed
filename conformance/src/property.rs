//! Properties over a network: many generated questions, and the smallest one that is answered wrongly.
//!
//! The value tree is walked by hand. A test runner knows one kind of failure and would "shrink" a
//! refused connection; here everything but a broken clause ends the walk at once. Each question, each
//! step of making it smaller too, draws fresh ids from the session, or the target's own memory of
//! earlier deliveries would hide the failure.

use std::time::{Duration, Instant};

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use sha1::{Digest, Sha1};
use tokio::sync::mpsc;

use crate::{
    Stop,
    session::{Session, digest},
};

/// Questions that may be spent on making a failing value smaller.
const SHRINKS_MAX: u32 = 128;

/// Time that may be spent on making a failing value smaller.
const SHRINKING_MAX: Duration = Duration::from_secs(5);

/// Time that one property may take; a slow target is asked fewer questions.
pub(crate) const PROPERTY_MAX: Duration = Duration::from_secs(5);

/// Values that are drawn before they are handed over together: waking the asker costs more than one.
const DRAWN_TOGETHER: usize = 16;

/// Handfuls that may wait for the asker.
const DRAWN_AHEAD_MAX: usize = 2;

/// A value that is to be asked about, and what the session notes of it.
struct Drawn<T> {
    value: T,
    digest: String,
}

/// Draws values on a thread of its own, so that no answer waits for the next question. Whoever asks
/// no more lets go of the receiver, and the thread ends.
fn draw<S>(
    strategy: S,
    mut runner: TestRunner,
    cases: u32,
) -> mpsc::Receiver<Result<Vec<Drawn<S::Value>>, Stop>>
where
    S: Strategy + Send + 'static,
    S::Value: Send,
{
    let (hand_over, drawn) = mpsc::channel(DRAWN_AHEAD_MAX);
    tokio::task::spawn_blocking(move || {
        let mut left = cases as usize;
        while left > 0 {
            let together = left.min(DRAWN_TOGETHER);
            left -= together;
            let handful = (0..together)
                .map(|_| {
                    let value = tree(&strategy, &mut runner)?.current();
                    Ok(Drawn { digest: digest(&value), value })
                })
                .collect();
            if hand_over.blocking_send(handful).is_err() {
                break;
            }
        }
    });
    drawn
}

fn tree<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> Result<S::Tree, Stop> {
    strategy
        .new_tree(runner)
        .map_err(|reason| Stop::Broken(format!("no value could be generated: {reason}")))
}

impl Session<'_> {
    /// Asks the question of generated values; a violation is that of the smallest value found.
    pub async fn for_all<S>(
        &self,
        strategy: S,
        question: impl AsyncFn(S::Value) -> Result<(), Stop>,
    ) -> Result<(), Stop>
    where
        S: Strategy + Clone + Send + 'static,
        S::Value: Send,
    {
        let started = Instant::now();
        let mut drawn = draw(strategy.clone(), self.test_runner(), self.cases_per_property);
        let (mut untold, mut before) = (None, 0);
        'asking: while let Some(handful) = drawn.recv().await {
            for Drawn { value, digest } in handful? {
                if started.elapsed() > PROPERTY_MAX {
                    break 'asking;
                }
                self.trace.forget();
                self.asks(digest);
                match question(value).await {
                    Ok(()) => (),
                    Err(violation @ Stop::Violation(_)) => {
                        return Err(self.shrunk(&strategy, before, violation, &question).await);
                    }
                    // Another case may tell: each stands beside its own twin.
                    Err(Stop::Inconclusive(reason)) => {
                        untold.get_or_insert(reason);
                    }
                    Err(stop) => return Err(stop),
                }
                before += 1;
            }
        }
        untold.map_or(Ok(()), |reason| Err(Stop::Inconclusive(reason)))
    }

    /// The violation of the smallest value that still fails, from the one that came after so many
    /// others: equal seeds draw equal values, so it can be drawn again together with its parts.
    async fn shrunk<S: Strategy>(
        &self,
        strategy: &S,
        before: u32,
        violation: Stop,
        question: &impl AsyncFn(S::Value) -> Result<(), Stop>,
    ) -> Stop {
        let mut runner = self.test_runner();
        let again = (0..=before).map(|_| tree(strategy, &mut runner)).last();
        // What was found counts, even if it could not be made smaller.
        let Some(Ok(failing)) = again else { return violation };
        self.shrinking.set(true);
        let smallest = self.smallest(failing, violation, question).await;
        self.shrinking.set(false);
        smallest
    }

    /// The violation of the smallest value that still fails, within the limits.
    async fn smallest<T>(
        &self,
        mut tree: impl ValueTree<Value = T>,
        mut violation: Stop,
        question: &impl AsyncFn(T) -> Result<(), Stop>,
    ) -> Stop {
        let started = Instant::now();
        if !tree.simplify() {
            return violation;
        }
        for _ in 0..SHRINKS_MAX {
            if started.elapsed() > SHRINKING_MAX {
                break;
            }
            self.trace.forget();
            // After a pass the tree must step back towards the failure, else onwards.
            match question(tree.current()).await {
                Err(found @ Stop::Violation(_)) => {
                    violation = found;
                    if !tree.simplify() {
                        break;
                    }
                }
                Ok(()) | Err(Stop::Inconclusive(_)) if tree.complicate() => (),
                _ => break,
            }
        }
        violation
    }

    /// A source of choices that depends on the seed and the check alone.
    pub(crate) fn test_runner(&self) -> TestRunner {
        let mut seed = [0; 32];
        for (half, place) in seed.chunks_mut(16).zip(0_u8..) {
            let digest = Sha1::new()
                .chain_update(self.seed.to_le_bytes())
                .chain_update([place])
                .chain_update(self.check().id)
                .finalize();
            half.copy_from_slice(&digest[..16]);
        }
        let config = Config { failure_persistence: None, ..Config::default() };
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
    }
}
