//! What the listener counts, for whoever watches it.
//!
//! Everything is a fixed table of atomic integers: to count costs an addition, takes no lock and no
//! memory. Counters are read one after the other, so a text that is made under load may hold a request
//! in one table and not yet in the next; none ever goes down.

mod text;

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use hookproof_contract::NotificationType;

pub(crate) use self::text::{Gauges, render};

/// Bounds of the latency's buckets, in nanoseconds: from a tenth of a millisecond to ten seconds.
const LATENCY: [u64; 14] = [
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    1_000_000_000,
    2_500_000_000,
    10_000_000_000,
];

/// Bounds of the batches' buckets, in events.
const BATCH: [u64; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/// What a request turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its body did not get as far as to say it, or was not believed.
    Unproven,
    /// A type of the contract.
    Known(NotificationType),
    /// A type that the contract does not list.
    Unknown,
    /// The Web Shop's question, which has no type.
    WebShop,
}

impl Kind {
    const COUNT: usize = NotificationType::ALL.len() + 3;

    fn index(self) -> usize {
        match self {
            Self::Unproven => 0,
            Self::Unknown => 1,
            Self::WebShop => 2,
            Self::Known(kind) => 3 + kind as usize,
        }
    }

    /// Its label.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unproven => "none",
            Self::Unknown => "unknown",
            Self::WebShop => "web_shop",
            Self::Known(kind) => kind.as_str(),
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        let odd = [Self::Unproven, Self::Unknown, Self::WebShop];
        odd.into_iter().chain(NotificationType::ALL.map(Self::Known))
    }
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was new, and its effect is durable.
    Applied,
    /// It had been recorded before.
    Repeat,
    /// It asked something, and was told.
    Answered,
    /// It was taken, and has no effect here.
    Ignored,
    /// It was at fault: 4xx.
    Refused,
    /// We were: 5xx.
    Failed,
}

impl Verdict {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Applied, "applied"),
        (Self::Repeat, "repeat"),
        (Self::Answered, "answered"),
        (Self::Ignored, "ignored"),
        (Self::Refused, "refused"),
        (Self::Failed, "failed"),
    ];
}

/// Why a request was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Address,
    Signature,
    Malformed,
    UnknownUser,
    NotSold,
    Amount,
    Invoice,
    Quantity,
    BodyTooLarge,
    BodyTooSlow,
    BodyBroken,
    Game,
    QueueFull,
    Database,
}

impl Reason {
    const ALL: [(Self, &'static str); 14] = [
        (Self::Address, "address"),
        (Self::Signature, "signature"),
        (Self::Malformed, "malformed"),
        (Self::UnknownUser, "unknown_user"),
        (Self::NotSold, "not_sold"),
        (Self::Amount, "wrong_amount"),
        (Self::Invoice, "unknown_invoice"),
        (Self::Quantity, "quantity"),
        (Self::BodyTooLarge, "body_too_large"),
        (Self::BodyTooSlow, "body_too_slow"),
        (Self::BodyBroken, "body_broken"),
        (Self::Game, "game_unavailable"),
        (Self::QueueFull, "queue_full"),
        (Self::Database, "database"),
    ];
}

/// Why the listener itself ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// It said nothing for too long.
    Idle,
    /// The head of a request did not arrive in time.
    SlowHead,
    /// All connections were taken, and this one had kept the others waiting the longest.
    Crowded,
    /// Its address has as many as it may.
    PerAddress,
    /// It was unfinished when the time for an orderly end was over.
    Shutdown,
}

impl Closed {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Idle, "idle"),
        (Self::SlowHead, "slow_head"),
        (Self::Crowded, "crowded"),
        (Self::PerAddress, "per_address"),
        (Self::Shutdown, "shutdown"),
    ];
}

/// All that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    requests: [[AtomicU64; Verdict::ALL.len()]; Kind::COUNT],
    refused: [AtomicU64; Reason::ALL.len()],
    /// Time of a webhook from the end of its head to its answer.
    pub(crate) latency: Histogram<{ LATENCY.len() }>,
    /// Events of a transaction of the writer.
    pub(crate) batch: Histogram<{ BATCH.len() }>,
    /// Time of such a transaction.
    pub(crate) commit: Histogram<{ LATENCY.len() }>,
    /// Transactions that failed as a whole.
    pub(crate) commits_failed: AtomicU64,
    /// Connections that were accepted.
    pub(crate) accepted: AtomicU64,
    /// Connections that are open.
    pub(crate) open: AtomicU64,
    /// Entries of the outbox that wait.
    pub(crate) outbox: AtomicU64,
    closed: [AtomicU64; Closed::ALL.len()],
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            requests: std::array::from_fn(|_| zeros()),
            refused: zeros(),
            latency: Histogram::new(&LATENCY),
            batch: Histogram::new(&BATCH),
            commit: Histogram::new(&LATENCY),
            commits_failed: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            open: AtomicU64::new(0),
            outbox: AtomicU64::new(0),
            closed: zeros(),
        }
    }

    /// Counts a webhook that has its answer.
    pub(crate) fn request(&self, kind: Kind, verdict: Verdict, took: Duration) {
        self.requests[kind.index()][verdict as usize].fetch_add(1, Relaxed);
        self.latency.add(nanoseconds(took));
    }

    /// Counts why one was not accepted.
    pub(crate) fn refused(&self, reason: Reason) {
        self.refused[reason as usize].fetch_add(1, Relaxed);
    }

    /// Counts a connection that was ended from here.
    pub(crate) fn closed(&self, why: Closed) {
        self.closed[why as usize].fetch_add(1, Relaxed);
    }

    /// Counts a transaction of the writer.
    pub(crate) fn commit(&self, events: usize, took: Duration, failed: bool) {
        self.batch.add(events as u64);
        self.commit.add(nanoseconds(took));
        self.commits_failed.fetch_add(u64::from(failed), Relaxed);
    }
}

fn zeros<const N: usize>() -> [AtomicU64; N] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// How many values were at most so large.
#[derive(Debug)]
pub(crate) struct Histogram<const N: usize> {
    bounds: &'static [u64; N],
    counts: [AtomicU64; N],
    /// Those above the last bound.
    above: AtomicU64,
    sum: AtomicU64,
}

impl<const N: usize> Histogram<N> {
    fn new(bounds: &'static [u64; N]) -> Self {
        Self { bounds, counts: zeros(), above: AtomicU64::new(0), sum: AtomicU64::new(0) }
    }

    fn add(&self, value: u64) {
        let bucket = self.bounds.iter().position(|bound| value <= *bound);
        bucket.map_or(&self.above, |bucket| &self.counts[bucket]).fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_where_it_is_counted() {
        let places: Vec<usize> = Kind::all().map(Kind::index).collect();
        assert_eq!(places, (0..Kind::COUNT).collect::<Vec<_>>());
        let in_order = |places: Vec<usize>| assert!(places.iter().copied().eq(0..places.len()));
        in_order(Verdict::ALL.iter().map(|(verdict, _)| *verdict as usize).collect());
        in_order(Reason::ALL.iter().map(|(reason, _)| *reason as usize).collect());
        in_order(Closed::ALL.iter().map(|(closed, _)| *closed as usize).collect());
    }

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = Histogram::new(&[1, 2]);
        for value in [1, 2, 2, 3] {
            histogram.add(value);
        }
        let counts = histogram.counts.each_ref().map(|count| count.load(Relaxed));
        assert_eq!((counts, histogram.above.load(Relaxed)), ([1, 2], 1));
        assert_eq!(histogram.sum.load(Relaxed), 8);
    }
}
