//! An event that was rejected and comes again corrected, under the same ids, takes effect.

use hookproof_contract::{NotificationType, payload::Payload};
use serde_json::json;

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    session::Session,
};

/// A claim that is written before the event is examined outlives the rejection.
pub(in crate::checks) static CORRECTED_DELIVERY: Check = Check {
    id: "idempotency-corrected-delivery",
    title: "lets an event of each type take effect that it rejected and that comes again corrected",
    clauses: &["IDEM-11"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(corrected_delivery(session)),
};

/// A fault that the sender can correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    UnknownUser,
    MissingMember,
    MalformedMember,
}

impl Defect {
    const ALL: [Self; 3] = [Self::UnknownUser, Self::MissingMember, Self::MalformedMember];

    /// The payload with this fault; ids stay.
    fn put(self, kind: NotificationType, payload: Payload, unknown_user: &str) -> Payload {
        use NotificationType as N;
        let required = match kind {
            GRANTS | TAKES_BACK => "/items",
            N::Payment | N::Refund | N::PartialRefund => "/payment_details",
            _ => "/user",
        };
        match (self, kind) {
            (Self::UnknownUser, GRANTS | TAKES_BACK) => {
                payload.set("/user/external_id", json!(unknown_user))
            }
            (Self::UnknownUser, _) => payload.set("/user/id", json!(unknown_user)),
            (Self::MissingMember, _) => payload.remove(required),
            (Self::MalformedMember, _) => payload.set(required, json!("not an object")),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::UnknownUser => "an unknown user",
            Self::MissingMember => "a missing member",
            Self::MalformedMember => "a member of another JSON type",
        }
    }
}

async fn corrected_delivery<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let unknown = session.run.options.unknown_user.as_str();
    if session.run.effects.is_none() {
        accepted_when_corrected(session, unknown).await?;
    }
    let lane = session.lane().await?;
    let batches = lane.batches().await?;
    for (place, kinds) in batches.kinds.iter().enumerate() {
        // Where one item serves all, each type of order is asked about one defect.
        let rounds =
            if batches.kinds.len() > 1 && kinds.len() == 1 { 1 } else { Defect::ALL.len() };
        for round in 0..rounds {
            let defect = Defect::ALL[(place + round) % Defect::ALL.len()];
            session.asks((kinds, defect));
            let mut rejected = Vec::new();
            for change in lane.changes(kinds).await? {
                let defective = change.with(|payload| defect.put(change.kind, payload, unknown));
                match session.send(&defective).await {
                    Ok(reply) if !reply.is_success() => rejected.push(change),
                    // What a listener accepts, and what it does not answer, other checks judge.
                    _ => (),
                }
            }
            let after = format!("corrected after {}", defect.name());
            session.all_take_effect(("IDEM-11", &after), &rejected).await?;
        }
    }
    batches.end()
}

/// The part that needs no view: the listener does not reject the corrected event as a duplicate.
async fn accepted_when_corrected(session: &Session<'_>, unknown: &str) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        if session.twin(&session.fresh(kind, mode).await?).await.is_err() {
            continue;
        }
        session.asks((kind, mode));
        let right = session.before(kind, mode).await?.tell(kind, mode);
        let defective = Defect::UnknownUser.put(kind, right.clone(), unknown);
        if session.send(&session.sign(defective.to_bytes())).await.is_ok_and(|it| it.is_refusal()) {
            session.accepted("IDEM-11", &session.sign(right.to_bytes())).await?;
        }
    }
    Ok(())
}
