//! The contract of Xsolla's payment webhooks, as data and as code.
//!
//! Everything that is a fact stands in `spec/`, which is embedded here and cross-checked when it is
//! loaded. This crate turns the facts into types and into the few functions that both sides of the
//! contract need: signing and verifying, building payloads, generating payloads from their schemas.
//!
//! **Invariant:** no I/O, no clock, no randomness of its own.

pub mod decimal;
pub mod derive;
pub mod error_code;
pub mod event;
#[cfg(feature = "generate")]
pub mod generate;
pub mod notification;
pub mod payload;
#[cfg(feature = "generate")]
pub mod schema;
pub mod serialise;
pub mod signature;
pub mod spec;

pub use error_code::ErrorCode;
pub use notification::{Mode, NotificationType};
pub use signature::Secret;
