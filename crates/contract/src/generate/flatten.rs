//! Schemas without references and conjunctions: what `$ref` and `allOf` say together, in one place.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::GenerateError;
use crate::schema::Documents;

/// What a schema demands, all in one place.
#[derive(Debug, Clone, Default)]
pub(super) struct Flat {
    /// The schema `false` is among the demands.
    pub(super) never: bool,
    /// The JSON types allowed, in the schema's order. `None`: all.
    pub(super) types: Option<Vec<String>>,
    pub(super) constants: Option<Vec<Value>>,
    pub(super) examples: Vec<Value>,
    /// Members in the schema's order; each with everything that is demanded of it.
    pub(super) properties: Vec<(String, Vec<Value>)>,
    pub(super) required: BTreeSet<String>,
    pub(super) additional: Option<Value>,
    pub(super) items: Vec<Value>,
    pub(super) alternatives: Option<Vec<Value>>,
    pub(super) pattern: Option<String>,
    pub(super) format: Option<String>,
    pub(super) minimum: Option<i64>,
    pub(super) maximum: Option<i64>,
    pub(super) length_min: Option<usize>,
    pub(super) length_max: Option<usize>,
    pub(super) items_min: Option<usize>,
    pub(super) items_max: Option<usize>,
}

impl Flat {
    /// Adds the demands of one more schema.
    pub(super) fn absorb(
        &mut self,
        schema: &Value,
        documents: &Documents,
    ) -> Result<(), GenerateError> {
        match schema {
            Value::Bool(allowed) => self.never |= !allowed,
            Value::Object(members) => {
                for (keyword, value) in members {
                    self.keyword(keyword, value)?;
                }
                self.compose(members, documents)?;
            }
            _ => return Err(unfit("schema", schema)),
        }
        Ok(())
    }

    /// Follows the keywords that hold schemas for the same value. They come last, so that the
    /// examples nearest to the value win.
    fn compose(
        &mut self,
        members: &Map<String, Value>,
        documents: &Documents,
    ) -> Result<(), GenerateError> {
        if let Some(reference) = members.get("$ref") {
            let reference = reference.as_str().ok_or_else(|| unfit("$ref", reference))?;
            let unresolved = || GenerateError::Reference(reference.to_owned());
            self.absorb(documents.resolve(reference).ok_or_else(unresolved)?, documents)?;
        }
        if let Some(all) = members.get("allOf") {
            for schema in all.as_array().ok_or_else(|| unfit("allOf", all))? {
                self.absorb(schema, documents)?;
            }
        }
        Ok(())
    }

    fn keyword(&mut self, keyword: &str, value: &Value) -> Result<(), GenerateError> {
        match keyword {
            // Annotations; and `compose` follows the last two.
            "$schema" | "$id" | "$comment" | "$defs" | "title" | "description" | "default"
            | "deprecated" | "$ref" | "allOf" => (),
            "type" => self.types(value)?,
            "const" => self.constants(vec![value.clone()]),
            "enum" => self.constants(list("enum", value)?.clone()),
            "examples" => {
                if self.examples.is_empty() {
                    self.examples.clone_from(list("examples", value)?);
                }
            }
            "properties" => self.properties(value)?,
            "required" => self.required(value)?,
            "additionalProperties" => {
                set_once(&mut self.additional, value.clone(), "additionalProperties")?;
            }
            "items" => self.items.push(value.clone()),
            "anyOf" | "oneOf" => {
                set_once(&mut self.alternatives, list("anyOf", value)?.clone(), "anyOf")?;
            }
            "pattern" => set_once(&mut self.pattern, string("pattern", value)?, "pattern")?,
            "format" => set_once(&mut self.format, string("format", value)?, "format")?,
            "minimum" => tighten(&mut self.minimum, integer("minimum", value)?, i64::max),
            "maximum" => tighten(&mut self.maximum, integer("maximum", value)?, i64::min),
            "minLength" => tighten(&mut self.length_min, size("minLength", value)?, usize::max),
            "maxLength" => tighten(&mut self.length_max, size("maxLength", value)?, usize::min),
            "minItems" => tighten(&mut self.items_min, size("minItems", value)?, usize::max),
            "maxItems" => tighten(&mut self.items_max, size("maxItems", value)?, usize::min),
            _ if keyword.starts_with("x-") => (),
            _ => return Err(GenerateError::Keyword(keyword.to_owned())),
        }
        Ok(())
    }

    fn types(&mut self, value: &Value) -> Result<(), GenerateError> {
        let named = match value {
            Value::String(name) => vec![name.clone()],
            Value::Array(names) => {
                names.iter().map(|name| string("type", name)).collect::<Result<_, _>>()?
            }
            _ => return Err(unfit("type", value)),
        };
        self.types = Some(match self.types.take() {
            None => named,
            Some(before) => before.into_iter().filter(|name| named.contains(name)).collect(),
        });
        Ok(())
    }

    fn constants(&mut self, values: Vec<Value>) {
        self.constants = Some(match self.constants.take() {
            None => values,
            Some(before) => before.into_iter().filter(|value| values.contains(value)).collect(),
        });
    }

    fn properties(&mut self, value: &Value) -> Result<(), GenerateError> {
        for (name, schema) in value.as_object().ok_or_else(|| unfit("properties", value))? {
            match self.properties.iter_mut().find(|(known, _)| known == name) {
                Some((_, schemas)) => schemas.push(schema.clone()),
                None => self.properties.push((name.clone(), vec![schema.clone()])),
            }
        }
        Ok(())
    }

    fn required(&mut self, value: &Value) -> Result<(), GenerateError> {
        for name in list("required", value)? {
            self.required.insert(string("required", name)?);
        }
        Ok(())
    }
}

fn unfit(keyword: &'static str, value: &Value) -> GenerateError {
    GenerateError::KeywordValue { keyword, value: value.to_string() }
}

fn list<'a>(keyword: &'static str, value: &'a Value) -> Result<&'a Vec<Value>, GenerateError> {
    value.as_array().filter(|values| !values.is_empty()).ok_or_else(|| unfit(keyword, value))
}

fn string(keyword: &'static str, value: &Value) -> Result<String, GenerateError> {
    value.as_str().map(str::to_owned).ok_or_else(|| unfit(keyword, value))
}

fn integer(keyword: &'static str, value: &Value) -> Result<i64, GenerateError> {
    value.as_i64().ok_or_else(|| unfit(keyword, value))
}

fn size(keyword: &'static str, value: &Value) -> Result<usize, GenerateError> {
    integer(keyword, value)?.try_into().map_err(|_| unfit(keyword, value))
}

fn tighten<T: Copy>(bound: &mut Option<T>, value: T, tighter: fn(T, T) -> T) {
    *bound = Some(bound.map_or(value, |before| tighter(before, value)));
}

fn set_once<T: PartialEq>(
    slot: &mut Option<T>,
    value: T,
    keyword: &'static str,
) -> Result<(), GenerateError> {
    match slot {
        Some(before) if *before != value => return Err(GenerateError::Conflict(keyword)),
        _ => *slot = Some(value),
    }
    Ok(())
}
