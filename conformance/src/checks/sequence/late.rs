//! What comes late, or was not expected any more.

use hookproof_contract::{Mode, NotificationType};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    session::Session,
};

/// The repeat of an attempt whose answer was lost can overtake the cancellation.
pub(in crate::checks) static LATE_REPEAT: Check = Check {
    id: "sequence-late-repeat",
    title: "does not grant again when an order is repeated after its cancellation",
    clauses: &["SEQ-10"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(late_repeat(session)),
};

async fn late_repeat<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    session.modes_of(GRANTS)?;
    for mode in session.modes_of(TAKES_BACK)? {
        session.asks(mode);
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let purchase = lane.purchase(1);
        session.granted_first(&lane, &purchase, mode).await?;
        let cancel = session.telling(&purchase, TAKES_BACK, mode).await?;
        session.twin(&cancel).await?;
        if lane.shows(before).await? != before {
            return Err(Stop::Inconclusive(
                "the cancellation takes nothing back; see orders-cancel-takes-back".to_owned(),
            ));
        }
        let again = session.sign(purchase.tell(GRANTS, mode).to_bytes());
        session.deliver(&again).await?;
        let owned = lane.settles_at(&lane.user, before).await?;
        if owned != before {
            let actual = format!("{} granted again", owned - before);
            let expected = "nothing granted after the cancellation";
            return Err(session.violation("SEQ-10", expected, actual, &again));
        }
    }
    Ok(())
}

/// A merchant's token still produces them, whatever the project's mode.
pub(in crate::checks) static STRAY_PAYMENT: Check = Check {
    id: "sequence-stray-payment",
    title: "accepts a stray payment and refund of a combined order without a second effect",
    clauses: &["SEQ-09"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(stray_payment(session)),
};

async fn stray_payment<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    use NotificationType::{Payment, Refund};
    const MODE: Mode = Mode::Combined;
    session.needs(GRANTS, MODE)?;
    session.asks("a payment and a refund that belong to no order");
    let alone = session.purchase();
    for kind in [Payment, Refund] {
        let request = session.sign(alone.tell(kind, MODE).to_bytes());
        session.accepted("SEQ-09", &request).await?;
    }
    let lane = session.lane().await?;
    let before = lane.owned().await?;
    session.asks("a combined order, its payment besides, its refund and its cancellation");
    let purchase = lane.purchase(1);
    session.granted_first(&lane, &purchase, MODE).await?;
    let payment = session.sign(purchase.tell_fully_of_one_item(Payment, MODE).to_bytes());
    session.accepted("SEQ-09", &payment).await?;
    let owned = lane.settles_at(&lane.user, before + 1).await?;
    if owned != before + 1 {
        let actual = format!("{} granted", owned - before);
        return Err(session.violation("SEQ-09", "1 of the item granted", actual, &payment));
    }
    if !session.is_asked(TAKES_BACK) {
        return Ok(());
    }
    // Another one, so that a second taking back would show.
    session.granted_first(&lane, &lane.purchase(1), MODE).await?;
    let mut last = payment;
    for kind in [Refund, TAKES_BACK] {
        last = session.sign(purchase.tell(kind, MODE).to_bytes());
        session.accepted("SEQ-09", &last).await?;
    }
    let owned = lane.settles_at(&lane.user, before + 1).await?;
    if owned == before + 1 {
        return Ok(());
    }
    let actual = format!("{} left of 2", owned - before);
    Err(session.violation("SEQ-09", "1 left of 2", actual, &last))
}
