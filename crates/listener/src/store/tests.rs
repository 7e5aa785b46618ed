//! What events do to the tables, whatever order they come in.

use super::*;
use crate::{
    event::{Charge, Grant, PaidOrder},
    notification::{OrderId, TransactionId},
};

pub(super) mod rig;
mod subscriptions;
mod transactions;

use self::rig::{Rig, on_every_engine};

pub(super) const NEW: Result<Outcome, StoreError> = Ok(Outcome::Applied);
pub(super) const REPEAT: Result<Outcome, StoreError> = Ok(Outcome::Repeat);

pub(super) fn charge(id: i64) -> Charge {
    let user = Some("ada".to_owned());
    Charge { transaction: TransactionId(id), user, paid: None, subscription: None }
}

pub(super) fn paid(order: i64, grants: &[(&str, i64)]) -> Event {
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

pub(super) fn canceled(order: i64, refund: Option<Charge>) -> Event {
    Event::OrderCanceled { order: OrderId(order), user: "ada".to_owned(), refund }
}

fn an_order_grants_once_and_gives_back_once(mut rig: Rig) {
    let order = paid(1, &[("gold", 2), ("sword", 1), ("gold", 3)]);
    rig.apply(&[order.clone(), order, paid(2, &[("gold", 10)])], &[NEW, REPEAT, NEW]);
    rig.check_items("ada", &[("gold", 15), ("sword", 1)]);
    rig.check_items("bob", &[]);
    rig.apply(&[canceled(1, None), canceled(1, None)], &[NEW, REPEAT]);
    rig.check_items("ada", &[("gold", 10)]);
}

fn copies_in_one_batch_grant_once(mut rig: Rig) {
    let copies = vec![paid(1, &[("gold", 1)]); 20];
    let results = rig.database.apply(&copies).unwrap();
    assert_eq!(results[0], NEW);
    assert!(results[1..].iter().all(|result| *result == REPEAT));
    rig.check_items("ada", &[("gold", 1)]);
}

fn an_unknown_order_gives_nothing_back_and_stays_canceled(mut rig: Rig) {
    rig.apply(&[paid(1, &[("gold", 5)]), canceled(2, None)], &[NEW, NEW]);
    rig.check_items("ada", &[("gold", 5)]);
    rig.apply(&[paid(2, &[("gold", 7)])], &[NEW]);
    rig.check_items("ada", &[("gold", 5)]);
}

fn what_was_granted_to_one_is_not_taken_from_another(mut rig: Rig) {
    let elsewhere =
        Event::OrderCanceled { order: OrderId(1), user: "bob".to_owned(), refund: None };
    rig.apply(&[paid(1, &[("gold", 5)]), elsewhere], &[NEW, NEW]);
    rig.check_items("ada", &[]);
    rig.check_items("bob", &[]);
}

fn payment_and_refund_share_a_number_but_not_a_key(mut rig: Rig) {
    let (payment, refund) = (Event::Payment(charge(21)), Event::Refund(charge(21)));
    rig.apply(&[payment.clone(), payment.clone()], &[NEW, REPEAT]);
    rig.check_transaction(21, "paid", 0);
    rig.apply(&[refund.clone(), refund, payment], &[NEW, REPEAT, REPEAT]);
    rig.check_transaction(21, "refunded", 1);
}

fn a_refund_before_its_payment_holds(mut rig: Rig) {
    rig.apply(&[Event::Refund(charge(21)), Event::Payment(charge(21))], &[NEW, NEW]);
    rig.check_transaction(21, "refunded", 1);
}

fn a_refund_that_is_told_twice_counts_once(mut rig: Rig) {
    let Event::OrderPaid(order) = paid(1, &[("gold", 5)]) else { unreachable!() };
    let combined = Event::OrderPaid(PaidOrder { payment: Some(charge(21)), ..order });
    rig.apply(&[combined], &[NEW]);
    rig.check_transaction(21, "paid", 0);
    rig.apply(&[Event::Refund(charge(21)), canceled(1, Some(charge(21)))], &[NEW, NEW]);
    rig.check_transaction(21, "refunded", 1);
    rig.check_items("ada", &[]);
}

fn a_payment_without_a_user_belongs_to_the_user_of_its_order(mut rig: Rig) {
    let anonymous = Charge { user: None, ..charge(21) };
    let Event::OrderPaid(order) = paid(1, &[]) else { unreachable!() };
    let order = Event::OrderPaid(PaidOrder { invoice: Some(TransactionId(21)), ..order });
    rig.apply(&[Event::Payment(anonymous), order], &[NEW, NEW]);
    rig.check_transaction(21, "paid", 0);
}

fn too_many_is_refused_whole_and_alone(mut rig: Rig) {
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

fn an_event_that_the_engine_refuses_fails_alone(mut rig: Rig) {
    // No decision grants nothing of something; the schema would not have it.
    let batch = [paid(1, &[("gold", 1)]), paid(2, &[("gold", 0)]), paid(3, &[("gold", 1)])];
    let results = rig.database.apply(&batch).unwrap();
    assert_eq!(results, [NEW, Err(StoreError::Failed), NEW]);
    rig.check_items("ada", &[("gold", 2)]);
}

on_every_engine! {
    an_order_grants_once_and_gives_back_once,
    copies_in_one_batch_grant_once,
    an_unknown_order_gives_nothing_back_and_stays_canceled,
    what_was_granted_to_one_is_not_taken_from_another,
    payment_and_refund_share_a_number_but_not_a_key,
    a_refund_before_its_payment_holds,
    a_refund_that_is_told_twice_counts_once,
    a_payment_without_a_user_belongs_to_the_user_of_its_order,
    too_many_is_refused_whole_and_alone,
    an_event_that_the_engine_refuses_fails_alone,
}
