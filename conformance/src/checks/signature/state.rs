//! A badly signed delivery is rejected and forgotten, whatever its type and whatever came before it.

use super::forged::{last_digit_changed, unsigned};
use crate::{Check, Stop, check::Evidence, effects::Change, session::Session};

/// A listener that looks for duplicates before it verifies accepts a forged copy of any earlier event.
pub(in crate::checks) static REJECTS_FORGED_DUPLICATES: Check = Check {
    id: "signature-rejects-forged-duplicates",
    title: "refuses a badly signed copy of an event that it accepted, whatever the type",
    clauses: &["SIG-02", "SIG-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(rejects_forged_duplicates(session)),
};

async fn rejects_forged_duplicates(session: &Session<'_>) -> Result<(), Stop> {
    let mut untold = Ok(());
    for (kind, mode) in session.types() {
        session.asks((kind, mode));
        let accepted = session.fresh(kind, mode).await?;
        if let Err(stop) = session.twin(&accepted).await {
            untold = untold.and(Err(stop));
            continue;
        }
        for forged in [last_digit_changed(accepted.clone()), unsigned(accepted)] {
            match session.refused_for_signature("SIG-02", &forged).await {
                Err(stop @ Stop::Inconclusive(_)) => untold = untold.and(Err(stop)),
                result => result?,
            }
        }
    }
    untold
}

/// A listener that records an id before it verifies drops the genuine event after a forged one.
pub(in crate::checks) static FORGERY_FORGOTTEN: Check = Check {
    id: "signature-forgery-forgotten",
    title: "lets an event of each type take effect although a badly signed copy came first",
    clauses: &["SIG-07", "IDEM-11"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(forgery_forgotten(session)),
};

async fn forgery_forgotten<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    if session.run.effects.is_none() {
        accepted_after_forgery(session).await?;
    }
    let lane = session.lane().await?;
    let batches = lane.batches().await?;
    for kinds in &batches.kinds {
        session.asks(kinds);
        let changes = lane.changes(kinds).await?;
        for change in &changes {
            for forged in
                [last_digit_changed(change.request.clone()), unsigned(change.request.clone())]
            {
                session.deliver(&forged).await?;
            }
        }
        for change in &changes {
            if let Some(seen) = change.difference(&change.before).await? {
                let expected = format!("{}, as before", change.before);
                let actual = format!("{seen} after a badly signed {}", change.name());
                let forged = last_digit_changed(change.request.clone());
                return Err(session.violation("SIG-07", expected, actual, &forged));
            }
        }
        let after = "rightly signed after a badly signed copy";
        session.all_take_effect(("IDEM-11", after), &changes).await?;
    }
    batches.end()
}

/// The part that needs no view: the listener does not refuse the genuine event.
async fn accepted_after_forgery(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        session.asks((kind, mode));
        if session.twin(&session.fresh(kind, mode).await?).await.is_err() {
            continue;
        }
        let request = session.fresh(kind, mode).await?;
        session.deliver(&last_digit_changed(request.clone())).await?;
        session.accepted("IDEM-11", &request).await?;
    }
    Ok(())
}

impl Session<'_> {
    /// Delivers these events and judges whether each of them is accepted and takes effect.
    pub(in crate::checks) async fn all_take_effect(
        &self,
        (clause, after): (&str, &str),
        changes: &[Change<'_>],
    ) -> Result<(), Stop> {
        for change in changes {
            self.accepted(clause, &change.request).await?;
        }
        for change in changes {
            let (seen, shows) = change.outcome().await?;
            if !shows {
                let expected = format!("{} for {}, {after}", change.effect(), change.name());
                return Err(self.violation(clause, expected, seen, &change.request));
            }
        }
        Ok(())
    }
}
