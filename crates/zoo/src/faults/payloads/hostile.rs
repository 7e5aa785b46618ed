//! Listeners that meet an exception where signed JSON is strange.

use crate::{
    behaviour::{Behaviour, Outcome},
    faults::{Asks, Fault, Level, Severity, Verdict},
    right,
    wire::{Answer, Delivery},
};

/// How the member that names the type begins.
const TYPE_MEMBER: &[u8] = b"\"notification_type\"";

/// The wrong listeners of this kind.
pub(in crate::faults) static HOSTILE: &[Fault] = &[
    Fault {
        slug: "long-numbers-crash",
        completes: "meets an exception where a number has thousands of digits",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-hostile"],
        cause: Some("exception-in-hostile-body"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |it, outcome| crash_if(has_long_number(it), it, outcome),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "lone-surrogates-crash",
        completes: "meets an exception where half a character is escaped",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-hostile"],
        cause: Some("exception-in-hostile-body"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |it, outcome| crash_if(has_half_a_character(it), it, outcome),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "nested-objects-crash",
        completes: "walks through objects within objects until its stack is full",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-hostile"],
        cause: Some("exception-in-hostile-body"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |it, outcome| crash_if(is_nested(it), it, outcome),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "doubled-members-crash",
        completes: "meets an exception where a member comes twice",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-hostile"],
        cause: Some("exception-in-hostile-body"),
        asks: Asks::STORE,
        behaviour: || Behaviour {
            render: |it, outcome| crash_if(says_its_type_twice(it), it, outcome),
            ..Behaviour::default()
        },
    },
];

/// The most digits that one of the listeners can hold.
const DIGITS_MAX: usize = 4300;

fn crash_if(met: bool, delivery: &Delivery, outcome: &Outcome) -> Answer {
    if met { Answer::empty(500) } else { right::render(delivery, outcome) }
}

fn has_long_number(delivery: &Delivery) -> bool {
    delivery.body.split(|byte| !byte.is_ascii_digit()).any(|digits| digits.len() > DIGITS_MAX)
}

fn holds(delivery: &Delivery, word: &str) -> bool {
    delivery.body.windows(word.len()).any(|bytes| bytes == word.as_bytes())
}

fn has_half_a_character(delivery: &Delivery) -> bool {
    holds(delivery, "\"\\ud800\"")
}

fn is_nested(delivery: &Delivery) -> bool {
    holds(delivery, &"{\"a\":".repeat(200))
}

fn says_its_type_twice(delivery: &Delivery) -> bool {
    let (mut depth, mut found) = (0_usize, 0_usize);
    for (at, byte) in delivery.body.iter().enumerate() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            // A combined order holds the type of its payment as well, one level deeper.
            b'"' if depth == 1 && delivery.body[at..].starts_with(TYPE_MEMBER) => found += 1,
            _ => (),
        }
    }
    found > 1
}
