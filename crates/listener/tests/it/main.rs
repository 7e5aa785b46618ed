//! The listener through its wire: a real socket on a free port, a database in a temporary folder.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod addresses;
mod answers;
mod effects;
mod generated;
mod health;
mod metrics;
mod migration;
mod money;
mod opening;
mod payloads;
mod probe;
mod questions;
mod repeats;
mod serving;
mod signatures;
mod slow;
mod subscriptions;
mod support;
mod upkeep;
mod web_shop;
