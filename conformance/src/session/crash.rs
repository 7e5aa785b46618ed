//! What crash checks do to the listener's process, and how they judge what comes after.

use std::time::Duration;

use sha1::{Digest, Sha1};

use super::Session;
use crate::{
    Stop,
    answer::Reply,
    effects::Lane,
    session::is_about_money,
    spawn::{Process, Unready},
    wire::{Fault, Request},
};

/// What a listener says whose port was not free yet.
const PORT_TAKEN: [&str; 3] = ["in use", "eaddrinuse", "only one usage of each socket address"];

/// What became of a delivery that was under way when the process was killed.
#[derive(Debug)]
pub(crate) enum Fate {
    /// The success was read: nobody will send it again.
    Acknowledged,
    /// It was refused for good, so nothing can be told from it.
    Refused(Reply),
    /// Nobody knows: it is sent again.
    Unknown,
}

impl Fate {
    /// What an answer or its absence means to the sender.
    pub(crate) fn of(came: Result<Reply, Fault>) -> Self {
        match came {
            Ok(reply) if reply.is_success() => Self::Acknowledged,
            Ok(reply) if !reply.is_later() => Self::Refused(reply),
            _ => Self::Unknown,
        }
    }
}

impl<'run> Session<'run> {
    /// The listener's process, up and answering; without one the question is not observable.
    pub(crate) async fn process(&self) -> Result<&'run Process, Stop> {
        let run = self.run;
        let process = run.process.as_ref().ok_or_else(|| {
            let flags = match (self.check.id, &run.effects) {
                ("answers-after-restart", _) | (_, Some(_)) => {
                    "needs the listener's process: give --spawn"
                }
                _ => "needs the listener's process and a view of the effects: give --spawn, and --probe \
                      or --probe-cmd",
            };
            Stop::NotObservable(flags.to_owned())
        })?;
        if let Some(reason) = process.hopeless() {
            return Err(Stop::Inconclusive(format!(
                "the listener does not come back after it was killed: {reason}"
            )));
        }
        if !process.is_meant_to_run() {
            process.gone(run.wire).await.map_err(|error| Stop::Broken(error.to_string()))?;
            self.come_back().await?;
        }
        Ok(process)
    }

    /// The process and a lane of its own, where both can be had.
    pub(crate) async fn crash_lane(&'run self) -> Result<(&'run Process, Lane<'run>), Stop> {
        let process = self.process().await?;
        Ok((process, self.lane().await?))
    }

    /// Kills the process at once and waits until it is gone.
    pub(crate) async fn kill(&self, process: &Process) -> Result<(), Stop> {
        process.kill();
        self.trace.did("killed by SIGKILL".to_owned());
        self.gone(process).await
    }

    /// Waits until a process that was killed is gone.
    pub(crate) async fn gone(&self, process: &Process) -> Result<(), Stop> {
        process.gone(self.run.wire).await.map_err(|error| {
            process.give_up(&error.to_string());
            Stop::Broken(error.to_string())
        })
    }

    /// Kills the process after this time, while these are delivered.
    pub(crate) async fn kill_while<T>(
        &self,
        process: &Process,
        after: Duration,
        delivering: impl Future<Output = T>,
    ) -> Result<T, Stop> {
        let killer = process.kill_after(after);
        let came = delivering.await;
        if let Some(killer) = killer {
            // It holds nothing and cannot fail but by a defect of its own.
            killer.join().map_err(|_panic| Stop::Broken("the kill did not come".to_owned()))?;
        }
        self.trace.did(format!("killed by SIGKILL after {} µs", after.as_micros()));
        self.gone(process).await?;
        Ok(came)
    }

    /// Starts the process again and judges whether it answers; where it does not, nothing more is asked
    /// of it in this run, so that it is accused once.
    pub(crate) async fn come_back(&self) -> Result<(), Stop> {
        let Err(unready) = self.start_again().await else { return Ok(()) };
        if port_was_taken(&unready) {
            return Err(Stop::Inconclusive(format!(
                "the port was still taken after the kill, which says nothing about webhooks: {unready}"
            )));
        }
        let expected = "an answer to a valid delivery, as after the first start";
        Err(self.violation("ANS-14", expected, unready, &self.validation()))
    }

    /// Starts the process again; says why it cannot be asked, if so.
    pub(crate) async fn start_again(&self) -> Result<(), Unready> {
        let Some(process) = &self.run.process else { return Ok(()) };
        let started = process.start_again(self.run).await;
        match &started {
            Ok(()) => self.trace.did("started again".to_owned()),
            Err(unready) => {
                self.trace.did(format!("started again: {unready}"));
                process.give_up(&unready.to_string());
            }
        }
        started
    }

    /// Sends an event again after its handling was cut short, until it is accepted.
    ///
    /// A listener may hold an event back for a while that it began to handle before it was killed; the
    /// sender has more patience than the suite, so this is no fault.
    pub(crate) async fn accepted_again(&self, clause: &str, request: &Request) -> Result<(), Stop> {
        let reply = self.deliver(request).await?;
        if reply.is_success() {
            return Ok(());
        }
        if reply.status == 503 || reply.header("retry-after").is_some() {
            return Err(Stop::Inconclusive(format!(
                "the event whose handling was cut short is put off: {reply}"
            )));
        }
        if is_about_money(request, &reply) {
            return Err(Stop::Inconclusive(format!(
                "the listener knows prices or invoices of its own: it answers {reply}"
            )));
        }
        let expected = "200, 201 or 204 for an event that was not acknowledged before";
        Err(self.violation(clause, expected, &reply, request))
    }

    /// A number from 0 to 1 that belongs to the seed, this check and this place.
    pub(crate) fn fraction(&self, place: u32) -> f64 {
        let text = format!("{} {} {place}", self.run.options.seed, self.check.id);
        let digest = Sha1::digest(text.as_bytes());
        f64::from(u16::from_be_bytes([digest[0], digest[1]])) / f64::from(u16::MAX)
    }
}

/// Whether a listener did not come back because its old connections still kept the port.
fn port_was_taken(unready: &Unready) -> bool {
    let said = unready.to_string().to_lowercase();
    PORT_TAKEN.iter().any(|words| said.contains(words))
}
