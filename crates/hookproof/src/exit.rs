//! What the program's exit code says; scripts may rely on it.

/// The exit codes of all commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and everything that was asked is right.
    Conformant = 0,
    /// What was asked about is not in order.
    Nonconformant = 1,
    /// The command line was wrong.
    Usage = 2,
    /// The question could not be asked, or the work not be done; says nothing about a listener.
    CouldNotAsk = 3,
    /// Nothing was selected that could be asked.
    #[cfg(feature = "suite")]
    NothingSelected = 4,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
