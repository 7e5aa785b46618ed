//! Shrinking a drawn tree towards the smallest payload that its schema allows.
//!
//! The boldest steps come first: everything at once, then all that is optional, then member by
//! member, and only then what the remaining members say. Each step that a failing test survives is
//! kept, so a payload of a hundred members is down to the few that matter after some dozen steps.

use std::sync::Arc;

use proptest::strategy::ValueTree;
use serde_json::Value;

use super::{
    number::number,
    shape::{Shape, Shapes},
    tree::{Body, Node},
};

/// Times that all steps are tried again after some of them helped.
const ROUNDS_MAX: usize = 3;

/// The way to a part of a tree: which child, then which child of it.
type Path = Vec<usize>;

/// One way to make a tree smaller.
#[derive(Debug, Clone)]
enum Step {
    /// Replace a part by the simplest value of its place.
    Simplest(Path),
    /// Take everything optional out of a part.
    Strip(Path),
    /// Take one child out of a part.
    Remove(Path, usize),
    /// Keep the first items of an array only.
    Cut(Path, usize),
    /// Replace one scalar.
    Leaf(Path, Value),
}

/// A drawn value, and the search for a smaller one.
#[derive(Debug, Clone)]
pub struct ShrinkingTree {
    shapes: Arc<Shapes>,
    /// The smallest tree that is known to fail, or the one that was drawn.
    kept: Node,
    /// The tree that is being tried, if a step is.
    tried: Option<Node>,
    steps: Vec<Step>,
    next: usize,
    helped: bool,
    rounds: usize,
}

impl ShrinkingTree {
    pub(super) fn new(shapes: Arc<Shapes>, drawn: Node) -> Self {
        Self {
            shapes,
            kept: drawn,
            tried: None,
            steps: Vec::new(),
            next: 0,
            helped: false,
            rounds: 0,
        }
    }

    /// Applies the next step that changes something to the kept tree.
    fn try_next(&mut self) -> bool {
        loop {
            while let Some(step) = self.steps.get(self.next) {
                let mut tree = self.kept.clone();
                if apply(&mut tree, step, &self.shapes) {
                    self.tried = Some(tree);
                    return true;
                }
                self.next += 1;
            }
            let first_round = self.steps.is_empty() && self.rounds == 0;
            if self.rounds == ROUNDS_MAX || !(first_round || self.helped) {
                return false;
            }
            self.rounds += 1;
            self.helped = false;
            self.next = 0;
            self.steps = steps(&self.kept, &self.shapes);
        }
    }
}

impl ValueTree for ShrinkingTree {
    type Value = Value;

    fn current(&self) -> Value {
        self.tried.as_ref().unwrap_or(&self.kept).to_value()
    }

    fn simplify(&mut self) -> bool {
        if let Some(tried) = self.tried.take() {
            // What was tried fails too: go on from there. The step's place in the list is now that
            // of the step after it, or of a bolder one of the same kind.
            self.kept = tried;
            self.helped = true;
            self.steps = steps(&self.kept, &self.shapes);
        }
        self.try_next()
    }

    fn complicate(&mut self) -> bool {
        if self.tried.take().is_none() {
            return false;
        }
        self.next += 1;
        // With no step left, the tree is back at the kept value, which is a change as well.
        self.try_next();
        true
    }
}

/// All steps from a tree, the boldest first.
fn steps(root: &Node, shapes: &Shapes) -> Vec<Step> {
    let mut steps = vec![Step::Simplest(Path::new()), Step::Strip(Path::new())];
    let mut leaves = Vec::new();
    let mut level = vec![(Path::new(), root)];
    while !level.is_empty() {
        let mut below = Vec::new();
        for (path, node) in level {
            structural(node, &path, shapes, &mut steps);
            if !path.is_empty() {
                leaves.push(Step::Simplest(path.clone()));
            }
            leaves.extend(simpler(node, shapes).into_iter().map(|to| Step::Leaf(path.clone(), to)));
            for (index, child) in node.children().into_iter().enumerate() {
                let mut path = path.clone();
                path.push(index);
                below.push((path, child));
            }
        }
        level = below;
    }
    steps.append(&mut leaves);
    steps
}

/// The steps that take something out of a part.
fn structural(node: &Node, path: &Path, shapes: &Shapes, steps: &mut Vec<Step>) {
    if !path.is_empty() && !node.children().is_empty() {
        steps.push(Step::Strip(path.clone()));
    }
    match (&node.body, shapes.get(node.shape)) {
        (Body::Object(fields), _) => {
            // From the end, so that a removal leaves the places before it as they are.
            let optional = fields.iter().enumerate().filter(|(_, field)| field.optional);
            let removals: Vec<_> =
                optional.map(|(index, _)| Step::Remove(path.clone(), index)).collect();
            steps.extend(removals.into_iter().rev());
        }
        (Body::List(items), Shape::List { min, .. }) if items.len() > *min => {
            steps.push(Step::Cut(path.clone(), *min));
            if items.len() / 2 > *min {
                steps.push(Step::Cut(path.clone(), items.len() / 2));
            }
            let removals = (0..items.len()).rev();
            steps.extend(removals.map(|index| Step::Remove(path.clone(), index)));
        }
        _ => (),
    }
}

/// Scalars simpler than that of a leaf, other than the simplest.
fn simpler(node: &Node, shapes: &Shapes) -> Vec<Value> {
    match (&node.body, shapes.get(node.shape)) {
        (Body::Leaf(Value::Number(from)), Shape::Integer(integers)) => from
            .as_i64()
            .map(|from| integers.simpler(from).into_iter().map(Value::from).collect())
            .unwrap_or_default(),
        (Body::Leaf(Value::Number(from)), Shape::Number(numbers)) => {
            numbers.simpler(from.as_str()).into_iter().map(number).collect()
        }
        (Body::Leaf(Value::String(from)), Shape::Text(texts)) => {
            texts.simpler(from).into_iter().map(Value::from).collect()
        }
        _ => Vec::new(),
    }
}

/// Takes a step; says whether it changed anything.
fn apply(root: &mut Node, step: &Step, shapes: &Shapes) -> bool {
    let (Step::Simplest(path)
    | Step::Strip(path)
    | Step::Remove(path, _)
    | Step::Cut(path, _)
    | Step::Leaf(path, _)) = step;
    let Some(node) = path.iter().try_fold(root, |node, index| node.child_mut(*index)) else {
        return false;
    };
    match (step, &mut node.body) {
        (Step::Simplest(_), _) => {
            let before = node.to_value();
            *node = shapes.simplest(node.home).clone();
            node.to_value() != before
        }
        (Step::Strip(_), _) => strip(node, shapes),
        (Step::Remove(_, index), Body::Object(fields)) if *index < fields.len() => {
            fields.remove(*index);
            true
        }
        (Step::Remove(_, index), Body::List(items)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        (Step::Cut(_, length), Body::List(items)) if *length < items.len() => {
            items.truncate(*length);
            true
        }
        (Step::Leaf(_, value), Body::Leaf(before)) => {
            let changed = before != value;
            before.clone_from(value);
            changed
        }
        _ => false,
    }
}

fn strip(node: &mut Node, shapes: &Shapes) -> bool {
    match &mut node.body {
        Body::Leaf(_) => false,
        Body::Object(fields) => {
            let before = fields.len();
            fields.retain(|field| !field.optional);
            let removed = fields.len() < before;
            fields
                .iter_mut()
                .fold(removed, |changed, field| strip(&mut field.node, shapes) | changed)
        }
        Body::List(items) => {
            let Shape::List { min, .. } = shapes.get(node.shape) else { return false };
            let cut = items.len() > *min;
            items.truncate(*min);
            items.iter_mut().fold(cut, |changed, item| strip(item, shapes) | changed)
        }
    }
}
