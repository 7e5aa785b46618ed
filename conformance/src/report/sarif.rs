//! What was found about security as SARIF 2.1.0, for code scanners: the clauses of [`security`] alone.
//!
//! A rule for each clause, a result for each breach, with the request that showed it and its answer.

use hookproof_contract::spec::{Clause, Spec};
use serde_json::{Map, Value, json};

use super::{
    CheckReport, CheckStatus, Report,
    security::{self, Weakness},
    words::{causes_of, header_value, visible},
};
use crate::{
    check::Violation,
    trace::{Delivery, Step},
};

/// Where the format is defined.
const SCHEMA_URL: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Characters of a body in a result.
const BODY_CHARS_MAX: usize = 4096;

/// The findings as SARIF that ends with a newline.
pub fn to_sarif(report: &Report) -> String {
    let rules: Vec<Value> =
        security::clauses().map(|(clause, found)| rule(clause, &found)).collect();
    let results: Vec<Value> =
        report.checks.iter().flat_map(|check| results(check, report)).collect();
    let log = json!({
        "$schema": SCHEMA_URL,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "rules": rules,
            } },
            "automationDetails": { "id": "hookproof/" },
            "invocations": [{
                "executionSuccessful": report.summary.error == 0,
                "properties": { "verdict": report.verdict, "seed": report.options.seed },
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(clause: &Clause, weakness: &Weakness) -> Value {
    let mut rule = json!({
        "id": clause.id,
        "shortDescription": { "text": clause.text.trim() },
        "fullDescription": { "text": format!("{} {}", clause.text.trim(), clause.why.trim()) },
        "help": { "text": clause.why.trim() },
        "properties": {
            "level": clause.level.as_str(),
            "security-severity": weakness.severity,
            "tags": ["security", format!("external/cwe/cwe-{}", weakness.cwe)],
        },
    });
    let spec = Spec::embedded();
    if let Some(address) = clause.sources.iter().find_map(|source| spec.address(source)) {
        rule["helpUri"] = Value::from(address);
    }
    rule
}

/// What a check found about security: its own finding, and the lesser points on the way.
fn results(check: &CheckReport, report: &Report) -> Vec<Value> {
    let mut found = Vec::new();
    if check.is_broken()
        && let Some(clause) = check.clause.as_deref()
    {
        let level = if check.status == CheckStatus::Fail { "error" } else { "warning" };
        let seen = (check.expected.as_deref(), check.actual.as_deref());
        found.extend(result((clause, level), check, seen, (&check.steps, report)));
    }
    let own = |lesser: &&Violation| check.clause.as_deref() == Some(&lesser.clause);
    for lesser in check.warnings.iter().filter(|lesser| !own(lesser)) {
        let seen = (Some(lesser.expected.as_str()), Some(lesser.actual.as_str()));
        found.extend(result((&lesser.clause, "warning"), check, seen, (&lesser.steps, report)));
    }
    found
}

fn result(
    (clause, level): (&str, &str),
    check: &CheckReport,
    (expected, actual): (Option<&str>, Option<&str>),
    (steps, report): (&[Step], &Report),
) -> Option<Value> {
    let (index, _) = security::clauses().enumerate().find(|(_, (known, _))| known.id == clause)?;
    let target = report.target.first().map_or("", String::as_str);
    let mut message = format!(
        "Asked whether the listener {}: expected {}; got {}.",
        check.title,
        expected.unwrap_or("what the clause says"),
        visible(actual.unwrap_or("something else")),
    );
    for cause in causes_of(check, report).take(1) {
        message.extend([" Likely: ", &cause.text, " Fix: ", &cause.fix]);
    }
    let mut result = json!({
        "ruleId": clause,
        "ruleIndex": index,
        "level": level,
        "message": { "text": message },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": target },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "name": check.id, "kind": "module" }],
        }],
        "partialFingerprints": { "hookproof/v1": format!("{clause}:{}", check.id) },
        "properties": { "evidence": check.evidence.as_str(), "repro": check.repro },
    });
    if let Some(reason) = &check.known {
        result["suppressions"] = json!([{ "kind": "external", "justification": reason }]);
    }
    let last = steps.iter().rev().find_map(|step| match step {
        Step::Delivery(delivery) => Some(delivery),
        _ => None,
    });
    if let Some(delivery) = last {
        let target = report.target.get(delivery.target).map_or(target, String::as_str);
        result["webRequest"] = request(delivery, target);
        if let Some(answer) = &delivery.answer {
            result["webResponse"] = json!({
                "statusCode": answer.status,
                "headers": headers(&answer.headers),
                "body": { "text": cut(&answer.body) },
            });
        }
    }
    Some(result)
}

fn request(delivery: &Delivery, target: &str) -> Value {
    json!({
        "method": delivery.method,
        "target": target,
        "headers": headers(&delivery.headers),
        "body": { "text": cut(&delivery.body) },
    })
}

/// A header that came twice is one value here, as in HTTP itself.
fn headers(headers: &[(String, String)]) -> Value {
    let mut map = Map::new();
    for (name, value) in headers {
        let value = visible(&header_value(name, value));
        match map.get_mut(name) {
            Some(Value::String(known)) => known.extend([", ", &value]),
            _ => {
                map.insert(name.clone(), Value::from(value));
            }
        }
    }
    Value::Object(map)
}

fn cut(text: &str) -> String {
    visible(&text.chars().take(BODY_CHARS_MAX).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn findings(report: &Report) -> Value {
        let log: Value = serde_json::from_str(&to_sarif(report)).unwrap();
        log["runs"][0]["results"].clone()
    }

    #[test]
    fn form() {
        insta::assert_snapshot!(format!("{:#}", findings(&sample::report())));
    }

    #[test]
    fn it_is_what_the_standard_says() {
        let schema = include_str!("../../tests/data/sarif-schema-2.1.0.json");
        let mut schema: Value = serde_json::from_str(schema).unwrap();
        // The pattern of these members, which are not written here, is no regular expression by the
        // rules that JSON Schema names: it closes a bracket that it did not open.
        for owner in ["run", "toolComponent"] {
            let language = format!("/definitions/{owner}/properties/language");
            schema
                .pointer_mut(&language)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove("pattern")
                .unwrap();
        }
        let validator = jsonschema::validator_for(&schema).unwrap();
        let log: Value = serde_json::from_str(&to_sarif(&sample::report())).unwrap();
        let problems: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(problems, Vec::<String>::new());
        assert!(
            !validator.is_valid(&json!({ "version": "2.1.0" })),
            "the schema demands something"
        );
    }

    #[test]
    fn only_security_is_told() {
        let found = findings(&sample::report());
        let rules: Vec<&str> =
            found.as_array().unwrap().iter().map(|one| one["ruleId"].as_str().unwrap()).collect();
        assert_eq!(rules, ["SIG-02"]);
    }
}
