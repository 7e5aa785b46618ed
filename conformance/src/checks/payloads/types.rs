//! Is a type what it says, and not what it contains?

use hookproof_contract::{Mode, NotificationType};
use serde_json::json;

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, Lane, TAKES_BACK},
    session::Session,
};

/// Whoever looks for the text inside of it grants goods for the wrong event.
pub(in crate::checks) static TYPE_AS_A_WHOLE: Check = Check {
    id: "payloads-type-as-a-whole",
    title: "compares the type as a whole",
    clauses: &["PAYLOAD-14"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(type_as_a_whole(session)),
};

/// Types that contain those that grant, and grant nothing.
const LIKE_GRANTS: [&str; 7] = [
    "order_paid_later",
    "order_paid2",
    "not_order_paid",
    "hookproof order_paid",
    "order_paid\u{0}",
    "order_pai",
    "payment_account_add",
];

/// Types that contain those that take back.
const LIKE_TAKES_BACK: [&str; 3] = ["order_canceled_partly", "not_order_canceled", "order_cancele"];

async fn type_as_a_whole<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        let lane = session.lane().await?;
        nothing_granted(session, &lane, mode).await?;
        if session.is_asked(TAKES_BACK) {
            nothing_taken_back(session, &lane, mode).await?;
        }
    }
    no_payment_by_another_type(session).await
}

/// All of them, and then one look: each orders another number, so that the sum names who granted.
async fn nothing_granted(session: &Session<'_>, lane: &Lane<'_>, mode: Mode) -> Result<(), Stop> {
    let before = lane.owned().await?;
    let mut sent = Vec::new();
    for (place, kind) in LIKE_GRANTS.into_iter().enumerate() {
        session.asks((mode, kind));
        let purchase = lane.purchase(1 << place);
        session.lead_up(&purchase, GRANTS, mode).await?;
        let told = purchase
            .tell(GRANTS, mode)
            .set("/notification_type", json!(kind))
            .set("/user/id", json!(lane.user))
            .set("/payment_account", json!({"id": purchase.transaction.to_string()}))
            .set("/custom_parameters", json!({"notification_type": "order_paid"}));
        let request = session.sign(told.to_bytes());
        session.deliver(&request).await?;
        sent.push((kind, request));
    }
    let granted = lane.settles_at(&lane.user, before).await? - before;
    let Some((kind, request)) = sent.iter().enumerate().find_map(|(place, told)| {
        let its = granted & (1 << place) != 0;
        its.then_some(told)
    }) else {
        return Ok(());
    };
    let actual = format!("the order granted for the type `{kind}`");
    Err(session.violation("PAYLOAD-14", "nothing granted", actual, request))
}

async fn nothing_taken_back<'run>(
    session: &'run Session<'run>,
    lane: &Lane<'run>,
    mode: Mode,
) -> Result<(), Stop> {
    let before = lane.owned().await?;
    let mut last = session.validation();
    for kind in LIKE_TAKES_BACK {
        session.asks((mode, kind));
        let purchase = lane.purchase(1);
        session.twin(&session.telling(&purchase, GRANTS, mode).await?).await?;
        let told = purchase.tell(TAKES_BACK, mode).set("/notification_type", json!(kind));
        last = session.sign(told.to_bytes());
        session.deliver(&last).await?;
    }
    let expected = before + i64::try_from(LIKE_TAKES_BACK.len()).unwrap_or(i64::MAX);
    let owned = lane.settles_at(&lane.user, expected).await?;
    if owned == expected {
        return Ok(());
    }
    let expected = format!("nothing taken back for types like `{TAKES_BACK}`");
    let actual = format!("{} left of {}", owned - before, LIKE_TAKES_BACK.len());
    Err(session.violation("PAYLOAD-14", expected, actual, &last))
}

/// Types that contain that of a payment.
const LIKE_PAYMENTS: [&str; 4] = ["payment_account_add", "payment_later", "prepayment", "paymen"];

/// What a payment would do to a transaction, no other type does.
async fn no_payment_by_another_type<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    const PAYMENT: NotificationType = NotificationType::Payment;
    if !session.is_asked(PAYMENT) {
        return Ok(());
    }
    let (lane, mode) = (session.lane().await?, session.main_mode());
    let mut sent = Vec::new();
    for kind in LIKE_PAYMENTS {
        session.asks(kind);
        let purchase = lane.purchase(1);
        let told = purchase
            .tell(PAYMENT, mode)
            .set("/notification_type", json!(kind))
            .set("/payment_account", json!({"id": purchase.transaction.to_string()}));
        let request = session.sign(told.to_bytes());
        session.deliver(&request).await?;
        sent.push((kind, purchase.transaction, request));
    }
    // A real one after them shows when there is nothing more to wait for.
    let real = lane.purchase(1);
    session.twin(&session.telling(&real, PAYMENT, mode).await?).await?;
    match lane.shows_transaction(real.transaction, "paid").await {
        Ok(seen) if seen.state.as_deref() == Some("paid") => (),
        Ok(_) | Err(Stop::NotObservable(_)) => return Ok(()),
        Err(stop) => return Err(stop),
    }
    for (kind, transaction, request) in &sent {
        if lane.knows_transaction(*transaction).await? {
            let actual = format!("a transaction for the type `{kind}`");
            return Err(session.violation("PAYLOAD-14", "no transaction", actual, request));
        }
    }
    Ok(())
}
