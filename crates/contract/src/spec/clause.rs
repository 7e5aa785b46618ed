//! The clauses, one file a topic: `spec/clauses/*.toml`.

use serde::Deserialize;

use super::words::words;

/// A sentence of the contract that somebody can break.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Permanent, and never given to another clause.
    pub id: String,
    /// The topic of its file.
    #[serde(skip)]
    pub topic: String,
    /// How binding it is.
    pub level: Level,
    /// Whom it binds.
    pub on: Side,
    /// The sentence.
    pub text: String,
    /// What goes wrong otherwise.
    pub why: String,
    /// Citations: `key` or `key#anchor` of `spec/sources.toml`.
    pub sources: Vec<String>,
    /// Whether the sources agree.
    pub status: Status,
    /// Who says what; there if and only if the clause is disputed.
    pub dispute: Option<String>,
    /// The entry of `spec/contradictions.toml` that decides; there if and only if disputed.
    pub contradiction: Option<String>,
    /// What it takes to see the clause broken.
    pub evidence: Evidence,
    /// Why it cannot be tested; there if and only if the evidence says so.
    pub reason: Option<String>,
    /// Why no check judges a listener by it, although it binds listeners and could be tested.
    pub unchecked: Option<String>,
}

impl Clause {
    /// Whether a listener can be held to it (it is on listeners or on both, and not withdrawn).
    pub fn binds_listeners(&self) -> bool {
        self.status != Status::Withdrawn && matches!(self.on, Side::Listener | Side::Both)
    }

    /// Whether a sender can be held to it.
    pub fn binds_senders(&self) -> bool {
        self.status != Status::Withdrawn && matches!(self.on, Side::Sender | Side::Both)
    }
}

words! {
    /// How binding a clause is. The strictest comes first, so `min` finds it.
    pub enum Level {
        /// Breaking it makes a listener nonconformant.
        Must = "must",
        /// Breaking it is reported as a warning, and fails a strict run.
        Should = "should",
        /// Both ways are right; it is said so that no check punishes either.
        May = "may",
    }
}

words! {
    /// Whom a clause binds.
    pub enum Side {
        /// Who receives webhooks.
        Listener = "listener",
        /// Who sends them: Xsolla, and here the sandbox and the suite.
        Sender = "sender",
        /// Both.
        Both = "both",
    }
}

words! {
    /// Whether the sources agree on a clause.
    pub enum Status {
        /// They do, or nobody contradicts.
        Settled = "settled",
        /// They do not; a contradiction says which side is taken.
        Disputed = "disputed",
        /// The clause holds no more. Its id stays taken.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What it takes to see a clause broken.
    pub enum Evidence {
        /// The address and the secret: answers alone show it.
        Wire = "wire",
        /// A view of the effects in the game.
        Probe = "probe",
        /// Control over the listener's process.
        Spawn = "spawn",
        /// Many trials: a race that is not lost every time.
        Stochastic = "stochastic",
        /// Nothing that could be done from outside.
        Untestable = "untestable",
    }
}

/// What a file of clauses is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// The word for it: the file's name, and the check file's.
    pub name: String,
    /// What its ids begin with.
    pub prefix: String,
    /// One line on what stands in it.
    pub about: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClauseFile {
    pub(super) topic: String,
    pub(super) prefix: String,
    pub(super) about: String,
    pub(super) clause: Vec<Clause>,
}
