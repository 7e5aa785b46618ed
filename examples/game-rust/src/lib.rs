//! The game: its players, what it sells, and the orders that it made itself.
//!
//! This is the file that a fork changes. Here the game is read from `game.json`; in yours, these methods
//! ask your own database or service.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context;
use hookproof_listener::{
    Decimal, Game, Grant, Item, NotSold, Offer, Purchase, Unavailable, Unexpected,
};
use serde::Deserialize;

/// What the game knows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MyGame {
    /// The nickname of each player, by id.
    players: BTreeMap<String, String>,
    /// What is sold, by SKU.
    articles: BTreeMap<String, Article>,
    /// The orders that the game made itself, by the `external_id` that it gave them.
    orders: BTreeMap<String, Order>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Article {
    name: String,
    /// What one of it gives, and how many.
    gives: BTreeMap<String, i64>,
    /// Shown to players alone.
    #[serde(default)]
    not_to_visitors: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    player: String,
    amount: String,
    currency: String,
}

impl MyGame {
    /// Reads the game, and refuses one whose prices cannot be read.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the game `{}`", path.display()))?;
        let game: Self = serde_json::from_str(&text)
            .with_context(|| format!("`{}` is not a game", path.display()))?;
        for (id, order) in &game.orders {
            let price = order.amount.parse::<Decimal>();
            price.with_context(|| format!("the order `{id}` has no price"))?;
        }
        Ok(game)
    }
}

impl Game for MyGame {
    async fn find_user(&self, id: &str) -> Result<bool, Unavailable> {
        Ok(self.players.contains_key(id))
    }

    async fn search_user(&self, public_id: &str) -> Result<Option<String>, Unavailable> {
        let found = self.players.iter().find(|(_, nickname)| *nickname == public_id);
        Ok(found.map(|(id, _)| id.clone()))
    }

    async fn catalogue(&self, user: Option<&str>) -> Result<Vec<Offer>, Unavailable> {
        let shown =
            self.articles.iter().filter(|(_, article)| user.is_some() || !article.not_to_visitors);
        let offers = shown.map(|(sku, article)| Offer {
            sku: sku.clone(),
            name: Some(article.name.clone()),
            ..Offer::default()
        });
        Ok(offers.collect())
    }

    /// An order of the game's own must be one that it made, for this player and at this price. What is
    /// sold out of Xsolla's catalogue has no `external_id`, and Xsolla sets its price.
    async fn expect(&self, purchase: &Purchase<'_>) -> Result<(), Unexpected> {
        let Some(id) = purchase.external_id else { return Ok(()) };
        let order = self.orders.get(id).ok_or(Unexpected::Invoice)?;
        if purchase.user.is_some_and(|user| user != order.player) {
            return Err(Unexpected::Invoice);
        }
        let Some(price) = purchase.price else { return Ok(()) };
        let expected = order.amount.parse::<Decimal>().map_err(|_| Unexpected::Amount)?;
        let currency = price.currency.as_deref().unwrap_or(&order.currency);
        if price.amount == expected && currency == order.currency {
            Ok(())
        } else {
            Err(Unexpected::Amount)
        }
    }

    /// Packs are opened when they are bought: the player receives what is in them. What a bundle of
    /// Xsolla's contains is listed beside it, and comes out of the bundle here.
    fn grant(&self, item: &Item<'_>, grants: &mut Vec<Grant>) -> Result<(), NotSold> {
        if item.is_bundle_content {
            return Ok(());
        }
        let article = self.articles.get(&*item.sku).ok_or(NotSold)?;
        for (sku, count) in &article.gives {
            let quantity = count.checked_mul(item.quantity).ok_or(NotSold)?;
            grants.push(Grant { sku: sku.clone(), quantity });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn game() -> MyGame {
        MyGame::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/game.json"))).unwrap()
    }

    #[test]
    fn a_pack_gives_what_is_in_it() {
        let item = |sku: &'static str| Item {
            sku: Cow::Borrowed(sku),
            quantity: 2,
            is_bundle_content: false,
        };
        let mut grants = Vec::new();
        game().grant(&item("starter_pack"), &mut grants).unwrap();
        let grant = |sku: &str, quantity| Grant { sku: sku.to_owned(), quantity };
        assert_eq!(grants, [grant("gold", 1000), grant("sword_01", 2)]);
        assert_eq!(game().grant(&item("dragon"), &mut grants), Err(NotSold));
    }
}
