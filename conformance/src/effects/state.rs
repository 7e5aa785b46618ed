//! The change that an event of each type makes in the view of its purchase.
//!
//! A check that holds for every type which changes state takes its cases from here: [`Lane::batches`]
//! says which types can be asked about, [`Lane::changes`] prepares an event of each.

use std::fmt;

use hookproof_contract::{Mode, NotificationType, payload::Payload};
use serde_json::json;

use super::{GRANTS, LANE, Lane, SubscriptionView, TAKES_BACK, TransactionView, View};
use crate::{Stop, purchase::Purchase, session::Session, wire::Request};

/// Types whose events change what the view shows.
const STATEFUL: [NotificationType; 9] = [
    NotificationType::Payment,
    GRANTS,
    TAKES_BACK,
    NotificationType::Refund,
    NotificationType::PartialRefund,
    NotificationType::CreateSubscription,
    NotificationType::UpdateSubscription,
    NotificationType::NonRenewalSubscription,
    NotificationType::CancelSubscription,
];

/// Items in the order of each purchase: not 1, so that it differs from the number of lines.
const QUANTITY: u64 = 2;

/// Dates of the next charge: as a subscription begins, and after its update.
const CHARGED_AT: [&str; 2] = ["2036-04-14T09:26:53+03:00", "2036-05-14T09:26:53+03:00"];

/// A type and the mode in which it is delivered.
pub(crate) type Kind = (NotificationType, Mode);

/// Types whose effects the view shows, and the reason why others were left out.
#[derive(Debug, Default)]
pub(crate) struct Observable {
    /// Types of which an event was accepted and took effect in this run.
    kinds: Vec<Kind>,
    /// Reason why the first of those that are not accepted cannot be judged.
    left_out: Option<String>,
}

/// Cases of a check: which types it can ask about, and what it says about the others.
#[derive(Debug)]
pub(crate) struct Batches {
    /// Types whose effects the view shows. In a batch, no two types change the same item.
    pub(crate) kinds: Vec<Vec<Kind>>,
    left_out: Option<String>,
}

impl Batches {
    /// The end of a check that found nothing wrong: inconclusive where a type was left out.
    pub(crate) fn end(self) -> Result<(), Stop> {
        if let Some(reason) = self.left_out {
            return Err(Stop::Inconclusive(reason));
        }
        if self.kinds.is_empty() {
            let reason = "the probe shows the effect of no type that is asked about";
            return Err(Stop::NotObservable(reason.to_owned()));
        }
        Ok(())
    }
}

/// The part of the view that belongs to one purchase; `None` where the view does not show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PurchaseState {
    owned: Option<i64>,
    transaction: Option<TransactionView>,
    subscription: Option<SubscriptionView>,
}

impl PurchaseState {
    fn of(view: &View, purchase: &Purchase) -> Self {
        let sku = purchase.items.first().map_or("", |(sku, _)| sku.as_str());
        let (transaction, subscription) =
            (purchase.transaction.to_string(), purchase.order.to_string());
        Self {
            owned: view.items.as_ref().map(|all| all.get(sku).copied().unwrap_or(0)),
            transaction: view.transactions.as_ref().and_then(|all| all.get(&transaction).cloned()),
            subscription: view
                .subscriptions
                .as_ref()
                .and_then(|all| all.get(&subscription).cloned()),
        }
    }

    fn has_transaction(&self, state: &str) -> bool {
        self.transaction.as_ref().is_some_and(|seen| seen.state.as_deref() == Some(state))
    }

    fn has_subscription(&self, holds: impl Fn(&SubscriptionView) -> bool) -> bool {
        self.subscription.as_ref().is_some_and(holds)
    }
}

impl fmt::Display for PurchaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.owned.map(|owned| format!("{owned} of the item")));
        if let Some(seen) = &self.transaction {
            let state = seen.state.as_deref().unwrap_or("without a state");
            let refunds = seen.refunds.map(|count| format!(" with {count} refunds"));
            parts.push(format!("transaction {state}{}", refunds.unwrap_or_default()));
        }
        if let Some(seen) = &self.subscription {
            let state = seen.state.as_deref().unwrap_or("without a state");
            let next = seen.next_charge.as_ref().map(|next| format!(", next charge {next}"));
            parts.push(format!("subscription {state}{}", next.unwrap_or_default()));
        }
        if parts.is_empty() {
            return f.write_str("nothing");
        }
        f.write_str(&parts.join(", "))
    }
}

/// One event that changes state, ready to be delivered, and the state before it.
#[derive(Debug)]
pub(crate) struct Change<'lane> {
    /// Its type.
    pub(crate) kind: NotificationType,
    /// The mode in which it is delivered.
    pub(crate) mode: Mode,
    /// The delivery.
    pub(crate) request: Request,
    /// The payload of the delivery.
    pub(crate) payload: Payload,
    /// The state of its purchase before it.
    pub(crate) before: PurchaseState,
    /// Number of the item before the first event of the purchase.
    owned_first: Option<i64>,
    purchase: Purchase,
    lane: &'lane Lane<'lane>,
}

impl Change<'_> {
    /// Type and mode as messages name them.
    pub(crate) fn name(&self) -> String {
        name((self.kind, self.mode))
    }

    /// The same event with another payload.
    pub(crate) fn with(&self, change: impl FnOnce(Payload) -> Payload) -> Request {
        self.lane.session.sign(change(self.payload.clone()).to_bytes())
    }

    /// State of the purchase once it is stable, and this holds or will not come to hold.
    pub(crate) async fn state(
        &self,
        holds: impl Fn(&PurchaseState) -> bool,
    ) -> Result<PurchaseState, Stop> {
        let lane = self.lane;
        let since = lane.session.trace.last_sent();
        let part = |view: &View| PurchaseState::of(view, &self.purchase);
        let seen = lane.effects.watch(lane.effects.stable(since), &lane.user, part, holds).await;
        let seen = seen.map_err(Stop::Broken)?;
        lane.session.trace.looked(&lane.user, format!("{}: {seen}", self.name()));
        Ok(seen)
    }

    /// Stable state of the purchase, and whether the event took effect.
    pub(crate) async fn outcome(&self) -> Result<(PurchaseState, bool), Stop> {
        let seen = self.state(|seen| self.shows_in(seen)).await?;
        let shows = self.shows_in(&seen);
        Ok((seen, shows))
    }

    /// State of the purchase if it differs from an earlier one and stays so.
    pub(crate) async fn difference(
        &self,
        from: &PurchaseState,
    ) -> Result<Option<PurchaseState>, Stop> {
        let seen = self.state(|seen| seen == from).await?;
        Ok((seen != *from).then_some(seen))
    }

    /// The state that shows the event, as messages name it.
    pub(crate) fn effect(&self) -> String {
        use NotificationType as N;
        match self.kind {
            N::Payment => "transaction paid".to_owned(),
            GRANTS => format!("{QUANTITY} more of the item"),
            TAKES_BACK => "the items of the order revoked".to_owned(),
            N::Refund => "transaction refunded".to_owned(),
            N::PartialRefund => "transaction with 1 refund".to_owned(),
            N::CreateSubscription => "subscription active".to_owned(),
            N::UpdateSubscription => format!("next charge {}", CHARGED_AT[1]),
            N::NonRenewalSubscription => "subscription non_renewing".to_owned(),
            _ => "subscription canceled".to_owned(),
        }
    }

    /// Returns true if this state shows that the event took effect.
    fn shows_in(&self, seen: &PurchaseState) -> bool {
        use NotificationType as N;
        let quantity = i64::try_from(QUANTITY).unwrap_or(i64::MAX);
        let change = || Some(seen.owned? - self.before.owned?);
        match self.kind {
            N::Payment => seen.has_transaction("paid"),
            GRANTS => change() == Some(quantity),
            TAKES_BACK => seen.owned == self.owned_first,
            N::Refund => seen.has_transaction("refunded"),
            N::PartialRefund => {
                seen.transaction.as_ref().is_some_and(|seen| seen.refunds == Some(1))
                    || seen.has_transaction("partially_refunded")
            }
            N::CreateSubscription => seen.has_subscription(|own| own.is("active")),
            N::UpdateSubscription => seen.has_subscription(|own| own.is_charged_at(CHARGED_AT[1])),
            N::NonRenewalSubscription => seen.has_subscription(|own| own.is("non_renewing")),
            N::CancelSubscription => seen.has_subscription(|own| own.is("canceled")),
            _ => false,
        }
    }
}

/// Type and mode as messages name them.
fn name((kind, mode): Kind) -> String {
    match kind {
        GRANTS | TAKES_BACK => format!("`{kind}` in {mode} mode"),
        _ => format!("`{kind}`"),
    }
}

impl<'run> Lane<'run> {
    /// Types whose effects the view shows, in batches: in each, no two types change the same item.
    ///
    /// The first check that asks finds out which types these are; an event of each is the twin of
    /// whatever is asked about its type afterwards.
    pub(crate) async fn batches(&'run self) -> Result<Batches, Stop> {
        let found = self.effects.observable.get_or_try_init(|| self.observe()).await?;
        Ok(Batches { kinds: self.in_batches(&found.kinds), left_out: found.left_out.clone() })
    }

    fn in_batches(&self, kinds: &[Kind]) -> Vec<Vec<Kind>> {
        if self.sku.starts_with(LANE) {
            return if kinds.is_empty() { Vec::new() } else { vec![kinds.to_vec()] };
        }
        // One item serves all: whatever grants some of it goes alone.
        let grants = |kind: &Kind| self.session.chain_grants(*kind);
        let (alone, together): (Vec<Kind>, Vec<Kind>) = kinds.iter().partition(|kind| grants(kind));
        let alone = alone.into_iter().map(|kind| vec![kind]);
        alone.chain((!together.is_empty()).then_some(together)).collect()
    }

    /// Delivers an event of each type and looks for its effect.
    async fn observe(&'run self) -> Result<Observable, Stop> {
        let types = self.session.types();
        let stateful: Vec<Kind> =
            types.into_iter().filter(|(kind, _)| STATEFUL.contains(kind)).collect();
        let mut found = Observable::default();
        for batch in self.in_batches(&stateful) {
            let mut accepted = Vec::new();
            for kind in batch {
                match self.prepared(kind).await {
                    Ok(change) => accepted.push(change),
                    Err(Stop::Inconclusive(reason)) => found.leave_out(reason),
                    Err(stop) => return Err(stop),
                }
            }
            self.note_states(&mut accepted).await?;
            let mut delivered = Vec::new();
            for change in accepted {
                match self.session.twin(&change.request).await {
                    Ok(()) => delivered.push(change),
                    Err(Stop::Inconclusive(reason)) => {
                        found.leave_out(format!("{}: {reason}", change.name()));
                    }
                    Err(stop) => return Err(stop),
                }
            }
            for change in delivered {
                // No check judges a type whose effect the view does not show.
                if change.outcome().await?.1 {
                    found.kinds.push((change.kind, change.mode));
                }
            }
        }
        Ok(found)
    }

    /// An event of each type, each of a purchase of its own whose earlier events were delivered.
    pub(crate) async fn changes(&'run self, kinds: &[Kind]) -> Result<Vec<Change<'run>>, Stop> {
        let mut changes = Vec::new();
        for kind in kinds {
            changes.push(self.prepared(*kind).await?);
        }
        self.note_states(&mut changes).await?;
        Ok(changes)
    }

    /// Notes the state before each of these events, once it is stable.
    async fn note_states(&self, changes: &mut [Change<'run>]) -> Result<(), Stop> {
        for change in changes {
            change.before = change.state(|_| true).await?;
        }
        Ok(())
    }

    /// Number of the purchase's item as soon as this holds of it, or will not come to hold.
    async fn owned_of(
        &self,
        purchase: &Purchase,
        holds: impl Fn(Option<i64>) -> bool,
    ) -> Result<Option<i64>, Stop> {
        let part = |view: &View| PurchaseState::of(view, purchase).owned;
        let seen =
            self.effects.watch(self.effects.shown(), &self.user, part, |seen| holds(*seen)).await;
        seen.map_err(Stop::Broken)
    }

    /// An event of a purchase of its own, once everything before it was delivered.
    async fn prepared(&'run self, (kind, mode): Kind) -> Result<Change<'run>, Stop> {
        let session = self.session;
        let item = session.free_item(self).unwrap_or_else(|| self.sku.clone());
        let purchase = session.purchase_of(&self.user, vec![(item, QUANTITY)]);
        let mut owned_first = self.owned_of(&purchase, |_| true).await?;
        if let (TAKES_BACK, Some(owned)) = (kind, owned_first) {
            // Another order of the item, so that a second revocation shows.
            let quantity = i64::try_from(QUANTITY).unwrap_or(i64::MAX);
            let kept = session.purchase_of(&self.user, purchase.items.clone());
            for bought in [&kept, &purchase] {
                session.twin(&session.telling(bought, GRANTS, mode).await?).await?;
            }
            owned_first = Some(owned + quantity);
            let granted = owned + 2 * quantity;
            if self.owned_of(&purchase, |seen| seen == Some(granted)).await? != Some(granted) {
                let reason = "the order was accepted, but not granted; see orders-granted";
                return Err(Stop::Inconclusive(reason.to_owned()));
            }
        }
        session.lead_up(&purchase, kind, mode).await?;
        let payload = purchase.tell(kind, mode);
        let payload = match kind {
            NotificationType::CreateSubscription => {
                payload.set("/subscription/date_next_charge", json!(CHARGED_AT[0]))
            }
            NotificationType::UpdateSubscription | NotificationType::NonRenewalSubscription => {
                payload.set("/subscription/date_next_charge", json!(CHARGED_AT[1]))
            }
            _ => payload,
        };
        let request = session.sign(payload.to_bytes());
        let before = PurchaseState { owned: None, transaction: None, subscription: None };
        Ok(Change { kind, mode, request, payload, before, owned_first, purchase, lane: self })
    }
}

impl Observable {
    fn leave_out(&mut self, reason: String) {
        self.left_out.get_or_insert(reason);
    }
}

impl Session<'_> {
    /// Returns true if the events of a purchase up to this type grant items.
    pub(crate) fn chain_grants(&self, (kind, mode): Kind) -> bool {
        kind == GRANTS || self.told_before(kind, mode).contains(&GRANTS)
    }
}
