//! Confirmation of a negative answer: the request is repeated alone before the answer counts.
//!
//! A database that is busy, a deployment and a rate limiter are temporary trouble, not a broken clause. So
//! a delivery that is rejected, fails or is not answered is repeated after the target has answered a
//! known-good request again. What only failed under load is listed as unstable, and the run goes on with
//! fewer requests at once.

use std::time::{Duration, Instant};

use hookproof_contract::{Mode, NotificationType};

use super::{LAST_REDELIVERY, Session, mode_of, named_by};
use crate::{
    Stop,
    answer::Reply,
    wire::{Fault, Request},
};

/// The longest `Retry-After` that is waited for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(10);

/// Time for which a target that answered before may fail at a known-good request, as in a deployment.
const OUTAGE_MAX: Duration = Duration::from_secs(15);

/// Deliveries that a rate limiter may keep from the target before nothing more is sent.
const RATE_LIMITED_MAX: u32 = 12;

/// Time between two known-good requests.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// The check that tells of types that are never answered.
const TELLS_OF_SILENCE: &str = "answers-complete";

/// The check that tells of types whose plain notification is rejected.
const TELLS_OF_REJECTIONS: &str = "answers-success-status";

/// Types whose smallest delivery needs nothing before it, the simplest first.
pub(super) const SIMPLE: [NotificationType; 2] =
    [NotificationType::UserValidation, NotificationType::Payment];

impl Session<'_> {
    /// Repeats alone what was answered "later" or not at all, once the target is well again.
    pub(super) async fn confirmed(
        &self,
        request: &Request,
        last: Result<Reply, Fault>,
    ) -> Result<Result<Reply, Fault>, Stop> {
        let troubled = last.as_ref().map_or(true, Reply::is_later);
        if !troubled || self.shrinking.get() || self.process_is_down() {
            return Ok(last);
        }
        let health = &self.run.health;
        let _alone = health.turn.write().await;
        if let Some(reason) = health.gone() {
            return Err(Stop::Broken(reason));
        }
        if let Some(stop) = named_by(request).and_then(|(kind, _)| self.silence_of(kind)) {
            return Err(stop);
        }
        match last.as_ref().ok().and_then(retry_after) {
            // Too long to wait: `rate_limited` counts it.
            Some(wait) if wait > RETRY_AFTER_MAX => return Ok(last),
            Some(wait) => tokio::time::sleep(wait).await,
            None => (),
        }
        self.well_again(request).await?;
        if matches!(last, Err(Fault::Silent(_)))
            && let Some(stop) = self.silent_type(request).await
        {
            return Err(stop);
        }
        let mut again = self.send_ungated(self.run.wire.next_target(), request).await;
        if again.as_ref().is_ok_and(Reply::is_later) {
            tokio::time::sleep(LAST_REDELIVERY).await;
            again = self.send_ungated(self.run.wire.next_target(), request).await;
        }
        if again.as_ref().is_ok_and(|reply| !reply.is_later()) {
            health.note_unstable(words(&last), self.check.id);
            health.shed();
        }
        Ok(again)
    }

    /// Repeats alone what was rejected, once the target is well again; gives the answer that counts.
    pub(crate) async fn confirmed_rejection(
        &self,
        request: &Request,
        rejection: Reply,
    ) -> Result<Reply, Stop> {
        if self.shrinking.get() || self.process_is_down() || !self.run.health.was_well.get() {
            return Ok(rejection);
        }
        let health = &self.run.health;
        let _alone = health.turn.write().await;
        if let Some(reason) = health.gone() {
            return Err(Stop::Broken(reason));
        }
        self.well_again(request).await?;
        match self.send_ungated(self.run.wire.next_target(), request).await {
            Ok(reply) if reply.is_success() => {
                health.note_unstable(rejection.status.to_string(), self.check.id);
                Ok(reply)
            }
            _ => Ok(rejection),
        }
    }

    /// Returns how a delivery ends that a rate limiter rejected to the end; a dozen of them end the run.
    pub(super) fn rate_limited(&self, reply: &Reply) -> Stop {
        let health = &self.run.health;
        let count = health.rate_limited.get() + 1;
        health.rate_limited.set(count);
        let after = reply.header("retry-after");
        let told = after.map_or_else(String::new, |after| format!(", `Retry-After: {after}`"));
        let said = format!("a rate limiter answers {}{told}", reply.status);
        let long = retry_after(reply).is_none_or(|wait| wait > RETRY_AFTER_MAX);
        if count >= RATE_LIMITED_MAX && long {
            let reason = format!(
                "{said}, after {} requests\n  Exempt the webhook from the limit: Xsolla sends bursts from a \
                 few addresses, and they would hit it too.",
                self.run.wire.sent()
            );
            return Stop::Broken(health.limited.get_or_init(|| reason).clone());
        }
        Stop::Broken(format!("{said}: ask less at once with --jobs 1"))
    }

    /// Waits until the target accepts a known-good request again, where it did before.
    async fn well_again(&self, request: &Request) -> Result<(), Stop> {
        let health = &self.run.health;
        if !health.was_well.get() {
            return Ok(());
        }
        let since = Instant::now();
        let mut last;
        loop {
            last = self.send_ungated(self.run.wire.next_target(), &self.validation()).await;
            if last.as_ref().is_ok_and(Reply::is_success) {
                return Ok(());
            }
            if since.elapsed() >= OUTAGE_MAX {
                break;
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
        let outage = format!(
            "for {} s the target no longer accepts a request that it accepted before: {}",
            OUTAGE_MAX.as_secs(),
            words(&last)
        );
        *health.gone.borrow_mut() = Some(outage.clone());
        match last {
            // It does not even accept connections any more: what came before ended it.
            Err(Fault::Unreachable { .. }) => Err(self.violation(
                "ANS-07",
                "a listener that goes on answering",
                format!(
                    "it no longer accepts connections, {} s after this request and those beside it",
                    OUTAGE_MAX.as_secs()
                ),
                request,
            )),
            _ => Err(Stop::Broken(format!(
                "{outage}; its log may say why. A rate limiter or an address ban does the same"
            ))),
        }
    }

    /// The broken clause, where not even the plain notification of this type is answered.
    async fn silent_type(&self, request: &Request) -> Option<Stop> {
        let (kind, mode) = self.event_of(request)?;
        let plain = self.sign(self.purchase().tell(kind, mode).to_bytes());
        let came = self.send_ungated(self.run.wire.next_target(), &plain).await;
        let Err(fault @ Fault::Silent(_)) = came else { return None };
        self.note_silent(kind, plain, &fault);
        self.silence_of(kind)
    }

    /// Notes that the plain notification of this type is not answered, while others are.
    fn note_silent(&self, kind: NotificationType, plain: Request, fault: &Fault) {
        let actual = format!("{fault} to any `{kind}`, while other types are answered");
        self.run.health.silent.borrow_mut().insert(kind, (actual, plain));
    }

    /// Sends the smallest valid delivery, which was not answered a first time, and one of another type beside
    /// it. Where that one alone is answered, all further questions are of its type.
    pub(crate) async fn validation_again(&self) -> Result<Reply, Fault> {
        let wire = self.run.wire;
        let (kind, first) = (self.simplest().0, self.validation());
        let others = self.types().into_iter().filter(|(other, _)| SIMPLE.contains(other));
        let other = others.clone().find(|(other, _)| *other != kind);
        let Some((other, mode)) = other else { return wire.send(&first).await };
        let second = self.sign(self.purchase().tell(other, mode).to_bytes());
        let (came, beside) = tokio::join!(wire.send(&first), wire.send(&second));
        match (came, beside) {
            (Err(fault @ Fault::Silent(_)), Ok(reply)) => {
                self.note_silent(kind, first, &fault);
                Ok(reply)
            }
            (came, _) => came,
        }
    }

    /// The broken clause, where this type is never answered: told once, by one check.
    fn silence_of(&self, kind: NotificationType) -> Option<Stop> {
        let silent = self.run.health.silent.borrow();
        let (actual, request) = silent.get(&kind)?;
        if self.is_told_by(TELLS_OF_SILENCE) {
            let reason = format!("`{kind}` is never answered; see {TELLS_OF_SILENCE}");
            return Some(Stop::Inconclusive(reason));
        }
        Some(self.violation("ANS-06", "a whole answer to each delivery", actual, request))
    }

    /// Returns true if another check of this run reports what this one met.
    fn is_told_by(&self, check: &str) -> bool {
        self.check.id != check && self.run.selected.iter().any(|selected| selected.id == check)
    }

    /// Returns the type that a request names, and the mode in which the suite asks about it.
    fn event_of(&self, request: &Request) -> Option<(NotificationType, Mode)> {
        let (kind, _) = named_by(request)?;
        let orders = matches!(kind, NotificationType::OrderPaid | NotificationType::OrderCanceled);
        let mode = if orders { mode_of(request) } else { None };
        Some((kind, mode.unwrap_or(self.main_mode())))
    }

    /// Notes which type was accepted, until all that are asked about were.
    pub(super) fn note_accepted(&self, request: &Request, reply: &Reply) {
        let mut accepted = self.run.health.accepted.borrow_mut();
        if reply.is_success()
            && accepted.len() < self.types().len()
            && let Some(event) = self.event_of(request).filter(|(kind, _)| self.is_asked(*kind))
        {
            accepted.insert(event);
        }
    }

    /// Returns the answer to the plain notification of a request's type, where that is rejected too and the
    /// type was never accepted in this run: the rejection says nothing of this request.
    pub(super) async fn plain_rejection(&self, request: &Request) -> Result<Option<String>, Stop> {
        let told = |(kind, _): &(NotificationType, Mode)| {
            self.is_asked(*kind) && self.is_told_by(TELLS_OF_REJECTIONS)
        };
        let Some((kind, mode)) = self.event_of(request).filter(told) else { return Ok(None) };
        if self.run.health.accepts(kind, mode) {
            return Ok(None);
        }
        let known = self.run.health.plain.borrow().get(&(kind, mode)).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let rejection = self.rejection_of_plain(kind, mode).await?;
        let found = rejection.map(|(reply, _)| reply.to_string());
        self.run.health.plain.borrow_mut().insert((kind, mode), found.clone());
        Ok(found)
    }

    /// The answer to the plain notification of a type, and the request, where both its shortest and its
    /// full form are rejected.
    pub(crate) async fn rejection_of_plain(
        &self,
        kind: NotificationType,
        mode: Mode,
    ) -> Result<Option<(Reply, Request)>, Stop> {
        let mut rejected = None;
        for full in [false, true] {
            let purchase = self.purchase();
            self.lead_up(&purchase, kind, mode).await?;
            let payload =
                if full { purchase.tell_fully(kind, mode) } else { purchase.tell(kind, mode) };
            let request = self.sign(payload.to_bytes());
            let reply = self.deliver(&request).await?;
            if reply.is_success() {
                return Ok(None);
            }
            if let Some(reason) = self.explained_by_project(&request) {
                return Err(Stop::Inconclusive(reason));
            }
            rejected.get_or_insert((reply, request));
        }
        Ok(rejected)
    }

    /// Returns true while the suite itself keeps the listener's process ended or stopped.
    fn process_is_down(&self) -> bool {
        self.run.process.as_ref().is_some_and(|process| !process.is_meant_to_run())
    }
}

/// Returns the wait that an answer asks for, where it gives seconds.
fn retry_after(reply: &Reply) -> Option<Duration> {
    reply.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// Describes an answer or its absence in a few words.
fn words(came: &Result<Reply, Fault>) -> String {
    match came {
        Ok(reply) => reply.status.to_string(),
        Err(fault) => fault.to_string(),
    }
}
