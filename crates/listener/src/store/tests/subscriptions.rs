//! What a subscription comes to, whatever order its notifications come in (clauses SUB-*).

use super::*;
use crate::{
    event::Subscribed,
    moment::Moment,
    notification::{SubscriptionId, SubscriptionStep as Step},
    store::SubscriptionView,
};

/// A step of subscription 5: its plan, and the month of 2026 in which it is charged next.
fn step(step: Step, plan: Option<&str>, month: Option<u32>) -> Event {
    step_of(5, step, plan, month)
}

fn step_of(id: i64, step: Step, plan: Option<&str>, month: Option<u32>) -> Event {
    Event::Subscription(
        step,
        Subscribed {
            id: SubscriptionId(id),
            user: "ada".to_owned(),
            plan: plan.map(str::to_owned),
            next_charge: month.map(|month| Moment::new(date(month).into())),
        },
    )
}

fn date(month: u32) -> String {
    format!("2026-{month:02}-14T09:26:53+03:00")
}

fn renewal(month: u32) -> Event {
    step(Step::Update, Some("monthly"), Some(month))
}

fn created() -> Event {
    step(Step::Create, Some("monthly"), Some(4))
}

/// A refund of the charge that some transaction was.
fn refunded(transaction: i64) -> Event {
    Event::Refund(Charge { subscription: Some(SubscriptionId(5)), ..charge(transaction) })
}

impl Rig {
    #[track_caller]
    fn check(&mut self, plan: &str, state: &str, month: Option<u32>) {
        self.check_of(5, plan, state, month);
    }

    #[track_caller]
    fn check_of(&mut self, id: i64, plan: &str, state: &str, month: Option<u32>) {
        let expected = SubscriptionView {
            plan: Some(plan.to_owned()),
            state: state.to_owned(),
            next_charge: month.map(date),
        };
        assert_eq!(self.reader.view("ada").unwrap().subscriptions.get(&id), Some(&expected));
    }
}

fn each_renewal_counts_once(mut rig: Rig) {
    rig.apply(&[created(), created()], &[NEW, REPEAT]);
    rig.check("monthly", "active", Some(4));
    rig.apply(&[renewal(5), renewal(5), renewal(6)], &[NEW, REPEAT, NEW]);
    rig.check("monthly", "active", Some(6));
}

fn copies_of_a_renewal_in_one_batch_extend_once(mut rig: Rig) {
    let results = rig.database.apply(&vec![renewal(5); 20]).unwrap();
    assert_eq!(results.iter().filter(|result| **result == NEW).count(), 1);
    rig.check("monthly", "active", Some(5));
}

fn a_late_renewal_does_not_set_the_next_charge_back(mut rig: Rig) {
    rig.apply(&[created(), renewal(6), renewal(5), renewal(6)], &[NEW, NEW, REPEAT, REPEAT]);
    rig.check("monthly", "active", Some(6));
    // The same instant, written with another offset, is no earlier one.
    let mut elsewhere = renewal(6);
    if let Event::Subscription(_, subscribed) = &mut elsewhere {
        subscribed.next_charge = Some(Moment::new("2026-06-14T06:26:53Z".into()));
    }
    rig.apply(&[elsewhere], &[NEW]);
    let view = rig.reader.view("ada").unwrap();
    assert_eq!(view.subscriptions[&5].next_charge.as_deref(), Some("2026-06-14T06:26:53Z"));
}

fn another_plan_brings_its_own_next_charge(mut rig: Rig) {
    rig.apply(&[created(), step(Step::Update, Some("yearly"), Some(12))], &[NEW, NEW]);
    rig.check("yearly", "active", Some(12));
    rig.apply(&[step(Step::Update, Some("weekly"), Some(3))], &[NEW]);
    rig.check("weekly", "active", Some(3));
    // Repeats of what was before change nothing.
    rig.apply(&[step(Step::Update, Some("yearly"), Some(12)), created()], &[REPEAT, REPEAT]);
    rig.check("weekly", "active", Some(3));
    // A change may say the plan alone, and a renewal the date alone.
    rig.apply(&[step(Step::Update, Some("daily"), None)], &[NEW]);
    rig.check("daily", "active", Some(3));
    rig.apply(&[step(Step::Update, None, Some(5))], &[NEW]);
    rig.check("daily", "active", Some(5));
}

fn a_refund_lets_the_next_charge_be_set_back_once(mut rig: Rig) {
    rig.apply(&[created(), renewal(5), renewal(6), refunded(21)], &[NEW; 4]);
    rig.check("monthly", "active", Some(6));
    // To a date that was announced before, so that it looks like a repeat.
    rig.apply(&[renewal(5), renewal(5)], &[NEW, REPEAT]);
    rig.check("monthly", "active", Some(5));
    rig.apply(&[renewal(6), renewal(4)], &[REPEAT, REPEAT]);
    rig.check("monthly", "active", Some(5));
    // To a date that is new. The charge itself said which subscription it was for.
    let payment = Charge { subscription: Some(SubscriptionId(5)), ..charge(22) };
    rig.apply(&[Event::Payment(payment), renewal(9), Event::Refund(charge(22))], &[NEW; 3]);
    rig.apply(&[renewal(8), renewal(7)], &[NEW, REPEAT]);
    rig.check("monthly", "active", Some(8));
}

fn one_that_is_not_renewed_runs_on(mut rig: Rig) {
    rig.apply(&[created(), step(Step::NonRenewal, Some("monthly"), Some(4))], &[NEW, NEW]);
    rig.check("monthly", "non_renewing", Some(4));
    rig.apply(&[created(), step(Step::NonRenewal, None, Some(4))], &[REPEAT, REPEAT]);
    rig.check("monthly", "non_renewing", Some(4));
    // Renewed after all, and given up again: dates go forward only, and may be missing.
    rig.apply(&[renewal(5), step(Step::NonRenewal, None, Some(3))], &[NEW, NEW]);
    rig.check("monthly", "non_renewing", Some(5));
    rig.apply(&[renewal(7), step(Step::NonRenewal, None, None)], &[NEW, NEW]);
    rig.check("monthly", "non_renewing", Some(7));
}

fn what_has_ended_stays_ended_and_nothing_else_ends(mut rig: Rig) {
    rig.apply(&[created(), step_of(6, Step::Create, Some("monthly"), Some(4))], &[NEW, NEW]);
    let canceled = step(Step::Cancel, Some("monthly"), None);
    rig.apply(&[canceled.clone(), canceled], &[NEW, REPEAT]);
    rig.check("monthly", "canceled", None);
    rig.check_of(6, "monthly", "active", Some(4));
    let late = [
        renewal(8),
        step(Step::Update, Some("yearly"), Some(9)),
        step(Step::NonRenewal, None, Some(9)),
        refunded(21),
        renewal(3),
    ];
    for event in late {
        rig.database.apply(&[event]).unwrap().remove(0).unwrap();
        rig.check("monthly", "canceled", None);
    }
    // The same plan under a new number is another subscription (clause SUB-13).
    rig.apply(&[step_of(7, Step::Create, Some("monthly"), Some(4))], &[NEW]);
    rig.check_of(7, "monthly", "active", Some(4));
}

fn one_that_was_never_seen_begins_with_any_step(rig: Rig) {
    for (first, state, month) in [
        (Step::Update, "active", Some(5)),
        (Step::NonRenewal, "non_renewing", Some(5)),
        (Step::Cancel, "canceled", None),
    ] {
        let mut rig = rig.another();
        rig.apply(&[step(first, Some("yearly"), Some(5))], &[NEW]);
        rig.check("yearly", state, month);
        // Its beginning comes late, and overrules nothing.
        rig.database.apply(&[created()]).unwrap().remove(0).unwrap();
        rig.check("yearly", state, month);
    }
}

fn dates_that_cannot_be_compared_count_as_they_come(mut rig: Rig) {
    let on = |text: &str| {
        let mut event = renewal(1);
        if let Event::Subscription(_, subscribed) = &mut event {
            subscribed.next_charge = Some(Moment::new(text.to_owned().into()));
        }
        event
    };
    rig.apply(&[created(), on("soon")], &[NEW, NEW]);
    let next = |rig: &mut Rig| {
        rig.reader.view("ada").unwrap().subscriptions.remove(&5).unwrap().next_charge.unwrap()
    };
    assert_eq!(next(&mut rig), "soon");
    rig.apply(&[on("2026-01-01")], &[NEW]);
    assert_eq!(next(&mut rig), "2026-01-01");
    rig.apply(&[renewal(2)], &[NEW]);
    rig.check("monthly", "active", Some(2));
}

on_every_engine! {
    each_renewal_counts_once,
    copies_of_a_renewal_in_one_batch_extend_once,
    a_late_renewal_does_not_set_the_next_charge_back,
    another_plan_brings_its_own_next_charge,
    a_refund_lets_the_next_charge_be_set_back_once,
    one_that_is_not_renewed_runs_on,
    what_has_ended_stays_ended_and_nothing_else_ends,
    one_that_was_never_seen_begins_with_any_step,
    dates_that_cannot_be_compared_count_as_they_come,
}
