//! The listener's process, where the suite owns it (evidence level *spawn*): start, kill, stop, restart.
//!
//! The command runs under `sh -c` in a process group of its own, and signals go to the whole group. The
//! group is gone when this value is dropped, and a guard sees to it that it is gone too where the
//! suite itself is killed. A command that puts the listener outside of its group, as a daemon, is not
//! supported: nobody could kill it, and the suite says so.

#[cfg(unix)]
mod group;
#[cfg(not(unix))]
#[path = "spawn/nowhere.rs"]
mod group;
#[cfg(unix)]
mod guard;
mod last_words;
mod process;
mod revive;

use std::time::Duration;

pub(crate) use self::last_words::shown;
pub use self::process::Process;
pub(crate) use self::process::Unready;

/// How long a listener may take from its start to its first answer, if it is not given longer.
pub const START_TIME_MAX: Duration = Duration::from_secs(30);

/// How the listener is started.
#[derive(Clone, PartialEq, Eq)]
pub struct Spawn {
    /// The command, as `sh -c` takes it. It stays in the foreground.
    pub command: String,
    /// Variables that the command gets besides those of the suite itself.
    pub env: Vec<(String, String)>,
}

impl Spawn {
    /// A command without variables of its own.
    pub fn new(command: impl Into<String>) -> Self {
        Self { command: command.into(), env: Vec::new() }
    }
}

impl std::fmt::Debug for Spawn {
    /// Without the variables' values, which may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Spawn").field("command", &self.command).field("env", &names).finish()
    }
}

/// Why there is no process.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// Somebody else has the port, and would be asked in the listener's place.
    #[error(
        "something listens there already, so --spawn cannot start a listener: stop it, or let the suite \
         choose the port with {{port}}"
    )]
    Taken,
    /// The shell could not be started.
    #[error("cannot start `sh -c`")]
    Start(#[from] std::io::Error),
    /// The listener's port is still served although its group was killed.
    #[error(
        "the listener still accepts connections after its process group was killed: the command given to \
         --spawn must stay in the foreground"
    )]
    Escaped,
}
