//! Values of one project: the ids, prices and currency that its listener may insist on.
//!
//! A careful listener refuses another project's webhooks, and orders at prices that are not its own. The
//! suite makes those values up unless somebody names them: then every payload keeps to them, and what
//! deviates on purpose proves nothing when it is refused.

use std::collections::BTreeMap;

use hookproof_contract::{Mode, NotificationType, Secret, decimal::Decimal, payload::Payload};
use serde_json::{Map, Number, Value, json};

use crate::{answer::Reply, session::is_signed_by, wire::Request};

/// Values of the examples in `spec/`, which plain notifications have.
const PLAIN_PROJECT_ID: u64 = 40_001;
const PLAIN_MERCHANT_ID: u64 = 700;
const PLAIN_CURRENCY: &str = "USD";

/// Values of one project. The suite makes up those that are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// The id of the project in the Publisher Account.
    pub project_id: Option<u64>,
    /// The id of the merchant in the Publisher Account.
    pub merchant_id: Option<u64>,
    /// Prices of one of each item, by SKU.
    pub prices: BTreeMap<String, Decimal>,
    /// The currency of all real money, such as `EUR`.
    pub currency: Option<String>,
}

/// A rule of a careful listener, and the flag that lets the suite keep to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Webhooks of other projects are refused.
    ProjectId,
    /// Webhooks of other merchants are refused.
    MerchantId,
    /// Orders at other prices are refused.
    Price,
    /// Other currencies are refused.
    Currency,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ProjectId, Self::MerchantId, Self::Price, Self::Currency];

    /// The flag that lets the suite keep to the rule.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::ProjectId => "--project-id N",
            Self::MerchantId => "--merchant-id N",
            Self::Price => "--price SKU=AMOUNT",
            Self::Currency => "--currency CODE",
        }
    }

    /// The value that the suite makes up where the flag is not given.
    pub const fn subject(self) -> &'static str {
        match self {
            Self::ProjectId => "project id",
            Self::MerchantId => "merchant id",
            Self::Price => "prices",
            Self::Currency => "currency",
        }
    }

    /// Words of a refusal that is about it.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::ProjectId => &["project"],
            Self::MerchantId => &["merchant"],
            Self::Price => &["price", "amount"],
            Self::Currency => &["currency"],
        }
    }

    /// Members that the rule is about, as JSON pointers.
    const fn members(self) -> &'static [&'static str] {
        match self {
            Self::ProjectId => {
                &["/settings/project_id", "/billing/settings/project_id", "/event/project_id"]
            }
            Self::MerchantId => &["/settings/merchant_id", "/billing/settings/merchant_id"],
            Self::Price | Self::Currency => {
                &["/order", "/payment_details", "/purchase", "/billing", "/items"]
            }
        }
    }

    /// Returns true if a payload has a member that the rule is about.
    pub(crate) fn is_about(self, payload: &Value) -> bool {
        self.members().iter().any(|member| payload.pointer(member).is_some())
    }

    /// Returns true if a payload has another value than the plain notifications that were sent before
    /// the first check, and a rule about that value would refuse it.
    fn is_other_than_plain(self, payload: &Value) -> bool {
        let plain = match self {
            Self::ProjectId => Project { project_id: Some(PLAIN_PROJECT_ID), ..Project::default() },
            Self::MerchantId => {
                Project { merchant_id: Some(PLAIN_MERCHANT_ID), ..Project::default() }
            }
            Self::Currency => {
                Project { currency: Some(PLAIN_CURRENCY.to_owned()), ..Project::default() }
            }
            // A message about amounts may be about their form, and that is no rule of a project.
            Self::Price => return false,
        };
        let payload = Payload::from(payload.clone());
        plain.keep(payload.clone(), &[]) != payload
    }

    /// Returns true if the code or message of a refusal speaks of it.
    pub(crate) fn is_named_by(self, reply: &Reply) -> bool {
        let text = String::from_utf8_lossy(&reply.body).to_lowercase();
        self.words().iter().any(|word| text.contains(word))
    }
}

/// The payload with another value of a member that it has, unless the two are equal as numbers.
fn keep(payload: Payload, pointer: &str, value: Value) -> Payload {
    match payload.value().pointer(pointer) {
        None | Some(Value::Null) => payload,
        Some(known) if same_number(known, &value) => payload,
        Some(_) => payload.set(pointer, value),
    }
}

/// The payload with another amount in the place of one that it has. What is no number is no price.
fn keep_amount(payload: Payload, pointer: &str, amount: Value) -> Payload {
    match payload.value().pointer(pointer) {
        Some(known) if Decimal::from_value(known).is_ok() => keep(payload, pointer, amount),
        _ => payload,
    }
}

fn same_number(left: &Value, right: &Value) -> bool {
    let (left, right) = (Decimal::from_value(left), Decimal::from_value(right));
    left.is_ok() && left == right
}

impl Project {
    /// The payload of an event about these items, kept to what is right for the project. Nothing is added.
    #[must_use]
    pub fn keep(&self, mut payload: Payload, items: &[(String, u64)]) -> Payload {
        for (rule, id) in self.ids() {
            payload = rule.members().iter().fold(payload, |kept, at| keep(kept, at, json!(id)));
        }
        if let Some(currency) = &self.currency {
            let mut value = payload.into_value();
            set_currency(&mut value, currency);
            payload = Payload::from(value);
        }
        if self.prices.is_empty() { payload } else { self.keep_prices(payload, items) }
    }

    /// The same for an event of this type, with the ids of the project where the type documents them.
    #[must_use]
    pub(crate) fn complete(
        &self,
        kind: NotificationType,
        mode: Mode,
        payload: Payload,
        items: &[(String, u64)],
    ) -> Payload {
        let mut payload = payload;
        for (rule, id) in self.ids() {
            let full = Payload::full(kind, mode);
            let documented = rule.members().iter();
            let documented = documented.filter(|at| full.value().pointer(at).is_some());
            for at in documented {
                let mut extended = payload.clone();
                // A payload that has a text in the place of the settings has no place for an id.
                if payload.value().pointer(at).is_none_or(Value::is_null)
                    && extended.try_set(at, json!(id)).is_ok()
                {
                    payload = extended;
                }
            }
        }
        self.keep(payload, items)
    }

    fn ids(&self) -> impl Iterator<Item = (Rule, u64)> {
        let ids = [(Rule::ProjectId, self.project_id), (Rule::MerchantId, self.merchant_id)];
        ids.into_iter().filter_map(|(rule, id)| Some((rule, id?)))
    }

    fn keep_prices(&self, mut payload: Payload, bought: &[(String, u64)]) -> Payload {
        if payload.value().pointer("/order/currency_type").is_some_and(|it| it == "virtual") {
            return payload;
        }
        let items = payload.value().pointer("/items").and_then(Value::as_array).cloned();
        let sum = match items {
            Some(items) => {
                let mut sum = Some(Decimal::ZERO);
                for (place, item) in items.iter().enumerate() {
                    let line = self.line(item);
                    if let Some(line) = line {
                        let at = format!("/items/{place}/amount");
                        payload = keep_amount(payload, &at, json!(line.to_string()));
                    }
                    sum = sum.zip(line).and_then(|(sum, line)| sum.checked_add(line));
                }
                sum
            }
            None => self.total(bought),
        };
        let Some(sum) = sum.filter(|_| is_whole_purchase(payload.value())) else { return payload };
        payload = keep_amount(payload, "/order/amount", json!(sum.to_string()));
        let Ok(number) = sum.to_string().parse::<Number>() else { return payload };
        for place in ["", "/billing"] {
            for member in ["payment_details/payment", "purchase/checkout", "purchase/total"] {
                let at = format!("{place}/{member}/amount");
                payload = keep_amount(payload, &at, Value::Number(number.clone()));
            }
        }
        payload
    }

    /// The price of one line of an order: nothing where it is free, or says no price.
    fn line(&self, item: &Value) -> Option<Decimal> {
        if item.get("is_free").is_some_and(|it| *it == true)
            || item.get("amount").is_none_or(|amount| Decimal::from_value(amount).is_err())
        {
            return Some(Decimal::ZERO);
        }
        let price = self.prices.get(item.get("sku")?.as_str()?)?;
        let quantity = Decimal::from_value(item.get("quantity")?).ok()?.to_integer()?;
        times(*price, u64::try_from(quantity).ok()?)
    }

    /// The price of all that was bought, if that is known.
    fn total(&self, bought: &[(String, u64)]) -> Option<Decimal> {
        if bought.is_empty() {
            return None;
        }
        bought.iter().try_fold(Decimal::ZERO, |sum, (sku, quantity)| {
            sum.checked_add(times(*self.prices.get(sku)?, *quantity)?)
        })
    }

    /// Returns true if the flag of a rule was given.
    pub(crate) fn states(&self, rule: Rule) -> bool {
        match rule {
            Rule::ProjectId => self.project_id.is_some(),
            Rule::MerchantId => self.merchant_id.is_some(),
            Rule::Price => !self.prices.is_empty(),
            Rule::Currency => self.currency.is_some(),
        }
    }

    /// Returns the rule of a careful listener that explains a refusal, so that it proves nothing.
    ///
    /// `seen` are rules by which the listener refused plain notifications before the first check.
    pub(crate) fn explains(
        &self,
        request: &Request,
        reply: &Reply,
        secret: &Secret,
        seen: &[Rule],
    ) -> Option<String> {
        let code = reply.code();
        let other = ["INVALID_SIGNATURE", "INVALID_USER"];
        if !reply.is_refusal() || code.is_some_and(|code| other.contains(&code.as_str())) {
            return None;
        }
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        // The Web Shop's question alone comes without a signature.
        let asks_unsigned =
            request.authorizations().next().is_none() && body.get("notification_type").is_none();
        if !is_signed_by(request, secret) && !asks_unsigned {
            return None;
        }
        if *self != Self::default() {
            let kept = self.keep(Payload::from(body.clone()), &[]);
            if *kept.value() != body {
                return Some(format!(
                    "the request does not keep to the project's settings: {reply}"
                ));
            }
        }
        let deviating = Rule::ALL.into_iter().filter(|rule| {
            !self.states(*rule) && rule.is_named_by(reply) && rule.is_other_than_plain(&body)
        });
        let deviating: Vec<Rule> = deviating.collect();
        if !deviating.is_empty() {
            return Some(format!("{}: it answers {reply}", advice(&deviating)));
        }
        let open = seen.iter().filter(|rule| !self.states(**rule) && rule.is_about(&body));
        let open: Vec<Rule> = open.copied().collect();
        let named: Vec<Rule> =
            open.iter().copied().filter(|rule| rule.is_named_by(reply)).collect();
        let rules = if named.is_empty() { open } else { named };
        (!rules.is_empty()).then(|| format!("{}: it answers {reply}", advice(&rules)))
    }
}

/// Rules that a listener seems to keep, and the flags to give.
pub(crate) fn advice(rules: &[Rule]) -> String {
    let joined = |name: fn(Rule) -> &'static str| {
        rules.iter().map(|rule| name(*rule)).collect::<Vec<_>>().join(" and ")
    };
    format!(
        "the listener refuses the {} that the suite made up: give its own with {}",
        joined(Rule::subject),
        joined(Rule::flag)
    )
}

/// Returns true for an event about all of a purchase, not a part of it.
fn is_whole_purchase(payload: &Value) -> bool {
    let kind = payload["notification_type"].as_str().unwrap_or_default();
    ["payment", "refund", "order_paid", "order_canceled"].contains(&kind)
}

/// Sets the currency of all real money.
fn set_currency(value: &mut Value, code: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| set_currency(item, code)),
        Value::Object(members) => {
            let is_virtual = members.get("currency_type").is_some_and(|it| it == "virtual");
            if !is_virtual && is_money(members) {
                members.insert("currency".to_owned(), json!(code));
            }
            // What the game itself put in is its own.
            let inner = members.iter_mut().filter(|(name, _)| !name.starts_with("custom_"));
            inner.for_each(|(_, value)| set_currency(value, code));
        }
        _ => (),
    }
}

fn is_money(members: &Map<String, Value>) -> bool {
    members.get("currency").is_some_and(Value::is_string)
}

/// A price, so many times; by doubling, as a decimal knows sums alone.
fn times(price: Decimal, mut quantity: u64) -> Option<Decimal> {
    let (mut sum, mut doubled) = (Decimal::ZERO, price);
    while quantity > 0 {
        if quantity % 2 == 1 {
            sum = sum.checked_add(doubled)?;
        }
        quantity /= 2;
        if quantity > 0 {
            doubled = doubled.checked_add(doubled)?;
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Project {
        Project {
            project_id: Some(777),
            merchant_id: Some(88),
            prices: [("sword_01".to_owned(), "4.99".parse().unwrap())].into(),
            currency: Some("EUR".to_owned()),
        }
    }

    #[test]
    fn payloads_keep_to_the_project() {
        let bought = [("sword_01".to_owned(), 3)];
        for kind in NotificationType::ALL {
            for mode in Mode::ALL {
                for payload in [Payload::minimal(kind, mode), Payload::full(kind, mode)] {
                    let kept = project().complete(kind, mode, payload, &bought).into_value();
                    let text = kept.to_string();
                    for made_up in ["40001", ":700", "USD"] {
                        assert!(!text.contains(made_up), "{made_up} in {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_order_costs_the_sum_of_its_lines() {
        let kind = NotificationType::OrderPaid;
        let order = Payload::minimal(kind, Mode::Combined).set("/items/0/quantity", 3);
        let kept = project().complete(kind, Mode::Combined, order, &[]).into_value();
        assert_eq!(kept["items"][0]["amount"], "14.97");
        assert_eq!(kept["order"]["amount"], "14.97");
        assert_eq!(kept["billing"]["payment_details"]["payment"]["amount"].to_string(), "14.97");
        assert_eq!(kept["billing"]["settings"], json!({"project_id": 777, "merchant_id": 88}));
        let payment = Payload::minimal(NotificationType::Payment, Mode::Separate);
        let bought = [("sword_01".to_owned(), 2)];
        let kept = project().keep(payment, &bought).into_value();
        assert_eq!(kept["payment_details"]["payment"]["amount"].to_string(), "9.98");
    }

    #[test]
    fn equal_amounts_keep_their_form() {
        let order = Payload::minimal(NotificationType::OrderPaid, Mode::Separate)
            .set("/items/0/amount", "4.9900")
            .set("/order/amount", "4.990");
        let kept = project().keep(order, &[]).into_value();
        assert_eq!(kept["items"][0]["amount"], "4.9900");
        assert_eq!(kept["order"]["amount"], "4.990");
    }

    #[track_caller]
    fn check(project: &Project, seen: &[Rule], status: u16, message: &str, expected: Option<&str>) {
        let secret = Secret::new("example-project-secret").unwrap();
        let body = Payload::full(NotificationType::Payment, Mode::Separate).to_bytes();
        let header = hookproof_contract::signature::authorization(&body, &secret);
        let reply = Reply {
            status,
            headers: Vec::new(),
            body: message.as_bytes().to_vec(),
            elapsed: std::time::Duration::ZERO,
            reusable: true,
            unasked: false,
        };
        let explained = |request| project.explains(&request, &reply, &secret, seen);
        let found = explained(Request::webhook(body.clone(), Some(&header)));
        assert_eq!(found.is_some(), expected.is_some(), "{found:?}");
        assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()));
        // A forged request is refused for its signature.
        assert_eq!(explained(Request::webhook(body, Some("Signature 0"))), None);
    }

    #[test]
    fn a_rule_explains_what_it_refuses() {
        let (open, stated) = (Project::default(), project());
        let seen = [Rule::ProjectId, Rule::Price];
        check(&open, &seen, 400, "wrong project", Some("--project-id N"));
        check(&open, &seen, 400, "wrong price", Some("--price SKU=AMOUNT"));
        check(&open, &seen, 400, "no", Some("--project-id N and --price SKU=AMOUNT"));
        check(&open, &[], 400, "wrong project", None);
        check(&open, &seen, 500, "wrong project", None);
        let user = r#"{"error":{"code":"INVALID_USER","message":"project"}}"#;
        check(&open, &seen, 400, user, None);
        check(&stated, &[], 400, "no", Some("does not keep to the project's settings"));
    }
}
