//! Wrong listeners: crashes and restarts (clauses `IDEM-08`, `IDEM-12`, `IDEM-16`, `ANS-14`).
//!
//! All of them are right for as long as their process runs undisturbed.

mod cut_short;
mod restart;
mod tables;

pub(super) use cut_short::CUT_SHORT;
pub(super) use restart::RESTART;
pub(super) use tables::TABLES;
