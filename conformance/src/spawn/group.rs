//! One life of the listener: a process group, what it wrote, and its guard.

use std::{
    io::{self, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::Duration,
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::{Spawn, guard::Guard, last_words::LastWords};

/// Starts the command only when it is told to: until then the guard may not know of it yet.
const GATE: &str = r#"IFS= read -r go || exit 1; exec </dev/null; exec sh -c "$1""#;

/// A process group that was started and not yet cleaned up.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
    guard: Guard,
    words: LastWords,
}

impl Group {
    /// Starts the command in a group of its own.
    pub(super) fn start(spawn: &Spawn) -> io::Result<Self> {
        let mut guard = Guard::new()?;
        let (output, out) = io::pipe()?;
        let (errors, err) = io::pipe()?;
        let mut child = Command::new("sh")
            .args(["-c", GATE, "sh", &spawn.command])
            .envs(spawn.env.iter().map(|(name, value)| (name, value)))
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(err)
            .spawn()?;
        let gate = child.stdin.take();
        let watched = guard.watch(child.id());
        let group = Self { child, guard, words: LastWords::of(output, errors) };
        watched?;
        if let Some(mut gate) = gate {
            gate.write_all(b"go\n")?;
        }
        Ok(group)
    }

    /// The group's number: that of the process that leads it, which nobody else gets before it is
    /// waited for.
    fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// How the process that leads the group ended, if it did.
    pub(super) fn ended(&self) -> Option<String> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::Pid(self.id()), options).ok()??;
        Some(match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => format!("exit status {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "for no known reason".to_owned(),
        })
    }

    /// The last line that it wrote before it ended.
    pub(super) fn final_words(&self) -> String {
        self.words.final_line()
    }

    /// The end of what it writes, which outlives it.
    pub(super) fn words(&self) -> LastWords {
        self.words.clone()
    }

    /// What it wrote last.
    pub(super) fn last_words(&self) -> String {
        self.words.one_line()
    }

    /// Kills the group at once.
    pub(super) fn kill(&self) {
        signal(self.id(), Signal::KILL);
    }

    /// Kills the group after a time, to the tenth of a millisecond: a timer of the runtime is too coarse.
    /// The thread must be joined before the group is cleaned up.
    pub(super) fn kill_after(&self, delay: Duration) -> JoinHandle<()> {
        let id = self.id();
        #[expect(clippy::disallowed_methods, reason = "the moment is the point, not an event")]
        std::thread::spawn(move || {
            std::thread::sleep(delay);
            signal(id, Signal::KILL);
        })
    }

    /// Asks the group to end.
    pub(super) fn terminate(&self) {
        signal(self.id(), Signal::TERM);
    }

    /// Stops the group where it is.
    pub(super) fn stop(&self) {
        signal(self.id(), Signal::STOP);
    }

    /// Lets the group go on.
    pub(super) fn go_on(&self) {
        signal(self.id(), Signal::CONT);
    }
}

impl Drop for Group {
    /// Kills what is left of the group before anybody waits for its leader: until then nobody else can
    /// have its number.
    fn drop(&mut self) {
        self.kill();
        self.guard.done();
        // After SIGKILL this takes no time worth speaking of.
        let ended = self.child.wait();
        debug_assert!(
            ended.is_ok_and(|status| status.code().is_some() || status.signal().is_some())
        );
    }
}

fn signal(group: Pid, signal: Signal) {
    // Where the group is gone, there is nothing to signal.
    let _ = kill_process_group(group, signal);
}
