//! The one trait that a fork changes: what the listener asks the game.

use std::{collections::BTreeSet, future::Future};

use serde::Serialize;

use crate::{event::Grant, notification::Item};

/// Users of the [`DemoGame`] unless others are given. The last one is for senders that write
/// `user.id` as a number (clause USER-04).
pub const DEMO_USERS: [&str; 3] = ["player-1001", "player-2002", "1234567"];

/// The game behind the listener.
///
/// Nothing here takes anything back. What an order granted is written down with it, and its
/// cancellation takes back exactly that, whatever the game would grant by then.
pub trait Game: Send + Sync + 'static {
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

    /// What the player receives for one line of a paid order: appends it to `grants`.
    ///
    /// Depends on its arguments only, because a repeat must come to the same decision. By default
    /// every article is granted as itself. The contents of a bundle are listed *in addition to* the
    /// bundle, so only one of the two may be granted (clause ORDER-07): by default the bundle. A
    /// game that would rather hand out the contents appends those and skips the bundle.
    fn grant(&self, item: &Item<'_>, grants: &mut Vec<Grant>) -> Result<(), NotSold> {
        if !item.is_bundle_content {
            grants.push(Grant { sku: item.sku.clone().into_owned(), quantity: item.quantity });
        }
        Ok(())
    }
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
