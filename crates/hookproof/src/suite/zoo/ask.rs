//! Asks the whole suite of every listener, many at a time, on every core.
//!
//! Each listener runs in memory on a port of its own, on the thread that asks it, or where it has to be
//! killed, as a process. What was seen with the probe is asked again without, so that the kill rates by
//! evidence level are measured, not declared.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow};
use futures_util::{StreamExt, stream};
use hookproof_conformance::{
    Options, Probe, Report, RunError,
    options::{SKUS, asks_web_shop, first_id_at, product, types_of},
    report::CheckStatus,
    run,
    spawn::Spawn,
    watch::Silent,
};
use hookproof_contract::Secret;
use hookproof_zoo::Level;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tempfile::TempDir;
use tokio::runtime;
use url::Url;

use super::inmate::Inmate;
use crate::{
    environment::Environment,
    interrupt::interrupted,
    suite::{cli::ZooArgs, port},
};

/// Listeners that are asked at the same time on each core: most of them wait most of the time.
const LISTENERS_PER_CORE: usize = 10;

/// Shorter than the suite's own: some listeners here never answer.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Values per property of listeners that are right: some are slow, and all are asked everything.
const CASES_OF_RIGHT_MAX: u32 = 6;

/// What became of one listener.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Who was asked.
    pub(super) inmate: Inmate,
    /// What the suite said, or why it said nothing.
    pub(super) said: Said,
    /// Checks that see the fault with the URL and the secret alone.
    pub(super) at_wire: Vec<String>,
    /// How long it took.
    pub(super) took: Duration,
}

/// What the suite said of a listener.
#[derive(Debug)]
pub(super) enum Said {
    /// It was asked.
    Found(Box<Report>),
    /// It could not be asked, for this reason.
    Refused(String),
}

/// Asks all of them; nothing where the program was told to stop.
pub(super) fn all(
    inmates: &[Inmate],
    args: &ZooArgs,
    environment: &Environment,
) -> anyhow::Result<Option<Vec<Outcome>>> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = args.jobs.map_or(cores * LISTENERS_PER_CORE, |jobs| {
        usize::try_from(jobs).unwrap_or(LISTENERS_PER_CORE)
    });
    let threads = cores.min(jobs);
    let questions = Questions {
        inmates,
        order: in_turn(inmates),
        next: AtomicUsize::new(0),
        first_id: first_id_at(environment.unix_millis),
        seed: args.seed,
        cases: args.cases,
        full: args.full,
        bar: bar(inmates.len()),
        outcomes: Mutex::default(),
    };
    let finished = thread::scope(|scope| {
        let asking: Vec<_> = (0..threads)
            .map(|place| {
                let width = jobs / threads + usize::from(place < jobs % threads);
                let questions = &questions;
                scope.spawn(move || questions.share(width))
            })
            .collect();
        asking
            .into_iter()
            .map(|thread| {
                thread.join().map_err(|_panic| anyhow!("a thread of the zoo panicked"))?
            })
            .collect::<anyhow::Result<Vec<bool>>>()
    })?;
    questions.bar.finish_and_clear();
    if finished.contains(&false) {
        return Ok(None);
    }
    let mut outcomes = questions.outcomes.into_inner().map_err(|_poison| anyhow!("poisoned"))?;
    outcomes.sort_by_key(|(place, _)| *place);
    Ok(Some(outcomes.into_iter().map(|(_, outcome)| outcome).collect()))
}

/// Whole milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn bar(length: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::stderr());
    // The template is ours, and right; a bar without one would do as well.
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// The places of the listeners in the order in which they are asked. Those who take longest come first:
/// whoever began last would hold up everybody.
fn in_turn(inmates: &[Inmate]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..inmates.len()).collect();
    order.sort_by_key(|place| inmates[*place].speed());
    order
}

/// What all threads share.
struct Questions<'all> {
    inmates: &'all [Inmate],
    order: Vec<usize>,
    next: AtomicUsize,
    first_id: u64,
    seed: u64,
    cases: u32,
    full: bool,
    bar: ProgressBar,
    outcomes: Mutex<Vec<(usize, Outcome)>>,
}

impl Questions<'_> {
    /// Asks whoever is next, so many at a time, until nobody is left. Gives whether it came that far.
    fn share(&self, width: usize) -> anyhow::Result<bool> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the runtime")?;
        let next = || {
            let place = *self.order.get(self.next.fetch_add(1, Ordering::Relaxed))?;
            self.inmates.get(place).map(|inmate| (place, *inmate))
        };
        let asking = stream::iter(std::iter::from_fn(next))
            .map(|(place, inmate)| async move {
                let outcome = self.outcome(place, inmate).await;
                self.bar.inc(1);
                self.bar.set_message(inmate.slug());
                if let Ok(mut outcomes) = self.outcomes.lock() {
                    outcomes.push((place, outcome));
                }
            })
            .buffer_unordered(width)
            .collect::<()>();
        Ok(runtime.block_on(async {
            tokio::select! {
                () = asking => true,
                () = interrupted() => false,
            }
        }))
    }

    async fn outcome(&self, place: usize, inmate: Inmate) -> Outcome {
        let started = Instant::now();
        let outcome = |said, at_wire| Outcome { inmate, said, at_wire, took: started.elapsed() };
        let only = if self.full { Vec::new() } else { inmate.sample(place) };
        let report = match self.ask(inmate, inmate.level(), only).await {
            Ok(report) => report,
            Err(reason) => return outcome(Said::Refused(reason), Vec::new()),
        };
        let at_wire = match inmate.level() {
            // It was asked with the URL and the secret alone: what was seen was seen with these.
            Level::Wire => convicting(inmate, &report),
            Level::Probe => self.at_wire(inmate, &report).await,
            Level::Spawn => Vec::new(),
        };
        outcome(Said::Found(Box::new(report)), at_wire)
    }

    /// Which of the checks that see the fault see it without the probe too.
    async fn at_wire(&self, inmate: Inmate, report: &Report) -> Vec<String> {
        let wanted = convicting(inmate, report);
        if wanted.is_empty() {
            return Vec::new();
        }
        match self.ask(inmate, Level::Wire, wanted).await {
            Ok(report) => convicting(inmate, &report),
            Err(_) => Vec::new(),
        }
    }

    /// Asks a listener of its own kind, started for this run alone, with what this level gives.
    async fn ask(&self, inmate: Inmate, level: Level, only: Vec<String>) -> Result<Report, String> {
        let asked = async {
            if level == Level::Spawn {
                let home = Home::of(inmate)?;
                return anyhow::Ok(run(&home.options(self, only)?, &Silent).await);
            }
            let served = hookproof_zoo::serve(inmate.behaviour()).await?;
            let targets = served.replica_urls.iter().map(|target| Url::parse(target));
            let mut options = self.options(inmate, targets.collect::<Result<_, _>>()?)?;
            options.probe = (level != Level::Wire).then(|| Probe::Url(served.probe_url.clone()));
            options.only = only;
            Ok(run(&options, &Silent).await)
        };
        match asked.await {
            Ok(Ok(report)) => Ok(report),
            Ok(Err(RunError::Target { reason, .. })) => Err(reason),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(format!("{error:#}")),
        }
    }

    /// What is asked of a listener that serves these.
    fn options(&self, inmate: Inmate, targets: Vec<Url>) -> anyhow::Result<Options> {
        let asks = inmate.asks();
        let products: Vec<_> = asks.products.iter().filter_map(|name| product(name)).collect();
        let cases = match inmate {
            Inmate::Wrong(_) | Inmate::Cell(_) => self.cases,
            Inmate::Odd(_) | Inmate::Right => self.cases.min(CASES_OF_RIGHT_MAX),
        };
        let first = targets.first().context("it listens nowhere")?.clone();
        let secret = Secret::new(hookproof_zoo::SECRET)?;
        Ok(Options {
            targets,
            modes: asks.modes.to_vec(),
            types: types_of(&products, asks.also, asks.modes),
            web_shop: asks_web_shop(&products),
            public_id: Some(hookproof_zoo::PUBLIC_ID.to_owned()),
            // So that a rejected order is no question of which items the game sells.
            skus: if matches!(inmate, Inmate::Cell(_)) {
                SKUS.map(str::to_owned).to_vec()
            } else {
                Vec::new()
            },
            cases,
            timeout: TIMEOUT,
            ..Options::new(first, secret, self.seed, self.first_id)
        })
    }
}

/// Where a listener lives that is run as a process: what it keeps, and its port.
struct Home {
    inmate: Inmate,
    folder: TempDir,
    port: u16,
}

impl Home {
    fn of(inmate: Inmate) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("hookproof-zoo-").tempdir()?;
        Ok(Self { inmate, folder, port: port::free()? })
    }

    fn options(&self, questions: &Questions<'_>, only: Vec<String>) -> anyhow::Result<Options> {
        let origin = format!("http://127.0.0.1:{}", self.port);
        let program = std::env::current_exe()?;
        // Neither path holds a quote: the one is the system's, the other was made here.
        let command = format!(
            "exec '{}' zoo-listener {} --listen 127.0.0.1:{} --state '{}'",
            program.display(),
            self.inmate.slug(),
            self.port,
            self.folder.path().display()
        );
        let webhook = Url::parse(&format!("{origin}/webhook"))?;
        Ok(Options {
            probe: Some(Probe::Url(format!("{origin}/probe/{{user}}"))),
            spawn: Some(Spawn::new(command)),
            only,
            ..questions.options(self.inmate, vec![webhook])?
        })
    }
}

/// The checks that say of a wrong listener what its fault deserves.
pub(super) fn convicting(inmate: Inmate, report: &Report) -> Vec<String> {
    let Some((verdict, _)) = inmate.convicted() else { return Vec::new() };
    let is_cell = matches!(inmate, Inmate::Cell(_));
    let convicts = |status| match verdict {
        hookproof_zoo::Verdict::Fail => status == CheckStatus::Fail,
        // A rule may be graver for some types than for others.
        hookproof_zoo::Verdict::Warn if is_cell => {
            matches!(status, CheckStatus::Fail | CheckStatus::Warn)
        }
        hookproof_zoo::Verdict::Warn => status == CheckStatus::Warn,
    };
    let caught = report.checks.iter().filter(|check| convicts(check.status));
    caught.map(|check| check.id.clone()).collect()
}
