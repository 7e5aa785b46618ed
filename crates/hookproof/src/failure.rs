//! Why a command ended without a result: the error, what to do, and the exit code.

use std::fmt;

use crate::exit::Exit;

/// An error with its exit code and a line that says what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    error: anyhow::Error,
    hint: Option<String>,
}

impl Failure {
    /// The command line was wrong: a value that only this machine can tell to be wrong.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::new(Exit::Usage, error)
    }

    /// The question could not be asked.
    pub(crate) fn could_not_ask(error: impl Into<anyhow::Error>) -> Self {
        Self::new(Exit::CouldNotAsk, error)
    }

    /// An error that goes with this exit code.
    pub(crate) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into(), hint: None }
    }

    /// Adds what to do about it.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// What nobody foresaw is our own fault, and says nothing about any listener.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::could_not_ask(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {:#}", self.error)?;
        match &self.hint {
            Some(hint) => writeln!(f, " hint: {hint}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn the_chain_of_causes_stands_in_one_line() {
        let error = Err::<(), _>(anyhow!("no such file")).context("cannot read `key`").unwrap_err();
        let failure = Failure::usage(error).hint("give --secret");
        assert_eq!(
            failure.to_string(),
            "error: cannot read `key`: no such file\n hint: give --secret\n"
        );
    }
}
