//! `hookproof check --watch`: reruns what failed whenever the listener restarts.
//!
//! A restart shows in the target's port: it refuses connections, and accepts them again. What failed is
//! rerun then, with ids that the target has not seen. Once nothing fails, the next restart reruns all.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use hookproof_conformance::{
    Report,
    report::{CheckStatus, Counts, Outcome},
};
use tokio::{net::TcpStream, runtime};
use url::Url;

use super::{check, cli::CheckArgs};
use crate::{
    environment::Environment, exit::Exit, failure::Failure, interrupt::interrupted, terminal,
};

/// Time between two attempts to connect. A restart that takes less may be overlooked.
const CONNECT_EVERY: Duration = Duration::from_millis(50);

/// Time that one attempt may take.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(1);

/// The message when a target stops accepting connections.
const DOWN: &str = "down: what failed is rerun when it accepts connections again";

/// Time for which a restart is waited for.
const RESTART_TIME_MAX: Duration = Duration::from_hours(12);

/// The end of the wait for a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waited {
    Restarted,
    Interrupted,
    /// Nothing happened for [`RESTART_TIME_MAX`].
    TimedOut,
}

/// Checks the target, and again after each of its restarts, until it is called off.
pub(crate) fn run(mut args: CheckArgs, environment: &Environment) -> Result<Exit, Failure> {
    let started = Instant::now();
    let (only, skip) = (args.extent.only.clone(), args.extent.skip.clone());
    let targets = check::targets(&args)?;
    let mut failing: Vec<String> = Vec::new();
    let mut now = environment.clone();
    loop {
        match check::complete(&args, &now) {
            Ok(None) => return Ok(Exit::Interrupted),
            Ok(Some(report)) => failing = rerun(&report),
            // A target that cannot be asked yet is one that is being worked on.
            Err(failure) if failure.exit == Exit::CouldNotAsk => {
                terminal::tell(&failure.to_string());
            }
            Err(failure) => return Err(failure),
        }
        terminal::tell(&announcement(&failing, &targets));
        match wait(&targets)? {
            Waited::Restarted => (),
            Waited::Interrupted => return Ok(Exit::Interrupted),
            Waited::TimedOut => {
                terminal::tell("no restart for 12 hours: --watch ends");
                return Ok(Exit::Interrupted);
            }
        }
        (args.extent.only, args.extent.skip) = if failing.is_empty() {
            (only.clone(), skip.clone())
        } else {
            (failing.clone(), Vec::new())
        };
        // Files hold the first run, in which everything was asked.
        args.output.report.clear();
        args.memory.write_baseline = None;
        let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        now.unix_millis = environment.unix_millis.saturating_add(elapsed);
    }
}

/// The checks to rerun: those that failed or could not be asked.
fn rerun(report: &Report) -> Vec<String> {
    let failing = report.checks.iter().filter(|check| {
        let outcome = Outcome::of(check, report.options.strict);
        outcome == Outcome::Failed || check.status == CheckStatus::Error
    });
    let ids = failing.map(|check| check.id.clone()).collect();
    terminal::tell(&Counts::of(report).to_string());
    ids
}

fn announcement(failing: &[String], targets: &[Url]) -> String {
    let targets: Vec<&str> = targets.iter().map(Url::as_str).collect();
    let targets = targets.join(", ");
    match failing.len() {
        0 => format!("watching {targets}: its next restart reruns all checks (Ctrl-C ends)"),
        1 => format!("watching {targets}: its next restart reruns {} (Ctrl-C ends)", failing[0]),
        many => format!("watching {targets}: its next restart reruns {many} checks (Ctrl-C ends)"),
    }
}

/// Waits until a target that was up or down restarts.
fn wait(targets: &[Url]) -> Result<Waited, Failure> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let waited = runtime.block_on(async {
        tokio::select! {
            waited = tokio::time::timeout(RESTART_TIME_MAX, restarted(targets)) => {
                if waited.is_ok() { Waited::Restarted } else { Waited::TimedOut }
            }
            () = interrupted() => Waited::Interrupted,
        }
    });
    // A name that is still being looked up must not hold the program.
    runtime.shutdown_background();
    Ok(waited)
}

/// Ends once one of the targets has refused connections, and all accept them.
async fn restarted(targets: &[Url]) {
    while all_accept(targets).await {
        tokio::time::sleep(CONNECT_EVERY).await;
    }
    terminal::tell(DOWN);
    while !all_accept(targets).await {
        tokio::time::sleep(CONNECT_EVERY).await;
    }
}

async fn all_accept(targets: &[Url]) -> bool {
    for target in targets {
        if !accepts(target).await {
            return false;
        }
    }
    true
}

async fn accepts(target: &Url) -> bool {
    let Some(port) = target.port_or_known_default() else { return false };
    let host = target.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let connecting = async {
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
        TcpStream::connect(&addresses[..]).await
    };
    matches!(tokio::time::timeout(CONNECT_TIME_MAX, connecting).await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_accepts_connections_or_not() {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let up = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = |address| Url::parse(&format!("http://{address}/webhook")).unwrap();
            let targets = [url(up.local_addr().unwrap()), url("127.0.0.1:0".parse().unwrap())];
            assert!(all_accept(&targets[..1]).await);
            assert!(!all_accept(&targets).await);
        });
    }

    #[test]
    fn what_is_rerun_is_announced() {
        let targets = [Url::parse("http://127.0.0.1:1/").unwrap()];
        let said = |failing: &[&str]| {
            let failing: Vec<String> = failing.iter().map(|id| (*id).to_owned()).collect();
            announcement(&failing, &targets)
        };
        assert!(said(&[]).contains("reruns all checks"));
        assert!(said(&["a"]).contains("reruns a "));
        assert!(said(&["a", "b"]).contains("reruns 2 checks"));
    }
}
