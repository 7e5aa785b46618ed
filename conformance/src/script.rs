//! What is to be told of a few purchases, and how the same is said with less.

use std::collections::BTreeSet;

use hookproof_contract::{Mode, NotificationType};

/// Deliveries in rounds: those of one round start at the same moment, the rounds follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The mode of all that is told.
    pub mode: Mode,
    /// What was bought, by whom.
    pub bought: Vec<Bought>,
    /// What is told, round by round.
    pub rounds: Vec<Vec<Line>>,
}

/// A purchase, by places: whoever performs the script says which users and items those are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    /// The place of the user.
    pub user: usize,
    /// The places of the items, and how many of each.
    pub items: Vec<(usize, u64)>,
}

/// One delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The place of the purchase.
    pub purchase: usize,
    /// What is told of it.
    pub kind: NotificationType,
    /// The place of the replica that is told; counted round, where there are fewer.
    pub target: usize,
}

impl Bought {
    /// One item of the first kind, bought by the first user.
    pub fn one() -> Self {
        Self { user: 0, items: vec![(0, 1)] }
    }
}

impl Script {
    /// Nothing is told yet of these purchases.
    pub fn of(mode: Mode, bought: Vec<Bought>) -> Self {
        Self { mode, bought, rounds: Vec::new() }
    }

    /// And then these of one purchase, one after another.
    #[must_use]
    pub fn then(mut self, purchase: usize, kinds: &[NotificationType]) -> Self {
        let line = |&kind| vec![Line { purchase, kind, target: 0 }];
        self.rounds.extend(kinds.iter().map(line));
        self
    }

    /// And then all these at the same moment: the purchase, what is told of it, and how often.
    #[must_use]
    pub fn at_once(mut self, told: &[(usize, NotificationType, usize)]) -> Self {
        let mut round = Vec::new();
        let most = told.iter().map(|(.., copies)| *copies).max().unwrap_or(0);
        // The kinds take turns, so that none of them is on its way before the others.
        for copy in 0..most {
            for &(purchase, kind, copies) in told {
                if copy < copies {
                    round.push(Line { purchase, kind, target: round.len() });
                }
            }
        }
        self.rounds.push(round);
        self
    }

    /// The same with each delivery on another replica than the one before.
    #[must_use]
    pub fn spread(mut self) -> Self {
        for (place, line) in self.rounds.iter_mut().flatten().enumerate() {
            line.target = place;
        }
        self
    }

    /// The same, one after another, on one replica.
    #[must_use]
    pub fn in_sequence(&self) -> Self {
        let lines = self.rounds.iter().flatten().map(|line| vec![Line { target: 0, ..*line }]);
        Self { rounds: lines.collect(), ..self.clone() }
    }

    /// Deliveries in it.
    pub fn deliveries(&self) -> usize {
        self.rounds.iter().map(Vec::len).sum()
    }

    /// Whether anything is told at the same moment as something else.
    pub fn overlaps(&self) -> bool {
        self.rounds.iter().any(|round| round.len() > 1)
    }

    /// Whether this is told of a purchase that has this item in it.
    pub fn tells(&self, kind: NotificationType, user: usize, item: usize) -> bool {
        self.told_often(kind, user, item) > 0
    }

    /// How often this is told at most of one purchase that has this item in it.
    pub fn told_often(&self, kind: NotificationType, user: usize, item: usize) -> usize {
        let of = |bought: &Bought| {
            bought.user == user && bought.items.iter().any(|(place, _)| *place == item)
        };
        let purchases = self.bought.iter().enumerate().filter(|(_, bought)| of(bought));
        let times = purchases.map(|(purchase, _)| {
            let lines = self.rounds.iter().flatten();
            lines.filter(|line| line.purchase == purchase && line.kind == kind).count()
        });
        times.max().unwrap_or(0)
    }

    /// The same with fewer deliveries, the fewest first.
    pub fn shorter(&self) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        if self.bought.len() > 1 {
            found.extend((0..self.bought.len()).map(|purchase| self.without(purchase)));
        }
        for (round, lines) in self.rounds.iter().enumerate() {
            let halves = if lines.len() > 3 { vec![lines.len() / 2] } else { Vec::new() };
            for keep in halves {
                let mut shorter = self.clone();
                shorter.rounds[round].truncate(keep);
                found.push(shorter);
            }
            let mut tried = BTreeSet::new();
            for (place, line) in lines.iter().enumerate() {
                if tried.insert((line.purchase, line.kind)) {
                    let mut shorter = self.clone();
                    shorter.rounds[round].remove(place);
                    shorter.rounds.retain(|lines| !lines.is_empty());
                    found.push(shorter);
                }
            }
        }
        found.retain(|script| script.deliveries() > 0);
        found.sort_by_key(Self::deliveries);
        found
    }

    /// The same deliveries of simpler purchases.
    pub fn simpler(&self) -> Vec<Self> {
        let mut found = Vec::new();
        for (place, bought) in self.bought.iter().enumerate() {
            let mut simpler = vec![Bought::one(), Bought { user: 0, items: bought.items.clone() }];
            simpler.push(Bought { items: bought.items[..1].to_vec(), ..*bought });
            simpler.push(Bought {
                items: bought.items.iter().map(|&(item, _)| (item, 1)).collect(),
                ..*bought
            });
            for bought in simpler {
                let mut script = self.clone();
                if script.bought[place] != bought {
                    script.bought[place] = bought;
                    found.push(script);
                }
            }
        }
        found
    }

    fn without(&self, purchase: usize) -> Self {
        let mut script = self.clone();
        script.bought.remove(purchase);
        for round in &mut script.rounds {
            round.retain(|line| line.purchase != purchase);
            for line in round.iter_mut().filter(|line| line.purchase > purchase) {
                line.purchase -= 1;
            }
        }
        script.rounds.retain(|round| !round.is_empty());
        script
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAID: NotificationType = NotificationType::OrderPaid;
    const CANCELED: NotificationType = NotificationType::OrderCanceled;

    fn script() -> Script {
        Script::of(Mode::Combined, vec![Bought::one(), Bought { user: 1, items: vec![(0, 3)] }])
            .then(0, &[PAID])
            .at_once(&[(0, PAID, 2), (1, CANCELED, 1)])
    }

    #[test]
    fn each_shorter_script_is_shorter() {
        let all = script().shorter();
        assert_eq!(all.len(), 2 + 1 + 2 + 1 - 1);
        assert!(all.iter().all(|shorter| shorter.deliveries() < script().deliveries()));
        let places = all.iter().flat_map(|one| one.rounds.iter().flatten().map(move |l| (one, l)));
        for (one, line) in places {
            assert!(line.purchase < one.bought.len(), "{one:?}");
        }
    }

    #[test]
    fn simpler_purchases_end() {
        let mut script = script();
        for _ in 0..8 {
            if let Some(simpler) = script.simpler().into_iter().next() {
                script = simpler;
            }
        }
        assert_eq!(script.bought, [Bought::one(), Bought::one()]);
        assert_eq!(script.simpler(), []);
    }

    #[test]
    fn kinds_take_turns() {
        let round = &script().rounds[1];
        let kinds: Vec<_> = round.iter().map(|line| line.kind).collect();
        assert_eq!(kinds, [PAID, CANCELED, PAID]);
        assert_eq!(script().in_sequence().rounds.len(), 4);
    }
}
