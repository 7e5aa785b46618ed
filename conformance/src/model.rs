//! One purchase as a small machine: which ends are legal after what was told of it.
//!
//! Legal is a set. What came out of order may count or not, a refused event has no effect, and one that
//! was never answered may have happened at any later moment, or never. Where deliveries overlapped, each
//! order that agrees with the times of their answers is tried.

use std::{collections::BTreeSet, time::Duration};

use hookproof_contract::{Mode, NotificationType};

/// Deliveries of one purchase that are judged; the search doubles with each.
pub const TOLD_MAX: usize = 20;

/// What came of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Success: it had its effect between being sent and being answered.
    Acknowledged,
    /// 4xx: it has no effect.
    Refused,
    /// 5xx or no answer: both worlds are legal.
    Unknown,
}

/// One delivery of an event of the purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The event.
    pub kind: NotificationType,
    /// The form in which it came.
    pub mode: Mode,
    /// What came of it.
    pub outcome: Outcome,
    /// When it was sent.
    pub sent: Duration,
    /// When it was answered, if it was.
    pub answered: Option<Duration>,
}

/// Which events come in separate mode, so that a listener may wait for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    /// The payment comes before its order.
    pub payment: bool,
    /// The refund comes before the cancellation.
    pub refund: bool,
}

/// What may be left of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// The user has its goods.
    pub held: bool,
    /// Refunds that took effect.
    pub refunds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Goods {
    /// Never granted.
    Nothing,
    /// Granted.
    Held,
    /// Granted once, and taken back.
    Taken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Refund {
    None,
    /// Told before anything was paid: a listener may keep it or not.
    Stray,
    Told,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    goods: Goods,
    paid: bool,
    /// An order that came too early was acknowledged, and may be granted later.
    waiting: bool,
    refund: Refund,
    canceled: bool,
}

const BEGIN: State = State {
    goods: Goods::Nothing,
    paid: false,
    waiting: false,
    refund: Refund::None,
    canceled: false,
};

/// Every end that some order of the deliveries explains, as far as it agrees with their answers.
///
/// Of more than [`TOLD_MAX`] deliveries everything is legal: nobody is accused by a search cut short.
pub fn ends(world: World, told: &[Told]) -> BTreeSet<End> {
    let told: Vec<Told> =
        told.iter().filter(|told| told.outcome != Outcome::Refused).copied().collect();
    if told.len() > TOLD_MAX {
        let all = [(false, 0), (false, 1), (true, 0), (true, 1)];
        return all.map(|(held, refunds)| End { held, refunds }).into();
    }
    let needed = told
        .iter()
        .enumerate()
        .filter(|(_, told)| told.outcome == Outcome::Acknowledged)
        .fold(0_u32, |mask, (place, _)| mask | 1 << place);
    let mut seen = BTreeSet::from([(0_u32, BEGIN)]);
    let mut open = vec![(0_u32, BEGIN)];
    let mut found = BTreeSet::new();
    while let Some((done, state)) = open.pop() {
        if done & needed == needed {
            found.extend(state.ends());
        }
        for (place, next) in told.iter().enumerate() {
            if done & (1 << place) != 0 || !may_be_next(&told, done, next) {
                continue;
            }
            for after in state.after(world, next) {
                let reached = (done | 1 << place, after);
                if seen.insert(reached) {
                    open.push(reached);
                }
            }
        }
    }
    found
}

/// Whether no delivery that is still to come was answered before this one was sent.
fn may_be_next(told: &[Told], done: u32, next: &Told) -> bool {
    let mut others = told.iter().enumerate().filter(|(place, _)| done & (1 << place) == 0);
    others.all(|(_, other)| {
        other.outcome == Outcome::Unknown || other.answered.is_none_or(|at| at >= next.sent)
    })
}

impl State {
    fn ends(self) -> Vec<End> {
        let held = self.goods == Goods::Held;
        let refunds: &[u64] = match self.refund {
            Refund::None => &[0],
            Refund::Stray => &[0, 1],
            Refund::Told => &[1],
        };
        refunds.iter().map(|&refunds| End { held, refunds }).collect()
    }

    fn with(self, goods: Goods) -> Self {
        Self { goods, ..self }
    }

    /// What one event makes of the purchase; several, where nothing says which.
    fn after(self, world: World, told: &Told) -> Vec<Self> {
        match told.kind {
            NotificationType::Payment => self.after_payment(),
            NotificationType::OrderPaid => self.after_order(world, told.mode),
            NotificationType::Refund => self.after_refund(),
            NotificationType::OrderCanceled => self.after_cancellation(world, told.mode),
            _ => vec![self],
        }
    }

    fn after_payment(self) -> Vec<Self> {
        let paid = Self { paid: true, ..self };
        if self.waiting && self.goods == Goods::Nothing {
            return vec![paid, paid.with(Goods::Held), paid.with(Goods::Taken)];
        }
        vec![paid]
    }

    fn after_order(self, world: World, mode: Mode) -> Vec<Self> {
        if self.goods != Goods::Nothing {
            return vec![self];
        }
        let paid = Self { paid: self.paid || mode == Mode::Combined, ..self };
        let in_order = paid.paid || !world.payment;
        let undisturbed = !self.waiting && !self.canceled && self.refund == Refund::None;
        if in_order && undisturbed {
            return vec![paid.with(Goods::Held)];
        }
        let waiting = Self { waiting: true, ..paid };
        vec![paid.with(Goods::Held), paid.with(Goods::Taken), waiting]
    }

    fn after_refund(self) -> Vec<Self> {
        let known = self.paid && self.refund != Refund::Stray;
        let refunded = Self { refund: if known { Refund::Told } else { Refund::Stray }, ..self };
        if self.goods == Goods::Held {
            // A listener may take the goods back at once, and then finds nothing to cancel.
            return vec![refunded, refunded.with(Goods::Taken)];
        }
        vec![refunded]
    }

    fn after_cancellation(self, world: World, mode: Mode) -> Vec<Self> {
        let canceled = Self { canceled: true, ..self };
        if self.goods != Goods::Held {
            return vec![canceled];
        }
        let in_order = mode == Mode::Combined || !world.refund || self.refund == Refund::Told;
        if in_order {
            return vec![canceled.with(Goods::Taken)];
        }
        vec![canceled, canceled.with(Goods::Taken)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: World = World { payment: true, refund: true };

    /// Events with the times at which they were sent and answered; `?` never was, `!` is refused.
    #[track_caller]
    fn check(mode: Mode, text: &str, held: &[bool]) {
        let told: Vec<Told> = text.split_whitespace().map(|word| read(mode, word)).collect();
        let found: BTreeSet<bool> = ends(WORLD, &told).into_iter().map(|end| end.held).collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), held, "{text}");
    }

    fn read(mode: Mode, word: &str) -> Told {
        let (kind, times) = word.split_at(1);
        let kind = match kind {
            "P" => NotificationType::Payment,
            "O" => NotificationType::OrderPaid,
            "R" => NotificationType::Refund,
            _ => NotificationType::OrderCanceled,
        };
        let (sent, answered) = times.split_once('-').unwrap();
        let outcome = match answered {
            "?" => Outcome::Unknown,
            _ if answered.ends_with('!') => Outcome::Refused,
            _ => Outcome::Acknowledged,
        };
        let at = |text: &str| Duration::from_millis(text.parse().unwrap());
        let answered = (answered != "?").then(|| at(answered.trim_end_matches('!')));
        Told { kind, mode, outcome, sent: at(sent), answered }
    }

    #[test]
    fn the_published_order_leaves_one_end() {
        check(Mode::Separate, "P0-1 O2-3", &[true]);
        check(Mode::Separate, "P0-1 O2-3 O4-5", &[true]);
        check(Mode::Separate, "P0-1 O2-3 R4-5 C6-7", &[false]);
        check(Mode::Combined, "O2-3 C6-7", &[false]);
        check(Mode::Combined, "O2-3 C6-7 O8-9", &[false]);
    }

    #[test]
    fn what_comes_out_of_order_may_count_or_not() {
        check(Mode::Combined, "C0-1 O2-3", &[false, true]);
        check(Mode::Separate, "O0-1 P2-3", &[false, true]);
        check(Mode::Separate, "P0-1 O2-3 C4-5", &[false, true]);
        check(Mode::Separate, "P0-1 R2-3 O4-5", &[false, true]);
        check(Mode::Separate, "P0-1 O2-3 R4-5", &[false, true]);
    }

    #[test]
    fn refused_is_nothing_and_unknown_is_both() {
        check(Mode::Combined, "O0-1!", &[false]);
        check(Mode::Combined, "O0-?", &[false, true]);
        check(Mode::Combined, "O0-1 C2-?", &[false, true]);
        check(Mode::Combined, "O0-1 C2-3 O4-?", &[false]);
        check(Mode::Combined, "O0-? C2-3 O4-5", &[false, true]);
    }

    #[test]
    fn what_overlaps_may_have_come_in_any_order() {
        check(Mode::Combined, "O0-5 C1-4", &[false, true]);
        check(Mode::Combined, "O0-1 O2-9 O2-8 C3-5", &[false]);
        check(Mode::Combined, "O0-2 C2-3", &[false, true]);
        check(Mode::Combined, "O0-1 C2-3", &[false]);
    }

    #[test]
    fn refunds_count_where_their_payment_was_known() {
        let refunds = |words: &str| {
            let told: Vec<Told> =
                words.split_whitespace().map(|word| read(Mode::Separate, word)).collect();
            ends(WORLD, &told).into_iter().map(|end| end.refunds).collect::<BTreeSet<_>>()
        };
        assert_eq!(refunds("P0-1 R2-3 R4-5"), BTreeSet::from([1]));
        assert_eq!(refunds("R0-1 P2-3"), BTreeSet::from([0, 1]));
        assert_eq!(refunds("P0-1"), BTreeSet::from([0]));
    }
}
