//! Who tests the tests: every fault is caught by the checks that name it, nobody else is convicted.

use std::{collections::BTreeMap, future::Future, time::Duration};

use futures_util::{StreamExt, stream};
use hookproof_conformance::{
    Options, Report, RunError,
    options::first_id_at,
    report::{CheckStatus, Verdict},
    run,
    watch::Silent,
};
use hookproof_contract::Secret;
use hookproof_zoo::{Behaviour, Fault, Level, Odd};
use url::Url;

/// Generated values per property: enough for these faults, and for a minute.
const CASES: u32 = 24;

/// The odd ones are asked everything, and some of them are slow.
const CASES_OF_ODD: u32 = 6;

/// Listeners that are asked at the same time.
const LISTENERS: usize = 10;

/// Shorter than the suite's own: some listeners here never answer.
const TIMEOUT: Duration = Duration::from_secs(4);

async fn ask(
    behaviour: Behaviour,
    only: &[&str],
    probe: bool,
    cases: u32,
) -> Result<Report, RunError> {
    let served = hookproof_zoo::serve(behaviour).await.unwrap();
    let target = Url::parse(&served.webhook_url).unwrap();
    let secret = Secret::new(hookproof_zoo::SECRET).unwrap();
    let options = Options {
        probe: probe.then(|| served.probe_url.clone()),
        only: only.iter().map(|&id| id.to_owned()).collect(),
        cases,
        timeout: TIMEOUT,
        ..Options::new(target, secret, 7, first_id_at(1_800_000_000_000))
    };
    run(&options, &Silent).await
}

/// Runs this many questions at a time and gathers what went wrong.
async fn problems<T, F: Future<Output = Vec<String>>>(
    of: impl IntoIterator<Item = T>,
    question: impl Fn(T) -> F,
) -> Vec<String> {
    stream::iter(of).map(question).buffer_unordered(LISTENERS).concat().await
}

fn accused(report: &Report) -> Vec<String> {
    let bad = |status| matches!(status, CheckStatus::Fail | CheckStatus::Error);
    let of = report.checks.iter().filter(|check| bad(check.status));
    of.map(|check| {
        format!(
            "{} {:?}: {:?} instead of {:?}",
            check.id, check.status, check.actual, check.expected
        )
    })
    .collect()
}

#[tokio::test(flavor = "current_thread")]
async fn the_right_listener_passes_everything() {
    let report = ask(Behaviour::default(), &[], true, CASES).await.unwrap();
    let not_passed: Vec<_> = report
        .checks
        .iter()
        .filter(|check| check.status != CheckStatus::Pass)
        .map(|check| {
            format!("{} {:?} {:?} {:?}", check.id, check.status, check.actual, check.expected)
        })
        .collect();
    assert_eq!(not_passed, [""; 0]);
    assert_eq!(report.verdict, Verdict::Conformant);
}

#[tokio::test(flavor = "current_thread")]
async fn without_a_probe_effects_are_not_observable() {
    let report = ask(Behaviour::default(), &[], false, CASES).await.unwrap();
    assert_eq!(accused(&report), [""; 0]);
    assert_eq!(report.verdict, Verdict::Partial);
    let granted = report.checks.iter().find(|check| check.id == "orders-granted").unwrap();
    assert_eq!(granted.status, CheckStatus::NotObservable);
}

#[tokio::test(flavor = "current_thread")]
async fn no_odd_listener_is_accused() {
    let accusations = problems(hookproof_zoo::ODDS, |odd: &Odd| async move {
        match ask((odd.behaviour)(), &[], true, CASES_OF_ODD).await {
            Ok(report) => {
                accused(&report).iter().map(|text| format!("{}: {text}", odd.slug)).collect()
            }
            Err(error) => vec![format!("{}: {error}", odd.slug)],
        }
    })
    .await;
    assert!(accusations.is_empty(), "accused although right:\n{}", accusations.join("\n"));
}

#[tokio::test(flavor = "current_thread")]
async fn every_fault_is_caught_by_the_checks_that_name_it() {
    let missed = problems(hookproof_zoo::faults(), missed_by).await;
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

async fn missed_by(fault: &Fault) -> Vec<String> {
    let probe = fault.level != Level::Wire;
    let report = match ask((fault.behaviour)(), fault.caught_by, probe, CASES).await {
        Ok(report) => report,
        // Who knows no user cannot be told from who was asked about the wrong one.
        Err(RunError::Target { reason, .. })
            if fault.slug == "refuses-every-validation"
                && reason.contains("refuses every validation") =>
        {
            return Vec::new();
        }
        Err(error) => return vec![format!("{}: {error}", fault.slug)],
    };
    let found: BTreeMap<&str, _> =
        report.checks.iter().map(|check| (check.id.as_str(), check)).collect();
    let wanted = match fault.verdict {
        hookproof_zoo::Verdict::Fail => CheckStatus::Fail,
        hookproof_zoo::Verdict::Warn => CheckStatus::Warn,
    };
    let missing = fault.caught_by.iter().filter(|id| found[**id].status != wanted);
    missing
        .map(|id| {
            format!(
                "{} (a listener that {}): {id} says {:?}, {:?}",
                fault.slug, fault.completes, found[*id].status, found[*id].actual
            )
        })
        .collect()
}
