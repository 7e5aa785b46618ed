//! Is a user shown what the game lets them see? (clauses `CATALOG-*`)

use std::collections::BTreeMap;

use hookproof_contract::NotificationType;
use serde_json::{Value, json};

use crate::{
    Check, Stop, answer::Reply, check::Evidence, moment, purchase::Purchase, session::Session,
    wire::Request,
};

const KIND: NotificationType = NotificationType::PartnerSideCatalog;

impl Session<'_> {
    /// The question what this user may see, where somebody may ask it.
    fn catalog_of(&self, user: &Value) -> Result<Request, Stop> {
        let mode = self.modes_of(KIND)?[0];
        let payload = self.purchase().tell(KIND, mode).set("/user/user_id", user.clone());
        Ok(self.sign(payload.to_bytes()))
    }

    /// The entries that are shown to the user whom checks speak of; nothing follows without them.
    async fn entries(&self) -> Result<(Request, Vec<Value>), Stop> {
        let request = self.catalog_of(&json!(self.user()))?;
        let reply = self.deliver(&request).await?;
        match list(&reply) {
            Some(entries) => Ok((request, entries)),
            None => Err(Stop::Inconclusive(format!(
                "a known user is shown no list: {reply}; see catalog-answers-a-list"
            ))),
        }
    }
}

/// The list in an answer, where it is one.
fn list(reply: &Reply) -> Option<Vec<Value>> {
    match reply.json() {
        Some(Value::Array(entries)) if reply.status == 200 => Some(entries),
        _ => None,
    }
}

/// The array is what the store shows.
pub(super) static ANSWERS_A_LIST: Check = Check {
    id: "catalog-answers-a-list",
    title: "answers a catalogue question with a list of items",
    clauses: &["CATALOG-01", "CATALOG-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(answers_a_list(session)),
};

async fn answers_a_list(session: &Session<'_>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    for user in &session.run.options.known_users {
        let purchase = Purchase::new(user, (session.fresh_id(), session.fresh_id()), Vec::new())
            .of_project(&session.run.options.project);
        for payload in [purchase.tell(KIND, mode), purchase.tell_fully(KIND, mode)] {
            session.asks((user, payload.value().pointer("/user/locale").is_some()));
            let request = session.sign(payload.to_bytes());
            let reply = session.deliver(&request).await?;
            let Some(entries) = list(&reply) else {
                return Err(session.violation("CATALOG-01", "200 with an array", &reply, &request));
            };
            for entry in &entries {
                judge_entry(session, entry, &request)?;
            }
        }
    }
    Ok(())
}

fn judge_entry(session: &Session<'_>, entry: &Value, request: &Request) -> Result<(), Stop> {
    let text = |name: &str| entry[name].as_str().is_some_and(|text| !text.is_empty());
    if !text("sku") && !text("item_id") && !entry["item_id"].is_u64() {
        let expected = "an entry with `sku` or `item_id`";
        return Err(session.violation("CATALOG-02", expected, entry, request));
    }
    match &entry["quantity"] {
        Value::Null => Ok(()),
        quantity if quantity.is_u64() => Ok(()),
        quantity => {
            let expected = "a `quantity` that is a whole number, or null";
            Err(session.violation("CATALOG-02", expected, quantity, request))
        }
    }
}

/// The same hour all over the world.
pub(super) static DATES: Check = Check {
    id: "catalog-dates",
    title: "gives the dates of a sale with their offset",
    clauses: &["CATALOG-08"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(dates(session)),
};

async fn dates(session: &Session<'_>) -> Result<(), Stop> {
    session.asks("the dates of all entries");
    let (request, entries) = session.entries().await?;
    for entry in &entries {
        for name in ["date_from", "date_until"] {
            let date = &entry[name];
            let right = date.as_str().is_some_and(|date| moment::seconds(date).is_some());
            if !date.is_null() && !right {
                let expected = format!("`{name}` as ISO 8601 with an offset");
                return Err(session.violation("CATALOG-08", expected, date, &request));
            }
        }
    }
    Ok(())
}

/// The one status that this page lists for it.
pub(super) static UNKNOWN_USER: Check = Check {
    id: "catalog-unknown-user",
    title: "answers a catalogue question about nobody with 404",
    clauses: &["CATALOG-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(unknown_user(session)),
};

async fn unknown_user(session: &Session<'_>) -> Result<(), Stop> {
    session.entries().await?;
    session.asks("an unknown user");
    let request = session.catalog_of(&json!(session.run.options.unknown_user))?;
    let reply = session.deliver(&request).await?;
    if reply.status == 404 {
        return Ok(());
    }
    Err(session.violation("CATALOG-03", "404", &reply, &request))
}

/// The store is open before the login.
pub(super) static VISITOR: Check = Check {
    id: "catalog-visitor",
    title: "shows a catalogue to visitors who are not logged in",
    clauses: &["CATALOG-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(visitor(session)),
};

async fn visitor(session: &Session<'_>) -> Result<(), Stop> {
    session.entries().await?;
    session.asks("a user id of null");
    let request = session.catalog_of(&Value::Null)?;
    let reply = session.deliver(&request).await?;
    match list(&reply) {
        Some(_) => Ok(()),
        None => Err(session.violation("CATALOG-04", "200 with an array", &reply, &request)),
    }
}

/// The member was renamed.
pub(super) static EITHER_MEMBER: Check = Check {
    id: "catalog-either-member",
    title: "reads the user of a catalogue question from `user.user_id` or `user.id`",
    clauses: &["CATALOG-05"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(either_member(session)),
};

async fn either_member(session: &Session<'_>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    session.entries().await?;
    let by_id = |user: &str| {
        let payload = session.purchase().tell(KIND, mode).set("/user", json!({"id": user}));
        session.sign(payload.to_bytes())
    };
    session.asks("a known user in `user.id`");
    let known = by_id(session.user());
    let reply = session.deliver(&known).await?;
    if list(&reply).is_none() {
        return Err(session.violation("CATALOG-05", "200 with an array", &reply, &known));
    }
    let unknown = &session.run.options.unknown_user;
    let reply = session.deliver(&session.catalog_of(&json!(unknown))?).await?;
    if !reply.is_refusal() {
        return Err(Stop::Inconclusive(format!(
            "nobody is refused, so the member that is read does not show: {reply}"
        )));
    }
    session.asks("an unknown user in `user.id`");
    let request = by_id(unknown);
    let reply = session.deliver(&request).await?;
    if reply.is_refusal() {
        return Ok(());
    }
    let expected = "4xx, as for the same user in `user.user_id`";
    Err(session.violation("CATALOG-05", expected, &reply, &request))
}

/// Looking is not buying.
pub(super) static CHANGES_NOTHING: Check = Check {
    id: "catalog-changes-nothing",
    title: "changes nothing when the catalogue is asked for",
    clauses: &["CATALOG-07"],
    evidence: Evidence::Probe,
    alone: true,
    ask: |session| Box::pin(changes_nothing(session)),
};

async fn changes_nothing<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(KIND)?[0];
    session.asks("one question, again and again");
    let lane = if session.run.effects.is_some() { Some(session.lane().await?) } else { None };
    let before = match &lane {
        Some(lane) => lane.all_but_others_lanes().await?,
        None => BTreeMap::new(),
    };
    let buyer = lane.as_ref().map_or(session.user(), |lane| &lane.user);
    let plain = session.catalog_of(&json!(buyer))?;
    for _ in 0..3 {
        session.accepted("CATALOG-07", &plain).await?;
    }
    let Some(lane) = lane else { return session.effects().map(drop) };
    lane.expect_items("CATALOG-07", &before, &plain).await?;
    session.asks("a question with the members of an order");
    let purchase = lane.purchase(1);
    let payload = purchase.beside_order(purchase.tell(KIND, mode));
    let request = session.sign(payload.to_bytes());
    session.deliver(&request).await?;
    session.deliver(&request).await?;
    lane.expect_items("CATALOG-07", &before, &request).await
}
