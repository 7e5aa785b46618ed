//! What a check asks through: signed deliveries, fresh ids, and the rules by which answers are judged.
//!
//! The rules of verdicts live here and nowhere else. A delivery that is answered 5xx, or not at all, is
//! sent again by a compressed plan before anybody judges it. A refusal counts only beside a twin that
//! was accepted. A network fault is never a broken clause: it is one only where the target answers
//! other requests and not this one.

mod confirm;
mod crash;
mod health;
mod telling;

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::BTreeSet,
    fmt::{Debug, Write as _},
    time::{Duration, Instant},
};

use hookproof_contract::{Mode, NotificationType, Secret, signature, spec::Spec};
use serde_json::Value;
use sha1::{Digest, Sha1};

pub(crate) use self::crash::Fate;
pub use self::health::Health;
use crate::{
    Options, Stop, Violation,
    answer::Reply,
    answer_rules::AnswerRules,
    check::Check,
    effects::Effects,
    options::StoredSeed,
    project::Rule,
    repro,
    spawn::Process,
    trace::Trace,
    wire::{Fault, Request, Wire},
};

/// Waits before a delivery is sent again: the sender's plan, compressed.
const REDELIVERIES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(250)];

/// The last wait, after which a delivery is sent again alone.
const LAST_REDELIVERY: Duration = Duration::from_secs(1);

/// While a failing value is made smaller, one repeat has to do.
const REDELIVERIES_WHILE_SHRINKING: usize = 1;

/// Deliveries of one request that may run into the time limit.
const SILENCES_MAX: u32 = 2;

/// Bytes of a refused body that are kept: payloads with values of the project are far shorter.
const REFUSED_BYTES_MAX: usize = 64 * 1024;

/// Ids set aside for each check. A check that needs more takes those of the next one.
pub(crate) const IDS_PER_CHECK: u64 = 16_384;

/// What all checks of a run share. Only what they found changes while they are asked.
#[derive(Debug)]
pub struct Run<'run> {
    /// What is asked of whom.
    pub options: &'run Options,
    /// The moment at which nothing more is asked, if there is one.
    pub deadline: Option<Instant>,
    /// The way to the target.
    pub wire: &'run Wire,
    /// The view of the effects, if there is one.
    pub effects: Option<Effects<'run>>,
    /// The listener's process, if the suite owns it.
    pub process: Option<Process>,
    /// The first id; smaller than the options' where the target refuses ids beyond 32 bits.
    pub first_id: Cell<u64>,
    /// For each check that failed, the mode to which what it found belongs.
    pub failed_in: RefCell<Vec<Option<Mode>>>,
    /// The checks that are asked.
    pub selected: Vec<&'static Check>,
    /// Whether the target is well enough to be judged.
    pub health: Health,
    /// Why nothing can be asked about orders, where the target may not know the items in them.
    pub no_orders: OnceCell<String>,
    /// Rules of the project by which the target refused plain notifications.
    pub rules: RefCell<Vec<Rule>>,
    /// Answers that break a rule about all answers.
    pub(crate) answers: AnswerRules,
    /// The contract.
    pub spec: &'static Spec,
}

impl Run<'_> {
    /// How many questions may be asked at the same time.
    pub fn width(&self) -> usize {
        if self.wire.closes_after_each() { 1 } else { self.options.jobs.max(1) }
    }
}

/// What one check asks through.
#[derive(Debug)]
pub struct Session<'run> {
    /// What all checks share.
    pub run: &'run Run<'run>,
    check: &'static Check,
    next_id: Cell<u64>,
    id_step: u64,
    cases: Cell<u32>,
    digest: RefCell<Sha1>,
    warnings: RefCell<Vec<Violation>>,
    twins: RefCell<BTreeSet<Vec<u8>>>,
    pub(crate) shrinking: Cell<bool>,
    pub(crate) trace: Trace,
    /// The source of this check's random choices.
    pub(crate) seed: u64,
    /// Generated values per property.
    pub(crate) cases_per_property: u32,
    pub(crate) killed_by: RefCell<Option<String>>,
    broken_in: Cell<Option<Mode>>,
    /// The last body that was refused, and the refusal.
    refused: RefCell<Option<(Vec<u8>, Reply)>>,
}

impl<'run> Session<'run> {
    /// A session for the check at this place of the registry.
    pub fn new(run: &'run Run<'run>, check: &'static Check, place: u64) -> Self {
        Self {
            run,
            check,
            next_id: Cell::new(run.first_id.get() + place * IDS_PER_CHECK),
            id_step: 1,
            cases: Cell::new(0),
            digest: RefCell::new(Sha1::new()),
            warnings: RefCell::default(),
            twins: RefCell::default(),
            shrinking: Cell::new(false),
            trace: Trace::new(),
            seed: run.options.seed,
            cases_per_property: run.options.cases,
            killed_by: RefCell::default(),
            broken_in: Cell::new(None),
            refused: RefCell::default(),
        }
    }

    /// The same check asked under a seed under which it failed before.
    pub(crate) fn under(self, stored: &StoredSeed) -> Self {
        let cases = self.cases_per_property.max(stored.cases);
        Self { seed: stored.seed, cases_per_property: cases, ..self }
    }

    /// The same check asked once more: with ids after those that an earlier session used.
    pub(crate) fn after(self, earlier: &Self) -> Self {
        Self { next_id: Cell::new(earlier.next_id.get()), ..self }
    }

    /// Sessions for parts of the check that are asked at the same time. Each has every so-manieth of
    /// the ids, so that what is sent does not depend on who is faster.
    pub fn fork(&self, parts: u64) -> Vec<Self> {
        let part = |place| Self {
            next_id: Cell::new(self.next_id.get() + place * self.id_step),
            id_step: self.id_step * parts,
            seed: self.seed,
            cases_per_property: self.cases_per_property,
            trace: Trace::since(self.trace.began()),
            ..Self::new(self.run, self.check, 0)
        };
        (0..parts).map(part).collect()
    }

    /// Takes back what the parts asked and noticed, in their order.
    pub fn join(&self, parts: Vec<Self>) {
        for part in parts {
            let (cases, digest) = part.asked();
            self.cases.set(self.cases.get() + cases);
            self.digest.borrow_mut().update(digest);
            self.warnings.borrow_mut().extend(part.take_warnings());
            self.next_id.set(self.next_id.get().max(part.next_id.get()));
        }
    }

    /// The check that is asked.
    pub const fn check(&self) -> &'static Check {
        self.check
    }

    /// Notes a question: what is asked about, without ids that are new in each run.
    pub fn asks(&self, question: impl Debug) {
        self.cases.set(self.cases.get() + 1);
        let mut digest = Digested(&mut self.digest.borrow_mut());
        // A digest takes whatever it is given.
        let _ = writeln!(digest, "{question:?}");
    }

    /// How many questions were asked, and a digest over them.
    pub fn asked(&self) -> (u32, String) {
        (self.cases.get(), hex::encode(self.digest.borrow().clone().finalize()))
    }

    /// The mode in which the request is sent that last broke a clause, where one mode alone sends it.
    pub fn broken_in(&self) -> Option<Mode> {
        self.broken_in.get()
    }

    /// Lesser points found on the way.
    pub fn take_warnings(&self) -> Vec<Violation> {
        self.warnings.take()
    }

    // Deliveries.

    /// A delivery, rightly signed.
    pub fn sign(&self, body: impl Into<Vec<u8>>) -> Request {
        let body = body.into();
        let authorization = signature::authorization(&body, &self.run.options.secret);
        Request::webhook(body, Some(&authorization))
    }

    /// Sends a request once, whatever comes of it.
    pub async fn send(&self, request: &Request) -> Result<Reply, Fault> {
        self.send_to(self.run.wire.next_target(), request).await
    }

    /// Sends a request once to one of the replicas, whatever comes of it.
    pub async fn send_to(&self, target: usize, request: &Request) -> Result<Reply, Fault> {
        let _together = self.run.health.together().await;
        self.send_ungated(target, request).await
    }

    /// Sends a request once without a turn of its own: whoever calls holds one.
    async fn send_ungated(&self, target: usize, request: &Request) -> Result<Reply, Fault> {
        match &self.run.process {
            Some(process) => self.send_to_process(process, target, request).await,
            None => self.send_once(target, request).await,
        }
    }

    /// Sends a request once to one of the replicas, also where the listener's process has ended.
    pub(crate) async fn send_once(&self, target: usize, request: &Request) -> Result<Reply, Fault> {
        let started = Instant::now();
        // Each would run into the time limit again.
        let came = if self.run.health.is_silent(request) {
            Err(Fault::Silent(self.run.options.timeout))
        } else {
            self.run.wire.send_to(target, request).await
        };
        self.received(started, target, request, &came);
        self.keep_refusal(request, &came);
        came
    }

    /// Keeps a refusal until the same body is answered otherwise.
    fn keep_refusal(&self, request: &Request, came: &Result<Reply, Fault>) {
        let mut refused = self.refused.borrow_mut();
        match came {
            Ok(reply) if reply.is_refusal() && request.body.len() <= REFUSED_BYTES_MAX => {
                *refused = Some((request.body.clone(), reply.clone()));
            }
            _ => {
                refused.take_if(|(body, _)| *body == request.body);
            }
        }
    }

    /// Returns the rule of the project that may explain why this request was refused.
    fn explained_by_project(&self, request: &Request) -> Option<String> {
        let refused = self.refused.borrow();
        let (_, reply) = refused.as_ref().filter(|(body, _)| *body == request.body)?;
        let options = self.run.options;
        let seen = self.run.rules.borrow();
        options.project.explains(request, reply, &options.secret, &seen)
    }

    /// Notes what came of a request, and holds an answer against the rules about all answers.
    pub(crate) fn received(
        &self,
        started: Instant,
        target: usize,
        request: &Request,
        came: &Result<Reply, Fault>,
    ) {
        self.trace.sent(started, target, request, came);
        if let Ok(reply) = came {
            self.note_accepted(request, reply);
            self.run.answers.apply(request, reply, &self.run.options.secret);
        }
    }

    /// Sends requests one after the other on one connection, as long as it stands.
    pub async fn send_in_turn(&self, requests: &[&Request]) -> Vec<Result<Reply, Fault>> {
        let (target, started) = (self.run.wire.next_target(), Instant::now());
        let came = self.run.wire.send_in_turn(target, requests).await;
        for (request, came) in requests.iter().zip(&came) {
            self.received(started, target, request, came);
        }
        came
    }

    /// Delivers a request: again if it is answered 5xx or not at all. Gives the last answer.
    pub async fn deliver(&self, request: &Request) -> Result<Reply, Stop> {
        if let Some(reason) = self.run.health.gone() {
            return Err(Stop::Broken(reason));
        }
        let mut silences = 0;
        let repeats =
            if self.shrinking.get() { REDELIVERIES_WHILE_SHRINKING } else { REDELIVERIES.len() };
        let mut last = self.send(request).await;
        for wait in &REDELIVERIES[..repeats] {
            if let Some(stop) = self.ended_by(request) {
                return Err(stop);
            }
            match &last {
                Ok(reply) if !reply.is_later() => break,
                Err(Fault::Silent(_)) if silences + 1 >= SILENCES_MAX => break,
                Err(Fault::Silent(_)) => silences += 1,
                _ => (),
            }
            tokio::time::sleep(*wait).await;
            last = self.send(request).await;
        }
        if let Some(stop) = self.ended_by(request) {
            return Err(stop);
        }
        match self.confirmed(request, last).await? {
            Ok(reply) if reply.is_rate_limit() => Err(self.rate_limited(&reply)),
            Ok(reply) => Ok(reply),
            Err(fault) => Err(self.judge_fault(request, &fault).await),
        }
    }

    /// A request that is never answered breaks a clause only if the target answers others.
    async fn judge_fault(&self, request: &Request, fault: &Fault) -> Stop {
        if self.is_alive().await {
            return self.violation(
                "ANS-06",
                "a whole answer to each delivery",
                format!("{fault}, while other deliveries are answered"),
                request,
            );
        }
        Stop::Broken(format!("the target stopped answering: {fault}"))
    }

    /// Whether the target answers the smallest valid delivery at all.
    pub async fn is_alive(&self) -> bool {
        for wait in REDELIVERIES.into_iter().chain([LAST_REDELIVERY]) {
            if self.run.wire.send(&self.validation()).await.is_ok() {
                return true;
            }
            tokio::time::sleep(wait).await;
        }
        false
    }

    // Judgements.

    /// A broken clause, with the request that shows it; inconclusive where a rule of the project explains
    /// why the request was refused.
    pub fn violation(
        &self,
        clause: &str,
        expected: impl Into<String>,
        actual: impl ToString,
        request: &Request,
    ) -> Stop {
        if let Some(reason) = self.explained_by_project(request) {
            return Stop::Inconclusive(reason);
        }
        self.broken_in.set(mode_of(request));
        Stop::from(Violation {
            clause: clause.to_owned(),
            expected: expected.into(),
            actual: actual.to_string(),
            repro: Some(repro::curl(&self.run.options.targets[0], request)),
            steps: self.trace.steps(),
            timeline: None,
        })
    }

    /// Notes a lesser point and goes on: once for each clause.
    pub fn note(&self, clause: &str, expected: &str, actual: impl ToString, request: &Request) {
        let Stop::Violation(found) = self.violation(clause, expected, actual, request) else {
            return;
        };
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.iter().any(|known| known.clause == clause) {
            warnings.push(*found);
        }
    }

    /// Delivers what the contract allows; anything but success breaks the clause.
    ///
    /// A rejection counts where it comes again when the request is repeated alone, and where the plain
    /// notification of the same type is accepted. A listener that knows its own prices or invoices may
    /// refuse those it was not told of.
    pub async fn accepted(&self, clause: &str, request: &Request) -> Result<Reply, Stop> {
        let reply = self.deliver(request).await?;
        if reply.is_success() {
            return Ok(reply);
        }
        if is_about_money(request, &reply) {
            return Err(Stop::Inconclusive(format!(
                "the listener knows prices or invoices of its own: it answers {reply}"
            )));
        }
        let reply = self.confirmed_rejection(request, reply).await?;
        if reply.is_success() {
            return Ok(reply);
        }
        if let Some(reason) = self.explained_by_project(request) {
            return Err(Stop::Inconclusive(reason));
        }
        if !is_about_invoice(&reply)
            && let Some(plain) = self.plain_rejection(request).await?
        {
            return Err(Stop::Inconclusive(format!(
                "the plain notification of this type is not accepted either ({plain}); see \
                 answers-success-status"
            )));
        }
        Err(self.violation(clause, "200, 201 or 204", &reply, request))
    }

    /// Delivers the request without the defect; no refusal counts where this is refused too.
    pub async fn twin(&self, request: &Request) -> Result<(), Stop> {
        if self.twins.borrow().contains(&request.body) {
            return Ok(());
        }
        let reply = self.deliver(request).await?;
        if !reply.is_success() {
            return Err(Stop::Inconclusive(format!(
                "the same request without the defect is not accepted either: {reply}"
            )));
        }
        self.twins.borrow_mut().insert(request.body.clone());
        Ok(())
    }

    /// Delivers a request that must be refused for its signature.
    pub async fn refused_for_signature(&self, clause: &str, request: &Request) -> Result<(), Stop> {
        let reply = self.deliver(request).await?;
        if !reply.is_refusal() {
            let expected = "4xx with the error code INVALID_SIGNATURE";
            return Err(self.violation(clause, expected, &reply, request));
        }
        if reply.code().as_deref() == Some("INVALID_SIGNATURE") {
            return Ok(());
        }
        Err(Stop::Inconclusive(format!(
            "refused, but not shown to be for the signature: {reply}; see errors-body-shape"
        )))
    }
}

/// A digest of what is asked about.
pub(crate) fn digest(question: &impl Debug) -> String {
    let mut digest = Sha1::new();
    // A digest takes whatever it is given.
    let _ = write!(Digested(&mut digest), "{question:?}");
    hex::encode(digest.finalize())
}

/// Takes text into a digest piece by piece, without a copy of the whole.
struct Digested<'digest>(&'digest mut Sha1);

impl std::fmt::Write for Digested<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

/// Whether the listener refuses an amount, or an invoice of the game's own, which it may (clauses
/// ERR-07 and ERR-08): it knows what things cost and what it ordered, and these are made up.
pub fn is_about_money(request: &Request, reply: &Reply) -> bool {
    let own_invoice = || {
        let body: Option<Value> = serde_json::from_slice(&request.body).ok();
        let at = |pointer| body.as_ref().is_some_and(|body| body.pointer(pointer).is_some());
        at("/transaction/external_id") || at("/billing/transaction/external_id")
    };
    match reply.code().as_deref() {
        Some("INCORRECT_AMOUNT") => reply.is_refusal(),
        Some("INCORRECT_INVOICE") => reply.is_refusal() && own_invoice(),
        _ => false,
    }
}

/// Returns true if the listener misses another event of the purchase, such as its order.
pub(crate) fn is_about_invoice(reply: &Reply) -> bool {
    reply.code().as_deref() == Some("INCORRECT_INVOICE")
}

/// Returns true if the request carries the right signature of its body.
pub(crate) fn is_signed_by(request: &Request, secret: &Secret) -> bool {
    let right = signature::authorization(&request.body, secret);
    request.authorizations().any(|value| *value == right)
}

/// Returns the type that a request names, and its body.
fn named_by(request: &Request) -> Option<(NotificationType, Value)> {
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    Some((body.get("notification_type")?.as_str()?.parse().ok()?, body))
}

/// Returns the mode that sends such a request, where the other does not.
fn mode_of(request: &Request) -> Option<Mode> {
    let (kind, body) = named_by(request)?;
    match kind {
        NotificationType::Payment | NotificationType::Refund => Some(Mode::Separate),
        NotificationType::OrderPaid | NotificationType::OrderCanceled => {
            Some(if body.get("billing").is_some() { Mode::Combined } else { Mode::Separate })
        }
        _ => None,
    }
}
