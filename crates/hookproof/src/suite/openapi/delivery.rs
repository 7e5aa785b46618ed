//! Retry plans and automatic refunds, in members that begin with `x-`.

use hookproof_contract::spec::{AnswerPattern, AutomaticRefund, Notification, Plan, Spec};
use serde_json::{Value, json};

/// The plans by which a type is sent again, the one that is taken first. Empty: none is published.
pub(super) fn plans(spec: &Spec, notification: &Notification) -> Vec<Value> {
    let taken = notification.plan_id();
    let mut plans: Vec<&Plan> = spec
        .plans
        .values()
        .filter(|plan| {
            let kind = notification.notification_type();
            kind.is_some_and(|kind| plan.notifications.contains(&kind))
        })
        .collect();
    plans.sort_by_key(|plan| Some(plan.id.as_str()) != taken);
    plans.into_iter().map(plan).collect()
}

fn plan(plan: &Plan) -> Value {
    json!({
        "id": plan.id,
        "title": plan.title,
        "reading": plan.reading.as_str(),
        "when": plan.when,
        "published": plan.published.as_str(),
        "attempts_max": plan.attempts_max,
        "window_s": plan.window_s,
        "offsets_s": plan.offsets_s,
        "done_on": answers(&plan.done_on),
        "again_on": answers(&plan.again_on),
        "final_on": answers(&plan.final_on),
        "clauses": plan.clauses,
        "note": plan.note,
    })
}

pub(super) fn automatic_refund(table: &AutomaticRefund) -> Value {
    let rows = table.rows.iter().map(|row| {
        json!({
            "on": answers(&row.on),
            "off_outcome": row.off_outcome.as_str(),
            "on_outcome": row.on_outcome.as_str(),
            "meaning": row.meaning,
        })
    });
    json!({
        "notification": table.notification.as_str(),
        "plan": table.plan,
        "default": table.default.as_str(),
        "rows": rows.collect::<Vec<_>>(),
        "clauses": table.clauses,
    })
}

fn answers(patterns: &[AnswerPattern]) -> Vec<String> {
    patterns.iter().map(|pattern| answer(*pattern)).collect()
}

/// A set of answers, as `delivery.toml` writes it.
pub(super) fn answer(pattern: AnswerPattern) -> String {
    match pattern {
        AnswerPattern::Status(status) => status.to_string(),
        AnswerPattern::Class(class) => format!("{class}xx"),
        AnswerPattern::Silence => "silence".to_owned(),
        AnswerPattern::Otherwise => "otherwise".to_owned(),
    }
}
