//! A refund counts once, and for its own transaction.

use hookproof_contract::{Mode, NotificationType};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{Lane, TAKES_BACK},
    session::Session,
};

/// Duplicates of one refund that are delivered.
const DUPLICATES: usize = 2;

/// Xsolla retries a refund whose answer it did not see.
pub(in crate::checks) static REPEAT_ONCE: Check = Check {
    id: "refunds-repeat-once",
    title: "accepts a duplicate of a refund and counts one refund",
    clauses: &["REFUND-14"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(repeat_once(session)),
};

async fn repeat_once<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::Refund;
    let mode = session.modes_of(KIND)?[0];
    session.asks("a refund and its duplicates");
    let refund = session.fresh(KIND, mode).await?;
    session.twin(&refund).await?;
    for _ in 0..DUPLICATES {
        session.accepted("REFUND-14", &refund).await?;
    }
    if session.run.effects.is_none() {
        return Ok(());
    }
    let lane = session.lane().await?;
    let purchase = lane.purchase(1);
    let refund = session.telling(&purchase, KIND, mode).await?;
    session.twin(&refund).await?;
    let first = lane.shows_transaction(purchase.transaction, "refunded").await?;
    if first.state.as_deref() != Some("refunded") {
        let reason = "the refund does not show; see refunds-take-effect";
        return Err(Stop::Inconclusive(reason.to_owned()));
    }
    for _ in 0..DUPLICATES {
        session.accepted("REFUND-14", &refund).await?;
    }
    match lane.refunds(purchase.transaction, 1).await?.refunds {
        Some(count) if count != 1 => {
            let expected = "1 refund after a refund and its duplicates";
            let actual = format!("{count} refunds");
            Err(session.violation("REFUND-14", expected, actual, &refund))
        }
        _ => Ok(()),
    }
}

/// A user has many payments of the same price.
pub(in crate::checks) static OWN_TRANSACTION_ONLY: Check = Check {
    id: "refunds-own-transaction-only",
    title: "applies a refund to its own transaction and to no other payment of the user",
    clauses: &["REFUND-13"],
    evidence: Evidence::Probe,
    alone: true,
    ask: |session| Box::pin(own_transaction_only(session)),
};

async fn own_transaction_only<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    use NotificationType::{PartialRefund, Refund};
    session.any_of(&[Refund, PartialRefund, TAKES_BACK])?;
    session.effects()?;
    let main = session.main_mode();
    let mut cases: Vec<(NotificationType, Mode, &str)> = Vec::new();
    for (kind, state) in [(Refund, "refunded"), (PartialRefund, "partially_refunded")] {
        if session.is_asked(kind) {
            cases.push((kind, main, state));
        }
    }
    // A combined cancellation holds the refund.
    if session.modes_of(TAKES_BACK).is_ok_and(|modes| modes.contains(&Mode::Combined)) {
        cases.push((TAKES_BACK, Mode::Combined, "refunded"));
    }
    let (mut judged, mut untold, mut unseen) = (false, Ok(()), Ok(()));
    for (kind, mode, state) in cases {
        match of_three_payments(session, kind, mode, state).await {
            Err(stop @ Stop::Inconclusive(_)) => untold = untold.and(Err(stop)),
            Err(stop @ Stop::NotObservable(_)) => unseen = unseen.and(Err(stop)),
            result => {
                result?;
                judged = true;
            }
        }
    }
    untold?;
    if judged { Ok(()) } else { unseen }
}

/// Refunds the second of three payments and looks at the other two.
async fn of_three_payments<'run>(
    session: &'run Session<'run>,
    kind: NotificationType,
    mode: Mode,
    state: &str,
) -> Result<(), Stop> {
    session.asks((kind, mode, "the second of three payments"));
    let lane = session.lane().await?;
    let [first, refunded, last] = [lane.purchase(1), lane.purchase(1), lane.purchase(1)];
    for purchase in [&first, &refunded, &last] {
        session.lead_up(purchase, kind, mode).await?;
        let seen = lane.shows_transaction(purchase.transaction, "paid").await?;
        match seen.state.as_deref() {
            Some("paid") => (),
            // No clause asks the listener to record it: the order is its record.
            None if mode == Mode::Combined => {
                let reason = "the probe does not show the payment within an order";
                return Err(Stop::NotObservable(reason.to_owned()));
            }
            _ => {
                let reason = "the probe does not show the payment; see payments-recorded";
                return Err(Stop::Inconclusive(reason.to_owned()));
            }
        }
    }
    let request = session.sign(refunded.tell(kind, mode).to_bytes());
    session.twin(&request).await?;
    // Once the refund shows, what it did to others shows too.
    let own = lane.transaction(refunded.transaction, state).await?;
    for purchase in [&first, &last] {
        if let Some(actual) = no_longer_paid(&lane, purchase.transaction).await? {
            let expected = "state `paid` and no refund of the user's other payments";
            return Err(session.violation("REFUND-13", expected, actual, &request));
        }
    }
    // A part may be shown as the whole.
    if own.state.as_deref().is_some_and(|state| state != "paid") {
        return Ok(());
    }
    Err(Stop::Inconclusive("the refund does not show; see refunds-take-effect".to_owned()))
}

/// The state of a transaction that was paid, if it shows another one or a refund.
async fn no_longer_paid(lane: &Lane<'_>, transaction: u64) -> Result<Option<String>, Stop> {
    let seen = lane.transaction(transaction, "paid").await?;
    let Some(state) = seen.state else {
        let reason = "the probe no longer shows a payment that it showed before";
        return Err(Stop::Inconclusive(reason.to_owned()));
    };
    let refunds = seen.refunds.unwrap_or(0);
    Ok((state != "paid" || refunds != 0).then(|| format!("state `{state}`, {refunds} refunds")))
}
