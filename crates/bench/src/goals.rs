//! What the listener is to reach, as ratios: absolute figures move with the hour.

use serde::Serialize;

use crate::{
    plan::{Before, Cell, FEW, GOOD_DISK, MANY, STORAGE_ALONE, SYNCS_ALONE},
    pool::Load,
    results::Results,
    targets::{
        EXPRESS, FASTAPI, FASTIFY, FASTIFY_GROUPED, GO_GROUPED, LISTENER, NO_STORAGE,
        ONE_COMMIT_EACH,
    },
};

/// A goal, and what was measured of it.
#[derive(Debug, Serialize)]
pub(crate) struct Judged {
    pub(crate) goal: String,
    /// `None` if this run did not measure it.
    pub(crate) measured: Option<f64>,
    pub(crate) bound: Bound,
    pub(crate) met: Option<bool>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    fn holds(self, measured: f64) -> bool {
        match self {
            Self::AtLeast(bound) => measured >= bound,
            Self::AtMost(bound) => measured <= bound,
        }
    }
}

/// Compares what was measured with all goals.
pub(crate) fn judge(results: &Results) -> Vec<Judged> {
    let mut judged = Vec::new();
    let mut goal = |goal: &str, measured: Option<f64>, bound: Bound| {
        let met = measured.map(|measured| bound.holds(measured));
        judged.push(Judged { goal: goal.to_owned(), measured, bound, met });
    };
    durable_payments(results, &mut goal);
    latency_and_size(results, &mut goal);
    growth(results, &mut goal);
    judged
}

type Add<'a> = dyn FnMut(&str, Option<f64>, Bound) + 'a;

fn durable_payments(results: &Results, goal: &mut Add<'_>) {
    use Bound::{AtLeast, AtMost};
    let paid = |target, connections| Cell::new(target, Load::Payments, connections);
    let repeats = |target| Cell::new(target, Load::Repeats, 64);
    let to = |target| results.ratio(&paid(LISTENER, 64), &paid(target, 64));
    let syncs = paid(SYNCS_ALONE, 1);

    goal("payments, c=64: / no storage", to(NO_STORAGE), AtLeast(0.75));
    goal("payments, c=64: / one commit each", to(ONE_COMMIT_EACH), AtLeast(20.0));
    // Half of the callers ride on the commit under way, half on the next one.
    let shared = results.ratio(&paid(LISTENER, 16), &syncs).map(|ratio| ratio / 8.0);
    goal("payments, c=16: / (c/2 x sync rate)", shared, AtLeast(0.90));
    let single = results.ratio(&paid(LISTENER, 1), &paid(STORAGE_ALONE, 1));
    goal("payments, c=1: / single commits", single, AtLeast(0.90));
    let repeated = results.ratio(&repeats(LISTENER), &repeats(NO_STORAGE));
    goal("repeats, c=64: / no storage", repeated, AtLeast(0.80));
    let synced = results.median(&repeats(LISTENER), |sample| sample.syncs_per_request);
    goal("repeats, c=64: syncs per request", synced, AtMost(0.01));
    for peer in [EXPRESS, FASTIFY, FASTAPI] {
        goal(&format!("payments, c=64: / {peer}"), to(peer), AtLeast(20.0));
    }
    for peer in [FASTIFY_GROUPED, GO_GROUPED] {
        goal(&format!("payments, c=64: / {peer}"), to(peer), AtLeast(2.0));
    }
}

fn latency_and_size(results: &Results, goal: &mut Add<'_>) {
    use Bound::AtMost;
    let paid = |connections| Cell::new(LISTENER, Load::Payments, connections);
    let sync = results.median(&Cell::new(SYNCS_ALONE, Load::Payments, 1), |it| it.requests_per_s);
    let p99 = results.median(&paid(64), |sample| sample.p99_us);
    let in_syncs = p99.zip(sync).map(|(p99, rate)| p99 * rate / 1e6);
    goal("payments, c=64: p99 in syncs", in_syncs, AtMost(8.0));
    for (rate, most) in [(2_000, 1.2), (20_000, 3.0)] {
        let p99 = results.median(&paid(64).at(rate), |sample| sample.p99_us / 1000.0);
        goal(&format!("payments, {rate}/s: p99 in ms"), p99, AtMost(most));
    }
    for (connections, most) in [(64, 16.0), (256, 24.0)] {
        let peak = results.median(&paid(connections), |sample| sample.peak_mib);
        goal(&format!("payments, c={connections}: peak memory in MiB"), peak, AtMost(most));
    }
    // Of all its starts: those of one cell alone would say when its pages were last on the disk.
    let started = |cell: &Cell| {
        cell.target == LISTENER && cell.sync_micros == GOOD_DISK && cell.before == Before::Empty
    };
    let ready = results.median_of_all(started, |sample| sample.ready_ms);
    goal("start to ready in ms", ready, AtMost(15.0));
}

fn growth(results: &Results, goal: &mut Add<'_>) {
    let after = |before| Cell::new(LISTENER, Load::Payments, 64).after(before);
    let growing = results.ratio(&after(Before::Growing(MANY)), &after(Before::Growing(FEW)));
    goal("10^7 stored events / 10^4, growing ids", growing, Bound::AtLeast(0.90));
    let scattered = results.ratio(&after(Before::Scattered(MANY)), &after(Before::Scattered(FEW)));
    goal("10^7 stored events / 10^4, random ids", scattered, Bound::AtLeast(0.55));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{measure::Sample, plan};

    #[test]
    fn a_full_run_measures_every_goal() {
        let cells = plan::full().cells;
        let mut results = Results::new(&cells);
        results.add(cells.iter().map(|_| Sample { requests_per_s: 1.0, ..Sample::default() }));
        for judged in judge(&results) {
            assert!(judged.measured.is_some(), "{}", judged.goal);
        }
    }

    #[test]
    fn what_was_not_measured_is_neither_met_nor_missed() {
        for judged in judge(&Results::new(&[])) {
            assert_eq!((judged.measured, judged.met), (None, None), "{}", judged.goal);
        }
    }

    #[test]
    fn bounds_hold_at_their_edge() {
        assert!(Bound::AtLeast(0.9).holds(0.9) && !Bound::AtLeast(0.9).holds(0.89));
        assert!(Bound::AtMost(8.0).holds(8.0) && !Bound::AtMost(8.0).holds(8.1));
    }
}
