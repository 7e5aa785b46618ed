//! Repeats get the answer that the first delivery got.

use std::time::Instant;

use crate::{
    Check, Stop,
    answer::Reply,
    check::Evidence,
    effects::GRANTS,
    session::Session,
    wire::{Fault, Request},
};

/// Copies that start at the same moment.
pub(super) const COPIES: usize = 20;

/// Deliveries of one order by the longest plan.
const ATTEMPTS_MAX: u32 = 20;

/// Refusing a repeat makes Xsolla believe that the event failed.
pub(in crate::checks) static REPEAT_ACCEPTED: Check = Check {
    id: "idempotency-repeat-accepted",
    title: "answers a repeated delivery like the first",
    clauses: &["IDEM-01", "RETRY-12"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(repeat_accepted(session)),
};

async fn repeat_accepted(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        session.asks((kind, mode));
        let request = session.fresh(kind, mode).await?;
        session.twin(&request).await?;
        for _ in 0..3 {
            session.accepted("IDEM-01", &request).await?;
        }
        if kind == GRANTS {
            for _ in 4..ATTEMPTS_MAX {
                session.accepted("RETRY-12", &request).await?;
            }
        }
    }
    Ok(())
}

/// The sender may repeat while the first delivery is still being worked on.
pub(in crate::checks) static CONCURRENT_ACCEPTED: Check = Check {
    id: "idempotency-concurrent-accepted",
    title: "accepts copies of one delivery that come at once",
    clauses: &["IDEM-13"],
    evidence: Evidence::Stochastic,
    alone: false,
    ask: |session| Box::pin(concurrent_accepted(session)),
};

async fn concurrent_accepted(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        session.asks((kind, mode));
        session.twin(&session.fresh(kind, mode).await?).await?;
        let request = session.fresh(kind, mode).await?;
        session.all_accepted_at_once("IDEM-13", &request).await?;
    }
    Ok(())
}

impl Session<'_> {
    /// Delivers copies of one request that start at the same moment. Who is told "later", or nothing,
    /// comes back later, as Xsolla would.
    pub(crate) async fn all_accepted_at_once(
        &self,
        clause: &str,
        request: &Request,
    ) -> Result<(), Stop> {
        for answer in self.at_once(request).await? {
            match answer {
                Ok(reply) if reply.is_success() => (),
                Ok(reply) if reply.is_refusal() => {
                    let expected = format!("success for each of {COPIES} copies");
                    return Err(self.violation(clause, expected, &reply, request));
                }
                _ => drop(self.accepted(clause, request).await?),
            }
        }
        Ok(())
    }

    /// The answers to copies of one request that start at the same moment.
    pub(crate) async fn at_once(
        &self,
        request: &Request,
    ) -> Result<Vec<Result<Reply, Fault>>, Stop> {
        let came = self.released_together(std::iter::repeat_n(request, COPIES)).await?;
        Ok(came.into_iter().map(|(_, came)| came).collect())
    }

    /// Delivers copies of several requests that all start at the same moment. Who is told "later", or
    /// nothing, comes back later, as Xsolla would.
    pub(crate) async fn started_together(
        &self,
        requests: &[Request],
        copies: usize,
    ) -> Result<(), Stop> {
        let all = std::iter::repeat_n(requests, copies).flatten();
        for (request, came) in self.released_together(all).await? {
            match came {
                Ok(reply) if reply.is_success() || reply.is_refusal() => (),
                _ => drop(self.deliver(request).await?),
            }
        }
        Ok(())
    }

    async fn released_together<'a>(
        &self,
        requests: impl Iterator<Item = &'a Request>,
    ) -> Result<Vec<(&'a Request, Result<Reply, Fault>)>, Stop> {
        let mut held = Vec::new();
        for request in requests {
            let target = self.run.wire.next_target();
            match self.run.wire.hold(target, request).await {
                Ok(ready) => held.push((target, request, ready)),
                // A target that takes few connections is asked with as many as it takes.
                Err(_) if held.len() > 1 => break,
                Err(fault) => return Err(Stop::Broken(fault.to_string())),
            }
        }
        let started = Instant::now();
        let releases = held.into_iter().map(|(target, request, ready)| async move {
            (target, request, ready.release().await)
        });
        let came = futures_util::future::join_all(releases).await;
        let told = came.into_iter().map(|(target, request, came)| {
            self.received(started, target, request, &came);
            (request, came)
        });
        Ok(told.collect())
    }
}
