//! The JSON Schema of the report, as it is published: `conformance/report.schema.json`.

/// The schema's text.
pub const TEXT: &str = include_str!("../../report.schema.json");

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::{SCHEMA, json::to_json, sample};

    fn problems(report: &Value) -> Vec<String> {
        let schema: Value = serde_json::from_str(TEXT).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        validator
            .iter_errors(report)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    fn sample() -> Value {
        serde_json::from_str(&to_json(&sample::report())).unwrap()
    }

    #[test]
    fn the_schema_is_right_by_its_own_rules() {
        let schema: Value = serde_json::from_str(TEXT).unwrap();
        jsonschema::meta::validate(&schema).unwrap();
        assert_eq!(schema["properties"]["schema"]["const"], SCHEMA);
    }

    #[test]
    fn reports_are_what_the_schema_says() {
        assert_eq!(problems(&sample()), Vec::<String>::new());
    }

    /// Every member that a report has is described, at any depth.
    #[test]
    fn every_member_is_described() {
        let schema: Value = serde_json::from_str(TEXT).unwrap();
        let described = |part: &Value, value: &Value| {
            for name in value.as_object().unwrap().keys() {
                assert!(!part["properties"][name].is_null(), "`{name}` is not described");
            }
        };
        let report = sample();
        described(&schema, &report);
        described(&schema["properties"]["summary"], &report["summary"]);
        described(&schema["$defs"]["options"], &report["options"]);
        for check in report["checks"].as_array().unwrap() {
            described(&schema["$defs"]["check"], check);
        }
        described(&schema["$defs"]["diagnosis"], &report["diagnoses"][0]);
    }

    /// What a newer program adds within one version is no problem to whoever validates.
    #[test]
    fn members_may_be_added_anywhere() {
        fn add(value: &mut Value) {
            match value {
                Value::Object(members) => {
                    members.values_mut().for_each(add);
                    members.insert("newer".to_owned(), json!({ "a": [1] }));
                }
                Value::Array(items) => items.iter_mut().for_each(add),
                _ => (),
            }
        }
        let mut report = sample();
        add(&mut report);
        assert_eq!(problems(&report), Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for (pointer, wrong) in [
            ("/schema", json!("hookproof.report/2")),
            ("/verdict", json!("fine")),
            ("/checks", json!({})),
            ("/checks/0/status", json!("PASS")),
            ("/summary/fail", json!(-1)),
            ("/options/seed", json!("42")),
        ] {
            let mut report = sample();
            *report.pointer_mut(pointer).unwrap() = wrong;
            assert_ne!(problems(&report), Vec::<String>::new(), "{pointer}");
        }
    }
}
