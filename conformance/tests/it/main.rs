//! The suite, asked about listeners whose faults are known.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod mistakes;
mod preflight;
mod project;
mod reach;
mod registry;
mod zoo;
