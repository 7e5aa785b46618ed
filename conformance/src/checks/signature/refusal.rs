//! How a forgery is refused: for every type, before parsing, without effect, without saying too much.

use hookproof_contract::{NotificationType, signature};

use super::forged::{authorization, last_digit_changed, unsigned};
use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    purchase::Purchase,
    session::Session,
};

/// Each type is verified, not only the first one that somebody thought of.
pub(in crate::checks) static CHECKED_PER_TYPE: Check = Check {
    id: "signature-checked-per-type",
    title: "verifies the signature of every type",
    clauses: &["SIG-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(checked_per_type(session)),
};

async fn checked_per_type(session: &Session<'_>) -> Result<(), Stop> {
    let mut untold = None;
    for (kind, mode) in session.types() {
        session.asks((kind, mode));
        let told = || session.sign(session.purchase().tell(kind, mode).to_bytes());
        let forgeries = [last_digit_changed(told()), unsigned(told())];
        for forged in &forgeries {
            match session.refused_for_signature("SIG-04", forged).await {
                Err(Stop::Inconclusive(reason)) => untold = Some(reason),
                result => result?,
            }
        }
        let twin = session.fresh(kind, mode).await?;
        match session.twin(&twin).await {
            Err(Stop::Inconclusive(reason)) => untold = Some(format!("`{kind}`: {reason}")),
            result => result?,
        }
    }
    untold.map_or(Ok(()), |reason| Err(Stop::Inconclusive(reason)))
}

/// Nothing unproven is parsed.
pub(in crate::checks) static BEFORE_PARSING: Check = Check {
    id: "signature-before-parsing",
    title: "looks at the signature before it parses",
    clauses: &["SIG-08"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(before_parsing(session)),
};

async fn before_parsing(session: &Session<'_>) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    session.refused_for_signature("SIG-08", &unsigned(session.validation())).await?;
    for body in [
        "{\"notification_type\":",
        "[1,2]",
        "no JSON at all",
        "{\"notification_type\":\"nothing\"}",
    ] {
        session.asks(body);
        let forged = last_digit_changed(session.sign(body));
        let reply = session.deliver(&forged).await?;
        if reply.code().as_deref() != Some("INVALID_SIGNATURE") {
            let expected = "4xx with INVALID_SIGNATURE, as for a well-formed body";
            return Err(session.violation("SIG-08", expected, &reply, &forged));
        }
    }
    Ok(())
}

/// A forged order grants nothing, and a forged cancellation takes nothing away.
pub(in crate::checks) static REFUSAL_WITHOUT_EFFECT: Check = Check {
    id: "signature-refusal-without-effect",
    title: "changes nothing for a forged request",
    clauses: &["SIG-07"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(refusal_without_effect(session)),
};

async fn refusal_without_effect<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let told = |purchase: &Purchase, kind: NotificationType| {
            session.sign(purchase.tell(kind, mode).to_bytes())
        };
        let (real, fake) = (lane.purchase(1), lane.purchase(7));
        let forgeries = [
            last_digit_changed(told(&fake, GRANTS)),
            unsigned(told(&fake, GRANTS)),
            last_digit_changed(told(&real, TAKES_BACK)),
        ];
        session.asks(mode);
        session.twin(&session.telling(&real, GRANTS, mode).await?).await?;
        for forged in &forgeries {
            session.deliver(forged).await?;
        }
        let owned = lane.settles_at(&lane.user, before + 1).await?;
        if owned != before + 1 {
            let expected =
                format!("{} of the item after one real order and three forgeries", before + 1);
            return Err(session.violation("SIG-07", expected, owned, &forgeries[0]));
        }
    }
    Ok(())
}

/// What would let a stranger sign is told to nobody.
pub(in crate::checks) static NOT_LEAKED: Check = Check {
    id: "signature-not-leaked",
    title: "tells neither the secret nor the signature it expected",
    clauses: &["SIG-10"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(not_leaked(session)),
};

/// A shorter secret could stand in an answer by chance.
const TELLING_LENGTH: usize = 6;

async fn not_leaked(session: &Session<'_>) -> Result<(), Stop> {
    let secret = &session.run.options.secret;
    let right = session.validation();
    let digits = signature::sign(&right.body, secret);
    for forged in [last_digit_changed(right.clone()), unsigned(right.clone()), right] {
        session.asks(authorization(&forged).len());
        let reply = session.deliver(&forged).await?;
        let headers = reply.headers.iter().map(|(_, value)| value.clone());
        let said: Vec<String> =
            headers.chain([String::from_utf8_lossy(&reply.body).into_owned()]).collect();
        let tells =
            |word: &str| said.iter().any(|text| text.to_lowercase().contains(&word.to_lowercase()));
        if tells(&digits) {
            let actual = "the answer holds the signature that was expected";
            return Err(session.violation("SIG-10", "nothing to sign with", actual, &forged));
        }
        if secret.expose().len() >= TELLING_LENGTH && tells(secret.expose()) {
            let actual = "the answer holds the project's secret";
            return Err(session.violation("SIG-10", "nothing to sign with", actual, &forged));
        }
    }
    Ok(())
}

/// The documents say 400; Xsolla's own test takes any 4xx.
pub(in crate::checks) static STATUS_400: Check = Check {
    id: "signature-status-400",
    title: "answers a wrong signature with exactly 400",
    clauses: &["SIG-06"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(status_400(session)),
};

async fn status_400(session: &Session<'_>) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    for (kind, mode) in session.types() {
        let told = || session.sign(session.purchase().tell(kind, mode).to_bytes());
        for forged in [last_digit_changed(told()), unsigned(told())] {
            session.asks((kind, mode, authorization(&forged).len()));
            let reply = session.deliver(&forged).await?;
            if !reply.is_refusal() {
                let reason = format!("a bad signature of `{kind}` is not rejected: {reply}");
                return Err(Stop::Inconclusive(reason));
            }
            if reply.status != 400 {
                return Err(session.violation("SIG-06", "400", &reply, &forged));
            }
        }
    }
    Ok(())
}
