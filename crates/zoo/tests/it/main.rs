//! The zoo as the suite meets it: over HTTP, and by its lists.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod client;
mod events;
mod faults;
mod kept;
mod listeners;
mod lists;
mod more;
mod others;
mod questions;
mod scripts;
mod seen;
mod subscriptions;
