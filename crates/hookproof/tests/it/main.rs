//! The program as its users meet it: the real binary, its exit codes, its words.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod bodies;
mod check;
mod commands;
mod docs;
mod generated;
mod listener;
mod memory;
mod operations;
mod process;
mod program;
mod reach;
mod reference;
mod replay;
mod reports;
mod secrets;
mod settings;
mod slow;
mod spawn;
mod watch;
mod wrong;
mod zoo;
