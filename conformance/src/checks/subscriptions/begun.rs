//! How subscriptions begin, and under which ids.

use hookproof_contract::NotificationType;
use serde_json::json;

use super::CHARGES;
use crate::{Check, Stop, check::Evidence, purchase::Purchase, session::Session, wire::Request};

const KIND: NotificationType = NotificationType::CreateSubscription;

/// Paid for, and usable.
pub(in crate::checks) static CREATE_ACTIVATES: Check = Check {
    id: "subscriptions-create-activates",
    title: "makes a subscription active when it begins",
    clauses: &["SUB-01"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(create_activates(session)),
};

async fn create_activates(session: &Session<'_>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    for full in [false, true] {
        session.asks(("every documented member", full));
        let subscription = session.subscription();
        session.lead_up(&subscription, KIND, mode).await?;
        let payload =
            if full { subscription.tell_fully(KIND, mode) } else { subscription.tell(KIND, mode) };
        let request = session.sign(payload.to_bytes());
        session.accepted("SUB-01", &request).await?;
        session.effects()?;
        expect_active(session, "SUB-01", &subscription, &request).await?;
    }
    Ok(())
}

/// Judges whether a subscription shows as active, with its plan.
async fn expect_active(
    session: &Session<'_>,
    clause: &str,
    subscription: &Purchase,
    request: &Request,
) -> Result<(), Stop> {
    let Some(seen) = session.in_state(subscription, &["active"]).await? else {
        let actual = format!("no subscription {} in the probe", subscription.order);
        return Err(session.violation(clause, "an active subscription", actual, request));
    };
    if seen.state.as_deref().is_some_and(|state| state != "active") {
        let actual = seen.state.unwrap_or_default();
        return Err(session.violation(clause, "state `active`", actual, request));
    }
    if seen.plan.is_some() && seen.plan != subscription.plan {
        let expected = format!("plan `{}`", subscription.plan.as_deref().unwrap_or_default());
        let actual = format!("plan `{}`", seen.plan.unwrap_or_default());
        return Err(session.violation(clause, expected, actual, request));
    }
    Ok(())
}

/// A trial begins without money.
pub(in crate::checks) static WITHOUT_PAYMENT: Check = Check {
    id: "subscriptions-without-payment",
    title: "accepts subscriptions that nobody paid for",
    clauses: &["SUB-02"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(without_payment(session)),
};

async fn without_payment(session: &Session<'_>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    if session.is_asked(NotificationType::Payment) {
        session.twin(&session.fresh(KIND, mode).await?).await?;
    }
    session.asks("without a trial");
    let bare = session.purchase().tell(KIND, mode);
    session.accepted("SUB-02", &session.sign(bare.to_bytes())).await?;
    session.asks("with a trial");
    let trial = session
        .purchase()
        .tell(KIND, mode)
        .set("/subscription/trial", json!({"value": 7, "type": "day"}))
        .set("/subscription/date_next_charge", json!(CHARGES[0]));
    session.accepted("SUB-02", &session.sign(trial.to_bytes())).await.map(drop)
}

/// The table says one thing, the samples another.
pub(in crate::checks) static ID_FORMS: Check = Check {
    id: "subscriptions-id-forms",
    title: "takes a subscription's id as a number and as text for the same",
    clauses: &["SUB-08"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(id_forms(session)),
};

async fn id_forms(session: &Session<'_>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    let kinds = [
        KIND,
        NotificationType::UpdateSubscription,
        NotificationType::NonRenewalSubscription,
        NotificationType::CancelSubscription,
    ];
    for kind in kinds.into_iter().filter(|kind| session.is_asked(*kind)) {
        session.asks(kind);
        session.twin(&session.fresh(kind, mode).await?).await?;
        let subscription = session.before(kind, mode).await?;
        let request = named_in_text(session, &subscription, kind, CHARGES[1]);
        session.accepted("SUB-08", &request).await?;
    }
    if session.run.effects.is_none() || !session.is_asked(NotificationType::UpdateSubscription) {
        return Ok(());
    }
    session.asks("begun under a number, renewed under a text");
    let subscription = session.begun(CHARGES[0]).await?;
    let request =
        named_in_text(session, &subscription, NotificationType::UpdateSubscription, CHARGES[1]);
    session.accepted("SUB-08", &request).await?;
    session.expect_charge("SUB-08", &subscription, CHARGES[1], &request).await
}

/// What is told of a subscription whose id is written as text.
fn named_in_text(
    session: &Session<'_>,
    subscription: &Purchase,
    kind: NotificationType,
    date: &str,
) -> Request {
    let payload = session.charged_at(subscription, kind, date);
    let id = json!(subscription.order.to_string());
    session.sign(payload.set("/subscription/subscription_id", id).to_bytes())
}

/// Who comes back is welcome.
pub(in crate::checks) static AGAIN: Check = Check {
    id: "subscriptions-again",
    title: "grants the same plan again to a user who comes back",
    clauses: &["SUB-13"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(again(session)),
};

async fn again(session: &Session<'_>) -> Result<(), Stop> {
    const ENDS: NotificationType = NotificationType::CancelSubscription;
    let mode = session.modes_of(KIND)?[0];
    // A listener may refuse a second subscription to a plan while the first one runs.
    session.modes_of(ENDS)?;
    session.asks("a plan that was cancelled, taken up again");
    let first = session.begun(CHARGES[0]).await?;
    session.twin(&session.sign(first.tell(ENDS, mode).to_bytes())).await?;
    let second = session.subscription();
    session.lead_up(&second, KIND, mode).await?;
    let request = session.sign(session.charged_at(&second, KIND, CHARGES[1]).to_bytes());
    session.accepted("SUB-13", &request).await?;
    if session.run.effects.is_none() {
        return Err(Stop::NotObservable(
            "a second subscription is accepted; that it is granted needs --probe".to_owned(),
        ));
    }
    expect_active(session, "SUB-13", &second, &request).await
}
