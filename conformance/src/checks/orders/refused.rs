//! An order that is rejected grants nothing, not even its lines before the bad one.

use serde_json::{Value, json};

use super::lines::line;
use crate::{Check, Stop, check::Evidence, effects::GRANTS, session::Session};

/// A line that is examined only after those before it were granted leaves them behind.
pub(in crate::checks) static REFUSED_WHOLE: Check = Check {
    id: "orders-refused-whole",
    title: "grants nothing of an order that it rejects for one of its lines, and all of it once corrected",
    clauses: &["ORDER-16", "ORDER-03"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(refused_whole(session)),
};

/// An item that no game sells.
const UNKNOWN_SKU: &str = "hookproof_no_such_item";

/// Lines that a listener may reject an order for; each stands between two good ones.
fn bad_lines(sku: &str) -> [(&'static str, Value); 4] {
    let good = || line(sku, 1, json!("9.9900"));
    let mut no_quantity = good();
    no_quantity["quantity"] = json!({});
    let mut no_sku = good();
    no_sku["sku"] = Value::Null;
    [
        ("a line without an item", no_sku),
        ("a line without a quantity", no_quantity),
        ("a line that is text", json!("no line")),
        ("a line of an unknown item", line(UNKNOWN_SKU, 1, json!("9.9900"))),
    ]
}

async fn refused_whole<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        let lane = session.lane().await?;
        session.granted_first(&lane, &lane.purchase(1), mode).await?;
        for (name, bad) in bad_lines(&lane.sku) {
            session.asks((mode, name));
            let before = lane.all_settled().await?;
            let purchase = lane.purchase(1);
            let good = |quantity| line(&lane.sku, quantity, json!("9.9900"));
            let mixed = [good(1), bad, good(2)];
            let mixed = session.order_of(&purchase, mode, &mixed).await?;
            // One delivery: what fails is delivered again corrected, as a retry would be.
            if !session.send(&mixed).await.is_ok_and(|reply| !reply.is_success()) {
                continue;
            }
            let owned = lane.settles_at(&lane.user, before).await?;
            if owned != before {
                let expected = format!("nothing granted of the rejected order with {name}");
                let actual = format!("{} granted", owned - before);
                return Err(session.violation("ORDER-16", expected, actual, &mixed));
            }
            let right = session.order_of(&purchase, mode, &[good(1), good(2)]).await?;
            session.accepted("ORDER-03", &right).await?;
            let owned = lane.settles_at(&lane.user, before + 3).await?;
            if owned != before + 3 {
                let expected = format!("3 granted once the order came without {name}");
                let actual = format!("{} granted", owned - before);
                return Err(session.violation("ORDER-03", expected, actual, &right));
            }
        }
    }
    Ok(())
}
