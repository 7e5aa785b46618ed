//! Events that are sent while the program may die, and what is known of each afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::ensure;
use tokio::{runtime::Runtime, task::JoinSet, time};

use crate::{
    connection::Connection,
    pool::{USER, payment, request},
    process::Process,
};

/// Connections that send at once.
const CONNECTIONS: usize = 6;

/// Events of one round; a program that is faster waits for its end.
const EVENTS_MAX: usize = 4000;

/// How many of an article an order grants.
pub(crate) const QUANTITY: i64 = 3;

/// Of a hundred requests: payments, orders, and cancellations of orders that were acknowledged. The rest
/// are repeats.
const PAYMENTS: u64 = 50;
const ORDERS: u64 = 25;
const CANCELLATIONS: u64 = 10;

/// One in so many of what was acknowledged is sent again after the restart.
const AGAIN: u64 = 4;

/// Numbers that look random, the same ones for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below this one.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9_u64), (27, 0x94d0_49bb_1331_11eb)] {
            mixed = (mixed ^ (mixed >> shift)).wrapping_mul(factor);
        }
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Something to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Payment(i64),
    /// Grants an article of this round.
    Order(i64),
    Cancellation(i64),
}

/// What a round sent, and what of it was acknowledged.
#[derive(Debug)]
pub(crate) struct Book {
    /// The first number of this round; the next round's are greater.
    pub(crate) first: i64,
    /// The article of this round's orders.
    pub(crate) sku: String,
    events: Vec<(Event, bool)>,
    /// Positions of orders that were acknowledged and that nobody has canceled.
    paid: Vec<usize>,
    cancels: bool,
    dice: Dice,
}

/// What must be in the database, and what may be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) payments: BTreeMap<i64, bool>,
    pub(crate) orders: BTreeMap<i64, bool>,
    pub(crate) cancellations: BTreeMap<i64, bool>,
}

impl Book {
    /// `cancels`: the program under test knows cancellations.
    pub(crate) fn new(round: u32, first: i64, cancels: bool, dice: Dice) -> Self {
        let sku = format!("gold-{round}");
        Self { first, sku, events: Vec::new(), paid: Vec::new(), cancels, dice }
    }

    /// The first number that this round does not use.
    pub(crate) fn end(&self) -> i64 {
        self.first + i64::try_from(self.events.len()).expect("a round has few events")
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.events.iter().filter(|(_, acknowledged)| *acknowledged).count()
    }

    /// What to send next, by its position; nothing when the round has had enough.
    fn next(&mut self) -> Option<usize> {
        if self.events.len() >= EVENTS_MAX {
            return None;
        }
        let event = match self.dice.below(100) {
            number if number < PAYMENTS => Event::Payment(self.end()),
            number if number < PAYMENTS + ORDERS => Event::Order(self.end()),
            number if number < PAYMENTS + ORDERS + CANCELLATIONS && self.cancels => {
                let Some(order) = self.paid.pop() else { return self.repeat() };
                let Event::Order(id) = self.events[order].0 else { return self.repeat() };
                Event::Cancellation(id)
            }
            _ => return self.repeat(),
        };
        self.events.push((event, false));
        Some(self.events.len() - 1)
    }

    /// Anything that was sent; it may be under way at the same moment.
    fn repeat(&mut self) -> Option<usize> {
        if self.events.is_empty() {
            self.events.push((Event::Payment(self.first), false));
        }
        let all = u64::try_from(self.events.len()).ok()?;
        usize::try_from(self.dice.below(all)).ok()
    }

    fn acknowledge(&mut self, index: usize) {
        let (event, acknowledged) = &mut self.events[index];
        if !*acknowledged && matches!(event, Event::Order(_)) {
            self.paid.push(index);
        }
        *acknowledged = true;
    }

    /// All that nobody acknowledged, and some of the rest, in their order.
    fn again(&mut self) -> Vec<usize> {
        let mut again = Vec::new();
        for index in 0..self.events.len() {
            if !self.events[index].1 || self.dice.below(AGAIN) == 0 {
                again.push(index);
            }
        }
        again
    }

    pub(crate) fn sent(&self) -> Sent {
        let mut sent = Sent::default();
        for &(event, acknowledged) in &self.events {
            match event {
                Event::Payment(id) => sent.payments.insert(id, acknowledged),
                Event::Order(id) => sent.orders.insert(id, acknowledged),
                Event::Cancellation(id) => sent.cancellations.insert(id, acknowledged),
            };
        }
        sent
    }

    /// What contradicts what is stored of this round.
    pub(crate) fn contradictions(&self, stored: &Stored) -> Vec<String> {
        let sent = self.sent();
        let mut found = Vec::new();
        let canceled: BTreeSet<i64> =
            stored.orders.iter().filter(|(_, canceled)| **canceled).map(|(id, _)| *id).collect();
        let orders: BTreeSet<i64> = stored.orders.keys().copied().collect();
        for (what, sent, stored) in [
            ("payments", &sent.payments, &stored.payments),
            ("orders", &sent.orders, &orders),
            ("cancellations", &sent.cancellations, &canceled),
        ] {
            let all = sent.values().filter(|acknowledged| **acknowledged).count();
            let lost: Vec<i64> = sent
                .iter()
                .filter(|(id, acknowledged)| **acknowledged && !stored.contains(id))
                .map(|(id, _)| *id)
                .collect();
            if let Some(first) = lost.first() {
                let lost = lost.len();
                found.push(format!("{lost} of {all} acknowledged {what} are lost, from {first}"));
            }
            if let Some(id) = stored.iter().find(|id| !sent.contains_key(id)) {
                found.push(format!("{id} is among the {what}, and was never sent"));
            }
        }
        let kept = i64::try_from(orders.len() - canceled.len()).expect("a round has few orders");
        if stored.granted != kept * QUANTITY {
            found.push(format!(
                "the inventory holds {} of `{}` instead of {}",
                stored.granted,
                self.sku,
                kept * QUANTITY
            ));
        }
        found
    }
}

/// What the database holds of one round.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) payments: BTreeSet<i64>,
    /// Whether each is canceled.
    pub(crate) orders: BTreeMap<i64, bool>,
    /// Of the round's article.
    pub(crate) granted: i64,
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes of an event.
fn bytes(event: Event, sku: &str) -> Vec<u8> {
    let body = match event {
        Event::Payment(id) => payment(id),
        Event::Order(id) => order("order_paid", id, sku),
        Event::Cancellation(id) => order("order_canceled", id, sku),
    };
    request(&body, true)
}

fn order(kind: &str, id: i64, sku: &str) -> String {
    let (status, billing) =
        if kind == "order_paid" { ("paid", "payment") } else { ("canceled", "refund") };
    // Of an order, the transaction has the same number; no payment here has it.
    format!(
        r#"{{"notification_type":"{kind}","items":[{{"sku":"{sku}","type":"virtual_good","is_pre_order":false,"quantity":{QUANTITY},"amount":"9.99","promotions":[]}}],"order":{{"id":{id},"mode":"default","currency_type":"real","currency":"USD","amount":"9.99","status":"{status}","platform":"xsolla","comment":null,"invoice_id":"{id}","promotions":[]}},"user":{{"external_id":"{USER}","email":"player@example.org","country":"US"}},"billing":{{"notification_type":"{billing}","payment_details":{{"payment":{{"currency":"USD","amount":9.99}}}},"transaction":{{"id":{id}}}}}}}"#
    )
}

/// Sends until the program is killed after this time. An answer other than 204 is a finding.
pub(crate) fn until_killed(
    runtime: &Runtime,
    process: Process,
    book: Book,
    after: Duration,
) -> anyhow::Result<(Book, Vec<String>)> {
    let port = process.port;
    let book = Arc::new(Mutex::new(book));
    let findings = runtime.block_on(async {
        let mut senders = JoinSet::new();
        for _ in 0..CONNECTIONS {
            senders.spawn(send(Arc::clone(&book), port));
        }
        time::sleep(after).await;
        process.kill()?;
        let mut findings = Vec::new();
        while let Some(ended) = senders.join_next().await {
            findings.extend(ended?);
        }
        anyhow::Ok(findings)
    })?;
    let book = Arc::into_inner(book).map(Mutex::into_inner);
    let book = book.map(|book| book.unwrap_or_else(PoisonError::into_inner));
    Ok((book.ok_or_else(|| anyhow::anyhow!("a sender still has the book"))?, findings))
}

/// One connection, until it breaks.
async fn send(book: Arc<Mutex<Book>>, port: u16) -> Option<String> {
    let mut connection = Connection::open(port).await.ok()?;
    loop {
        let (index, bytes) = {
            let mut book = lock(&book);
            let index = book.next()?;
            (index, bytes(book.events[index].0, &book.sku))
        };
        match connection.try_ask(&bytes).await.ok()?.status {
            204 => lock(&book).acknowledge(index),
            status => {
                let event = lock(&book).events[index].0;
                return Some(format!("{event:?} was answered with {status}"));
            }
        }
    }
}

/// Sends so many events one after the other, whatever the answers are, and says how many there were of each.
/// The success of a repeat of what was acknowledged is not counted: nothing has to be written for it.
pub(crate) fn send_some(
    runtime: &Runtime,
    port: u16,
    book: &mut Book,
    events: usize,
) -> anyhow::Result<BTreeMap<u16, usize>> {
    runtime.block_on(async {
        let (mut statuses, mut connection) = (BTreeMap::new(), Connection::open(port).await?);
        for _ in 0..events {
            let Some(index) = book.next() else { break };
            let status = connection.try_ask(&bytes(book.events[index].0, &book.sku)).await?.status;
            if status == 204 && book.events[index].1 {
                continue;
            }
            *statuses.entry(status).or_default() += 1;
            if status == 204 {
                book.acknowledge(index);
            }
        }
        Ok(statuses)
    })
}

/// Sends again what a sender would, and says how many requests that were: all of them must succeed.
pub(crate) fn send_again(runtime: &Runtime, port: u16, book: &mut Book) -> anyhow::Result<usize> {
    let again = book.again();
    let sent = again.len();
    runtime.block_on(async {
        // A cancellation comes after its order, so the payments and orders of all connections go first.
        let (later, first): (Vec<usize>, Vec<usize>) = again
            .into_iter()
            .partition(|index| matches!(book.events[*index].0, Event::Cancellation(_)));
        for indices in [first, later] {
            let mut senders = JoinSet::new();
            for chunk in indices.chunks(indices.len().div_ceil(CONNECTIONS).max(1)) {
                let requests: Vec<(usize, Event)> =
                    chunk.iter().map(|index| (*index, book.events[*index].0)).collect();
                let sku = book.sku.clone();
                senders.spawn(async move {
                    let mut connection = Connection::open(port).await?;
                    for (_, event) in &requests {
                        let status = connection.try_ask(&bytes(*event, &sku)).await?.status;
                        ensure!(status == 204, "{event:?} was answered with {status}");
                    }
                    anyhow::Ok(requests)
                });
            }
            while let Some(ended) = senders.join_next().await {
                for (index, _) in ended?? {
                    book.acknowledge(index);
                }
            }
        }
        anyhow::Ok(sent)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Book {
        let mut book = Book::new(1, 100, true, Dice(7));
        book.events = vec![
            (Event::Payment(100), true),
            (Event::Order(101), true),
            (Event::Order(102), true),
            (Event::Cancellation(102), true),
            (Event::Payment(104), false),
        ];
        book
    }

    fn right() -> Stored {
        let orders = BTreeMap::from([(101, false), (102, true)]);
        Stored { payments: BTreeSet::from([100]), orders, granted: QUANTITY }
    }

    #[test]
    fn what_was_not_acknowledged_may_be_there_or_not() {
        assert_eq!(book().contradictions(&right()), [""; 0]);
        let mut more = right();
        more.payments.insert(104);
        assert_eq!(book().contradictions(&more), [""; 0]);
    }

    #[test]
    fn whatever_is_lost_doubled_or_invented_is_told() {
        let wrongs: [fn(&mut Stored); 6] = [
            |stored| stored.payments.clear(),
            |stored| stored.orders.retain(|id, _| *id != 101),
            |stored| stored.orders.extend([(102, false)]),
            |stored| stored.granted += QUANTITY,
            |stored| stored.granted -= 1,
            |stored| stored.payments.extend([99]),
        ];
        for (number, wrong) in wrongs.iter().enumerate() {
            let mut stored = right();
            wrong(&mut stored);
            assert_ne!(book().contradictions(&stored), [""; 0], "{number}");
        }
    }

    #[test]
    fn a_round_has_all_kinds_and_never_cancels_what_was_not_acknowledged() {
        let mut book = Book::new(1, 1, true, Dice(3));
        while let Some(index) = book.next() {
            if index % 2 == 0 {
                book.acknowledge(index);
            }
        }
        let sent = book.sent();
        for kind in [&sent.payments, &sent.orders, &sent.cancellations] {
            assert!(kind.len() > 100, "{}", kind.len());
        }
        assert!(sent.cancellations.keys().all(|id| sent.orders[id]));
        let again = book.again();
        let unsure = (0..book.events.len()).filter(|index| !book.events[*index].1).count();
        assert!(again.len() > unsure && again.len() < book.events.len());
    }
}
