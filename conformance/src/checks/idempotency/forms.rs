//! One event in other forms: an id as text, an order in the other mode.

use hookproof_contract::{Mode, NotificationType};
use serde_json::json;

use super::effects::expect_more;
use crate::{Check, Stop, check::Evidence, effects::GRANTS, session::Session};

/// The one is a string and the other an integer.
pub(in crate::checks) static NUMBER_OR_TEXT: Check = Check {
    id: "idempotency-number-or-text",
    title: "takes an id as a number and as text for the same id",
    clauses: &["IDEM-09"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(number_or_text(session)),
};

async fn number_or_text<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks((mode, "an order, and the same with its ids in the other form"));
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let purchase = lane.purchase(1);
        session.granted_first(&lane, &purchase, mode).await?;
        let mut payload = purchase
            .tell(GRANTS, mode)
            .set("/order/id", json!(purchase.order.to_string()))
            .set("/order/invoice_id", json!(purchase.transaction));
        if mode == Mode::Combined {
            let id = json!(purchase.transaction.to_string());
            payload = payload.set("/billing/transaction/id", id);
        }
        let request = session.sign(payload.to_bytes());
        session.twin(&request).await?;
        expect_more(session, &lane, before, 1, ("IDEM-09", &request)).await?;
    }
    refunded_under_text(session).await
}

/// The refund of a payment whose id comes in the other form.
async fn refunded_under_text<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    use NotificationType::{Payment, Refund};
    if !session.is_asked(Payment) || !session.is_asked(Refund) {
        return Ok(());
    }
    let mode = session.main_mode();
    session.asks("a payment, and its refund with the id in the other form");
    let lane = session.lane().await?;
    let purchase = lane.purchase(1);
    session.twin(&session.telling(&purchase, Payment, mode).await?).await?;
    let paid = match lane.shows_transaction(purchase.transaction, "paid").await {
        Err(Stop::NotObservable(_)) => return Ok(()),
        paid => paid?,
    };
    if paid.state.as_deref() != Some("paid") {
        return Ok(());
    }
    let id = json!(purchase.transaction.to_string());
    let told = purchase.tell(Refund, mode).set("/transaction/id", id);
    let request = session.sign(told.to_bytes());
    session.twin(&request).await?;
    let seen = lane.transaction(purchase.transaction, "refunded").await?;
    match seen.state.as_deref() {
        Some("refunded") => Ok(()),
        state => {
            let actual = format!("state `{}`", state.unwrap_or("unknown"));
            Err(session.violation("IDEM-09", "state `refunded`", actual, &request))
        }
    }
}

/// A project can be switched over while a delivery is being repeated.
pub(in crate::checks) static ACROSS_MODES: Check = Check {
    id: "idempotency-across-modes",
    title: "knows an order again when it comes in the other mode",
    clauses: &["IDEM-15"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(across_modes(session)),
};

async fn across_modes<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    session.needs(GRANTS, Mode::Separate)?;
    session.needs(GRANTS, Mode::Combined)?;
    for (first, second) in [(Mode::Separate, Mode::Combined), (Mode::Combined, Mode::Separate)] {
        session.asks((first, second));
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let purchase = lane.purchase(1);
        session.granted_first(&lane, &purchase, first).await?;
        let request = session.sign(purchase.tell(GRANTS, second).to_bytes());
        session.accepted("IDEM-15", &request).await?;
        expect_more(session, &lane, before, 1, ("IDEM-15", &request)).await?;
    }
    Ok(())
}
