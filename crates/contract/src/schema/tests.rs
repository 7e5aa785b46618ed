//! Checking values, compared with a complete implementation of JSON Schema.

use std::{collections::BTreeSet, sync::OnceLock};

use jsonschema::{Registry, Validator};
use serde_json::json;

use super::*;
use crate::payload::Payload;

/// Values that replace each member of each payload in turn.
fn replacements() -> Vec<Value> {
    let texts =
        ["", "x", "0", "007", "12", "9.99", "1.123456789", "US", "us", "USD", "[null]", "é"];
    let numbers = [
        "0",
        "-1",
        "1",
        "1.0",
        "1e3",
        "0.5",
        "1e400",
        "9223372036854775807",
        "9223372036854775808",
        "1000000001",
        "4294967296",
        "0.00000001",
        "-0.0",
    ];
    let number = |text: &&str| serde_json::from_str(text).unwrap();
    let others = [json!(null), json!(true), json!([]), json!({}), json!([{}]), json!({ "id": 1 })];
    let texts = texts.iter().map(|text| json!(text));
    texts.chain(numbers.iter().map(number)).chain(others).collect()
}

/// A schema as the complete implementation compiles it.
pub(crate) fn complete(schema: &Value, formats: bool) -> Validator {
    static REGISTRY: OnceLock<Registry<'static>> = OnceLock::new();
    let registry = REGISTRY.get_or_init(|| {
        let resources = documents().map(|(path, document)| (format!("{BASE}{path}"), document));
        let registry = Registry::new().extend(resources);
        registry.and_then(jsonschema::RegistryBuilder::prepare).unwrap()
    });
    let options = jsonschema::options().with_registry(registry).offline();
    options.should_validate_formats(formats).build(schema).unwrap()
}

/// All places of a value at which a member or item stands.
fn pointers(value: &Value, here: &str) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), member)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(place, item)| (place.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    let mut found = vec![here.to_owned()];
    found.extend(below.iter().flat_map(|(name, it)| pointers(it, &format!("{here}/{name}"))));
    found
}

/// Both find the same value valid, or the same places wrong. Within alternatives the complete one
/// names the whole, and this one the place in the alternative of the value's type.
#[track_caller]
fn check_both(path: &str, validator: &Validator, value: &Value) {
    let ours = check_file(path, value).unwrap().err().unwrap_or_default();
    let ours: BTreeSet<String> = ours.into_iter().map(|it| it.pointer).collect();
    let theirs = validator.iter_errors(value);
    let theirs: BTreeSet<String> =
        theirs.map(|it| it.instance_path().as_str().to_owned()).collect();
    let covered = |some: &BTreeSet<String>, all: &BTreeSet<String>| {
        some.iter().all(|it| all.iter().any(|other| other.starts_with(it.as_str())))
    };
    assert_eq!(ours.is_empty(), theirs.is_empty(), "{path}: {ours:?} {theirs:?} of {value}");
    assert!(covered(&theirs, &ours), "{path}: {ours:?} {theirs:?} of {value}");
}

#[test]
fn every_changed_member_is_judged_like_by_a_complete_implementation() {
    let every =
        NotificationType::ALL.into_iter().flat_map(|kind| Mode::ALL.map(|mode| (kind, mode)));
    // Most types look the same in both modes.
    let by_path: BTreeMap<&str, Payload> =
        every.map(|(kind, mode)| (payload_path(kind, mode), Payload::full(kind, mode))).collect();
    for (path, full) in by_path {
        let validator = complete(&schemas()[path], false);
        check_both(path, &validator, full.value());
        for pointer in pointers(full.value(), "").into_iter().skip(1) {
            check_both(path, &validator, full.clone().remove(&pointer).value());
            for other in replacements() {
                check_both(path, &validator, full.clone().set(&pointer, other).value());
            }
        }
    }
}

#[test]
fn every_schema_judges_any_value_like_a_complete_implementation() {
    for (path, document) in documents() {
        let validator = complete(document, false);
        for value in replacements() {
            check_both(path, &validator, &value);
        }
        for example in document["examples"].as_array().into_iter().flatten() {
            check_both(path, &validator, example);
        }
    }
}

#[test]
fn violation_of_one_alternative_is_that_of_the_values_type() {
    let probe = json!({ "items": { "gold": "500" }, "transactions": { "1": { "refunds": -1 } } });
    let found = check_file("probe.schema.json", &probe).unwrap().unwrap_err();
    let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "at `/items/gold`: \"500\" is not of type \"integer\"",
            "at `/transactions/1/refunds`: -1 is less than the minimum of 0",
        ]
    );
}
