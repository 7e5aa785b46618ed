//! Can a listener be talked into a user whom it does not know?

use hookproof_contract::NotificationType;
use serde_json::{Value, json};

use crate::{Check, Stop, check::Evidence, session::Session, wire::Request};

/// What looks like an id to whoever builds a query or a look-up out of it.
pub(in crate::checks) static HOSTILE_LOOKUPS: Check = Check {
    id: "users-hostile-lookups",
    title: "is not talked into a user by operators, quotes or names of its language",
    clauses: &["USER-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(hostile_lookups(session)),
};

/// What every object of a common language has. One of them may be somebody's name; all are nobody's.
const INHERITED: [&str; 4] = ["constructor", "toString", "hasOwnProperty", "valueOf"];

/// Conditions that hold for every row, in the ways in which they leave a quoted text.
const CONDITIONS: [&str; 5] =
    ["' OR '1'='1", "x' OR 'x'='x' -- ", "\" OR \"1\"=\"1", "') OR ('1'='1", "x' UNION SELECT '1"];

async fn hostile_lookups(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::UserValidation;
    let mode = session.modes_of(KIND)?[0];
    session.twin(&session.validation()).await?;
    let asking = |id: Value| {
        let payload = session.purchase().tell(KIND, mode);
        session.sign(payload.set("/user/id", id).to_bytes())
    };
    let operators = [
        json!({"$ne": null}),
        json!({"$gt": ""}),
        json!({"$regex": ".*"}),
        json!({"$exists": true}),
    ];
    let conditions = CONDITIONS.map(|text| json!(text));
    for id in operators.into_iter().chain(conditions) {
        session.asks(&id);
        let request = asking(id);
        let reply = session.deliver(&request).await?;
        if reply.is_success() {
            let expected = "4xx with the error code INVALID_USER";
            return Err(session.violation("USER-02", expected, &reply, &request));
        }
    }
    inherited(session, asking).await
}

async fn inherited(session: &Session<'_>, asking: impl Fn(Value) -> Request) -> Result<(), Stop> {
    let mut last = None;
    for name in INHERITED {
        session.asks(name);
        let request = asking(json!(name));
        let reply = session.deliver(&request).await?;
        if !reply.is_success() {
            return Ok(());
        }
        last = Some((request, reply));
    }
    let Some((request, reply)) = last else { return Ok(()) };
    let expected = format!("4xx with INVALID_USER for {}", INHERITED.join(", "));
    Err(session.violation("USER-02", expected, &reply, &request))
}
