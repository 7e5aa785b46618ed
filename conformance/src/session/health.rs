//! State of the target as all sessions of a run see it: temporary trouble, rate limits, types without answers.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use hookproof_contract::{Mode, NotificationType};
use tokio::sync::{RwLock, RwLockReadGuard, Semaphore, SemaphorePermit};

use super::named_by;
use crate::wire::Request;

/// Requests at the same time, before the target sheds load.
const AT_ONCE: u32 = 64;

/// After each sign of shed load, only this part of the requests is sent at the same time.
const AT_ONCE_SHARE: u32 = 4;

/// The state of the target as all sessions of a run see it.
#[derive(Debug)]
pub struct Health {
    /// Held shared by each request, and exclusively while one is repeated alone.
    pub(super) turn: RwLock<()>,
    /// One for each request that may be under way.
    slots: Semaphore,
    at_once: Cell<u32>,
    /// Whether a known-good request was accepted in this run.
    pub(super) was_well: Cell<bool>,
    /// The reason why nothing more can be asked, if there is one.
    pub(super) gone: RefCell<Option<String>>,
    /// Deliveries that a rate limiter kept from the target to the end.
    pub(super) rate_limited: Cell<u32>,
    /// The reason why nothing more is sent, where a rate limiter lets nothing through.
    pub(super) limited: OnceCell<String>,
    /// Types that are never answered, and what was seen of them.
    pub(super) silent: RefCell<BTreeMap<NotificationType, (String, Request)>>,
    /// Types that were accepted at least once.
    pub(super) accepted: RefCell<BTreeSet<(NotificationType, Mode)>>,
    /// The answer to the plain notification of a type, where it is rejected.
    pub(super) plain: RefCell<BTreeMap<(NotificationType, Mode), Option<String>>>,
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
            rate_limited: Cell::default(),
            limited: OnceCell::new(),
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

    /// Returns the reason why nothing more can be asked, if there is one.
    pub(crate) fn gone(&self) -> Option<String> {
        self.gone.borrow().clone().or_else(|| self.limited.get().cloned())
    }

    /// Returns the message about a rate limiter that lets nothing through.
    pub(crate) fn limited(&self) -> Option<&String> {
        self.limited.get()
    }

    /// Returns the notes of the report about temporary trouble.
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

    /// Returns true if this type is never answered.
    pub(super) fn is_silent_type(&self, kind: NotificationType) -> bool {
        self.silent.borrow().contains_key(&kind)
    }

    /// Returns true if the type of a request is known never to be answered.
    pub(super) fn is_silent(&self, request: &Request) -> bool {
        let silent = self.silent.borrow();
        !silent.is_empty() && named_by(request).is_some_and(|(kind, _)| silent.contains_key(&kind))
    }

    pub(super) fn note_unstable(&self, answer: String, check: &'static str) {
        let mut unstable = self.unstable.borrow_mut();
        let seen = unstable
            .entry(answer)
            .or_insert_with(|| Unstable { times: 0, checks: BTreeSet::new() });
        seen.times += 1;
        seen.checks.insert(check);
    }

    /// Sends fewer requests at once from now on. No request may be under way.
    pub(super) fn shed(&self) {
        let now = (self.at_once.get() / AT_ONCE_SHARE).max(1);
        let fewer = self.at_once.get() - now;
        self.slots.forget_permits(fewer as usize);
        self.at_once.set(now);
    }
}

/// A turn to send a request beside others.
pub(super) struct Together<'a> {
    _slot: Option<SemaphorePermit<'a>>,
    _turn: RwLockReadGuard<'a, ()>,
}
