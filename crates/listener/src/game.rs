//! The one trait that a fork changes: what the listener asks the game.

use std::{collections::BTreeSet, future::Future};

use crate::{decide::Grant, notification::Item};

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

/// A game of a few known users that sells everything.
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
}
