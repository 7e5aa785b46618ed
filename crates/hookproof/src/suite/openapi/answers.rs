//! What a listener answers: success, a refusal with one of the published codes, a fault of its own.

use hookproof_contract::spec::{After, AnswerPattern, Notification, Plan, Spec};
use serde_json::{Value, json};

use super::{Object, delivery, is_web_shop, schemas};

/// The names of the answers that many types share.
const SUCCESS: &str = "Success";
const REFUSAL: &str = "Refusal";
const FAULT: &str = "Fault";

/// How the Web Shop wants to hear that nobody has the id (WEBSHOP-02).
const NOBODY: [(&str, &str); 2] = [
    ("404", "No user has this id (WEBSHOP-02)."),
    ("455", "The same, where the top-up block of the shop asks (WEBSHOP-02)."),
];

/// The other form of the Web Shop's answer, for its top-up block.
const TOP_UP: &str = "answers/top_up_user_validation.schema.json";

/// The answers that many types share.
pub(super) fn shared(spec: &Spec) -> Value {
    let codes: Object = spec
        .errors
        .published
        .iter()
        .map(|error| {
            let body =
                json!({ "error": { "code": error.code.as_str(), "message": error.message } });
            (error.code.as_str().to_owned(), json!({ "summary": error.when, "value": body }))
        })
        .collect();
    json!({
        SUCCESS: { "description": "Processed, and durably so. No body (ANS-01, ANS-02)." },
        REFUSAL: {
            "description": "Refused: the fault is the sender's, and a repeat would not mend it.",
            "content": { "application/json": {
                "schema": schemas::reference("answers/error.schema.json"),
                "examples": codes,
            } },
        },
        FAULT: { "description": "The listener failed for the moment (ANS-05)." },
    })
}

/// The answers to a type.
pub(super) fn responses(spec: &Spec, notification: &Notification) -> Object {
    let plan = notification.plan_id().and_then(|id| spec.plans.get(id));
    let mut responses = Object::new();
    for status in &notification.accepted {
        responses.insert(status.to_string(), success(notification));
    }
    if is_web_shop(&notification.kind) {
        let top_up = "Success without a body, which the top-up block alone takes (WEBSHOP-01).";
        responses.insert("204".to_owned(), shared_answer(SUCCESS, top_up));
        for (status, description) in NOBODY {
            responses.insert(status.to_owned(), json!({ "description": description }));
        }
    } else {
        let refused = format!("Refused with one of the five codes. {}", fate(plan, Some(400)));
        responses.insert("400".to_owned(), shared_answer(REFUSAL, &refused));
    }
    responses.insert("4XX".to_owned(), shared_answer(REFUSAL, &other_refusals(plan)));
    let fault = format!("The listener failed for the moment (ANS-05). {}", fate(plan, Some(500)));
    responses.insert("5XX".to_owned(), shared_answer(FAULT, &fault));
    responses
}

fn success(notification: &Notification) -> Value {
    let Some(schema) = notification.answer_schema() else {
        return json!({ "$ref": pointer(SUCCESS) });
    };
    let schema = if is_web_shop(&notification.kind) {
        json!({ "anyOf": [schemas::reference(schema), schemas::reference(TOP_UP)] })
    } else {
        schemas::reference(schema)
    };
    json!({
        "description": "Success, with what was asked for.",
        "content": { "application/json": { "schema": schema } },
    })
}

/// A shared answer, with what is particular to the type.
fn shared_answer(name: &str, description: &str) -> Value {
    json!({ "$ref": pointer(name), "description": description })
}

fn pointer(name: &str) -> String {
    format!("#/components/responses/{name}")
}

/// What the sender does after an answer.
fn fate(plan: Option<&Plan>, answer: Option<u16>) -> String {
    let Some(plan) = plan else {
        return "Whether the webhook is sent again is not published.".to_owned();
    };
    match plan.after(answer) {
        After::Done => "The webhook is done.".to_owned(),
        After::Again => format!("The webhook is sent again by the plan `{}`.", plan.id),
        After::Final => "The webhook is not sent again.".to_owned(),
        After::Unpublished => "What follows is not published.".to_owned(),
    }
}

/// What the sender does after the refusals that have no entry of their own.
fn other_refusals(plan: Option<&Plan>) -> String {
    let Some(plan) = plan.filter(|plan| !plan.final_on.contains(&AnswerPattern::Class(4))) else {
        return "Any other refusal; 400 is the recommended one (ERR-04).".to_owned();
    };
    let last: Vec<String> =
        plan.final_on.iter().map(|pattern| delivery::answer(*pattern)).collect();
    format!(
        "Final are {} and no others: after any other status the webhook is sent again by the plan \
         `{}` (RETRY-08).",
        last.join(", "),
        plan.id
    )
}
