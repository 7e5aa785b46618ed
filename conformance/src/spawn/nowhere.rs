//! Where there are no process groups, nothing is started.

use std::{io, thread::JoinHandle, time::Duration};

use super::{Spawn, last_words::LastWords};

/// A process group that cannot be.
#[derive(Debug)]
pub(super) enum Group {}

impl Group {
    pub(super) fn start(_: &Spawn) -> io::Result<Self> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "--spawn needs process groups, which only Unix has",
        ))
    }

    pub(super) fn ended(&self) -> Option<String> {
        match *self {}
    }

    pub(super) fn final_words(&self) -> String {
        match *self {}
    }

    pub(super) fn words(&self) -> LastWords {
        match *self {}
    }

    pub(super) fn last_words(&self) -> String {
        match *self {}
    }

    pub(super) fn kill(&self) {
        match *self {}
    }

    pub(super) fn kill_after(&self, _: Duration) -> JoinHandle<()> {
        match *self {}
    }

    pub(super) fn terminate(&self) {
        match *self {}
    }

    pub(super) fn stop(&self) {
        match *self {}
    }

    pub(super) fn go_on(&self) {
        match *self {}
    }
}
