//! Forms that come without notice: other ids, other parameters, another order of members, marks of tests.

use hookproof_contract::{
    Mode, NotificationType,
    payload::Payload,
    serialise::{self, Form},
};
use serde_json::{Value, json};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    session::{Session, is_about_money},
    wire::Request,
};

impl Session<'_> {
    /// A payload that must be accepted, unless the game knows its prices or invoices.
    async fn form_accepted(&self, clause: &str, payload: &Payload) -> Result<(), Stop> {
        let request: Request = self.sign(payload.to_bytes());
        let reply = self.deliver(&request).await?;
        if reply.is_success() || is_about_money(&request, &reply) {
            return Ok(());
        }
        Err(self.violation(clause, "200, 201 or 204", &reply, &request))
    }
}

/// The schema says one thing, the sample the other.
pub(in crate::checks) static ID_FORMS: Check = Check {
    id: "payloads-id-forms",
    title: "accepts ids as numbers and as text where both occur",
    clauses: &["PAYLOAD-15"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(id_forms(session)),
};

/// Ids that occur in both forms.
const IDS: [&str; 8] = [
    "/settings/project_id",
    "/settings/merchant_id",
    "/transaction/external_id",
    "/transaction/payment_method",
    "/billing/settings/project_id",
    "/billing/transaction/external_id",
    "/billing/transaction/payment_method",
    "/payment_account/payment_method",
];

async fn id_forms(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        let full = session.before(kind, mode).await?.tell_fully(kind, mode);
        session.twin(&session.sign(full.to_bytes())).await?;
        let declined = (kind == NotificationType::PsDeclined).then_some("/transaction/id");
        for pointer in IDS.into_iter().chain(declined) {
            let asked = full.value().pointer(pointer).is_some() || pointer.ends_with("external_id");
            let place = pointer.rsplit_once('/').map_or("", |(place, _)| place);
            if !asked || full.value().pointer(place).is_none() {
                continue;
            }
            let number = if pointer.ends_with("transaction/id") || pointer.ends_with("external_id")
            {
                session.fresh_id()
            } else {
                full.value().pointer(pointer).and_then(Value::as_u64).unwrap_or(40_001)
            };
            for form in [json!(number), json!(number.to_string())] {
                session.asks((kind, mode, pointer, form.is_string()));
                let told = session.before(kind, mode).await?.tell_fully(kind, mode);
                session.form_accepted("PAYLOAD-15", &told.set(pointer, form)).await?;
            }
        }
    }
    Ok(())
}

/// The game's own parameters, copied as they are.
pub(in crate::checks) static CUSTOM_PARAMETERS: Check = Check {
    id: "payloads-custom-parameters",
    title: "accepts whatever the game's own parameters hold",
    clauses: &["PAYLOAD-16", "SETTING-02", "SETTING-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(custom_parameters(session)),
};

async fn custom_parameters(session: &Session<'_>) -> Result<(), Stop> {
    let parameters = [
        ("SETTING-02", json!({"server": "eu-1"})),
        ("SETTING-03", json!({"saved_payment_method": 1, "payment_type": 2, "server": "eu-1"})),
        ("SETTING-03", json!({"saved_payment_method": "mine", "payment_type": {"own": true}})),
        ("PAYLOAD-16", json!({})),
        ("PAYLOAD-16", json!({"level": 42, "share": 1.5, "vip": true, "guild": null})),
        ("PAYLOAD-16", json!({"list": [1, "two", null, []], "deep": {"er": {"still": {}}}})),
        ("PAYLOAD-16", json!({"items": "[{\"sku\":\"sword_01\",\"quantity\":1}]", "": "empty"})),
    ];
    for (kind, mode) in session.types() {
        if !has_parameters(kind) {
            continue;
        }
        session.twin(&session.fresh(kind, mode).await?).await?;
        for (clause, parameters) in &parameters {
            // With a switch, Xsolla's own come with payments; the game's come with every question.
            let clause = match (*clause, kind) {
                ("SETTING-02", NotificationType::UserValidation) => "SETTING-02",
                ("SETTING-03", NotificationType::Payment) => "SETTING-03",
                _ => "PAYLOAD-16",
            };
            session.asks((kind, mode, parameters));
            let told = session.before(kind, mode).await?.tell(kind, mode);
            let told = told.set("/custom_parameters", parameters.clone());
            session.form_accepted(clause, &told).await?;
        }
    }
    Ok(())
}

const fn has_parameters(kind: NotificationType) -> bool {
    use NotificationType as N;
    matches!(
        kind,
        N::UserValidation
            | N::Payment
            | N::Refund
            | N::PartialRefund
            | N::AfsReject
            | N::CreateSubscription
            | N::OrderPaid
            | N::OrderCanceled
    )
}

/// Captured orders begin with their items.
pub(in crate::checks) static MEMBER_ORDER: Check = Check {
    id: "payloads-member-order",
    title: "reads members in any order",
    clauses: &["PAYLOAD-17"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(member_order(session)),
};

async fn member_order(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        session.twin(&session.fresh(kind, mode).await?).await?;
        for form in [Form::Reversed, Form::Sorted] {
            session.asks((kind, mode, form));
            let told = session.before(kind, mode).await?.tell_fully(kind, mode);
            let body = serialise::write(told.value(), form);
            session.accepted("PAYLOAD-17", &session.sign(body)).await?;
        }
    }
    Ok(())
}

/// Every rehearsal depends on it.
pub(in crate::checks) static TEST_MARKS: Check = Check {
    id: "payloads-test-marks",
    title: "answers purchases that are marked as tests like real ones",
    clauses: &["PAYLOAD-18", "TEST-02", "TEST-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(test_marks(session)),
};

async fn test_marks(session: &Session<'_>) -> Result<(), Stop> {
    let marks: [(&str, &str, Value); 3] = [
        ("/order", "/order/mode", json!("sandbox")),
        ("/transaction", "/transaction/dry_run", json!(1)),
        ("/billing", "/billing/transaction/dry_run", json!(1)),
    ];
    for (kind, mode) in session.types() {
        let told = session.purchase().tell(kind, mode);
        if !marks.iter().any(|(place, ..)| told.value().pointer(place).is_some()) {
            continue;
        }
        session.twin(&session.fresh(kind, mode).await?).await?;
        session.asks((kind, mode));
        let mut told = session.before(kind, mode).await?.tell(kind, mode);
        for (place, pointer, mark) in &marks {
            if told.value().pointer(place).is_some() {
                told = told.set(pointer, mark.clone());
            }
        }
        session.form_accepted("PAYLOAD-18", &told).await?;
    }
    typed_by_hand(session).await
}

/// Ids as testers type them: digits only, and few. Who typed the same before gets the same answer.
async fn typed_by_hand(session: &Session<'_>) -> Result<(), Stop> {
    const DIGITS: u64 = 100_000_000;
    let id = session.fresh_id() % DIGITS;
    let typed = session.purchase().with_ids(id, id);
    if session.is_asked(NotificationType::Payment) {
        session.asks("a payment whose id was made up");
        let told = typed.tell(NotificationType::Payment, session.main_mode());
        let told = told.set("/transaction/dry_run", json!(1));
        session.form_accepted("TEST-02", &told).await?;
    }
    for kind in [GRANTS, TAKES_BACK] {
        for mode in session.modes_of(kind).unwrap_or_default() {
            session.asks((kind, mode, "whose id was made up"));
            let place = u64::from(mode == Mode::Combined);
            let typed = typed.clone().with_ids(id + place, id + place);
            session.lead_up(&typed, kind, mode).await?;
            let told = typed.tell(kind, mode).set("/order/mode", json!("sandbox"));
            session.form_accepted("TEST-03", &told).await?;
        }
    }
    Ok(())
}
