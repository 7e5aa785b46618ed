//! Is a user found by what the payer typed?

use hookproof_contract::NotificationType;
use serde_json::{Value, json};

use crate::{Check, Stop, answer::Reply, check::Evidence, session::Session, wire::Request};

const KIND: NotificationType = NotificationType::UserSearch;

impl Session<'_> {
    /// The search for a user by this public id.
    fn search_for(&self, public_id: &str) -> Request {
        let payload = self.purchase().tell(KIND, self.main_mode());
        self.sign(payload.set("/user/public_id", json!(public_id)).to_bytes())
    }
}

/// Whether the answer names this user.
fn finds(reply: &Reply, user: &str) -> bool {
    let body = reply.json().unwrap_or_default();
    reply.status == 200
        && match &body["user"]["id"] {
            Value::String(id) => id == user,
            Value::Number(id) => id.to_string() == user,
            _ => false,
        }
}

/// The payer typed a nickname; without the id behind it nobody can go on.
pub(in crate::checks) static SEARCH_FINDS: Check = Check {
    id: "users-search-finds",
    title: "finds a user by the public id",
    clauses: &["USER-10"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(search_finds(session)),
};

async fn search_finds(session: &Session<'_>) -> Result<(), Stop> {
    session.modes_of(KIND)?;
    let public_id = session.run.options.public_id.as_deref().unwrap_or_default();
    session.asks("a known public id");
    let request = session.search_for(public_id);
    let reply = session.deliver(&request).await?;
    if finds(&reply, session.user()) {
        return Ok(());
    }
    let expected = format!("200 with `user.id` `{}`", session.user());
    Err(session.violation("USER-10", expected, &reply, &request))
}

/// An empty success sells to nobody.
pub(in crate::checks) static SEARCH_UNKNOWN: Check = Check {
    id: "users-search-unknown",
    title: "refuses to find a user whom nobody knows",
    clauses: &["USER-11"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(search_unknown(session)),
};

async fn search_unknown(session: &Session<'_>) -> Result<(), Stop> {
    let asked = session.modes_of(KIND);
    if let Err(stop @ Stop::Skip(_)) = asked {
        return Err(stop);
    }
    session.asks("an unknown public id");
    let request =
        session.search_for(&format!("hookproof-nobody-{}@example.org", session.fresh_id()));
    let reply = session.deliver(&request).await?;
    if !reply.is_refusal() {
        let expected = "4xx with the error code INVALID_USER";
        return Err(session.violation("USER-11", expected, &reply, &request));
    }
    // That nobody is found counts where somebody is.
    asked?;
    let public_id = session.run.options.public_id.as_deref().unwrap_or_default();
    session.twin(&session.search_for(public_id)).await?;
    match reply.code().as_deref() {
        Some("INVALID_USER") => Ok(()),
        None => Err(Stop::Inconclusive(format!(
            "refused, but without a code: {reply}; see errors-body-shape"
        ))),
        Some(_) => {
            let expected = "the error code INVALID_USER";
            Err(session.violation("USER-11", expected, &reply, &request))
        }
    }
}
