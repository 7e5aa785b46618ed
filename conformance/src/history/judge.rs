//! Whether the model explains what the view shows.

use std::collections::{BTreeMap, BTreeSet};

use hookproof_contract::NotificationType;

use crate::{
    Stop,
    effects::View,
    model::{Outcome, Told, World, ends},
    session::Session,
};

use super::Case;

/// What a case may have left behind.
#[derive(Debug)]
pub(super) struct Judged {
    places: Vec<Place>,
    refunds: Vec<Refunds>,
}

#[derive(Debug)]
struct Place {
    user: usize,
    item: usize,
    owner: String,
    sku: String,
    before: i64,
    legal: BTreeSet<i64>,
    bought: i64,
}

#[derive(Debug)]
struct Refunds {
    owner: String,
    transaction: String,
    legal: BTreeSet<u64>,
}

/// What the view shows, and the model does not explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// More or fewer of an item than any order of the events leaves.
    Goods { user: usize, item: usize, seen: i64, legal: BTreeSet<i64>, bought: i64 },
    /// More or fewer refunds of a transaction.
    Refunds { seen: u64, legal: BTreeSet<u64> },
}

impl Judged {
    /// What the case may have left of each item, and of each refund where that is certain.
    pub(super) fn of(case: &Case, world: World, before: &BTreeMap<String, View>) -> Self {
        let ends = |purchase: usize| {
            let told = case.told.iter().filter(|sent| sent.line.purchase == purchase);
            ends(world, &told.map(|sent| sent.told).collect::<Vec<Told>>())
        };
        let ends: Vec<_> = (0..case.purchases.len()).map(ends).collect();
        let mut places: Vec<Place> = Vec::new();
        for ((bought, purchase), ends) in case.script.bought.iter().zip(&case.purchases).zip(&ends)
        {
            let mut lines: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
            for ((item, _), (sku, quantity)) in bought.items.iter().zip(&purchase.items) {
                let line = lines.entry(sku).or_insert((*item, 0));
                line.1 += i64::try_from(*quantity).unwrap_or(i64::MAX);
            }
            for (sku, (item, quantity)) in lines {
                let owned = before.get(&purchase.user).map_or(0, |view| count(view, sku));
                let new = || Place {
                    user: bought.user,
                    item,
                    owner: purchase.user.clone(),
                    sku: sku.to_owned(),
                    before: owned,
                    legal: BTreeSet::from([0]),
                    bought: 0,
                };
                let of = |known: &Place| known.owner == purchase.user && known.sku == sku;
                let at = places.iter().position(of).unwrap_or_else(|| {
                    places.push(new());
                    places.len() - 1
                });
                places[at].more(quantity, ends.iter().map(|end| end.held));
            }
        }
        let refunds = case.purchases.iter().zip(&ends).enumerate();
        let refunds =
            refunds.filter(|(place, _)| is_plain(case, *place)).map(|(_, (purchase, ends))| {
                Refunds {
                    owner: purchase.user.clone(),
                    transaction: purchase.transaction.to_string(),
                    legal: ends.iter().map(|end| end.refunds).collect(),
                }
            });
        Self { refunds: refunds.collect(), places }
    }

    /// The part of a user's view that these are judged by.
    fn part_of(judged: &[Self], owner: &str, view: &View) -> View {
        let mut part =
            View { items: view.items.as_ref().map(|_| BTreeMap::new()), ..View::default() };
        if let (Some(items), Some(all)) = (&mut part.items, &view.items) {
            let places = judged.iter().flat_map(|one| &one.places);
            let skus = places.filter(|place| place.owner == owner).map(|place| &place.sku);
            items.extend(skus.filter_map(|sku| Some((sku.clone(), *all.get(sku)?))));
        }
        part.transactions = view.transactions.as_ref().map(|all| {
            let refunds = judged.iter().flat_map(|one| &one.refunds);
            let ids = refunds.filter(|one| one.owner == owner).map(|one| &one.transaction);
            ids.filter_map(|id| Some((id.clone(), all.get(id)?.clone()))).collect()
        });
        part
    }

    /// The first thing in a user's view that the model does not explain.
    pub(super) fn wrong(&self, owner: &str, view: &View) -> Option<Wrong> {
        let goods = self.places.iter().filter(|place| place.owner == owner);
        let goods = goods.filter_map(|place| {
            let seen = count(view, &place.sku) - place.before;
            (!place.legal.contains(&seen)).then(|| Wrong::Goods {
                user: place.user,
                item: place.item,
                seen,
                legal: place.legal.clone(),
                bought: place.bought,
            })
        });
        // What is too much is told before what is missing: it says more of what went wrong.
        if let Some(wrong) = goods.max_by_key(Wrong::is_too_much) {
            return Some(wrong);
        }
        let transactions = view.transactions.as_ref()?;
        self.refunds.iter().filter(|one| one.owner == owner).find_map(|one| {
            let seen = transactions.get(&one.transaction)?.refunds?;
            let legal = one.legal.clone();
            (!one.legal.contains(&seen)).then_some(Wrong::Refunds { seen, legal })
        })
    }
}

impl Wrong {
    fn is_too_much(&self) -> bool {
        match self {
            Self::Goods { seen, legal, .. } => legal.last().is_some_and(|most| seen > most),
            Self::Refunds { seen, legal } => legal.last().is_some_and(|most| seen > most),
        }
    }
}

impl Place {
    /// One more purchase that is held in some of its ends.
    fn more(&mut self, quantity: i64, held: impl Iterator<Item = bool>) {
        let more: BTreeSet<i64> = held.map(|held| if held { quantity } else { 0 }).collect();
        let sums = self.legal.iter().flat_map(|sum| more.iter().map(move |more| sum + more));
        self.legal = sums.collect();
        self.bought += quantity;
    }
}

/// Whether the refunds of a purchase can be counted: in combined mode, and where a listener books the
/// cancellation as one, nothing says how many there are.
fn is_plain(case: &Case, purchase: usize) -> bool {
    let mut told = case.told.iter().filter(|sent| sent.line.purchase == purchase);
    case.script.mode == hookproof_contract::Mode::Separate
        && told.all(|sent| {
            sent.line.kind != NotificationType::OrderCanceled
                || sent.told.outcome == Outcome::Refused
        })
}

pub(super) fn count(view: &View, sku: &str) -> i64 {
    view.items.as_ref().and_then(|items| items.get(sku)).copied().unwrap_or(0)
}

impl Session<'_> {
    /// Looks at each user until the model explains everything, or no longer can be waited for.
    pub(super) async fn look_at(
        &self,
        users: &[String],
        judged: &[Judged],
        brief: bool,
    ) -> Result<BTreeMap<String, View>, Stop> {
        let effects = self.effects()?;
        let mut views = BTreeMap::new();
        for user in users {
            let own = |view: &View| Judged::part_of(judged, user, view);
            let holds = |view: &View| judged.iter().all(|one| one.wrong(user, view).is_none());
            let since = self.trace.last_sent();
            let wait = if brief { effects.stable_briefly(since) } else { effects.stable(since) };
            let view = effects.watch(wait, user, own, holds).await;
            let view = view.map_err(Stop::Broken)?;
            if view.items.is_none() {
                return Err(Stop::NotObservable("the probe shows no items".to_owned()));
            }
            views.insert(user.clone(), view);
        }
        Ok(views)
    }
}
