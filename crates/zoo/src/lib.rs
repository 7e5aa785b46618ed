//! Listeners that are wrong in exactly one way, and listeners that are odd but right.
//!
//! A conformance suite that cannot fail is worth nothing, and one that convicts the innocent is
//! worth less. So there is one small right listener (`right.rs`), made of the hooks of a
//! [`Behaviour`]; a [`Fault`] changes one hook for the worse and names the checks that must notice,
//! an [`Odd`] changes one for the unusual and must not be convicted.
//!
//! To read: `right.rs` shows what is right, `behaviour.rs` what can be changed, `faults/` what is.
//!
//! To add a fault: write an entry in the file of its topic in `faults/`, with the hook that is
//! wrong beside it. The tests hold that it shows, and that every check of [`CHECKS`] is claimed.
//!
//! In memory ([`serve()`]) a listener shows all but what a restart would. As a process
//! ([`serve_process`]) it keeps a journal in a folder; `process/` has the right way and the hooks.
//!
//! **Invariant:** everything is on loopback. What is served in memory does not outlive its
//! [`Served`]; what is served as a process writes to its folder alone.

mod behaviour;
mod cells;
mod checks;
mod constructions;
mod event;
mod faults;
mod front;
mod game;
mod odds;
mod process;
mod questions;
mod race;
mod right;
mod serve;
mod subscriptions;
mod wire;

pub use behaviour::Behaviour;
pub use cells::{Cell, DIMENSIONS, Dimension, cells};
pub use checks::CHECKS;
pub use faults::{Asks, Fault, Level, Severity, TOPICS, Verdict, faults};
pub use game::KNOWN_USERS;
pub use odds::{CURRENCY, MERCHANT_ID, Odd, PRICE, PROJECT_ID, odds};
pub use process::{behaviour_of, serve_process, slugs, wrapped};
pub use questions::PUBLIC_ID;
pub use serve::{Served, serve};

/// The secret key of the project that all listeners here serve.
pub const SECRET: &str = "example-project-secret";
