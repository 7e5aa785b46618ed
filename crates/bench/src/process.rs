//! A target that runs, and what the kernel knows of it.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::{
    pool,
    shim::{Counter, Shim},
    targets::Target,
};

/// Time that a target has to become ready; runtimes that compile at start need seconds.
const READY_TIME_MAX: Duration = Duration::from_secs(30);

/// Time between two attempts to reach it.
const READY_PAUSE: Duration = Duration::from_micros(250);

/// The kernel's clock ticks in a second (`USER_HZ`), the unit of times in `/proc`.
const TICKS: u64 = 100;

/// Characters of a target's log that are shown when it fails.
const LOG_CHARS_MAX: usize = 2000;

pub(crate) struct Process {
    child: Child,
    counter: Counter,
    log: PathBuf,
    pub(crate) port: u16,
    /// From its start to its first right answer.
    pub(crate) ready: Duration,
}

impl Process {
    /// Starts a target on a database, and waits until it answers.
    pub(crate) fn start(
        target: &Target,
        shim: &Shim,
        folder: &Path,
        db: &Path,
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let counter = Counter::new(folder)?;
        let mut command = target.command(port, db);
        shim.put_under(&mut command, &counter);
        Self::launch(target.name, command, port, counter, folder)
    }

    /// The same, for a program that somebody else has prepared.
    pub(crate) fn launch(
        name: &str,
        mut command: Command,
        port: u16,
        counter: Counter,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let log = folder.join("log");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&log)?);
        let start = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let mut process = Self { child, counter, log, port, ready: Duration::ZERO };
        while !answers(port) {
            if process.child.try_wait()?.is_some() || start.elapsed() > READY_TIME_MAX {
                bail!("{name} does not become ready: {}", process.log());
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "a program that starts tells nobody when it is ready"
            )]
            thread::sleep(READY_PAUSE);
        }
        process.ready = start.elapsed();
        Ok(process)
    }

    /// The end of what it logged.
    pub(crate) fn log(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let end = &bytes[bytes.len().saturating_sub(LOG_CHARS_MAX)..];
        String::from_utf8_lossy(end).into_owned()
    }

    pub(crate) fn syncs(&self) -> anyhow::Result<u64> {
        self.counter.read()
    }

    /// CPU time that all of its threads have used, in microseconds.
    pub(crate) fn cpu_micros(&self) -> anyhow::Result<u64> {
        let stat = self.proc("stat")?;
        ticks(&stat).map(|ticks| ticks * 1_000_000 / TICKS).context("`/proc/PID/stat` is odd")
    }

    /// The most memory that it ever had, in KiB.
    pub(crate) fn peak_kib(&self) -> anyhow::Result<u64> {
        peak_kib(self.child.id())
    }

    fn proc(&self, file: &str) -> anyhow::Result<String> {
        Ok(fs::read_to_string(format!("/proc/{}/{file}", self.child.id()))?)
    }

    /// Kills it without warning: what it acknowledged must be there all the same.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The most memory that a process ever had, in KiB.
pub(crate) fn peak_kib(process: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|rest| rest.trim().strip_suffix("kB"));
    peak.and_then(|number| number.trim().parse().ok()).context("`/proc/PID/status` is odd")
}

/// User and system time in ticks: the fields 14 and 15, counted behind the name, which may hold blanks.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Does it answer a question, as it should?
pub(crate) fn answers(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(READY_TIME_MAX))?;
        stream.write_all(&pool::question())?;
        let mut status = [0; "HTTP/1.1 204".len()];
        stream.read_exact(&mut status)?;
        std::io::Result::Ok(status.ends_with(b" 204"))
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_read_behind_any_name() {
        let stat = "17 (a (b) c) S 1 17 17 0 -1 4194560 90 0 0 0 250 50 0 0 20 0 2 0 1 2 3";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("17"), None);
    }
}
