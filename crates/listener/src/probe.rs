//! The probe: one read-only view of what the notifications did to a user.
//!
//! It exists for tests, which cannot see a grant in a 204, and for support. It is off unless a token
//! is set, since it tells a player's purchases to whoever may ask.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::store::View;

/// What opens the probe. Not printed by its `Debug` form.
pub(crate) struct Token(String);

impl Token {
    /// Takes a token that can stand in a query as it is: letters, digits and `-._~`, at least one.
    pub(crate) fn new(token: String) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        (!token.is_empty() && token.bytes().all(plain)).then_some(Self(token))
    }

    /// Is the token in the query (`token=…`) or in the header (`Bearer …`)? Each comparison takes
    /// the same time wherever the first difference is.
    pub(crate) fn opens(&self, query: Option<&str>, header: Option<&[u8]>) -> bool {
        let query = query.into_iter().flat_map(|query| query.split('&'));
        let presented = query
            .filter_map(|pair| pair.strip_prefix("token="))
            .map(str::as_bytes)
            .chain(header.and_then(|header| header.strip_prefix(b"Bearer ")));
        presented.into_iter().any(|presented| presented.ct_eq(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The answer: `spec/probe.schema.json`.
#[derive(Serialize)]
struct Report<'a> {
    user: &'a str,
    items: &'a BTreeMap<String, i64>,
    subscriptions: BTreeMap<i64, SubscriptionReport<'a>>,
    transactions: BTreeMap<i64, TransactionReport<'a>>,
}

#[derive(Serialize)]
struct SubscriptionReport<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
    state: &'a str,
    next_charge: Option<&'a str>,
}

#[derive(Serialize)]
struct TransactionReport<'a> {
    state: &'a str,
    refunds: i64,
}

/// A user's view as JSON.
pub(crate) fn report(user: &str, view: &View) -> String {
    let subscriptions = view.subscriptions.iter().map(|(id, seen)| {
        let (plan, next_charge) = (seen.plan.as_deref(), seen.next_charge.as_deref());
        (*id, SubscriptionReport { plan, state: &seen.state, next_charge })
    });
    let transactions = view
        .transactions
        .iter()
        .map(|(id, seen)| (*id, TransactionReport { state: &seen.state, refunds: seen.refunds }));
    let report = Report {
        user,
        items: &view.items,
        subscriptions: subscriptions.collect(),
        transactions: transactions.collect(),
    };
    serde_json::to_string(&report).expect("strings and integers always serialise")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{SubscriptionView, TransactionView};

    #[test]
    fn a_token_is_plain_and_not_empty() {
        assert!(Token::new("s3cret-._~".to_owned()).is_some());
        for token in ["", "a b", "a&b", "a%20", "é"] {
            assert!(Token::new(token.to_owned()).is_none(), "{token}");
        }
    }

    #[test]
    fn only_the_whole_token_opens() {
        let token = Token::new("s3cret".to_owned()).unwrap();
        assert!(token.opens(Some("token=s3cret"), None));
        assert!(token.opens(Some("x=1&token=s3cret"), None));
        assert!(token.opens(None, Some(b"Bearer s3cret")));
        assert!(token.opens(Some("token=wrong"), Some(b"Bearer s3cret")));
        for query in ["", "token=", "token=s3cre", "token=s3crets", "s3cret", "Token=s3cret"] {
            assert!(!token.opens(Some(query), Some(b"s3cret")), "{query}");
        }
        assert!(!token.opens(None, None));
    }

    #[test]
    fn the_report_is_the_published_format() {
        let mut view = View::default();
        view.items.insert("sword_01".to_owned(), 1);
        let paid = TransactionView { state: "paid".to_owned(), refunds: 0 };
        view.transactions.insert(2_105_000_001, paid);
        let active = |plan: Option<&str>, next_charge: Option<&str>| SubscriptionView {
            plan: plan.map(str::to_owned),
            state: "active".to_owned(),
            next_charge: next_charge.map(str::to_owned),
        };
        let moment = "2026-05-14T09:26:53+03:00";
        view.subscriptions.insert(55_501, active(Some("monthly"), Some(moment)));
        view.subscriptions.insert(55_502, active(None, None));
        assert_eq!(
            report("ada \"1\"", &view),
            concat!(
                r#"{"user":"ada \"1\"","items":{"sword_01":1},"subscriptions":{"55501":{"plan":"monthly","#,
                r#""state":"active","next_charge":"2026-05-14T09:26:53+03:00"},"#,
                r#""55502":{"state":"active","next_charge":null}},"#,
                r#""transactions":{"2105000001":{"state":"paid","refunds":0}}}"#
            )
        );
    }
}
