//! Are deliveries answered in time? (clauses `TIME-*`)

use std::time::Duration;

use serde_json::Value;

use crate::{Check, Stop, check::Evidence, effects::GRANTS, session::Session};

/// The time within which Xsolla recommends to answer.
const RECOMMENDED: Duration = Duration::from_secs(3);

/// Work that takes longer belongs behind the answer.
pub(super) static WITHIN_THREE_SECONDS: Check = Check {
    id: "time-within-three-seconds",
    title: "answers each type within three seconds",
    clauses: &["TIME-01", "TIME-03"],
    evidence: Evidence::Stochastic,
    alone: false,
    ask: |session| Box::pin(within_three_seconds(session)),
};

async fn within_three_seconds(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        session.asks((kind, mode));
        let deliver = async || {
            let request = session.fresh(kind, mode).await?;
            session.deliver(&request).await.map(|reply| (reply.elapsed, request))
        };
        let (elapsed, _) = deliver().await?;
        if elapsed <= RECOMMENDED {
            continue;
        }
        // Once may be a hiccup of the machine.
        let (again, request) = deliver().await?;
        if again > RECOMMENDED {
            let actual = format!(
                "{} ms for `{kind}`, and {} ms again",
                elapsed.as_millis(),
                again.as_millis()
            );
            return Err(session.violation("TIME-01", "an answer within 3000 ms", actual, &request));
        }
    }
    large_order_within_three_seconds(session).await?;
    copies_within_three_seconds(session).await
}

/// Lines of a large order, as in `payloads-many-items`.
const LINES: usize = 300;

/// Work that is done for each line adds up.
async fn large_order_within_three_seconds(session: &Session<'_>) -> Result<(), Stop> {
    let Ok(modes) = session.modes_of(GRANTS) else { return Ok(()) };
    session.asks((GRANTS, LINES));
    let deliver = async || {
        let payload = session.before(GRANTS, modes[0]).await?.tell(GRANTS, modes[0]);
        let line = payload.value().pointer("/items/0").cloned().unwrap_or_default();
        let request =
            session.sign(payload.set("/items", Value::Array(vec![line; LINES])).to_bytes());
        session.deliver(&request).await.map(|reply| (reply.elapsed, request))
    };
    if deliver().await?.0 <= RECOMMENDED {
        return Ok(());
    }
    let (again, request) = deliver().await?;
    if again <= RECOMMENDED {
        return Ok(());
    }
    let actual = format!("{} ms for an order of {LINES} lines", again.as_millis());
    Err(session.violation("TIME-01", "an answer within 3000 ms", actual, &request))
}

/// Copies that come at once are no excuse.
async fn copies_within_three_seconds(session: &Session<'_>) -> Result<(), Stop> {
    let (kind, mode) = session.types().last().copied().unwrap_or(session.simplest());
    session.asks((kind, mode, "many copies at once"));
    let slowest = async || {
        let request = session.fresh(kind, mode).await?;
        let answers = session.at_once(&request).await?;
        let slowest = answers.iter().flatten().map(|reply| reply.elapsed).max();
        Ok::<_, Stop>((slowest.unwrap_or_default(), request))
    };
    if slowest().await?.0 <= RECOMMENDED {
        return Ok(());
    }
    let (again, request) = slowest().await?;
    if again <= RECOMMENDED {
        return Ok(());
    }
    let actual = format!("{} ms for the last of several copies", again.as_millis());
    Err(session.violation("TIME-03", "each copy answered within 3000 ms", actual, &request))
}
