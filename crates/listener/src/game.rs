//! The one trait that a fork changes: what the listener asks the game.

use std::{collections::BTreeSet, future::Future};

use serde::Serialize;

use crate::{
    event::Grant,
    notification::{Item, Money, Order, Transaction},
};

/// Users of the [`DemoGame`] unless others are given. The last one is for senders that write
/// `user.id` as a number (clause USER-04).
pub const DEMO_USERS: [&str; 3] = ["player-1001", "player-2002", "1234567"];

/// The game behind the listener.
///
/// Nothing here takes anything back. What an order granted is written down with it, and its
/// cancellation takes back exactly that, whatever the game would grant by then.
pub trait Game: Send + Sync + 'static {
    /// Whether the game wants to be told what was granted and taken back: [`Game::hand_over`]. Where it
    /// does not, nothing is kept for it. Counts from the first order that comes after it became true.
    const HANDS_OVER: bool = false;

    /// Does this user exist? Ids are compared exactly (clause USER-08).
    ///
    /// Asked once for nearly every notification, so it must be quick; a game that cannot tell at
    /// the moment says [`Unavailable`], and the sender tries again (clause ANS-05).
    fn find_user(&self, id: &str) -> impl Future<Output = Result<bool, Unavailable>> + Send;

    /// Who has this public id: a nickname, an e-mail address, whatever the game lets payers type
    /// (clauses USER-10 and USER-11)? By default nobody has one.
    fn search_user(
        &self,
        public_id: &str,
    ) -> impl Future<Output = Result<Option<String>, Unavailable>> + Send {
        let _ = public_id;
        async { Ok(None) }
    }

    /// What a user may see in the store; `None` is a visitor who is not logged in (clause CATALOG-04).
    /// The user exists: [`Game::find_user`] said so. By default nothing, which is a legal answer.
    fn catalogue(
        &self,
        user: Option<&str>,
    ) -> impl Future<Output = Result<Vec<Offer>, Unavailable>> + Send {
        let _ = user;
        async { Ok(Vec::new()) }
    }

    /// Is this what the game expects: did it make the order that `external_id` names, and does the
    /// order cost this much (clauses ERR-07 and ERR-08)?
    ///
    /// Asked for each `payment` and `order_paid` that is new, before anything is recorded. What was
    /// recorded once is not asked about again, so an order may be forgotten when it is done. By
    /// default everything is expected: of what is sold out of Xsolla's catalogue, Xsolla sets the
    /// prices, and its test area invents the ids that it sends.
    fn expect(
        &self,
        purchase: &Purchase<'_>,
    ) -> impl Future<Output = Result<(), Unexpected>> + Send {
        let _ = purchase;
        async { Ok(()) }
    }

    /// What the player receives for one line of a paid order: appends it to `grants`.
    ///
    /// Asked for every delivery of the order, duplicates included. What the first delivery granted is
    /// recorded: a duplicate changes nothing, and is accepted even if the article is [`NotSold`] by then.
    /// By default every article is granted as itself. The contents of a bundle are listed *in addition
    /// to* the bundle, so only one of the two may be granted (clause ORDER-07): by default the bundle. A
    /// game that would rather hand out the contents appends those and skips the bundle.
    fn grant(&self, item: &Item<'_>, grants: &mut Vec<Grant>) -> Result<(), NotSold> {
        if !item.is_bundle_content {
            grants.push(Grant { sku: item.sku.clone().into_owned(), quantity: item.quantity });
        }
        Ok(())
    }

    /// Tells the game of an order that was granted or taken back, for a game whose inventories are not
    /// the listener's. Only where [`Game::HANDS_OVER`] is true.
    ///
    /// Each [`Handover`] comes at least once: until this has said `Ok`, and perhaps once more, if the
    /// listener ended before it had written that down. Its key is the same every time: the game does what
    /// a key says once, and remembers the key. Of one order, the grant has been accepted before the taking
    /// back comes for the first time.
    ///
    /// One comes after the other. So what is slow here, or [`Unavailable`], holds up the rest, though no
    /// webhook; and what a game can never do it has to accept all the same, and put aside. What takes
    /// longer than ten seconds is dropped, and counts as unavailable; then it is tried again, after a pause
    /// that doubles up to thirty seconds while the game accepts nothing.
    fn hand_over(
        &self,
        handover: &Handover,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send {
        let _ = handover;
        // Whoever wants to be told and does not listen loses nothing.
        async { Err(Unavailable) }
    }
}

/// An order that was granted or taken back: what [`Game::hand_over`] is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// Stands for this grant or this taking back, and no other one, for ever: `order-7/granted`,
    /// `order-7/taken-back`.
    pub key: String,
    /// The user who received it, also where the cancellation names another one.
    pub user: String,
    /// `order.id`.
    pub order: i64,
    /// What the order granted, as [`Game::grant`] said; all of it is taken back.
    pub grants: Vec<Grant>,
    /// Taken back; otherwise granted.
    pub taken_back: bool,
}

/// A purchase, as far as a game may know better: what `payment` or `order_paid` say of it.
///
/// In separate mode one purchase is told twice, and each notification says a part: `payment` knows the
/// game's own id, `order_paid` the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purchase<'a> {
    /// The user, where the notification says it. The game knows this user: it was asked.
    pub user: Option<&'a str>,
    /// The game's own id of the purchase, where the game gave it one when it asked for a token or made
    /// the order: `transaction.external_id`. None of what is sold out of Xsolla's catalogue has one.
    pub external_id: Option<&'a str>,
    /// The price, where the notification says it in a form that can be read: `purchase.total` of a
    /// payment, without what the payer paid besides; the whole of an order, in money or in a currency
    /// of the game.
    pub price: Option<&'a Money<'a>>,
    /// The lines of an order; empty for a payment, which does not list them.
    pub items: &'a [Item<'a>],
}

impl<'a> Purchase<'a> {
    pub(crate) fn of_payment(payment: &'a Transaction<'a>) -> Self {
        Self {
            user: payment.user.as_deref(),
            external_id: payment.bought.external_id.as_deref(),
            price: payment.bought.price.as_ref(),
            items: &[],
        }
    }

    pub(crate) fn of_order(order: &'a Order<'a>) -> Self {
        let external_id =
            order.billing.as_ref().and_then(|billing| billing.bought.external_id.as_deref());
        Self {
            user: Some(&order.user),
            external_id,
            price: order.price.as_ref(),
            items: &order.items,
        }
    }
}

/// Why a purchase is not what the game expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unexpected {
    /// The price is another one. Answered with `INCORRECT_AMOUNT` (clause ERR-07).
    #[error("the game knows another price of this purchase")]
    Amount,
    /// The game made no order of this `external_id`. Answered with `INCORRECT_INVOICE` (clause ERR-08).
    #[error("the game made no order of this id")]
    Invoice,
    /// The game cannot tell at the moment.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The game cannot be asked at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the game cannot be asked at the moment")]
pub struct Unavailable;

/// The game does not sell an article of the order. Answered with `INVALID_PARAMETER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the game does not sell an article of this order")]
pub struct NotSold;

/// An entry of a catalogue. What is none is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// The article.
    pub sku: String,
    /// What the store calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many the user may buy; none for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// From when it is sold: ISO 8601 with an offset (clause CATALOG-08).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_from: Option<String>,
    /// Until when it is sold, written in the same way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_until: Option<String>,
}

/// What a user of the [`DemoGame`] adds to the id to make a public id of it, so that `player-1001` is
/// found as `player-1001@example.org`.
pub const DEMO_PUBLIC_ID_SUFFIX: &str = "@example.org";

/// A game of a few known users that sells everything.
///
/// Everybody has a public id ([`DEMO_PUBLIC_ID_SUFFIX`]), and is offered three articles; the starter
/// pack once, and not to visitors.
#[derive(Debug, Clone)]
pub struct DemoGame {
    users: BTreeSet<String>,
}

impl DemoGame {
    /// A game of these users and no others.
    pub fn new(users: BTreeSet<String>) -> Self {
        Self { users }
    }
}

impl Game for DemoGame {
    async fn find_user(&self, id: &str) -> Result<bool, Unavailable> {
        Ok(self.users.contains(id))
    }

    async fn search_user(&self, public_id: &str) -> Result<Option<String>, Unavailable> {
        let id = public_id.strip_suffix(DEMO_PUBLIC_ID_SUFFIX);
        Ok(id.filter(|id| self.users.contains(*id)).map(str::to_owned))
    }

    async fn catalogue(&self, user: Option<&str>) -> Result<Vec<Offer>, Unavailable> {
        let offer = |sku: &str, name: &str| Offer {
            sku: sku.to_owned(),
            name: Some(name.to_owned()),
            ..Offer::default()
        };
        let mut offers = vec![offer("sword_01", "Sword"), offer("gold", "Gold")];
        if user.is_some() {
            offers.push(Offer { quantity: Some(1), ..offer("starter_pack", "Starter pack") });
        }
        Ok(offers)
    }
}
