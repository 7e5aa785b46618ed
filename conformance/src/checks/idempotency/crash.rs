//! What was acknowledged is there after the process died, and is not done again.

use hookproof_contract::Mode;

use super::effects::expect_more;
use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, Lane, TAKES_BACK},
    purchase::Purchase,
    session::Session,
    wire::Request,
};

/// Kills right after an answer: what is done later than that needs a moment that may be short.
const KILLS_AFTER_ANSWER: u32 = 3;

/// Orders that are acknowledged just before each of these kills, in each mode.
const ORDERS: u64 = 3;

/// A restart is a deployment: the process is asked to end, and started again.
pub(in crate::checks) static SURVIVES_RESTART: Check = Check {
    id: "idempotency-survives-restart",
    title: "remembers after a restart what it accepted",
    clauses: &["IDEM-08"],
    evidence: Evidence::Spawn,
    alone: true,
    ask: |session| Box::pin(survives_restart(session)),
};

async fn survives_restart<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let modes = session.modes_of(GRANTS);
    let (process, lane) = session.crash_lane().await?;
    let modes = modes?;
    session.asks(&modes);
    let before = lane.owned().await?;
    let mut told = Vec::new();
    for mode in &modes {
        let purchase = lane.purchase(1);
        session.granted_first(&lane, &purchase, *mode).await?;
        told.push(session.telling(&purchase, GRANTS, *mode).await?);
    }
    process.end(session.run.wire).await.map_err(|error| Stop::Broken(error.to_string()))?;
    session.trace.did("asked to end by SIGTERM".to_owned());
    session.come_back().await?;
    let granted = i64::try_from(told.len()).unwrap_or(i64::MAX);
    for request in &told {
        expect_kept(session, &lane, before + granted, ("IDEM-08", request)).await?;
        session.accepted("IDEM-08", request).await?;
    }
    match told.last() {
        Some(last) => expect_more(session, &lane, before, granted, ("IDEM-08", last)).await,
        None => Ok(()),
    }
}

/// Judges whether what was owned before the process ended is owned still.
async fn expect_kept(
    session: &Session<'_>,
    lane: &Lane<'_>,
    expected: i64,
    (clause, request): (&str, &Request),
) -> Result<(), Stop> {
    let owned = lane.settles_at(&lane.user, expected).await?;
    if owned == expected {
        return Ok(());
    }
    let actual = format!("{owned} owned after the restart");
    let expected = format!("{expected} owned, as was acknowledged before");
    Err(session.violation(clause, expected, actual, request))
}

/// Nobody sends again what was acknowledged.
pub(in crate::checks) static SURVIVES_KILL_AFTER_ANSWER: Check = Check {
    id: "idempotency-survives-kill-after-answer",
    title: "loses nothing that it acknowledged when its process is killed",
    clauses: &["IDEM-12"],
    evidence: Evidence::Spawn,
    alone: true,
    ask: |session| Box::pin(survives_kill_after_answer(session)),
};

async fn survives_kill_after_answer<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let modes = session.modes_of(GRANTS);
    let (process, lane) = session.crash_lane().await?;
    let modes = modes?;
    for round in 0..process.rounds(KILLS_AFTER_ANSWER) {
        session.asks((&modes, round));
        session.trace.forget();
        let before = lane.owned().await?;
        let mut told = Vec::new();
        for mode in &modes {
            for _ in 0..ORDERS {
                told.push(session.telling(&lane.purchase(1), GRANTS, *mode).await?);
            }
        }
        for request in &told {
            session.twin(request).await?;
        }
        // No moment may pass between the last answer and this.
        session.kill(process).await?;
        session.come_back().await?;
        let granted = i64::try_from(told.len()).unwrap_or(i64::MAX);
        let Some(last) = told.last() else { return Ok(()) };
        let owned = lane.settles_at(&lane.user, before + granted).await?;
        if owned != before + granted {
            let expected = format!("{granted} granted, for {granted} orders were acknowledged");
            let actual = format!("{} granted after the restart", owned - before);
            return Err(session.violation("IDEM-12", expected, actual, last));
        }
        for request in &told {
            session.accepted("IDEM-12", request).await?;
        }
        let repeated = lane.settles_at(&lane.user, before + granted).await?;
        if repeated != before + granted {
            let expected = format!("{granted} granted, each order once");
            let actual = format!(
                "{} granted after each was delivered again after the restart",
                repeated - before
            );
            return Err(session.violation("IDEM-12", expected, actual, last));
        }
    }
    Ok(())
}

/// A cancellation finds its order, and is itself remembered, whatever became of the process.
pub(in crate::checks) static CANCEL_AFTER_RESTART: Check = Check {
    id: "idempotency-cancel-after-restart",
    title: "takes back once what was granted before a restart",
    clauses: &["IDEM-06", "IDEM-08"],
    evidence: Evidence::Spawn,
    alone: true,
    ask: |session| Box::pin(cancel_after_restart(session)),
};

async fn cancel_after_restart<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let modes = session.modes_of(TAKES_BACK);
    let (process, lane) = session.crash_lane().await?;
    let modes = modes?;
    session.asks(&modes);
    let before = lane.owned().await?;
    let mut canceled: Vec<(Mode, Purchase)> = Vec::new();
    for mode in &modes {
        session.granted_first(&lane, &lane.purchase(2), *mode).await?;
        let purchase = lane.purchase(1);
        session.granted_first(&lane, &purchase, *mode).await?;
        canceled.push((*mode, purchase));
    }
    let kept = before + 2 * i64::try_from(modes.len()).unwrap_or(i64::MAX);
    session.kill(process).await?;
    session.come_back().await?;
    let mut told = Vec::new();
    for (mode, purchase) in &canceled {
        let request = session.telling(purchase, TAKES_BACK, *mode).await?;
        session.accepted("IDEM-08", &request).await?;
        told.push(request);
    }
    let Some(last) = told.last() else { return Ok(()) };
    let left = lane.settles_at(&lane.user, kept).await?;
    if left != kept {
        let actual = format!("{} left of {}", left - before, 3 * modes.len());
        let expected =
            format!("{} left: what was bought before the restart is taken back", kept - before);
        return Err(session.violation("IDEM-08", expected, actual, last));
    }
    session.kill(process).await?;
    session.come_back().await?;
    for request in &told {
        session.accepted("IDEM-06", request).await?;
    }
    let left = lane.settles_at(&lane.user, kept).await?;
    if left != kept {
        let actual = format!("{} left of {}", left - before, 3 * modes.len());
        let expected = format!("{} left: the cancellation counts once", kept - before);
        return Err(session.violation("IDEM-06", expected, actual, last));
    }
    Ok(())
}
