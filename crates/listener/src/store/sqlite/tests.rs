//! What events do to the tables, whatever order they come in.

use super::*;
use crate::{
    event::{Charge, Grant, PaidOrder},
    notification::{OrderId, TransactionId},
    store::TransactionView,
};

mod subscriptions;
mod transactions;

struct Rig {
    database: Sqlite,
    reader: Sqlite,
    _folder: tempfile::TempDir,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("listener.db");
        let database = Sqlite::open(&path).unwrap();
        Self { database, reader: Sqlite::open_reader(&path).unwrap(), _folder: folder }
    }

    /// Applies each event in a batch of its own.
    #[track_caller]
    fn apply(&mut self, events: &[Event], expected: &[Result<Outcome, StoreError>]) {
        let results: Vec<_> = events
            .iter()
            .map(|event| self.database.apply(std::slice::from_ref(event)).unwrap().remove(0))
            .collect();
        assert_eq!(results, expected);
    }

    #[track_caller]
    fn check_items(&mut self, user: &str, expected: &[(&str, i64)]) {
        let items = self.reader.view(user).unwrap().items;
        let items: Vec<_> = items.iter().map(|(sku, quantity)| (sku.as_str(), *quantity)).collect();
        assert_eq!(items, expected);
    }

    /// The one value that a query finds.
    fn one<T: rusqlite::types::FromSql>(&self, query: &str) -> T {
        self.reader.connection.query_row(query, [], |row| row.get(0)).unwrap()
    }

    #[track_caller]
    fn check_transaction(&mut self, id: i64, state: &str, refunds: i64) {
        let expected = TransactionView { state: state.to_owned(), refunds };
        assert_eq!(self.reader.view("ada").unwrap().transactions.get(&id), Some(&expected));
    }
}

const NEW: Result<Outcome, StoreError> = Ok(Outcome::Applied);
const REPEAT: Result<Outcome, StoreError> = Ok(Outcome::Repeat);

fn charge(id: i64) -> Charge {
    let user = Some("ada".to_owned());
    Charge { transaction: TransactionId(id), user, paid: None, subscription: None }
}

fn paid(order: i64, grants: &[(&str, i64)]) -> Event {
    Event::OrderPaid(PaidOrder {
        order: OrderId(order),
        user: "ada".to_owned(),
        invoice: None,
        payment: None,
        grants: grants
            .iter()
            .map(|(sku, quantity)| Grant { sku: (*sku).to_owned(), quantity: *quantity })
            .collect(),
    })
}

fn canceled(order: i64, refund: Option<Charge>) -> Event {
    Event::OrderCanceled { order: OrderId(order), user: "ada".to_owned(), refund }
}

#[test]
fn an_order_grants_once_and_gives_back_once() {
    let mut rig = Rig::new();
    let order = paid(1, &[("gold", 2), ("sword", 1), ("gold", 3)]);
    rig.apply(&[order.clone(), order, paid(2, &[("gold", 10)])], &[NEW, REPEAT, NEW]);
    rig.check_items("ada", &[("gold", 15), ("sword", 1)]);
    rig.check_items("bob", &[]);
    rig.apply(&[canceled(1, None), canceled(1, None)], &[NEW, REPEAT]);
    rig.check_items("ada", &[("gold", 10)]);
}

#[test]
fn copies_in_one_batch_grant_once() {
    let mut rig = Rig::new();
    let copies = vec![paid(1, &[("gold", 1)]); 20];
    let results = rig.database.apply(&copies).unwrap();
    assert_eq!(results[0], NEW);
    assert!(results[1..].iter().all(|result| *result == REPEAT));
    rig.check_items("ada", &[("gold", 1)]);
}

#[test]
fn an_unknown_order_gives_nothing_back_and_stays_canceled() {
    let mut rig = Rig::new();
    rig.apply(&[paid(1, &[("gold", 5)]), canceled(2, None)], &[NEW, NEW]);
    rig.check_items("ada", &[("gold", 5)]);
    rig.apply(&[paid(2, &[("gold", 7)])], &[NEW]);
    rig.check_items("ada", &[("gold", 5)]);
}

#[test]
fn what_was_granted_to_one_is_not_taken_from_another() {
    let mut rig = Rig::new();
    let elsewhere =
        Event::OrderCanceled { order: OrderId(1), user: "bob".to_owned(), refund: None };
    rig.apply(&[paid(1, &[("gold", 5)]), elsewhere], &[NEW, NEW]);
    rig.check_items("ada", &[]);
    rig.check_items("bob", &[]);
}

#[test]
fn payment_and_refund_share_a_number_but_not_a_key() {
    let mut rig = Rig::new();
    let (payment, refund) = (Event::Payment(charge(21)), Event::Refund(charge(21)));
    rig.apply(&[payment.clone(), payment.clone()], &[NEW, REPEAT]);
    rig.check_transaction(21, "paid", 0);
    rig.apply(&[refund.clone(), refund, payment], &[NEW, REPEAT, REPEAT]);
    rig.check_transaction(21, "refunded", 1);
}

#[test]
fn a_refund_before_its_payment_holds() {
    let mut rig = Rig::new();
    rig.apply(&[Event::Refund(charge(21)), Event::Payment(charge(21))], &[NEW, NEW]);
    rig.check_transaction(21, "refunded", 1);
}

#[test]
fn a_refund_that_is_told_twice_counts_once() {
    let mut rig = Rig::new();
    let Event::OrderPaid(order) = paid(1, &[("gold", 5)]) else { unreachable!() };
    let combined = Event::OrderPaid(PaidOrder { payment: Some(charge(21)), ..order });
    rig.apply(&[combined], &[NEW]);
    rig.check_transaction(21, "paid", 0);
    rig.apply(&[Event::Refund(charge(21)), canceled(1, Some(charge(21)))], &[NEW, NEW]);
    rig.check_transaction(21, "refunded", 1);
    rig.check_items("ada", &[]);
}

#[test]
fn a_payment_without_a_user_belongs_to_the_user_of_its_order() {
    let mut rig = Rig::new();
    let anonymous = Charge { user: None, ..charge(21) };
    let Event::OrderPaid(order) = paid(1, &[]) else { unreachable!() };
    let order = Event::OrderPaid(PaidOrder { invoice: Some(TransactionId(21)), ..order });
    rig.apply(&[Event::Payment(anonymous), order], &[NEW, NEW]);
    rig.check_transaction(21, "paid", 0);
}

#[test]
fn too_many_is_refused_whole_and_alone() {
    let mut rig = Rig::new();
    let batch = [
        paid(1, &[("gold", i64::MAX)]),
        paid(2, &[("sword", 1), ("gold", 1)]),
        paid(3, &[("sword", 5)]),
    ];
    let results = rig.database.apply(&batch).unwrap();
    assert_eq!(results, [NEW, Err(StoreError::TooMany), NEW]);
    rig.check_items("ada", &[("gold", i64::MAX), ("sword", 5)]);
    // Nothing of the refused one was kept, so it may come again when there is room.
    rig.apply(&[canceled(1, None), paid(2, &[("sword", 1), ("gold", 1)])], &[NEW, NEW]);
    rig.check_items("ada", &[("gold", 1), ("sword", 6)]);
}

#[test]
fn an_event_that_the_engine_refuses_fails_alone() {
    let mut rig = Rig::new();
    // No decision grants nothing of something; the schema would not have it.
    let batch = [paid(1, &[("gold", 1)]), paid(2, &[("gold", 0)]), paid(3, &[("gold", 1)])];
    let results = rig.database.apply(&batch).unwrap();
    assert_eq!(results, [NEW, Err(StoreError::Failed), NEW]);
    rig.check_items("ada", &[("gold", 2)]);
}

#[test]
fn a_commit_is_on_the_disk() {
    let rig = Rig::new();
    let pragma = |name| {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
        rig.database.connection.pragma_query_value(None, name, read).unwrap()
    };
    assert_eq!(pragma("synchronous"), 2.into(), "FULL");
    assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
}
