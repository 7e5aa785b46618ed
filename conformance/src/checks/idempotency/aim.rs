//! When to kill a listener: each kill is aimed by what those before it hit.

use std::time::Duration;

/// Kills are not aimed more finely than at this part of the time until the end of their span.
const FINEST_AIM: f64 = 0.05;

/// Where there is nothing left to aim at, the next span ends so many times later than the last one.
const WIDER: f64 = 1.5;

/// How far the handling of orders had come when the process was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing of any of them was to be seen.
    Before,
    /// Some had an effect, or an answer.
    Between,
    /// All of them were acknowledged.
    After,
}

/// A span of time that each kill makes narrower, until what is left of it lies between the first effect
/// and the last answer, where a listener can be wrong.
#[derive(Debug)]
pub(super) struct Aim {
    from: Duration,
    until: Duration,
}

impl Aim {
    /// The whole span from the beginning of a delivery.
    pub(super) const fn within(until: Duration) -> Self {
        Self { from: Duration::ZERO, until }
    }

    /// The moment at this part of the span, after the beginning of the delivery.
    pub(super) fn at(&self, part: f64) -> Duration {
        self.from + self.until.saturating_sub(self.from).mul_f64(part)
    }

    /// Times differ from one delivery to the next: a span that has become too narrow to be trusted gives
    /// way to a wider one.
    pub(super) fn learn(&mut self, killed: Duration, stage: Stage) {
        match stage {
            Stage::Before => self.from = killed,
            Stage::Between => (),
            Stage::After => self.until = killed,
        }
        if self.until.saturating_sub(self.from) < self.until.mul_f64(FINEST_AIM) {
            *self = Self::within(self.until.mul_f64(WIDER));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: Duration = Duration::from_millis(100);

    /// Kills a listener again and again that commits and answers at these times; gives where the kills
    /// fell.
    fn kills(commit: Duration, answer: Duration, parts: [f64; 8]) -> Vec<Duration> {
        let mut aim = Aim::within(ANSWER.mul_f64(1.2));
        parts
            .into_iter()
            .map(|part| {
                let after = aim.at(part);
                let stage = match after {
                    after if after < commit => Stage::Before,
                    after if after < answer => Stage::Between,
                    _ => Stage::After,
                };
                aim.learn(after, stage);
                after
            })
            .collect()
    }

    #[test]
    fn kills_close_in_on_what_lies_between_effect_and_answer() {
        let between = Duration::from_millis(80)..Duration::from_millis(90);
        let hits = kills(between.start, between.end, [0.5; 8]);
        assert!(hits.iter().filter(|hit| between.contains(hit)).count() >= 4, "{hits:?}");
    }

    #[test]
    fn where_answers_take_longer_than_was_thought_kills_come_later() {
        let hits = kills(ANSWER * 2, ANSWER * 3, [0.9; 8]);
        assert!(hits.iter().any(|hit| *hit >= ANSWER * 2), "{hits:?}");
    }

    #[test]
    fn where_answers_take_less_than_was_thought_kills_come_earlier() {
        let hits = kills(ANSWER / 50, ANSWER / 20, [0.4; 8]);
        assert!(hits.iter().any(|hit| *hit < ANSWER / 20), "{hits:?}");
    }
}
