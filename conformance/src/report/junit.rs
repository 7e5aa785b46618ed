//! The report as JUnit XML, for CI systems.
//!
//! A suite for each topic, a case for each check with the topic as its class name. A broken `must`
//! is a `failure`, a question that could not be asked an `error`, what was left unseen is `skipped`;
//! what the baseline lists is `skipped`
//! with its reason; lesser points pass and say so in `system-out`, but fail under `--strict`.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{CheckReport, CheckStatus, Report, words::by_topic};

/// Why no XML could be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write JUnit XML: {0}")]
pub struct JunitError(#[from] quick_junit::SerializeError);

/// The report as JUnit XML that ends with a newline.
pub fn to_junit(report: &Report) -> Result<String, JunitError> {
    let mut document = quick_junit::Report::new("hookproof");
    document.set_time(Duration::from_millis(report.duration_ms));
    let suites = by_topic(report).into_iter().map(|(topic, checks)| {
        let mut suite = TestSuite::new(topic);
        suite.add_property(("target", report.target.join(", ").as_str()));
        suite.add_property(("seed", report.options.seed.to_string().as_str()));
        let millis = checks.iter().fold(0, |sum: u64, check| sum.saturating_add(check.duration_ms));
        suite.set_time(Duration::from_millis(millis));
        suite.add_test_cases(checks.into_iter().map(|check| case(check, report.options.strict)));
        suite
    });
    document.add_test_suites(suites);
    document.add_test_suites(stale(report));
    let mut text = document.to_string()?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// A failed case for each entry of the baseline that no longer fails: it fails the run.
fn stale(report: &Report) -> Option<TestSuite> {
    let cases = report.stale.iter().map(|stale| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("stale-baseline");
        status.set_message(format!(
            "no longer breaks {}: remove its entry, line {} of the baseline",
            stale.clause, stale.line
        ));
        let mut case = TestCase::new(stale.check.as_str(), status);
        case.set_classname("baseline");
        case
    });
    let cases: Vec<TestCase> = cases.collect();
    (!cases.is_empty()).then(|| {
        let mut suite = TestSuite::new("baseline");
        suite.add_test_cases(cases);
        suite
    })
}

fn case(check: &CheckReport, strict: bool) -> TestCase {
    let status = match check.status {
        _ if check.known.is_some() => known(check),
        CheckStatus::Pass => TestCaseStatus::success(),
        CheckStatus::Warn if !strict => TestCaseStatus::success(),
        CheckStatus::Fail | CheckStatus::Warn => told(NonSuccessKind::Failure, "broken", check),
        CheckStatus::Error => told(NonSuccessKind::Error, "could-not-ask", check),
        CheckStatus::Inconclusive => skipped("not to be told", check),
        CheckStatus::NotObservable => skipped("not observable", check),
        CheckStatus::Skipped => skipped("skipped", check),
    };
    let mut case = TestCase::new(check.id.as_str(), status);
    case.set_classname(check.topic());
    case.set_time(Duration::from_millis(check.duration_ms));
    case.add_property(("clauses", check.clauses.join(" ").as_str()));
    case.add_property(("level", check.level.as_str()));
    case.add_property(("evidence", check.evidence.as_str()));
    let mut lesser: Vec<String> = check
        .warnings
        .iter()
        .map(|found| format!("{}: expected {}; got {}", found.clause, found.expected, found.actual))
        .collect();
    if check.status == CheckStatus::Warn && !strict {
        lesser.insert(0, message(check));
    }
    lesser.extend(check.timeline.clone());
    lesser.extend(check.repro.as_ref().map(|repro| format!("see it: {repro}")));
    if !lesser.is_empty() {
        case.set_system_out(lesser.join("\n"));
    }
    case
}

fn told(kind: NonSuccessKind, kind_name: &str, check: &CheckReport) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message(check));
    status.set_type(check.clause.as_deref().unwrap_or(kind_name));
    status.set_description(description(check));
    status
}

fn known(check: &CheckReport) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    let reason = check.known.as_deref().unwrap_or_default();
    status.set_message(format!("known: {reason} ({})", message(check)));
    status
}

fn skipped(word: &str, check: &CheckReport) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(format!("{word}: {}", check.actual.as_deref().unwrap_or_default()));
    status
}

fn message(check: &CheckReport) -> String {
    let actual = check.actual.as_deref().unwrap_or_default();
    match (&check.clause, &check.expected) {
        (Some(clause), Some(expected)) => format!("{clause}: expected {expected}; got {actual}"),
        _ => actual.to_owned(),
    }
}

fn description(check: &CheckReport) -> String {
    let rows = [
        ("asked", Some(&format!("whether the listener {}", check.title))),
        ("clause", check.clause.as_ref()),
        ("expected", check.expected.as_ref()),
        ("actual", check.actual.as_ref()),
        ("listener", check.listener_output.as_ref()),
        ("see it", check.repro.as_ref()),
    ];
    let rows: Vec<String> = rows
        .into_iter()
        .filter_map(|(label, value)| value.map(|value| format!("{label}: {value}")))
        .collect();
    rows.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn form() {
        insta::assert_snapshot!(to_junit(&sample::report()).unwrap());
    }

    #[test]
    fn strict_fails_what_would_only_warn() {
        let mut report = sample::report();
        let failures = |text: &str| text.matches("<failure").count();
        assert_eq!(failures(&to_junit(&report).unwrap()), 2);
        report.options.strict = true;
        assert_eq!(failures(&to_junit(&report).unwrap()), 3);
    }
}
