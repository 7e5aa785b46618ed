//! Do refunds take effect, once? (clauses `REFUND-*`)

mod forms;
mod own;
mod partial;

use hookproof_contract::{Mode, NotificationType};
use serde_json::json;

pub(super) use forms::{AMOUNTS_AS_TEXT, BLOCKLIST_FORMS, DISPUTE_FORMS};
pub(super) use own::{OWN_TRANSACTION_ONLY, REPEAT_ONCE};
pub(super) use partial::{
    PARTIAL_ACCEPTED, PARTIAL_AT_ONCE, PARTIAL_COUNT, PARTIAL_EQUAL, PARTIAL_KEEPS_GOODS,
};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    session::Session,
};

/// A refund carries the id of its payment, and is no repeat of it.
pub(super) static TAKE_EFFECT: Check = Check {
    id: "refunds-take-effect",
    title: "marks a refunded transaction as refunded",
    clauses: &["REFUND-01", "REFUND-02"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(take_effect(session)),
};

async fn take_effect<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(NotificationType::Refund)?[0];
    let lane = session.lane().await?;
    let purchase = lane.purchase(1);
    session.asks("payment, then its refund");
    session.lead_up(&purchase, NotificationType::Refund, mode).await?;
    let paid = lane.shows_transaction(purchase.transaction, "paid").await?;
    if paid.state.as_deref() != Some("paid") {
        let reason = "the probe does not show the payment; see payments-recorded";
        return Err(Stop::Inconclusive(reason.to_owned()));
    }
    let refund = session.telling(&purchase, NotificationType::Refund, mode).await?;
    session.accepted("REFUND-01", &refund).await?;
    let after = lane.transaction(purchase.transaction, "refunded").await?;
    if after.state.as_deref() != Some("refunded") {
        let actual = after.state.unwrap_or_else(|| "no such transaction".to_owned());
        return Err(session.violation("REFUND-02", "state `refunded`", actual, &refund));
    }
    Ok(())
}

/// New reasons come without notice.
pub(super) static ANY_REASON_CODE: Check = Check {
    id: "refunds-any-reason-code",
    title: "accepts refunds for any reason",
    clauses: &["REFUND-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(any_reason_code(session)),
};

async fn any_reason_code(session: &Session<'_>) -> Result<(), Stop> {
    let (kind, mode, pointer) = if session.modes_of(NotificationType::Refund).is_ok() {
        (NotificationType::Refund, session.main_mode(), "/refund_details/code")
    } else {
        session.modes_of(TAKES_BACK)?;
        (TAKES_BACK, Mode::Combined, "/billing/refund_details/code")
    };
    let full = session.before(kind, mode).await?.tell_fully(kind, mode);
    session.twin(&session.sign(full.to_bytes())).await?;
    for code in (1..=13).chain(21..=27).chain([99, 1000]) {
        session.asks(code);
        let payload =
            session.before(kind, mode).await?.tell_fully(kind, mode).set(pointer, json!(code));
        session.accepted("REFUND-03", &session.sign(payload.to_bytes())).await?;
    }
    Ok(())
}

/// Two webhooks tell of one cancellation.
pub(super) static AND_CANCEL_TAKE_BACK_ONCE: Check = Check {
    id: "refunds-and-cancel-take-back-once",
    title: "takes back once for the refund and the cancellation of one purchase",
    clauses: &["REFUND-04"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(and_cancel_take_back_once(session)),
};

async fn and_cancel_take_back_once<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    session.modes_of(NotificationType::Refund)?;
    session.needs(GRANTS, Mode::Separate)?;
    let lane = session.lane().await?;
    let before = lane.owned().await?;
    session.asks("two purchases, one of them refunded and cancelled");
    let (kept, canceled) = (lane.purchase(1), lane.purchase(1));
    for purchase in [&kept, &canceled] {
        let order = session.telling(purchase, GRANTS, Mode::Separate).await?;
        session.accepted("ORDER-01", &order).await?;
    }
    let granted = lane.shows(before + 2).await?;
    if granted != before + 2 {
        return Err(Stop::Inconclusive(format!(
            "{} of 2 purchases were granted",
            granted - before
        )));
    }
    let mut last = session.validation();
    for kind in [NotificationType::Refund, TAKES_BACK] {
        last = session.telling(&canceled, kind, Mode::Separate).await?;
        session.accepted("REFUND-01", &last).await?;
    }
    let owned = lane.settles_at(&lane.user, before + 1).await?;
    if owned == before + 1 {
        return Ok(());
    }
    let actual = format!("{} left of 2", owned - before);
    Err(session.violation("REFUND-04", "1 left of 2", actual, &last))
}
