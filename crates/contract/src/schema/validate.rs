//! Values against JSON Schema 2020-12, as far as `spec/` uses it.
//!
//! `format` describes and demands nothing, as the standard has it by default, so a strange date
//! breaks nothing. Numbers compare exactly: no bound is missed by a digit.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
};

use regex_lite::Regex;
use serde_json::{Map, Number, Value};

use super::Documents;
use crate::decimal::{Decimal, same_value};

/// Schemas that may refer to each other on the way to one value.
const DEPTH_MAX: usize = 64;

/// One way in which a value differs from its schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at `{pointer}`: {problem}")]
pub struct SchemaViolation {
    /// JSON pointer to the member that is wrong, or that lacks something. Empty: the whole value.
    pub pointer: String,
    /// The demand that it breaks.
    pub problem: SchemaProblem,
}

/// A demand of a schema that a value breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaProblem {
    /// A member is required and missing.
    Missing(String),
    /// The schema allows no such member.
    NotAllowed,
    /// The value breaks another demand; the text names the value and the demand.
    Value(String),
}

impl fmt::Display for SchemaProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "`{name}` is missing"),
            Self::NotAllowed => f.write_str("this member is not allowed"),
            Self::Value(text) => f.write_str(text),
        }
    }
}

/// The violations of a value against the schema with this `$id`, in the schema's order.
pub(super) fn violations(id: &str, value: &Value, documents: &Documents) -> Vec<SchemaViolation> {
    let mut found = Vec::new();
    let schema = documents.resolve(id).expect("a test holds that every schema is there");
    Walk { documents, found: &mut found, pointer: String::new(), depth: 0 }.schema(schema, value);
    found
}

/// Keywords that demand nothing of a value by themselves.
const ANNOTATIONS: &[&str] = &[
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "format",
    "title",
];

/// A walk through a schema and a value.
struct Walk<'a> {
    documents: &'a Documents,
    found: &'a mut Vec<SchemaViolation>,
    pointer: String,
    depth: usize,
}

impl Walk<'_> {
    fn report(&mut self, problem: SchemaProblem) {
        self.found.push(SchemaViolation { pointer: self.pointer.clone(), problem });
    }

    fn report_if(&mut self, broken: bool, text: impl FnOnce() -> String) {
        if broken {
            self.report(SchemaProblem::Value(text()));
        }
    }

    /// Walks on to the member or item with this name.
    fn below(&mut self, name: &str, schema: &Value, value: &Value) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        self.schema(schema, value);
        self.pointer.truncate(length);
    }

    fn schema(&mut self, schema: &Value, value: &Value) {
        match schema {
            Value::Bool(true) => (),
            Value::Object(keywords) => {
                self.depth += 1;
                assert!(self.depth <= DEPTH_MAX, "a test holds that no schema refers to itself");
                for (keyword, demand) in keywords {
                    self.keyword(keyword, demand, keywords, value);
                }
                self.depth -= 1;
            }
            _ => self.report(SchemaProblem::NotAllowed),
        }
    }

    fn keyword(&mut self, keyword: &str, demand: &Value, all: &Map<String, Value>, value: &Value) {
        match keyword {
            "$ref" => {
                let target = demand.as_str().and_then(|it| self.documents.resolve(it));
                self.schema(target.expect("a test resolves every reference"), value);
            }
            "allOf" => items(demand).for_each(|schema| self.schema(schema, value)),
            "anyOf" => self.any_of(demand, value),
            "type" => self.report_if(!has_type(demand, value), || of_types(demand, value)),
            "const" => {
                self.report_if(!same_value(demand, value), || format!("{demand} was expected"));
            }
            "enum" => {
                let known = items(demand).any(|one| same_value(one, value));
                self.report_if(!known, || format!("{value} is not one of {demand}"));
            }
            _ => match value {
                Value::Object(members) => self.of_object(keyword, demand, all, members),
                Value::Array(values) => self.of_array(keyword, demand, values, value),
                Value::String(text) => self.of_text(keyword, demand, text, value),
                Value::Number(number) => self.of_number(keyword, demand, number, value),
                _ => debug_assert!(is_known(keyword), "the keyword `{keyword}` is not known"),
            },
        }
    }

    fn of_object(
        &mut self,
        keyword: &str,
        demand: &Value,
        all: &Map<String, Value>,
        members: &Map<String, Value>,
    ) {
        match keyword {
            "properties" => {
                for (name, schema) in demand.as_object().into_iter().flatten() {
                    if let Some(member) = members.get(name) {
                        self.below(name, schema, member);
                    }
                }
            }
            "required" => {
                for name in items(demand).filter_map(Value::as_str) {
                    if !members.contains_key(name) {
                        self.report(SchemaProblem::Missing(name.to_owned()));
                    }
                }
            }
            "additionalProperties" => {
                let named = all.get("properties").and_then(Value::as_object);
                for (name, member) in members {
                    if named.is_none_or(|named| !named.contains_key(name)) {
                        self.below(name, demand, member);
                    }
                }
            }
            _ => debug_assert!(is_known(keyword), "the keyword `{keyword}` is not known"),
        }
    }

    fn of_array(&mut self, keyword: &str, demand: &Value, values: &[Value], whole: &Value) {
        match keyword {
            "items" => {
                for (place, item) in values.iter().enumerate() {
                    self.below(&place.to_string(), demand, item);
                }
            }
            "minItems" => self.report_if(values.len() < size(demand), || {
                format!("{whole} has fewer than {demand} items")
            }),
            "maxItems" => self.report_if(values.len() > size(demand), || {
                format!("{whole} has more than {demand} items")
            }),
            _ => debug_assert!(is_known(keyword), "the keyword `{keyword}` is not known"),
        }
    }

    fn of_text(&mut self, keyword: &str, demand: &Value, text: &str, whole: &Value) {
        match keyword {
            "minLength" => self.report_if(text.chars().count() < size(demand), || {
                format!("{whole} has fewer than {demand} characters")
            }),
            "maxLength" => self.report_if(text.chars().count() > size(demand), || {
                format!("{whole} has more than {demand} characters")
            }),
            "pattern" => self.report_if(!pattern(demand).is_match(text), || {
                format!("{whole} does not match {demand}")
            }),
            _ => debug_assert!(is_known(keyword), "the keyword `{keyword}` is not known"),
        }
    }

    fn of_number(&mut self, keyword: &str, demand: &Value, number: &Number, whole: &Value) {
        let Value::Number(bound) = demand else {
            debug_assert!(is_known(keyword), "the keyword `{keyword}` is not known");
            return;
        };
        match keyword {
            "minimum" => self.report_if(less(number, bound), || {
                format!("{whole} is less than the minimum of {bound}")
            }),
            "maximum" => self.report_if(less(bound, number), || {
                format!("{whole} is greater than the maximum of {bound}")
            }),
            _ => debug_assert!(is_known(keyword), "the keyword `{keyword}` is not known"),
        }
    }

    /// Reports nothing if one alternative fits. Where the value has the type of only one of them, that
    /// one's violations say more than that none fits.
    fn any_of(&mut self, alternatives: &Value, value: &Value) {
        let mut of_this_type = Vec::new();
        for alternative in items(alternatives) {
            let mut found = Vec::new();
            let pointer = self.pointer.clone();
            let mut walk = Walk { found: &mut found, pointer, ..*self };
            walk.schema(alternative, value);
            if found.is_empty() {
                return;
            }
            let wrong_type = of_types(&self.types_of(alternative), value);
            let typed = found.iter().all(|it| {
                it.pointer != self.pointer || it.problem != SchemaProblem::Value(wrong_type.clone())
            });
            if typed {
                of_this_type.push(found);
            }
        }
        match <[_; 1]>::try_from(of_this_type) {
            Ok([found]) => self.found.extend(found),
            Err(_) => {
                let text = format!("{value} fits none of the forms that the schema allows");
                self.report(SchemaProblem::Value(text));
            }
        }
    }

    /// The types that a schema names, behind its references.
    fn types_of(&self, schema: &Value) -> Value {
        let mut schema = schema;
        while let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            schema = self.documents.resolve(target).expect("a test resolves every reference");
        }
        schema.get("type").cloned().unwrap_or_default()
    }
}

/// Returns true if the keyword is one that [`Walk::keyword`] applies or may pass over.
fn is_known(keyword: &str) -> bool {
    const OF_ONE_TYPE: &[&str] = &[
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "items",
        "minItems",
        "maxItems",
        "properties",
        "required",
        "additionalProperties",
    ];
    keyword.starts_with("x-") || ANNOTATIONS.contains(&keyword) || OF_ONE_TYPE.contains(&keyword)
}

fn items(demand: &Value) -> impl Iterator<Item = &Value> {
    demand.as_array().into_iter().flatten()
}

fn size(demand: &Value) -> usize {
    demand.as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX)
}

/// Compares exactly where both are decimals of a usual length, and as floating point beyond.
fn less(left: &Number, right: &Number) -> bool {
    match (left.as_str().parse::<Decimal>(), right.as_str().parse::<Decimal>()) {
        (Ok(left), Ok(right)) => left < right,
        _ => left.as_f64() < right.as_f64(),
    }
}

fn names(demand: &Value) -> Vec<&str> {
    demand.as_str().map_or_else(|| items(demand).filter_map(Value::as_str).collect(), |it| vec![it])
}

fn has_type(demand: &Value, value: &Value) -> bool {
    names(demand).into_iter().any(|name| match (name, value) {
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("number", Value::Number(_))
        | ("string", Value::String(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_)) => true,
        ("integer", Value::Number(number)) => is_integer(number),
        _ => false,
    })
}

/// Returns true for a number without a fraction, `2.0` and `1e3` included.
fn is_integer(number: &Number) -> bool {
    if number.is_i64() || number.is_u64() {
        return true;
    }
    match number.as_str().parse::<Decimal>() {
        Ok(decimal) => decimal.to_integer().is_some(),
        Err(_) => number.as_f64().is_some_and(|float| float.fract() == 0.0),
    }
}

fn of_types(demand: &Value, value: &Value) -> String {
    let mut quoted: Vec<String> =
        names(demand).into_iter().map(|name| format!("\"{name}\"")).collect();
    quoted.sort_unstable();
    let word = if quoted.len() == 1 { "type" } else { "types" };
    format!("{value} is not of {word} {}", quoted.join(", "))
}

/// The compiled pattern; each is compiled once.
fn pattern(demand: &Value) -> Regex {
    static COMPILED: OnceLock<Mutex<BTreeMap<String, Regex>>> = OnceLock::new();
    let text = demand.as_str().unwrap_or_default();
    let mut compiled =
        COMPILED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = compiled.get(text) {
        return known.clone();
    }
    let pattern = Regex::new(text).expect("a test compiles every pattern");
    compiled.insert(text.to_owned(), pattern.clone());
    pattern
}
