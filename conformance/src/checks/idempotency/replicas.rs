//! Several processes behind one address are one listener: what one was told, all know.

use hookproof_contract::Mode;

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    history::Question,
    script::{Bought, Script},
    session::Session,
};

/// Trials of each script with copies at once.
const ROUNDS: usize = 3;

/// Copies of one event that are spread over the replicas.
const COPIES: usize = 8;

/// Deliveries of one event, each on another replica than the one before.
const REPEATS: usize = 5;

fn several(session: &Session<'_>) -> Result<(), Stop> {
    if session.run.options.targets.len() > 1 {
        return Ok(());
    }
    Err(Stop::Skip("needs two replicas of the listener: give --target twice".to_owned()))
}

/// Whether scripts come out on several replicas as they do on one.
fn question(session: &Session<'_>, mode: Mode, script: &Script, rounds: usize) -> Question {
    let mut twins = session.plain(mode);
    twins.push(script.in_sequence());
    Question { twins, scripts: vec![script.clone(); rounds], width: 1 }
}

/// A memory of what was done that each process has for itself is none.
pub(in crate::checks) static REPEAT_ELSEWHERE: Check = Check {
    id: "idempotency-repeat-on-another-replica",
    title: "grants once for an order that is delivered again to another replica",
    clauses: &["IDEM-02"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(repeat_elsewhere(session)),
};

async fn repeat_elsewhere<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    several(session)?;
    let asking = |mode: Mode| {
        let one = Script::of(mode, vec![Bought::one()]).then(0, &session.chain_to(GRANTS, mode));
        Some(question(session, mode, &one.then(0, &[GRANTS; REPEATS]).spread(), 1))
    };
    session.explained(GRANTS, asking).await
}

/// A lock within one process is none.
pub(in crate::checks) static COPIES_EVERYWHERE: Check = Check {
    id: "idempotency-copies-on-all-replicas",
    title: "grants once for copies of an order that reach all replicas at once (3 trials in each mode)",
    clauses: &["IDEM-03"],
    evidence: Evidence::Stochastic,
    alone: false,
    ask: |session| Box::pin(copies_everywhere(session)),
};

async fn copies_everywhere<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    several(session)?;
    let asking = |mode: Mode| {
        let mut before = session.chain_to(GRANTS, mode);
        before.pop();
        let one = Script::of(mode, vec![Bought::one()]).then(0, &before);
        Some(question(session, mode, &one.at_once(&[(0, GRANTS, COPIES)]), ROUNDS))
    };
    session.explained(GRANTS, asking).await
}

/// What one process granted, another takes back.
pub(in crate::checks) static CANCEL_ELSEWHERE: Check = Check {
    id: "orders-cancel-on-another-replica",
    title: "takes back on one replica what another granted, once",
    clauses: &["ORDER-06", "IDEM-06"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(cancel_elsewhere(session)),
};

async fn cancel_elsewhere<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    several(session)?;
    let asking = |mode: Mode| {
        let kept = Bought { user: 0, items: vec![(0, 5)] };
        let two = Script::of(mode, vec![kept, Bought::one()])
            .then(0, &session.chain_to(GRANTS, mode))
            .then(1, &session.chain_to(GRANTS, mode));
        let mut last = session.chain(mode);
        let back = last.split_off(session.chain_to(GRANTS, mode).len());
        let mut scripts = two.then(1, &back).then(1, &[TAKES_BACK; REPEATS]);
        // The cancellation goes to another replica than its order, and its repeats to all of them.
        let granted_at = 0;
        for (place, line) in scripts.rounds.iter_mut().flatten().enumerate() {
            line.target = if line.kind == TAKES_BACK { place } else { granted_at };
        }
        if let Some(line) = scripts.rounds.iter_mut().flatten().find(|l| l.kind == TAKES_BACK) {
            line.target = granted_at + 1;
        }
        Some(question(session, mode, &scripts, 1))
    };
    session.explained(TAKES_BACK, asking).await
}

/// A balancer knows nothing of purchases.
pub(in crate::checks) static SPREAD: Check = Check {
    id: "sequence-spread-over-replicas",
    title: "understands a purchase of which each event reaches another replica",
    clauses: &["SEQ-02", "SEQ-10", "ORDER-03", "ORDER-06", "REFUND-04"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(spread(session)),
};

async fn spread<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    several(session)?;
    let asking = |mode: Mode| {
        let chain = session.chain(mode);
        let one = Script::of(mode, vec![Bought::one()]);
        let paid = one.clone().then(0, &session.chain_to(GRANTS, mode)).spread();
        let whole = one.then(0, &chain).then(0, &[GRANTS]).spread();
        let mut found = question(session, mode, &whole, 1);
        found.scripts.push(paid);
        Some(found)
    };
    session.explained(GRANTS, asking).await
}
