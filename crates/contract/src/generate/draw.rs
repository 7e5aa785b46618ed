//! A random tree from compiled shapes.

use std::sync::Arc;

use proptest::test_runner::TestRunner;
use serde_json::{Map, Value};

use super::{
    dice::Dice,
    number::number,
    shape::{Member, Shape, ShapeId, Shapes},
    tree::{Field, Node},
};

/// From this depth on, only what a schema requires is drawn.
const DEPTH_MAX: usize = 12;
/// Once a value has this many parts, only what a schema requires is drawn.
const PARTS_MAX: usize = 1_000;
/// Depth of a value that the schema says nothing of.
const ANYTHING_DEPTH_MAX: usize = 2;
/// How full payloads are is drawn in steps: 0 is the bare minimum, this is everything.
const FULLNESS_MAX: usize = 8;
/// Members drawn for an object at most, beyond those that its schema names.
const EXTRA_MAX: usize = 3;

/// Names of unknown members, some of them awkward.
const EXTRA_NAMES: [&str; 10] = [
    "future_member",
    "x_1",
    "x_2",
    "with blank",
    "a/b~c",
    "ключ",
    "🗝",
    "$ref",
    "__proto__",
    "UPPER",
];

/// One drawing.
#[derive(Debug)]
pub(super) struct Draw<'a> {
    shapes: &'a Shapes,
    dice: Dice<'a>,
    fullness: usize,
    parts: usize,
}

impl<'a> Draw<'a> {
    pub(super) fn new(shapes: &'a Shapes, runner: &'a mut TestRunner) -> Self {
        let mut dice = Dice(runner);
        let fullness = dice.length(0, FULLNESS_MAX);
        Self { shapes, dice, fullness, parts: 0 }
    }

    /// A whole value of the schema.
    pub(super) fn whole(mut self) -> Node {
        self.node(self.shapes.root(), 0)
    }

    /// Whether to draw no more than the schema requires.
    fn lean(&self, depth: usize) -> bool {
        depth >= DEPTH_MAX || self.parts >= PARTS_MAX
    }

    fn node(&mut self, id: ShapeId, depth: usize) -> Node {
        let shapes = self.shapes;
        self.parts += 1;
        let lean = self.lean(depth);
        match shapes.get(id) {
            Shape::Choice(choices) => {
                let choice = if self.dice.chance(1, 2) {
                    choices[0]
                } else {
                    choices[self.dice.below(choices.len())]
                };
                // The simplest value is finite, whatever the schema refers to.
                let node =
                    if lean { shapes.simplest(id).clone() } else { self.node(choice, depth) };
                Node { home: id, ..node }
            }
            Shape::Constant(values) => {
                Node::leaf(id, values[self.dice.below(values.len())].clone())
            }
            Shape::Integer(integers) => Node::leaf(id, Value::from(integers.draw(&mut self.dice))),
            Shape::Number(numbers) => Node::leaf(id, number(numbers.draw(&mut self.dice))),
            Shape::Text(texts) => Node::leaf(id, Value::from(texts.draw(&mut self.dice))),
            Shape::Anything => Node::leaf(id, anything(&mut self.dice, 0)),
            Shape::List { item, min, max } => {
                let max = if lean { *min } else { *max };
                let length = self.dice.length(*min, max);
                let items = item.iter().flat_map(|item| vec![*item; length]);
                Node::list(id, items.map(|item| self.node(item, depth + 1)).collect())
            }
            Shape::Object { members, extra } => {
                Node::object(id, self.fields(members, *extra, depth))
            }
        }
    }

    fn fields(&mut self, members: &[Member], extra: Option<ShapeId>, depth: usize) -> Vec<Field> {
        let mut fields = Vec::with_capacity(members.len());
        for member in members {
            let wanted = !self.lean(depth) && self.dice.chance(self.fullness, FULLNESS_MAX);
            if member.required || wanted {
                let node = self.node(member.shape, depth + 1);
                let optional = !member.required;
                fields.push(Field { name: Arc::clone(&member.name), optional, node });
            }
        }
        let Some(extra) = extra else { return fields };
        let likely = if members.is_empty() { 3 } else { 1 };
        if self.lean(depth) || self.fullness == 0 || !self.dice.chance(likely, 6) {
            return fields;
        }
        for _ in 0..self.dice.length(1, EXTRA_MAX) {
            let name = self.dice.pick(&EXTRA_NAMES);
            let taken = fields.iter().map(|field| &field.name);
            if taken.chain(members.iter().map(|member| &member.name)).any(|taken| **taken == *name)
            {
                continue;
            }
            let node = self.node(extra, depth + 1);
            let place = self.dice.length(0, fields.len());
            fields.insert(place, Field { name: name.into(), optional: true, node });
        }
        fields
    }
}

/// Any JSON, small.
fn anything(dice: &mut Dice<'_>, depth: usize) -> Value {
    let kinds = if depth < ANYTHING_DEPTH_MAX { 8 } else { 6 };
    match dice.below(kinds) {
        0 => Value::Null,
        1 => Value::Bool(dice.chance(1, 2)),
        2 => Value::from(dice.magnitude(i64::MIN, i64::MAX)),
        3 => number(format!("{}.{}", dice.below(100), dice.below(1_000))),
        4 => Value::from(dice.pick(&["", "text", "{\"json\":[1]}", "Zoë 日本 🗡", "a\\/b\"c\n"])),
        5 => Value::from(dice.below(100)),
        6 => (0..dice.below(3)).map(|_| anything(dice, depth + 1)).collect(),
        _ => {
            let mut members = Map::new();
            for _ in 0..dice.below(3) {
                let name = dice.pick(&EXTRA_NAMES);
                members.insert(name.to_owned(), anything(dice, depth + 1));
            }
            Value::Object(members)
        }
    }
}
