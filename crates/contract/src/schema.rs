//! The JSON Schemas of `spec/`, and values checked against them.
//!
//! The schemas keep to the keywords that `validate` knows, and a test holds it equal to a complete
//! implementation of JSON Schema 2020-12. That one is ten times as large as the rest of this crate, so
//! only tests link it. References resolve to the embedded files: nothing is fetched.

mod documents;
#[cfg(test)]
pub(crate) mod tests;
mod validate;

use std::{collections::BTreeMap, sync::OnceLock};

use serde_json::Value;

pub(crate) use self::documents::Documents;
pub use self::validate::{SchemaProblem, SchemaViolation};

use crate::{
    notification::{Mode, NotificationType},
    spec::embedded_files,
};

/// What stands before a path of `spec/` in the `$id` of its schema. Nothing is served there.
pub const BASE: &str = "https://hookproof.example/spec/";

/// How the name of a schema file ends.
pub const SUFFIX: &str = ".schema.json";

/// Checks a payload against the schema of its type, and names all problems at once.
pub fn check(
    kind: NotificationType,
    mode: Mode,
    payload: &Value,
) -> Result<(), Vec<SchemaViolation>> {
    check_file(payload_path(kind, mode), payload)
        .expect("a test holds that every type and mode has a schema")
}

/// Checks a value against any schema of `spec/`, such as `answers/error.schema.json`. `None`: there
/// is no such file.
pub fn check_file(path: &str, value: &Value) -> Option<Result<(), Vec<SchemaViolation>>> {
    let schema = schemas().get(path)?;
    let id = schema["$id"].as_str().expect("a test holds that every schema has an id");
    let violations = validate::violations(id, value, resolved());
    Some(if violations.is_empty() { Ok(()) } else { Err(violations) })
}

/// The path of the schema of a type in a mode, relative to `spec/`.
///
/// Orders have a schema for each mode; all other types look the same in both.
pub fn payload_path(kind: NotificationType, mode: Mode) -> &'static str {
    let folder = format!("notifications/{kind}");
    [format!("{folder}/payload.{mode}{SUFFIX}"), format!("{folder}/payload{SUFFIX}")]
        .iter()
        .find_map(|path| schemas().get_key_value(path.as_str()))
        .map(|(path, _)| *path)
        .expect("a test holds that every type has a schema")
}

/// The parsed text of every schema of `spec/`, by its path.
pub fn documents() -> impl Iterator<Item = (&'static str, &'static Value)> {
    schemas().iter().map(|(path, schema)| (*path, schema))
}

fn schemas() -> &'static BTreeMap<&'static str, Value> {
    static SCHEMAS: OnceLock<BTreeMap<&'static str, Value>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        let parse = |(path, text): &(&'static str, &'static str)| {
            (*path, serde_json::from_str(text).expect("a test parses every schema"))
        };
        embedded_files().iter().filter(|(path, _)| path.ends_with(SUFFIX)).map(parse).collect()
    })
}

/// The schemas of `spec/` with absolute references.
pub(crate) fn resolved() -> &'static Documents {
    static RESOLVED: OnceLock<Documents> = OnceLock::new();
    RESOLVED.get_or_init(|| Documents::new(schemas().values()))
}
