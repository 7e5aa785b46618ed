//! Do orders grant, and cancellations take back? (clauses `ORDER-*`)

mod grants;
mod lines;
mod refused;

use hookproof_contract::{Mode, NotificationType};
use serde_json::{Value, json};

pub(super) use grants::{CANCEL_WITHOUT_INVOICE, LARGE_QUANTITIES, NUMBER_LIKE_SKUS, RIGHT_USER};
pub(super) use lines::{
    AMOUNT_FORMS, BONUS_ITEMS, BUNDLE_ALONE, BUNDLE_NOT_TWICE, ITEM_VERSIONS,
    SAME_ITEM_ON_TWO_LINES,
};
pub(super) use refused::REFUSED_WHOLE;

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    purchase::Purchase,
    session::Session,
    wire::Request,
};

/// What was paid for is there.
pub(super) static GRANTED: Check = Check {
    id: "orders-granted",
    title: "grants each item in its quantity",
    clauses: &["ORDER-01", "ORDER-02", "ORDER-03"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(granted(session)),
};

async fn granted<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        for quantity in [1_u64, 3] {
            session.asks((mode, quantity));
            let lane = session.lane().await?;
            let before = lane.owned().await?;
            let request = session.telling(&lane.purchase(quantity), GRANTS, mode).await?;
            session.accepted("ORDER-03", &request).await?;
            let expected = before + i64::try_from(quantity).unwrap_or(i64::MAX);
            let owned = lane.settles_at(&lane.user, expected).await?;
            if owned != expected {
                let right = format!("{quantity} of the item granted");
                let actual = format!("{} granted", owned - before);
                return Err(session.violation("ORDER-03", right, actual, &request));
            }
        }
    }
    several_items(session).await
}

/// Two items in one order, where the game has two that can be told apart.
async fn several_items<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        let (lane, other) = match session.two_lanes().await {
            Err(Stop::NotObservable(_)) => return Ok(()),
            lanes => lanes?,
        };
        session.asks((mode, "two items"));
        let before = (lane.owned().await?, other.owned().await?);
        let mut purchase = lane.purchase(1);
        purchase.items.push((other.sku.clone(), 2));
        let request = session.telling(&purchase, GRANTS, mode).await?;
        session.accepted("ORDER-03", &request).await?;
        let owned = (
            lane.settles_at(&lane.user, before.0 + 1).await?,
            other.settles_at(&other.user, before.1 + 2).await?,
        );
        if owned != (before.0 + 1, before.1 + 2) {
            let actual = format!("{} and {} granted", owned.0 - before.0, owned.1 - before.1);
            return Err(session.violation(
                "ORDER-03",
                "1 and 2 of two items granted",
                actual,
                &request,
            ));
        }
    }
    Ok(())
}

impl Session<'_> {
    /// What is told of a purchase that was paid for with virtual currency.
    fn without_an_invoice(
        &self,
        purchase: &Purchase,
        kind: NotificationType,
        mode: Mode,
    ) -> Request {
        let payload = purchase
            .tell(kind, mode)
            .set("/order/invoice_id", Value::Null)
            .set("/order/currency_type", json!("virtual"))
            .set("/order/currency", json!("gold"))
            .set("/order/amount", json!("120"))
            .set("/items/0/amount", json!("120"))
            .remove("/billing");
        self.sign(payload.to_bytes())
    }
}

/// Who pays with virtual currency gets no invoice.
pub(super) static WITHOUT_INVOICE: Check = Check {
    id: "orders-without-invoice",
    title: "accepts and grants orders that have no invoice",
    clauses: &["ORDER-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(without_invoice(session)),
};

async fn without_invoice<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(GRANTS)?[0];
    let free = |purchase: &Purchase| session.without_an_invoice(purchase, GRANTS, mode);
    session.twin(&session.fresh(GRANTS, mode).await?).await?;
    session.asks("two orders without an invoice");
    for _ in 0..2 {
        session.accepted("ORDER-04", &free(&session.purchase())).await?;
    }
    if session.run.effects.is_none() {
        return Err(Stop::NotObservable(
            "orders without an invoice are accepted; that each is granted needs --probe".to_owned(),
        ));
    }
    let lane = session.lane().await?;
    let before = lane.owned().await?;
    let (first, second) = (free(&lane.purchase(1)), free(&lane.purchase(1)));
    session.accepted("ORDER-04", &first).await?;
    session.accepted("ORDER-04", &second).await?;
    let owned = lane.settles_at(&lane.user, before + 2).await?;
    if owned != before + 2 {
        let actual = format!("{} items", owned - before);
        return Err(session.violation(
            "ORDER-04",
            "2 items for two orders without an invoice",
            actual,
            &second,
        ));
    }
    Ok(())
}

/// Money went back; so do the goods.
pub(super) static CANCEL_TAKES_BACK: Check = Check {
    id: "orders-cancel-takes-back",
    title: "takes back what a cancelled order granted",
    clauses: &["ORDER-05", "ORDER-06", "ORDER-15"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(cancel_takes_back(session)),
};

async fn cancel_takes_back<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(TAKES_BACK)? {
        session.asks(mode);
        let lane = session.lane().await?;
        session.granted_first(&lane, &lane.purchase(1), mode).await?;
        let before = lane.owned().await?;
        let purchase = lane.purchase(2);
        session.granted_first(&lane, &purchase, mode).await?;
        let request = session.telling(&purchase, TAKES_BACK, mode).await?;
        session.accepted("ORDER-05", &request).await?;
        let owned = lane.settles_at(&lane.user, before).await?;
        if owned != before {
            let clause = if owned < before { "ORDER-15" } else { "ORDER-06" };
            let expected = format!("{before} of the item, as before the order");
            return Err(session.violation(clause, expected, owned, &request));
        }
    }
    Ok(())
}
