//! Who is asked: the listeners of the zoo, the wrong, the odd and the right.

use anyhow::anyhow;
use hookproof_conformance::{answer_rules::is_about_every_answer, checks, glob::Glob, select};
use hookproof_zoo::{Asks, Behaviour, Cell, Fault, Level, Odd, Verdict, cells, faults, odds};

use crate::{exit::Exit, failure::Failure, names};

/// The slug of the right listener.
const RIGHT: &str = "right";

/// Listeners that are slow on purpose, or make the suite wait for most of its questions: the slowest
/// first. Nothing but the order in which they are asked depends on it.
const SLOW: &[&str] = &[
    "slow-cancellations",
    "forgets-what-it-did-not-answer",
    "finishes-what-it-began",
    "grants-in-parts",
    "effects-before-key",
    "key-before-effects",
    "in-progress-for-ever",
    "in-progress-taken-for-done",
    "probe-without-counts",
    "slow",
    "one-event-at-a-time",
    "queue-that-lasts",
    "writes-the-whole-inventory",
    "drops-orders-while-busy",
    "grants-nothing",
    "copies-come-back-later",
    "late-effects",
    "key-of-user-and-item",
    "dribbled-answers",
    "known-articles-only",
];

/// A sample of the checks is every check in so many.
const SAMPLE_EACH: usize = 16;

/// How long a listener keeps the suite busy, as far as that is known before it is asked: less is longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Speed {
    /// At this place among the slow ones.
    Slow(usize),
    /// As long as it takes to kill its process again and again.
    Killed,
    /// As long as it takes to ask everything.
    AskedEverything,
    /// As long as it takes to wait for effects.
    Watched,
    /// As long as answers take.
    Answered,
}

/// One listener of the zoo.
#[derive(Debug, Clone, Copy)]
pub(super) enum Inmate {
    /// Wrong in one way.
    Wrong(&'static Fault),
    /// Wrong in one rule for one type.
    Cell(&'static Cell),
    /// Odd, and right.
    Odd(&'static Odd),
    /// Right, and not odd.
    Right,
}

impl Inmate {
    /// Its permanent name.
    pub(super) const fn slug(self) -> &'static str {
        match self {
            Self::Wrong(fault) => fault.slug,
            Self::Cell(cell) => cell.slug.as_str(),
            Self::Odd(odd) => odd.slug,
            Self::Right => RIGHT,
        }
    }

    /// What it serves.
    pub(super) const fn asks(self) -> Asks {
        match self {
            Self::Wrong(fault) => fault.asks,
            Self::Odd(odd) => odd.asks,
            Self::Cell(_) | Self::Right => Asks::EVERYTHING,
        }
    }

    /// What it does.
    pub(super) fn behaviour(self) -> Behaviour {
        match self {
            Self::Wrong(fault) => (fault.behaviour)(),
            Self::Cell(cell) => cell.behaviour(),
            Self::Odd(odd) => (odd.behaviour)(),
            Self::Right => Behaviour::default(),
        }
    }

    /// How long it will keep the suite busy.
    pub(super) fn speed(self) -> Speed {
        match (SLOW.iter().position(|slow| *slow == self.slug()), self.level(), self) {
            (Some(place), ..) => Speed::Slow(place),
            (None, Level::Spawn, _) => Speed::Killed,
            (None, _, Self::Odd(_) | Self::Right) => Speed::AskedEverything,
            (None, Level::Probe, Self::Wrong(_) | Self::Cell(_)) => Speed::Watched,
            (None, Level::Wire, Self::Wrong(_) | Self::Cell(_)) => Speed::Answered,
        }
    }

    /// What the suite must be given to see what is wrong with it.
    pub(super) fn level(self) -> Level {
        match self {
            Self::Wrong(fault) => fault.level,
            Self::Cell(cell) => cell.dimension.level,
            Self::Odd(odd) if !odd.needs_process() => Level::Probe,
            // The right one must not be accused of anything at all.
            Self::Odd(_) | Self::Right => Level::Spawn,
        }
    }
}

impl Inmate {
    /// The verdict that it deserves and the checks that must give it; nothing for a right listener.
    pub(super) fn convicted(self) -> Option<(Verdict, &'static [&'static str])> {
        match self {
            Self::Wrong(fault) => Some((fault.verdict, fault.caught_by)),
            Self::Cell(cell) => Some((cell.verdict(), cell.dimension.checks)),
            Self::Odd(_) | Self::Right => None,
        }
    }

    /// Ids of the checks that must give its verdict.
    pub(super) fn own_checks(self) -> Vec<&'static str> {
        let patterns = self.convicted().map_or(&[][..], |(_, checks)| checks);
        let patterns: Vec<String> = patterns.iter().map(|id| (*id).to_owned()).collect();
        let selected = select::select(&patterns, &[]).unwrap_or_default();
        selected.into_iter().map(|check| check.id).collect()
    }

    /// Patterns of the checks that this listener is asked without `--full`; none stand for all checks.
    ///
    /// A cell is asked the checks of its rule, another wrong listener its own checks and a sample of the
    /// others, which differs from one listener to the next.
    pub(super) fn sample(self, place: usize) -> Vec<String> {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        match self {
            Self::Odd(_) | Self::Right => Vec::new(),
            Self::Cell(cell) => owned(cell.dimension.checks),
            // Answers to other checks break a rule about every answer.
            Self::Wrong(fault) if fault.caught_by.iter().any(|id| is_about_every_answer(id)) => {
                Vec::new()
            }
            Self::Wrong(fault) => {
                let others = checks::ALL.iter().skip(place % SAMPLE_EACH).step_by(SAMPLE_EACH);
                let others = others.map(|check| check.id.to_owned());
                owned(fault.caught_by).into_iter().chain(others).collect()
            }
        }
    }
}

/// The listeners whose slug matches one of the patterns; all where there is none.
pub(super) fn select(only: &[String]) -> Result<Vec<Inmate>, Failure> {
    let all = || {
        let wrong = faults().map(Inmate::Wrong);
        wrong.chain(cells().map(Inmate::Cell)).chain(odds().map(Inmate::Odd)).chain([Inmate::Right])
    };
    if only.is_empty() {
        return Ok(all().collect());
    }
    let mut wanted = Vec::new();
    for pattern in only {
        let glob = Glob::new(pattern).map_err(Failure::usage)?;
        if !all().any(|inmate| glob.is_match(inmate.slug())) {
            let near = names::near(pattern, all().map(Inmate::slug));
            let hint = names::did_you_mean(&near);
            return Err(Failure::new(
                Exit::NothingSelected,
                anyhow!("no listener of the zoo matches `{pattern}`"),
            )
            .hint(hint.unwrap_or_else(|| "a pattern is a glob over slugs".to_owned())));
        }
        wanted.push(glob);
    }
    let is_wanted = |inmate: &Inmate| wanted.iter().any(|glob| glob.is_match(inmate.slug()));
    Ok(all().filter(is_wanted).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn slugs_are_unique_over_the_whole_zoo() {
        let all = select(&[]).unwrap();
        let slugs: BTreeSet<&str> = all.iter().map(|inmate| inmate.slug()).collect();
        assert_eq!(slugs.len(), all.len());
    }

    #[test]
    fn who_is_slow_is_there() {
        let all = select(&[]).unwrap();
        for slow in SLOW {
            assert!(all.iter().any(|inmate| inmate.slug() == *slow), "there is no `{slow}`");
        }
    }

    #[test]
    fn patterns_select_or_are_refused() {
        let found = select(&["ids-as-*".to_owned()]).unwrap();
        assert!(found.iter().any(|inmate| inmate.slug() == "ids-as-floats"));
        assert_eq!(select(&["nobody-*".to_owned()]).unwrap_err().exit, Exit::NothingSelected);
    }
}
