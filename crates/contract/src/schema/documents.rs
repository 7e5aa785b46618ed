//! Schemas that refer to each other, with all references made absolute.

use std::collections::BTreeMap;

use serde_json::Value;

/// Schemas by their `$id`, with all references made absolute.
#[derive(Debug)]
pub(crate) struct Documents(BTreeMap<String, Value>);

impl Documents {
    /// Collects schemas; one without an `$id` cannot be referred to and is left out.
    pub(crate) fn new<'a>(documents: impl Iterator<Item = &'a Value>) -> Self {
        let identified = documents.filter_map(|document| {
            let id = document.get("$id").and_then(Value::as_str)?;
            let mut absolute = document.clone();
            absolute_references(&mut absolute, id);
            Some((id.to_owned(), absolute))
        });
        Self(identified.collect())
    }

    /// The schema at an absolute reference.
    pub(crate) fn resolve(&self, reference: &str) -> Option<&Value> {
        let (uri, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        self.0.get(uri)?.pointer(pointer)
    }
}

fn absolute_references(value: &mut Value, base: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("$ref", Value::String(reference)) => *reference = join(base, reference),
                    ("const" | "enum" | "examples", _) => (),
                    (_, member) => absolute_references(member, base),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| absolute_references(item, base)),
        _ => (),
    }
}

/// Resolves a reference against the URI of the document that holds it: the part of RFC 3986 that
/// our schemas use.
fn join(base: &str, reference: &str) -> String {
    if reference.starts_with('#') {
        return format!("{base}{reference}");
    }
    if reference.contains("://") {
        return reference.to_owned();
    }
    let mut folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut rest = reference;
    while let Some(above) = rest.strip_prefix("../") {
        rest = above;
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    format!("{folder}/{rest}")
}
