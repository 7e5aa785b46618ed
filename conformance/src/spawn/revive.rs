//! A process that ends although nobody killed it: it is started again, and who ended it is found out.
//!
//! Many requests are under way when it ends. Each of them is sent once more, alone: the one at which it
//! ends again is the one that ends it.

use std::time::{Duration, Instant};

use super::Process;
use crate::{
    Stop,
    answer::Reply,
    session::{Run, Session},
    wire::{Fault, Request},
};

/// How long it may take until the end of a process shows after it closed a connection.
const SHOWS_WITHIN: Duration = Duration::from_millis(30);

/// Time between two looks at a process that may have ended.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How long a listener whose command is still there may take to listen again by itself.
const COMES_BACK_WITHIN: Duration = Duration::from_secs(2);

impl Process {
    /// Whether this fault came from the end of the process, which nobody meant.
    async fn died(&self, run: &Run<'_>, fault: &Fault) -> bool {
        if !self.is_meant_to_run() || matches!(fault, Fault::Silent(_) | Fault::NotHttp(_)) {
            return false;
        }
        let since = Instant::now();
        loop {
            if self.is_meant_to_run() && (self.ended().is_some() || !run.wire.is_listening().await)
            {
                return true;
            }
            if since.elapsed() >= SHOWS_WITHIN {
                return false;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Starts it again, where nobody else did meanwhile. Something besides the command may do so too.
    async fn revive(&self, run: &Run<'_>) {
        if self.hopeless.borrow().is_some() {
            return;
        }
        if self.ended().is_none() {
            let since = Instant::now();
            while since.elapsed() < COMES_BACK_WITHIN && self.ended().is_none() {
                if run.wire.is_listening().await {
                    return;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        let words = self.ended().unwrap_or_else(|| "it stopped listening".to_owned());
        self.deaths.set(self.deaths.get() + 1);
        *self.epitaph.borrow_mut() = words;
        if let Err(error) = self.gone(run.wire).await {
            *self.hopeless.borrow_mut() = Some(error.to_string());
        } else if let Err(unready) = self.start_again(run).await {
            *self.hopeless.borrow_mut() = Some(unready.to_string());
        }
    }

    /// What to say about the ends that nobody meant, if there were any.
    pub(crate) fn note(&self) -> Option<String> {
        let epitaph = self.epitaph.borrow();
        let again = match &*self.hopeless.borrow() {
            None => "and was started again".to_owned(),
            Some(reason) => format!("and could not be started again: {reason}"),
        };
        match self.deaths.get() {
            0 => None,
            1 => Some(format!(
                "the listener's process ended by itself while it was asked, {again} ({epitaph})"
            )),
            many => Some(format!(
                "the listener's process ended by itself {many} times while it was asked, {again} (the \
                 last time: {epitaph})"
            )),
        }
    }
}

impl Session<'_> {
    /// Sends a request to a process that the suite owns: where the process ends, it is started again,
    /// and the request is sent once more, alone.
    pub(crate) async fn send_to_process(
        &self,
        process: &Process,
        target: usize,
        request: &Request,
    ) -> Result<Reply, Fault> {
        let came = {
            let _together = process.turn.read().await;
            self.send_once(target, request).await
        };
        let Err(fault) = &came else { return came };
        if !process.died(self.run, fault).await {
            return came;
        }
        let _alone = process.turn.write().await;
        // Whoever came first has started it again.
        if process.died(self.run, fault).await {
            process.revive(self.run).await;
        }
        if process.hopeless.borrow().is_some() {
            return came;
        }
        self.trace.did("ended by itself, and was started again".to_owned());
        let again = self.send_once(target, request).await;
        if let Err(fault) = &again
            && process.died(self.run, fault).await
        {
            process.revive(self.run).await;
            let epitaph = process.epitaph.borrow().clone();
            self.trace.did(format!("ended by itself: {epitaph}"));
            self.killed_by.replace(Some(epitaph));
        }
        again
    }

    /// The broken clause, where this request has ended the listener's process.
    pub(crate) fn ended_by(&self, request: &Request) -> Option<Stop> {
        let epitaph = self.killed_by.take()?;
        let actual =
            format!("each time this request comes, the listener's process ends: {epitaph}");
        Some(self.violation("ANS-07", "an answer to the next valid delivery", actual, request))
    }
}
