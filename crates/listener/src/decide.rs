//! What a notification means: a pure function from a [`Notification`] to a [`Decision`].
//!
//! Nothing is looked up here. Whether the user exists, whether the event is new and what an earlier
//! event left behind is found out by those who carry the decision out.

use hookproof_contract::NotificationType;

use crate::{
    game::{Game, NotSold},
    notification::{Money, Notification, Order, OrderId, Transaction, TransactionId},
};

/// What is to be done about a notification, in this order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Decision<'a> {
    /// The user who must exist, or the notification is refused with `INVALID_USER`.
    pub(crate) user: Option<&'a str>,
    /// What must be durable before the notification is acknowledged.
    pub(crate) event: Option<Event>,
}

/// Something that happened, and is recorded once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// Money came in.
    Payment(Charge),
    /// The money of a whole transaction went back.
    Refund(Charge),
    /// An order was paid: its items are granted.
    OrderPaid(PaidOrder),
    /// An order was cancelled: what it granted is taken back.
    OrderCanceled {
        /// The order.
        order: OrderId,
        /// Its user.
        user: String,
        /// The refund, in combined mode.
        refund: Option<Charge>,
    },
}

/// What makes two deliveries the same event.
pub(crate) type Key = (NotificationType, i64);

impl Event {
    /// Its type and its number (clause IDEM-04).
    ///
    /// `payment` and `refund` share the number of the transaction, and orders have numbers of their
    /// own, so the number alone would take one event for a repeat of another. An order counts by its
    /// own number in both modes, since in separate mode it names no transaction (clause IDEM-10).
    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Payment(charge) => (NotificationType::Payment, charge.transaction.0),
            Self::Refund(charge) => (NotificationType::Refund, charge.transaction.0),
            Self::OrderPaid(paid) => (NotificationType::OrderPaid, paid.order.0),
            Self::OrderCanceled { order, .. } => (NotificationType::OrderCanceled, order.0),
        }
    }
}

/// The money side of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    /// The transaction.
    pub(crate) transaction: TransactionId,
    /// The user, if the notification says it.
    pub(crate) user: Option<String>,
    /// What the user paid or got back.
    pub(crate) paid: Option<Money<'static>>,
}

/// The goods side of a paid order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaidOrder {
    /// The order.
    pub(crate) order: OrderId,
    /// The user who receives the items.
    pub(crate) user: String,
    /// The transaction that paid, if there was one.
    pub(crate) invoice: Option<TransactionId>,
    /// The payment, in combined mode.
    pub(crate) payment: Option<Charge>,
    /// What the game grants.
    pub(crate) grants: Vec<Grant>,
}

/// So many of an article, put into a player's inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The article.
    pub sku: String,
    /// How many; at least one.
    pub quantity: i64,
}

/// Decides. The game is asked only what an item of a paid order gives.
pub(crate) fn decide<'a>(
    notification: &'a Notification<'_>,
    game: &impl Game,
) -> Result<Decision<'a>, NotSold> {
    Ok(match notification {
        Notification::UserValidation { user } => Decision { user: Some(user), event: None },
        Notification::Payment(payment) => {
            Decision { user: payment.user.as_deref(), event: Some(Event::Payment(charge(payment))) }
        }
        // The money has gone back already, and an error would not stop it (clause REFUND-05). So a
        // refund is recorded even if the user is gone by now.
        Notification::Refund(refund) => {
            Decision { user: None, event: Some(Event::Refund(charge(refund))) }
        }
        // `payment` grants nothing, in whichever mode: the one source of grants is the order, so a
        // purchase that is told in two notifications cannot be granted twice (clause PAYMENT-02).
        Notification::OrderPaid(order) => {
            let mut grants = Vec::with_capacity(order.items.len());
            for item in &order.items {
                game.grant(item, &mut grants)?;
            }
            Decision {
                user: Some(&order.user),
                event: Some(Event::OrderPaid(PaidOrder {
                    order: order.id,
                    user: order.user.clone().into_owned(),
                    invoice: order.invoice,
                    payment: billed(order),
                    grants,
                })),
            }
        }
        Notification::OrderCanceled(order) => Decision {
            user: Some(&order.user),
            event: Some(Event::OrderCanceled {
                order: order.id,
                user: order.user.clone().into_owned(),
                refund: billed(order),
            }),
        },
        Notification::Other(_) | Notification::Unknown(_) => Decision::default(),
    })
}

fn charge(transaction: &Transaction<'_>) -> Charge {
    Charge {
        transaction: transaction.id,
        user: transaction.user.as_deref().map(str::to_owned),
        paid: transaction.paid.as_ref().map(Money::to_static),
    }
}

/// The money side of a combined order: `billing` says it, and the invoice says the same number.
fn billed(order: &Order<'_>) -> Option<Charge> {
    let billing = order.billing.as_ref()?;
    Some(Charge {
        transaction: billing.transaction.or(order.invoice)?,
        user: Some(order.user.clone().into_owned()),
        paid: billing.paid.as_ref().map(Money::to_static),
    })
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, collections::BTreeSet};

    use super::*;
    use crate::{game::DemoGame, parse::parse};

    const ORDER: &str = r#""order":{"id":7,"invoice_id":"21"},"user":{"external_id":"ada"},
        "items":[{"sku":"pack","quantity":1,"is_bundle_content":false},
                 {"sku":"gold","quantity":500,"is_bundle_content":true},
                 {"sku":"sword","quantity":2}]"#;

    #[track_caller]
    fn check(kind: &str, rest: &str, user: Option<&str>, event: Option<Event>) {
        let body = format!(r#"{{"notification_type":"{kind}",{rest}}}"#);
        let notification = parse(body.as_bytes()).unwrap();
        let game = DemoGame::new(BTreeSet::new());
        assert_eq!(decide(&notification, &game), Ok(Decision { user, event }));
    }

    fn charge(user: Option<&str>, amount: Option<&str>) -> Charge {
        Charge {
            transaction: TransactionId(21),
            user: user.map(str::to_owned),
            paid: amount.map(|amount| Money {
                amount: amount.parse().unwrap(),
                currency: Some(Cow::Borrowed("USD")),
            }),
        }
    }

    fn paid_order(payment: Option<Charge>) -> Event {
        let grant = |sku: &str, quantity| Grant { sku: sku.to_owned(), quantity };
        Event::OrderPaid(PaidOrder {
            order: OrderId(7),
            user: "ada".to_owned(),
            invoice: Some(TransactionId(21)),
            payment,
            grants: vec![grant("pack", 1), grant("sword", 2)],
        })
    }

    #[test]
    fn user_validation_is_free_of_effects() {
        check("user_validation", r#""user":{"id":"ada"}"#, Some("ada"), None);
    }

    #[test]
    fn money_is_recorded() {
        let rest = r#""transaction":{"id":21},"user":{"id":"ada"},
            "payment_details":{"payment":{"amount":9.90,"currency":"USD"}}"#;
        let charge = charge(Some("ada"), Some("9.90"));
        check("payment", rest, Some("ada"), Some(Event::Payment(charge.clone())));
        check("refund", rest, None, Some(Event::Refund(charge)));
    }

    #[test]
    fn orders_grant_bundles_without_their_contents() {
        check("order_paid", ORDER, Some("ada"), Some(paid_order(None)));
    }

    #[test]
    fn combined_orders_carry_the_money_too() {
        let amount = r#"{"payment":{"amount":"9.90","currency":"USD"}}"#;
        let both = format!(
            r#"{ORDER},"billing":{{"transaction":{{"id":"21"}},"payment_details":{amount}}}"#
        );
        let payment = Some(charge(Some("ada"), Some("9.90")));
        check("order_paid", &both, Some("ada"), Some(paid_order(payment)));

        let invoice_only = format!(r#"{ORDER},"billing":{{}}"#);
        let refund = Some(charge(Some("ada"), None));
        let canceled = Event::OrderCanceled { order: OrderId(7), user: "ada".to_owned(), refund };
        check("order_canceled", &invoice_only, Some("ada"), Some(canceled));
    }

    #[test]
    fn other_types_have_no_effect() {
        check("dispute", r#""user":{"id":"ada"}"#, None, None);
        check("made_up", r#""user":{"id":"ada"}"#, None, None);
    }

    #[test]
    fn the_key_includes_the_type() {
        let (payment, refund) =
            (Event::Payment(charge(None, None)), Event::Refund(charge(None, None)));
        assert_eq!(payment.key(), (NotificationType::Payment, 21));
        assert_eq!(refund.key(), (NotificationType::Refund, 21));
        assert_eq!(paid_order(None).key(), (NotificationType::OrderPaid, 7));
    }
}
