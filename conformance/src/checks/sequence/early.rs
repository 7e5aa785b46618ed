//! Webhooks that arrive after the one that undoes them.

use hookproof_contract::{Mode, NotificationType};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    purchase::Purchase,
    session::Session,
};

/// The cancellation was accepted, so the goods must not come.
pub(in crate::checks) static ORDER_AFTER_CANCEL: Check = Check {
    id: "sequence-order-after-cancel",
    title: "grants nothing for an order whose cancellation it accepted before",
    clauses: &["SEQ-11"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(order_after_cancel(session)),
};

async fn order_after_cancel<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    session.modes_of(GRANTS)?;
    for mode in session.modes_of(TAKES_BACK)? {
        session.asks(mode);
        let lane = session.lane().await?;
        session.granted_first(&lane, &lane.purchase(1), mode).await?;
        let before = lane.owned().await?;
        let purchase = lane.purchase(1);
        session.lead_up(&purchase, GRANTS, mode).await?;
        if mode == Mode::Separate && session.is_asked(NotificationType::Refund) {
            let refund = purchase.tell(NotificationType::Refund, mode);
            session.deliver(&session.sign(refund.to_bytes())).await?;
        }
        let cancel = session.sign(purchase.tell(TAKES_BACK, mode).to_bytes());
        if !session.deliver(&cancel).await?.is_success() {
            // A refused cancellation has no effect (SEQ-05).
            continue;
        }
        let order = session.sign(purchase.tell(GRANTS, mode).to_bytes());
        let reply = session.deliver(&order).await?;
        if !reply.is_success() && !reply.is_refusal() {
            return Err(session.violation("SEQ-11", "success or 4xx", &reply, &order));
        }
        let owned = lane.settles_at(&lane.user, before).await?;
        if owned < before {
            let reason = "a cancellation takes away what was not granted";
            let see = "see sequence-cancel-of-unknown-order";
            return Err(Stop::Inconclusive(format!("{reason}; {see}")));
        }
        if owned > before {
            let actual = format!("{} granted", owned - before);
            let expected = "nothing granted for an order that was cancelled before";
            return Err(session.violation("SEQ-11", expected, actual, &order));
        }
    }
    Ok(())
}

/// The refund was accepted, so the money has gone back.
pub(in crate::checks) static PAYMENT_AFTER_REFUND: Check = Check {
    id: "sequence-payment-after-refund",
    title: "keeps a payment refunded whose refund it accepted before",
    clauses: &["SEQ-12"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(payment_after_refund(session)),
};

async fn payment_after_refund<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    use NotificationType::{Payment, Refund};
    let mode = session.modes_of(Payment)?[0];
    session.modes_of(Refund)?;
    session.twin(&session.fresh(Payment, mode).await?).await?;
    session.asks("a refund, then its payment");
    let tell = |purchase: &Purchase, kind| session.sign(purchase.tell(kind, mode).to_bytes());
    let purchase = session.purchase();
    if session.deliver(&tell(&purchase, Refund)).await?.is_success() {
        let payment = tell(&purchase, Payment);
        let reply = session.deliver(&payment).await?;
        if !reply.is_success() && !reply.is_refusal() {
            return Err(session.violation("SEQ-12", "success or 4xx", &reply, &payment));
        }
    }
    if session.run.effects.is_none() {
        return Ok(());
    }
    let lane = session.lane().await?;
    let in_order = lane.purchase(1);
    for kind in [Payment, Refund] {
        session.twin(&tell(&in_order, kind)).await?;
    }
    let seen = lane.transaction(in_order.transaction, "refunded").await?;
    if seen.state.as_deref() != Some("refunded") {
        let reason = "a refund after its payment does not show; see refunds-take-effect";
        return Err(Stop::Inconclusive(reason.to_owned()));
    }
    let early = lane.purchase(1);
    let payment = tell(&early, Payment);
    for request in [&tell(&early, Refund), &payment] {
        if !session.deliver(request).await?.is_success() {
            return Ok(());
        }
    }
    let seen = lane.transaction(early.transaction, "refunded").await?;
    match seen.state.as_deref() {
        Some("refunded") | None => Ok(()),
        Some(state) => {
            let actual = format!("state `{state}`");
            Err(session.violation("SEQ-12", "state `refunded`", actual, &payment))
        }
    }
}
