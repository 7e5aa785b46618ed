//! Does a listener come back by itself after its process was killed? (clause ANS-14)

use futures_util::future::join_all;

use crate::{
    Check, Stop, check::Evidence, effects::GRANTS, session::Session, spawn::Process, wire::Request,
};

/// Deliveries that are under way when the process is killed.
const UNDER_WAY: usize = 6;

/// A machine that fails takes every process on it along, in the middle of whatever they do.
pub(in crate::checks) static AFTER_RESTART: Check = Check {
    id: "answers-after-restart",
    title: "answers again after its process was killed and started",
    clauses: &["ANS-14"],
    evidence: Evidence::Spawn,
    alone: true,
    ask: |session| Box::pin(after_restart(session)),
};

async fn after_restart(session: &Session<'_>) -> Result<(), Stop> {
    let process = session.process().await?;
    let right = session.validation();
    session.asks("idle");
    session.kill(process).await?;
    comes_back(session, &right).await?;
    session.asks("under load");
    killed_at_work(session, process).await?;
    comes_back(session, &right).await?;
    let part = session.fraction(0);
    session.asks(("while starting", part));
    session.kill(process).await?;
    process.begin().map_err(|unready| Stop::Broken(unready.to_string()))?;
    session.trace.did("started again".to_owned());
    let after = process.start_time().mul_f64(part);
    session.kill_while(process, after, async {}).await?;
    comes_back(session, &right).await
}

/// Kills the process while it handles deliveries of each kind that needs little.
async fn killed_at_work(session: &Session<'_>, process: &Process) -> Result<(), Stop> {
    let mut told = Vec::new();
    let (simple, mode) = session.simplest();
    for place in 0..UNDER_WAY {
        let orders = session.modes_of(GRANTS).ok();
        told.push(match orders {
            Some(modes) if place % 2 == 0 => session.fresh(GRANTS, modes[0]).await?,
            _ => session.fresh(simple, mode).await?,
        });
    }
    let first = session.send(&session.validation()).await;
    let answer_time = first.map(|reply| reply.elapsed).unwrap_or_default();
    let after = answer_time.mul_f64(session.fraction(1));
    let sending = join_all(told.iter().map(|request| session.send(request)));
    session.kill_while(process, after, sending).await?;
    Ok(())
}

/// Starts the process, and judges whether it answers a valid delivery.
async fn comes_back(session: &Session<'_>, right: &Request) -> Result<(), Stop> {
    session.come_back().await?;
    session.accepted("ANS-14", right).await?;
    Ok(())
}
