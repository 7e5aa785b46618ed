//! Whether the target is well enough to be judged, and the repetition that confirms a negative answer.
//!
//! A database that is busy, a deployment and a rate limiter are temporary trouble, not a broken clause. So
//! a delivery that is rejected, fails or is not answered is repeated alone, after the target has answered
//! a known-good request again. What only failed under load is listed as unstable, and the run goes on with
//! fewer requests at once.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use hookproof_contract::{Mode, NotificationType};
use tokio::sync::{RwLock, Semaphore, SemaphorePermit};

use super::{LAST_REDELIVERY, Session, kind_of, mode_of};
use crate::{
    Stop,
    answer::Reply,
    wire::{Fault, Request},
};

/// The longest `Retry-After` that is waited for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(10);

/// How long a target that answered before may fail at a known-good request: a deployment takes this long.
const OUTAGE_MAX: Duration = Duration::from_secs(15);

/// Time between two known-good requests.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// Requests at the same time, before the target sheds load.
const AT_ONCE: u32 = 64;

/// After each sign of shed load, only this part of the requests is sent at the same time.
const AT_ONCE_SHARE: u32 = 4;

/// The check that tells of types that are never answered.
const TELLS_OF_SILENCE: &str = "answers-complete";

/// The check that tells of types whose plain notification is rejected.
const TELLS_OF_REJECTIONS: &str = "answers-success-status";

/// Types on which most checks stand: where one of them is rejected whatever it contains, that is told once.
pub(crate) const CORE: [NotificationType; 3] =
    [NotificationType::UserValidation, NotificationType::Payment, NotificationType::OrderPaid];

/// What is known of the target's health. All sessions of a run share it.
#[derive(Debug)]
pub struct Health {
    /// Held shared by each request, and exclusively while one is repeated alone.
    turn: RwLock<()>,
    /// One for each request that may be under way.
    slots: Semaphore,
    at_once: Cell<u32>,
    /// Whether a known-good request was accepted in this run.
    was_well: Cell<bool>,
    /// Why nothing more can be asked.
    gone: RefCell<Option<String>>,
    /// Types that are never answered, and what was seen of them.
    silent: RefCell<BTreeMap<NotificationType, (String, Request)>>,
    /// Types that were accepted at least once.
    accepted: RefCell<BTreeSet<(NotificationType, Mode)>>,
    /// The answer to the plain notification of a type, where it is rejected.
    plain: RefCell<BTreeMap<(NotificationType, Mode), Option<String>>>,
    /// Answers that did not come back when the request was repeated alone.
    unstable: RefCell<BTreeMap<String, Unstable>>,
}

#[derive(Debug)]
struct Unstable {
    times: u32,
    checks: BTreeSet<&'static str>,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            turn: RwLock::default(),
            slots: Semaphore::new(AT_ONCE as usize),
            at_once: Cell::new(AT_ONCE),
            was_well: Cell::default(),
            gone: RefCell::default(),
            silent: RefCell::default(),
            accepted: RefCell::default(),
            plain: RefCell::default(),
            unstable: RefCell::default(),
        }
    }
}

impl Health {
    /// Notes that the target accepted a known-good request.
    pub(crate) fn well(&self) {
        self.was_well.set(true);
    }

    /// Whether this type was accepted at least once.
    pub(crate) fn accepts(&self, kind: NotificationType, mode: Mode) -> bool {
        self.accepted.borrow().contains(&(kind, mode))
    }

    /// Why nothing more can be asked, if that is so.
    pub(crate) fn gone(&self) -> Option<String> {
        self.gone.borrow().clone()
    }

    /// What to tell about temporary trouble.
    pub(crate) fn notes(&self) -> Vec<String> {
        let unstable = self.unstable.borrow();
        let mut notes: Vec<String> = unstable
            .iter()
            .map(|(answer, seen)| {
                let checks = seen.checks.iter().copied().collect::<Vec<_>>().join(", ");
                format!(
                    "unstable: {answer}, {} times; accepted when the same request was repeated alone \
                     ({checks})",
                    seen.times
                )
            })
            .collect();
        if self.at_once.get() < AT_ONCE {
            let most = self.at_once.get();
            notes.push(format!("sheds load: asked with {most} requests at a time from then on"));
        }
        notes
    }

    /// Waits for a turn. While it is held, no request is repeated alone.
    pub(super) async fn together(&self) -> Together<'_> {
        let turn = self.turn.read().await;
        // The semaphore is never closed.
        let slot = self.slots.acquire().await.ok();
        Together { _slot: slot, _turn: turn }
    }

    /// Whether this type is never answered.
    pub(super) fn is_silent(&self, request: &Request) -> bool {
        let silent = self.silent.borrow();
        !silent.is_empty() && kind_of(request).is_some_and(|kind| silent.contains_key(&kind))
    }

    fn note_unstable(&self, answer: String, check: &'static str) {
        let mut unstable = self.unstable.borrow_mut();
        let seen = unstable
            .entry(answer)
            .or_insert_with(|| Unstable { times: 0, checks: BTreeSet::new() });
        seen.times += 1;
        seen.checks.insert(check);
    }

    /// Sends fewer requests at once from now on. No request may be under way.
    fn shed(&self) {
        let now = (self.at_once.get() / AT_ONCE_SHARE).max(1);
        let fewer = self.at_once.get() - now;
        self.slots.forget_permits(fewer as usize);
        self.at_once.set(now);
    }
}

/// A turn to send a request beside others.
pub(super) struct Together<'a> {
    _slot: Option<SemaphorePermit<'a>>,
    _turn: tokio::sync::RwLockReadGuard<'a, ()>,
}

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
        if let Some(stop) = kind_of(request).and_then(|kind| self.silence_of(kind)) {
            return Err(stop);
        }
        match last.as_ref().ok().and_then(retry_after) {
            // Nobody waits that long; who limits the rate is told of elsewhere.
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
        let kind = kind_of(request)?;
        let mode = mode_of(request).unwrap_or(self.main_mode());
        let plain = self.sign(self.purchase().tell(kind, mode).to_bytes());
        let came = self.send_ungated(self.run.wire.next_target(), &plain).await;
        let Err(fault @ Fault::Silent(_)) = came else { return None };
        let actual = format!("{fault} to any `{kind}`, while other types are answered");
        self.run.health.silent.borrow_mut().insert(kind, (actual, plain));
        self.silence_of(kind)
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

    /// Whether another check of this run tells of something that this one met.
    fn is_told_by(&self, check: &str) -> bool {
        self.check.id != check && self.run.selected.iter().any(|selected| selected.id == check)
    }

    /// Notes which type was accepted.
    pub(super) fn note_accepted(&self, request: &Request, reply: &Reply) {
        let mut accepted = self.run.health.accepted.borrow_mut();
        if reply.is_success()
            && accepted.len() < CORE.len() * Mode::ALL.len()
            && let Some(kind) = kind_of(request).filter(|kind| CORE.contains(kind))
        {
            accepted.insert((kind, mode_of(request).unwrap_or(self.main_mode())));
        }
    }

    /// Why a rejection says nothing of this request: its type was never accepted in this run, and its
    /// plain notification is rejected too.
    pub(super) async fn plain_rejection(&self, request: &Request) -> Result<Option<String>, Stop> {
        let asked = kind_of(request).filter(|kind| self.is_asked(*kind));
        let told =
            |kind: &NotificationType| CORE.contains(kind) && self.is_told_by(TELLS_OF_REJECTIONS);
        let Some(kind) = asked.filter(told) else { return Ok(None) };
        let mode = mode_of(request).unwrap_or(self.main_mode());
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

    /// Whether the suite itself has ended or stopped the listener's process.
    fn process_is_down(&self) -> bool {
        self.run.process.as_ref().is_some_and(|process| !process.is_meant_to_run())
    }
}

/// How long an answer asks to wait, where it says so in seconds.
fn retry_after(reply: &Reply) -> Option<Duration> {
    reply.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// What came, in a few words.
fn words(came: &Result<Reply, Fault>) -> String {
    match came {
        Ok(reply) => reply.status.to_string(),
        Err(fault) => fault.to_string(),
    }
}
