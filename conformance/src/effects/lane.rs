//! A user and an item that one check has for itself, and what the view shows of them.

use std::{collections::BTreeMap, ops::RangeInclusive};

use tokio::sync::SemaphorePermit;

use super::{Effects, LANE, TransactionView, View, Wait};
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

    /// Returns how many of the lane's item this view shows, and keeps it as evidence.
    fn counted(&self, user: &str, view: &View) -> Result<i64, Stop> {
        let owned = count(view, &self.sku).ok_or_else(hidden)?;
        self.session.trace.looked(user, format!("{owned} of `{}`", self.sku));
        Ok(owned)
    }

    /// What the lane's user owns, once nothing changes any more, without what other checks buy: a check
    /// that is asked alone sees everything.
    pub async fn all_but_others_lanes(&self) -> Result<BTreeMap<String, i64>, Stop> {
        let own = |sku: &str| match self.sku.starts_with(LANE) {
            _ if self.session.check().alone => true,
            true => !sku.starts_with(LANE) || sku == self.sku,
            false => sku == self.sku,
        };
        let part = |view: &View| {
            let items = view.items.iter().flatten().filter(|(sku, _)| own(sku));
            items.map(|(sku, owned)| (sku.clone(), *owned)).collect::<BTreeMap<_, _>>()
        };
        self.effects.watch(self.stable(), &self.user, part, |_| true).await.map_err(Stop::Broken)
    }

    /// Returns how many of two items the lane's user owns once that is what was expected and stable, or when
    /// the time limit passes.
    pub async fn settles_both(
        &self,
        skus: [&str; 2],
        holds: impl Fn([i64; 2]) -> bool,
    ) -> Result<[i64; 2], Stop> {
        let part = |view: &View| Some([count(view, skus[0])?, count(view, skus[1])?]);
        let owned = self.watch(self.stable(), &self.user, part, |owned| holds(*owned)).await?;
        for (sku, owned) in skus.iter().zip(owned) {
            self.session.trace.looked(&self.user, format!("{owned} of `{sku}`"));
        }
        Ok(owned)
    }

    /// The wait until what the session's last delivery changed is stable.
    fn stable(&self) -> Wait {
        self.effects.stable(self.session.trace.last_sent())
    }

    /// Looks at a part of the items; not observable where the view shows none.
    async fn watch<P: PartialEq>(
        &self,
        wait: Wait,
        user: &str,
        part: impl Fn(&View) -> Option<P>,
        holds: impl Fn(&P) -> bool,
    ) -> Result<P, Stop> {
        let holds = |seen: &Option<P>| seen.as_ref().is_some_and(&holds);
        let seen = self.effects.watch(wait, user, part, holds).await.map_err(Stop::Broken)?;
        seen.ok_or_else(hidden)
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

    /// Returns how many a user owns once that is what was expected and stable, or when the time limit passes.
    pub async fn settles_at(&self, user: &str, expected: i64) -> Result<i64, Stop> {
        self.counted_after(self.stable(), user, expected..=expected).await
    }

    /// The same for the lane's user and a range.
    pub async fn settles_within(&self, expected: RangeInclusive<i64>) -> Result<i64, Stop> {
        self.counted_after(self.stable(), &self.user, expected).await
    }

    /// Returns how many the lane's user owns as soon as that is what was expected, or when the time limit
    /// passes: for a precondition. What is judged afterwards waits until it is stable.
    pub async fn shows(&self, expected: i64) -> Result<i64, Stop> {
        self.counted_after(self.effects.shown(), &self.user, expected..=expected).await
    }

    async fn counted_after(
        &self,
        wait: Wait,
        user: &str,
        expected: RangeInclusive<i64>,
    ) -> Result<i64, Stop> {
        let part = |view: &View| count(view, &self.sku);
        let owned = self.watch(wait, user, part, |owned| expected.contains(owned)).await?;
        self.session.trace.looked(user, format!("{owned} of `{}`", self.sku));
        Ok(owned)
    }

    /// How many the lane's user owns once nothing changes any more.
    pub async fn all_settled(&self) -> Result<i64, Stop> {
        self.settles_within(i64::MIN..=i64::MAX).await
    }

    /// Returns a transaction once it is in this state and stable, or when the time limit passes.
    pub async fn transaction(&self, id: u64, state: &str) -> Result<TransactionView, Stop> {
        self.transaction_after(self.stable(), id, |seen| seen.state.as_deref() == Some(state)).await
    }

    /// Returns a transaction once it has so many refunds and is stable, or when the time limit passes.
    pub async fn refunds(&self, id: u64, count: u64) -> Result<TransactionView, Stop> {
        self.transaction_after(self.stable(), id, |seen| seen.refunds == Some(count)).await
    }

    /// Returns a transaction as soon as it is in this state, or when the time limit passes: for a
    /// precondition.
    pub async fn shows_transaction(&self, id: u64, state: &str) -> Result<TransactionView, Stop> {
        let holds = |seen: &TransactionView| seen.state.as_deref() == Some(state);
        self.transaction_after(self.effects.shown(), id, holds).await
    }

    /// Whether the view shows a transaction now.
    pub async fn knows_transaction(&self, id: u64) -> Result<bool, Stop> {
        let view = self.effects.look(&self.user).await.map_err(Stop::Broken)?;
        Ok(transaction(&view, id).flatten().is_some())
    }

    async fn transaction_after(
        &self,
        wait: Wait,
        id: u64,
        holds: impl Fn(&TransactionView) -> bool,
    ) -> Result<TransactionView, Stop> {
        let part = |view: &View| transaction(view, id);
        let holds = |seen: &Seen| seen.as_ref().and_then(Option::as_ref).is_some_and(&holds);
        let seen = self.effects.watch(wait, &self.user, part, holds).await.map_err(Stop::Broken)?;
        let Some(found) = seen else {
            return Err(Stop::NotObservable("the probe shows no transactions".to_owned()));
        };
        let found = found.unwrap_or(TransactionView { state: None, refunds: None });
        let state = found.state.as_deref().unwrap_or("not shown");
        let refunds = found.refunds.map_or_else(String::new, |count| format!(", refunds {count}"));
        self.session.trace.looked(&self.user, format!("transaction {id}: {state}{refunds}"));
        Ok(found)
    }
}

/// A transaction in a view: `None` where the view shows no transactions at all.
type Seen = Option<Option<TransactionView>>;

fn transaction(view: &View, id: u64) -> Seen {
    view.transactions.as_ref().map(|all| all.get(&id.to_string()).cloned())
}

fn hidden() -> Stop {
    Stop::NotObservable("the probe shows no items".to_owned())
}

fn count(view: &View, sku: &str) -> Option<i64> {
    view.items.as_ref().map(|items| items.get(sku).copied().unwrap_or(0))
}
