//! The whole space of the schemas: values at random, and those at the bounds in turn.

use std::{slice, time::Instant};

use futures_util::{StreamExt, stream};
use hookproof_contract::{
    Mode, NotificationType,
    generate::{self, Boundary},
    payload::Payload,
};
use serde_json::Value;

use crate::{
    Check, Stop,
    answer::Reply,
    check::Evidence,
    property::PROPERTY_MAX,
    session::{Session, is_about_money},
    wire::Request,
};

/// Characters of a value that are shown.
const SHOWN_MAX: usize = 40;

/// The whole space of the schemas.
pub(in crate::checks) static SCHEMA_GENERATED: Check = Check {
    id: "payloads-schema-generated",
    title: "accepts whatever the schemas allow",
    clauses: &["PAYLOAD-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(of_each_type(session, generated)),
};

/// Asks about all types side by side.
async fn of_each_type(
    session: &Session<'_>,
    ask: impl AsyncFn(&Session<'_>, NotificationType, Mode) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let types = session.types();
    let parts = session.fork(types.len() as u64);
    let asking = types.iter().zip(&parts).map(|((kind, mode), part)| ask(part, *kind, *mode));
    let results: Vec<Result<(), Stop>> =
        stream::iter(asking).buffered(session.run.width()).collect().await;
    session.join(parts);
    results.into_iter().collect()
}

async fn generated(session: &Session<'_>, kind: NotificationType, mode: Mode) -> Result<(), Stop> {
    session.twin(&session.fresh(kind, mode).await?).await?;
    session
        .for_all(generate::payloads(kind, mode), async |payload| {
            let purchase = session.before(kind, mode).await?;
            let payload = purchase.adapt(kind, mode, Payload::from(payload));
            let request = session.sign(payload.to_bytes());
            let reply = session.deliver(&request).await?;
            // A listener may know what things cost, and these prices are made up.
            if reply.is_success() || is_about_money(&request, &reply) {
                return Ok(());
            }
            Err(session.violation("PAYLOAD-03", "200, 201 or 204", &reply, &request))
        })
        .await
}

/// Every bound of the schemas. Chance meets most of them, one day.
pub(in crate::checks) static BOUNDARY_VALUES: Check = Check {
    id: "payloads-boundary-values",
    title: "accepts values at the bounds of what the schemas allow",
    clauses: &["PAYLOAD-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(of_each_type(session, boundaries)),
};

async fn boundaries(session: &Session<'_>, kind: NotificationType, mode: Mode) -> Result<(), Stop> {
    session.twin(&session.fresh(kind, mode).await?).await?;
    let started = Instant::now();
    for round in generate::boundaries(kind, mode) {
        if started.elapsed() > PROPERTY_MAX {
            break;
        }
        let (request, reply) = changed(session, kind, mode, round).await?;
        if reply.is_success() {
            continue;
        }
        // Which of them is it? A refused price must not hide the others, either.
        for change in round {
            let (request, reply) = changed(session, kind, mode, slice::from_ref(change)).await?;
            if !reply.is_success() && !is_about_money(&request, &reply) {
                let expected = format!("200, 201 or 204 {}", told(change));
                return Err(session.violation("PAYLOAD-03", expected, &reply, &request));
            }
        }
        if !is_about_money(&request, &reply) {
            return Err(session.violation("PAYLOAD-03", "200, 201 or 204", &reply, &request));
        }
    }
    Ok(())
}

/// Delivers the full notification of a new purchase with these changes.
async fn changed(
    session: &Session<'_>,
    kind: NotificationType,
    mode: Mode,
    changes: &[Boundary],
) -> Result<(Request, Reply), Stop> {
    session.trace.forget();
    session.asks((kind, mode, changes));
    let purchase = session.before(kind, mode).await?;
    let full = purchase.tell_fully(kind, mode);
    let payload = changes.iter().fold(full, |payload, change| change.apply(payload));
    let request = session.sign(purchase.adapt(kind, mode, payload).to_bytes());
    let reply = session.deliver(&request).await?;
    Ok((request, reply))
}

fn told(change: &Boundary) -> String {
    let pointer = &change.pointer;
    match &change.value {
        None => format!("without `{pointer}`"),
        Some(Value::String(text)) if text.len() > SHOWN_MAX => {
            format!("with a text of {} characters as `{pointer}`", text.chars().count())
        }
        Some(value) => {
            let text = value.to_string();
            let shown: String = text.chars().take(SHOWN_MAX).collect();
            let more = if shown.len() < text.len() { "…" } else { "" };
            format!("with {shown}{more} as `{pointer}`")
        }
    }
}
