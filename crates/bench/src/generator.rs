//! The load generator: closed loops, and arrivals that do not wait for anybody.
//!
//! It runs on one thread, since the machine's other core belongs to the target.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use hdrhistogram::Histogram;
use tokio::{runtime::Runtime, sync::Semaphore, task::JoinSet};

use crate::{connection::Connection, pool::Pool};

/// The longest latency that is told from longer ones.
const LATENCY_MAX_NS: u64 = 60_000_000_000;

/// Decimal digits of a latency.
const LATENCY_DIGITS: u8 = 3;

/// Who asks when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// Each connection asks again when it was answered.
    Closed,
    /// So many arrivals in a second, at fixed times; latency counts from the time of arrival.
    Open(u32),
}

/// What one stretch of load measured.
pub(crate) struct Stretch {
    /// Requests that were answered, all of them as expected.
    pub(crate) answered: usize,
    /// From the first request to the last answer.
    pub(crate) time: Duration,
    /// Nanoseconds.
    pub(crate) latencies: Histogram<u64>,
}

/// A number of connections to one target, and how far its pool is used up.
pub(crate) struct Generator {
    runtime: Runtime,
    connections: Vec<Connection>,
    pool: Arc<Pool>,
    used: usize,
}

struct Shared {
    pool: Arc<Pool>,
    next: AtomicUsize,
    end: usize,
    latencies: Mutex<Histogram<u64>>,
}

impl Shared {
    /// The next request's number, while there is one.
    fn take(&self) -> Option<usize> {
        let taken = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
            (next < self.end).then_some(next + 1)
        });
        taken.ok()
    }

    async fn ask(
        &self,
        connection: &mut Connection,
        index: usize,
        from: Instant,
    ) -> anyhow::Result<()> {
        let (request, expected) = self.pool.get(index).context("the pool has ended")?;
        connection.ask(request, expected).await?;
        let latency = u64::try_from(from.elapsed().as_nanos()).unwrap_or(LATENCY_MAX_NS);
        let mut latencies = self.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        latencies.saturating_record(latency);
        Ok(())
    }
}

impl Generator {
    /// Connects.
    pub(crate) fn new(port: u16, connections: usize, pool: Arc<Pool>) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let connections = runtime.block_on(async {
            let mut open = Vec::with_capacity(connections);
            for _ in 0..connections {
                open.push(Connection::open(port).await?);
            }
            anyhow::Ok(open)
        })?;
        Ok(Self { runtime, connections, pool, used: 0 })
    }

    /// Requests of the pool that were sent, and answered.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Sends each request once, if they are to go round later.
    pub(crate) fn send_round(&mut self) -> anyhow::Result<()> {
        if self.pool.wraps() {
            self.run(Pace::Closed, self.pool.len(), None)?;
        }
        Ok(())
    }

    /// Sends for so long, or until the pool ends.
    pub(crate) fn run_for(&mut self, pace: Pace, time: Duration) -> anyhow::Result<Stretch> {
        let left = if self.pool.wraps() { usize::MAX / 2 } else { self.pool.len() - self.used };
        self.run(pace, left, Some(time))
    }

    fn run(&mut self, pace: Pace, most: usize, time: Option<Duration>) -> anyhow::Result<Stretch> {
        let latencies = Histogram::new_with_max(LATENCY_MAX_NS, LATENCY_DIGITS)?;
        let shared = Arc::new(Shared {
            pool: Arc::clone(&self.pool),
            next: AtomicUsize::new(self.used),
            end: self.used + most,
            latencies: Mutex::new(latencies),
        });
        let connections = std::mem::take(&mut self.connections);
        let takers = connections.len();
        let start = Instant::now();
        let finished = self.runtime.block_on(async {
            let mut tasks = JoinSet::new();
            let arrivals = match (pace, time) {
                (Pace::Open(rate), Some(time)) => {
                    Some(Arrivals::start(rate, start, time, most, takers))
                }
                _ => None,
            };
            for connection in connections {
                let shared = Arc::clone(&shared);
                let arrivals = arrivals.as_ref().map(Arc::clone);
                match arrivals {
                    None => tasks.spawn(closed(shared, connection, time.map(|time| start + time))),
                    Some(arrivals) => tasks.spawn(open(shared, connection, arrivals)),
                };
            }
            let mut back = Vec::new();
            while let Some(task) = tasks.join_next().await {
                back.push(task.context("a connection's task died")??);
            }
            anyhow::Ok(back)
        });
        self.connections = finished?;
        let time = start.elapsed();
        let answered = shared.next.load(Ordering::Relaxed) - self.used;
        self.used += answered;
        let latencies = shared.latencies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Stretch { answered, time, latencies })
    }
}

/// Asks again and again.
async fn closed(
    shared: Arc<Shared>,
    mut connection: Connection,
    until: Option<Instant>,
) -> anyhow::Result<Connection> {
    loop {
        let now = Instant::now();
        if until.is_some_and(|until| now >= until) {
            return Ok(connection);
        }
        let Some(index) = shared.take() else { return Ok(connection) };
        shared.ask(&mut connection, index, now).await?;
    }
}

/// Arrivals that have come and that nobody has taken yet.
struct Arrivals {
    waiting: Semaphore,
    taken: AtomicUsize,
    /// How many there will have been, once that is known.
    all: AtomicUsize,
    start: Instant,
    rate: u32,
}

impl Arrivals {
    /// Starts a thread that lets them come: the runtime's own clock is no finer than a millisecond.
    fn start(rate: u32, start: Instant, time: Duration, most: usize, takers: usize) -> Arc<Self> {
        let arrivals = Arc::new(Self {
            waiting: Semaphore::new(0),
            taken: AtomicUsize::new(0),
            all: AtomicUsize::new(usize::MAX),
            start,
            rate,
        });
        let clock = Arc::clone(&arrivals);
        thread::spawn(move || {
            let mut come = 0;
            while come < most && clock.due(come) < start + time {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "an arrival is a time, not an event"
                )]
                thread::sleep(clock.due(come).saturating_duration_since(Instant::now()));
                clock.waiting.add_permits(1);
                come += 1;
            }
            clock.all.store(come, Ordering::Release);
            // One more for each taker, who finds out by it that there is no more.
            clock.waiting.add_permits(takers);
        });
        arrivals
    }

    fn due(&self, index: usize) -> Instant {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        self.start + Duration::from_secs_f64(f64::from(index) / f64::from(self.rate))
    }

    /// When the next arrival was due, once it has come; `None` when all have been taken.
    async fn take(&self) -> Option<Instant> {
        self.waiting.acquire().await.ok()?.forget();
        let index = self.taken.fetch_add(1, Ordering::Relaxed);
        (index < self.all.load(Ordering::Acquire)).then(|| self.due(index))
    }
}

/// Takes whatever arrival is next.
async fn open(
    shared: Arc<Shared>,
    mut connection: Connection,
    arrivals: Arc<Arrivals>,
) -> anyhow::Result<Connection> {
    while let Some(due) = arrivals.take().await {
        let Some(index) = shared.take() else { break };
        shared.ask(&mut connection, index, due).await?;
    }
    Ok(connection)
}
