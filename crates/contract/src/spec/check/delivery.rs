//! Cross-checks of the retry plans and of the table of automatic refunds.

use std::collections::BTreeSet;

use super::{Checker, Place};
use crate::{
    derive,
    spec::{
        Fault, Kind,
        delivery::{After, Outcome, Plan, PlanReading, Published, Switch},
    },
};

const FILE: &str = "delivery.toml";

/// Attempts of any plan. Beyond it lies a slip of the pen.
const ATTEMPTS_MAX: u64 = 100;

/// Longest wait and longest window of any plan: thirty days, in seconds.
const SECONDS_MAX: u64 = 30 * 24 * 3600;

/// Statuses that can be answered.
const STATUSES: std::ops::RangeInclusive<u16> = 100..=599;

pub(super) fn check(checker: &mut Checker<'_>) {
    let files = checker.files;
    checker.unique(FILE, "plan", files.plans.iter().map(|plan| plan.id.as_str()));
    for plan in &files.plans {
        check_plan(&mut checker.at(FILE, format!("plan {}", plan.id)), plan);
    }
    check_refunds(&mut checker.at(FILE, "automatic_refund"));
}

fn check_plan(place: &mut Place<'_, '_>, plan: &Plan) {
    place.not_empty("title", &plan.title);
    place.cites(&plan.sources);
    place.clauses(&plan.clauses);
    place.expect(!plan.notifications.is_empty(), || Fault::Empty("notifications"));
    check_patterns(place, plan);

    let repeats: u64 = plan.steps.iter().map(|step| u64::from(step.times)).sum();
    let limits = [
        ("the number of attempts", repeats.saturating_add(1), ATTEMPTS_MAX),
        ("the window in seconds", plan.window_s, SECONDS_MAX),
        (
            "the longest wait in seconds",
            plan.steps.iter().map(|s| s.every_s).max().unwrap_or(0),
            SECONDS_MAX,
        ),
    ];
    for (what, value, limit) in limits {
        place.expect(value <= limit, || Fault::Beyond { what, value, limit });
        if value > limit {
            return;
        }
    }
    for step in &plan.steps {
        place.expect(step.times > 0 && step.every_s > 0, || Fault::Empty("steps"));
    }
    let never = plan.published == Published::Never;
    place.expect(never == plan.steps.is_empty(), || Fault::Differs {
        what: "published",
        written: plan.published.to_string(),
        derived: format!("{} steps", plan.steps.len()),
    });
    check_sums(place, plan);
}

/// The steps, the offsets, the number of attempts and the window say the same.
fn check_sums(place: &mut Place<'_, '_>, plan: &Plan) {
    let derived: Vec<u64> = derive::offsets(plan).map(|offset| offset.as_secs()).collect();
    let attempts = derived.len().to_string();
    place.expect(plan.attempts_max.to_string() == attempts, || Fault::Differs {
        what: "attempts_max",
        written: plan.attempts_max.to_string(),
        derived: attempts,
    });
    place.expect(plan.offsets_s == derived, || Fault::Differs {
        what: "offsets_s",
        written: format!("{:?}", plan.offsets_s),
        derived: format!("{derived:?}"),
    });
    let last = derived.last().copied().unwrap_or(0);
    place.expect(last <= plan.window_s, || Fault::Beyond {
        what: "the last attempt in seconds",
        value: last,
        limit: plan.window_s,
    });
}

fn check_patterns(place: &mut Place<'_, '_>, plan: &Plan) {
    let mut seen = BTreeSet::new();
    for pattern in plan.done_on.iter().chain(&plan.again_on).chain(&plan.final_on) {
        place.expect(seen.insert(pattern), || Fault::ListedTwice(format!("{pattern:?}")));
    }
    place.expect(!plan.done_on.is_empty(), || Fault::Empty("done_on"));
}

/// The table has a row for every answer, and the row agrees with the plan.
fn check_refunds(place: &mut Place<'_, '_>) {
    let refunds = &place.checker.files.automatic_refund;
    place.cites(&refunds.sources);
    place.clauses(&refunds.clauses);
    place.refers(Kind::Plan, &refunds.plan);
    let Some(plan) = place.checker.files.plans.iter().find(|plan| plan.id == refunds.plan) else {
        return;
    };
    place.expect(
        plan.notifications.contains(&refunds.notification) && plan.reading == PlanReading::Taken,
        || Fault::NotMutual { kind: Kind::Plan, id: plan.id.clone() },
    );
    for answer in STATUSES.map(Some).chain([None]) {
        let expected = match plan.after(answer) {
            After::Done => Some((Outcome::Nothing, Outcome::Nothing)),
            After::Final => Some((Outcome::Nothing, Outcome::Refund)),
            After::Again => Some((Outcome::Retry, Outcome::RetryThenRefund)),
            After::Unpublished => None,
        };
        let written = refunds.outcome(Switch::Off, answer).zip(refunds.outcome(Switch::On, answer));
        if written != expected {
            let answer = answer.map_or_else(|| "silence".to_owned(), |status| status.to_string());
            place.report(Fault::Differs {
                what: "an outcome",
                written: format!("{written:?} for {answer}"),
                derived: format!("{expected:?}"),
            });
            return;
        }
    }
}
