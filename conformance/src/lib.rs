//! The conformance suite: asks any listener URL whether it keeps the contract.
//!
//! It knows only the wire: an HTTP endpoint, the project's secret and, where given, a read-only view
//! of the effects. One run goes one way:
//!
//! 1. [`options`] says what is asked of whom, [`select`] which checks are wanted.
//! 2. `preflight` finds out whether the target can be asked at all.
//! 3. [`runner`] asks the [`checks`], many at a time, each in a [`session`] of its own.
//! 4. [`diagnosis`] names the likely causes, and [`report`] says all of it to people and programs.
//!
//! **Invariant:** a check holds an id and a body; level and wording stand in `spec/`.

pub mod answer;
pub mod answer_rules;
pub mod baseline;
pub mod check;
pub mod checks;
pub mod constructions;
pub mod diagnosis;
pub mod effects;
pub mod exit;
pub mod glob;
mod history;
pub mod model;
mod moment;
pub mod options;
mod preflight;
mod probe_form;
mod probes;
pub mod project;
mod property;
pub mod purchase;
mod redact;
pub mod report;
mod repro;
pub mod request;
pub mod runner;
pub mod script;
pub mod select;
pub mod session;
pub mod spawn;
mod time_limit;
pub mod timeline;
pub mod trace;
mod verdict;
pub mod watch;
pub mod wire;

pub use check::{Check, Stop, Violation};
pub use exit::Exit;
pub use options::{Options, Probe};
pub use report::Report;
pub use runner::{RunError, run};
pub use spawn::Spawn;
pub use watch::{Event, Watch};
