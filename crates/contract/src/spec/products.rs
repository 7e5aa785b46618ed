//! Which product needs which types: `spec/products.toml`.

use serde::Deserialize;

use super::words::words;
use crate::{Mode, NotificationType};

/// A product of Xsolla, and what a listener must serve for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its name on the command line.
    pub id: String,
    /// Its name in the documents.
    pub title: String,
    /// Whether it needs webhooks at all.
    pub need: Need,
    /// What it needs them for.
    pub purpose: String,
    /// Types that must be served in both modes.
    pub required: Vec<NotificationType>,
    /// Types that must be served in separate mode and are optional in combined mode.
    pub required_when_separate: Vec<NotificationType>,
    /// Types that may be enabled.
    pub optional: Vec<NotificationType>,
    /// Whether it asks the Web Shop's question, which has no type.
    pub web_shop_validation: Need,
    /// Citations.
    pub sources: Vec<String>,
    /// What else a reader should know.
    pub note: Option<String>,
}

words! {
    /// How much a product depends on something.
    pub enum Need {
        /// It must be served.
        Required = "required",
        /// It may be enabled.
        Optional = "optional",
        /// It does not occur.
        Unused = "unused",
    }
}

impl Product {
    /// How much the product depends on a type, in a mode.
    pub fn needs(&self, kind: NotificationType, mode: Mode) -> Need {
        if self.required.contains(&kind) {
            Need::Required
        } else if self.required_when_separate.contains(&kind) {
            match mode {
                Mode::Separate => Need::Required,
                Mode::Combined => Need::Optional,
            }
        } else if self.optional.contains(&kind) {
            Need::Optional
        } else {
            Need::Unused
        }
    }

    /// Every type that stands in one of the three lists.
    pub(super) fn listed(&self) -> impl Iterator<Item = NotificationType> {
        [&self.required, &self.required_when_separate, &self.optional]
            .into_iter()
            .flatten()
            .copied()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductsFile {
    pub(super) product: Vec<Product>,
}
