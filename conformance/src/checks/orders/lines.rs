//! The lines of an order: marks, bundles, gifts, and one item on two of them.

use hookproof_contract::Mode;
use serde_json::{Value, json};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, Lane},
    purchase::Purchase,
    session::Session,
    wire::Request,
};

/// A line of version 1, without marks.
pub(super) fn line(sku: &str, quantity: u64, amount: Value) -> Value {
    json!({
        "sku": sku, "type": "virtual_good", "is_pre_order": false, "quantity": quantity,
        "amount": amount, "promotions": [],
    })
}

/// The line with the marks of version 2, and these set.
fn marked(mut line: Value, set: &[&str]) -> Value {
    for mark in ["is_free", "is_bonus", "is_bundle_content"] {
        line[mark] = json!(set.contains(&mark));
    }
    line
}

impl Session<'_> {
    /// The order of a purchase with these lines, once everything before it was told.
    pub(super) async fn order_of(
        &self,
        purchase: &Purchase,
        mode: Mode,
        lines: &[Value],
    ) -> Result<Request, Stop> {
        self.lead_up(purchase, GRANTS, mode).await?;
        let told = purchase.tell(GRANTS, mode).set("/items", json!(lines));
        Ok(self.sign(self.run.options.project.keep(told, &purchase.items).to_bytes()))
    }
}

/// The gift that sold the rest.
pub(in crate::checks) static BONUS_ITEMS: Check = Check {
    id: "orders-bonus-items",
    title: "grants free and bonus items like bought ones",
    clauses: &["ORDER-08"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(bonus_items(session)),
};

async fn bonus_items<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let wire = |purchase: &Purchase| {
        let bought = marked(line(session.sku(), 1, json!("9.9900")), &[]);
        let (sku, quantity) = &purchase.items[0];
        vec![bought, marked(line(sku, *quantity, json!("0")), &["is_free", "is_bonus"])]
    };
    for mode in session.modes_of(GRANTS)? {
        session.asks((mode, "a bonus"));
        session.twin(&session.fresh(GRANTS, mode).await?).await?;
        let purchase = session.purchase();
        let request = session.order_of(&purchase, mode, &wire(&purchase)).await?;
        session.accepted("ORDER-08", &request).await?;
        let (lane, gift) = session.two_lanes().await?;
        let before = (lane.owned().await?, gift.owned().await?);
        let lines = [
            marked(line(&lane.sku, 1, json!("9.9900")), &[]),
            marked(line(&gift.sku, 1, json!("0")), &["is_free"]),
            marked(line(&gift.sku, 2, json!("0")), &["is_free", "is_bonus"]),
        ];
        let request = session.order_of(&lane.purchase(1), mode, &lines).await?;
        session.accepted("ORDER-08", &request).await?;
        bought(&lane, before.0).await?;
        let owned = gift.settles_at(&gift.user, before.1 + 3).await?;
        if owned != before.1 + 3 {
            let actual = format!("{} granted", owned - before.1);
            return Err(session.violation("ORDER-08", "3 of the free item", actual, &request));
        }
    }
    Ok(())
}

/// Says that nothing follows where the item that was paid for is not granted.
async fn bought(lane: &Lane<'_>, before: i64) -> Result<(), Stop> {
    if lane.settles_at(&lane.user, before + 1).await? == before + 1 {
        return Ok(());
    }
    Err(Stop::Inconclusive("what was bought is not granted either; see orders-granted".to_owned()))
}

/// A map by item forgets one of them.
pub(in crate::checks) static SAME_ITEM_ON_TWO_LINES: Check = Check {
    id: "orders-same-item-on-two-lines",
    title: "grants every line of an order, also two of the same item",
    clauses: &["ORDER-09"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(same_item_on_two_lines(session)),
};

async fn same_item_on_two_lines<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks((mode, "one item on two lines"));
        let lane = session.lane().await?;
        let before = lane.owned().await?;
        let lines = [
            line(&lane.sku, 1, json!("9.9900")),
            line(&lane.sku, 2, json!("19.9800")),
            line(&lane.sku, 1, json!("9.9900")),
        ];
        let request = session.order_of(&lane.purchase(1), mode, &lines).await?;
        session.accepted("ORDER-09", &request).await?;
        let owned = lane.settles_at(&lane.user, before + 4).await?;
        if owned != before + 4 {
            let actual = format!("{} granted", owned - before);
            let expected = "4 granted for lines of 1, 2 and 1";
            return Err(session.violation("ORDER-09", expected, actual, &request));
        }
    }
    Ok(())
}

/// The version is chosen by a call that the listener does not see.
pub(in crate::checks) static ITEM_VERSIONS: Check = Check {
    id: "orders-item-versions",
    title: "accepts and grants items with and without the marks of version 2",
    clauses: &["ORDER-10", "ORDER-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(item_versions(session)),
};

async fn item_versions<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        let bare = || line(session.sku(), 1, json!("9.9900"));
        let variants = [
            bare(),
            marked(bare(), &[]),
            marked(bare(), &["is_free"]),
            marked(bare(), &["is_bonus"]),
        ];
        let (mut accepted, mut refused) = (false, None);
        for variant in variants {
            session.asks((mode, variant.get("is_free"), variant.get("is_bonus")));
            let request = session.order_of(&session.purchase(), mode, &[variant]).await?;
            match session.accepted("ORDER-10", &request).await {
                Err(stop @ Stop::Violation(_)) => refused = refused.or(Some(stop)),
                reply => {
                    reply?;
                    accepted = true;
                }
            }
        }
        // One form is the twin of the other.
        match refused {
            Some(stop) if accepted => return Err(stop),
            Some(_) => {
                let reason = "orders are refused with and without the marks";
                return Err(Stop::Inconclusive(reason.to_owned()));
            }
            None => (),
        }
    }
    if session.run.effects.is_some() { version_2_granted(session).await } else { Ok(()) }
}

/// Ordinary lines of version 2 carry all marks, and all of them are false.
async fn version_2_granted<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let lane = session.lane().await?;
    for mode in session.modes_of(GRANTS)? {
        session.asks((mode, "two lines of version 2"));
        session.granted_first(&lane, &lane.purchase(1), mode).await?;
        let before = lane.all_settled().await?;
        // Quantity, price and number of lines differ from each other.
        let lines = [
            marked(line(&lane.sku, 3, json!("4.0000")), &[]),
            marked(line(&lane.sku, 5, json!("7.0000")), &[]),
        ];
        let request = session.order_of(&lane.purchase(1), mode, &lines).await?;
        session.accepted("ORDER-10", &request).await?;
        let owned = lane.settles_at(&lane.user, before + 8).await?;
        if owned != before + 8 {
            let expected = "8 granted for lines of 3 and 5 whose marks are all false";
            let actual = format!("{} granted", owned - before);
            return Err(session.violation("ORDER-03", expected, actual, &request));
        }
    }
    Ok(())
}

/// The content is listed beside its bundle.
pub(in crate::checks) static BUNDLE_NOT_TWICE: Check = Check {
    id: "orders-bundle-not-twice",
    title: "does not grant a bundle and what is in it besides",
    clauses: &["ORDER-07"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(bundle_not_twice(session)),
};

async fn bundle_not_twice<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks((mode, "a bundle and its content"));
        let (lane, content) = session.two_lanes().await?;
        let before = (lane.owned().await?, content.owned().await?);
        let mut bundle = marked(line(&lane.sku, 1, json!("9.9900")), &[]);
        bundle["type"] = json!("bundle");
        let lines = [bundle, marked(line(&content.sku, 2, Value::Null), &["is_bundle_content"])];
        let request = session.order_of(&lane.purchase(1), mode, &lines).await?;
        session.twin(&request).await?;
        let shown = |granted: (i64, i64)| granted.0 + granted.1 > 0;
        let granted = content.settled_beside(&lane, before, shown).await?;
        if !shown(granted) {
            return Err(Stop::Inconclusive("neither of the two is granted".to_owned()));
        }
        if granted.1 > 2 || (granted.0 > 0 && granted.1 > 0) {
            let expected = "the bundle or its content, 2 of one item";
            let actual = format!("{} of the bundle and {} of its content", granted.0, granted.1);
            return Err(session.violation("ORDER-07", expected, actual, &request));
        }
    }
    Ok(())
}

/// A bundle whose content is not listed is all that the order has.
pub(in crate::checks) static BUNDLE_ALONE: Check = Check {
    id: "orders-bundle-alone",
    title: "grants an order that holds a bundle and nothing else",
    clauses: &["ORDER-07"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(bundle_alone(session)),
};

async fn bundle_alone<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let lane = session.lane().await?;
    for mode in session.modes_of(GRANTS)? {
        for version_2 in [false, true] {
            session.asks((mode, "a bundle alone", version_2));
            session.granted_first(&lane, &lane.purchase(1), mode).await?;
            let before = lane.all_settled().await?;
            let mut bundle = line(&lane.sku, 2, json!("9.9900"));
            if version_2 {
                bundle = marked(bundle, &[]);
            }
            bundle["type"] = json!("bundle");
            let request = session.order_of(&lane.purchase(1), mode, &[bundle]).await?;
            // Who rejects it drops nothing.
            if !session.deliver(&request).await?.is_success() {
                continue;
            }
            let owned = lane.settles_at(&lane.user, before + 2).await?;
            if owned == before {
                let expected = "the bundle granted, or the order rejected";
                return Err(session.violation("ORDER-07", expected, "0 granted", &request));
            }
        }
    }
    Ok(())
}

impl Lane<'_> {
    /// What was granted of another lane's item and of this one's, once that holds.
    async fn settled_beside(
        &self,
        other: &Lane<'_>,
        before: (i64, i64),
        holds: impl Fn((i64, i64)) -> bool,
    ) -> Result<(i64, i64), Stop> {
        let granted = |[others, own]: [i64; 2]| (others - before.0, own - before.1);
        let skus = [other.sku.as_str(), self.sku.as_str()];
        Ok(granted(self.settles_both(skus, |owned| holds(granted(owned))).await?))
    }
}

/// What is granted depends on item and quantity.
pub(in crate::checks) static AMOUNT_FORMS: Check = Check {
    id: "orders-amount-forms",
    title: "accepts an item's amount as text, as null and as the text [null]",
    clauses: &["ORDER-11", "PAYLOAD-04", "PAYLOAD-08"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(amount_forms(session)),
};

async fn amount_forms(session: &Session<'_>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.twin(&session.fresh(GRANTS, mode).await?).await?;
        for (clause, amount) in [
            ("PAYLOAD-08", json!("9.9900")),
            ("PAYLOAD-08", json!("10")),
            ("PAYLOAD-04", Value::Null),
            ("ORDER-11", json!("[null]")),
        ] {
            session.asks((mode, &amount));
            let lines = [line(session.sku(), 1, amount)];
            let request = session.order_of(&session.purchase(), mode, &lines).await?;
            session.accepted(clause, &request).await?;
        }
    }
    Ok(())
}
