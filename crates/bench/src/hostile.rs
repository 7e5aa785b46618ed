//! `cargo xtask hostile`: a million requests that no honest sender makes, to the listener as a process.
//!
//! It must answer each with less than 500 or close, answer an honest request in between and at the end, never
//! panic, write a log of which every line is whole, and stay within a bound of memory. What it counted itself
//! must agree.

mod bodies;
mod log;
mod random;
mod requests;
mod sender;

use std::{
    env, fmt,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use self::{log::Log, random::Random, sender::Heard};
use crate::{pool::SECRET, process};

/// Memory that the listener may ever have, in KiB. A body of 1 MiB waits on each connection at worst.
const MEMORY_KIB_MAX: u64 = 128 * 1024;

/// Time that the listener has to become ready.
const READY_TIME_MAX: Duration = Duration::from_secs(30);

/// Time between two attempts to reach it.
const READY_PAUSE: Duration = Duration::from_millis(5);

/// Sends hostile requests to a listener of its own.
#[derive(Debug, clap::Args)]
pub(crate) struct HostileArgs {
    /// How many.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    requests: u64,
    /// Where the requests begin: the same seed makes the same ones.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Senders at the same time.
    #[arg(long, value_name = "N", default_value_t = 16,
        value_parser = clap::value_parser!(u64).range(1..))]
    connections: u64,
    /// The program `hookproof`. [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Runs it to the end; an error is what a listener must not do.
pub(crate) fn run(args: &HostileArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let program = match &args.program {
        Some(program) => program.clone(),
        None => {
            let own = env::current_exe()?;
            own.parent().context("this program is in a folder")?.join("hookproof")
        }
    };
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let mut listener = Listener::start(&program, folder.path())?;
    let heard = send(args, listener.port);
    // What it says of itself tells more than what was seen of it.
    let state = listener.child.try_wait()?;
    if let Some(status) = state {
        bail!("the listener has ended ({status}): {}", listener.end()?);
    }
    let peak_kib = process::peak_kib(listener.child.id())?;
    let failed = failed(&metrics(listener.admin)?);
    let log = listener.end()?;
    let heard = heard?;
    writeln!(out, "{heard}")?;
    let seconds = start.elapsed().as_secs_f64();
    writeln!(out, "peak memory {peak_kib} KiB; {log}; {seconds:.0} s")?;
    if failed != Some(0) {
        bail!("the listener counted {failed:?} of its own failures");
    }
    if peak_kib > MEMORY_KIB_MAX {
        bail!("more memory than {MEMORY_KIB_MAX} KiB");
    }
    log.judge()
}

/// All senders at once; each has a seed of its own, and its part of the requests.
fn send(args: &HostileArgs, port: u16) -> anyhow::Result<Heard> {
    let mut seeds = Random::new(args.seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let parts = args.connections;
        let senders: Vec<_> = (0..parts)
            .map(|part| {
                let requests = args.requests / parts + u64::from(part < args.requests % parts);
                tokio::spawn(sender::send(port, seeds.next(), requests))
            })
            .collect();
        let mut heard = Heard::default();
        for sender in senders {
            heard.add(&sender.await??);
        }
        Ok(heard)
    })
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hostile requests, {} honest ones;", self.sent, self.honest)?;
        write!(f, " closed without an answer: {}; answers:", self.closed)?;
        for (status, times) in &self.statuses {
            write!(f, " {status} x {times}")?;
        }
        Ok(())
    }
}

/// The listener as a process, with its log read as it is written.
struct Listener {
    child: Child,
    log: Option<JoinHandle<Log>>,
    port: u16,
    admin: u16,
}

impl Listener {
    fn start(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let (port, admin) = (process::free_port()?, process::free_port()?);
        let address = |port| format!("127.0.0.1:{port}");
        let mut command = Command::new(program);
        command.args(["listener", "--log-format", "json", "--log", "debug"]);
        command.args(["--listen", &address(port), "--admin", &address(admin)]);
        command.arg("--db").arg(folder.join("hostile.db"));
        command.env("XSOLLA_WEBHOOK_SECRET_KEY", SECRET).env("HOOKPROOF_PROBE_TOKEN", log::TOKEN);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child =
            command.spawn().with_context(|| format!("cannot start `{}`", program.display()))?;
        let stderr = child.stderr.take().context("its log was asked for")?;
        let log = Some(thread::spawn(move || Log::read(stderr)));
        let mut listener = Self { child, log, port, admin };
        let start = Instant::now();
        while !process::answers(port) {
            if listener.child.try_wait()?.is_some() || start.elapsed() > READY_TIME_MAX {
                bail!("the listener does not become ready: {}", listener.end()?);
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "a program that starts tells nobody when it is ready"
            )]
            thread::sleep(READY_PAUSE);
        }
        Ok(listener)
    }

    /// Ends it; what it had logged.
    fn end(&mut self) -> anyhow::Result<Log> {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait()?;
        let log = self.log.take().context("it is ended once")?;
        log.join().map_err(|_| anyhow::anyhow!("the log cannot be read"))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the listener counted.
fn metrics(port: u16) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(READY_TIME_MAX))?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// How many requests it blames itself for; none if it counts nothing at all.
fn failed(metrics: &str) -> Option<u64> {
    let mut lines =
        metrics.lines().filter(|line| line.starts_with("hookproof_notifications_total{"));
    let first = lines.next()?;
    let failures = std::iter::once(first).chain(lines);
    let failures = failures.filter(|line| line.contains("verdict=\"failed\""));
    failures.map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_summed_up() {
        let text = "HTTP/1.1 200 OK\r\n\r\n# TYPE hookproof_notifications_total counter\n\
                    hookproof_notifications_total{type=\"payment\",verdict=\"applied\"} 7\n";
        assert_eq!(failed(text), Some(0));
        let line = |kind: &str, times: u64| {
            format!("hookproof_notifications_total{{type=\"{kind}\",verdict=\"failed\"}} {times}\n")
        };
        let text = [text, &line("payment", 2), &line("refund", 3)].concat();
        assert_eq!(failed(&text), Some(5));
        assert_eq!(failed("HTTP/1.1 404 Not Found\r\n\r\n"), None);
    }
}
