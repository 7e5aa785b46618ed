//! The forms in which money that goes back is told of: amounts, disputes, blocklists.

use hookproof_contract::{NotificationType, payload::Payload};
use serde_json::{Number, Value, json};

use crate::{Check, Stop, check::Evidence, session::Session};

/// The table says numbers, the sample prints text.
pub(in crate::checks) static AMOUNTS_AS_TEXT: Check = Check {
    id: "refunds-amounts-as-text",
    title: "accepts a refund whose amounts and percents are text",
    clauses: &["REFUND-12"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(amounts_as_text(session)),
};

async fn amounts_as_text(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::Refund;
    let mode = session.modes_of(KIND)?[0];
    let full = async || -> Result<Payload, Stop> {
        let told = session.before(KIND, mode).await?.tell_fully(KIND, mode);
        Ok(with_members(with_members(told, "amount", number), "percent", number))
    };
    session.twin(&session.sign(full().await?.to_bytes())).await?;
    for member in ["amount", "percent"] {
        session.asks((member, "as text"));
        let request = session.sign(with_members(full().await?, member, text).to_bytes());
        session.accepted("REFUND-12", &request).await?;
    }
    Ok(())
}

/// The payload with each member of this name written in another form.
fn with_members(payload: Payload, name: &str, form: fn(&Value) -> Value) -> Payload {
    let mut value = payload.into_value();
    rewrite(&mut value, name, form);
    Payload::from(value)
}

fn rewrite(value: &mut Value, name: &str, form: fn(&Value) -> Value) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                if member == name {
                    *value = form(value);
                } else {
                    rewrite(value, name, form);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, name, form)),
        _ => (),
    }
}

fn number(value: &Value) -> Value {
    let number = value.as_str().and_then(|text| text.parse::<Number>().ok());
    number.map_or_else(|| value.clone(), Value::Number)
}

fn text(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.to_string()),
        other => other.clone(),
    }
}

/// Its lists grow, and its sample is not its table.
pub(in crate::checks) static DISPUTE_FORMS: Check = Check {
    id: "refunds-dispute-forms",
    title: "accepts a dispute whatever is disputed",
    clauses: &["REFUND-10"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(dispute_forms(session)),
};

/// Values of a dispute's members, the last of each in no list.
const DISPUTES: &[(&str, &[&str])] = &[
    ("/action", &["adding", "updating", "hookproof_new_value"]),
    (
        "/dispute/status",
        &["new", "accepted", "no_actions_required", "won", "lost", "hookproof_new_value"],
    ),
    (
        "/dispute/type",
        &["2nd_time_chargeback", "retrieval", "representment", "inquiry", "hookproof_new_value"],
    ),
    ("/dispute/reason", &["non_receipt", "general", "other", "hookproof_new_value"]),
    ("/transaction/payment_method", &["paypal", "hookproof_new_value"]),
];

async fn dispute_forms(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::Dispute;
    let mode = session.modes_of(KIND)?[0];
    session.twin(&session.fresh(KIND, mode).await?).await?;
    for (pointer, values) in DISPUTES {
        for value in *values {
            session.asks((pointer, value));
            let told = session.before(KIND, mode).await?.tell(KIND, mode);
            let request = session.sign(told.set(pointer, json!(value)).to_bytes());
            session.accepted("REFUND-10", &request).await?;
        }
    }
    for place in ["/transaction/country_code", "/user/country_code", "/user/country"] {
        session.asks(place);
        let told = session.before(KIND, mode).await?.tell(KIND, mode);
        let told = told.remove("/transaction/country_code").set(place, json!("US"));
        session.accepted("REFUND-10", &session.sign(told.to_bytes())).await?;
    }
    Ok(())
}

/// It speaks of an address or a card, not of a user.
pub(in crate::checks) static BLOCKLIST_FORMS: Check = Check {
    id: "refunds-blocklist-forms",
    title: "accepts news of the blocklist, which name no user",
    clauses: &["REFUND-11"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(blocklist_forms(session)),
};

/// What is on a blocklist, the last in no list of ours.
const LISTED: [(&str, &str); 5] = [
    ("email", "bad@example.org"),
    ("ip_address", "203.0.113.66"),
    ("phone", "15550100199"),
    ("card_issuer", "Example Bank"),
    ("hookproof_new_value", "anything"),
];

async fn blocklist_forms(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::AfsBlackList;
    let mode = session.modes_of(KIND)?[0];
    for action in ["adding", "removing"] {
        for (parameter, value) in LISTED {
            session.asks((action, parameter));
            let told = session
                .purchase()
                .tell(KIND, mode)
                .set("/event/action", json!(action))
                .set("/event/parameter", json!(parameter))
                .set("/event/parameter_value", json!(value));
            session.accepted("REFUND-11", &session.sign(told.to_bytes())).await?;
        }
    }
    for project in [json!(40001), json!("40001")] {
        session.asks(&project);
        let full = session.purchase().tell_fully(KIND, mode);
        let request = session.sign(full.set("/event/project_id", project).to_bytes());
        session.accepted("REFUND-11", &request).await?;
    }
    session.asks("without a transaction");
    let bare = session.purchase().tell(KIND, mode).remove("/event/transaction_id");
    session.accepted("REFUND-11", &session.sign(bare.to_bytes())).await.map(drop)
}
