//! Do subscriptions begin, go on and end as they are told? (clauses `SUB-*`)

mod begun;
mod ended;
mod renewed;

use hookproof_contract::{NotificationType, payload::Payload};
use serde_json::json;

pub(super) use begun::{AGAIN, CREATE_ACTIVATES, ID_FORMS, WITHOUT_PAYMENT};
pub(super) use ended::{CANCEL_ENDS_THAT_ONE, NON_RENEWAL_RUNS_ON, OF_UNKNOWN_ID};
pub(super) use renewed::{EVERY_RENEWAL_COUNTS, PLAN_CHANGE, REPEAT_EXTENDS_ONCE};

use crate::{Stop, effects::SubscriptionView, purchase::Purchase, session::Session, wire::Request};

/// Dates of charges, a month apart, that do not pass soon and fit every type of date.
const CHARGES: [&str; 4] = [
    "2036-04-14T09:26:53+03:00",
    "2036-05-14T09:26:53+03:00",
    "2036-06-14T09:26:53+03:00",
    "2036-07-14T09:26:53+03:00",
];

impl Session<'_> {
    /// What is told of a subscription that is charged next at this date.
    fn charged_at(&self, what: &Purchase, kind: NotificationType, date: &str) -> Payload {
        what.tell(kind, self.main_mode()).set("/subscription/date_next_charge", json!(date))
    }

    /// A subscription that began, and is charged next at this date.
    async fn begun(&self, date: &str) -> Result<Purchase, Stop> {
        let subscription = self.subscription();
        self.begin(&subscription, date).await?;
        Ok(subscription)
    }

    /// Begins a subscription; nothing can be said of it where that is refused.
    async fn begin(&self, subscription: &Purchase, date: &str) -> Result<(), Stop> {
        const KIND: NotificationType = NotificationType::CreateSubscription;
        self.lead_up(subscription, KIND, self.main_mode()).await?;
        let payload = self.charged_at(subscription, KIND, date);
        let reply = self.deliver(&self.sign(payload.to_bytes())).await?;
        if reply.is_success() {
            return Ok(());
        }
        Err(Stop::Inconclusive(format!("`{KIND}` is refused: {reply}")))
    }

    /// The update of a subscription after the payment for it, which has a transaction of its own.
    async fn renewal(&self, subscription: &Purchase, date: &str) -> Result<Request, Stop> {
        if self.is_asked(NotificationType::Payment) {
            let charge = subscription.clone().with_ids(self.fresh_id(), subscription.order);
            let payload = charge.tell(NotificationType::Payment, self.main_mode()).set(
                "/purchase/subscription",
                json!({
                    "plan_id": charge.plan,
                    "subscription_id": charge.order,
                    "date_next_charge": date,
                }),
            );
            let reply = self.deliver(&self.sign(payload.to_bytes())).await?;
            if !reply.is_success() {
                return Err(Stop::Inconclusive(format!("the charge is refused: {reply}")));
            }
        }
        let payload = self.charged_at(subscription, NotificationType::UpdateSubscription, date);
        Ok(self.sign(payload.to_bytes()))
    }

    /// Judges when a subscription is charged next.
    async fn expect_charge(
        &self,
        clause: &str,
        subscription: &Purchase,
        date: &str,
        request: &Request,
    ) -> Result<(), Stop> {
        let seen = self.settled_subscription(subscription, |seen| seen.is_charged_at(date)).await?;
        let Some(seen) = seen else { return Err(not_begun()) };
        let Some(next) = &seen.next_charge else {
            let reason = "the probe does not show when a subscription is charged next";
            return Err(Stop::NotObservable(reason.to_owned()));
        };
        if seen.is_charged_at(date) {
            return Ok(());
        }
        let expected = format!("the next charge at {date}");
        Err(self.violation(clause, expected, format!("the next charge at {next}"), request))
    }

    /// What the view shows of a subscription in one of these states, or in that which it keeps.
    async fn in_state(
        &self,
        subscription: &Purchase,
        states: &[&str],
    ) -> Result<Option<SubscriptionView>, Stop> {
        let holds = |seen: &SubscriptionView| states.iter().any(|state| seen.is(state));
        self.settled_subscription(subscription, holds).await
    }

    /// Waits until a subscription shows as active, or says that nothing follows from its end.
    async fn shows_active(&self, subscription: &Purchase) -> Result<(), Stop> {
        match self.in_state(subscription, &["active"]).await? {
            Some(seen) if seen.is("active") => Ok(()),
            Some(SubscriptionView { state: None, .. }) => {
                Err(Stop::NotObservable("the probe shows no states of subscriptions".to_owned()))
            }
            _ => Err(not_begun()),
        }
    }
}

/// The subscription that is asked about does not show.
fn not_begun() -> Stop {
    Stop::Inconclusive(
        "the subscription was accepted, but is not active; see subscriptions-create-activates"
            .to_owned(),
    )
}
