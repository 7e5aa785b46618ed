//! How subscriptions go on: every renewal once, and every change.

use hookproof_contract::NotificationType;
use serde_json::json;

use super::{CHARGES, not_begun};
use crate::{Check, Stop, check::Evidence, session::Session};

const KIND: NotificationType = NotificationType::UpdateSubscription;

/// All renewals of a subscription carry its id.
pub(in crate::checks) static EVERY_RENEWAL_COUNTS: Check = Check {
    id: "subscriptions-every-renewal-counts",
    title: "extends a subscription at each renewal",
    clauses: &["SUB-03"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(every_renewal_counts(session)),
};

async fn every_renewal_counts(session: &Session<'_>) -> Result<(), Stop> {
    session.modes_of(KIND)?;
    let subscription = session.begun(CHARGES[0]).await?;
    for date in &CHARGES[1..] {
        session.asks(date);
        let request = session.renewal(&subscription, date).await?;
        session.accepted("SUB-03", &request).await?;
        if session.run.effects.is_some() {
            session.expect_charge("SUB-03", &subscription, date, &request).await?;
        }
    }
    session.effects().map(drop)
}

/// A repeat is not the next renewal.
pub(in crate::checks) static REPEAT_EXTENDS_ONCE: Check = Check {
    id: "subscriptions-repeat-extends-once",
    title: "extends once for a renewal that is delivered again",
    clauses: &["SUB-04"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(repeat_extends_once(session)),
};

/// Deliveries of one renewal, in sequence.
const REPEATS: u32 = 3;

async fn repeat_extends_once(session: &Session<'_>) -> Result<(), Stop> {
    session.modes_of(KIND)?;
    let subscription = session.begun(CHARGES[0]).await?;
    session.asks("one renewal, three times");
    let request = session.renewal(&subscription, CHARGES[1]).await?;
    for _ in 0..REPEATS {
        session.accepted("SUB-04", &request).await?;
    }
    session.effects()?;
    session.expect_charge("SUB-04", &subscription, CHARGES[1], &request).await?;
    session.asks("one renewal, many times at once");
    let request = session.renewal(&subscription, CHARGES[2]).await?;
    session.all_accepted_at_once("IDEM-13", &request).await?;
    session.expect_charge("SUB-04", &subscription, CHARGES[2], &request).await
}

/// One type announces renewals and changes alike.
pub(in crate::checks) static PLAN_CHANGE: Check = Check {
    id: "subscriptions-plan-change",
    title: "takes over a changed plan",
    clauses: &["SUB-05"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(plan_change(session)),
};

async fn plan_change(session: &Session<'_>) -> Result<(), Stop> {
    session.modes_of(KIND)?;
    let Some(plan) = session.run.options.plans.get(1) else {
        return Err(Stop::NotObservable("needs two plans: give a second --plan".to_owned()));
    };
    session.effects()?;
    let subscription = session.begun(CHARGES[0]).await?;
    session.shows_active(&subscription).await?;
    session.asks("another plan, charged at the same date");
    let payload = session.charged_at(&subscription, KIND, CHARGES[0]);
    let request = session.sign(payload.set("/subscription/plan_id", json!(plan)).to_bytes());
    session.accepted("SUB-05", &request).await?;
    let is_new = |seen: &crate::effects::SubscriptionView| seen.plan.as_ref() == Some(plan);
    let seen = session.settled_subscription(&subscription, is_new).await?;
    let Some(seen) = seen else { return Err(not_begun()) };
    match &seen.plan {
        None => Err(Stop::NotObservable("the probe shows no plans".to_owned())),
        Some(shown) if shown == plan => Ok(()),
        Some(shown) => {
            let (expected, actual) = (format!("plan `{plan}`"), format!("plan `{shown}`"));
            Err(session.violation("SUB-05", expected, actual, &request))
        }
    }
}
