//! The times of a retry plan, derived from its steps.
//!
//! A plan is a list of waits and knows no clock: whoever plays the sender takes the next wait from
//! [`waits`] and passes it in whatever time it lives in, real, faster or simulated.

use std::{iter, time::Duration};

use crate::spec::{Plan, Step};

/// The waits between the attempts of a plan: one fewer than there are attempts.
pub fn waits(plan: &Plan) -> impl Iterator<Item = Duration> {
    waits_of(&plan.steps)
}

/// When each attempt of a plan comes, counted from the first, which comes at zero.
pub fn offsets(plan: &Plan) -> impl Iterator<Item = Duration> {
    offsets_of(&plan.steps)
}

/// The waits of these steps.
pub fn waits_of(steps: &[Step]) -> impl Iterator<Item = Duration> {
    steps.iter().flat_map(|step| {
        iter::repeat_n(
            Duration::from_secs(step.every_s),
            usize::try_from(step.times).unwrap_or(usize::MAX),
        )
    })
}

/// The attempts of these steps, counted from the first.
pub fn offsets_of(steps: &[Step]) -> impl Iterator<Item = Duration> {
    iter::once(Duration::ZERO).chain(waits_of(steps).scan(Duration::ZERO, |elapsed, wait| {
        *elapsed = elapsed.saturating_add(wait);
        Some(*elapsed)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_sent_twenty_times_in_just_under_twelve_hours() {
        let steps = [
            Step { times: 2, every_s: 300 },
            Step { times: 7, every_s: 900 },
            Step { times: 10, every_s: 3600 },
        ];
        let minutes: Vec<u64> = offsets_of(&steps).map(|offset| offset.as_secs() / 60).collect();
        let published = [
            0, 5, 10, 25, 40, 55, 70, 85, 100, 115, 175, 235, 295, 355, 415, 475, 535, 595, 655,
            715,
        ];
        assert_eq!(minutes, published);
        assert_eq!(waits_of(&steps).count(), 19);
    }

    #[test]
    fn no_steps_make_one_attempt() {
        assert_eq!(offsets_of(&[]).collect::<Vec<_>>(), [Duration::ZERO]);
    }
}
