//! A recorded event is accepted for ever: no rejection of a verified webhook precedes the look-up.

use std::sync::{Arc, Mutex, PoisonError};

use hookproof_contract::{Mode, NotificationType as Type, payload::Payload};
use hookproof_listener::{Game, Grant, Item, NotSold, Purchase, Unavailable, Unexpected};

use super::Listener;
use crate::support::{Reply, USER, order_canceled, order_paid, payment, subscription};

/// Why the game takes no purchase at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    UnknownUser,
    NotSold,
    Amount,
    Invoice,
    Away,
}

impl Refusal {
    const ALL: [Self; 5] =
        [Self::UnknownUser, Self::NotSold, Self::Amount, Self::Invoice, Self::Away];

    /// The error code of a new event; `None` for 503.
    fn code(self) -> Option<&'static str> {
        match self {
            Self::UnknownUser => Some("INVALID_USER"),
            Self::NotSold => Some("INVALID_PARAMETER"),
            Self::Amount => Some("INCORRECT_AMOUNT"),
            Self::Invoice => Some("INCORRECT_INVOICE"),
            Self::Away => None,
        }
    }

    /// Types for whose new events the game is asked this.
    fn concerns(self, kind: Type) -> bool {
        let buys = [Type::Payment, Type::OrderPaid].contains(&kind);
        let names_a_user = buys
            || [Type::OrderCanceled, Type::CreateSubscription, Type::UpdateSubscription]
                .contains(&kind);
        match self {
            Self::UnknownUser | Self::Away => names_a_user,
            Self::NotSold => kind == Type::OrderPaid,
            Self::Amount | Self::Invoice => buys,
        }
    }
}

/// A game that accepts every purchase, or refuses every one; clones are the same game.
#[derive(Debug, Clone, Default)]
struct Shop {
    refusal: Arc<Mutex<Option<Refusal>>>,
}

impl Shop {
    fn set(&self, refusal: Option<Refusal>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    fn refusal(&self) -> Option<Refusal> {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Game for Shop {
    async fn find_user(&self, id: &str) -> Result<bool, Unavailable> {
        match self.refusal() {
            Some(Refusal::Away) => Err(Unavailable),
            Some(Refusal::UnknownUser) => Ok(false),
            _ => Ok(id == USER),
        }
    }

    async fn expect(&self, _: &Purchase<'_>) -> Result<(), Unexpected> {
        match self.refusal() {
            Some(Refusal::Amount) => Err(Unexpected::Amount),
            Some(Refusal::Invoice) => Err(Unexpected::Invoice),
            _ => Ok(()),
        }
    }

    fn grant(&self, item: &Item<'_>, grants: &mut Vec<Grant>) -> Result<(), NotSold> {
        if self.refusal() == Some(Refusal::NotSold) {
            return Err(NotSold);
        }
        grants.push(Grant { sku: item.sku.clone().into_owned(), quantity: item.quantity });
        Ok(())
    }
}

/// An event of each type and mode that is recorded under a key, each with this number.
fn events(id: i64) -> Vec<(Type, Payload)> {
    let transaction = |kind| {
        let payload = Payload::minimal(kind, Mode::Separate).set("/transaction/id", id);
        (kind, payload.set("/user/id", USER))
    };
    let mut events = vec![
        (Type::Payment, payment(id)),
        transaction(Type::Refund),
        transaction(Type::PartialRefund),
        transaction(Type::PsDeclined),
        transaction(Type::AfsReject),
        (Type::Dispute, transaction(Type::Dispute).1.remove("/user")),
    ];
    for kind in [
        Type::CreateSubscription,
        Type::UpdateSubscription,
        Type::NonRenewalSubscription,
        Type::CancelSubscription,
    ] {
        events.push((kind, subscription(kind, id, "monthly", 5)));
    }
    for (mode, order) in [(Mode::Separate, id), (Mode::Combined, id + 1)] {
        events.push((Type::OrderPaid, order_paid(mode, order, order, &[("gold", 5)])));
        events.push((Type::OrderCanceled, order_canceled(mode, order, order)));
    }
    events
}

/// The event with another member malformed or missing than those that make its key.
fn malformed(kind: Type, payload: &Payload) -> Payload {
    let payload = payload.clone();
    match kind {
        Type::Payment | Type::Refund => payload.remove("/payment_details"),
        Type::PartialRefund | Type::PsDeclined | Type::AfsReject => payload.set("/user/id", true),
        Type::Dispute => payload.set("/dispute/reason", true),
        Type::OrderPaid => payload.set("/items/0/quantity", 0),
        Type::OrderCanceled => payload.remove("/items"),
        _ => payload.remove("/user"),
    }
}

/// The member that holds the number.
fn number_of(kind: Type) -> &'static str {
    match kind {
        Type::OrderPaid | Type::OrderCanceled => "/order/id",
        Type::CreateSubscription
        | Type::UpdateSubscription
        | Type::NonRenewalSubscription
        | Type::CancelSubscription => "/subscription/subscription_id",
        _ => "/transaction/id",
    }
}

#[track_caller]
fn is_accepted(reply: &Reply, context: &str) {
    assert_eq!(reply.status, 204, "{context}: {reply:?}");
}

/// One lost answer, and one deployment that takes the article out of the catalogue.
#[tokio::test]
async fn duplicate_of_an_order_is_accepted_though_no_longer_sold() {
    let game = Shop::default();
    let listener = Listener::start_game(game.clone()).await;
    let order = order_paid(Mode::Separate, 1, 21, &[("gold", 5)]);
    listener.accepts(&order).await;
    game.set(Some(Refusal::NotSold));
    listener.accepts(&order).await;
    let new = order_paid(Mode::Separate, 2, 22, &[("gold", 5)]);
    listener.send(&new).await.is_error(400, "INVALID_PARAMETER");
}

#[tokio::test]
async fn duplicates_are_accepted_whatever_the_game_says_by_then() {
    let game = Shop::default();
    let listener = Listener::start_game(game.clone()).await;
    for (_, event) in events(100) {
        listener.accepts(&event).await;
    }
    for (place, refusal) in (1..).zip(Refusal::ALL) {
        game.set(Some(refusal));
        for (kind, event) in events(100) {
            is_accepted(&listener.send(&event).await, &format!("{kind}, {refusal:?}"));
        }
        for (kind, new) in events(100 + 10 * place) {
            let reply = listener.send(&new).await;
            match refusal.code() {
                _ if !refusal.concerns(kind) => {
                    is_accepted(&reply, &format!("{kind}, {refusal:?}"));
                }
                Some(code) => reply.is_error(400, code),
                None => assert_eq!(reply.status, 503, "{kind}: {reply:?}"),
            }
        }
    }
}

#[tokio::test]
async fn duplicates_are_accepted_though_malformed_if_the_key_can_be_read() {
    let listener = Listener::start().await;
    for (kind, event) in events(100) {
        let broken = malformed(kind, &event);
        listener.send(&broken).await.is_error(400, "INVALID_PARAMETER");
        listener.accepts(&event).await;
        is_accepted(&listener.send(&broken).await, kind.as_str());
        // Without its key it cannot be looked up.
        let unknown = broken.set(number_of(kind), "none");
        listener.send(&unknown).await.is_error(400, "INVALID_PARAMETER");
        let unknown = event.remove(number_of(kind));
        listener.send(&unknown).await.is_error(400, "INVALID_PARAMETER");
    }
    assert_eq!(listener.items().await, serde_json::json!({}));
}
