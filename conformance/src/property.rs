//! Properties over a network: many generated questions, and the smallest one that is answered wrongly.
//!
//! The value tree is walked by hand. A test runner knows one kind of failure and would "shrink" a
//! refused connection; here everything but a broken clause ends the walk at once. Each question, each
//! step of making it smaller too, draws fresh ids from the session, or the target's own memory of
//! earlier deliveries would hide the failure.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use futures_util::future;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use sha1::{Digest, Sha1};

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

/// A value that is to be asked about.
struct Drawn<T: ValueTree> {
    tree: T,
    value: T::Value,
    /// What the session notes of the question.
    digest: String,
}

impl<T: ValueTree> Drawn<T>
where
    T::Value: Debug,
{
    fn new(strategy: &impl Strategy<Tree = T>, runner: &mut TestRunner) -> Result<Self, Stop> {
        let tree = strategy
            .new_tree(runner)
            .map_err(|reason| Stop::Broken(format!("no value could be generated: {reason}")))?;
        let value = tree.current();
        let digest = digest(&value);
        Ok(Self { tree, value, digest })
    }
}

impl Session<'_> {
    /// Asks the question of generated values; a violation is that of the smallest value found.
    pub async fn for_all<T, S>(
        &self,
        strategy: &S,
        question: impl AsyncFn(T) -> Result<(), Stop>,
    ) -> Result<(), Stop>
    where
        T: Debug,
        S: Strategy<Value = T>,
    {
        let mut runner = self.test_runner();
        let started = Instant::now();
        let mut untold = None;
        let mut next = Drawn::new(strategy, &mut runner)?;
        for _ in 0..self.cases_per_property {
            if started.elapsed() > PROPERTY_MAX {
                break;
            }
            let Drawn { tree, value, digest } = next;
            self.trace.forget();
            self.asks(digest);
            // While the target works on its answer, the next value is drawn.
            let drawing = async { Drawn::new(strategy, &mut runner) };
            let (answer, drawn) = future::join(question(value), drawing).await;
            match answer {
                Ok(()) => (),
                Err(Stop::Violation(found)) => {
                    self.shrinking.set(true);
                    let smallest = self.smallest(tree, Stop::Violation(found), &question).await;
                    self.shrinking.set(false);
                    return Err(smallest);
                }
                // Another case may tell: each stands beside its own twin.
                Err(Stop::Inconclusive(reason)) => {
                    untold.get_or_insert(reason);
                }
                Err(stop) => return Err(stop),
            }
            next = drawn?;
        }
        untold.map_or(Ok(()), |reason| Err(Stop::Inconclusive(reason)))
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
