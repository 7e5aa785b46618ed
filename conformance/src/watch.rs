//! What a run tells while it is under way.

use crate::report::CheckReport;

/// Something that happened in a run.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// The target answers, and this many checks will be asked.
    Started {
        /// Checks that were selected.
        checks: usize,
    },
    /// Something worth knowing about the target: it serves one connection at a time, say.
    Noticed(&'a str),
    /// The target has not answered its first request for a while; how long it is given.
    Waiting(std::time::Duration),
    /// The next group of checks begins; the wait that takes most of their time.
    Phase(&'static str),
    /// A check begins.
    CheckStarted {
        /// The check's id.
        id: &'static str,
    },
    /// A check ended.
    CheckEnded(&'a CheckReport),
}

/// Somebody who looks on: a progress bar, a log.
pub trait Watch {
    /// Is told what happened.
    fn on(&self, event: &Event<'_>);
}

/// Nobody looks on.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Watch for Silent {
    fn on(&self, _event: &Event<'_>) {}
}

/// Several who look on, each told in turn.
#[derive(Default)]
pub struct All<'w>(pub Vec<&'w dyn Watch>);

impl std::fmt::Debug for All<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("All").field(&self.0.len()).finish()
    }
}

impl Watch for All<'_> {
    fn on(&self, event: &Event<'_>) {
        for watch in &self.0 {
            watch.on(event);
        }
    }
}
