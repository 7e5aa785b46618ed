//! The right listener: one request from its bytes to its answer.
//!
//! Each step is a hook of the [`Behaviour`]; the functions here are the right ones.

mod key;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hookproof_contract::{ErrorCode, Secret, signature};
use serde_json::Value;

pub(crate) use self::key::key;
use crate::{
    SECRET,
    behaviour::{Behaviour, Dedupe, Outcome, Refusal, Steps, Trouble},
    event::Event,
    game::{Begin, Game, KNOWN_USERS},
    process::Store,
    questions,
    wire::{Answer, Delivery, percent_decoded},
};

/// The path of the webhook.
pub(crate) const WEBHOOK: &str = "/webhook";
/// The path of the probe, before the user's id.
pub(crate) const PROBE: &str = "/probe/";
/// The largest body that is read.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// How long the look-up and the act of the listeners with a race lie apart. Copies that are sent
/// at once arrive well within this time.
pub(crate) const RACE_WINDOW: Duration = Duration::from_millis(50);
/// A listener that sheds load sends away one new event in this many.
const SHED_ONE_IN: usize = 3;

/// A listener: what it does and what it remembers.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) behaviour: Behaviour,
    game: Arc<Mutex<Game>>,
    turn: Arc<tokio::sync::Mutex<()>>,
    began: Instant,
    replica: usize,
    /// What lasts; a listener that lives in memory has none.
    store: Option<Arc<Store>>,
}

impl Listener {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        let (game, turn) = (Arc::default(), Arc::default());
        Self { behaviour, game, turn, began: Instant::now(), replica: 0, store: None }
    }

    /// Another process that serves the same game.
    pub(crate) fn beside(&self, replica: usize) -> Self {
        let (game, turn) = (Arc::clone(&self.game), Arc::clone(&self.turn));
        let began = self.began;
        Self { behaviour: self.behaviour, game, turn, began, replica, store: self.store.clone() }
    }

    /// A listener that goes on where an earlier process ended.
    pub(crate) fn kept(behaviour: Behaviour, game: Game, store: Arc<Store>) -> Self {
        let game = Arc::new(Mutex::new(game));
        Self { game, store: Some(store), ..Self::new(behaviour) }
    }

    /// The game, to be changed.
    pub(crate) fn game(&self) -> MutexGuard<'_, Game> {
        let mut game = self.looked_at();
        game.views.clear();
        game
    }

    /// A panic in a hook must not hide the state from the probe, so poison is ignored.
    fn looked_at(&self) -> MutexGuard<'_, Game> {
        self.game.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the probe shows. Many look while nothing changes, and a view may be long.
    fn view(&self, user: &str) -> Answer {
        let mut game = self.looked_at();
        if let Some(known) = game.views.get(user) {
            return known.clone();
        }
        let shown = (self.behaviour.view)(&game, user);
        game.views.insert(user.to_owned(), shown.clone());
        shown
    }

    /// Answers any request: a webhook, a look through the probe, or a stray.
    pub(crate) async fn answer(self: &Arc<Self>, delivery: &Delivery) -> Answer {
        if let Some(store) = &self.store {
            if store.is_busy() {
                return rendered(Err(Refusal::Busy));
            }
            store.mutter();
        }
        if let Some(user) = delivery.path.strip_prefix(PROBE) {
            return self.view(&percent_decoded(user));
        }
        if let Some(Trouble::Deployed { after, takes }) = self.behaviour.trouble
            && self.began.elapsed().checked_sub(*after).is_some_and(|since| since < *takes)
        {
            return rendered(Err(Refusal::Busy));
        }
        if delivery.path != WEBHOOK {
            return rendered(Err(Refusal::Path));
        }
        let _turn = if self.behaviour.one_at_a_time { Some(self.turn.lock().await) } else { None };
        let outcome = self.receive(delivery).await;
        let kind = self.kind_for_cell(delivery);
        let pause = match self.behaviour.cell {
            Some(cell) => cell.pause(&kind),
            None => (self.behaviour.pause)(&outcome),
        };
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let other = self.behaviour.cell.and_then(|cell| cell.render(&kind, &outcome));
        let answer = other.unwrap_or_else(|| (self.behaviour.render)(delivery, &outcome));
        if self.is_old_repeat(&outcome) { Answer { status: 200, ..answer } } else { answer }
    }

    /// The type of a delivery, signed or not; nothing where no cell of the matrix asks for it.
    fn kind_for_cell(&self, delivery: &Delivery) -> String {
        let event = self.behaviour.cell.and_then(|_| self.parse(delivery).ok());
        event.map_or_else(String::new, |event| event.kind)
    }

    /// Is it a repeat of what an earlier process accepted, of a listener that tells them apart?
    fn is_old_repeat(&self, outcome: &Outcome) -> bool {
        let tells = self.store.as_ref().filter(|store| store.process.old_repeats_200);
        let key = outcome.event.as_ref().filter(|_| outcome.result.is_ok());
        let key = key.and_then(self.behaviour.key);
        tells.zip(key).is_some_and(|(store, key)| store.past.known.contains(&key))
    }

    async fn receive(self: &Arc<Self>, delivery: &Delivery) -> Outcome {
        let mut event = match self.admit(delivery) {
            Ok(event) => event,
            Err(refusal) => return Outcome { event: None, result: Err(refusal), told: None },
        };
        event.replica = self.replica;
        let mut told = self.process(&mut event).await;
        if let (Some(cell), Err(Refusal::User | Refusal::Parameter)) = (self.behaviour.cell, &told)
        {
            let key = (self.behaviour.key)(&event);
            cell.rejected(&mut self.game(), &event, key);
        }
        if self.behaviour.steps == Steps::ActThenVerify {
            told = self.verify(delivery).and(told);
        }
        let result = told.as_ref().map(drop).map_err(|refusal| *refusal);
        Outcome { event: Some(event), result, told: told.ok().flatten() }
    }

    fn admit(&self, delivery: &Delivery) -> Result<Event, Refusal> {
        (self.behaviour.gate)(delivery)?;
        match self.behaviour.steps {
            Steps::VerifyThenParse => self
                .verify(delivery)
                .or_else(|refusal| self.cell_meets_forgery(delivery).ok_or(refusal))
                .and_then(|()| self.parse(delivery)),
            Steps::ParseThenVerify => {
                self.parse(delivery).and_then(|event| self.verify(delivery).map(|()| event))
            }
            Steps::ActThenVerify => self
                .parse(delivery)
                .map_err(|refusal| self.verify(delivery).err().unwrap_or(refusal)),
        }
    }

    fn verify(&self, delivery: &Delivery) -> Result<(), Refusal> {
        let signed = (self.behaviour.verify)(delivery, &mut self.game());
        signed.or_else(|why| if (self.behaviour.unsigned)(delivery) { Ok(()) } else { Err(why) })
    }

    /// Lets a cell of the matrix do with a badly signed event what it does. Gives whether it accepts it.
    fn cell_meets_forgery(&self, delivery: &Delivery) -> Option<()> {
        let cell = self.behaviour.cell?;
        let mut event = self.parse(delivery).ok()?;
        event.user = (self.behaviour.user)(&event);
        let mut game = self.game();
        if cell.accepts_forgery(&game, &event) {
            return Some(());
        }
        let key = (self.behaviour.key)(&event);
        cell.meets_forgery(&mut game, &event, key);
        None
    }

    fn parse(&self, delivery: &Delivery) -> Result<Event, Refusal> {
        Event::read(&(self.behaviour.text)(&delivery.body), &delivery.body)
    }

    async fn process(self: &Arc<Self>, event: &mut Event) -> Result<Option<Value>, Refusal> {
        (self.behaviour.vet)(event)?;
        if let Some(cell) = self.behaviour.cell {
            let wrong = cell.before(event).or_else(|| cell.again(&mut self.game(), event));
            wrong.map_or(Ok(()), Err)?;
        }
        event.user = (self.behaviour.user)(event);
        let known = event.user.as_deref().map(|user| (self.behaviour.knows)(user));
        match event.kind.as_str() {
            _ if questions::is_one(event) => {
                return (self.behaviour.inform)(&mut self.game(), event, known).map(Some);
            }
            "user_validation" => {
                let known = known.ok_or(Refusal::Parameter)?;
                (self.behaviour.validate)(&mut self.game(), event, known)?;
                return Ok(None);
            }
            "order_paid" | "order_canceled" => {
                require_order(event)?;
                known.ok_or(Refusal::Parameter)?.then_some(()).ok_or(Refusal::User)?;
            }
            // A payment may name no user.
            "payment" => {
                require_transaction(event)?;
                known.unwrap_or(true).then_some(()).ok_or(Refusal::User)?;
            }
            // The money is back, whoever the user is.
            "refund" | "partial_refund" => require_transaction(event)?,
            // No money came, whoever the user is.
            "ps_declined" | "afs_reject" => {
                event.id("/transaction/id").map(drop).ok_or(Refusal::Parameter)?;
            }
            _ if event.is_subscription() => {
                event.subscription_id().map(drop).ok_or(Refusal::Parameter)?;
                known.ok_or(Refusal::Parameter)?.then_some(()).ok_or(Refusal::User)?;
            }
            // News that changes nothing in this game, but has to be whole.
            "dispute" => require(event, "/transaction")?,
            "afs_black_list" => require(event, "/event")?,
            "payment_account_add" | "payment_account_remove" => require(event, "/payment_account")?,
            // Not known to this game; refusing it would only hold back what follows.
            _ => return Ok(None),
        }
        self.record(event).await.map(|()| None)
    }

    /// Lets an event have its effects unless it had them before.
    async fn record(self: &Arc<Self>, event: &Event) -> Result<(), Refusal> {
        let mut _writing = None;
        if let Some(Trouble::OneWriter(time)) = self.behaviour.trouble {
            _writing = Some(self.turn.try_lock().map_err(|_taken| Refusal::Busy)?);
            tokio::time::sleep(*time).await;
        }
        if let Some(race) = self.behaviour.race.filter(|race| (race.on)(event)) {
            return self.run_race(race, event).await;
        }
        let Some(key) = (self.behaviour.key)(event) else {
            return self.act(&mut self.game(), event, None);
        };
        if self.behaviour.sheds_load && self.sheds(&key) {
            return Err(Refusal::Busy);
        }
        match self.behaviour.dedupe {
            Dedupe::Atomic if let Some(store) = self.walks() => {
                self.record_in_steps(store, event, key).await
            }
            Dedupe::Atomic => {
                let mut game = self.game();
                if let Some(cell) = self.behaviour.cell {
                    cell.recall(&mut game, event, &key)?;
                }
                if game.done.contains(&key) {
                    Ok(())
                } else {
                    self.act(&mut game, event, Some(key))
                }
            }
            Dedupe::Never => self.act(&mut self.game(), event, None),
            Dedupe::CheckThenAct => {
                if self.game().done.contains(&key) {
                    return Ok(());
                }
                tokio::time::sleep(RACE_WINDOW).await;
                self.act(&mut self.game(), event, Some(key))
            }
            Dedupe::RefuseRepeats => {
                let mut game = self.game();
                let repeated = game.done.contains(&key);
                if repeated {
                    Err(Refusal::Conflict)
                } else {
                    self.act(&mut game, event, Some(key))
                }
            }
            Dedupe::RefuseWhileBusy => {
                match self.game().begin(&key) {
                    Begin::Done => return Ok(()),
                    Begin::Busy => return Err(Refusal::Conflict),
                    Begin::New => (),
                }
                tokio::time::sleep(RACE_WINDOW).await;
                let mut game = self.game();
                game.busy.remove(&key);
                self.act(&mut game, event, Some(key))
            }
        }
    }

    /// The store of a listener that does not keep an event in one step.
    fn walks(&self) -> Option<&Arc<Store>> {
        self.store.as_ref().filter(|store| store.persist.steps.is_some())
    }

    fn sheds(&self, key: &str) -> bool {
        let mut game = self.game();
        game.met.insert(key.to_owned()) && game.met.len() % SHED_ONE_IN == 1
    }

    fn act(
        self: &Arc<Self>,
        game: &mut Game,
        event: &Event,
        key: Option<String>,
    ) -> Result<(), Refusal> {
        (self.behaviour.objects)(game, event)?;
        if let Some(store) = &self.store {
            // One write into the kernel's memory takes less time than handing it to a thread.
            store.keep(event, key.as_deref()).map_err(|_| Refusal::Crash)?;
        }
        if self.behaviour.effects_after.is_zero() {
            for _ in 0..self.behaviour.cell.map_or(1, |cell| cell.effects(event)) {
                (self.behaviour.effects)(game, event);
            }
        } else {
            let listener = Arc::clone(self);
            game.to_come.push_back(event.clone());
            tokio::spawn(async move {
                tokio::time::sleep(listener.behaviour.effects_after).await;
                let mut game = listener.game();
                if let Some(event) = game.to_come.pop_front() {
                    (listener.behaviour.effects)(&mut game, &event);
                }
            });
        }
        game.done.extend(key);
        Ok(())
    }
}

/// A webhook is a POST.
pub(crate) fn gate(delivery: &Delivery) -> Result<(), Refusal> {
    if delivery.method == "POST" { Ok(()) } else { Err(Refusal::Method) }
}

fn require(event: &Event, pointer: &str) -> Result<(), Refusal> {
    event.at(pointer).filter(|value| value.is_object()).map(drop).ok_or(Refusal::Parameter)
}

fn require_transaction(event: &Event) -> Result<(), Refusal> {
    let details = event.at("/payment_details").is_some_and(Value::is_object);
    event.id("/transaction/id").filter(|_| details).map(drop).ok_or(Refusal::Parameter)
}

fn require_order(event: &Event) -> Result<(), Refusal> {
    event.id("/order/id").and(event.items()).map(drop).ok_or(Refusal::Parameter)
}

/// The signature is compared over the bytes as received.
pub(crate) fn verify(delivery: &Delivery, _: &mut Game) -> Result<(), Refusal> {
    let header = delivery.header("authorization");
    signature::verify(&delivery.body, header, &[secret()]).map_err(|_| Refusal::Signature)
}

/// The Web Shop's question comes without a signature; nothing else does.
pub(crate) fn unsigned(delivery: &Delivery) -> bool {
    Event::asked_by_web_shop(delivery).is_some()
}

/// The project's secret.
pub(crate) fn secret() -> Secret {
    Secret::new(SECRET).expect("the constant is not empty")
}

/// Orders call the user by another name than all other events, the catalogue by a newer one, and a
/// search by the public one.
pub(crate) fn user(event: &Event) -> Option<String> {
    match event.kind.as_str() {
        "order_paid" | "order_canceled" => event.text("/user/external_id"),
        // A null means a visitor, which is more than saying nothing.
        "partner_side_catalog" if event.json.pointer("/user/user_id").is_some() => {
            event.text("/user/user_id")
        }
        "user_search" if event.at("/user/public_id").is_some() => {
            event.text("/user/public_id").as_deref().and_then(questions::owner)
        }
        _ => event.text("/user/id"),
    }
}

/// Ids are compared exactly.
pub(crate) fn knows(user: &str) -> bool {
    KNOWN_USERS.contains(&user)
}

/// A validation changes nothing and may come as often as it likes.
pub(crate) fn validate(_: &mut Game, _: &Event, known: bool) -> Result<(), Refusal> {
    if known { Ok(()) } else { Err(Refusal::User) }
}

/// 204, what was asked for, or the contract's error body.
pub(crate) fn render(_: &Delivery, outcome: &Outcome) -> Answer {
    answered(outcome)
}

/// The right answer to what came of a request.
pub(crate) fn answered(outcome: &Outcome) -> Answer {
    match &outcome.told {
        Some(told) if outcome.result.is_ok() => Answer::json(200, told),
        _ => rendered(outcome.result),
    }
}

/// The right answer where nothing was asked for.
pub(crate) fn rendered(result: Result<(), Refusal>) -> Answer {
    let Err(refusal) = result else { return Answer::empty(204) };
    match refusal.code() {
        Some(code) => Answer::error(refusal.status(), code, code.message()),
        None => Answer::text(refusal.status(), "Try again later"),
    }
}

/// What the game says of a user that it has.
pub(crate) fn view(game: &Game, user: &str) -> Answer {
    if KNOWN_USERS.contains(&user) {
        Answer::shown(&game.shown(user))
    } else {
        Answer::error(404, ErrorCode::InvalidUser, ErrorCode::InvalidUser.message())
    }
}
