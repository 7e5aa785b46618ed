//! What is wrong with a body, and which clause says so.

use hookproof_contract::{
    NotificationType,
    schema::{SchemaProblem, SchemaViolation},
    spec::Spec,
};
use serde_json::Value;

use super::{Finding, TYPE, is_order};
use crate::{names, suite::products::Kind};

/// Characters of a message. Messages quote values, and values may be long.
const MESSAGE_CHARS_MAX: usize = 240;

/// The JSON object that a body is.
pub(super) fn parse(body: &[u8]) -> Result<Value, Finding> {
    let whole = |message: String| Finding::new("", message, "PAYLOAD-22");
    if body.is_empty() {
        return Err(whole("empty".to_owned()));
    }
    if body.starts_with(b"\xef\xbb\xbf") {
        return Err(whole("it begins with a byte order mark, which is no JSON".to_owned()));
    }
    let text = std::str::from_utf8(body).map_err(|error| whole(format!("not UTF-8: {error}")))?;
    let value: Value =
        serde_json::from_str(text).map_err(|error| whole(format!("not JSON: {error}")))?;
    if value.is_object() { Ok(value) } else { Err(whole("JSON, but not an object".to_owned())) }
}

/// The type that a body names.
pub(super) fn kind_of(value: &Value) -> Result<Kind, Finding> {
    let at_type = |message: String, clause| Finding::new(format!("/{TYPE}"), message, clause);
    let text = match value.get(TYPE) {
        Some(Value::String(text)) => text,
        Some(other) => {
            let message = shortened(&format!("{other} is no text"));
            return Err(at_type(message, "PAYLOAD-13"));
        }
        None => return Err(Finding::new("", without_type(value), "PAYLOAD-13")),
    };
    if let Ok(kind) = text.parse() {
        return Ok(Kind::Typed(kind));
    }
    let spec = Spec::embedded();
    let why = match spec.neighbours.iter().find(|known| known.kind == *text) {
        Some(known) => format!("is {}, and not of this contract: {}", known.standing, known.title),
        None => {
            let near = names::near(text, NotificationType::ALL.map(NotificationType::as_str));
            let mut said = "is no notification type of the contract".to_owned();
            said.extend(names::did_you_mean(&near).map(|question| format!("; {question}")));
            said
        }
    };
    Err(at_type(shortened(&format!("`{text}` {why}")), "PAYLOAD-11"))
}

fn without_type(value: &Value) -> String {
    let only_the_user = value.pointer("/user/id").is_some()
        && value.as_object().is_some_and(|members| {
            members.keys().all(|name| ["user", "settings"].contains(&name.as_str()))
        });
    let missing = format!("`{TYPE}` is missing");
    if only_the_user {
        let kind = Kind::WebShop.as_str();
        return format!("{missing}; if this is the Web Shop's question, add --type {kind}");
    }
    missing
}

/// A violation of the schema, with its clause.
pub(super) fn problem(kind: Kind, value: &Value, violation: SchemaViolation) -> Finding {
    let SchemaViolation { pointer, problem } = violation;
    // The place that the clause is about: for a missing member, where it would stand.
    let place = match &problem {
        SchemaProblem::Missing(name) => format!("{pointer}/{name}"),
        _ => pointer.clone(),
    };
    let clause = clause_of(kind, &place);
    let text = match problem {
        SchemaProblem::NotAllowed => {
            "this member does not occur here: it belongs to the combined mode".to_owned()
        }
        SchemaProblem::Value(_) if place == format!("/{TYPE}") => {
            let found = value.get(TYPE).unwrap_or(&Value::Null);
            format!("{found} is not `{}`", kind.as_str())
        }
        other => other.to_string(),
    };
    Finding::new(pointer, shortened(&text), clause)
}

/// The clause that says what stands at a place.
fn clause_of(kind: Kind, place: &str) -> &'static str {
    let order = matches!(kind, Kind::Typed(kind) if is_order(kind));
    let last = place.rsplit('/').next().unwrap_or_default();
    match place {
        "/notification_type" => "PAYLOAD-14",
        "/billing" => "ORDER-02",
        "/transaction" | "/settings" if order => "ORDER-12",
        "/user/external_id" | "/user" if order => "USER-05",
        "/user/id" | "/user" if kind == Kind::WebShop => "WEBSHOP-01",
        "/user/id" => "USER-04",
        _ => match last {
            "amount" | "percent" => "PAYLOAD-08",
            "id" | "external_id" | "subscription_id" | "payment_method" | "invoice_id" => {
                "PAYLOAD-15"
            }
            "is_free" | "is_bonus" | "is_bundle_content" => "ORDER-10",
            "dry_run" => "PAYLOAD-18",
            "custom_parameters" => "PAYLOAD-16",
            _ => "PAYLOAD-03",
        },
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MESSAGE_CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(MESSAGE_CHARS_MAX).chain(['…']).collect()
}
