//! More than can be done, and those who never finish what they ask.

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream, runtime::Runtime, task::JoinSet, time};

use super::{Judged, disk::Disk};
use crate::{
    connection::{Connection, Reply},
    generator::{Generator, Pace},
    pool::{Ids, Load, Pool, payment, request},
    process::{Process, free_port},
    shim::{Counter, Shim},
    targets,
};

/// A slow disk and small batches bound what can be committed, so that the load generator can ask for
/// twice as much on the same two cores.
const SYNC_MICROS: u32 = 10_000;
const BATCH_MAX: &str = "32";

/// Fewer than connections, so that the queue is what is full.
const QUEUE_MAX: &str = "256";
const CONNECTIONS: usize = 800;

/// Connections that measure what can be sustained: two batches, one in the writer and one in the queue.
const SUSTAINED_CONNECTIONS: usize = 64;

const SUSTAINED_TIME: Duration = Duration::from_secs(3);

/// After the overload, a quarter of the sustainable rate is sent for so long, and must succeed after this.
const AFTER_TIME: Duration = Duration::from_secs(3);
const RECOVERY_MAX: Duration = Duration::from_secs(1);

/// Memory that an overload may take.
const MEMORY_MAX_KIB: u64 = 64 * 1024;

/// Those who send a byte in a second, and the others beside them.
const SLOW: usize = 1000;
/// Parts of the second in each of which as many of them send.
const SLOW_TURNS: u32 = 100;
const OTHERS: usize = 16;
const OTHERS_RATE: u32 = 1000;
const SLOW_TIME: Duration = Duration::from_secs(6);
const SLOW_ROUNDS: i64 = 3;

/// The others' p99 may be so many times as long beside the slow ones, or so much longer.
const SLOW_FACTOR: u64 = 2;
const SLOW_EXTRA_NS: u64 = 3_000_000;

fn start(disk: &Disk, flags: &[&str], sync_micros: u32) -> anyhow::Result<Process> {
    let port = free_port()?;
    let target = targets::listener()?;
    let db = disk.database();
    let mut command = target.command(port, Path::new(&db));
    command.args(flags).env("HOOKPROOF_LOG", "error");
    let counter = Counter::new(disk.beside())?;
    Shim::compile(disk.beside(), sync_micros)?.put_under(&mut command, &counter);
    Process::launch(target.name, command, port, counter, disk.beside())
}

/// What came of a stretch: answers by status, and the time of the last one that was no success.
#[derive(Debug, Default)]
struct Answers {
    statuses: BTreeMap<u16, usize>,
    without_later: usize,
    broken: usize,
    last_refusal: Option<Duration>,
}

impl Answers {
    fn add(&mut self, reply: Option<Reply>, at: Duration) {
        let Some(reply) = reply else {
            self.broken += 1;
            return;
        };
        *self.statuses.entry(reply.status).or_default() += 1;
        self.without_later += usize::from(reply.status == 503 && !reply.later);
        if reply.status != 204 {
            self.last_refusal = self.last_refusal.max(Some(at));
        }
    }

    fn join(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.without_later += other.without_later;
        self.broken += other.broken;
        self.last_refusal = self.last_refusal.max(other.last_refusal);
    }

    fn all(&self) -> usize {
        self.statuses.values().sum()
    }
}

/// Unique payments that arrive at fixed times, whatever the answers are.
struct Flood {
    port: u16,
    rate: f64,
    arrivals: usize,
    next: AtomicUsize,
    first_id: i64,
}

impl Flood {
    fn run(self, runtime: &Runtime, connections: usize) -> anyhow::Result<Answers> {
        let (flood, start) = (Arc::new(self), Instant::now());
        runtime.block_on(async {
            let (mut senders, mut answers) = (JoinSet::new(), Answers::default());
            for _ in 0..connections {
                senders.spawn(Arc::clone(&flood).send(start));
            }
            while let Some(sent) = senders.join_next().await {
                answers.join(sent??);
            }
            Ok(answers)
        })
    }

    async fn send(self: Arc<Self>, start: Instant) -> anyhow::Result<Answers> {
        let mut answers = Answers::default();
        let mut connection = Connection::open(self.port).await?;
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.arrivals {
                return Ok(answers);
            }
            let offset = u32::try_from(index)?;
            let due = start + Duration::from_secs_f64(f64::from(offset) / self.rate);
            time::sleep_until(due.into()).await;
            let body = payment(self.first_id + i64::from(offset));
            let reply = connection.try_ask(&request(&body, true)).await.ok();
            answers.add(reply, start.elapsed());
            if reply.is_none() {
                connection = Connection::open(self.port).await?;
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate and a time are positive, and their product is small"
)]
fn arrivals(rate: f64, time: Duration) -> usize {
    (rate * time.as_secs_f64()) as usize
}

/// Twice what can be sustained.
pub(super) fn flood(time: Duration) -> anyhow::Result<Judged> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let disk = Disk::plain()?;
    let flags = ["--queue-max", QUEUE_MAX, "--batch-max", BATCH_MAX];
    let process = start(&disk, &flags, SYNC_MICROS)?;
    let pool = Arc::new(Pool::new(Load::Payments, 100_000, Ids::From(1)));
    let mut generator = Generator::new(process.port, SUSTAINED_CONNECTIONS, pool)?;
    let sustained = generator.run_for(Pace::Closed, SUSTAINED_TIME)?;
    drop(generator);
    let rate = f64::from(u32::try_from(sustained.answered)?) / sustained.time.as_secs_f64();
    let before_kib = process.peak_kib()?;
    let port = process.port;
    let wave = |rate: f64, time, first_id| {
        let (arrivals, next) = (arrivals(rate, time), AtomicUsize::new(0));
        Flood { port, rate, arrivals, next, first_id }
    };
    let began = Instant::now();
    let during = wave(rate * 2.0, time, 1_000_000).run(&runtime, CONNECTIONS)?;
    let took = began.elapsed();
    let peak_kib = process.peak_kib()?;
    let after = wave(rate / 4.0, AFTER_TIME, 100_000_000).run(&runtime, OTHERS)?;
    let recovery = after.last_refusal.unwrap_or_default();
    let mut findings = Vec::new();
    let mut expect = |right: bool, what: &str| {
        if !right {
            findings.push(format!("{what}: during {during:?}, after {after:?}"));
        }
    };
    let known = |status: &u16| [204, 503].contains(status);
    expect(during.statuses.keys().all(known), "another answer than 204 and 503");
    expect(during.without_later + during.broken == 0, "503 without Retry-After, or no answer");
    expect(during.statuses.contains_key(&503), "it was no overload");
    expect(recovery <= RECOVERY_MAX, "it did not recover in time");
    expect(peak_kib <= MEMORY_MAX_KIB, "it took too much memory");
    let said = format!(
        "{rate:.0} payments/s can be sustained; {:.0}/s for {:.0} s: {:?}, VmHWM {} KiB before and {} KiB \
         after; last refusal {} ms after the end",
        f64::from(u32::try_from(during.all())?) / took.as_secs_f64(),
        took.as_secs_f64(),
        during.statuses,
        before_kib,
        peak_kib,
        recovery.as_millis()
    );
    let details = json!({
        "sustained_per_s": rate, "seconds": took.as_secs_f64(), "statuses": during.statuses,
        "before_kib": before_kib, "peak_kib": peak_kib, "recovery_ms": recovery.as_millis(),
        "findings": findings,
    });
    process.kill()?;
    Ok(Judged::of("overload", said, findings, details))
}

/// The same load without and beside connections that send a byte in a second, in turn.
pub(super) fn slow() -> anyhow::Result<Judged> {
    let disk = Disk::plain()?;
    let process = start(&disk, &[], 200)?;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let mut opened = 0;
    for round in 0..SLOW_ROUNDS {
        for (number, slow) in [(0, false), (1, true)] {
            let first = 1 + (round * 2 + number) * 1_000_000;
            let pool = Arc::new(Pool::new(Load::Payments, 20_000, Ids::From(first)));
            let mut generator = Generator::new(process.port, OTHERS, pool)?;
            let (port, end) = (process.port, Arc::new(AtomicBool::new(!slow)));
            let stop = Arc::clone(&end);
            let crowd = thread::spawn(move || drip(port, &stop));
            let stretch = generator.run_for(Pace::Open(OTHERS_RATE), SLOW_TIME)?;
            end.store(true, Ordering::Relaxed);
            let crowd = crowd.join().map_err(|_| anyhow::anyhow!("the slow ones panicked"))?;
            opened += crowd?;
            let p99 = stretch.latencies.value_at_quantile(0.99);
            if slow { beside.push(p99) } else { alone.push(p99) }
        }
    }
    let peak_kib = process.peak_kib()?;
    process.kill()?;
    alone.sort_unstable();
    beside.sort_unstable();
    let [alone, beside] = [&alone, &beside].map(|all| all[all.len() / 2]);
    let right = beside <= alone * SLOW_FACTOR || beside <= alone + SLOW_EXTRA_NS;
    let findings =
        if right { Vec::new() } else { vec!["the slow ones disturb the others".to_owned()] };
    let said = format!(
        "{SLOW} connections that send a byte a second ({opened} opened): p99 of the others at \
         {OTHERS_RATE}/s {} us, without them {} us (medians of {SLOW_ROUNDS}); VmHWM {peak_kib} KiB",
        beside / 1000,
        alone / 1000
    );
    let details = json!({
        "slow": SLOW, "opened": opened, "p99_ns": { "alone": alone, "beside": beside },
        "peak_kib": peak_kib, "findings": findings,
    });
    Ok(Judged::of("slow-clients", said, findings, details))
}

/// Keeps that many requests unfinished until it is told to end; how many connections that took.
///
/// They do not know of each other: their bytes are spread over the second. All at once, the sender
/// itself would take the processor from everybody for as long as it sends.
fn drip(port: u16, end: &AtomicBool) -> anyhow::Result<usize> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bytes = request(&payment(1), true);
    runtime.block_on(async {
        let (mut open, mut opened) = (VecDeque::with_capacity(SLOW), 0);
        let mut turns = time::interval(Duration::from_secs(1) / SLOW_TURNS);
        while !end.load(Ordering::Relaxed) {
            turns.tick().await;
            for _ in 0..SLOW / SLOW_TURNS as usize {
                let longest_waiting = if open.len() < SLOW { None } else { open.pop_front() };
                let (mut stream, at) = match longest_waiting {
                    Some(waiting) => waiting,
                    None => {
                        let stream = TcpStream::connect(("127.0.0.1", port)).await;
                        opened += 1;
                        (stream.context("a slow one cannot connect")?, 0)
                    }
                };
                if stream.write_all(&bytes[at..=at]).await.is_ok() {
                    // The listener closes them before they could come to the end of their heads.
                    open.push_back((stream, (at + 1) % 40));
                }
            }
        }
        Ok(opened)
    })
}
