//! What the view shows of a subscription.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{View, buyer};
use crate::{Stop, moment, purchase::Purchase, session::Session};

/// What the view shows of one subscription. What is missing is not observable.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SubscriptionView {
    /// The plan.
    pub plan: Option<String>,
    /// `active`, `non_renewing` or `canceled`.
    pub state: Option<String>,
    /// When it is charged next; null if never again.
    #[serde(default, deserialize_with = "present")]
    pub next_charge: Option<Value>,
}

/// A member that is there, null or not.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl SubscriptionView {
    /// Whether it is in this state.
    pub fn is(&self, state: &str) -> bool {
        self.state.as_deref() == Some(state)
    }

    /// Whether the next charge is at this moment, however it is written.
    pub fn is_charged_at(&self, date: &str) -> bool {
        let shown = self.next_charge.as_ref().and_then(Value::as_str);
        shown.is_some_and(|shown| shown == date || moment::same(shown, date))
    }
}

impl Session<'_> {
    /// A subscription with an id of its own, of the user whose effects are looked at.
    pub fn subscription(&self) -> Purchase {
        self.purchase_of(buyer(self.run.options), Vec::new())
    }

    /// What the view shows of a subscription once this holds of it, or will not come to hold.
    pub async fn settled_subscription(
        &self,
        subscription: &Purchase,
        holds: impl Fn(&SubscriptionView) -> bool,
    ) -> Result<Option<SubscriptionView>, Stop> {
        let key = subscription.order.to_string();
        let part = |view: &View| view.subscriptions.as_ref().map(|all| all.get(&key).cloned());
        let holds = |seen: &Option<Option<SubscriptionView>>| {
            seen.as_ref().and_then(Option::as_ref).is_some_and(&holds)
        };
        let (effects, since) = (self.effects()?, self.trace.last_sent());
        let seen = effects.watch(effects.stable(since), &subscription.user, part, holds).await;
        seen.map_err(Stop::Broken)?
            .ok_or_else(|| Stop::NotObservable("the probe shows no subscriptions".to_owned()))
    }
}
