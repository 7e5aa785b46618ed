//! Wrong listeners: what a crash or a stop in the wrong moment leaves behind.

use super::super::{Asks, Fault, Level, Severity, Verdict};
use crate::{
    behaviour::Behaviour,
    process::{
        Habit, Left, Persist,
        Step::{Answer, Apply, HoldBack, Pause, Write},
        What::{Begun, Both, Effects, Key, KeyAndHalf, Rest},
    },
};

/// The wrong listeners of this kind.
pub(in crate::faults) static CUT_SHORT: &[Fault] = &[
    Fault {
        slug: "answers-before-it-writes",
        completes: "answers first and writes down what it accepted a moment later",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-kill-after-answer"],
        cause: Some("ack-before-durable"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(const { &Persist::by(&[Apply(Both), Answer, Pause, Write(Both)]) })
        },
    },
    Fault {
        slug: "write-behind",
        completes: "holds back what it accepted until there are eight lines to write",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &[
            "idempotency-survives-kill-after-answer",
            "idempotency-survives-kill-under-load",
        ],
        cause: Some("ack-before-durable"),
        asks: Asks::STORE,
        behaviour: || Behaviour::keeping(const { &Persist::by(&[HoldBack(Both), Apply(Both)]) }),
    },
    Fault {
        slug: "effects-before-key",
        completes: "writes the effects first and the key a moment later, so that a crash in between grants twice",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-kill-before-answer"],
        cause: Some("effect-and-record-apart"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const { &Persist::by(&[Write(Effects), Pause, Write(Key), Apply(Both)]) },
            )
        },
    },
    Fault {
        slug: "key-before-effects",
        completes: "writes the key first and the effects a moment later, so that a crash in between grants nothing",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-kill-before-answer"],
        cause: Some("effect-and-record-apart"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const { &Persist::by(&[Write(Key), Pause, Write(Effects), Apply(Both)]) },
            )
        },
    },
    Fault {
        slug: "grants-in-parts",
        completes: "grants a quantity in several writes, so that a crash in between leaves a part",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-kill-before-answer"],
        cause: Some("effect-and-record-apart"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const { &Persist::by(&[Write(KeyAndHalf), Pause, Write(Rest), Apply(Both)]) },
            )
        },
    },
    Fault {
        slug: "in-progress-for-ever",
        completes: "refuses for ever what a process that crashed was working on",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-kill-before-answer"],
        cause: Some("stuck-in-progress"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const {
                    &Persist {
                        left: Left::Refuse,
                        ..Persist::by(&[Write(Begun), Pause, Write(Both), Apply(Both)])
                    }
                },
            )
        },
    },
    Fault {
        slug: "in-progress-taken-for-done",
        completes: "acknowledges without effect what a process that crashed was working on",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-kill-before-answer"],
        cause: Some("stuck-in-progress"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const {
                    &Persist {
                        left: Left::Acknowledge,
                        ..Persist::by(&[Write(Begun), Pause, Write(Both), Apply(Both)])
                    }
                },
            )
        },
    },
    Fault {
        slug: "open-after-a-stall",
        completes: "lets repeats through for a while after its process stood still",
        severity: Severity::Money,
        level: Level::Spawn,
        verdict: Verdict::Fail,
        caught_by: &["idempotency-survives-stop"],
        cause: Some("dedupe-fails-open"),
        asks: Asks::STORE,
        behaviour: || {
            Behaviour::keeping(
                const {
                    &Persist {
                        habit: Some(Habit::OpenAfterStall),
                        ..Persist::by(&[Write(Both), Apply(Both)])
                    }
                },
            )
        },
    },
];
