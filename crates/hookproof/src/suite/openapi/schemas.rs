//! The schemas of payloads, shared blocks and answers as components of one document.
//!
//! A schema of `spec/` refers to its neighbours by their files. Here each file, and each definition
//! inside of one, becomes a component with a name of its own.

use hookproof_contract::{
    NotificationType,
    schema::{SUFFIX, documents},
};
use serde_json::{Value, json};

use super::Object;

/// The name of the schema that any signed webhook fits.
pub(super) const ANY_NOTIFICATION: &str = "Notification";

/// The file that holds nothing but definitions; its name would say nothing in theirs.
const SCALARS: &str = "common/scalars.schema.json";

/// What stands before a definition in the fragment of a reference.
const DEFINITIONS: &str = "/$defs/";

/// What a component has from its place in the document, not from the file.
const OF_FILES: [&str; 3] = ["$schema", "$id", "$defs"];

/// What may stand beside a reference in any tool: it demands nothing.
const WORDS: [&str; 3] = ["title", "description", "examples"];

/// Every schema, by its name.
pub(super) fn all() -> Object {
    let mut schemas: Vec<(String, Value)> = vec![(ANY_NOTIFICATION.to_owned(), any_notification())];
    let parts = ["common/", "notifications/", "answers/"];
    for (path, document) in
        documents().filter(|(path, _)| parts.iter().any(|part| path.starts_with(part)))
    {
        if path != SCALARS {
            schemas.push((name(path, None), bundled(document, path)));
        }
        for (definition, schema) in document["$defs"].as_object().into_iter().flatten() {
            schemas.push((name(path, Some(definition)), bundled(schema, path)));
        }
    }
    schemas.sort_by(|(one, _), (other, _)| one.cmp(other));
    schemas.into_iter().collect()
}

/// A reference to the schema of a file of `spec/`.
pub(super) fn reference(path: &str) -> Value {
    json!({ "$ref": pointer(&name(path, None)) })
}

/// Any of the webhooks that have a type, for tools that write one type for all.
fn any_notification() -> Value {
    let schema = |kind: NotificationType| {
        pointer(&name(&format!("notifications/{kind}/payload{SUFFIX}"), None))
    };
    let kinds = NotificationType::ALL;
    let mapping: Object =
        kinds.iter().map(|kind| (kind.to_string(), schema(*kind).into())).collect();
    json!({
        "title": "Any webhook that has a type",
        "oneOf": kinds.map(|kind| json!({ "$ref": schema(kind) })),
        "discriminator": { "propertyName": "notification_type", "mapping": mapping },
    })
}

fn pointer(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

/// The name of a file's schema, or of a definition in it.
fn name(path: &str, definition: Option<&str>) -> String {
    let stem = path.trim_end_matches(SUFFIX);
    let file = match stem.split('/').collect::<Vec<_>>()[..] {
        ["notifications", kind, payload] => {
            let mode = payload.strip_prefix("payload.").unwrap_or_default();
            format!("{}{}Payload", pascal(kind), pascal(mode))
        }
        ["answers", file] => format!("{}Answer", pascal(file)),
        [.., file] => pascal(file),
        [] => String::new(),
    };
    match definition {
        None => file,
        Some(definition) if path == SCALARS => pascal(definition),
        Some(definition) => file + &pascal(definition),
    }
}

fn pascal(words: &str) -> String {
    let capitalised = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    words.split('_').map(capitalised).collect()
}

/// The schema with references into this document instead of other files.
///
/// Two forms are written in another way that means the same, because many tools read only that one:
/// `true` and `false`, and a reference with demands of its own beside it.
fn bundled(schema: &Value, path: &str) -> Value {
    let members = match schema {
        Value::Bool(true) => return json!({}),
        Value::Bool(false) => return json!({ "not": {} }),
        Value::Object(members) => members,
        _ => return schema.clone(),
    };
    let mut own = Object::new();
    let mut reference = None;
    for (key, value) in members {
        match (key.as_str(), value) {
            (key, _) if OF_FILES.contains(&key) => (),
            ("$ref", Value::String(target)) => reference = Some(resolved(target, path)),
            ("properties", Value::Object(members)) => {
                let members = members.iter().map(|(name, it)| (name.clone(), bundled(it, path)));
                own.insert(key.clone(), members.collect());
            }
            ("anyOf" | "allOf" | "oneOf", Value::Array(schemas)) => {
                let schemas = schemas.iter().map(|it| bundled(it, path));
                own.insert(key.clone(), schemas.collect());
            }
            ("items" | "additionalProperties" | "not", it) => {
                own.insert(key.clone(), bundled(it, path));
            }
            _ => {
                own.insert(key.clone(), value.clone());
            }
        }
    }
    match reference {
        None => Value::Object(own),
        Some(reference) => refined(reference, own),
    }
}

/// A reference and what stands beside it.
fn refined(reference: Value, beside: Object) -> Value {
    let mut schema = beside;
    if schema.keys().all(|key| WORDS.contains(&key.as_str())) {
        schema.insert("$ref".to_owned(), reference);
        return Value::Object(schema);
    }
    let all_of = schema.entry("allOf").or_insert_with(|| json!([]));
    if let Value::Array(schemas) = all_of {
        schemas.insert(0, json!({ "$ref": reference }));
    }
    Value::Object(schema)
}

/// Where a reference in the file `path` leads in this document.
fn resolved(target: &str, path: &str) -> Value {
    let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
    let definition = fragment.strip_prefix(DEFINITIONS);
    if file.is_empty() {
        return pointer(&name(path, definition)).into();
    }
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    for part in file.split('/') {
        if part == ".." {
            folders.pop();
        } else {
            folders.push(part);
        }
    }
    pointer(&name(&folders.join("/"), definition)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_files_and_definitions_apart() {
        assert_eq!(
            name("notifications/order_paid/payload.combined.schema.json", None),
            "OrderPaidCombinedPayload"
        );
        assert_eq!(name("common/purchase.schema.json", Some("order")), "PurchaseOrder");
        assert_eq!(name(SCALARS, Some("user_id")), "UserId");
        assert_eq!(name("answers/error.schema.json", None), "ErrorAnswer");
    }

    #[test]
    fn no_two_schemas_have_one_name() {
        let definitions = |document: &Value| document["$defs"].as_object().map_or(0, Object::len);
        let expected: usize = documents()
            .filter(|(path, _)| path.contains('/') && !path.starts_with("vectors/"))
            .map(|(path, document)| usize::from(path != SCALARS) + definitions(document))
            .sum();
        assert_eq!(all().len(), expected + 1);
    }

    #[test]
    fn demands_beside_a_reference_are_kept() {
        let schema = json!({
            "$id": "a",
            "title": "b",
            "$ref": "payload.schema.json",
            "properties": { "billing": false },
        });
        let expected = json!({
            "title": "b",
            "properties": { "billing": { "not": {} } },
            "allOf": [{ "$ref": "#/components/schemas/OrderPaidPayload" }],
        });
        assert_eq!(
            bundled(&schema, "notifications/order_paid/payload.separate.schema.json"),
            expected
        );
    }

    #[test]
    fn a_reference_is_followed_from_its_file() {
        let from = "notifications/dispute/payload.schema.json";
        let to = resolved("../../common/scalars.schema.json#/$defs/id", from);
        assert_eq!(to, "#/components/schemas/Id");
        let to = resolved("#/$defs/gift", "common/purchase.schema.json");
        assert_eq!(to, "#/components/schemas/PurchaseGift");
    }
}
