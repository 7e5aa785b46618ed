//! Listeners that are odd as processes: in how they start, keep what they accept, and end.
//!
//! In memory none of them shows: they have to be run as a process.

use std::time::Duration;

use super::Odd;
use crate::{
    behaviour::Behaviour,
    faults::Asks,
    process::{
        Habit, Persist, Process,
        Step::{Answer, Apply, Pause, Write},
        What::{Applied, Both, Effects, Key},
    },
};

/// A moment that nobody minds.
const SHORT: Duration = Duration::from_millis(700);
/// A moment that people notice.
const LONG: Duration = Duration::from_millis(1_500);

/// The odd ones of this kind.
pub(super) static ODDS: &[Odd] = &[
    Odd {
        slug: "slow-start",
        completes: "needs a moment before anybody can connect",
        asks: Asks::STORE,
        behaviour: || Behaviour::living(const { &Process { binds_after: LONG, ..Process::RIGHT } }),
    },
    Odd {
        slug: "busy-until-ready",
        completes: "answers everything with 503 until it is ready",
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::living(const { &Process { busy_for: [SHORT; 2], ..Process::RIGHT } })
        },
    },
    Odd {
        slug: "busy-after-restart",
        completes: "answers everything with 503 for a while when it is started again",
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::living(
                const { &Process { busy_for: [Duration::ZERO, LONG], ..Process::RIGHT } },
            )
        },
    },
    Odd {
        slug: "queue-that-lasts",
        completes: "lets effects come after the answer, out of a queue that a crash does not touch",
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const {
                    &Persist {
                        habit: Some(Habit::Queues),
                        ..Persist::by(&[
                            Write(Both),
                            Apply(Key),
                            Answer,
                            Pause,
                            Apply(Effects),
                            Write(Applied),
                        ])
                    }
                },
            )
        },
    },
    Odd {
        slug: "child-of-a-shell",
        completes: "runs as the child of a shell",
        asks: Asks::STORE,
        behaviour: || Behaviour::living(const { &Process { wrapped: true, ..Process::RIGHT } }),
    },
    Odd {
        slug: "chatters",
        completes: "writes a lot to stdout and stderr",
        asks: Asks::STORE,
        behaviour: || Behaviour::living(const { &Process { chatters: true, ..Process::RIGHT } }),
    },
    Odd {
        slug: "slow-to-end",
        completes: "takes its time when it is asked to end",
        asks: Asks::STORE,
        behaviour: || Behaviour::living(const { &Process { ends_after: LONG, ..Process::RIGHT } }),
    },
    Odd {
        slug: "forgets-what-it-did-not-answer",
        completes: "keeps nothing of an event until the moment before it answers",
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(const { &Persist::by(&[Pause, Write(Both), Apply(Both)]) })
        },
    },
    Odd {
        slug: "finishes-what-it-began",
        completes: "finishes an event that a crash cut short when it is started again",
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(const { &Persist::by(&[Write(Both), Pause, Apply(Both)]) })
        },
    },
    Odd {
        slug: "old-repeats-200",
        completes: "answers a repeat of what an earlier process accepted with 200",
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::living(const { &Process { old_repeats_200: true, ..Process::RIGHT } })
        },
    },
];
