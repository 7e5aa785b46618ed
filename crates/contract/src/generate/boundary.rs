//! Values at the bounds of what a schema allows, one change of a payload each.
//!
//! The compiled shapes are walked beside a payload. Each place gives its least and its greatest value,
//! every member of an enumeration, every branch of an alternative, the shortest and the longest list,
//! and, where a member is optional, its absence or presence. Where a schema sets no bound, the bound is
//! one that listeners set for themselves: the width of a column, or the range of a type.

use serde_json::{Value, json};

use super::{
    number::number,
    shape::{Member, Shape, ShapeId, Shapes},
};
use crate::payload::Payload;

/// From this depth on, values are taken as they are.
const DEPTH_MAX: usize = 12;
/// Changes of one payload at most.
pub(super) const CHANGES_MAX: usize = 2_000;

/// One change of a payload, to a value at a bound of what the schema allows there.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    /// The place, as a JSON pointer.
    pub pointer: String,
    /// The value there; `None` takes the member away.
    pub value: Option<Value>,
}

impl Boundary {
    /// The payload with this change, if it has such a place.
    #[must_use]
    pub fn apply(&self, mut payload: Payload) -> Payload {
        let Some(value) = &self.value else { return payload.remove(&self.pointer) };
        // What has no such place stays as it is.
        let _ = payload.try_set(&self.pointer, value.clone());
        payload
    }

    /// Whether the two changes leave each other alone: neither place contains the other.
    fn is_apart_from(&self, other: &Self) -> bool {
        let within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        !within(&self.pointer, &other.pointer) && !within(&other.pointer, &self.pointer)
    }
}

/// All changes of the payload, in rounds: those of a round can be made at once.
pub(super) fn rounds(shapes: &Shapes, payload: &Value) -> Vec<Vec<Boundary>> {
    let mut rounds: Vec<Vec<Boundary>> = Vec::new();
    let mut walk = Walk { shapes, found: Vec::new() };
    walk.place(shapes.root(), payload, "", 0);
    for change in walk.found {
        let apart = |round: &&mut Vec<Boundary>| round.iter().all(|it| it.is_apart_from(&change));
        match rounds.iter_mut().find(apart) {
            Some(round) => round.push(change),
            None => rounds.push(vec![change]),
        }
    }
    rounds
}

/// A walk through a payload, and the changes found on it.
struct Walk<'a> {
    shapes: &'a Shapes,
    found: Vec<Boundary>,
}

impl Walk<'_> {
    /// The changes at a place and below it, where the payload has `now`.
    fn place(&mut self, id: ShapeId, now: &Value, pointer: &str, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        match self.shapes.get(id) {
            Shape::Choice(choices) => self.choice(choices, now, pointer, depth),
            Shape::List { item, min, max } => {
                let Some(item) = *item else { return };
                let first = now.get(0).unwrap_or(&Value::Null);
                let simplest = self.shapes.simplest(item).to_value();
                let copied = if first.is_null() { &simplest } else { first };
                for length in [*min, *max] {
                    self.change(pointer, now, json!(vec![copied; length]));
                }
                if now.get(0).is_some() {
                    self.place(item, first, &format!("{pointer}/0"), depth + 1);
                }
            }
            Shape::Object { members, .. } => {
                for member in members {
                    self.member(member, now, pointer, depth);
                }
            }
            leaf => {
                for value in ends(leaf) {
                    self.change(pointer, now, value);
                }
            }
        }
    }

    fn member(&mut self, member: &Member, now: &Value, pointer: &str, depth: usize) {
        let pointer = format!("{pointer}/{}", member.name.replace('~', "~0").replace('/', "~1"));
        match now.get(member.name.as_ref()) {
            Some(there) => {
                if !member.required {
                    self.add(&pointer, None);
                }
                self.place(member.shape, there, &pointer, depth + 1);
            }
            None => self.instead(member.shape, &pointer, depth + 1),
        }
    }

    /// The branch to which the present value belongs is walked where it stands, each other one on the
    /// simplest value of its own.
    fn choice(&mut self, choices: &[ShapeId], now: &Value, pointer: &str, depth: usize) {
        let own = choices.iter().position(|choice| looks_like(self.shapes.get(*choice), now));
        for (place, choice) in choices.iter().enumerate() {
            if Some(place) == own {
                self.place(*choice, now, pointer, depth + 1);
            } else {
                self.instead(*choice, pointer, depth + 1);
            }
        }
    }

    /// The simplest value of a shape, and the changes of that, put whole in this place.
    fn instead(&mut self, id: ShapeId, pointer: &str, depth: usize) {
        let simplest = self.shapes.simplest(id).to_value();
        let mut inner = Walk { shapes: self.shapes, found: Vec::new() };
        inner.place(id, &simplest, "", depth);
        self.add(pointer, Some(simplest.clone()));
        for change in inner.found {
            let whole = change.apply(Payload::from(simplest.clone()));
            self.add(pointer, Some(whole.into_value()));
        }
    }

    fn change(&mut self, pointer: &str, now: &Value, value: Value) {
        if *now != value {
            self.add(pointer, Some(value));
        }
    }

    fn add(&mut self, pointer: &str, value: Option<Value>) {
        let change = Boundary { pointer: pointer.to_owned(), value };
        if self.found.len() < CHANGES_MAX && !self.found.contains(&change) {
            self.found.push(change);
        }
    }
}

/// Whether a value may be of this shape, as far as the value alone can tell.
fn looks_like(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Constant(values) => values.contains(value),
        Shape::Integer(_) => value.is_i64(),
        Shape::Number(_) => value.is_number(),
        Shape::Text(_) => value.is_string(),
        Shape::List { .. } => value.is_array(),
        Shape::Object { .. } => value.is_object(),
        Shape::Choice(_) => false,
        Shape::Anything => true,
    }
}

/// The values at the ends of what a shape without parts allows.
fn ends(shape: &Shape) -> Vec<Value> {
    match shape {
        Shape::Constant(values) => values.clone(),
        Shape::Integer(integers) => integers.ends().into_iter().map(Value::from).collect(),
        Shape::Number(numbers) => numbers.ends().into_iter().map(number).collect(),
        Shape::Text(texts) => texts.ends().into_iter().map(Value::from).collect(),
        Shape::Anything => vec![Value::Null, json!([]), json!({})],
        Shape::List { .. } | Shape::Object { .. } | Shape::Choice(_) => Vec::new(),
    }
}
