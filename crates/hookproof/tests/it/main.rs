//! The program as its users meet it: the real binary, its exit codes, its words.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod bodies;
mod check;
mod commands;
mod docs;
mod generated;
mod listener;
mod program;
mod reference;
mod reports;
mod wrong;
