//! Integers and decimals within bounds, with the bounds themselves among the likely ones.

use serde_json::{Number, Value};

use super::{dice::Dice, flatten::Flat};

/// Where programs that keep a number in something too narrow go wrong.
const EDGES: [i64; 9] = [
    0,
    1,
    (1 << 15) - 1,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) + 1,
    (1 << 53) - 1,
    (1 << 53) + 1,
    i64::MAX,
];

/// Digits after the point of a drawn decimal at most.
const FRACTION_DIGITS_MAX: usize = 4;

/// Integers of a schema.
#[derive(Debug)]
pub(super) struct Integers {
    low: i64,
    high: i64,
    edges: Vec<i64>,
    examples: Vec<i64>,
}

impl Integers {
    /// `None`: the bounds exclude each other.
    pub(super) fn new(flat: &Flat) -> Option<Self> {
        let low = flat.minimum.unwrap_or(i64::MIN);
        let high = flat.maximum.unwrap_or(i64::MAX);
        let inside = |edge: &i64| (low..=high).contains(edge);
        let mut edges: Vec<i64> = [low, high, low.saturating_add(1), high.saturating_sub(1)].into();
        edges.extend(EDGES);
        edges.retain(inside);
        let examples = flat.examples.iter().filter_map(Value::as_i64).filter(inside).collect();
        (low <= high).then_some(Self { low, high, edges, examples })
    }

    pub(super) fn draw(&self, dice: &mut Dice<'_>) -> i64 {
        match dice.below(8) {
            0..3 if !self.examples.is_empty() => dice.pick(&self.examples),
            3..5 => dice.pick(&self.edges),
            _ => dice.magnitude(self.low, self.high),
        }
    }

    /// The least and the greatest, and zero where it is between them.
    pub(super) fn ends(&self) -> Vec<i64> {
        let mut ends = vec![self.low, 0.clamp(self.low, self.high), self.high];
        ends.dedup();
        ends
    }

    pub(super) fn simplest_integer(&self) -> i64 {
        self.examples.first().copied().unwrap_or_else(|| 0.clamp(self.low, self.high))
    }

    pub(super) fn simplest(&self) -> Value {
        Value::from(self.simplest_integer())
    }

    /// Integers on the way from `from` to the simplest one, the boldest step first.
    pub(super) fn simpler(&self, from: i64) -> Vec<i64> {
        let goal = self.simplest_integer();
        let middle = i128::midpoint(i128::from(from), i128::from(goal));
        let step = from.saturating_sub((i128::from(from) - i128::from(goal)).signum() as i64);
        let middle = i64::try_from(middle).unwrap_or(goal);
        let mut steps = vec![goal, middle, step];
        steps.retain(|to| *to != from);
        steps.dedup();
        steps
    }
}

/// Decimals of a schema. Its bounds are whole numbers.
#[derive(Debug)]
pub(super) struct Numbers {
    whole: Integers,
}

impl Numbers {
    pub(super) fn new(flat: &Flat) -> Option<Self> {
        Integers::new(flat).map(|whole| Self { whole })
    }

    /// A decimal as text, as JSON writes it; often with zeros at the end.
    pub(super) fn draw(&self, dice: &mut Dice<'_>) -> String {
        let whole = self.whole.draw(dice);
        let mut text = whole.to_string();
        // A fraction leads away from zero, and must not lead out of the bounds.
        let bound = if whole < 0 { self.whole.low } else { self.whole.high };
        if whole != bound && dice.chance(3, 4) {
            text.push('.');
            for _ in 0..dice.length(1, FRACTION_DIGITS_MAX) {
                text.push(dice.pick(&['0', '1', '2', '5', '9']));
            }
        }
        text
    }

    /// The ends of the whole numbers, and the least fraction of money beyond zero.
    pub(super) fn ends(&self) -> Vec<String> {
        let mut ends: Vec<String> = self.whole.ends().iter().map(i64::to_string).collect();
        if self.whole.low <= 0 && self.whole.high > 0 {
            ends.push("0.01".to_owned());
        }
        ends
    }

    pub(super) fn simplest(&self) -> Value {
        self.whole.simplest()
    }

    /// Decimals on the way from `from` to the simplest one, the boldest step first.
    pub(super) fn simpler(&self, from: &str) -> Vec<String> {
        let (whole, fraction) = from.split_once('.').unwrap_or((from, ""));
        let mut steps = Vec::new();
        let Ok(whole_number) = whole.parse() else { return steps };
        if fraction.is_empty() {
            steps.extend(self.whole.simpler(whole_number).iter().map(i64::to_string));
        } else {
            steps.push(self.whole.simplest_integer().to_string());
            steps.push(whole.to_owned());
            if fraction.len() > 1 {
                steps.push(from[..from.len() - 1].to_owned());
            }
        }
        steps
    }
}

/// The number that JSON text stands for, digit by digit.
pub(super) fn number(text: String) -> Value {
    Value::Number(Number::from_string_unchecked(text))
}
