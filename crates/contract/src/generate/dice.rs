//! Small random choices.

use proptest::{prelude::Rng, test_runner::TestRunner};

/// A source of random choices; the seed behind it is the caller's.
#[derive(Debug)]
pub(super) struct Dice<'a>(pub(super) &'a mut TestRunner);

impl Dice<'_> {
    /// A number below `bound`, which must not be 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let wide = u64::from(self.0.rng().next_u32()) * (bound as u64);
        usize::try_from(wide >> 32).expect("below `bound`, which is a usize")
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn length(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// Whether an event of `n` in `of` happens.
    pub(super) fn chance(&mut self, n: usize, of: usize) -> bool {
        self.below(of) < n
    }

    /// One of several values, which must not be none.
    pub(super) fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// An integer from `low` to `high`, both included, of any magnitude: as many small ones as
    /// large ones.
    pub(super) fn magnitude(&mut self, low: i64, high: i64) -> i64 {
        if low < 0 && high > 0 {
            return if self.chance(1, 2) {
                self.magnitude(low, 0)
            } else {
                self.magnitude(0, high)
            };
        }
        let span = high.abs_diff(low);
        let bits = self.below(span.checked_ilog2().map_or(1, |bits| bits as usize + 2));
        let mask = 1_u64
            .checked_shl(u32::try_from(bits).unwrap_or(u64::BITS))
            .map_or(u64::MAX, |end| end - 1);
        let offset = (self.0.rng().next_u64() & mask).min(span);
        // Away from zero, or from the bound that is nearest to it.
        if high > 0 {
            low.saturating_add_unsigned(offset)
        } else {
            high.saturating_sub_unsigned(offset)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magnitudes_stay_within_their_bounds_and_reach_them() {
        let mut runner = TestRunner::deterministic();
        let mut dice = Dice(&mut runner);
        for (low, high) in [(0, 0), (1, 2), (-3, 40), (-9, -7), (i64::MIN, i64::MAX), (1, i64::MAX)]
        {
            let drawn: Vec<i64> = (0..2_000).map(|_| dice.magnitude(low, high)).collect();
            assert!(drawn.iter().all(|number| (low..=high).contains(number)), "{low} {high}");
            if high.abs_diff(low) < 100 {
                assert!(drawn.contains(&low) && drawn.contains(&high), "{low} {high}");
            }
        }
    }
}
