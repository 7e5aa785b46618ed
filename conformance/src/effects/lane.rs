//! A user and an item that one check has for itself, and what the view shows of them.

use std::{collections::BTreeMap, ops::RangeInclusive};

use tokio::sync::SemaphorePermit;

use super::{Effects, LANE, TransactionView, View};
use crate::{Stop, purchase::Purchase, session::Session, wire::Request};

/// A user and an item that one check has for itself.
#[derive(Debug)]
pub struct Lane<'run> {
    pub(super) session: &'run Session<'run>,
    pub(super) effects: &'run Effects<'run>,
    /// Who buys.
    pub user: String,
    /// What is bought.
    pub sku: String,
    pub(super) back: Option<(String, Option<String>)>,
    pub(super) _permit: SemaphorePermit<'run>,
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.effects.lanes.borrow_mut().extend(self.back.take());
    }
}

impl Lane<'_> {
    /// A purchase of this many of the lane's item by the lane's user.
    pub fn purchase(&self, quantity: u64) -> Purchase {
        self.session.purchase_of(&self.user, vec![(self.sku.clone(), quantity)])
    }

    /// How many of the lane's item a user owns now.
    pub async fn owned_by(&self, user: &str) -> Result<i64, Stop> {
        let view = self.effects.look(user).await.map_err(Stop::Broken)?;
        self.counted(user, &view)
    }

    /// How many of the lane's item this view shows; kept as evidence.
    fn counted(&self, user: &str, view: &View) -> Result<i64, Stop> {
        let owned = count(view, &self.sku)?;
        self.session.trace.looked(user, format!("{owned} of `{}`", self.sku));
        Ok(owned)
    }

    /// What the lane's user owns, once nothing changes any more, without what other checks buy: a check
    /// that is asked alone sees everything.
    pub async fn all_but_others_lanes(&self) -> Result<BTreeMap<String, i64>, Stop> {
        let view = self.effects.settled(&self.user, |_| true).await.map_err(Stop::Broken)?;
        let mut items = view.items.clone().unwrap_or_default();
        if self.session.check().alone {
            return Ok(items);
        }
        if self.sku.starts_with(LANE) {
            items.retain(|sku, _| !sku.starts_with(LANE) || *sku == self.sku);
        } else {
            items.retain(|sku, _| *sku == self.sku);
        }
        Ok(items)
    }

    /// What the lane's user owns once this holds of it, or will not come to hold.
    pub async fn items_that(
        &self,
        holds: impl Fn(&BTreeMap<String, i64>) -> bool,
    ) -> Result<BTreeMap<String, i64>, Stop> {
        let holds = |view: &View| view.items.as_ref().is_some_and(&holds);
        let view = self.effects.settled(&self.user, holds).await.map_err(Stop::Broken)?;
        view.items.clone().ok_or_else(|| Stop::NotObservable("the probe shows no items".to_owned()))
    }

    /// Judges whether the lane's user owns what was owned before.
    pub async fn expect_items(
        &self,
        clause: &str,
        before: &BTreeMap<String, i64>,
        request: &Request,
    ) -> Result<(), Stop> {
        let after = self.all_but_others_lanes().await?;
        if after == *before {
            return Ok(());
        }
        let actual = format!("{after:?} instead of {before:?}");
        Err(self.session.violation(clause, "the user's items, as before", actual, request))
    }

    /// How many of the lane's item the lane's user owns now.
    pub async fn owned(&self) -> Result<i64, Stop> {
        self.owned_by(&self.user).await
    }

    /// How many a user owns once that number is what was expected, or will not become so.
    pub async fn settles_at(&self, user: &str, expected: i64) -> Result<i64, Stop> {
        let holds = |view: &View| count(view, &self.sku).is_ok_and(|owned| owned == expected);
        let view = self.effects.settled(user, holds).await.map_err(Stop::Broken)?;
        self.counted(user, &view)
    }

    /// How many the lane's user owns once that number is one of these, or will not become so.
    pub async fn settles_within(&self, expected: RangeInclusive<i64>) -> Result<i64, Stop> {
        let holds =
            |view: &View| count(view, &self.sku).is_ok_and(|owned| expected.contains(&owned));
        let view = self.effects.settled(&self.user, holds).await.map_err(Stop::Broken)?;
        self.counted(&self.user, &view)
    }

    /// How many the lane's user owns once nothing changes any more.
    pub async fn all_settled(&self) -> Result<i64, Stop> {
        self.settles_within(i64::MIN..=i64::MAX).await
    }

    /// What the view shows of a transaction once it is in this state, or will not come to be.
    pub async fn transaction(&self, id: u64, state: &str) -> Result<TransactionView, Stop> {
        self.transaction_that(id, |seen| seen.state.as_deref() == Some(state)).await
    }

    /// What the view shows of a transaction once so many refunds of it show, or will not come to.
    pub async fn refunds(&self, id: u64, count: u64) -> Result<TransactionView, Stop> {
        self.transaction_that(id, |seen| seen.refunds == Some(count)).await
    }

    /// Whether the view shows a transaction now.
    pub async fn knows_transaction(&self, id: u64) -> Result<bool, Stop> {
        let view = self.effects.look(&self.user).await.map_err(Stop::Broken)?;
        Ok(view.transactions.as_ref().is_some_and(|all| all.contains_key(&id.to_string())))
    }

    async fn transaction_that(
        &self,
        id: u64,
        holds: impl Fn(&TransactionView) -> bool,
    ) -> Result<TransactionView, Stop> {
        let key = id.to_string();
        let find = |view: &View| view.transactions.as_ref().and_then(|all| all.get(&key)).cloned();
        let holds = |view: &View| find(view).is_some_and(|found| holds(&found));
        let view = self.effects.settled(&self.user, holds).await.map_err(Stop::Broken)?;
        if view.transactions.is_none() {
            return Err(Stop::NotObservable("the probe shows no transactions".to_owned()));
        }
        let found = find(&view).unwrap_or(TransactionView { state: None, refunds: None });
        let state = found.state.as_deref().unwrap_or("not shown");
        let refunds = found.refunds.map_or_else(String::new, |count| format!(", refunds {count}"));
        self.session.trace.looked(&self.user, format!("transaction {key}: {state}{refunds}"));
        Ok(found)
    }
}

fn count(view: &View, sku: &str) -> Result<i64, Stop> {
    let items = view.items.as_ref();
    let items = items.ok_or_else(|| Stop::NotObservable("the probe shows no items".to_owned()))?;
    Ok(items.get(sku).copied().unwrap_or(0))
}
