//! The game behind the listeners: who has what, and what an event changes in it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;
use serde_json::{Value, json};

use crate::{event::Event, subscriptions::Subscription, wire::Answer};

/// The users that exist.
pub const KNOWN_USERS: [&str; 3] = ["player-1001", "player-2002", "1234567"];

/// Everything a listener remembers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Game {
    /// Items by user and article.
    pub(crate) items: BTreeMap<(String, String), u64>,
    /// Orders by id.
    pub(crate) orders: BTreeMap<String, Order>,
    /// Ids of the orders whose cancellation came first.
    pub(crate) canceled_early: BTreeSet<String>,
    /// Payments by transaction id.
    pub(crate) transactions: BTreeMap<String, Transaction>,
    /// Subscriptions by id.
    pub(crate) subscriptions: BTreeMap<String, Subscription>,
    /// Keys of the events that had their effects.
    pub(crate) done: BTreeSet<String>,
    /// Keys of the events that are being worked on.
    pub(crate) busy: BTreeSet<String>,
    /// Keys of the events that were sent away once, or let through when others were.
    pub(crate) met: BTreeSet<String>,
    /// Notes that only some of the wrong listeners keep.
    pub(crate) notes: BTreeSet<String>,
    /// Events that some listeners keep for later.
    pub(crate) kept: Vec<Event>,
    /// Keys of the last events, the oldest first.
    pub(crate) recent: VecDeque<String>,
    /// Events whose effects are still to come, the oldest first.
    pub(crate) to_come: VecDeque<Event>,
    /// What the probe shows, as long as nothing changes.
    pub(crate) views: BTreeMap<String, Answer>,
}

/// What a user has, in the probe's form.
#[derive(Debug, Serialize)]
pub(crate) struct Shown<'game> {
    user: &'game str,
    items: BTreeMap<&'game str, u64>,
    subscriptions: BTreeMap<&'game str, Value>,
    transactions: BTreeMap<&'game str, ShownTransaction>,
}

/// What the probe shows of a payment.
#[derive(Debug, Serialize)]
struct ShownTransaction {
    state: &'static str,
    refunds: u32,
}

/// What a listener saw that looks first and acts later.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// The items of the event's user.
    pub(crate) items: BTreeMap<(String, String), u64>,
    /// The event's order.
    pub(crate) order: Option<Order>,
    /// The event's transaction.
    pub(crate) transaction: Option<Transaction>,
    /// The notes of some of the wrong listeners.
    pub(crate) notes: BTreeSet<String>,
}

/// An order that was granted.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// Who got it.
    pub(crate) user: String,
    /// What was granted for it.
    pub(crate) granted: Vec<(String, u64)>,
    /// The transaction it was paid by, if money was.
    pub(crate) invoice: Option<String>,
    /// Is it taken back?
    pub(crate) canceled: bool,
}

/// A payment.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    /// Who paid, as far as it is known.
    pub(crate) user: Option<String>,
    /// How often it was refunded, in part or in full.
    pub(crate) refunds: u32,
    /// How it stands.
    pub(crate) standing: Standing,
}

/// How a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// No money came.
    Declined,
    /// It was paid.
    Paid,
    /// A part was given back.
    PartiallyRefunded,
    /// It was given back.
    Refunded,
}

/// How far an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    /// It had its effects.
    Done,
    /// A copy of it is being worked on.
    Busy,
    /// It is begun now.
    New,
}

/// What an event changes: the right way.
pub(crate) fn effects(game: &mut Game, event: &Event) {
    match event.kind.as_str() {
        "payment" => game.pay(event),
        "refund" => game.refund(event, Standing::Refunded),
        "partial_refund" => game.refund(event, Standing::PartiallyRefunded),
        "ps_declined" | "afs_reject" => game.decline(event),
        "order_paid" => game.grant_order(event, lines(event)),
        "order_canceled" => game.cancel_order(event),
        _ if event.is_subscription() => game.subscribe(event),
        _ => (),
    }
}

/// What an order grants. The contents of a bundle are part of the bundle, not more of the same.
pub(crate) fn lines(event: &Event) -> Vec<(String, u64)> {
    let items = event.items().unwrap_or_default().into_iter();
    items.filter(|item| !item.in_bundle).map(|item| (item.sku, item.quantity)).collect()
}

impl Game {
    /// Notes a payment. It may come after an attempt that was declined.
    pub(crate) fn pay(&mut self, event: &Event) {
        self.meet(event, Standing::Paid);
        let paid = event.transaction_id().and_then(|id| self.transactions.get_mut(&id));
        if let Some(paid) = paid.filter(|paid| paid.standing == Standing::Declined) {
            paid.standing = Standing::Paid;
        }
    }

    /// Notes that no money came. What was paid before stays paid.
    pub(crate) fn decline(&mut self, event: &Event) {
        self.meet(event, Standing::Declined);
    }

    fn meet(&mut self, event: &Event, standing: Standing) {
        let Some(id) = event.transaction_id() else { return };
        let new = Transaction { user: None, refunds: 0, standing };
        let own = self.transactions.entry(id).or_insert(new);
        own.user = event.user.clone().or_else(|| own.user.take());
    }

    /// Notes that a payment was given back, in full or in part. It may come before the payment. What
    /// was declined, or is given back already, cannot be.
    pub(crate) fn refund(&mut self, event: &Event, standing: Standing) {
        let Some(id) = event.transaction_id() else { return };
        let user = event.user.clone();
        let early = Transaction { user, refunds: 0, standing: Standing::Paid };
        let paid = self.transactions.entry(id).or_insert(early);
        if matches!(paid.standing, Standing::Paid | Standing::PartiallyRefunded) {
            paid.refunds += 1;
            paid.standing = standing;
        }
    }

    /// Grants the lines of an order and remembers them, to take back the same one day. Grants nothing
    /// where the cancellation came first.
    pub(crate) fn grant_order(&mut self, event: &Event, granted: Vec<(String, u64)>) {
        let (Some(id), Some(user)) = (event.id("/order/id"), event.user.clone()) else { return };
        let canceled = self.canceled_early.contains(&id);
        let granted = if canceled { Vec::new() } else { granted };
        for (sku, quantity) in &granted {
            self.grant(&user, sku, *quantity);
        }
        let invoice = event.transaction_id().or_else(|| event.id("/order/invoice_id"));
        if event.at("/billing").is_some() {
            self.pay(event);
        } else if let Some(paid) = invoice.as_ref().and_then(|id| self.transactions.get_mut(id)) {
            paid.user.get_or_insert_with(|| user.clone());
        }
        self.orders.insert(id, Order { user, granted, invoice, canceled });
    }

    /// Takes back what an order granted, once. An order that is not known yet is not granted later.
    pub(crate) fn cancel_order(&mut self, event: &Event) {
        if event.at("/billing").is_some() {
            self.refund(event, Standing::Refunded);
        }
        let Some(id) = event.id("/order/id") else { return };
        let Some(order) = self.orders.get_mut(&id) else {
            self.canceled_early.insert(id);
            return;
        };
        if !order.canceled {
            order.canceled = true;
            let order = order.clone();
            self.take_back(&order.user, &order.granted);
        }
    }

    /// The orders that the transaction of an event paid for.
    pub(crate) fn orders_paid_by(&self, event: &Event) -> Vec<Order> {
        let id = event.transaction_id();
        let paid = self.orders.values().filter(|order| id.is_some() && order.invoice == id);
        paid.cloned().collect()
    }

    /// Is it the order of an event that was granted?
    pub(crate) fn knows_order(&self, event: &Event) -> bool {
        event.id("/order/id").is_some_and(|id| self.orders.contains_key(&id))
    }

    /// Is it the transaction of an event that was paid?
    pub(crate) fn knows_payment(&self, event: &Event) -> bool {
        event.transaction_id().is_some_and(|id| self.transactions.contains_key(&id))
    }

    /// Was the invoice of an order paid by an event of its own?
    pub(crate) fn knows_invoice(&self, event: &Event) -> bool {
        event.id("/order/invoice_id").is_some_and(|id| self.transactions.contains_key(&id))
    }

    /// What there is to be seen before an event is handled.
    pub(crate) fn seen_for(&self, event: &Event) -> Seen {
        let own = self.items.iter().filter(|((user, _), _)| Some(user) == event.user.as_ref());
        let order = event.id("/order/id").and_then(|id| self.orders.get(&id));
        let transaction = event.transaction_id().and_then(|id| self.transactions.get(&id));
        Seen {
            items: own.map(|(key, held)| (key.clone(), *held)).collect(),
            order: order.cloned(),
            transaction: transaction.cloned(),
            notes: self.notes.clone(),
        }
    }

    /// Begins to work on an event.
    pub(crate) fn begin(&mut self, key: &str) -> Begin {
        if self.done.contains(key) {
            Begin::Done
        } else if self.busy.insert(key.to_owned()) {
            Begin::New
        } else {
            Begin::Busy
        }
    }

    /// Gives a user more of an article.
    pub(crate) fn grant(&mut self, user: &str, sku: &str, quantity: u64) {
        let held = self.items.entry((user.to_owned(), sku.to_owned())).or_default();
        *held = held.saturating_add(quantity);
    }

    /// Takes articles from a user; what is spent already cannot be taken.
    pub(crate) fn take_back(&mut self, user: &str, lines: &[(String, u64)]) {
        for (sku, quantity) in lines {
            let held = self.items.entry((user.to_owned(), sku.clone())).or_default();
            *held = held.saturating_sub(*quantity);
        }
    }

    /// Does the user hold any of an article?
    pub(crate) fn holds(&self, user: &str, sku: &str) -> bool {
        self.items.get(&(user.to_owned(), sku.to_owned())).is_some_and(|held| *held > 0)
    }

    /// What a user has.
    pub(crate) fn shown<'game>(&'game self, user: &'game str) -> Shown<'game> {
        let items = self.items.iter().filter(|((owner, _), held)| owner == user && **held > 0);
        let own = |paid: &Transaction| paid.user.as_deref() == Some(user);
        let transactions = self.transactions.iter().filter(|(_, paid)| own(paid));
        let subscriptions = self.subscriptions.iter().filter(|(_, own)| own.user == user);
        Shown {
            user,
            items: items.map(|((_, sku), held)| (sku.as_str(), *held)).collect(),
            subscriptions: subscriptions.map(|(id, own)| (id.as_str(), own.view())).collect(),
            transactions: transactions.map(|(id, paid)| (id.as_str(), paid.view())).collect(),
        }
    }

    /// What a user has, to be changed before it is shown.
    pub(crate) fn view(&self, user: &str) -> Value {
        json!(self.shown(user))
    }
}

impl Transaction {
    fn view(&self) -> ShownTransaction {
        let state = match self.standing {
            Standing::Declined => "declined",
            Standing::Paid => "paid",
            Standing::PartiallyRefunded => "partially_refunded",
            Standing::Refunded => "refunded",
        };
        ShownTransaction { state, refunds: self.refunds }
    }
}
