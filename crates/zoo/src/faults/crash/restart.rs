//! Wrong listeners: what a restart loses, grants again or cannot read.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use super::super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::Behaviour,
    process::{
        Habit, Persist, Process,
        Step::{Apply, Write},
        Torn,
        What::{Both, Effects},
    },
};

/// The wrong listeners of this kind.
pub(in crate::faults) static RESTART: &[Fault] = &[
    Fault {
        slug: "memory-only-dedupe",
        completes: "keeps its effects in a file, and the keys of its events in memory",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-restart"],
        cause: Some("memory-only-dedupe"),
        asks: Asks::STORE,
        behaviour: || Behaviour::keeping(const { &Persist::by(&[Write(Effects), Apply(Both)]) }),
    },
    Fault {
        slug: "keeps-nothing",
        completes: "keeps everything in memory",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-kill-after-answer"],
        cause: Some("ack-before-durable"),
        asks: Asks::STORE,
        behaviour: || Behaviour::keeping(const { &Persist::by(&[Apply(Both)]) }),
    },
    Fault {
        slug: "keys-expire-on-restart",
        completes: "counts the life of a key from the start of its process, so that a restart ends all of them",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-restart"],
        cause: Some("memory-only-dedupe"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const { &Persist { restarted: |game| game.done.clear(), ..Persist::RIGHT } },
            )
        },
    },
    Fault {
        slug: "orders-in-memory",
        completes: "keeps in memory what it granted for an order, so that no cancellation finds it after a restart",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-cancel-after-restart"],
        cause: Some("orders-in-memory-only"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const { &Persist { restarted: |game| game.orders.clear(), ..Persist::RIGHT } },
            )
        },
    },
    Fault {
        slug: "queue-replayed",
        completes: "works off its queue of accepted events once more when it is started",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-restart"],
        cause: Some("lost-queue-replayed"),
        asks: Asks::STORE,
        behaviour: || Behaviour::keeping(const { &Persist::with(Habit::Requeues) }),
    },
    Fault {
        slug: "rows-numbered-from-one",
        completes: "numbers its rows from one in each process, and takes a number that is there for a repeat",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-kill-after-answer"],
        cause: Some("sequence-restarted"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const {
                    &Persist {
                        habit: Some(Habit::RowsFromOne),
                        ..Persist::by(&[Write(Both), Apply(Both)])
                    }
                },
            )
        },
    },
    Fault {
        slug: "stale-lock",
        completes: "leaves a lock file behind when it is killed, and does not start while there is one",
        severity: Severity::Robustness,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["answers-after-restart"],
        cause: Some("stale-lock-after-crash"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::living(
                const { &Process { start: take_lock, stop: give_lock_back, ..Process::RIGHT } },
            )
        },
    },
    Fault {
        slug: "torn-line",
        completes: "begins the next line of its journal ahead, and cannot read one that was only begun",
        severity: Severity::Robustness,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["answers-after-restart"],
        cause: Some("unreadable-after-crash"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(const { &Persist { torn: Torn::Refuse, ..Persist::RIGHT } })
        },
    },
    Fault {
        slug: "journal-to-be-closed",
        completes: "reads its journal only where it was closed in good order",
        severity: Severity::Robustness,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["answers-after-restart"],
        cause: Some("unreadable-after-crash"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::living(
                const { &Process { start: want_closed, stop: close, ..Process::RIGHT } },
            )
        },
    },
];

/// A file that is there while the listener runs.
const LOCK: &str = "lock";
/// A file that is there while the journal is closed.
const CLOSED: &str = "journal.closed";
/// A file that is there since the first start.
const USED: &str = "journal.used";

fn take_lock(folder: &Path) -> io::Result<()> {
    File::create_new(folder.join(LOCK)).map(drop)
}

fn give_lock_back(folder: &Path) -> io::Result<()> {
    fs::remove_file(folder.join(LOCK))
}

fn want_closed(folder: &Path) -> io::Result<()> {
    if File::create_new(folder.join(USED)).is_ok() {
        return Ok(());
    }
    fs::remove_file(folder.join(CLOSED))
}

fn close(folder: &Path) -> io::Result<()> {
    File::create_new(folder.join(CLOSED)).map(drop)
}
