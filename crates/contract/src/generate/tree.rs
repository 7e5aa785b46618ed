//! A drawn value that remembers what each of its parts was drawn from.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::shape::ShapeId;

/// A value, or a part of one.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The shape that the place asks for; may be a choice.
    pub(super) home: ShapeId,
    /// The shape that was drawn; never a choice.
    pub(super) shape: ShapeId,
    pub(super) body: Body,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    Leaf(Value),
    List(Vec<Node>),
    Object(Vec<Field>),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: Arc<str>,
    pub(super) optional: bool,
    pub(super) node: Node,
}

impl Node {
    pub(super) fn leaf(shape: ShapeId, value: Value) -> Self {
        Self { home: shape, shape, body: Body::Leaf(value) }
    }

    pub(super) fn list(shape: ShapeId, items: Vec<Self>) -> Self {
        Self { home: shape, shape, body: Body::List(items) }
    }

    pub(super) fn object(shape: ShapeId, fields: Vec<Field>) -> Self {
        Self { home: shape, shape, body: Body::Object(fields) }
    }

    /// The parts of which the value consists.
    pub(super) fn children(&self) -> Vec<&Self> {
        match &self.body {
            Body::Leaf(_) => Vec::new(),
            Body::List(items) => items.iter().collect(),
            Body::Object(fields) => fields.iter().map(|field| &field.node).collect(),
        }
    }

    pub(super) fn child_mut(&mut self, index: usize) -> Option<&mut Self> {
        match &mut self.body {
            Body::Leaf(_) => None,
            Body::List(items) => items.get_mut(index),
            Body::Object(fields) => fields.get_mut(index).map(|field| &mut field.node),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        match &self.body {
            Body::Leaf(value) => value.clone(),
            Body::List(items) => items.iter().map(Self::to_value).collect(),
            Body::Object(fields) => {
                let mut members = Map::with_capacity(fields.len());
                for field in fields {
                    members.insert(field.name.as_ref().to_owned(), field.node.to_value());
                }
                Value::Object(members)
            }
        }
    }
}
