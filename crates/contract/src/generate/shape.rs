//! A schema compiled into what a random value is drawn from.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Value, json};

use super::{
    GenerateError,
    flatten::Flat,
    number::{Integers, Numbers},
    text::Texts,
    tree::{Field, Node},
};
use crate::schema::Documents;

/// Parts that one schema may expand into.
const SHAPES_MAX: usize = 4_096;
/// Items drawn for an array whose schema sets no bound, beyond its minimum.
const ITEMS_SPREAD: usize = 3;

/// The place of a shape in [`Shapes`]. Schemas may refer to themselves, so shapes may too.
pub(super) type ShapeId = usize;

/// What values of one kind look like.
#[derive(Debug)]
pub(super) enum Shape {
    /// One of these; the first is the simplest.
    Constant(Vec<Value>),
    Integer(Integers),
    Number(Numbers),
    Text(Texts),
    List {
        /// `None`: there are no items.
        item: Option<ShapeId>,
        min: usize,
        max: usize,
    },
    Object {
        members: Vec<Member>,
        /// What members look like that the schema does not name. `None`: there are none.
        extra: Option<ShapeId>,
    },
    /// One of several shapes; the first is the simplest and the likeliest.
    Choice(Vec<ShapeId>),
    /// Any JSON.
    Anything,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: Arc<str>,
    pub(super) shape: ShapeId,
    pub(super) required: bool,
}

/// A compiled schema.
#[derive(Debug)]
pub(super) struct Shapes {
    all: Vec<Shape>,
    root: ShapeId,
    /// The simplest value of each shape.
    simplest: Vec<Node>,
}

impl Shapes {
    pub(super) fn compile(documents: &Documents, uri: &str) -> Result<Self, GenerateError> {
        let mut compiler = Compiler {
            documents,
            shapes: Vec::new(),
            known: BTreeMap::new(),
            assumed: BTreeSet::new(),
        };
        let root = compiler
            .schema(&json!({ "$ref": uri }))?
            .ok_or_else(|| GenerateError::Unsatisfiable(uri.to_owned()))?;
        let all = compiler
            .shapes
            .into_iter()
            .map(|shape| shape.unwrap_or(Shape::Anything))
            .collect::<Vec<_>>();
        let simplest =
            simplest(&all).ok_or_else(|| GenerateError::Unsatisfiable(uri.to_owned()))?;
        Ok(Self { all, root, simplest })
    }

    pub(super) fn get(&self, id: ShapeId) -> &Shape {
        &self.all[id]
    }

    pub(super) fn root(&self) -> ShapeId {
        self.root
    }

    pub(super) fn simplest(&self, id: ShapeId) -> &Node {
        &self.simplest[id]
    }
}

/// The simplest value of every shape, or `None` if some shape has no finite value.
///
/// Shapes may refer to each other in circles, so values are found in rounds: first those of the
/// shapes that need no other, then those that need only these.
fn simplest(shapes: &[Shape]) -> Option<Vec<Node>> {
    let mut found: Vec<Option<Node>> = vec![None; shapes.len()];
    loop {
        let before = found.iter().flatten().count();
        for (id, shape) in shapes.iter().enumerate() {
            if found[id].is_none() {
                found[id] = simplest_of(id, shape, &found);
            }
        }
        let now = found.iter().flatten().count();
        if now == shapes.len() {
            return found.into_iter().collect();
        }
        if now == before {
            return None;
        }
    }
}

fn simplest_of(id: ShapeId, shape: &Shape, found: &[Option<Node>]) -> Option<Node> {
    let at_home = |mut node: Node| {
        node.home = id;
        node
    };
    match shape {
        Shape::Constant(values) => values.first().map(|value| Node::leaf(id, value.clone())),
        Shape::Integer(integers) => Some(Node::leaf(id, integers.simplest())),
        Shape::Number(numbers) => Some(Node::leaf(id, numbers.simplest())),
        Shape::Text(texts) => Some(Node::leaf(id, Value::from(texts.simplest()))),
        Shape::Anything => Some(Node::leaf(id, Value::Null)),
        Shape::Choice(choices) => {
            choices.iter().find_map(|choice| found[*choice].clone()).map(at_home)
        }
        Shape::List { item, min, .. } => {
            let items = match item {
                Some(item) if *min > 0 => vec![found[*item].clone()?; *min],
                _ => Vec::new(),
            };
            Some(Node::list(id, items))
        }
        Shape::Object { members, .. } => {
            let required = members.iter().filter(|member| member.required);
            let fields = required.map(|member| {
                let node = found[member.shape].clone()?;
                Some(Field { name: Arc::clone(&member.name), optional: false, node })
            });
            Some(Node::object(id, fields.collect::<Option<_>>()?))
        }
    }
}

struct Compiler<'a> {
    documents: &'a Documents,
    /// `None` while a shape is being compiled.
    shapes: Vec<Option<Shape>>,
    /// Schemas seen, by their text: a schema that refers to itself ends here. `None`: no value.
    known: BTreeMap<String, Option<ShapeId>>,
    /// Shapes that were referred to while they were being compiled, in the belief that values of
    /// them exist.
    assumed: BTreeSet<ShapeId>,
}

impl Compiler<'_> {
    /// The shape of a schema, or `None` if no value satisfies it.
    fn schema(&mut self, schema: &Value) -> Result<Option<ShapeId>, GenerateError> {
        let text = schema.to_string();
        if let Some(known) = self.known.get(&text) {
            self.assumed.extend(known.filter(|id| self.shapes[*id].is_none()));
            return Ok(*known);
        }
        let id = self.reserve()?;
        self.known.insert(text.clone(), Some(id));
        let mut flat = Flat::default();
        flat.absorb(schema, self.documents)?;
        let shape = self.flat(flat)?;
        let satisfiable = shape.is_some();
        self.shapes[id] = shape;
        if !satisfiable {
            if self.assumed.contains(&id) {
                return Err(GenerateError::Unsatisfiable(text));
            }
            self.known.insert(text, None);
        }
        Ok(satisfiable.then_some(id))
    }

    fn reserve(&mut self) -> Result<ShapeId, GenerateError> {
        if self.shapes.len() == SHAPES_MAX {
            return Err(GenerateError::TooLarge(SHAPES_MAX));
        }
        self.shapes.push(None);
        Ok(self.shapes.len() - 1)
    }

    fn flat(&mut self, mut flat: Flat) -> Result<Option<Shape>, GenerateError> {
        if flat.never {
            return Ok(None);
        }
        if let Some(values) = flat.constants {
            return Ok((!values.is_empty()).then_some(Shape::Constant(values)));
        }
        if let Some(alternatives) = flat.alternatives.take() {
            return self.choice(alternatives.iter().map(|alternative| {
                let mut narrowed = flat.clone();
                narrowed.absorb(alternative, self.documents).map(|()| narrowed)
            }));
        }
        let types = flat.types.take().unwrap_or_else(|| implied_types(&flat));
        match types.as_slice() {
            [] => Ok(None),
            [one] => self.typed(one, &flat),
            several => self.choice(
                several
                    .iter()
                    .map(|one| Ok(Flat { types: Some(vec![one.clone()]), ..flat.clone() })),
            ),
        }
    }

    fn choice(
        &mut self,
        flats: impl Iterator<Item = Result<Flat, GenerateError>>,
    ) -> Result<Option<Shape>, GenerateError> {
        let mut choices = Vec::new();
        for flat in flats.collect::<Result<Vec<_>, _>>()? {
            let id = self.reserve()?;
            if let Some(shape) = self.flat(flat)? {
                self.shapes[id] = Some(shape);
                choices.push(id);
            }
        }
        Ok((!choices.is_empty()).then_some(Shape::Choice(choices)))
    }

    fn typed(&mut self, name: &str, flat: &Flat) -> Result<Option<Shape>, GenerateError> {
        Ok(Some(match name {
            "null" => Shape::Constant(vec![Value::Null]),
            "boolean" => Shape::Constant(vec![json!(false), json!(true)]),
            "integer" => return Ok(Integers::new(flat).map(Shape::Integer)),
            "number" => return Ok(Numbers::new(flat).map(Shape::Number)),
            "string" => Shape::Text(Texts::new(flat)?),
            "array" => return self.list(flat),
            "object" => return self.object(flat),
            "any" => Shape::Anything,
            _ => {
                let value = Value::from(name).to_string();
                return Err(GenerateError::KeywordValue { keyword: "type", value });
            }
        }))
    }

    fn list(&mut self, flat: &Flat) -> Result<Option<Shape>, GenerateError> {
        let min = flat.items_min.unwrap_or(0);
        let max = flat.items_max.unwrap_or(min + ITEMS_SPREAD);
        if max < min {
            return Ok(None);
        }
        let item = self.all_of(&flat.items)?;
        match item {
            None if min > 0 => Ok(None),
            None => Ok(Some(Shape::List { item, min, max: 0 })),
            Some(_) => Ok(Some(Shape::List { item, min, max })),
        }
    }

    fn object(&mut self, flat: &Flat) -> Result<Option<Shape>, GenerateError> {
        let extra = self.schema(flat.additional.as_ref().unwrap_or(&Value::Bool(true)))?;
        let mut members = Vec::new();
        for (name, schemas) in &flat.properties {
            let required = flat.required.contains(name);
            match self.all_of(schemas)? {
                Some(shape) => members.push(Member { name: name.as_str().into(), shape, required }),
                None if required => return Ok(None),
                None => (),
            }
        }
        let named: BTreeSet<&String> = flat.properties.iter().map(|(name, _)| name).collect();
        for name in flat.required.iter().filter(|name| !named.contains(name)) {
            let Some(shape) = extra else { return Ok(None) };
            members.push(Member { name: name.as_str().into(), shape, required: true });
        }
        Ok(Some(Shape::Object { members, extra }))
    }

    fn all_of(&mut self, schemas: &[Value]) -> Result<Option<ShapeId>, GenerateError> {
        match schemas {
            [] => self.schema(&Value::Bool(true)),
            [one] => self.schema(one),
            several => self.schema(&json!({ "allOf": several })),
        }
    }
}

/// The types that a schema speaks of without naming them.
fn implied_types(flat: &Flat) -> Vec<String> {
    let implied = if !flat.properties.is_empty() || !flat.required.is_empty() {
        "object"
    } else if !flat.items.is_empty() {
        "array"
    } else if flat.pattern.is_some() || flat.format.is_some() || flat.length_min.is_some() {
        "string"
    } else if flat.minimum.is_some() || flat.maximum.is_some() {
        "number"
    } else {
        "any"
    };
    vec![implied.to_owned()]
}
