//! How subscriptions end: the one that was named, and not before its time.

use hookproof_contract::NotificationType;

use super::CHARGES;
use crate::{Check, Stop, check::Evidence, session::Session};

/// Who has two keeps the other one.
pub(in crate::checks) static CANCEL_ENDS_THAT_ONE: Check = Check {
    id: "subscriptions-cancel-ends-that-one",
    title: "ends the subscription that was cancelled, and no other",
    clauses: &["SUB-06"],
    evidence: Evidence::Probe,
    alone: true,
    ask: |session| Box::pin(cancel_ends_that_one(session)),
};

async fn cancel_ends_that_one(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::CancelSubscription;
    let mode = session.modes_of(KIND)?[0];
    session.asks("two subscriptions of one user, one of them cancelled");
    let canceled = session.begun(CHARGES[0]).await?;
    let mut kept = session.subscription();
    if let Some(other) = session.run.options.plans.get(1) {
        kept = kept.of_plan(other);
    }
    session.begin(&kept, CHARGES[1]).await?;
    if session.run.effects.is_some() {
        session.shows_active(&canceled).await?;
        session.shows_active(&kept).await?;
    }
    let request = session.sign(canceled.tell(KIND, mode).to_bytes());
    session.accepted("SUB-06", &request).await?;
    session.effects()?;
    let ended = session.in_state(&canceled, &["canceled"]).await?;
    // What ended may be gone from the view.
    if let Some(state) = ended.and_then(|seen| seen.state)
        && state != "canceled"
    {
        return Err(session.violation("SUB-06", "state `canceled`", state, &request));
    }
    let other = session.in_state(&kept, &["active"]).await?;
    match other.and_then(|seen| seen.state).as_deref() {
        Some("active") => Ok(()),
        state => {
            let actual = state.unwrap_or("gone").to_owned();
            let expected = "the user's other subscription is `active` still";
            Err(session.violation("SUB-06", expected, actual, &request))
        }
    }
}

/// Paid until the end of the period.
pub(in crate::checks) static NON_RENEWAL_RUNS_ON: Check = Check {
    id: "subscriptions-non-renewal-runs-on",
    title: "lets a subscription that is not renewed run to its end",
    clauses: &["SUB-07"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(non_renewal_runs_on(session)),
};

async fn non_renewal_runs_on(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::NonRenewalSubscription;
    session.modes_of(KIND)?;
    session.asks("a subscription with years to go, set not to renew");
    let subscription = session.begun(CHARGES[0]).await?;
    if session.run.effects.is_some() {
        session.shows_active(&subscription).await?;
    }
    let request = session.sign(session.charged_at(&subscription, KIND, CHARGES[0]).to_bytes());
    session.accepted("SUB-07", &request).await?;
    session.effects()?;
    let seen = session.in_state(&subscription, &["active", "non_renewing"]).await?;
    match seen.and_then(|seen| seen.state).as_deref() {
        Some("active" | "non_renewing") => Ok(()),
        state => {
            let actual = state.unwrap_or("gone").to_owned();
            Err(session.violation("SUB-07", "state `non_renewing` or `active`", actual, &request))
        }
    }
}

/// Subscriptions of before the integration live on.
pub(in crate::checks) static OF_UNKNOWN_ID: Check = Check {
    id: "subscriptions-of-unknown-id",
    title: "answers news of a subscription that it never saw without 5xx",
    clauses: &["SUB-12"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(of_unknown_id(session)),
};

async fn of_unknown_id(session: &Session<'_>) -> Result<(), Stop> {
    let kinds = [NotificationType::UpdateSubscription, NotificationType::CancelSubscription];
    for kind in session.any_of(&kinds)? {
        session.asks(kind);
        let request = session.sign(session.purchase().tell(kind, session.main_mode()).to_bytes());
        let reply = session.deliver(&request).await?;
        if !reply.is_success() && !reply.is_refusal() {
            return Err(session.violation("SUB-12", "success or 4xx", &reply, &request));
        }
    }
    Ok(())
}
