//! Who tests the tests: a fault is caught by the checks that name it, nobody else is convicted.
//!
//! A sample is asked here. `cargo xtask zoo` asks about every listener of the zoo.

use std::{collections::BTreeMap, future::Future, time::Duration};

use futures_util::{StreamExt, stream};
use hookproof_conformance::{
    Options, Probe, Report, RunError,
    check::Evidence,
    options::{asks_web_shop, first_id_at, product, types_of},
    report::{CheckStatus, Verdict},
    run,
    watch::Silent,
};
use hookproof_contract::{Mode, Secret};
use hookproof_zoo::{Asks, Behaviour, Fault, Level, Odd};
use url::Url;

/// Generated values per property: enough for these faults.
const CASES: u32 = 24;

/// The odd ones are asked everything, and some of them are slow.
const CASES_OF_ODD: u32 = 6;

/// Every how-manieth listener is asked; but each topic's first fault is.
const FAULT_EACH: usize = 14;
const ODD_EACH: usize = 20;

/// Listeners that are asked at the same time.
const LISTENERS: usize = 10;

/// Shorter than the suite's own: some listeners here never answer.
const TIMEOUT: Duration = Duration::from_secs(4);

async fn ask(
    behaviour: Behaviour,
    asks: Asks,
    only: &[&str],
    probe: bool,
    cases: u32,
) -> Result<Report, RunError> {
    let served = hookproof_zoo::serve(behaviour).await.unwrap();
    let targets: Vec<Url> =
        served.replica_urls.iter().map(|target| Url::parse(target).unwrap()).collect();
    let secret = Secret::new(hookproof_zoo::SECRET).unwrap();
    let products: Vec<_> = asks.products.iter().map(|name| product(name).expect(name)).collect();
    let options = Options {
        modes: asks.modes.to_vec(),
        types: types_of(&products, asks.also, asks.modes),
        web_shop: asks_web_shop(&products),
        public_id: Some(hookproof_zoo::PUBLIC_ID.to_owned()),
        probe: probe.then(|| Probe::Url(served.probe_url.clone())),
        only: only.iter().map(|&id| id.to_owned()).collect(),
        cases,
        timeout: TIMEOUT,
        targets: targets.clone(),
        ..Options::new(targets[0].clone(), secret, 7, first_id_at(1_800_000_000_000))
    };
    run(&options, &Silent).await
}

/// Asks about many listeners at a time, on every core, and gathers what went wrong.
fn problems<T: Send, F: Future<Output = Vec<String>>>(
    of: impl IntoIterator<Item = T>,
    question: impl Fn(T) -> F + Copy + Send + Sync,
) -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut shares: Vec<Vec<T>> = (0..cores).map(|_| Vec::new()).collect();
    for (place, one) in of.into_iter().enumerate() {
        shares[place % cores].push(one);
    }
    let ask_share = |share: Vec<T>| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(stream::iter(share).map(question).buffer_unordered(LISTENERS).concat())
    };
    std::thread::scope(|scope| {
        let asking: Vec<_> =
            shares.into_iter().map(|share| scope.spawn(move || ask_share(share))).collect();
        asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
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
    let two = Behaviour::default().on_replicas(2);
    let report = ask(two, Asks::EVERYTHING, &[], true, CASES).await.unwrap();
    let not_passed: Vec<_> = report
        .checks
        .iter()
        .filter(|check| check.status != CheckStatus::Pass && check.evidence != Evidence::Spawn)
        .map(|check| {
            format!("{} {:?} {:?} {:?}", check.id, check.status, check.actual, check.expected)
        })
        .collect();
    assert_eq!(not_passed, [""; 0]);
    // Nobody can kill a listener that lives in the same process.
    assert_eq!(report.verdict, Verdict::Partial);
}

#[tokio::test(flavor = "current_thread")]
async fn without_a_probe_effects_are_not_observable() {
    let report = ask(Behaviour::default(), Asks::EVERYTHING, &[], false, CASES).await.unwrap();
    assert_eq!(accused(&report), [""; 0]);
    assert_eq!(report.verdict, Verdict::Partial);
    let granted = report.checks.iter().find(|check| check.id == "orders-granted").unwrap();
    assert_eq!(granted.status, CheckStatus::NotObservable);
}

/// Few, as every one of them is asked a whole run.
const CASES_OF_PRODUCT: u32 = 3;

#[test]
fn every_product_can_be_asked_about_alone() {
    const OF: [(&[&str], &[Mode]); 7] = [
        (&["payments"], &Mode::ALL),
        (&["buy-button"], &Mode::ALL),
        (&["subscriptions"], &Mode::ALL),
        (&["web-shop"], &Mode::ALL),
        (&["digital-distribution-hub"], &Mode::ALL),
        (&["in-game-store"], &[Mode::Separate]),
        (&["in-game-store", "subscriptions"], &[Mode::Combined]),
    ];
    let untold = problems(OF, |(products, modes)| async move {
        let asks = Asks { products, also: &[], modes };
        let report = ask(Behaviour::default(), asks, &[], true, CASES_OF_PRODUCT).await.unwrap();
        let not = report
            .checks
            .iter()
            .filter(|check| check.evidence != Evidence::Spawn)
            .filter(|check| !matches!(check.status, CheckStatus::Pass | CheckStatus::Skipped));
        let not = not.map(|check| {
            format!("{products:?}: {} {:?} {:?}", check.id, check.status, check.actual)
        });
        not.collect()
    });
    assert!(untold.is_empty(), "neither passed nor skipped:\n{}", untold.join("\n"));
}

#[test]
fn odd_listeners_are_not_accused() {
    // Those that need a process are served in memory here, where they are not odd.
    let odd = hookproof_zoo::odds().filter(|odd| !odd.needs_process()).step_by(ODD_EACH);
    let accusations = problems(odd, |odd: &Odd| async move {
        match ask((odd.behaviour)(), odd.asks, &[], true, CASES_OF_ODD).await {
            Ok(report) => {
                accused(&report).iter().map(|text| format!("{}: {text}", odd.slug)).collect()
            }
            Err(error) => vec![format!("{}: {error}", odd.slug)],
        }
    });
    assert!(accusations.is_empty(), "accused although right:\n{}", accusations.join("\n"));
}

#[test]
fn faults_are_caught_by_the_checks_that_name_them() {
    // Those that need a process are served in memory here, where they are right.
    let here = |fault: &&Fault| fault.level != Level::Spawn;
    let topics = hookproof_zoo::TOPICS.iter();
    let sample = topics.flat_map(|topic| topic.iter().filter(here).step_by(FAULT_EACH));
    let missed = problems(sample, missed_by);
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

async fn missed_by(fault: &Fault) -> Vec<String> {
    // The rules about answers are broken in answers to what other checks ask.
    if missed_by_asking(fault, fault.caught_by).await.is_empty() {
        return Vec::new();
    }
    missed_by_asking(fault, &[]).await
}

async fn missed_by_asking(fault: &Fault, only: &[&str]) -> Vec<String> {
    let probe = fault.level != Level::Wire;
    let report = match ask((fault.behaviour)(), fault.asks, only, probe, CASES).await {
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

#[tokio::test(flavor = "current_thread")]
async fn who_keeps_ids_in_32_bits_is_asked_about_the_rest_too() {
    let fault = hookproof_zoo::faults().find(|fault| fault.slug == "ids-as-int32").unwrap();
    let report = ask((fault.behaviour)(), Asks::STORE, &[], true, CASES_OF_ODD).await.unwrap();
    assert_eq!(report.diagnoses[0].cause, "ids-as-int32");
    let failed: Vec<&str> = report
        .checks
        .iter()
        .filter(|check| matches!(check.status, CheckStatus::Fail | CheckStatus::Error))
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(failed, ["payloads-ids-beyond-32-bits"]);
}

#[tokio::test(flavor = "current_thread")]
async fn failures_of_one_mode_alone_suggest_the_other() {
    let separate =
        hookproof_zoo::odds().find(|odd| odd.slug == "separate-mode-only-by-choice").unwrap();
    let report = ask((separate.behaviour)(), Asks::STORE, &[], true, CASES_OF_ODD).await.unwrap();
    assert_eq!(report.verdict, Verdict::Nonconformant);
    assert!(report.notes[0].contains("--mode separate"), "{:?}", report.notes);
}
