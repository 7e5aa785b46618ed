//! Events that look like others: one id of two kinds, a purchase after its like was cancelled, news that
//! comes again after it was overtaken.

use hookproof_contract::{Mode, NotificationType};

use super::effects::expect_more;
use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    session::Session,
};

/// Orders and transactions are counted apart, so one day their numbers meet.
pub(in crate::checks) static ACROSS_KINDS: Check = Check {
    id: "idempotency-across-kinds-of-ids",
    title: "takes an order for a new one although another purchase's transaction has its id",
    clauses: &["IDEM-17"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(across_kinds(session)),
};

async fn across_kinds<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks((mode, "an order whose id is another's transaction"));
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let first = lane.purchase(1);
        let second = lane.purchase(2);
        let (transaction, order) = (second.transaction, first.transaction);
        let second = second.with_ids(transaction, order);
        let mut last = session.validation();
        for purchase in [&first, &second] {
            last = session.telling(purchase, GRANTS, mode).await?;
            session.accepted("IDEM-17", &last).await?;
        }
        expect_more(session, &lane, before, 3, ("IDEM-17", &last)).await?;
        if !session.is_asked(TAKES_BACK) {
            continue;
        }
        let cancel = session.telling(&second, TAKES_BACK, mode).await?;
        session.accepted("IDEM-17", &cancel).await?;
        expect_more(session, &lane, before, 1, ("IDEM-17", &cancel)).await?;
    }
    Ok(())
}

/// Who got the money back may spend it on the same thing.
pub(in crate::checks) static AGAIN_AFTER_CANCEL: Check = Check {
    id: "idempotency-again-after-cancel",
    title: "grants an item again that is bought again after an order of it was cancelled",
    clauses: &["IDEM-05"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(again_after_cancel(session)),
};

async fn again_after_cancel<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    session.modes_of(GRANTS)?;
    for mode in session.modes_of(TAKES_BACK)? {
        session.asks(mode);
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let canceled = lane.purchase(1);
        session.granted_first(&lane, &canceled, mode).await?;
        session.twin(&session.telling(&canceled, TAKES_BACK, mode).await?).await?;
        if lane.shows(before).await? != before {
            let reason = "the cancellation takes nothing back; see orders-cancel-takes-back";
            return Err(Stop::Inconclusive(reason.to_owned()));
        }
        let again = session.telling(&lane.purchase(1), GRANTS, mode).await?;
        session.accepted("IDEM-05", &again).await?;
        expect_more(session, &lane, before, 1, ("IDEM-05", &again)).await?;
    }
    Ok(())
}

/// The repeat of a payment can arrive after its refund, and is still the old payment.
pub(in crate::checks) static LATE_PAYMENT: Check = Check {
    id: "idempotency-late-payment",
    title: "keeps a refunded payment refunded when the payment is delivered again",
    clauses: &["IDEM-02"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(late_payment(session)),
};

async fn late_payment<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    use NotificationType::{Payment, Refund};
    session.modes_of(Payment)?;
    session.modes_of(Refund)?;
    let mode = Mode::Separate;
    session.asks("a payment, its refund, and the payment again");
    let lane = session.lane().await?;
    let purchase = lane.purchase(1);
    let payment = session.telling(&purchase, Payment, mode).await?;
    session.twin(&payment).await?;
    let refund = session.telling(&purchase, Refund, mode).await?;
    session.twin(&refund).await?;
    let seen = lane.shows_transaction(purchase.transaction, "refunded").await?;
    if seen.state.as_deref() != Some("refunded") {
        let reason = "the refund does not show; see refunds-take-effect";
        return Err(Stop::Inconclusive(reason.to_owned()));
    }
    session.accepted("IDEM-01", &payment).await?;
    let after = lane.transaction(purchase.transaction, "refunded").await?;
    match after.state.as_deref() {
        Some("refunded") | None => Ok(()),
        Some(state) => {
            let actual = format!("state `{state}`");
            Err(session.violation("IDEM-02", "state `refunded`, as before", actual, &payment))
        }
    }
}
