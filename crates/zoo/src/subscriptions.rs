//! Subscriptions: what a user has taken up, on which plan and until when.

use serde_json::{Value, json};

use crate::{event::Event, game::Game};

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// Who has it.
    pub(crate) user: String,
    /// What it is to.
    pub(crate) plan: Option<String>,
    /// How it stands.
    pub(crate) state: State,
    /// When it will be charged next, or would have been, as it was told.
    pub(crate) next_charge: Option<String>,
}

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It will be charged again.
    Active,
    /// It runs out on the day of the charge that will not come.
    NonRenewing,
    /// It is over.
    Canceled,
}

impl Subscription {
    /// In the probe's form.
    pub(crate) fn view(&self) -> Value {
        let state = match self.state {
            State::Active => "active",
            State::NonRenewing => "non_renewing",
            State::Canceled => "canceled",
        };
        let mut view = json!({ "state": state, "next_charge": self.next_charge });
        if let Some(plan) = &self.plan {
            view["plan"] = json!(plan);
        }
        view
    }
}

impl Game {
    /// Notes what an event tells of a subscription.
    pub(crate) fn subscribe(&mut self, event: &Event) {
        let (Some(id), Some(user)) = (event.subscription_id(), event.user.clone()) else { return };
        let plan = event.text("/subscription/plan_id");
        let next_charge = event.text("/subscription/date_next_charge");
        let known = self.subscriptions.get_mut(&id);
        let Some(own) = known else {
            // A subscription from before the integration is taken up by its first renewal.
            if matches!(event.kind.as_str(), "create_subscription" | "update_subscription") {
                let new = Subscription { user, plan, state: State::Active, next_charge };
                self.subscriptions.insert(id, new);
            }
            return;
        };
        match event.kind.as_str() {
            "cancel_subscription" => {
                own.state = State::Canceled;
                own.next_charge = None;
            }
            // What is over stays over: this is late.
            _ if own.state == State::Canceled => (),
            kind => {
                own.plan = plan.or_else(|| own.plan.take());
                own.next_charge = next_charge.or_else(|| own.next_charge.take());
                if kind == "non_renewal_subscription" {
                    own.state = State::NonRenewing;
                }
            }
        }
    }

    /// Is it the subscription of an event that was taken up?
    pub(crate) fn knows_subscription(&self, event: &Event) -> bool {
        event.subscription_id().is_some_and(|id| self.subscriptions.contains_key(&id))
    }
}
