//! One webhook as an operation: what is sent, why, how it is signed and answered.

use hookproof_contract::{
    Mode,
    schema::{SUFFIX, payload_path},
    spec::{Need, Notification, Spec, embedded_files, split_citation},
};
use serde_json::{Value, json};

use super::{Object, SIGNATURE, answers, delivery, groups, schemas};

/// The webhook as a path item.
pub(super) fn webhook(spec: &Spec, notification: &Notification) -> Value {
    let security = if notification.signed { vec![json!({ SIGNATURE: [] })] } else { Vec::new() };
    let mut operation = json!({
        "operationId": notification.kind,
        "tags": [groups::tag(notification.notification_type())],
        "summary": notification.title,
        "description": description(notification),
        "security": security,
        "requestBody": {
            "required": true,
            "content": { "application/json": {
                "schema": payload(notification),
                "examples": examples(notification),
            } },
        },
        "responses": answers::responses(spec, notification),
        "x-opt-in": notification.opt_in,
        "x-precedes": kinds(&notification.precedes),
        "x-follows": kinds(&notification.follows),
        "x-idempotency-key": notification.key,
        "x-retry-plans": delivery::plans(spec, notification),
        "x-time-limit-ms": notification.time_limit_ms,
        "x-products": products(spec, notification),
        "x-switches": notification.switches,
        "x-clauses": notification.clauses,
        "x-sources": sources(spec, notification),
    });
    if let Some(url) = page(spec, notification) {
        let own = json!({ "description": "Xsolla's page about it", "url": url });
        operation["externalDocs"] = own;
    }
    json!({ "post": operation })
}

fn description(notification: &Notification) -> String {
    let mut parts = vec![notification.trigger.clone()];
    if notification.opt_in {
        parts.push("Xsolla enables it on request only.".to_owned());
    }
    if !notification.signed {
        parts.push("It has neither a type nor a signature.".to_owned());
    }
    parts.push(format!("**If it is not processed:** {}", notification.failure));
    parts.push(sameness(&notification.key));
    if !notification.quirks.is_empty() {
        let quirks = notification.quirks.iter().map(|quirk| format!("\n- {}", quirk.text));
        parts.push(format!("**What surprises:**\n{}", quirks.collect::<String>()));
    }
    parts.join("\n\n")
}

/// What makes two deliveries one event.
fn sameness(key: &[String]) -> String {
    if key.is_empty() {
        return "**Idempotency:** it is a question, without an effect that could happen twice."
            .to_owned();
    }
    let members: Vec<String> = key.iter().map(|member| format!("`{member}`")).collect();
    format!("**Idempotency:** deliveries are one event if they agree in {}.", members.join(", "))
}

/// The schema of the payload. Orders come in one of two forms.
fn payload(notification: &Notification) -> Value {
    let paths = match notification.notification_type() {
        None => vec![format!("notifications/{}/payload{SUFFIX}", notification.kind)],
        Some(kind) => Mode::ALL.map(|mode| payload_path(kind, mode).to_owned()).to_vec(),
    };
    match &paths[..] {
        [separate, combined] if separate != combined => json!({
            "oneOf": [schemas::reference(separate), schemas::reference(combined)],
        }),
        paths => paths.first().map_or(Value::Bool(true), |path| schemas::reference(path)),
    }
}

/// The examples, by the names of their files. Their compact form is what was signed.
fn examples(notification: &Notification) -> Object {
    let example = |example: &hookproof_contract::spec::Example| {
        let path = format!("notifications/{}/{}", notification.kind, example.file);
        let (_, text) = embedded_files().iter().find(|(known, _)| *known == path)?;
        let value: Value = serde_json::from_str(text).ok()?;
        let name = example.file.rsplit('/').next()?.trim_end_matches(".json");
        let example = json!({
            "summary": example.title,
            "value": value,
            "x-file": path,
            "x-authorization": format!("Signature {}", example.signature),
            "x-mode": example.mode.as_str(),
        });
        Some((name.to_owned(), example))
    };
    notification.examples.iter().filter_map(example).collect()
}

fn kinds(kinds: &[hookproof_contract::NotificationType]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.as_str()).collect()
}

/// Which products need it, by mode.
fn products(spec: &Spec, notification: &Notification) -> Object {
    let needs = |product: &hookproof_contract::spec::Product| {
        let need = |mode| {
            let kind = notification.notification_type();
            kind.map_or(product.web_shop_validation, |kind| product.needs(kind, mode))
        };
        let [separate, combined] = Mode::ALL.map(need);
        let used = [separate, combined].iter().any(|need| *need != Need::Unused);
        used.then(|| {
            let needs = json!({ "separate": separate.as_str(), "combined": combined.as_str() });
            (product.id.clone(), needs)
        })
    };
    spec.products.iter().filter_map(needs).collect()
}

/// Every citation, with where it leads.
fn sources(spec: &Spec, notification: &Notification) -> Vec<Value> {
    let cite = |citation: &String| json!({ "cite": citation, "url": spec.address(citation) });
    notification.sources.iter().map(cite).collect()
}

/// The first source that is a page about this webhook alone, else the first that has an address.
fn page(spec: &Spec, notification: &Notification) -> Option<String> {
    let own_page = |citation: &&String| {
        let (key, anchor) = split_citation(citation);
        anchor.is_some() && spec.sources.get(key).is_some_and(|it| it.anchor_url.is_some())
    };
    let mut sources = notification.sources.iter();
    let own = sources.clone().find(own_page).and_then(|citation| spec.address(citation));
    own.or_else(|| sources.find_map(|citation| spec.address(citation)))
}
