//! One run of the suite, and what it says of each test.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use hookproof_conformance::{
    Options, Report, RunError,
    report::{CheckStatus, human},
    select::{SelectError, select},
    watch::Silent,
};
use libtest_mimic::Completion;
use tokio::runtime;

use crate::{Failure, SEED};

/// Threads of the listener's own runtime.
const LISTENER_THREADS: usize = 4;

/// Why nothing could be asked.
#[derive(Debug, thiserror::Error)]
enum NotAsked {
    /// A runtime could not be made.
    #[error("cannot start a runtime: {0}")]
    Runtime(#[from] std::io::Error),
    /// The project's own code failed.
    #[error("cannot start the listener: {0}")]
    Prepare(Failure),
    /// The options select nothing.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// The suite could not ask.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The suite itself failed.
    #[error("the suite panicked")]
    Panic,
}

/// How a test ended that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Passed,
    /// With the reason.
    Ignored(String),
}

impl From<Ending> for Completion {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Passed => Self::Completed,
            Ending::Ignored(reason) => Self::ignored_with(reason),
        }
    }
}

/// How the run ended. There is no report where the options leave out all that was selected.
pub(crate) struct Outcome {
    result: Result<Option<Report>, NotAsked>,
    /// Whether the reason why nothing was asked has been told.
    told: AtomicBool,
}

impl Outcome {
    /// Starts the listener and asks it the selected checks.
    pub(crate) fn of<P>(selected: &[&str], prepare: P) -> Self
    where
        P: AsyncFnOnce() -> Result<Options, Failure>,
    {
        Self { result: ask(selected, prepare), told: AtomicBool::new(false) }
    }

    /// What the run says of one check, as the end of its test.
    pub(crate) fn verdict(&self, id: &str) -> Result<Ending, String> {
        match &self.result {
            Ok(Some(report)) => verdict(report, id),
            Ok(None) => Ok(Ending::Ignored("left out by the options".to_owned())),
            Err(_) if self.told.swap(true, Ordering::Relaxed) => {
                Err("could not be asked, for the same reason as the first one".to_owned())
            }
            Err(reason) => Err(reason.to_string()),
        }
    }
}

fn ask<P>(selected: &[&str], prepare: P) -> Result<Option<Report>, NotAsked>
where
    P: AsyncFnOnce() -> Result<Options, Failure>,
{
    let listener = runtime::Builder::new_multi_thread()
        .worker_threads(LISTENER_THREADS)
        .enable_all()
        .build()?;
    let mut options = listener.block_on(prepare()).map_err(NotAsked::Prepare)?;
    let own = select(&options.only, &options.skip)?;
    let wanted = own.iter().map(|check| check.id).filter(|id| selected.contains(id));
    options.only = wanted.map(str::to_owned).collect();
    let report = if options.only.is_empty() { None } else { Some(run(&options)?) };
    listener.shutdown_background();
    Ok(report)
}

/// The suite's future stays on one thread, and the caller's may belong to another runtime.
fn run(options: &Options) -> Result<Report, NotAsked> {
    let run = || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(runtime.block_on(hookproof_conformance::run(options, &Silent))?)
    };
    thread::scope(|scope| scope.spawn(run).join()).map_err(|_| NotAsked::Panic)?
}

fn verdict(report: &Report, id: &str) -> Result<Ending, String> {
    let Some(check) = report.checks.iter().find(|check| check.id == id) else {
        return Err("the report does not name it".to_owned());
    };
    let told = human::alone(report, id);
    let reason = check.actual.as_deref().unwrap_or_default();
    match check.status {
        CheckStatus::Warn if !report.options.strict => {
            say(&told);
            Ok(Ending::Passed)
        }
        CheckStatus::Pass => Ok(Ending::Passed),
        CheckStatus::Fail | CheckStatus::Warn => {
            let seed = report.options.seed;
            Err(format!("{told}\n  again     {SEED}={seed} cargo test -- --exact {id}"))
        }
        CheckStatus::Error => Err(format!("could not be asked: {reason}")),
        CheckStatus::Inconclusive | CheckStatus::NotObservable | CheckStatus::Skipped => {
            Ok(Ending::Ignored(reason.to_owned()))
        }
    }
}

#[expect(clippy::print_stderr, reason = "a test that passes has no other way to say something")]
fn say(text: &str) {
    eprintln!("\n{text}");
}
