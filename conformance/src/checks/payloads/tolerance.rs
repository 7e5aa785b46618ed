//! What may be absent, what may be added, what may be null, what may be new.

use hookproof_contract::{
    NotificationType, schema,
    serialise::{self, Form},
};
use serde_json::{Value, json};

use crate::{Check, Stop, check::Evidence, effects::GRANTS, session::Session};

/// Switches and account ages decide which optional members come.
pub(in crate::checks) static MINIMAL: Check = Check {
    id: "payloads-minimal",
    title: "accepts each type without its optional members",
    clauses: &["PAYLOAD-01", "SETTING-01"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(minimal(session)),
};

/// Members that may be absent.
const OPTIONAL: [&str; 10] = [
    "/settings",
    "/user/email",
    "/user/country",
    "/user/name",
    "/user/ip",
    "/subscription/product_id",
    "/subscription/tags",
    "/subscription/date_next_charge",
    "/subscription/trial",
    "/subscription/is_gift",
];

async fn minimal(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        session.asks((kind, mode));
        session.accepted("PAYLOAD-01", &session.fresh(kind, mode).await?).await?;
        for pointer in OPTIONAL {
            let purchase = session.before(kind, mode).await?;
            let full = purchase.tell_fully(kind, mode);
            if full.value().pointer(pointer).is_none() {
                continue;
            }
            let without = full.remove(pointer);
            // What is optional in one type is required in another.
            if schema::check(kind, mode, without.value()).is_ok() {
                session.accepted("PAYLOAD-01", &session.sign(without.to_bytes())).await?;
            }
        }
        if matches!(kind, NotificationType::UserValidation | NotificationType::Payment) {
            let told = session.before(kind, mode).await?.tell_fully(kind, mode);
            let named = json!({"id": session.user(), "country": "US"});
            let anonymous = session.sign(told.set("/user", named).to_bytes());
            session.accepted("SETTING-01", &anonymous).await?;
        }
        if matches!(kind, NotificationType::Payment | NotificationType::Refund) {
            // The schema allows it; no capture shows it.
            let nobody = session.before(kind, mode).await?.tell(kind, mode).remove("/user");
            let request = session.sign(nobody.to_bytes());
            let reply = session.deliver(&request).await?;
            if !reply.is_success() {
                session.note("PAYLOAD-01", "200, 201 or 204 without `user`", &reply, &request);
            }
        }
    }
    Ok(())
}

/// New members come without notice.
pub(in crate::checks) static UNKNOWN_MEMBERS: Check = Check {
    id: "payloads-unknown-members",
    title: "ignores members that it does not know",
    clauses: &["PAYLOAD-02"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(unknown_members(session)),
};

async fn unknown_members(session: &Session<'_>) -> Result<(), Stop> {
    let added = json!({"kind": "new", "since": 2027, "list": [1, null, {"deep": true}]});
    for (kind, mode) in session.types() {
        session.twin(&session.fresh(kind, mode).await?).await?;
        let places = [
            "",
            "/user",
            "/order",
            "/items/0",
            "/transaction",
            "/billing",
            "/payment_details/payment",
            "/subscription",
            "/payment_account",
            "/dispute",
            "/event",
        ];
        for place in places {
            let told = session.before(kind, mode).await?.tell(kind, mode);
            if told.value().pointer(place).is_none() {
                continue;
            }
            session.asks((kind, mode, place));
            let payload = told.set(&format!("{place}/hookproof_new_member"), added.clone());
            session.accepted("PAYLOAD-02", &session.sign(payload.to_bytes())).await?;
        }
    }
    Ok(())
}

/// Where the documents say `null`, `null` comes.
pub(in crate::checks) static NULLS: Check = Check {
    id: "payloads-nulls",
    title: "accepts the documented nulls",
    clauses: &["PAYLOAD-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(nulls(session)),
};

async fn nulls(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        if !matches!(kind, NotificationType::OrderPaid | NotificationType::OrderCanceled) {
            continue;
        }
        session.twin(&session.fresh(kind, mode).await?).await?;
        for pointer in ["/order/comment", "/order/platform", "/items/0/amount"] {
            session.asks((kind, mode, pointer));
            let told = session.before(kind, mode).await?.tell_fully_of_one_item(kind, mode);
            let payload = told.set(pointer, Value::Null);
            session.accepted("PAYLOAD-04", &session.sign(payload.to_bytes())).await?;
        }
    }
    Ok(())
}

/// Lists of values grow.
pub(in crate::checks) static OPEN_SETS: Check = Check {
    id: "payloads-open-sets",
    title: "accepts values that are new in an open set",
    clauses: &["PAYLOAD-05"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(open_sets(session)),
};

/// Members whose values the documents list without closing the list.
const OPEN: &[(NotificationType, &str)] = &[
    (NotificationType::Payment, "/transaction/payment_method"),
    (NotificationType::Payment, "/transaction/payment_method_name"),
    (NotificationType::Refund, "/refund_details/reason"),
    (NotificationType::Refund, "/refund_details/author"),
    (NotificationType::OrderPaid, "/order/platform"),
    (NotificationType::OrderPaid, "/order/currency_type"),
    (NotificationType::OrderPaid, "/order/status"),
    (NotificationType::OrderPaid, "/items/0/type"),
];

async fn open_sets(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, pointer) in OPEN {
        for mode in session.modes_of(*kind).unwrap_or_default() {
            let full = session.before(*kind, mode).await?.tell_fully(*kind, mode);
            let Some(old) = full.value().pointer(pointer) else { continue };
            let new = if old.is_number() { json!(987_654) } else { json!("hookproof_new_value") };
            session.asks((kind, mode, pointer));
            session.twin(&session.sign(full.to_bytes())).await?;
            let payload =
                session.before(*kind, mode).await?.tell_fully(*kind, mode).set(pointer, new);
            session.accepted("PAYLOAD-05", &session.sign(payload.to_bytes())).await?;
        }
    }
    Ok(())
}

/// One text has many spellings in JSON.
pub(in crate::checks) static ESCAPES: Check = Check {
    id: "payloads-escapes",
    title: "reads the same text from escapes and from raw characters",
    clauses: &["PAYLOAD-10"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(escapes(session)),
};

async fn escapes(session: &Session<'_>) -> Result<(), Stop> {
    session.twin(&session.validation()).await?;
    let grants = session.modes_of(GRANTS).into_iter().flatten().take(1).map(|mode| (GRANTS, mode));
    for (kind, mode) in [session.simplest()].into_iter().chain(grants) {
        session.twin(&session.fresh(kind, mode).await?).await?;
        session.asks((kind, "every letter of the user's id as an escape"));
        let body = String::from_utf8_lossy(&session.fresh(kind, mode).await?.body).into_owned();
        let units = session.user().encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        let escaped = units.collect::<Vec<_>>().concat();
        let body = body.replace(&format!("\"{}\"", session.user()), &format!("\"{escaped}\""));
        session.accepted("PAYLOAD-10", &session.sign(body)).await?;
        for form in Form::ALL {
            session.asks((kind, form));
            let told = session.before(kind, mode).await?.tell(kind, mode);
            let body = serialise::write(told.value(), form);
            session.accepted("PAYLOAD-10", &session.sign(body)).await?;
        }
    }
    Ok(())
}
