//! Payments that are not the usual ones: without an order, with optional parts, declined, saved for later.

use hookproof_contract::{Mode, NotificationType};
use serde_json::{Value, json};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, Lane},
    purchase::Purchase,
    session::Session,
};

/// A merchant's token ends in a payment alone.
pub(in crate::checks) static WITHOUT_ORDER: Check = Check {
    id: "payments-without-order",
    title: "accepts a payment to which no order belongs",
    clauses: &["PAYMENT-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(without_order(session)),
};

async fn without_order(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::Payment;
    let mode = session.modes_of(KIND)?[0];
    let items = json!([{"sku": session.sku(), "quantity": 1}]).to_string();
    let sum = json!({"currency": "USD", "amount": 9.99});
    for told in [
        session.purchase().tell(KIND, mode),
        session.purchase().tell(KIND, mode).set("/purchase", json!({"checkout": sum})),
        session.purchase().tell(KIND, mode).set("/custom_parameters", json!({"items": items})),
    ] {
        session.asks(
            told.value().as_object().map(|members| members.keys().cloned().collect::<Vec<_>>()),
        );
        session.accepted("PAYMENT-04", &session.sign(told.to_bytes())).await?;
    }
    Ok(())
}

/// They come and go with the campaign.
pub(in crate::checks) static OPTIONAL_PARTS: Check = Check {
    id: "payments-optional-parts",
    title: "accepts payments with every optional part",
    clauses: &["PAYMENT-06", "PAYMENT-09", "SETTING-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(optional_parts(session)),
};

/// Parts of a payment, each with the clause that says that it may come.
fn parts(session: &Session<'_>) -> Vec<(&'static str, &'static str, Value)> {
    let sum = json!({"currency": "USD", "amount": 9.99});
    let gift = json!({
        "giver_id": session.user(), "receiver_id": session.run.options.known_users.last(),
        "receiver_email": "friend@example.org", "message": "Enjoy", "hide_giver_from_receiver": "1",
    });
    let key =
        json!({"digital_content": "game_01", "drm": "steam", "currency": "USD", "amount": 9.99});
    let rate = "/payment_details/payout_currency_rate";
    vec![
        ("PAYMENT-06", "/purchase", json!({"gift": gift, "total": sum})),
        (
            "PAYMENT-06",
            "/purchase/coupon",
            json!({"coupon_code": "WELCOME10", "campaign_code": "C"}),
        ),
        (
            "PAYMENT-06",
            "/purchase/promotions",
            json!([{"technical_name": "spring-sale", "id": 853}]),
        ),
        ("PAYMENT-06", "/purchase/virtual_currency", json!({"sku": "gold", "quantity": "500"})),
        (
            "PAYMENT-06",
            "/purchase/virtual_items",
            json!({"items": [{"sku": "sword_01", "amount": 1}]}),
        ),
        ("PAYMENT-06", "/purchase/pin_codes", key.clone()),
        ("PAYMENT-06", "/purchase/pin_codes", json!([key])),
        ("PAYMENT-09", rate, json!(1)),
        ("PAYMENT-09", rate, json!("1")),
        ("PAYMENT-09", rate, json!("0.91834")),
        ("PAYMENT-09", rate, json!(0.91834)),
        ("SETTING-04", "/order", json!({"id": session.fresh_id(), "lineitems": []})),
        ("SETTING-04", "/purchase/order", json!({"id": session.fresh_id(), "lineitems": []})),
        ("SETTING-04", "/payment_account", json!({"id": "12345678", "type": "card"})),
        ("SETTING-04", "/payment_details/card", json!({"last_digits": "1111", "brand": "visa"})),
        ("SETTING-04", "/transaction/card_brand", json!("visa")),
    ]
}

async fn optional_parts(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::Payment;
    let mode = session.modes_of(KIND)?[0];
    session.twin(&session.fresh(KIND, mode).await?).await?;
    for (place, (clause, pointer, part)) in parts(session).into_iter().enumerate() {
        session.asks((place, pointer));
        let told = session.purchase().tell(KIND, mode).set(pointer, part);
        session.accepted(clause, &session.sign(told.to_bytes())).await?;
    }
    Ok(())
}

/// It holds neither checkout nor items.
pub(in crate::checks) static SUBSCRIPTION_CHARGE: Check = Check {
    id: "payments-subscription-charge",
    title: "accepts the charges of a subscription",
    clauses: &["PAYMENT-05"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(subscription_charge(session)),
};

async fn subscription_charge(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::Payment;
    const BEGINS: NotificationType = NotificationType::CreateSubscription;
    session.modes_of(BEGINS)?;
    let mode = session.modes_of(KIND)?[0];
    session.twin(&session.fresh(KIND, mode).await?).await?;
    let first = session.purchase();
    let charge = |purchase: &Purchase| {
        let subscription = json!({
            "plan_id": session.plan(), "subscription_id": purchase.order, "tags": ["promo"],
            "date_create": "2026-03-14T09:26:53+03:00",
            "date_next_charge": "2036-04-14T09:26:53+03:00", "currency": "USD", "amount": 9.99,
        });
        let total = json!({"currency": "USD", "amount": 9.99});
        let bought = json!({"subscription": subscription, "total": total});
        session.sign(purchase.tell(KIND, mode).set("/purchase", bought).to_bytes())
    };
    session.asks("the first charge");
    session.accepted("PAYMENT-05", &charge(&first)).await?;
    session.twin(&session.sign(first.tell(BEGINS, mode).to_bytes())).await?;
    session.asks("the charge of a renewal");
    let renewal = first.clone().with_ids(session.fresh_id(), first.order);
    session.accepted("PAYMENT-05", &charge(&renewal)).await.map(drop)
}

/// No money came.
pub(in crate::checks) static DECLINED_GRANTS_NOTHING: Check = Check {
    id: "payments-declined-grants-nothing",
    title: "grants nothing for a payment that was declined",
    clauses: &["PAYMENT-07"],
    evidence: Evidence::Probe,
    alone: true,
    ask: |session| {
        let kinds = [NotificationType::PsDeclined, NotificationType::AfsReject];
        Box::pin(grants_nothing(session, "PAYMENT-07", kinds))
    },
};

/// News about a card.
pub(in crate::checks) static ACCOUNTS_GRANT_NOTHING: Check = Check {
    id: "payments-accounts-grant-nothing",
    title: "grants nothing when a payment account is saved or removed",
    clauses: &["PAYMENT-10"],
    evidence: Evidence::Probe,
    alone: true,
    ask: |session| {
        let kinds = [NotificationType::PaymentAccountAdd, NotificationType::PaymentAccountRemove];
        Box::pin(accounts_grant_nothing(session, kinds))
    },
};

async fn accounts_grant_nothing<'run>(
    session: &'run Session<'run>,
    kinds: [NotificationType; 2],
) -> Result<(), Stop> {
    // Where nothing can be seen, that they are accepted can still be asked.
    let lane = if session.run.effects.is_some() { Some(session.lane().await?) } else { None };
    for kind in session.any_of(&kinds)? {
        session.asks((kind, "alone"));
        let before = match &lane {
            Some(lane) => Some(lane.all_but_others_lanes().await?),
            None => None,
        };
        let request = session.fresh(kind, session.main_mode()).await?;
        session.accepted("PAYMENT-10", &request).await?;
        if let Some((lane, before)) = lane.as_ref().zip(before) {
            lane.expect_items("PAYMENT-10", &before, &request).await?;
        }
    }
    drop(lane);
    grants_nothing(session, "PAYMENT-10", kinds).await
}

/// Tells these types of a purchase, with the members of its order beside their own.
async fn grants_nothing<'run>(
    session: &'run Session<'run>,
    clause: &'static str,
    kinds: [NotificationType; 2],
) -> Result<(), Stop> {
    let (kinds, mode) = (session.any_of(&kinds)?, session.main_mode());
    let lane = session.lane().await?;
    let before = lane.all_but_others_lanes().await?;
    for kind in kinds {
        session.asks((kind, "with the members of an order"));
        let purchase = lane.purchase(1);
        session.lead_up(&purchase, kind, mode).await?;
        let payload = purchase.beside_order(purchase.tell_fully(kind, mode));
        let item = json!([{"sku": lane.sku, "amount": 1}]);
        let request = session.sign(payload.set("/purchase/virtual_items/items", item).to_bytes());
        session.deliver(&request).await?;
        lane.expect_items(clause, &before, &request).await?;
    }
    Ok(())
}

/// The record of the money, whatever else the payment does.
pub(in crate::checks) static RECORDED: Check = Check {
    id: "payments-recorded",
    title: "records an accepted payment as paid",
    clauses: &["PAYMENT-11"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(recorded(session)),
};

async fn recorded<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::Payment;
    let mode = session.modes_of(KIND)?[0];
    let lane = session.lane().await?;
    for full in [false, true] {
        session.asks(("every documented member", full));
        let purchase = lane.purchase(1);
        let told = if full { purchase.tell_fully(KIND, mode) } else { purchase.tell(KIND, mode) };
        let request = session.sign(told.to_bytes());
        session.accepted("PAYMENT-01", &request).await?;
        let seen = lane.transaction(purchase.transaction, "paid").await?;
        let actual = match seen.state.as_deref() {
            Some("paid") => continue,
            Some(state) => format!("state `{state}`"),
            None if seen.refunds.is_some() => continue,
            None if shows_another(session, &lane).await? => "no such transaction".to_owned(),
            None => {
                let reason = "the probe shows no transaction of any kind";
                return Err(Stop::NotObservable(reason.to_owned()));
            }
        };
        return Err(session.violation("PAYMENT-11", "state `paid`", actual, &request));
    }
    Ok(())
}

/// Returns true if the view shows a transaction once it is refunded, or was paid with its order.
async fn shows_another<'run>(session: &'run Session<'run>, lane: &Lane<'_>) -> Result<bool, Stop> {
    use NotificationType as N;
    for (kind, mode) in
        [(GRANTS, Mode::Combined), (N::Refund, session.main_mode()), (GRANTS, Mode::Separate)]
    {
        if !session.types().contains(&(kind, mode)) {
            continue;
        }
        let purchase = lane.purchase(1);
        let request = session.telling(&purchase, kind, mode).await?;
        session.deliver(&request).await?;
        let state = if kind == GRANTS { "paid" } else { "refunded" };
        lane.shows_transaction(purchase.transaction, state).await?;
        if lane.knows_transaction(purchase.transaction).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
