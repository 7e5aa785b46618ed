//! The view of the effects: what a user owns and which transactions are known (evidence level *probe*).
//!
//! Effects may show a little after the answer. Whoever looks waits until what is expected has shown and
//! nothing has changed for a quiet time; "nothing more was granted" has a quiet time of its own, longer.

mod lane;
mod source;
mod state;
mod subscription;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};

use hookproof_contract::NotificationType;
use serde::Deserialize;
use tokio::sync::{Mutex, OnceCell, Semaphore, SemaphorePermit};

use self::source::Source;
pub(crate) use self::state::{Batches, Change};
pub use self::{lane::Lane, subscription::SubscriptionView};
use crate::{Options, Stop, probe_form, session::Session};

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long an effect may take to show.
const SHOWN_WITHIN: Duration = Duration::from_secs(3);

/// The shortest quiet time before a judgement.
const QUIET_MIN: Duration = Duration::from_millis(100);

/// Quiet times that are waited for while a failure that was seen is made smaller.
const QUIETS_WHILE_SHRINKING: u32 = 4;

/// What the items are called that belong to one check alone.
pub(crate) const LANE: &str = "hookproof_";

/// Lanes where items may be called anything.
const FREE_LANES: usize = 64;

/// What the view shows of one user. What is missing is not observable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct View {
    /// Items owned, by SKU.
    pub items: Option<BTreeMap<String, i64>>,
    /// Subscriptions, by id.
    pub subscriptions: Option<BTreeMap<String, SubscriptionView>>,
    /// Transactions, by id.
    pub transactions: Option<BTreeMap<String, TransactionView>>,
    /// A message about an answer that has other members than these, and none of them.
    #[serde(skip)]
    pub strange: Option<String>,
}

impl View {
    /// What is shown of somebody who has nothing.
    fn nothing() -> Self {
        Self {
            items: Some(BTreeMap::new()),
            subscriptions: Some(BTreeMap::new()),
            transactions: Some(BTreeMap::new()),
            strange: None,
        }
    }
}

/// What the view shows of one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TransactionView {
    /// `paid`, `partially_refunded`, `refunded` or `declined`.
    pub state: Option<String>,
    /// Refunds and partial refunds applied.
    pub refunds: Option<u64>,
}

/// What was seen last of one user.
#[derive(Debug)]
struct Look {
    started: Instant,
    body: Option<Vec<u8>>,
    view: Rc<View>,
}

/// A wait for a part of the view.
#[derive(Debug, Clone, Copy)]
pub struct Wait {
    /// Time without a change after which the part is stable.
    quiet: Duration,
    /// The moment from which that time counts.
    since: Instant,
    /// Time after which the part is judged as it is.
    limit: Duration,
}

/// A reason why effects cannot be judged.
#[derive(Debug)]
enum Blind {
    /// It could not be read.
    CannotTell(String),
    /// No order is accepted.
    NothingBought(String),
    /// An order was accepted, and nothing was granted for it.
    NothingGranted(Stop),
}

/// The check that reports that nothing is granted for accepted orders.
const TELLS_OF_GRANTS: &str = "orders-granted";

/// Where effects are read, and what may be bought without meeting another check's purchases.
#[derive(Debug)]
pub struct Effects<'run> {
    source: Source<'run>,
    timeout: Duration,
    delay: Duration,
    quiet: Cell<Duration>,
    lanes: RefCell<Vec<(String, Option<String>)>>,
    lane_count: Cell<usize>,
    /// Items that the game is known to sell; none where any will do.
    named_items: Cell<usize>,
    free: Semaphore,
    began: Instant,
    looks: Mutex<BTreeMap<String, Look>>,
    /// Types whose effects the view shows, once a check needed to know.
    observable: OnceCell<state::Observable>,
    /// The reason why effects cannot be judged, if there is one.
    blind: RefCell<Option<Blind>>,
}

impl<'run> Effects<'run> {
    /// A view of the effects, if the options say where to look.
    pub fn new(options: &'run Options) -> Result<Option<Self>, url::ParseError> {
        let Some(probe) = &options.probe else { return Ok(None) };
        let source = Source::new(probe, options.timeout, &options.trust)?;
        Ok(Some(Self {
            source,
            timeout: options.timeout,
            delay: options.probe_delay,
            quiet: Cell::new(QUIET_MIN),
            lanes: RefCell::default(),
            lane_count: Cell::new(0),
            named_items: Cell::new(0),
            began: Instant::now(),
            looks: Mutex::default(),
            observable: OnceCell::new(),
            free: Semaphore::new(0),
            blind: RefCell::default(),
        }))
    }

    /// Sets how slowly effects show, and what may be bought: anything, or these items alone.
    pub fn learn(&self, shown_after: Duration, options: &Options, skus: Option<&[String]>) {
        self.quiet.set(QUIET_MIN.max(shown_after * 3));
        let mut lanes = self.lanes.borrow_mut();
        match skus {
            None => {
                let user = buyer(options);
                lanes.extend((0..FREE_LANES).map(|_| (user.to_owned(), None)));
            }
            Some(skus) => {
                let of = |user: &String| {
                    skus.iter()
                        .map(move |sku| (user.clone(), Some(sku.clone())))
                        .collect::<Vec<_>>()
                };
                // Deliveries that are not about effects buy for the first user.
                let first = usize::from(options.known_users.len() > 1);
                lanes.extend(options.known_users.iter().skip(first).flat_map(of));
                self.named_items.set(skus.len());
            }
        }
        self.lane_count.set(lanes.len());
        self.free.add_permits(lanes.len());
    }

    /// What the view shows of a user now. An unknown user owns nothing.
    ///
    /// Whoever asks while somebody else is looking shares the next look: many checks wait for effects
    /// of one user, and a view may be large.
    pub async fn look(&self, user: &str) -> Result<Rc<View>, String> {
        let asked = Instant::now();
        let mut looks = self.looks.lock().await;
        if let Some(look) = looks.get(user)
            && look.started >= asked
        {
            return Ok(Rc::clone(&look.view));
        }
        let started = Instant::now();
        let failed = |reason: String| format!("the probe cannot be read: {reason}");
        let body = self.source.read(user).await.map_err(failed)?;
        // Most looks see what the last one saw.
        if let Some(look) = looks.get_mut(user)
            && look.body == body
        {
            look.started = started;
            return Ok(Rc::clone(&look.view));
        }
        let view = match &body {
            None => View::nothing(),
            Some(body) => probe_form::read(body).map_err(failed)?,
        };
        let view = Rc::new(view);
        looks.insert(user.to_owned(), Look { started, body, view: Rc::clone(&view) });
        Ok(view)
    }

    /// Stops judging effects: the view could not be read.
    pub(crate) fn cannot_tell(&self, reason: String) {
        *self.blind.borrow_mut() = Some(Blind::CannotTell(reason));
    }

    /// Stops judging effects: the listener accepts no order.
    pub(crate) fn nothing_bought(&self, reason: String) {
        *self.blind.borrow_mut() = Some(Blind::NothingBought(reason));
    }

    /// Stops judging effects: the listener grants nothing for the orders that it accepts. One check reports
    /// it, the others are inconclusive.
    pub(crate) fn nothing_granted(&self, stop: Stop) {
        *self.blind.borrow_mut() = Some(Blind::NothingGranted(stop));
    }

    /// Whether the canary has shown that this view can be relied on.
    pub(crate) fn is_trusted(&self) -> bool {
        self.lane_count.get() > 0 && self.blind.borrow().is_none()
    }

    /// Waits for the next of the moments at which everybody looks, so that one look serves all.
    async fn next_tick(&self) {
        let since = u32::try_from(self.began.elapsed().as_millis() / LOOK_EVERY.as_millis());
        let next =
            self.began + LOOK_EVERY * since.map_or(u32::MAX, |ticks| ticks.saturating_add(1));
        tokio::time::sleep_until(next.into()).await;
    }

    /// A wait until a part of the view is stable after the last delivery that can change it was answered.
    pub fn stable(&self, since: Instant) -> Wait {
        Wait { quiet: self.quiet.get(), since, limit: self.shown_within() }
    }

    /// The same where a failure was seen already and is made smaller: a few quiet times at most.
    pub fn stable_briefly(&self, since: Instant) -> Wait {
        let limit = self.quiet.get() * QUIETS_WHILE_SHRINKING;
        Wait { limit: limit.min(self.shown_within()), ..self.stable(since) }
    }

    /// A wait until a part of the view is what is expected: for a precondition, whose stability later
    /// looks judge.
    pub fn shown(&self) -> Wait {
        Wait { quiet: Duration::ZERO, ..self.stable(Instant::now()) }
    }

    /// Time within which an effect has to show: that of an answer, or `--probe-delay` where it is longer.
    fn shown_within(&self) -> Duration {
        SHOWN_WITHIN.min(self.timeout).max(self.delay)
    }

    /// Looks at a part of the view until it is what is expected and stable, or until the time limit.
    ///
    /// Changes elsewhere in the view do not count. Gives the last part in both cases; the caller judges it.
    pub async fn watch<P: PartialEq>(
        &self,
        wait: Wait,
        user: &str,
        part: impl Fn(&View) -> P,
        holds: impl Fn(&P) -> bool,
    ) -> Result<P, String> {
        let started = Instant::now();
        let mut changed = wait.since;
        let mut last = part(self.look(user).await?.as_ref());
        loop {
            let stable = changed.elapsed() >= wait.quiet;
            if (holds(&last) && stable) || started.elapsed() >= wait.limit {
                return Ok(last);
            }
            self.next_tick().await;
            let now = part(self.look(user).await?.as_ref());
            if now != last {
                (last, changed) = (now, Instant::now());
            }
        }
    }
}

/// Who buys where effects are looked at: not the user of whom all other checks speak, if there is a
/// choice, so that the view stays small.
pub(crate) fn buyer(options: &Options) -> &str {
    options.known_users.last().map_or("", String::as_str)
}

impl<'run> Session<'run> {
    /// The view of the effects; without one the question is not observable.
    pub fn effects(&self) -> Result<&'run Effects<'run>, Stop> {
        let effects = self.run.effects.as_ref().ok_or_else(|| {
            Stop::NotObservable(
                "needs a view of the effects: give --probe or --probe-cmd".to_owned(),
            )
        })?;
        match effects.blind.borrow().as_ref() {
            Some(Blind::CannotTell(reason)) => Err(Stop::Broken(reason.clone())),
            Some(Blind::NothingBought(reason)) => Err(Stop::Inconclusive(reason.clone())),
            Some(Blind::NothingGranted(stop)) if self.check().id == TELLS_OF_GRANTS => {
                Err(stop.clone())
            }
            Some(Blind::NothingGranted(_)) => Err(Stop::Inconclusive(format!(
                "an order is accepted, and nothing is granted for it; see {TELLS_OF_GRANTS}"
            ))),
            None => Ok(effects),
        }
    }

    /// A user and an item for this check alone; waits until one is free.
    pub async fn lane(&'run self) -> Result<Lane<'run>, Stop> {
        let effects = self.effects()?;
        let permit = effects.free.acquire().await;
        self.lane_with(effects, permit.map_err(|closed| Stop::Broken(closed.to_string()))?)
    }

    /// Another item for this check alone, where items may be called anything.
    pub(crate) fn free_item(&self, lane: &Lane<'_>) -> Option<String> {
        lane.sku.starts_with(LANE).then(|| format!("{LANE}{}", self.fresh_id()))
    }

    /// Two lanes of one user with an item each, acquired at once: a check that held one and waited for
    /// another might wait for ever.
    pub async fn two_lanes(&'run self) -> Result<(Lane<'run>, Lane<'run>), Stop> {
        let effects = self.effects()?;
        if effects.named_items.get() == 1 {
            let reason = "needs two items that can be told apart: give a second --sku";
            return Err(Stop::NotObservable(reason.to_owned()));
        }
        // Where several users have lanes, two that are free may be of two users.
        let lanes = if effects.named_items.get() > 0 { effects.lane_count.get() } else { 2 };
        let permits = effects.free.acquire_many(u32::try_from(lanes).unwrap_or(u32::MAX)).await;
        let mut permits = permits.map_err(|closed| Stop::Broken(closed.to_string()))?;
        let Some(permit) = permits.split(1) else {
            return Err(Stop::Broken("two lanes are one".to_owned()));
        };
        let one = self.lane_with(effects, permit)?;
        let user = one.user.clone();
        // The next one taken is of the same user.
        effects.lanes.borrow_mut().sort_by_key(|(other, _)| *other == user);
        Ok((one, self.lane_with(effects, permits)?))
    }

    fn lane_with(
        &'run self,
        effects: &'run Effects<'run>,
        permit: SemaphorePermit<'run>,
    ) -> Result<Lane<'run>, Stop> {
        let lane = effects.lanes.borrow_mut().pop();
        let (user, sku) = lane.ok_or_else(|| Stop::Broken("no lane is free".to_owned()))?;
        let name = sku.clone().unwrap_or_else(|| format!("{LANE}{}", self.fresh_id()));
        let back = Some((user.clone(), sku));
        Ok(Lane { session: self, effects, user, sku: name, back, _permit: permit })
    }
}

/// The notification that grants, in each mode.
pub const GRANTS: NotificationType = NotificationType::OrderPaid;

/// The notification that takes back, in each mode.
pub const TAKES_BACK: NotificationType = NotificationType::OrderCanceled;
