//! Every vector holds, and every file of vectors is what its schema says.

use std::collections::BTreeSet;

use hookproof_contract::{
    Secret, derive,
    event::EventKey,
    schema::check_file,
    signature::{SCHEME, verify},
    spec::{After, Outcome, Spec, Switch, embedded_files},
};
use serde_json::Value;

fn files() -> impl Iterator<Item = (&'static str, Value)> {
    embedded_files()
        .iter()
        .filter(|(path, _)| path.starts_with("vectors/") && !path.ends_with(".schema.json"))
        .map(|(path, text)| (*path, serde_json::from_str(text).unwrap()))
}

fn tests_of(schema: &str) -> Vec<(String, Value)> {
    let tests = files().filter(|(_, file)| file["schema"] == schema).flat_map(|(path, file)| {
        let tests = file["tests"].as_array().unwrap().clone();
        tests
            .into_iter()
            .map(move |test| (format!("{path} {}: {}", test["id"], test["comment"]), test))
    });
    tests.collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The status of an answer; `None`: no answer came.
fn status_of(test: &Value) -> Option<u16> {
    test["status"].as_u64().map(|status| u16::try_from(status).unwrap())
}

fn word(after: After) -> &'static str {
    match after {
        After::Done => "done",
        After::Again => "again",
        After::Final => "final",
        After::Unpublished => "unpublished",
    }
}

#[test]
fn every_file_is_what_its_schema_says() {
    for (path, file) in files() {
        let schema = format!("vectors/{}", text(&file["schema"]));
        assert_eq!(check_file(&schema, &file), Some(Ok(())), "{path}");
        let tests = file["tests"].as_array().unwrap();
        for (index, test) in tests.iter().enumerate() {
            assert_eq!(test["id"], index + 1, "{path}");
        }
        let explained: BTreeSet<&str> =
            file["flags"].as_object().unwrap().keys().map(String::as_str).collect();
        let used =
            tests.iter().flat_map(|test| test["flags"].as_array().unwrap()).map(text).collect();
        assert_eq!(explained, used, "{path}");
        for clause in file["clauses"].as_array().unwrap() {
            assert!(Spec::embedded().clauses.contains_key(text(clause)), "{path}: {clause}");
        }
    }
}

#[test]
fn every_signature_vector_holds() {
    let tests = tests_of("vectors.schema.json");
    assert!(tests.len() >= 60, "{}", tests.len());
    for (name, test) in tests {
        let body = match &test["body"] {
            Value::String(body) => body.as_bytes().to_vec(),
            _ => hex::decode(text(&test["body_hex"])).unwrap(),
        };
        let header = match (&test["signature"], &test["authorization"]) {
            (Value::String(signature), _) => Some(format!("{SCHEME} {signature}")),
            (_, Value::String(header)) => Some(header.clone()),
            _ => None,
        };
        let secret = Secret::new(text(&test["secret"])).unwrap();
        let verified = verify(&body, header.as_deref().map(str::as_bytes), &[secret]);
        match text(&test["result"]) {
            "valid" => assert_eq!(verified, Ok(()), "{name}"),
            // `acceptable` is refused too: ours is strict, which it may be.
            _ => assert!(verified.is_err(), "{name}"),
        }
    }
}

#[test]
fn every_answer_vector_follows_from_the_plans_and_the_schemas() {
    let spec = Spec::embedded();
    for (name, test) in tests_of("answers.schema.json") {
        let notification = &spec.notifications[text(&test["notification"])];
        let status = status_of(&test);
        let plan = notification.plan_id().map(|id| &spec.plans[id]);
        assert_eq!(test["outcome"], word(notification.after(plan, status)), "{name}");
        let schema = match status {
            Some(400..500) => Some("answers/error.schema.json"),
            Some(200..300) => notification.answer_schema(),
            _ => None,
        };
        let body = test["body"].as_str().map_or(Ok(Value::Null), serde_json::from_str);
        let fits = schema
            .is_none_or(|schema| body.is_ok_and(|body| check_file(schema, &body).unwrap().is_ok()));
        assert_eq!(test["body_fits"], fits, "{name}");
    }
}

#[test]
fn every_pair_is_one_event_or_two_by_the_keys() {
    let spec = Spec::embedded();
    for (name, test) in tests_of("idempotency.schema.json") {
        let [first, second] = ["first", "second"].map(|which| {
            let payload: Value = serde_json::from_str(text(&test[which])).unwrap();
            EventKey::of(&spec.notifications[text(&payload["notification_type"])], &payload)
        });
        let relation = match (&first, &second) {
            (None, None) => "none",
            _ if first == second => "same",
            _ => "different",
        };
        assert_eq!(test["relation"], relation, "{name}: {first:?} {second:?}");
    }
}

#[test]
fn every_retry_vector_follows_from_the_plans() {
    let spec = Spec::embedded();
    let tests = tests_of("retry.schema.json");
    assert!(tests.len() >= 60, "{}", tests.len());
    let mut asked = BTreeSet::new();
    for (name, test) in tests {
        let plan = &spec.plans[text(&test["plan"])];
        let attempt = usize::try_from(test["attempt"].as_u64().unwrap()).unwrap();
        let status = status_of(&test);
        let after = plan.after(status);
        assert_eq!(test["outcome"], word(after), "{name}");

        let offsets: Vec<u64> = derive::offsets(plan).map(|offset| offset.as_secs()).collect();
        assert!(attempt <= offsets.len(), "{name}: the plan has no such attempt");
        let next = offsets.get(attempt).filter(|_| after == After::Again).copied();
        assert_eq!(test["next_attempt_s"].as_u64(), next, "{name}");
        assert!(next.is_none_or(|next| next <= plan.window_s), "{name}");

        let table = &spec.automatic_refund;
        if table.plan == plan.id {
            for switch in [Switch::Off, Switch::On] {
                let refunded = match table.outcome(switch, status).unwrap() {
                    Outcome::Nothing | Outcome::Retry => false,
                    Outcome::Refund => true,
                    Outcome::RetryThenRefund => attempt == offsets.len(),
                };
                assert_eq!(test["refunded"][switch.as_str()], refunded, "{name}, {switch}");
            }
        } else {
            assert_eq!(test["refunded"], Value::Null, "{name}");
        }
        asked.insert((plan.id.as_str(), attempt));
    }
    let every_attempt: BTreeSet<(&str, usize)> = spec
        .plans
        .values()
        .flat_map(|plan| (1..=derive::offsets(plan).count()).map(|it| (plan.id.as_str(), it)))
        .collect();
    assert_eq!(asked, every_attempt);
}
