//! Repeats change nothing, and what is no repeat is not taken for one.

use hookproof_contract::{
    Mode, NotificationType,
    serialise::{self, Form},
};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, Lane, TAKES_BACK},
    purchase::Purchase,
    session::Session,
    wire::Request,
};

/// Rounds of copies at once: one may pass by luck.
const ROUNDS: u32 = 3;

/// Deliveries of one event, in sequence.
const REPEATS: u32 = 5;

impl<'run> Session<'run> {
    /// Has a purchase granted, or says that what follows cannot be told.
    pub(crate) async fn granted_first(
        &self,
        lane: &Lane<'run>,
        purchase: &Purchase,
        mode: Mode,
    ) -> Result<(), Stop> {
        let quantity: u64 = purchase.items.iter().map(|(_, quantity)| quantity).sum();
        let expected = lane.owned().await? + i64::try_from(quantity).unwrap_or(i64::MAX);
        self.twin(&self.telling(purchase, GRANTS, mode).await?).await?;
        let owned = lane.shows(expected).await?;
        if owned == expected {
            return Ok(());
        }
        Err(Stop::Inconclusive(
            "the order was accepted, but not granted; see orders-granted".to_owned(),
        ))
    }
}

/// Judges how many items there are more than before.
pub(super) async fn expect_more(
    session: &Session<'_>,
    lane: &Lane<'_>,
    before: i64,
    more: i64,
    (clause, request): (&str, &Request),
) -> Result<(), Stop> {
    let owned = lane.settles_at(&lane.user, before + more).await?;
    if owned == before + more {
        return Ok(());
    }
    let actual = format!("{} granted", owned - before);
    Err(session.violation(clause, format!("{more} granted"), actual, request))
}

/// Told five times, granted once.
pub(in crate::checks) static REPEAT_GRANTS_ONCE: Check = Check {
    id: "idempotency-repeat-grants-once",
    title: "grants once for an order that is delivered again",
    clauses: &["IDEM-02"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(repeat_grants_once(session)),
};

async fn repeat_grants_once<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks(mode);
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let request = session.telling(&lane.purchase(1), GRANTS, mode).await?;
        for _ in 0..REPEATS {
            session.accepted("IDEM-02", &request).await?;
        }
        expect_more(session, &lane, before, 1, ("IDEM-02", &request)).await?;
    }
    Ok(())
}

/// Looking first and writing then lets copies through between the two.
pub(in crate::checks) static CONCURRENT_GRANTS_ONCE: Check = Check {
    id: "idempotency-concurrent-grants-once",
    title: "grants once for copies of an order that come at once",
    clauses: &["IDEM-03"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(concurrent_grants_once(session)),
};

async fn concurrent_grants_once<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        let lane = session.lane().await?;
        for round in 0..ROUNDS {
            session.asks((mode, round));
            let before = lane.owned().await?;
            let request = session.telling(&lane.purchase(1), GRANTS, mode).await?;
            session.all_accepted_at_once("IDEM-13", &request).await?;
            expect_more(session, &lane, before, 1, ("IDEM-03", &request)).await?;
        }
    }
    Ok(())
}

/// Payment and refund share an id; so do an order and its cancellation.
pub(in crate::checks) static TYPES_DIFFER: Check = Check {
    id: "idempotency-types-differ",
    title: "takes events of one purchase for different events",
    clauses: &["IDEM-04"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(types_differ(session)),
};

async fn types_differ<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks(mode);
        let purchase = session.purchase();
        for kind in told_in(session, mode) {
            let request = session.telling(&purchase, kind, mode).await?;
            session.accepted("IDEM-04", &request).await?;
        }
        session.effects()?;
        types_have_effects(session, mode).await?;
    }
    Ok(())
}

/// The types that are told of a purchase and its end, in their order.
fn told_in(session: &Session<'_>, mode: Mode) -> Vec<NotificationType> {
    use NotificationType::{Payment, Refund};
    let all: &[NotificationType] = match mode {
        Mode::Separate => &[Payment, GRANTS, Refund, TAKES_BACK],
        Mode::Combined => &[GRANTS, TAKES_BACK],
    };
    let asked = |kind: &&NotificationType| session.types().contains(&(**kind, mode));
    all.iter().filter(asked).copied().collect()
}

async fn types_have_effects<'run>(session: &'run Session<'run>, mode: Mode) -> Result<(), Stop> {
    let lane = session.lane().await?;
    let before = lane.owned().await?;
    let purchase = lane.purchase(1);
    for kind in told_in(session, mode) {
        let request = session.telling(&purchase, kind, mode).await?;
        session.accepted("IDEM-04", &request).await?;
        if kind == GRANTS {
            expect_more(session, &lane, before, 1, ("IDEM-04", &request)).await?;
        } else if kind == TAKES_BACK {
            expect_more(session, &lane, before, 0, ("IDEM-04", &request)).await?;
        } else if kind == NotificationType::Refund {
            match lane.transaction(purchase.transaction, "refunded").await {
                Ok(seen) if seen.state.as_deref().is_some_and(|state| state != "refunded") => {
                    let actual = seen.state.unwrap_or_default();
                    return Err(session.violation("IDEM-04", "state `refunded`", actual, &request));
                }
                Ok(_) | Err(Stop::NotObservable(_)) => (),
                Err(stop) => return Err(stop),
            }
        }
    }
    Ok(())
}

/// Buying the same thing twice is no repeat.
pub(in crate::checks) static SAME_ITEM_AGAIN: Check = Check {
    id: "idempotency-same-item-again",
    title: "grants again when the same user buys the same item again",
    clauses: &["IDEM-05"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(same_item_again(session)),
};

async fn same_item_again<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks(mode);
        for _ in 0..2 {
            let request = session.fresh(GRANTS, mode).await?;
            session.accepted("IDEM-05", &request).await?;
        }
        session.effects()?;
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let mut last = session.validation();
        for _ in 0..2 {
            last = session.telling(&lane.purchase(1), GRANTS, mode).await?;
            session.accepted("IDEM-05", &last).await?;
        }
        expect_more(session, &lane, before, 2, ("IDEM-05", &last)).await?;
    }
    Ok(())
}

/// Taken back twice is one too many.
pub(in crate::checks) static CANCEL_REPEAT: Check = Check {
    id: "idempotency-cancel-repeat",
    title: "takes back once for a cancellation that is delivered again",
    clauses: &["IDEM-06"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(cancel_repeat(session)),
};

async fn cancel_repeat<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(TAKES_BACK)? {
        session.asks(mode);
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let (kept, canceled) = (lane.purchase(2), lane.purchase(1));
        session.granted_first(&lane, &kept, mode).await?;
        session.granted_first(&lane, &canceled, mode).await?;
        let request = session.telling(&canceled, TAKES_BACK, mode).await?;
        for _ in 0..3 {
            session.accepted("IDEM-06", &request).await?;
        }
        let owned = lane.settles_at(&lane.user, before + 2).await?;
        if owned != before + 2 {
            let actual = format!("{} left of 3", owned - before);
            return Err(session.violation("IDEM-06", "2 left of 3", actual, &request));
        }
    }
    Ok(())
}

/// The event is the same, whatever its bytes.
pub(in crate::checks) static OTHER_SERIALISATION: Check = Check {
    id: "idempotency-other-serialisation",
    title: "knows a repeat although it is written differently",
    clauses: &["IDEM-07"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(other_serialisation(session)),
};

async fn other_serialisation<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks(mode);
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let purchase = lane.purchase(1);
        session.lead_up(&purchase, GRANTS, mode).await?;
        let payload = purchase.tell(GRANTS, mode);
        let mut last = session.sign(payload.to_bytes());
        session.twin(&last).await?;
        for form in Form::ALL {
            last = session.sign(serialise::write(payload.value(), form));
            if !session.deliver(&last).await?.is_success() {
                return Err(Stop::Inconclusive(format!(
                    "the repeat written as {form:?} is refused"
                )));
            }
        }
        expect_more(session, &lane, before, 1, ("IDEM-07", &last)).await?;
    }
    Ok(())
}

/// In separate mode an order carries no transaction, and yet is an event of its own.
pub(in crate::checks) static ORDERS_DIFFER: Check = Check {
    id: "idempotency-orders-differ",
    title: "takes different orders for different events in each mode",
    clauses: &["IDEM-10"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(orders_differ(session)),
};

async fn orders_differ<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks(mode);
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let (first, second, third) = (lane.purchase(1), lane.purchase(2), lane.purchase(4));
        let mut last = session.validation();
        for purchase in [&first, &second, &third] {
            last = session.telling(purchase, GRANTS, mode).await?;
            session.accepted("IDEM-10", &last).await?;
        }
        expect_more(session, &lane, before, 7, ("IDEM-10", &last)).await?;
    }
    Ok(())
}
