//! Does the listener insist on the ids, prices or currency of its own project?

use hookproof_contract::{Mode, NotificationType, payload::Payload};
use serde_json::{Number, Value, json};

use super::Findings;
use crate::{
    answer::Reply,
    project::{self, Rule},
    session::{Run, Session},
};

/// Another currency than that of the examples.
const OTHER_CURRENCY: &str = "EUR";

/// Amounts of an order, which are text, and of a payment, which are numbers.
const AMOUNTS: [&str; 4] = [
    "/items/0/amount",
    "/order/amount",
    "/payment_details/payment/amount",
    "/billing/payment_details/payment/amount",
];

/// A change of a payload.
type Change = fn(Payload) -> Payload;

/// Notes the rules by which plain notifications are refused, with the flags to give.
pub(super) async fn rules(run: &Run<'_>, session: &Session<'_>, findings: &mut Findings) {
    let mut found = Vec::new();
    if let Some((kind, mode)) = findings.refused {
        found.extend(of_plain(session, kind, mode).await);
    }
    // The shortest notifications hold no ids of the project.
    let mut full = vec![NotificationType::UserValidation];
    let with_money = [NotificationType::Payment, NotificationType::OrderPaid];
    full.extend(with_money.into_iter().find(|kind| session.is_asked(*kind)));
    for kind in full {
        let modes = session.modes_of(kind).unwrap_or_default();
        if let Some(mode) = modes.last().filter(|_| found.is_empty()) {
            found.extend(of_full(session, kind, *mode).await);
        }
    }
    found.retain(|rule| !run.options.project.states(*rule));
    found.sort();
    found.dedup();
    if !found.is_empty() {
        findings.notes.push(project::advice(&found));
    }
    run.rules.replace(found);
}

/// Rules that a refusal of the shortest notification names, or that another value shows.
async fn of_plain(session: &Session<'_>, kind: NotificationType, mode: Mode) -> Vec<Rule> {
    let Some((payload, reply)) = refused(session, kind, mode, |it| it).await else {
        return Vec::new();
    };
    let accepts = async |change: Change| refused(session, kind, mode, change).await.is_none();
    // Who wants amounts in another form has no rule about prices.
    if accepts(in_other_form).await {
        return Vec::new();
    }
    let named = |rule: &Rule| rule.is_about(payload.value()) && rule.is_named_by(&reply);
    let named: Vec<Rule> = Rule::ALL.into_iter().filter(named).collect();
    if named.is_empty() && accepts(in_other_currency).await {
        return vec![Rule::Currency];
    }
    named
}

/// Rules by which a notification with every member is refused, while it is accepted without the ids.
async fn of_full(session: &Session<'_>, kind: NotificationType, mode: Mode) -> Vec<Rule> {
    let full: Change = |payload| payload;
    if refused_full(session, kind, mode, full).await.is_none() {
        return Vec::new();
    }
    let without: [(&[Rule], Change); 3] = [
        (&[Rule::ProjectId], |payload| {
            payload.remove("/settings/project_id").remove("/billing/settings/project_id")
        }),
        (&[Rule::MerchantId], |payload| {
            payload.remove("/settings/merchant_id").remove("/billing/settings/merchant_id")
        }),
        (&[Rule::ProjectId, Rule::MerchantId], |payload| {
            payload.remove("/settings").remove("/billing/settings")
        }),
    ];
    for (rules, change) in without {
        if refused_full(session, kind, mode, change).await.is_none() {
            return rules.to_vec();
        }
    }
    Vec::new()
}

/// Delivers the shortest notification of a new purchase, changed; gives both where it is refused.
async fn refused(
    session: &Session<'_>,
    kind: NotificationType,
    mode: Mode,
    change: Change,
) -> Option<(Payload, Reply)> {
    let purchase = session.before(kind, mode).await.ok()?;
    delivered(session, change(purchase.tell(kind, mode))).await
}

async fn refused_full(
    session: &Session<'_>,
    kind: NotificationType,
    mode: Mode,
    change: Change,
) -> Option<(Payload, Reply)> {
    let purchase = session.before(kind, mode).await.ok()?;
    delivered(session, change(purchase.tell_fully_of_one_item(kind, mode))).await
}

async fn delivered(session: &Session<'_>, payload: Payload) -> Option<(Payload, Reply)> {
    let reply = session.deliver(&session.sign(payload.to_bytes())).await.ok()?;
    reply.is_refusal().then_some((payload, reply))
}

/// The same amounts, as numbers where they are text and as text where they are numbers.
fn in_other_form(payload: Payload) -> Payload {
    AMOUNTS.iter().fold(payload, |payload, at| {
        let other = match payload.value().pointer(at) {
            Some(Value::String(text)) => text.parse::<Number>().ok().map(Value::Number),
            Some(Value::Number(number)) => Some(json!(number.to_string())),
            _ => None,
        };
        match other {
            Some(other) => payload.set(at, other),
            None => payload,
        }
    })
}

fn in_other_currency(payload: Payload) -> Payload {
    let project =
        project::Project { currency: Some(OTHER_CURRENCY.to_owned()), ..Default::default() };
    project.keep(payload, &[])
}
