//! What was not acknowledged is sent again, and takes effect once, wherever the process was cut off.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::aim::{Aim, Stage};
use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, Lane},
    session::{Fate, Session},
    spawn::Process,
    wire::Request,
};

/// Kills while a single order of each mode is under way.
const KILLS_BEFORE_ANSWER: u32 = 6;

/// Kills while many orders are under way.
const KILLS_UNDER_LOAD: u32 = 4;

/// Orders that are under way at once, in all modes together.
const ORDERS_AT_ONCE: usize = 12;

/// The first kill falls into this many times the time that an answer takes.
const SPREAD: f64 = 1.2;

/// Under load, answers take longer: the first kill falls into this many times the time of one.
const SPREAD_UNDER_LOAD: f64 = 4.0;

/// How long a sender waits for a process that was stopped.
const PATIENCE: Duration = Duration::from_millis(1200);

/// The sender does not know what became of it, and sends it again.
pub(in crate::checks) static SURVIVES_KILL_BEFORE_ANSWER: Check = Check {
    id: "idempotency-survives-kill-before-answer",
    title: "handles an event once that it was killed over, when it comes again",
    clauses: &["IDEM-16", "IDEM-12"],
    evidence: Evidence::Spawn,
    alone: true,
    ask: |session| Box::pin(survives_kill_before_answer(session)),
};

async fn survives_kill_before_answer<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let modes = session.modes_of(GRANTS);
    let (process, lane) = session.crash_lane().await?;
    let modes = modes?;
    let rounds = process.rounds(KILLS_BEFORE_ANSWER);
    // What is killed less often is killed where most can be wrong.
    let also_while_sending = rounds == KILLS_BEFORE_ANSWER;
    let mut kills = Kills { spread: SPREAD, aim: None };
    for round in 0..rounds {
        let part = session.fraction(round);
        session.asks((&modes, round, part));
        session.trace.forget();
        let mut told = Vec::new();
        for mode in &modes {
            told.push(session.telling(&lane.purchase(1), GRANTS, *mode).await?);
        }
        if also_while_sending && round == 0 {
            let before = lane.all_settled().await?;
            cut_while_sending(session, process, &told).await?;
            session.come_back().await?;
            judge(session, &lane, before, Told { all: &told, acknowledged: 0 }).await?;
            continue;
        }
        kills.one_more(session, process, (&lane, &told), part).await?;
    }
    Ok(())
}

/// Kills while orders are handled.
struct Kills {
    /// The first falls into this many times the time that an answer takes.
    spread: f64,
    /// Where the next one falls; nothing before the first.
    aim: Option<Aim>,
}

impl Kills {
    /// Kills the process while it handles these, and judges what came of them.
    async fn one_more<'run>(
        &mut self,
        session: &'run Session<'run>,
        process: &Process,
        (lane, told): (&Lane<'run>, &[Request]),
        part: f64,
    ) -> Result<(), Stop> {
        // After a start, the first answer takes longer: no kill is to fall into that one.
        let answer_time = answer_time(session, lane).await?;
        let before = lane.all_settled().await?;
        let aim = self.aim.get_or_insert_with(|| Aim::within(answer_time.mul_f64(self.spread)));
        let after = aim.at(part);
        let acknowledged = cut_while_handling(session, process, after, told).await?;
        session.come_back().await?;
        let stage = judge(session, lane, before, Told { all: told, acknowledged }).await?;
        aim.learn(after, stage);
        Ok(())
    }
}

/// How long an answer to an order takes: that of one that nobody looks at.
async fn answer_time<'run>(
    session: &'run Session<'run>,
    lane: &Lane<'run>,
) -> Result<Duration, Stop> {
    let mode = session.modes_of(GRANTS)?[0];
    let request = session.telling(&lane.purchase(1), GRANTS, mode).await?;
    let started = Instant::now();
    session.twin(&request).await?;
    Ok(started.elapsed())
}

/// Kills the process when all but the last byte of each has come.
async fn cut_while_sending(
    session: &Session<'_>,
    process: &Process,
    told: &[Request],
) -> Result<(), Stop> {
    let mut held = Vec::new();
    for request in told {
        let target = session.run.wire.next_target();
        match session.run.wire.hold(target, request).await {
            Ok(under_way) => held.push(under_way),
            // A target that takes one connection at a time is cut off in one.
            Err(_) if !held.is_empty() => break,
            Err(fault) => return Err(Stop::Broken(fault.to_string())),
        }
    }
    session.trace.did("sent all but the last byte".to_owned());
    process.kill();
    session.trace.did("killed by SIGKILL".to_owned());
    held.into_iter().for_each(crate::wire::Held::abandon);
    session.gone(process).await
}

/// Kills the process while these are under way; gives how many were acknowledged before.
async fn cut_while_handling(
    session: &Session<'_>,
    process: &Process,
    after: Duration,
    told: &[Request],
) -> Result<usize, Stop> {
    let width = if session.run.wire.closes_after_each() { 1 } else { told.len() };
    let sending = async {
        let mut came = Vec::new();
        for some in told.chunks(width.max(1)) {
            came.extend(join_all(some.iter().map(|request| session.send(request))).await);
        }
        came
    };
    let came = session.kill_while(process, after, sending).await?;
    let mut acknowledged = 0;
    for fate in came.into_iter().map(Fate::of) {
        match fate {
            Fate::Acknowledged => acknowledged += 1,
            Fate::Unknown => (),
            Fate::Refused(reply) => {
                return Err(Stop::Inconclusive(format!("an order is refused: {reply}")));
            }
        }
    }
    Ok(acknowledged)
}

/// Orders of one item each that were under way, and how many of them were acknowledged.
struct Told<'a> {
    all: &'a [Request],
    acknowledged: usize,
}

/// Judges what came of orders over which the process was killed: first without a word more, then after
/// all of them were sent again. Gives how far their handling had come.
async fn judge(
    session: &Session<'_>,
    lane: &Lane<'_>,
    before: i64,
    told: Told<'_>,
) -> Result<Stage, Stop> {
    let Some(last) = told.all.last() else { return Ok(Stage::Before) };
    let whole = i64::try_from(told.all.len()).unwrap_or(i64::MAX);
    let acknowledged = i64::try_from(told.acknowledged).unwrap_or(i64::MAX);
    let bounds = before + acknowledged..=before + whole;
    let granted = lane.settles_within(bounds.clone()).await? - before;
    if granted < 0 {
        let expected = format!("{before} owned at least, as before the kill");
        let actual = format!("{} owned after the restart", before + granted);
        return Err(session.violation("IDEM-12", expected, actual, last));
    }
    if granted < acknowledged {
        let expected = format!("{acknowledged} granted at least: so many were acknowledged");
        let actual = format!("{granted} granted after the restart");
        return Err(session.violation("IDEM-12", expected, actual, last));
    }
    let stage = match (granted, acknowledged) {
        (_, acknowledged) if acknowledged == whole => Stage::After,
        (0, 0) => Stage::Before,
        _ => Stage::Between,
    };
    for request in told.all {
        session.accepted_again("IDEM-16", request).await?;
    }
    let granted = lane.settles_at(&lane.user, before + whole).await? - before;
    if granted == whole {
        return Ok(stage);
    }
    let expected = format!("{whole} granted: each order that was sent again, once");
    let actual = format!("{granted} granted; {acknowledged} were acknowledged before the kill");
    Err(session.violation("IDEM-16", expected, actual, last))
}

/// Under load, a kill hits events in every stage.
pub(in crate::checks) static SURVIVES_KILL_UNDER_LOAD: Check = Check {
    id: "idempotency-survives-kill-under-load",
    title: "grants each order once when its process is killed under load",
    clauses: &["IDEM-12", "IDEM-16"],
    evidence: Evidence::Spawn,
    alone: true,
    ask: |session| Box::pin(survives_kill_under_load(session)),
};

async fn survives_kill_under_load<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let modes = session.modes_of(GRANTS);
    let (process, lane) = session.crash_lane().await?;
    let modes = modes?;
    let mut kills = Kills { spread: SPREAD_UNDER_LOAD, aim: None };
    for round in 0..process.rounds(KILLS_UNDER_LOAD) {
        let part = session.fraction(round);
        session.asks((&modes, round, part));
        session.trace.forget();
        let mut told = Vec::new();
        for mode in modes.iter().cycle().take(ORDERS_AT_ONCE) {
            told.push(session.telling(&lane.purchase(1), GRANTS, *mode).await?);
        }
        kills.one_more(session, process, (&lane, &told), part).await?;
    }
    Ok(())
}

/// A machine that stands still for a while: the first delivery is given up, and comes again.
pub(in crate::checks) static SURVIVES_STOP: Check = Check {
    id: "idempotency-survives-stop",
    title: "handles an event once that was given up while its process stood still",
    clauses: &["IDEM-16"],
    evidence: Evidence::Spawn,
    alone: true,
    ask: |session| Box::pin(survives_stop(session)),
};

async fn survives_stop<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let modes = session.modes_of(GRANTS);
    let (process, lane) = session.crash_lane().await?;
    let modes = modes?;
    session.asks(&modes);
    let mut told = Vec::new();
    for mode in modes {
        told.push(session.telling(&lane.purchase(1), GRANTS, mode).await?);
    }
    let before = lane.all_settled().await?;
    process.stop();
    session.trace.did("stopped by SIGSTOP".to_owned());
    let given_up = join_all(told.iter().map(async |request| {
        let target = session.run.wire.next_target();
        let started = Instant::now();
        let came = session.run.wire.send_within(target, request, PATIENCE).await;
        session.trace.sent(started, target, request, &came);
        Fate::of(came)
    }));
    let fates = given_up.await;
    process.go_on();
    session.trace.did("goes on by SIGCONT".to_owned());
    // What comes at once meets the first delivery, which may be under way still: whatever is answered,
    // it is sent again.
    for request in &told {
        drop(session.send(request).await);
    }
    let acknowledged = fates.iter().filter(|fate| matches!(fate, Fate::Acknowledged)).count();
    judge(session, &lane, before, Told { all: &told, acknowledged }).await.map(|_stage| ())
}
