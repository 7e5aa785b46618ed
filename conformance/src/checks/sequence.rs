//! Are the events of a purchase understood in every order that can come? (clauses `SEQ-*`)

mod crossing;
mod early;
mod late;
mod orders;

use hookproof_contract::{Mode, NotificationType};

pub(super) use crossing::{
    CROSS_CANCELS, ORDERS_AT_ONCE, PAYMENT_CROSSES_ORDER, REFUND_CROSSES_CANCEL,
    REPEATS_CROSS_CANCEL, TWO_USERS_AT_ONCE,
};
pub(super) use early::{ORDER_AFTER_CANCEL, PAYMENT_AFTER_REFUND};
pub(super) use late::{LATE_REPEAT, STRAY_PAYMENT};
pub(super) use orders::{EVERY_ORDER, RANDOM_PURCHASES};

use crate::{Check, Stop, check::Evidence, effects::TAKES_BACK, session::Session};

/// From the first question to the money back.
pub(super) static WHOLE_PURCHASE: Check = Check {
    id: "sequence-whole-purchase",
    title: "accepts a whole purchase and its cancellation",
    clauses: &["SEQ-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(whole_purchase(session)),
};

async fn whole_purchase(session: &Session<'_>) -> Result<(), Stop> {
    use NotificationType::{OrderCanceled, OrderPaid, Payment, Refund, UserValidation};
    let separate =
        [UserValidation, UserValidation, Payment, OrderPaid, UserValidation, Refund, OrderCanceled];
    let combined = [UserValidation, UserValidation, OrderPaid, UserValidation, OrderCanceled];
    for (mode, events) in [(Mode::Separate, &separate[..]), (Mode::Combined, &combined[..])] {
        if !session.run.options.modes.contains(&mode) {
            continue;
        }
        let purchase = session.purchase();
        let wanted = |kind: &&NotificationType| session.run.options.types.contains(kind);
        for kind in events.iter().filter(wanted) {
            session.asks((mode, kind));
            let request = session.telling(&purchase, *kind, mode).await?;
            session.accepted("SEQ-02", &request).await?;
        }
    }
    Ok(())
}

/// A cancellation can overtake its order, or belong to another shop.
pub(super) static CANCEL_OF_UNKNOWN_ORDER: Check = Check {
    id: "sequence-cancel-of-unknown-order",
    title: "takes nothing away for an order that it never saw",
    clauses: &["SEQ-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(cancel_of_unknown_order(session)),
};

async fn cancel_of_unknown_order<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(TAKES_BACK)? {
        session.asks(mode);
        let request = session.sign(session.purchase().tell(TAKES_BACK, mode).to_bytes());
        let reply = session.deliver(&request).await?;
        if !reply.is_success() && !reply.is_refusal() {
            return Err(session.violation("SEQ-03", "success or 4xx", &reply, &request));
        }
        if session.run.effects.is_none() {
            continue;
        }
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        session.granted_first(&lane, &lane.purchase(1), mode).await?;
        let request = session.sign(lane.purchase(1).tell(TAKES_BACK, mode).to_bytes());
        session.deliver(&request).await?;
        let owned = lane.settles_at(&lane.user, before + 1).await?;
        if owned != before + 1 {
            let actual = format!("{} left of 1", owned - before);
            let expected = "the item of another order is left alone";
            return Err(session.violation("SEQ-03", expected, actual, &request));
        }
    }
    Ok(())
}

/// A refund can belong to a payment of before the listener's time.
pub(super) static REFUND_OF_UNKNOWN_PAYMENT: Check = Check {
    id: "sequence-refund-of-unknown-payment",
    title: "answers the refund of a payment that it never saw without 5xx",
    clauses: &["SEQ-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(refund_of_unknown_payment(session)),
};

async fn refund_of_unknown_payment(session: &Session<'_>) -> Result<(), Stop> {
    let mode = session.modes_of(NotificationType::Refund)?[0];
    session.asks(mode);
    let request = session.sign(session.purchase().tell(NotificationType::Refund, mode).to_bytes());
    let reply = session.deliver(&request).await?;
    if reply.is_success() || reply.is_refusal() {
        return Ok(());
    }
    Err(session.violation("SEQ-04", "success or 4xx", &reply, &request))
}
