//! Tests of the contract through its public surface: the data of `spec/` is what the code says.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod examples;
mod schemas;
mod vectors;

use hookproof_contract::{Mode, NotificationType};

/// Every pair of a type and a mode.
fn every_type_and_mode() -> impl Iterator<Item = (NotificationType, Mode)> {
    NotificationType::ALL.into_iter().flat_map(|kind| Mode::ALL.map(|mode| (kind, mode)))
}
