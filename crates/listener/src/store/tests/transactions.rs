//! What refunds, refusals, disputes and news leave behind, whatever order they come in.

use hookproof_contract::NotificationType;

use super::*;
use crate::event::{Blocked, Content, Disputed};

fn partial(id: i64, content: &str) -> Event {
    Event::PartialRefund { refund: charge(id), content: Content::of([Some(content)]) }
}

fn declined(kind: NotificationType, id: i64) -> Event {
    Event::Declined { kind, transaction: TransactionId(id), user: Some("ada".to_owned()) }
}

fn partial_refunds_of_one_transaction_all_count_and_take_no_goods(mut rig: Rig) {
    rig.apply(&[Event::Payment(charge(21)), paid(1, &[("gold", 5)])], &[NEW, NEW]);
    let (first, second) = (partial(21, "2.5"), partial(21, "1.5"));
    rig.apply(&[first.clone(), first.clone(), second], &[NEW, REPEAT, NEW]);
    rig.check_transaction(21, "partially_refunded", 2);
    rig.check_items("ada", &[("gold", 5)]);
    rig.apply(&[Event::Refund(charge(21)), first], &[NEW, REPEAT]);
    rig.check_transaction(21, "refunded", 3);
    // Late, but it happened; what is refunded in full stays so.
    rig.apply(&[partial(21, "0.5")], &[NEW]);
    rig.check_transaction(21, "refunded", 4);
}

fn a_partial_refund_may_come_before_its_payment(mut rig: Rig) {
    rig.apply(&[partial(21, "2.5"), Event::Payment(charge(21))], &[NEW, NEW]);
    rig.check_transaction(21, "partially_refunded", 1);
}

fn a_refund_leaves_other_payments_of_the_user_alone(mut rig: Rig) {
    let payments = [21, 22, 23].map(|id| Event::Payment(charge(id)));
    rig.apply(&payments, &[NEW, NEW, NEW]);
    rig.apply(&[Event::Refund(charge(22)), partial(23, "2.5")], &[NEW, NEW]);
    rig.check_transaction(21, "paid", 0);
    rig.check_transaction(22, "refunded", 1);
    rig.check_transaction(23, "partially_refunded", 1);
}

fn a_refused_payment_is_declined_and_money_that_came_counts_for_more(mut rig: Rig) {
    let by_payment_system = declined(NotificationType::PsDeclined, 21);
    let by_fraud_check = declined(NotificationType::AfsReject, 21);
    rig.apply(
        &[by_payment_system.clone(), by_payment_system.clone(), by_fraud_check],
        &[NEW, REPEAT, NEW],
    );
    rig.check_transaction(21, "declined", 0);
    rig.check_items("ada", &[]);
    rig.apply(&[Event::Payment(charge(21)), by_payment_system], &[NEW, REPEAT]);
    rig.check_transaction(21, "paid", 0);
    rig.apply(
        &[Event::Payment(charge(22)), declined(NotificationType::PsDeclined, 22)],
        &[NEW, NEW],
    );
    rig.check_transaction(22, "paid", 0);
}

fn a_payment_that_says_less_takes_nothing_away(mut rig: Rig) {
    let amount = "9.99".parse().unwrap();
    let money = crate::notification::Money { amount, currency: Some("USD".into()) };
    let full = Charge { paid: Some(money), ..charge(21) };
    let Event::OrderPaid(order) = paid(1, &[]) else { unreachable!() };
    let combined = Event::OrderPaid(PaidOrder { payment: Some(charge(21)), ..order });
    rig.apply(&[Event::Payment(full), combined], &[NEW, NEW]);
    let kept = rig.one("SELECT amount || currency FROM transactions WHERE id = 21");
    assert_eq!(kept, "9.99USD");
}

fn a_dispute_is_kept_as_it_stands(mut rig: Rig) {
    let dispute = |action: &str, status: &str| {
        Event::Dispute(Disputed {
            transaction: TransactionId(21),
            action: Some(action.to_owned()),
            kind: Some("chargeback".to_owned()),
            status: Some(status.to_owned()),
            reason: None,
        })
    };
    let opened = dispute("adding", "new");
    rig.apply(&[opened.clone(), dispute("updating", "won"), opened], &[NEW, NEW, REPEAT]);
    assert_eq!(rig.one("SELECT status FROM disputes"), "won");
    // It moves no money by itself: a refund would be told.
    assert!(rig.reader.view("ada").unwrap().transactions.is_empty());
}

fn the_blocklist_is_what_the_latest_news_say(mut rig: Rig) {
    let news = |listed, changed_ms| {
        Event::Blocklist(Blocked {
            parameter: "email".to_owned(),
            value: "bad@example.org".to_owned(),
            listed,
            reason: None,
            changed_ms,
        })
    };
    let listed = |rig: &Rig| {
        rig.one("SELECT CASE WHEN listed THEN 'yes' ELSE 'no' END FROM blocklist") == "yes"
    };
    rig.apply(&[news(true, Some(10)), news(true, Some(10))], &[NEW, REPEAT]);
    rig.apply(&[news(false, Some(20)), news(true, Some(10))], &[NEW, REPEAT]);
    assert!(!listed(&rig), "a late repeat does not list it again");
    rig.apply(&[news(true, Some(30))], &[NEW]);
    assert!(listed(&rig), "put on it again");
    rig.apply(&[news(false, Some(30))], &[NEW]);
    assert!(!listed(&rig), "the same instant counts in the order of arrival");
    rig.apply(&[news(true, None), news(true, Some(10))], &[NEW, REPEAT]);
    assert!(listed(&rig));
}

fn an_account_may_be_saved_removed_and_saved_again(mut rig: Rig) {
    let account =
        |user: &str, saved| Event::Account { user: user.to_owned(), id: "12".to_owned(), saved };
    rig.apply(
        &[account("ada", true), account("ada", true), account("ada", false)],
        &[NEW, REPEAT, NEW],
    );
    rig.apply(&[account("ada", false), account("bob", true)], &[REPEAT, NEW]);
    assert_eq!(rig.one("SELECT user_id FROM payment_accounts WHERE saved"), "bob");
    rig.apply(&[account("ada", true)], &[NEW]);
    assert_eq!(rig.one("SELECT count(*) FROM payment_accounts WHERE saved"), "2");
    assert_eq!(rig.reader.view("ada").unwrap(), View::default());
}

on_every_engine! {
    partial_refunds_of_one_transaction_all_count_and_take_no_goods,
    a_partial_refund_may_come_before_its_payment,
    a_refund_leaves_other_payments_of_the_user_alone,
    a_refused_payment_is_declined_and_money_that_came_counts_for_more,
    a_payment_that_says_less_takes_nothing_away,
    a_dispute_is_kept_as_it_stands,
    the_blocklist_is_what_the_latest_news_say,
    an_account_may_be_saved_removed_and_saved_again,
}
