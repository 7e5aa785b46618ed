//! A batch as a handful of statements: each has a row for every event that it concerns.
//!
//! Three round trips do it, and a fourth commits. First the keys: what is new and what is a repeat.
//! Then money and orders. Then what follows from those, inventories and subscriptions, and the rest.
//!
//! The tables are locked in that order, and in each the rows in the order of their numbers, by every
//! listener on the database; on one row the events keep the order in which they came. Events touch
//! each other on rows alone, so the outcome is the same as if they were applied one by one.

use std::{borrow::Cow, collections::BTreeMap};

use tokio_postgres::Row;

use super::{
    BEGIN,
    news::News,
    orders,
    orders::{Inventories, OrderStep},
    outbox,
    session::{Connection, Failure, Request, Value},
    subscriptions,
    subscriptions::SubscriptionChange,
    transactions,
    transactions::TransactionStep,
};
use crate::{
    event::{Event, Key},
    notification::SubscriptionStep,
    store::Outcome,
};

/// Writes keys down, and returns those that are new. Where another session has just inserted one, this
/// waits until it has committed or rolled back.
pub(super) const REMEMBER: &str = "
    INSERT INTO seen (type, id, content)
    SELECT type, id, content
    FROM unnest($1::text[], $2::bigint[], $3::text[]) AS new (type, id, content)
    ON CONFLICT DO NOTHING
    RETURNING type, id, content";

/// A step on a row of a table, and the event that takes it.
#[derive(Debug, Clone)]
pub(super) struct Step<K, S> {
    /// The row's key, which says when it is locked.
    pub(super) row: K,
    /// The place of the event in the batch.
    pub(super) event: usize,
    pub(super) what: S,
}

/// Steps in the order in which their rows are locked.
pub(super) type Steps<K, S> = Vec<Step<K, S>>;

/// Puts steps in order, and cuts them into runs that one statement can take: of one kind, and no row
/// twice, since a statement sees a row as it was before it.
pub(super) fn runs<K: Ord, S>(
    steps: &mut [Step<K, S>],
    alike: impl Fn(&S, &S) -> bool,
) -> impl Iterator<Item = &[Step<K, S>]> {
    // Stable: on one row, events stay as they came.
    steps.sort_by(|one, other| one.row.cmp(&other.row));
    steps.chunk_by(move |one, next| one.row != next.row && alike(&one.what, &next.what))
}

/// A column of numbers.
pub(super) fn numbers<'a, N: Into<Option<i64>>>(values: impl Iterator<Item = N>) -> Value<'a> {
    Box::new(values.map(Into::into).collect::<Vec<Option<i64>>>())
}

/// A column of texts. PostgreSQL cannot store U+0000: it is replaced as what cannot be decoded is.
pub(super) fn texts<'a, T: Into<Option<&'a str>>>(values: impl Iterator<Item = T>) -> Value<'a> {
    let texts = values.map(|value| value.into().map(storable));
    Box::new(texts.collect::<Vec<Option<Cow<'a, str>>>>())
}

/// A column of yes and no.
pub(super) fn flags<'a>(values: impl Iterator<Item = bool>) -> Value<'a> {
    Box::new(values.collect::<Vec<bool>>())
}

/// The text, as it can be stored.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What events do to each table.
pub(super) struct Batch<'a> {
    events: &'a [Event],
    hands_over: bool,
    outcomes: Vec<Outcome>,
    transactions: Steps<i64, TransactionStep<'a>>,
    orders: Steps<i64, OrderStep<'a>>,
    subscriptions: Steps<i64, SubscriptionChange<'a>>,
    news: News<'a>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(events: &'a [Event]) -> Self {
        Self {
            events,
            hands_over: false,
            outcomes: vec![Outcome::Repeat; events.len()],
            transactions: Vec::new(),
            orders: Vec::new(),
            subscriptions: Vec::new(),
            news: News::default(),
        }
    }

    /// The same, which also writes down what the game is to be told.
    pub(super) fn handing_over(self, hands_over: bool) -> Self {
        Self { hands_over, ..self }
    }

    /// Begins a transaction and applies the events in it; to commit it is left to the caller.
    pub(super) async fn apply(mut self, connection: &Connection) -> Result<Vec<Outcome>, Failure> {
        self.remember(connection).await?;
        let inventories = self.record(connection).await?;
        self.follow(connection, inventories).await?;
        Ok(self.outcomes)
    }

    /// The first round trip.
    async fn remember(&mut self, connection: &Connection) -> Result<(), Failure> {
        let keys: Vec<Option<Key>> = self.events.iter().map(Event::key).collect();
        // In the order in which they are locked; of copies in one batch the first one counts.
        let mut first: BTreeMap<(&str, i64, &str), usize> = BTreeMap::new();
        for (event, key) in keys.iter().enumerate() {
            if let Some(key) = key {
                first.entry((key.kind.as_str(), key.id, key.content.as_str())).or_insert(event);
            }
        }
        let mut requests = vec![Request::bare(BEGIN)];
        if !first.is_empty() {
            let keys = first.keys();
            let kinds = texts(keys.clone().map(|key| key.0));
            let ids = numbers(keys.clone().map(|key| key.1));
            let contents = texts(keys.map(|key| key.2));
            requests.push(Request { sql: REMEMBER, values: vec![kinds, ids, contents] });
        }
        let rows = connection.ask(requests).await?.pop().unwrap_or_default();
        let mut new: Vec<bool> = keys.iter().map(Option::is_none).collect();
        for row in &rows {
            let (kind, id, content): (&str, i64, &str) = (row.get(0), row.get(1), row.get(2));
            if let Some(event) = first.get(&(kind, id, content)) {
                new[*event] = true;
            }
        }
        for (number, (event, new)) in self.events.iter().zip(new).enumerate() {
            if new {
                self.plan(number, event);
            } else if let Event::Subscription(SubscriptionStep::Update, subscribed) = event {
                // A charge that went back makes the next one due earlier, and that may be a date which
                // was announced before: the one case in which a repeat says something.
                self.change(number, SubscriptionChange::Shorten(subscribed));
            }
        }
        Ok(())
    }

    /// Notes down what a new event does.
    fn plan(&mut self, number: usize, event: &'a Event) {
        self.outcomes[number] = Outcome::Applied;
        match event {
            Event::Payment(charge) => self.pay(number, TransactionStep::Pay(charge)),
            Event::Refund(charge) => self.pay(number, TransactionStep::Refund(charge)),
            Event::PartialRefund { refund, .. } => {
                self.pay(number, TransactionStep::RefundPartly(refund));
            }
            Event::Declined { transaction, user, .. } => {
                self.pay(number, TransactionStep::Decline(*transaction, user.as_deref()));
            }
            Event::OrderPaid(paid) => {
                if let Some(charge) = &paid.payment {
                    self.pay(number, TransactionStep::Pay(charge));
                }
                let what = OrderStep::Deliver(paid);
                self.orders.push(Step { row: paid.order.0, event: number, what });
            }
            Event::OrderCanceled { order, user, refund } => {
                if let Some(charge) = refund {
                    self.pay(number, TransactionStep::Refund(charge));
                }
                let what = OrderStep::Cancel(user);
                self.orders.push(Step { row: order.0, event: number, what });
            }
            Event::Subscription(step, subscribed) => {
                self.change(number, SubscriptionChange::Step(*step, subscribed));
            }
            Event::Dispute(dispute) => self.news.dispute(number, dispute),
            Event::Blocklist(entry) => {
                self.outcomes[number] = Outcome::Repeat;
                self.news.block(number, entry);
            }
            Event::Account { user, id, saved } => {
                self.outcomes[number] = Outcome::Repeat;
                self.news.account(number, user, id, *saved);
            }
        }
    }

    fn pay(&mut self, event: usize, what: TransactionStep<'a>) {
        self.transactions.push(Step { row: what.transaction(), event, what });
    }

    /// A step of a subscription; whether it changed anything is known when it is done.
    fn change(&mut self, event: usize, what: SubscriptionChange<'a>) {
        if let SubscriptionChange::Step(..) | SubscriptionChange::Shorten(_) = what {
            self.outcomes[event] = Outcome::Repeat;
        }
        self.subscriptions.push(Step { row: what.subscription(), event, what });
    }

    /// The second round trip: transactions, orders, and what the orders granted.
    async fn record(&mut self, connection: &Connection) -> Result<Inventories<'a>, Failure> {
        let mut requests = Vec::new();
        let money = transactions::requests(&mut self.transactions, &mut requests);
        let goods = orders::requests(&mut self.orders, &mut requests);
        let mut answers = ask(connection, requests).await?.into_iter();
        let refunded = money.refunded(&mut answers);
        let inventories = goods.inventories(&mut answers);
        // Last, so that it is in order with the steps of the events around it.
        for (event, subscription) in refunded {
            self.change(event, SubscriptionChange::MarkRefunded(subscription));
        }
        self.subscriptions.sort_by_key(|step| step.event);
        Ok(inventories)
    }

    /// The third round trip: inventories, subscriptions, and the rest.
    async fn follow(
        &mut self,
        connection: &Connection,
        inventories: Inventories<'a>,
    ) -> Result<(), Failure> {
        let mut requests: Vec<Request<'_>> = inventories.request()?.into_iter().collect();
        if self.hands_over && !inventories.notes.is_empty() {
            requests.push(outbox::note(&inventories.notes));
        }
        let before = requests.len();
        let changes = subscriptions::requests(&mut self.subscriptions, &mut requests);
        let news = self.news.requests(&mut requests);
        let answers = ask(connection, requests).await?;
        let mut answers = answers.into_iter().skip(before);
        let changed = changes.changed(&mut answers);
        for event in changed.into_iter().chain(news.changed(&mut answers)) {
            self.outcomes[event] = Outcome::Applied;
        }
        Ok(())
    }
}

/// Asks, unless there is nothing to ask.
async fn ask(
    connection: &Connection,
    requests: Vec<Request<'_>>,
) -> Result<Vec<Vec<Row>>, Failure> {
    if requests.is_empty() { Ok(Vec::new()) } else { connection.ask(requests).await }
}
