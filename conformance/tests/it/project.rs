//! Careful listeners, which refuse other ids, prices or currencies than their project's.

use std::{sync::Arc, time::Duration};

use hookproof_conformance::{
    Exit, Options, Report,
    options::{asks_web_shop, product, types_of},
    project::Project,
    report::CheckStatus,
    run,
    watch::Silent,
};
use hookproof_contract::Secret;
use hookproof_zoo::{CURRENCY, MERCHANT_ID, PRICE, PROJECT_ID, SECRET, odds, serve};
use url::Url;

/// The values that the listeners of this kind insist on.
fn project() -> Project {
    let price = PRICE.parse().unwrap();
    Project {
        project_id: Some(PROJECT_ID),
        merchant_id: Some(MERCHANT_ID),
        prices: ["sword_01", "gold"].map(|sku| (sku.to_owned(), price)).into(),
        currency: Some(CURRENCY.to_owned()),
    }
}

async fn ask(slug: &str, project: Project) -> Report {
    let odd = odds().find(|odd| odd.slug == slug).unwrap();
    let served = serve((odd.behaviour)()).await.unwrap();
    let products: Vec<_> = odd.asks.products.iter().filter_map(|name| product(name)).collect();
    let options = Options {
        project: Arc::new(project),
        types: types_of(&products, odd.asks.also, odd.asks.modes),
        web_shop: asks_web_shop(&products),
        public_id: Some(hookproof_zoo::PUBLIC_ID.to_owned()),
        cases: 4,
        timeout: Duration::from_secs(5),
        ..Options::new(
            Url::parse(&served.webhook_url).unwrap(),
            Secret::new(SECRET).unwrap(),
            1,
            3_000_000_000_000,
        )
    };
    run(&options, &Silent).await.unwrap()
}

fn with_status(report: &Report, status: CheckStatus) -> Vec<String> {
    let checks = report.checks.iter().filter(|check| check.status == status);
    checks.map(|check| format!("{}: {:?}", check.id, check.actual)).collect()
}

#[track_caller]
fn judge(report: &Report, flag: Option<&str>) {
    let failed = with_status(report, CheckStatus::Fail);
    assert!(failed.is_empty(), "{failed:#?}");
    let unsure = with_status(report, CheckStatus::Inconclusive);
    match flag {
        Some(flag) => {
            let named = report.notes.iter().chain(&unsure).any(|text| text.contains(flag));
            assert!(named, "`{flag}` is not named: {:#?} {unsure:#?}", report.notes);
        }
        None => {
            assert_eq!(report.exit(), Exit::Conformant);
            assert!(unsure.is_empty(), "{unsure:#?}");
        }
    }
}

async fn careful(slug: &str, flag: &str) {
    judge(&ask(slug, Project::default()).await, Some(flag));
    judge(&ask(slug, project()).await, None);
}

#[tokio::test(flavor = "current_thread")]
async fn a_listener_may_insist_on_its_project() {
    careful("own-project-only", "--project-id N").await;
    judge(&ask("own-project-only-tersely", Project::default()).await, Some("--project-id N"));
    careful("own-merchant-only", "--merchant-id N").await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_listener_may_insist_on_its_prices() {
    careful("own-prices-only", "--price SKU=AMOUNT").await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_listener_may_insist_on_its_currency() {
    careful("own-currency-only", "--currency CODE").await;
}
