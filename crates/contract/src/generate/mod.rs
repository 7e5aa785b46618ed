//! Payloads generated from the schemas themselves.
//!
//! A schema is compiled once into `shape`s; `draw` makes a random `tree` from them, and the
//! tree shrinks towards the smallest payload that the schema allows; `boundary` walks along the
//! bounds without choosing at random. A member that is added to a
//! schema is generated from then on: no code knows any member's name. A keyword that is not
//! understood is an error, never skipped.
//!
//! **Invariant:** every value drawn, and every value that it shrinks to, is valid.

mod boundary;
mod dice;
mod draw;
mod flatten;
mod number;
mod shape;
mod shrink;
mod text;
mod tree;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

use proptest::{
    strategy::{NewTree, Strategy},
    test_runner::TestRunner,
};
use serde_json::{Value, json};

pub use self::{boundary::Boundary, shrink::ShrinkingTree};
use self::{draw::Draw, shape::Shapes};
use crate::{
    notification::{Mode, NotificationType},
    payload::Payload,
    schema::{self, Documents},
};

/// Why a schema cannot be generated from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// The generator does not know the keyword, and would ignore what it demands.
    #[error("the keyword `{0}` is not understood")]
    Keyword(String),
    /// The generator knows the keyword, but not with this value.
    #[error("the keyword `{keyword}` cannot be {value}")]
    KeywordValue {
        /// The keyword.
        keyword: &'static str,
        /// Its value, as JSON.
        value: String,
    },
    /// A reference leads nowhere.
    #[error("the reference `{0}` does not resolve")]
    Reference(String),
    /// Two demands on one value cannot both be generated.
    #[error("the keyword `{0}` is given twice with different values")]
    Conflict(&'static str),
    /// No value satisfies the schema.
    #[error("no value satisfies the schema of `{0}`")]
    Unsatisfiable(String),
    /// The schema expands without end.
    #[error("the schema has more than {0} parts")]
    TooLarge(usize),
}

/// Payloads of a type, as random as its schema allows.
///
/// How many of the optional members are there differs from payload to payload, from none to all, and
/// so do unknown members, lengths, boundary values and scripts.
pub fn payloads(kind: NotificationType, mode: Mode) -> FromSchema {
    compiled(kind, mode).payloads.clone()
}

/// What brings the full example of a type to a bound of its schema, in rounds: the changes of a round
/// leave each other alone, so that they can be made at once or one at a time.
pub fn boundaries(kind: NotificationType, mode: Mode) -> &'static [Vec<Boundary>] {
    let compiled = compiled(kind, mode);
    compiled
        .boundaries
        .get_or_init(|| boundary::rounds(&compiled.payloads.0, Payload::full(kind, mode).value()))
}

/// What is made once of the schema of a type.
struct Compiled {
    payloads: FromSchema,
    boundaries: OnceLock<Vec<Vec<Boundary>>>,
}

fn compiled(kind: NotificationType, mode: Mode) -> &'static Compiled {
    type Cache = BTreeMap<&'static str, OnceLock<Compiled>>;
    static CACHE: OnceLock<Cache> = OnceLock::new();
    let path = schema::payload_path(kind, mode);
    let cache = CACHE
        .get_or_init(|| schema::documents().map(|(path, _)| (path, OnceLock::new())).collect());
    cache[path].get_or_init(|| {
        let uri = format!("{}{path}", schema::BASE);
        let shapes = Shapes::compile(schema::resolved(), &uri);
        let shapes = shapes.expect("a test generates from every schema");
        Compiled { payloads: FromSchema(Arc::new(shapes)), boundaries: OnceLock::new() }
    })
}

/// A strategy for the values that a schema allows.
#[derive(Clone)]
pub struct FromSchema(Arc<Shapes>);

impl FromSchema {
    /// Compiles a schema. References lead into the schema itself, or to the files of `spec/`, as if
    /// it lay there.
    pub fn new(schema: &Value) -> Result<Self, GenerateError> {
        let uri = format!("{}unnamed{}", schema::BASE, schema::SUFFIX);
        let mut schema = match schema {
            Value::Object(_) => schema.clone(),
            _ => json!({ "allOf": [schema] }),
        };
        schema["$id"] = Value::from(uri.as_str());
        let all = schema::documents().map(|(_, document)| document).chain([&schema]);
        Shapes::compile(&Documents::new(all), &uri).map(|shapes| Self(Arc::new(shapes)))
    }
}

impl fmt::Debug for FromSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromSchema(…)")
    }
}

impl Strategy for FromSchema {
    type Tree = ShrinkingTree;
    type Value = Value;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let tree = Draw::new(&self.0, runner).whole();
        Ok(ShrinkingTree::new(Arc::clone(&self.0), tree))
    }
}

#[cfg(test)]
mod tests;
