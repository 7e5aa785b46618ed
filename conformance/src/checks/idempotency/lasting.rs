//! Events of every type are remembered: over a crash, and after many other events.

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{Batches, Change, Lane},
    session::Session,
};

/// Events of other purchases between an event and its duplicate.
const OTHER_EVENTS: usize = 64;

/// Every kind of state has a table of its own, or a variable that was forgotten.
pub(in crate::checks) static STATE_SURVIVES_KILL: Check = Check {
    id: "idempotency-state-survives-kill",
    title: "keeps payments, refunds, orders and subscriptions, and knows their duplicates, after its process was killed",
    clauses: &["IDEM-08", "IDEM-12"],
    evidence: Evidence::Spawn,
    alone: true,
    ask: |session| Box::pin(state_survives_kill(session)),
};

async fn state_survives_kill<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let (process, lane) = session.crash_lane().await?;
    let batches = lane.batches().await?;
    let changes = delivered(session, &lane, &batches).await?;
    let mut states = Vec::new();
    for change in &changes {
        states.push(change.state(|_| true).await?);
    }
    session.kill(process).await?;
    session.come_back().await?;
    for (change, before) in changes.iter().zip(&states) {
        if let Some(seen) = change.difference(before).await? {
            let expected = format!("{before}, as before the restart");
            let actual = format!("{seen}, although {} was acknowledged", change.name());
            return Err(session.violation("IDEM-12", expected, actual, &change.request));
        }
    }
    for change in &changes {
        session.accepted("IDEM-08", &change.request).await?;
    }
    for (change, before) in changes.iter().zip(&states) {
        if let Some(seen) = change.difference(before).await? {
            let expected = format!("{before}, as before the duplicate");
            let actual = format!("{seen} after a duplicate of {}", change.name());
            return Err(session.violation("IDEM-08", expected, actual, &change.request));
        }
    }
    batches.end()
}

/// A memory with a bound forgets, and the shop does not say when it sends a duplicate.
pub(in crate::checks) static LATE_DUPLICATES: Check = Check {
    id: "idempotency-late-duplicates",
    title: "knows a duplicate of each type after many other events",
    clauses: &["IDEM-01", "IDEM-02"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(late_duplicates(session)),
};

async fn late_duplicates<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let lane = session.lane().await?;
    let batches = lane.batches().await?;
    let changes = delivered(session, &lane, &batches).await?;
    let mut states = Vec::new();
    for change in &changes {
        states.push(change.state(|_| true).await?);
    }
    // A duplicate at once is the twin of a late one.
    for change in &changes {
        session.twin_again(&change.request).await?;
    }
    for (change, before) in changes.iter().zip(&states) {
        if change.difference(before).await?.is_some() {
            let name = change.name();
            return Err(Stop::Inconclusive(format!(
                "a duplicate of {name} at once changes something too; see {}",
                immediate(change)
            )));
        }
    }
    other_events(session, &lane).await?;
    for change in &changes {
        session.accepted("IDEM-01", &change.request).await?;
    }
    for (change, before) in changes.iter().zip(&states) {
        if let Some(seen) = change.difference(before).await? {
            let expected = format!("{before}, as before the duplicate");
            let actual = format!(
                "{seen} after a duplicate of {}, {OTHER_EVENTS} events later",
                change.name()
            );
            return Err(session.violation("IDEM-02", expected, actual, &change.request));
        }
    }
    batches.end()
}

/// The check that judges a duplicate at once.
fn immediate(change: &Change<'_>) -> &'static str {
    use hookproof_contract::NotificationType as N;
    match change.kind {
        N::OrderCanceled => "idempotency-cancel-repeat",
        N::Refund => "refunds-repeat-once",
        N::PartialRefund => "refunds-partial-count",
        N::UpdateSubscription => "subscriptions-repeat-extends-once",
        _ => "idempotency-repeat-grants-once",
    }
}

/// One event of each type, delivered, accepted and in effect.
async fn delivered<'lane>(
    session: &Session<'_>,
    lane: &'lane Lane<'lane>,
    batches: &Batches,
) -> Result<Vec<Change<'lane>>, Stop> {
    let mut all = Vec::new();
    for kinds in &batches.kinds {
        session.asks(kinds);
        let changes = lane.changes(kinds).await?;
        for change in &changes {
            session.twin(&change.request).await?;
        }
        for change in &changes {
            if !change.outcome().await?.1 {
                let reason = format!("{} took effect once, and now does not", change.name());
                return Err(Stop::Inconclusive(reason));
            }
        }
        all.extend(changes);
    }
    Ok(all)
}

/// Delivers events of other purchases, of all types by turns.
async fn other_events<'run>(session: &'run Session<'run>, lane: &Lane<'_>) -> Result<(), Stop> {
    let own_item = |kind| lane.user == session.user() && session.chain_grants(kind);
    let kinds: Vec<_> = session.types().into_iter().filter(|kind| !own_item(*kind)).collect();
    let events = stream::iter(kinds.into_iter().cycle().take(OTHER_EVENTS));
    let events = events.map(|(kind, mode)| async move {
        let request = match session.fresh(kind, mode).await {
            Err(Stop::Inconclusive(_)) => return Ok(()),
            request => request?,
        };
        session.deliver(&request).await.map(drop)
    });
    events.buffer_unordered(session.run.width()).try_collect().await
}

impl Session<'_> {
    /// Delivers a duplicate; a late one tells nothing where this is rejected.
    async fn twin_again(&self, request: &crate::wire::Request) -> Result<(), Stop> {
        let reply = self.deliver(request).await?;
        if reply.is_success() {
            return Ok(());
        }
        Err(Stop::Inconclusive(format!(
            "a duplicate at once is not accepted either: {reply}; see idempotency-repeat-accepted"
        )))
    }
}
