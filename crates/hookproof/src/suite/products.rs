//! Which notification types a listener must handle: `--product` and `--also`.

use hookproof_conformance::{
    Options,
    options::{PRODUCT, asks_web_shop, product, types_of},
};
use hookproof_contract::{
    Mode, NotificationType,
    spec::{Product, Spec, notification::WEB_SHOP_USER_VALIDATION},
};

use crate::{names, suite::cli::CheckArgs};

/// The word for every type.
const ALL: &str = "all";

/// A webhook: a notification type, or the Web Shop's question, which has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A notification type.
    Typed(NotificationType),
    /// The Web Shop's user validation.
    WebShop,
}

impl Kind {
    /// The name, as in `spec/notifications/`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Typed(kind) => kind.as_str(),
            Self::WebShop => WEB_SHOP_USER_VALIDATION,
        }
    }
}

/// One `--also`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Also {
    /// Everything that the contract knows.
    All,
    /// One more.
    One(Kind),
}

impl Also {
    /// The word, as on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::All => ALL,
            Self::One(kind) => kind.as_str(),
        }
    }
}

/// Reads the value of `--product`.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    let known = || Spec::embedded().products.iter().map(|product| product.id.as_str());
    if known().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    Err(format!("no such product; known are {}", known().collect::<Vec<_>>().join(", ")))
}

/// Reads the value of `--also`.
pub(crate) fn parse_also(text: &str) -> Result<Also, String> {
    if text == ALL { Ok(Also::All) } else { parse_kind(text).map(Also::One) }
}

/// Reads the name of a webhook.
pub(crate) fn parse_kind(text: &str) -> Result<Kind, String> {
    if text == WEB_SHOP_USER_VALIDATION {
        return Ok(Kind::WebShop);
    }
    text.parse().map(Kind::Typed).map_err(|_| {
        let known = NotificationType::ALL.map(NotificationType::as_str);
        let near = names::near(text, known.into_iter().chain([WEB_SHOP_USER_VALIDATION]));
        let advice = names::did_you_mean(&near).unwrap_or_else(|| {
            format!("known are {}, {WEB_SHOP_USER_VALIDATION}", known.join(", "))
        });
        format!("no such notification type; {advice}")
    })
}

/// Reads the name of a delivery mode.
pub(crate) fn parse_mode(text: &str) -> Result<Mode, String> {
    let known = Mode::ALL.map(Mode::as_str).join(", ");
    let found = Mode::ALL.into_iter().find(|mode| mode.as_str() == text);
    found.ok_or_else(|| format!("no such delivery mode; known are {known}"))
}

/// Asks for what the command line names. Where it names nothing, a target must serve the default
/// product; the reference listener serves everything.
pub(crate) fn require(options: &mut Options, args: &CheckArgs) {
    let reference = args.target.is_empty();
    let silent = args.product.is_empty() && args.also.is_empty();
    let all = args.also.contains(&Also::All) || (reference && silent);
    let names = if args.product.is_empty() { vec![PRODUCT] } else { words(&args.product) };
    let products: Vec<&Product> = names.into_iter().filter_map(product).collect();
    let also: Vec<NotificationType> = NotificationType::ALL
        .into_iter()
        .filter(|kind| all || args.also.contains(&Also::One(Kind::Typed(*kind))))
        .collect();
    options.types = types_of(&products, &also, &options.modes);
    options.web_shop =
        all || asks_web_shop(&products) || args.also.contains(&Also::One(Kind::WebShop));
}

fn words(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
