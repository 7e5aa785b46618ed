//! What is measured, in which order.

use std::{fmt, time::Duration};

use crate::{
    generator::Pace,
    pool::Load,
    targets::{
        EXPRESS, FASTAPI, FASTIFY, FASTIFY_GROUPED, GO_GROUPED, LISTENER, NO_STORAGE,
        ONE_COMMIT_EACH,
    },
};

/// The storage without a listener; its "connections" are the events of one transaction.
pub(crate) const STORAGE_ALONE: &str = "storage-alone";

/// The syncs of the disk model, by themselves.
pub(crate) const SYNCS_ALONE: &str = "syncs-alone";

/// A sync of the disk model, in microseconds: a good disk, and an ordinary one.
pub(crate) const GOOD_DISK: u32 = 200;
pub(crate) const ORDINARY_DISK: u32 = 1000;

/// Events that a database holds beforehand, where its growth is measured.
pub(crate) const FEW: i64 = 10_000;
pub(crate) const MANY: i64 = 10_000_000;

/// What a database holds before anything is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Before {
    /// Nothing.
    Empty,
    /// So many payments, and the new ones have greater numbers.
    Growing(i64),
    /// So many payments, and the new ones fall anywhere among them.
    Scattered(i64),
}

/// One measurement, of which each round takes a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    pub(crate) target: &'static str,
    pub(crate) load: Load,
    /// Zero for the storage alone: as many as the listener committed together in the same round.
    pub(crate) connections: usize,
    pub(crate) pace: Pace,
    pub(crate) sync_micros: u32,
    pub(crate) before: Before,
}

impl Cell {
    pub(crate) fn new(target: &'static str, load: Load, connections: usize) -> Self {
        let (pace, before) = (Pace::Closed, Before::Empty);
        Self { target, load, connections, pace, sync_micros: GOOD_DISK, before }
    }

    pub(crate) fn at(self, rate: u32) -> Self {
        Self { pace: Pace::Open(rate), ..self }
    }

    pub(crate) fn on(self, sync_micros: u32) -> Self {
        Self { sync_micros, ..self }
    }

    pub(crate) fn after(self, before: Before) -> Self {
        Self { before, ..self }
    }
}

/// What the cell asks, without its target.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.target == SYNCS_ALONE {
            return write!(f, "sync {} us", self.sync_micros);
        }
        write!(f, "{}", self.load.name())?;
        match (self.target, self.connections) {
            (STORAGE_ALONE, 0) => write!(f, ", the same batches")?,
            (STORAGE_ALONE, size) => write!(f, ", batches of {size}")?,
            (_, connections) => write!(f, ", c={connections}")?,
        }
        if let Pace::Open(rate) = self.pace {
            write!(f, ", {rate}/s")?;
        }
        if self.sync_micros != GOOD_DISK {
            write!(f, ", sync {} us", self.sync_micros)?;
        }
        match self.before {
            Before::Empty => Ok(()),
            Before::Growing(rows) => write!(f, ", after {rows} growing ids"),
            Before::Scattered(rows) => write!(f, ", after {rows} random ids"),
        }
    }
}

/// A whole run.
pub(crate) struct Plan {
    pub(crate) cells: Vec<Cell>,
    pub(crate) rounds: usize,
    /// Before the clock starts, in each cell.
    pub(crate) warm_up: Duration,
    /// While it runs.
    pub(crate) time: Duration,
}

/// About a minute: enough to see that all works, and how large the ratios are.
pub(crate) fn smoke() -> Plan {
    Plan {
        cells: core(),
        rounds: 3,
        warm_up: Duration::from_millis(200),
        time: Duration::from_millis(500),
    }
}

/// About ten minutes: for a judgement.
pub(crate) fn full() -> Plan {
    let mut cells = core();
    let grouped = [LISTENER, FASTIFY_GROUPED, GO_GROUPED];
    let mut add = |targets: &[&'static str], cell: &dyn Fn(&'static str) -> Cell| {
        cells.extend(targets.iter().map(|target| cell(target)));
    };
    add(&[LISTENER, NO_STORAGE], &|target| Cell::new(target, Load::Payments, 256));
    add(&[NO_STORAGE], &|target| Cell::new(target, Load::Payments, 1));
    add(&[NO_STORAGE, GO_GROUPED, FASTIFY_GROUPED], &|target| {
        Cell::new(target, Load::Payments, 16)
    });
    add(&[NO_STORAGE], &|target| Cell::new(target, Load::FullPayments, 64));
    add(&grouped, &|target| Cell::new(target, Load::FullPayments, 64));
    add(&[NO_STORAGE, ONE_COMMIT_EACH], &|target| Cell::new(target, Load::Orders, 64));
    add(&grouped, &|target| Cell::new(target, Load::Orders, 64));
    add(&[LISTENER, NO_STORAGE], &|target| Cell::new(target, Load::Questions, 64));
    add(&[NO_STORAGE], &|target| Cell::new(target, Load::WrongSignatures, 64));
    // Without storage, it is the machine's own delays that are seen.
    for rate in [2_000, 20_000] {
        add(&[NO_STORAGE, FASTIFY_GROUPED, GO_GROUPED], &|target| {
            Cell::new(target, Load::Payments, 64).at(rate)
        });
    }
    let ordinary = [LISTENER, ONE_COMMIT_EACH, GO_GROUPED];
    add(&[SYNCS_ALONE], &|target| Cell::new(target, Load::Payments, 1).on(ORDINARY_DISK));
    add(&ordinary, &|target| Cell::new(target, Load::Payments, 64).on(ORDINARY_DISK));
    for connections in [16, 256] {
        add(&[LISTENER], &|target| {
            Cell::new(target, Load::Payments, connections).on(ORDINARY_DISK)
        });
    }
    for rows in [FEW, MANY] {
        for before in [Before::Growing(rows), Before::Scattered(rows)] {
            add(&[LISTENER], &|target| Cell::new(target, Load::Payments, 64).after(before));
        }
    }
    Plan { cells, rounds: 5, warm_up: Duration::from_millis(300), time: Duration::from_secs(1) }
}

/// What the goals are about, but for growth and many connections.
fn core() -> Vec<Cell> {
    let mut cells = vec![Cell::new(SYNCS_ALONE, Load::Payments, 1)];
    // The storage alone follows the listener, whose batches it takes over.
    let at_64 = [
        LISTENER,
        NO_STORAGE,
        STORAGE_ALONE,
        FASTIFY_GROUPED,
        GO_GROUPED,
        ONE_COMMIT_EACH,
        EXPRESS,
        FASTIFY,
        FASTAPI,
    ];
    for target in at_64 {
        let connections = if target == STORAGE_ALONE { 0 } else { 64 };
        cells.push(Cell::new(target, Load::Payments, connections));
    }
    cells.push(Cell::new(LISTENER, Load::Payments, 16));
    cells.push(Cell::new(LISTENER, Load::Payments, 1));
    cells.push(Cell::new(STORAGE_ALONE, Load::Payments, 1));
    cells.push(Cell::new(LISTENER, Load::Repeats, 64));
    cells.push(Cell::new(NO_STORAGE, Load::Repeats, 64));
    cells.push(Cell::new(LISTENER, Load::Payments, 64).at(2_000));
    cells.push(Cell::new(LISTENER, Load::Payments, 64).at(20_000));
    cells.push(Cell::new(LISTENER, Load::Mixed, 64));
    cells.push(Cell::new(LISTENER, Load::WrongSignatures, 64));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_measured_twice() {
        for plan in [smoke(), full()] {
            for (index, cell) in plan.cells.iter().enumerate() {
                assert!(!plan.cells[..index].contains(cell), "{} {cell}", cell.target);
            }
        }
    }

    #[test]
    fn a_cell_says_what_it_asks() {
        let cell = Cell::new(LISTENER, Load::Payments, 64);
        assert_eq!(cell.to_string(), "payments, c=64");
        let cell = cell.at(2_000).on(ORDINARY_DISK).after(Before::Scattered(7));
        assert_eq!(cell.to_string(), "payments, c=64, 2000/s, sync 1000 us, after 7 random ids");
    }
}
