//! Are numbers kept whole: ids beyond 32 and beyond 53 bits, and amounts?

use hookproof_contract::{Mode, NotificationType};
use serde_json::{Number, Value, json};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::GRANTS,
    purchase::Purchase,
    session::{Session, is_about_money},
};

/// Ids from here on do not fit 32 bits, signed or not.
const BEYOND_32_BITS: u64 = 1 << 33;

/// From here on, floats tell apart every fourth integer only.
const BEYOND_53_BITS: u64 = 1 << 54;

/// Real ids passed 2^31 in 2026.
pub(in crate::checks) static IDS_BEYOND_32_BITS: Check = Check {
    id: "payloads-ids-beyond-32-bits",
    title: "keeps ids beyond 32 bits apart",
    clauses: &["PAYLOAD-06"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(ids_beyond_32_bits(session)),
};

async fn ids_beyond_32_bits<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        if !has_ids(kind) {
            continue;
        }
        session.asks((kind, mode));
        let purchase = shifted(session.purchase(), BEYOND_32_BITS);
        let request = session.telling(&purchase, kind, mode).await?;
        session.accepted("PAYLOAD-06", &request).await?;
    }
    if session.run.effects.is_none() {
        return Ok(());
    }
    for mode in session.modes_of(GRANTS)? {
        // Two ids that are one when cut to 32 bits.
        both_granted(session, "PAYLOAD-06", mode, 1 << 32).await?;
    }
    Ok(())
}

/// The announced bound is 2^63 - 1.
pub(in crate::checks) static IDS_BEYOND_53_BITS: Check = Check {
    id: "payloads-ids-beyond-53-bits",
    title: "keeps ids beyond 2^53 apart",
    clauses: &["PAYLOAD-07"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(ids_beyond_53_bits(session)),
};

async fn ids_beyond_53_bits<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        if !has_ids(kind) {
            continue;
        }
        session.asks((kind, mode));
        session.twin(&session.fresh(kind, mode).await?).await?;
        let high = i64::MAX.unsigned_abs();
        for id in [BEYOND_53_BITS + session.fresh_id(), high - session.fresh_id()] {
            let purchase = session.purchase().with_ids(id, id);
            let request = session.telling(&purchase, kind, mode).await?;
            session.accepted("PAYLOAD-07", &request).await?;
        }
    }
    if session.run.effects.is_none() {
        return Err(Stop::NotObservable(
            "large ids are accepted; that they are kept apart needs --probe".to_owned(),
        ));
    }
    for mode in session.modes_of(GRANTS)? {
        both_granted(session, "PAYLOAD-07", mode, 1).await?;
    }
    Ok(())
}

/// Whether Xsolla gives an id to what this type tells of.
const fn has_ids(kind: NotificationType) -> bool {
    use NotificationType as N;
    !matches!(kind, N::UserValidation | N::UserSearch | N::PartnerSideCatalog)
}

fn shifted(purchase: Purchase, by: u64) -> Purchase {
    let ids = (purchase.transaction + by, purchase.order + by);
    purchase.with_ids(ids.0, ids.1)
}

/// Two orders whose ids differ by so much are two orders.
async fn both_granted<'run>(
    session: &'run Session<'run>,
    clause: &str,
    mode: Mode,
    apart: u64,
) -> Result<(), Stop> {
    let lane = session.lane().await?;
    let before = lane.owned().await?;
    // A multiple of four, so that its neighbour is the same float.
    let base = if apart == 1 { BEYOND_53_BITS } else { BEYOND_32_BITS };
    let first = shifted(lane.purchase(1), base);
    let first = {
        let (transaction, order) = (first.transaction & !3, first.order & !3);
        first.with_ids(transaction, order)
    };
    let second = shifted(first.clone(), apart);
    session.asks((mode, "two ids that are one when cut"));
    let mut last = session.validation();
    for purchase in [&first, &second] {
        last = session.telling(purchase, GRANTS, mode).await?;
        session.accepted(clause, &last).await?;
    }
    let owned = lane.settles_at(&lane.user, before + 2).await?;
    if owned == before + 2 {
        return Ok(());
    }
    let expected = format!("2 items for the orders {} and {}", first.order, second.order);
    Err(session.violation(clause, expected, format!("{} items", owned - before), &last))
}

/// Amounts are numbers in payments, and text in orders.
pub(in crate::checks) static AMOUNT_FORMS: Check = Check {
    id: "payloads-amount-forms",
    title: "accepts amounts in every documented form",
    clauses: &["PAYLOAD-08", "PAYLOAD-21"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(amount_forms(session)),
};

/// Amounts as JSON numbers: whole, with trailing zeros, below one, large.
const AMOUNTS: [&str; 5] = ["10", "9.99", "1.10", "0.1", "1000"];

/// Amounts that no sample shows: of a currency with three decimals, and of one with small units.
const FAR_AMOUNTS: [&str; 2] = ["1.234", "123456789.01"];

async fn amount_forms(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        let (numbers, texts): (&str, &[&str]) = match (kind, mode) {
            (NotificationType::Payment | NotificationType::Refund, _) => {
                ("/payment_details/payment/amount", &[])
            }
            (NotificationType::OrderPaid | NotificationType::OrderCanceled, Mode::Combined) => {
                ("/billing/payment_details/payment/amount", &["/order/amount", "/items/0/amount"])
            }
            (NotificationType::OrderPaid | NotificationType::OrderCanceled, Mode::Separate) => {
                ("", &["/order/amount", "/items/0/amount"])
            }
            _ => continue,
        };
        session.twin(&session.fresh(kind, mode).await?).await?;
        // A listener that knows its prices is asked about the forms of these alone.
        let prices = session.run.options.project.prices.get(session.sku());
        let price = prices.map(ToString::to_string);
        let amounts: Vec<&str> = match &price {
            Some(price) => vec![price],
            None => AMOUNTS.into_iter().chain(FAR_AMOUNTS).collect(),
        };
        for (place, amount) in amounts.into_iter().enumerate() {
            let number: Number =
                amount.parse().map_err(|_| Stop::Broken(format!("`{amount}` is no number")))?;
            let forms = [(numbers, Value::Number(number))].into_iter();
            let forms = forms.chain(texts.iter().map(|pointer| (*pointer, json!(amount))));
            for (pointer, value) in forms.filter(|(pointer, _)| !pointer.is_empty()) {
                session.asks((kind, mode, pointer, amount));
                let payload =
                    session.before(kind, mode).await?.tell(kind, mode).set(pointer, value);
                let request = session.sign(payload.to_bytes());
                let reply = session.deliver(&request).await?;
                if reply.is_success() || is_about_money(&request, &reply) {
                    continue;
                }
                let expected = format!("200, 201 or 204 for `{pointer}` = {amount}");
                if place < AMOUNTS.len() {
                    return Err(session.violation("PAYLOAD-08", expected, &reply, &request));
                }
                session.note("PAYLOAD-21", &expected, &reply, &request);
            }
        }
    }
    Ok(())
}
