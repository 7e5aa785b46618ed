//! What a run's exit code says; scripts may rely on it.

use crate::{Report, report::Verdict};

/// The exit codes of `hookproof check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked is right.
    Conformant = 0,
    /// A `must` is broken, or the baseline lists what no longer fails.
    Nonconformant = 1,
    /// The command line was wrong.
    Usage = 2,
    /// The question could not be asked; says nothing about the listener.
    CouldNotAsk = 3,
    /// No check was selected.
    NothingSelected = 4,
    /// The run was interrupted.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Report {
    /// The exit code that goes with this report. A run that judged nothing is never a success.
    pub fn exit(&self) -> Exit {
        match self.verdict {
            // The list is wrong, and hides the next failure of its kind.
            Verdict::Conformant | Verdict::Partial if !self.stale.is_empty() => Exit::Nonconformant,
            Verdict::Nonconformant => Exit::Nonconformant,
            Verdict::Conformant | Verdict::Partial
                if self.summary.pass + self.summary.known > 0 =>
            {
                Exit::Conformant
            }
            Verdict::Conformant | Verdict::Partial | Verdict::Error => Exit::CouldNotAsk,
        }
    }
}
