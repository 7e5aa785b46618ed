//! Does a Web Shop learn whom it sells to, and nothing more? (clauses `WEBSHOP-*`)

use hookproof_contract::payload::Payload;
use serde_json::{Value, json};

use crate::{
    Check, Stop, answer::Reply, check::Evidence, purchase::Purchase, session::Session,
    wire::Request,
};

/// Members whose names say that they are about a person, and not for a shop page.
const PERSONAL: &[&str] = &["email", "phone", "ip", "zip", "address", "birthday", "password"];

impl Session<'_> {
    /// A question of the Web Shop: no type, and no signature, as in the published sample.
    fn shop_question(&self, body: &Value) -> Result<Request, Stop> {
        if !self.run.options.web_shop {
            let reason = "the Web Shop's question is not required: needs --product web-shop";
            return Err(Stop::Skip(reason.to_owned()));
        }
        Ok(Request::webhook(body.to_string().into_bytes(), None))
    }

    /// The answer about a known user, where it is one.
    async fn shop_answer(&self) -> Result<(Request, Reply), Stop> {
        let request = self.shop_question(&short(self.user()))?;
        let reply = self.deliver(&request).await?;
        if names(&reply, self.user()) {
            return Ok((request, reply));
        }
        Err(Stop::Inconclusive(format!(
            "the question about a known user is not answered: {reply}; see web-shop-known-user"
        )))
    }
}

fn short(user: &str) -> Value {
    json!({"user": {"id": user}})
}

fn long(user: &str) -> Value {
    json!({
        "settings": {"project_id": 40001, "merchant_id": 700},
        "user": {"id": user, "country": "US"},
    })
}

/// Whether this is an answer about that user, to a shop page or to its top-up block.
fn names(reply: &Reply, user: &str) -> bool {
    let body = reply.json().unwrap_or_default();
    let named = match &body["user"]["id"] {
        Value::String(id) => id == user,
        Value::Number(id) => id.to_string() == user,
        _ => false,
    };
    reply.status == 204 || (reply.status == 200 && named)
}

/// The page shows the player's name from this answer.
pub(super) static KNOWN_USER: Check = Check {
    id: "web-shop-known-user",
    title: "tells a Web Shop whom an id belongs to",
    clauses: &["WEBSHOP-01", "WEBSHOP-05"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(known_user(session)),
};

async fn known_user(session: &Session<'_>) -> Result<(), Stop> {
    for user in &session.run.options.known_users {
        let long = session.run.options.project.keep(Payload::from(long(user)), &[]);
        for body in [short(user), long.into_value()] {
            session.asks(&body);
            let request = session.shop_question(&body)?;
            let reply = session.deliver(&request).await?;
            if !names(&reply, user) {
                return Err(not_served(session, &request, reply, user).await?);
            }
            if let Some(name) = personal(&reply.json().unwrap_or_default()) {
                let actual = format!("`{name}` in the answer");
                let expected = "an id, a name, a picture, attributes";
                session.note("WEBSHOP-05", expected, actual, &request);
            }
        }
    }
    Ok(())
}

/// Whether the question comes with a signature is not published, so a listener may demand one.
async fn not_served(
    session: &Session<'_>,
    request: &Request,
    reply: Reply,
    user: &str,
) -> Result<Stop, Stop> {
    if reply.is_refusal() {
        let signed = session.deliver(&session.sign(request.body.clone())).await?;
        if names(&signed, user) {
            return Ok(Stop::Inconclusive(format!(
                "answered with a signature only ({reply} without): the published sample has none"
            )));
        }
    }
    let expected = format!("200 with `user.id` `{user}`, or 204");
    Ok(session.violation("WEBSHOP-01", expected, &reply, request))
}

/// The first member, at any depth, whose name says that it is personal. Attributes are the game's own.
fn personal(value: &Value) -> Option<&str> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| match name.as_str() {
            "attributes" => None,
            name if PERSONAL.contains(&name.to_lowercase().as_str()) => Some(name),
            _ => personal(value),
        }),
        Value::Array(items) => items.iter().find_map(personal),
        _ => None,
    }
}

/// The page tells the visitor by it that the id is wrong.
pub(super) static UNKNOWN_USER: Check = Check {
    id: "web-shop-unknown-user",
    title: "tells a Web Shop by 404 that nobody has an id",
    clauses: &["WEBSHOP-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(unknown_user(session)),
};

async fn unknown_user(session: &Session<'_>) -> Result<(), Stop> {
    session.shop_answer().await?;
    let nobody = format!("hookproof-nobody-{}", session.fresh_id());
    for (place, user) in [session.run.options.unknown_user.as_str(), &nobody].iter().enumerate() {
        session.asks(place);
        let request = session.shop_question(&short(user))?;
        let reply = session.deliver(&request).await?;
        if !matches!(reply.status, 404 | 455) {
            let expected = "404, or 455 for the top-up block";
            return Err(session.violation("WEBSHOP-02", expected, &reply, &request));
        }
    }
    Ok(())
}

/// The one open door leads nowhere.
pub(super) static CHANGES_NOTHING: Check = Check {
    id: "web-shop-changes-nothing",
    title: "changes nothing for a request without type and signature",
    clauses: &["WEBSHOP-04"],
    evidence: Evidence::Probe,
    alone: true,
    ask: |session| Box::pin(changes_nothing(session)),
};

async fn changes_nothing<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    session.shop_question(&short(session.user()))?;
    let lane = session.lane().await?;
    let before = lane.all_but_others_lanes().await?;
    session.shop_answer().await?;
    let mut last = session.shop_question(&short(&lane.user))?;
    session.asks("the plain question of the user whose effects are seen");
    session.deliver(&last).await?;
    lane.expect_items("WEBSHOP-04", &before, &last).await?;
    for body in order_in_disguise(&lane.purchase(1)) {
        session.asks("a question with the members of an order");
        last = session.shop_question(&body)?;
        session.deliver(&last).await?;
    }
    lane.expect_items("WEBSHOP-04", &before, &last).await
}

/// An order without a type, beside the question and inside of it.
fn order_in_disguise(purchase: &Purchase) -> [Value; 2] {
    let question = Payload::from(long(&purchase.user));
    let beside = purchase.beside_order(question).into_value();
    let mut inside = beside.clone();
    inside["user"]["notification_type"] = json!("order_paid");
    [beside, inside]
}

/// What cannot be stored is not kept.
pub(super) static ATTRIBUTES: Check = Check {
    id: "web-shop-attributes",
    title: "gives each attribute of a user a key and a value",
    clauses: &["WEBSHOP-06"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(attributes(session)),
};

async fn attributes(session: &Session<'_>) -> Result<(), Stop> {
    session.asks("the attributes of a known user");
    let (request, reply) = session.shop_answer().await?;
    let body = reply.json().unwrap_or_default();
    let attributes = match &body["attributes"] {
        Value::Null => return Ok(()),
        Value::Array(attributes) => attributes,
        other => {
            let expected = "an array of attributes";
            return Err(session.violation("WEBSHOP-06", expected, other, &request));
        }
    };
    for attribute in attributes {
        let key = attribute["key"].as_str().is_some_and(|key| !key.is_empty());
        if !key || attribute.get("value").is_none() {
            let expected = "a `key` that is text, and a `value`";
            return Err(session.violation("WEBSHOP-06", expected, attribute, &request));
        }
    }
    Ok(())
}
