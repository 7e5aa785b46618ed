//! The flags that say what is right for one project.

use std::time::Duration;

use clap::{Args, builder::NonEmptyStringValueParser};
use hookproof_conformance::project::Project;
use hookproof_contract::decimal::Decimal;

use crate::durations;

/// The price of one of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Price {
    sku: String,
    amount: Decimal,
}

/// Values of one project: every generated payload keeps to them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Project")]
pub(crate) struct ProjectArgs {
    /// The project's id in the Publisher Account, for a listener that refuses other projects'
    /// webhooks.
    #[arg(long, value_name = "N")]
    pub(crate) project_id: Option<u64>,
    /// The merchant's id in the Publisher Account, for a listener that refuses other merchants'
    /// webhooks.
    #[arg(long, value_name = "N")]
    pub(crate) merchant_id: Option<u64>,
    /// The price of one of an item, for a listener that refuses other prices; repeatable, or several
    /// with commas between. A line of an order costs the price times the quantity.
    #[arg(long, value_name = "SKU=AMOUNT", value_parser = Price::parse, value_delimiter = ',')]
    pub(crate) price: Vec<Price>,
    /// The currency of all prices, such as EUR, for a listener that refuses others.
    #[arg(long, value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) currency: Option<String>,
    /// How long an effect may take to show in the probe, for a listener that grants later than it
    /// answers.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = durations::parse)]
    pub(crate) probe_delay: Duration,
}

impl Price {
    fn parse(text: &str) -> Result<Self, String> {
        let (sku, amount) =
            text.rsplit_once('=').ok_or("expected SKU=AMOUNT, as in `gold=4.99`")?;
        let amount: Decimal = amount.parse().map_err(|error| format!("`{amount}`: {error}"))?;
        if sku.is_empty() || amount.is_negative() {
            return Err("expected an item and a price that is not below zero".to_owned());
        }
        Ok(Self { sku: sku.to_owned(), amount })
    }
}

impl std::fmt::Display for Price {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.sku, self.amount)
    }
}

impl ProjectArgs {
    /// Returns the values of the flags.
    pub(crate) fn project(&self) -> Project {
        let prices = self.price.iter().map(|price| (price.sku.clone(), price.amount));
        Project {
            project_id: self.project_id,
            merchant_id: self.merchant_id,
            prices: prices.collect(),
            currency: self.currency.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_an_item_and_an_amount() {
        let parsed = |text: &str| Price::parse(text).map(|price| price.to_string());
        assert_eq!(parsed("gold=4.990"), Ok("gold=4.99".to_owned()));
        assert_eq!(parsed("a=b=0"), Ok("a=b=0".to_owned()));
        for text in ["gold", "=1", "gold=", "gold=-1", "gold=1,5", "gold=$1"] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }
}
