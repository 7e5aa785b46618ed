//! The listener through its wire: a real socket on a free port, a database in a temporary folder.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod answers;
mod effects;
mod opening;
mod payloads;
mod probe;
mod repeats;
mod serving;
mod signatures;
mod support;
