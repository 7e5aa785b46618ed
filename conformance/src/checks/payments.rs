//! Do payments and their orders fit together? (clauses `PAYMENT-*`)

mod others;

use hookproof_contract::{Mode, NotificationType};

pub(super) use others::{
    ACCOUNTS_GRANT_NOTHING, DECLINED_GRANTS_NOTHING, OPTIONAL_PARTS, RECORDED, SUBSCRIPTION_CHARGE,
    WITHOUT_ORDER,
};

use crate::{Check, Stop, check::Evidence, effects::GRANTS, session::Session};

/// Two webhooks tell of one purchase.
pub(super) static AND_ORDER_GRANT_ONCE: Check = Check {
    id: "payments-and-order-grant-once",
    title: "grants once for the payment and the order of one purchase",
    clauses: &["PAYMENT-01", "PAYMENT-02"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(and_order_grant_once(session)),
};

async fn and_order_grant_once<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    session.modes_of(NotificationType::Payment)?;
    session.needs(GRANTS, Mode::Separate)?;
    let lane = session.lane().await?;
    let before = lane.owned().await?;
    let purchase = lane.purchase(1);
    session.asks("payment, then its order");
    let mut last = session.validation();
    for kind in [NotificationType::Payment, GRANTS] {
        last = session.sign(purchase.tell_fully_of_one_item(kind, Mode::Separate).to_bytes());
        session.accepted("PAYMENT-01", &last).await?;
    }
    let owned = lane.settles_at(&lane.user, before + 1).await?;
    if owned == before + 1 {
        return Ok(());
    }
    let actual = format!("{} granted", owned - before);
    Err(session.violation("PAYMENT-02", "1 of the item granted", actual, &last))
}
