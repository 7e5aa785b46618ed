//! What happened while a check asked: the last deliveries, looks and restarts, kept as evidence.
//!
//! A session keeps the last few of its steps. Where a clause is broken they go into the report, so that
//! a reader sees what was sent and what came back, and a replay can say which step has changed.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{
    answer::Reply,
    request::{Framing, Request},
    wire::Fault,
};

/// Steps that are kept of one question; older ones are forgotten.
pub const STEPS_MAX: usize = 24;

/// Bytes that are kept of a body.
pub const BODY_BYTES_MAX: usize = 16 * 1024;

/// Something that was done, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Step {
    /// A request was sent.
    Delivery(Delivery),
    /// The effects were read.
    Look {
        /// Milliseconds since the check began.
        at_ms: u64,
        /// Whose effects.
        user: String,
        /// What the view showed, in words.
        shown: String,
    },
    /// The listener's process was killed, stopped or started.
    Process {
        /// Milliseconds since the check began.
        at_ms: u64,
        /// What was done to it.
        did: String,
    },
}

/// A request, and the answer or why there was none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Milliseconds since the check began.
    pub at_ms: u64,
    /// Milliseconds until the answer, or until it was given up.
    pub took_ms: u64,
    /// The place of the target among the run's targets.
    pub target: usize,
    /// The method.
    pub method: String,
    /// Headers besides `Host` and the framing, in their order and case.
    pub headers: Vec<(String, String)>,
    /// How the request was framed or cut on its way, where not in one piece under its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framing: Option<String>,
    /// The body as text; bytes that are no UTF-8 are written as replacement characters.
    pub body: String,
    /// The answer, where one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Why no answer came, where none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// An answer of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text, cut after [`BODY_BYTES_MAX`].
    pub body: String,
}

impl Step {
    /// Milliseconds from the beginning of the check to that of the step.
    pub fn began_ms(&self) -> u64 {
        match self {
            Self::Delivery(Delivery { at_ms, .. })
            | Self::Look { at_ms, .. }
            | Self::Process { at_ms, .. } => *at_ms,
        }
    }

    /// Milliseconds from the beginning of the check to the end of the step.
    pub fn ended_ms(&self) -> u64 {
        match self {
            Self::Delivery(delivery) => delivery.at_ms.saturating_add(delivery.took_ms),
            Self::Look { at_ms, .. } | Self::Process { at_ms, .. } => *at_ms,
        }
    }

    /// Changes every text of the step that the target or the user of the suite may have a part in.
    pub fn map_texts(&mut self, change: &impl Fn(&mut String)) {
        match self {
            Self::Delivery(delivery) => {
                delivery.headers.iter_mut().for_each(|(_, value)| change(value));
                change(&mut delivery.body);
                delivery.fault.iter_mut().for_each(change);
                if let Some(answer) = &mut delivery.answer {
                    answer.headers.iter_mut().for_each(|(_, value)| change(value));
                    change(&mut answer.body);
                }
            }
            Self::Look { user, shown, .. } => {
                change(user);
                change(shown);
            }
            Self::Process { did, .. } => change(did),
        }
    }
}

/// The last steps of one session.
#[derive(Debug)]
pub(crate) struct Trace {
    began: Instant,
    last_sent: Cell<Instant>,
    steps: RefCell<VecDeque<Recorded>>,
}

/// A step as it is recorded: cheap, as most are forgotten.
#[derive(Debug)]
enum Recorded {
    Sent { at: Duration, took: Duration, target: usize, what: Request, came: Result<Reply, Fault> },
    Done(Step),
}

impl Trace {
    /// Nothing happened yet.
    pub(crate) fn new() -> Self {
        Self::since(Instant::now())
    }

    /// Nothing happened yet, in a part of a check that began then.
    pub(crate) fn since(began: Instant) -> Self {
        Self { began, last_sent: Cell::new(began), steps: RefCell::default() }
    }

    /// Returns the moment at which the check began.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Returns the moment at which the last request ended, answered or not; that of the session's begin, if
    /// none did.
    pub(crate) fn last_sent(&self) -> Instant {
        self.last_sent.get()
    }

    /// Forgets what happened: a new question begins.
    pub(crate) fn forget(&self) {
        self.steps.borrow_mut().clear();
    }

    /// Keeps a request and what came of it.
    pub(crate) fn sent(
        &self,
        started: Instant,
        target: usize,
        what: &Request,
        came: &Result<Reply, Fault>,
    ) {
        let at = started.saturating_duration_since(self.began);
        let took = started.elapsed();
        self.last_sent.set(Instant::now());
        self.push(Recorded::Sent { at, took, target, what: what.clone(), came: came.clone() });
    }

    /// Keeps what the view of the effects showed.
    pub(crate) fn looked(&self, user: &str, shown: String) {
        let at_ms = millis(self.began.elapsed());
        self.push(Recorded::Done(Step::Look { at_ms, user: user.to_owned(), shown }));
    }

    /// Keeps what was done to the listener's process.
    pub(crate) fn did(&self, did: String) {
        let at_ms = millis(self.began.elapsed());
        self.push(Recorded::Done(Step::Process { at_ms, did }));
    }

    fn push(&self, step: Recorded) {
        let mut steps = self.steps.borrow_mut();
        if steps.len() >= STEPS_MAX {
            steps.pop_front();
        }
        steps.push_back(step);
    }

    /// What happened, in the order in which it ended.
    pub(crate) fn steps(&self) -> Vec<Step> {
        self.steps.borrow().iter().map(Recorded::step).collect()
    }
}

impl Recorded {
    fn step(&self) -> Step {
        match self {
            Self::Done(step) => step.clone(),
            Self::Sent { at, took, target, what, came } => Step::Delivery(Delivery {
                at_ms: millis(*at),
                took_ms: millis(*took),
                target: *target,
                method: what.method.to_owned(),
                headers: what.headers.clone(),
                framing: framing(&what.framing),
                body: text(&what.body),
                answer: came.as_ref().ok().map(|reply| Answer {
                    status: reply.status,
                    headers: reply.headers.clone(),
                    body: text(&reply.body),
                }),
                fault: came.as_ref().err().map(ToString::to_string),
            }),
        }
    }
}

fn framing(framing: &Framing) -> Option<String> {
    match framing {
        Framing::Whole => None,
        Framing::Cut(places) => Some(format!("in {} segments", places.len() + 1)),
        Framing::Chunked(sizes) => Some(format!("in chunks of {sizes:?} bytes")),
    }
}

fn text(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(BODY_BYTES_MAX)];
    let mut text = String::from_utf8_lossy(shown).into_owned();
    if shown.len() < bytes.len() {
        text.push('…');
    }
    text
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_steps_in_their_order() {
        let trace = Trace::new();
        for place in 0..STEPS_MAX + 2 {
            trace.looked("player-1001", place.to_string());
        }
        let steps = trace.steps();
        assert_eq!(steps.len(), STEPS_MAX);
        assert!(matches!(&steps[0], Step::Look { shown, .. } if shown == "2"));
        trace.forget();
        assert_eq!(trace.steps(), []);
    }

    #[test]
    fn keeps_the_beginning_of_a_large_body() {
        let body = text(&vec![b'x'; BODY_BYTES_MAX + 1]);
        assert_eq!(body.len(), BODY_BYTES_MAX + '…'.len_utf8());
    }
}
