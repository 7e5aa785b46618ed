//! Several partial refunds of one transaction share its id, and have none of their own.

use hookproof_contract::{Mode, NotificationType};
use serde_json::json;

use crate::{
    Check, Stop, check::Evidence, effects::GRANTS, purchase::Purchase, session::Session,
    wire::Request,
};

const KIND: NotificationType = NotificationType::PartialRefund;

/// Parts of the price, which together are less than it, and when they were given back.
const PARTS: [(f64, &str); 3] = [
    (2.5, "2026-03-16T11:00:00+03:00"),
    (1.25, "2026-03-17T11:00:00+03:00"),
    (0.75, "2026-03-18T11:00:00+03:00"),
];

impl Session<'_> {
    /// The refund of a part of a purchase.
    fn part_of(&self, purchase: &Purchase, mode: Mode, place: usize) -> Request {
        self.part(purchase, mode, PARTS[place])
    }

    fn part(&self, purchase: &Purchase, mode: Mode, (amount, date): (f64, &str)) -> Request {
        let sum = json!({"currency": "USD", "amount": amount});
        let payload = purchase
            .tell(KIND, mode)
            .set("/purchase/total", sum.clone())
            .set("/payment_details/payment", sum)
            .set("/refund_details", json!({"code": 10, "author": "API", "date": date}));
        self.sign(payload.to_bytes())
    }
}

/// A key of type and transaction drops all but the first.
pub(in crate::checks) static PARTIAL_ACCEPTED: Check = Check {
    id: "refunds-partial-accepted",
    title: "accepts each partial refund of a transaction",
    clauses: &["REFUND-06"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(partial_accepted(session)),
};

async fn partial_accepted(session: &Session<'_>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    let purchase = session.before(KIND, mode).await?;
    for place in 0..PARTS.len() {
        session.asks(place);
        session.accepted("REFUND-06", &session.part_of(&purchase, mode, place)).await?;
    }
    session.asks("every documented member");
    let full = session.before(KIND, mode).await?.tell_fully(KIND, mode);
    session.accepted("REFUND-06", &session.sign(full.to_bytes())).await.map(drop)
}

/// Books that miss one are wrong for good.
pub(in crate::checks) static PARTIAL_COUNT: Check = Check {
    id: "refunds-partial-count",
    title: "counts each partial refund of a transaction",
    clauses: &["REFUND-07"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(partial_count(session)),
};

async fn partial_count<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    let lane = session.lane().await?;
    let purchase = lane.purchase(1);
    session.lead_up(&purchase, KIND, mode).await?;
    session.asks("two parts, told twice each");
    let mut last = session.validation();
    for place in 0..2 {
        last = session.part_of(&purchase, mode, place);
        session.twin(&last).await?;
        session.accepted("REFUND-07", &last).await?;
    }
    let seen = lane.refunds(purchase.transaction, 2).await?;
    match seen.refunds {
        None if seen.state.is_none() => {
            Err(Stop::Inconclusive("the probe does not show the payment".to_owned()))
        }
        None => Err(Stop::NotObservable("the probe does not count refunds".to_owned())),
        Some(2) => Ok(()),
        Some(count) => {
            let actual = format!("{count} refunds");
            Err(session.violation("REFUND-07", "2 refunds of 2 parts", actual, &last))
        }
    }
}

/// No cancellation belongs to it.
pub(in crate::checks) static PARTIAL_KEEPS_GOODS: Check = Check {
    id: "refunds-partial-keeps-goods",
    title: "takes nothing back for a partial refund",
    clauses: &["REFUND-08"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(partial_keeps_goods(session)),
};

async fn partial_keeps_goods<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    session.needs(GRANTS, mode)?;
    let lane = session.lane().await?;
    let purchase = lane.purchase(2);
    session.granted_first(&lane, &purchase, mode).await?;
    let before = lane.owned().await?;
    session.asks("a part of the price of two items");
    let request = session.part_of(&purchase, mode, 0);
    session.twin(&request).await?;
    let owned = lane.settles_at(&lane.user, before).await?;
    if owned == before {
        return Ok(());
    }
    let actual = format!("{} taken back", before - owned);
    Err(session.violation("REFUND-08", "nothing taken back", actual, &request))
}

/// Two parts of the same amount are two parts.
pub(in crate::checks) static PARTIAL_EQUAL: Check = Check {
    id: "refunds-partial-equal-amounts",
    title: "counts two partial refunds of the same amount",
    clauses: &["REFUND-07"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(partial_equal(session)),
};

async fn partial_equal<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    let lane = session.lane().await?;
    let purchase = lane.purchase(1);
    session.lead_up(&purchase, KIND, mode).await?;
    session.asks("two parts of the same amount, on two days");
    for (count, (_, date)) in (1..).zip(&PARTS[..2]) {
        let last = session.part(&purchase, mode, (PARTS[0].0, date));
        session.twin(&last).await?;
        let seen = lane.refunds(purchase.transaction, count).await?;
        match seen.refunds {
            Some(found) if found == count => (),
            Some(found) if count == 2 => {
                let actual = format!("{found} refunds");
                return Err(session.violation("REFUND-07", "2 refunds of 2 parts", actual, &last));
            }
            Some(_) => {
                let reason = "one part is not counted; see refunds-partial-count";
                return Err(Stop::Inconclusive(reason.to_owned()));
            }
            None => {
                return Err(Stop::NotObservable("the probe does not count refunds".to_owned()));
            }
        }
    }
    Ok(())
}

/// Rounds of partial refunds at once: one may come out right by luck.
const ROUNDS: usize = 3;

/// Copies of each of the partial refunds that come at once.
const COPIES: usize = 3;

/// Who reads a count, adds one and writes it back loses what came between.
pub(in crate::checks) static PARTIAL_AT_ONCE: Check = Check {
    id: "refunds-partial-at-once",
    title: "counts each of two partial refunds once whose copies come at once (3 trials)",
    clauses: &["REFUND-07", "IDEM-02"],
    evidence: Evidence::Stochastic,
    alone: false,
    ask: |session| Box::pin(partial_at_once(session)),
};

async fn partial_at_once<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    let lane = session.lane().await?;
    for round in 0..=ROUNDS {
        // In the first round one after another: what is wrong there is another check's business.
        let alone = round == 0;
        session.asks((round, alone));
        let purchase = lane.purchase(1);
        session.lead_up(&purchase, KIND, mode).await?;
        let parts = [0, 1].map(|place| session.part_of(&purchase, mode, place));
        if alone {
            for part in parts.iter().chain(&parts) {
                session.twin(part).await?;
            }
        } else {
            session.started_together(&parts, COPIES).await?;
        }
        let seen = lane.refunds(purchase.transaction, 2).await?;
        let Some(count) = seen.refunds else {
            return Err(Stop::NotObservable("the probe does not count refunds".to_owned()));
        };
        if count == 2 {
            continue;
        }
        if alone {
            let reason = format!("two parts told one after another are {count} refunds");
            return Err(Stop::Inconclusive(format!("{reason}; see refunds-partial-count")));
        }
        let clause = if count > 2 { "IDEM-02" } else { "REFUND-07" };
        let expected = format!("2 refunds of 2 parts, in each of {ROUNDS} trials");
        let actual = format!("{count} refunds in trial {round}");
        return Err(session.violation(clause, expected, actual, &parts[1]));
    }
    Ok(())
}
