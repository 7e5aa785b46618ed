//! The JSON Schemas of `spec/`, ready to check values.
//!
//! Every schema is compiled once, when it is first asked for, with all references resolved from the
//! embedded files: nothing is fetched. `format` is a description and no demand, as JSON Schema
//! 2020-12 has it, so a strange date breaks nothing.

use std::{collections::BTreeMap, sync::OnceLock};

use jsonschema::{Registry, Validator};
use serde_json::Value;

use crate::{
    notification::{Mode, NotificationType},
    spec::embedded_files,
};

/// What stands before a path of `spec/` in the `$id` of its schema. Nothing is served there.
pub const BASE: &str = "https://hookproof.example/spec/";

/// How the name of a schema file ends.
pub const SUFFIX: &str = ".schema.json";

/// One way in which a value differs from its schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at `{pointer}`: {message}")]
pub struct SchemaViolation {
    /// JSON pointer to the member that is wrong, or that lacks something. Empty: the whole value.
    pub pointer: String,
    /// What is wrong with it.
    pub message: String,
}

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
    let validator = schema
        .validator
        .get_or_init(|| compile(&schema.document).expect("a test compiles every schema of spec/"));
    if validator.is_valid(value) {
        return Some(Ok(()));
    }
    let violation = |error: jsonschema::ValidationError<'_>| SchemaViolation {
        pointer: error.instance_path().as_str().to_owned(),
        message: error.to_string(),
    };
    Some(Err(validator.iter_errors(value).map(violation).collect()))
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
    schemas().iter().map(|(path, schema)| (*path, &schema.document))
}

#[derive(Debug)]
struct Schema {
    document: Value,
    validator: OnceLock<Validator>,
}

fn schemas() -> &'static BTreeMap<&'static str, Schema> {
    static SCHEMAS: OnceLock<BTreeMap<&'static str, Schema>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        let parse = |(path, text): &(&'static str, &'static str)| {
            let document = serde_json::from_str(text).expect("a test parses every schema");
            (*path, Schema { document, validator: OnceLock::new() })
        };
        embedded_files().iter().filter(|(path, _)| path.ends_with(SUFFIX)).map(parse).collect()
    })
}

fn registry() -> &'static Registry<'static> {
    static REGISTRY: OnceLock<Registry<'static>> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let resources = documents().map(|(path, document)| (format!("{BASE}{path}"), document));
        Registry::new()
            .extend(resources)
            .and_then(jsonschema::RegistryBuilder::prepare)
            .expect("a test holds that every reference between schemas resolves")
    })
}

fn compile(document: &Value) -> Result<Validator, Box<jsonschema::ValidationError<'static>>> {
    options().build(document).map_err(Box::new)
}

pub(crate) fn options() -> jsonschema::ValidationOptions<'static> {
    jsonschema::options().with_registry(registry()).offline()
}
