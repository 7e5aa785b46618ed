//! What a notification means: a pure function from a [`Notification`] to a [`Decision`].
//!
//! Nothing is looked up here. Whether the user exists, whether the event is new and what an earlier
//! event left behind is found out by those who carry the decision out.

use crate::{
    event::{Blocked, Charge, Content, Disputed, Event, PaidOrder, Subscribed},
    game::{Game, NotSold, Purchase},
    moment::Moment,
    notification::{
        BlocklistNews, Dispute, Money, Notification, Order, PartialRefund, Question, Subscription,
        SubscriptionStep, Transaction,
    },
};

/// What is to be done about a notification.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one lives at a time, on the stack of its request")]
pub(crate) enum Decision<'a> {
    /// The game is asked. Nothing changes.
    Ask(&'a Question<'a>),
    /// The event must be durable before the notification is acknowledged.
    Record {
        /// The user who must exist, or the notification is refused with `INVALID_USER`.
        user: Option<&'a str>,
        /// The purchase that the game may know better.
        purchase: Option<Purchase<'a>>,
        /// What happened.
        event: Event,
    },
    /// There is nothing that could be done.
    Acknowledge,
}

/// Decides. The game is asked only what an item of a paid order gives.
///
/// The user must exist for a payment, for an order and its cancellation, and where a subscription
/// begins or is renewed (clauses USER-06 and USER-14). Refunds, disputes and the end of a
/// subscription are recorded even if the user is gone by now: a refusal does not undo them (clause
/// REFUND-05).
pub(crate) fn decide<'a>(
    notification: &'a Notification<'a>,
    game: &impl Game,
) -> Result<Decision<'a>, NotSold> {
    let mut purchase = None;
    let (user, event) = match notification {
        Notification::Question(question) => return Ok(Decision::Ask(question)),
        Notification::Unknown(_) => return Ok(Decision::Acknowledge),
        Notification::Payment(payment) => {
            purchase = Some(Purchase::of_payment(payment));
            (payment.user.as_deref(), Event::Payment(charge(payment)))
        }
        Notification::Refund(refund) => (None, Event::Refund(charge(refund))),
        Notification::PartialRefund(refund) => (None, partial_refund(refund)),
        Notification::Declined { kind, transaction, user } => {
            let event = Event::Declined {
                kind: *kind,
                transaction: *transaction,
                user: owned(user.as_deref()),
            };
            (None, event)
        }
        Notification::Dispute(dispute) => (None, Event::Dispute(disputed(dispute))),
        Notification::Blocklist(news) => match blocked(news) {
            Some(entry) => (None, Event::Blocklist(entry)),
            // The set of actions is open: what is neither on nor off the list changes nothing.
            None => return Ok(Decision::Acknowledge),
        },
        Notification::Subscription(step, subscription) => {
            let user = match step {
                SubscriptionStep::Create | SubscriptionStep::Update => Some(&*subscription.user),
                SubscriptionStep::NonRenewal | SubscriptionStep::Cancel => None,
            };
            (user, Event::Subscription(*step, subscribed(subscription)))
        }
        // News about a card, whoever holds it (clause PAYMENT-10).
        Notification::Account(account) => {
            let (user, id) = (account.user.clone().into_owned(), account.id.clone().into_owned());
            (None, Event::Account { user, id, saved: account.saved })
        }
        Notification::OrderPaid(order) => {
            purchase = Some(Purchase::of_order(order));
            (Some(&*order.user), paid_order(order, game)?)
        }
        Notification::OrderCanceled(order) => {
            let user = order.user.clone().into_owned();
            (
                Some(&*order.user),
                Event::OrderCanceled { order: order.id, user, refund: billed(order) },
            )
        }
    };
    Ok(Decision::Record { user, purchase, event })
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn charge(transaction: &Transaction<'_>) -> Charge {
    Charge {
        transaction: transaction.id,
        user: owned(transaction.user.as_deref()),
        paid: transaction.paid.as_ref().map(Money::to_static),
        subscription: transaction.bought.subscription,
    }
}

/// A partial refund takes back no goods, since it does not say which ones it stands for (clause
/// REFUND-08).
fn partial_refund(refund: &PartialRefund<'_>) -> Event {
    let transaction = &refund.transaction;
    let paid = transaction.paid.as_ref().map(|paid| paid.amount);
    Event::PartialRefund {
        refund: charge(transaction),
        content: Content::of_partial_refund(refund.total, paid, refund.date.as_deref()),
    }
}

fn disputed(dispute: &Dispute<'_>) -> Disputed {
    Disputed {
        transaction: dispute.transaction,
        action: owned(dispute.action.as_deref()),
        kind: owned(dispute.kind.as_deref()),
        status: owned(dispute.status.as_deref()),
        reason: owned(dispute.reason.as_deref()),
    }
}

/// The entry that the news are about, if they say it and say what became of it.
fn blocked(news: &BlocklistNews<'_>) -> Option<Blocked> {
    let listed = match news.action.as_deref()? {
        "adding" => true,
        "removing" => false,
        _ => return None,
    };
    Some(Blocked {
        parameter: owned(news.parameter.as_deref())?,
        value: owned(news.value.as_deref())?,
        listed,
        reason: owned(news.reason.as_deref()),
        changed_ms: news.changed.as_ref().and_then(|moment| moment.instant_ms),
    })
}

fn subscribed(subscription: &Subscription<'_>) -> Subscribed {
    Subscribed {
        id: subscription.id,
        user: subscription.user.clone().into_owned(),
        plan: owned(subscription.plan.as_deref()),
        next_charge: subscription.next_charge.as_ref().map(Moment::to_static),
    }
}

/// The one source of grants. `payment` grants nothing, in whichever mode, so a purchase that is told
/// in two notifications cannot be granted twice (clause PAYMENT-02).
fn paid_order(order: &Order<'_>, game: &impl Game) -> Result<Event, NotSold> {
    let mut grants = Vec::with_capacity(order.items.len());
    for item in &order.items {
        game.grant(item, &mut grants)?;
    }
    Ok(Event::OrderPaid(PaidOrder {
        order: order.id,
        user: order.user.clone().into_owned(),
        invoice: order.invoice,
        payment: billed(order),
        grants,
    }))
}

/// The money side of a combined order: `billing` says it, and the invoice says the same number.
fn billed(order: &Order<'_>) -> Option<Charge> {
    let billing = order.billing.as_ref()?;
    Some(Charge {
        transaction: billing.transaction.or(order.invoice)?,
        user: Some(order.user.clone().into_owned()),
        paid: billing.paid.as_ref().map(Money::to_static),
        subscription: billing.bought.subscription,
    })
}

#[cfg(test)]
mod tests;
