//! Wrong listeners: subscriptions (clauses `SUB-*`).

use hookproof_contract::NotificationType;
use serde_json::Value;

use super::{Asks, Fault, Level, Severity, Verdict, unless};
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    game::{self, Game},
    right,
    subscriptions::State,
};

/// The wrong listeners of this topic.
pub(super) static FAULTS: &[Fault] = &[
    Fault {
        slug: "subscriptions-acknowledged-only",
        completes: "acknowledges new subscriptions and notes none",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-create-activates"],
        cause: Some("subscriptions-not-activated"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            effects: |game, event| unless("create_subscription", game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "subscriptions-begin-without-renewal",
        completes: "notes a new subscription as one that will not be renewed",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-create-activates"],
        cause: Some("subscriptions-not-activated"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour { effects: born_non_renewing, ..Behaviour::default() },
    },
    Fault {
        slug: "subscription-needs-its-payment",
        completes: "refuses a subscription for which no payment came",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-without-payment"],
        cause: Some("subscription-needs-payment"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            objects: without_its_payment,
            effects: noting_payers,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "first-renewal-only",
        completes: "takes all renewals of a subscription but the first for repeats",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-every-renewal-counts"],
        cause: Some("renewals-deduped"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour { key: of_the_subscription_only, ..Behaviour::default() },
    },
    Fault {
        slug: "renewals-add-up",
        completes: "extends a subscription by a month whenever a renewal is told again",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-repeat-extends-once"],
        cause: Some("renewals-add-up"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            key: not_for_renewals,
            effects: a_month_more_each_time,
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "keeps-the-old-plan",
        completes: "reads only the date of an update",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-plan-change"],
        cause: Some("plan-changes-ignored"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour { effects: on_the_old_plan, ..Behaviour::default() },
    },
    Fault {
        slug: "ends-all-subscriptions",
        completes: "ends all subscriptions of a user when one is canceled",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-cancel-ends-that-one"],
        cause: Some("all-subscriptions-canceled"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour { effects: ending_all, ..Behaviour::default() },
    },
    Fault {
        slug: "subscriptions-never-end",
        completes: "acknowledges the end of a subscription and lets it run",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-cancel-ends-that-one"],
        cause: Some("all-subscriptions-canceled"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            effects: |game, event| unless("cancel_subscription", game, event),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "non-renewal-ends-at-once",
        completes: "ends a subscription at once that will not be renewed",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-non-renewal-runs-on"],
        cause: Some("non-renewal-ends-at-once"),
        asks: Asks { also: &[NotificationType::NonRenewalSubscription], ..Asks::SUBSCRIPTIONS },
        behaviour: || Behaviour { effects: ending_at_once, ..Behaviour::default() },
    },
    Fault {
        slug: "non-renewal-unknown",
        completes: "refuses `non_renewal_subscription` as a type that it does not know",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-non-renewal-runs-on"],
        cause: Some("type-not-handled"),
        asks: Asks { also: &[NotificationType::NonRenewalSubscription], ..Asks::SUBSCRIPTIONS },
        behaviour: || Behaviour {
            vet: |event| Refusal::unless(event.kind != "non_renewal_subscription"),
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "subscription-ids-as-numbers",
        completes: "refuses a subscription whose id is a text",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["subscriptions-id-forms"],
        cause: Some("ids-in-one-json-type"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour {
            vet: |event| {
                Refusal::unless(
                    event.at("/subscription/subscription_id").is_none_or(Value::is_number),
                )
            },
            ..Behaviour::default()
        },
    },
    Fault {
        slug: "unknown-subscriptions-crash",
        completes: "meets an exception in news of a subscription that it does not know",
        severity: Severity::Robustness,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["subscriptions-of-unknown-id"],
        cause: Some("missing-predecessor-throws"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour { objects: crashing_on_unknown, ..Behaviour::default() },
    },
    Fault {
        slug: "refuses-a-plan-had-before",
        completes: "refuses a subscription to a plan that the user has or had",
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-again"],
        cause: Some("one-subscription-a-plan"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour { objects: to_plan_had_before, ..Behaviour::default() },
    },
    Fault {
        slug: "key-of-user-and-plan",
        completes: "takes the second subscription of a user to a plan for a repeat",
        severity: Severity::Money,
        level: Level::Probe,
        verdict: Verdict::Fail,
        caught_by: &["subscriptions-again"],
        cause: Some("one-subscription-a-plan"),
        asks: Asks::SUBSCRIPTIONS,
        behaviour: || Behaviour { key: of_user_and_plan, ..Behaviour::default() },
    },
];

fn without_its_payment(game: &Game, event: &Event) -> Result<(), Refusal> {
    let new = event.kind == "create_subscription";
    let paid = event.user.as_ref().is_some_and(|user| game.notes.contains(user));
    if new && !paid { Err(Refusal::Invoice) } else { Ok(()) }
}

/// Notes who paid; a subscription uses the payment up.
fn noting_payers(game: &mut Game, event: &Event) {
    match (event.kind.as_str(), &event.user) {
        ("payment", Some(user)) => {
            game.notes.insert(user.clone());
        }
        ("create_subscription", Some(user)) => {
            game.notes.remove(user);
        }
        _ => (),
    }
    game::effects(game, event);
}

fn of_the_subscription_only(event: &Event) -> Option<String> {
    if event.kind != "update_subscription" {
        return right::key(event);
    }
    event.subscription_id().map(|id| format!("{} {id}", event.kind))
}

fn not_for_renewals(event: &Event) -> Option<String> {
    if event.kind == "update_subscription" { None } else { right::key(event) }
}

/// A renewal sets the date, and told again it adds to it.
fn a_month_more_each_time(game: &mut Game, event: &Event) {
    let told = event.text("/subscription/date_next_charge");
    let own = event.subscription_id().and_then(|id| game.subscriptions.get_mut(&id));
    match own {
        Some(own)
            if event.kind == "update_subscription"
                && own.next_charge.as_deref() >= told.as_deref() =>
        {
            own.next_charge = own.next_charge.as_deref().map(a_month_later);
        }
        _ => game::effects(game, event),
    }
}

/// The same day of the next month; what is no date stays as it is.
fn a_month_later(date: &str) -> String {
    let parts = (date.get(..4), date.get(5..7), date.get(7..));
    let (Some(year), Some(month), Some(rest)) = parts else { return date.to_owned() };
    let (Ok(year), Ok(month)) = (year.parse::<u32>(), month.parse::<u32>()) else {
        return date.to_owned();
    };
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    format!("{year:04}-{month:02}{rest}")
}

fn born_non_renewing(game: &mut Game, event: &Event) {
    game::effects(game, event);
    if event.kind == "create_subscription" {
        put(game, event, State::NonRenewing);
    }
}

/// Changes the state of the subscription of an event.
fn put(game: &mut Game, event: &Event, state: State) {
    let own = event.subscription_id().and_then(|id| game.subscriptions.get_mut(&id));
    if let Some(own) = own {
        own.state = state;
    }
}

fn on_the_old_plan(game: &mut Game, event: &Event) {
    let own = |game: &Game| game.subscriptions.get(&event.subscription_id()?).cloned();
    let before = own(game).filter(|_| event.kind == "update_subscription");
    game::effects(game, event);
    let after = event.subscription_id().and_then(|id| game.subscriptions.get_mut(&id));
    if let (Some(before), Some(after)) = (before, after) {
        after.plan = before.plan;
    }
}

fn ending_all(game: &mut Game, event: &Event) {
    game::effects(game, event);
    if event.kind == "cancel_subscription" {
        let users = game.subscriptions.values_mut();
        for own in users.filter(|own| Some(&own.user) == event.user.as_ref()) {
            own.state = State::Canceled;
        }
    }
}

fn ending_at_once(game: &mut Game, event: &Event) {
    game::effects(game, event);
    if event.kind == "non_renewal_subscription" {
        put(game, event, State::Canceled);
    }
}

fn crashing_on_unknown(game: &Game, event: &Event) -> Result<(), Refusal> {
    let late = event.is_subscription() && event.kind != "create_subscription";
    if late && !game.knows_subscription(event) { Err(Refusal::Crash) } else { Ok(()) }
}

fn to_plan_had_before(game: &Game, event: &Event) -> Result<(), Refusal> {
    let plan = event.text("/subscription/plan_id");
    let mut users = game.subscriptions.values();
    let had = users.any(|own| Some(&own.user) == event.user.as_ref() && own.plan == plan);
    if had && event.kind == "create_subscription" { Err(Refusal::Conflict) } else { Ok(()) }
}

fn of_user_and_plan(event: &Event) -> Option<String> {
    if event.kind != "create_subscription" {
        return right::key(event);
    }
    let plan = event.text("/subscription/plan_id").unwrap_or_default();
    Some(format!("{} {} {plan}", event.kind, event.user.as_deref()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_on_after_december() {
        let check = |date: &str, expected: &str| assert_eq!(a_month_later(date), expected);
        check("2026-05-14T09:26:53+03:00", "2026-06-14T09:26:53+03:00");
        check("2026-12-31", "2027-01-31");
        check("soon", "soon");
    }
}
