//! The embedded contract is consistent, and every way of breaking it is noticed.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::*;
use crate::{ErrorCode, Mode, NotificationType, derive};

/// Files of the folder that hold no data of their own: prose, and what is generated from the data.
const NOT_EMBEDDED: [&str; 3] = ["README.md", "COVERAGE.md", "openapi.json"];

fn spec_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec")
}

fn paths_below(folder: &Path, root: &Path, paths: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            paths_below(&path, root, paths);
        } else {
            let parts: Vec<_> = path.strip_prefix(root).unwrap().iter().collect();
            paths.insert(parts.join("/".as_ref()).into_string().unwrap());
        }
    }
}

#[test]
fn the_embedded_contract_is_consistent() {
    if let Err(error) = Spec::from_files(embedded_files()) {
        panic!("{error}");
    }
    assert_eq!(Spec::embedded().clauses["SIG-01"].topic, "signature");
}

#[test]
fn every_file_of_the_folder_is_embedded() {
    let mut found = BTreeSet::new();
    paths_below(&spec_folder(), &spec_folder(), &mut found);
    found.retain(|path| !NOT_EMBEDDED.contains(&path.as_str()));
    let embedded: BTreeSet<String> =
        embedded_files().iter().map(|(path, _)| (*path).to_owned()).collect();
    let missing: Vec<&String> = found.difference(&embedded).collect();
    let gone: Vec<&String> = embedded.difference(&found).collect();
    assert!(missing.is_empty(), "not in spec/embedded.rs: {missing:#?}");
    assert!(gone.is_empty(), "not in the folder: {gone:#?}");
}

#[test]
fn enums_and_data_name_the_same() {
    let spec = Spec::embedded();
    let codes: Vec<ErrorCode> = spec.errors.published.iter().map(|entry| entry.code).collect();
    assert_eq!(codes, ErrorCode::ALL);
    for entry in &spec.errors.published {
        assert_eq!(entry.message, entry.code.message());
        assert_eq!(spec.errors.get(entry.code), Some(entry));
    }
    let mut types: BTreeSet<&str> = NotificationType::ALL.map(NotificationType::as_str).into();
    types.insert(notification::WEB_SHOP_USER_VALIDATION);
    let folders: BTreeSet<&str> = spec.notifications.keys().map(String::as_str).collect();
    assert_eq!(folders, types);
}

#[test]
fn plans_add_up() {
    let spec = Spec::embedded();
    for (id, attempts, hours) in [
        ("order-paid", 20, 12),
        ("order-canceled", 20, 12),
        ("payment-48h", 12, 48),
        ("payment-12h", 12, 12),
        ("refund-48h", 12, 48),
        ("refund-12h", 12, 12),
        ("refund-own", 1, 0),
        ("never", 1, 0),
    ] {
        let plan = &spec.plans[id];
        assert_eq!((plan.attempts_max, plan.window_s), (attempts, hours * 3600), "{id}");
        assert_eq!(derive::waits(plan).count() + 1, derive::offsets(plan).count(), "{id}");
        if plan.published == Published::Limits {
            let waits: Vec<_> = derive::waits(plan).collect();
            assert!(waits.is_sorted_by(|shorter, longer| shorter < longer), "{id} does not grow");
        }
    }
    let last = derive::offsets(&spec.plans["order-paid"]).last().unwrap();
    assert_eq!(last.as_secs(), (11 * 60 + 55) * 60);
}

#[test]
fn answers_lead_on_as_published() {
    let spec = Spec::embedded();
    let check = |plan: &str, answer, expected| {
        assert_eq!(spec.plans[plan].after(answer), expected, "{plan} after {answer:?}");
    };
    check("order-paid", Some(204), After::Done);
    check("order-paid", Some(202), After::Again);
    check("order-paid", Some(302), After::Again);
    check("order-paid", Some(409), After::Final);
    check("order-paid", Some(410), After::Again);
    check("order-paid", Some(500), After::Again);
    check("order-paid", None, After::Again);
    check("order-canceled", Some(410), After::Final);
    check("order-canceled", Some(302), After::Unpublished);
    check("payment-48h", Some(400), After::Final);
    check("refund-own", None, After::Final);
    check("never", Some(503), After::Final);

    let outcome = |switch, answer| spec.automatic_refund.outcome(switch, answer);
    assert_eq!(outcome(Switch::Off, Some(404)), Some(Outcome::Nothing));
    assert_eq!(outcome(Switch::On, Some(404)), Some(Outcome::Refund));
    assert_eq!(outcome(Switch::On, None), Some(Outcome::RetryThenRefund));
    assert_eq!(outcome(Switch::Off, Some(503)), Some(Outcome::Retry));
}

#[test]
fn products_need_payments_in_separate_mode_only() {
    let spec = Spec::embedded();
    let store = spec.products.iter().find(|product| product.id == "in-game-store").unwrap();
    assert_eq!(store.needs(NotificationType::Payment, Mode::Separate), Need::Required);
    assert_eq!(store.needs(NotificationType::Payment, Mode::Combined), Need::Optional);
    assert_eq!(store.needs(NotificationType::OrderPaid, Mode::Combined), Need::Required);
    assert_eq!(store.needs(NotificationType::CreateSubscription, Mode::Separate), Need::Unused);
}

#[test]
fn addresses_of_every_documented_list_are_accepted() {
    let network = &Spec::embedded().network;
    for (address, expected) in [
        ("185.30.22.7", true),
        ("35.236.90.90", true),
        ("34.94.43.207", true),
        ("159.255.220.241", false),
        ("127.0.0.1", false),
    ] {
        assert_eq!(network.accepts(address.parse().unwrap()), expected, "{address}");
    }
}

#[test]
fn clauses_are_many_and_speak_for_themselves() {
    let spec = Spec::embedded();
    assert!(spec.clauses.len() >= 110, "{} clauses", spec.clauses.len());
    assert!(spec.contradictions.len() >= 36, "{} contradictions", spec.contradictions.len());
    for clause in spec.clauses.values() {
        let id = &clause.id;
        assert!(
            clause.text.ends_with(['.', '`']) && !clause.text.contains('\n'),
            "{id}: {}",
            clause.text
        );
        assert!(clause.why.ends_with('.'), "{id}: {}", clause.why);
        let withdrawn = clause.status == Status::Withdrawn;
        assert!(withdrawn || clause.binds_listeners() || clause.binds_senders(), "{id}");
        assert_eq!(withdrawn, clause.why.starts_with("Withdrawn: "), "{id}");
    }
    assert_eq!(spec.clauses.values().map(|clause| clause.level).min(), Some(Level::Must));
}

#[test]
fn citations_lead_to_addresses() {
    let spec = Spec::embedded();
    assert_eq!(
        spec.address("reference#payments/refund").unwrap(),
        "https://xsolla.redocly.app/webhooks/payments/refund.md"
    );
    assert_eq!(spec.address("capture-2021"), None);
}

#[test]
fn authority_is_that_of_the_strongest_source() {
    let spec = Spec::embedded();
    let check = |sources: &[&str], expected: Authority| {
        let sources = sources.iter().map(|&source| source.to_owned()).collect();
        let clause = Clause { sources, ..spec.clauses["SIG-01"].clone() };
        assert_eq!(spec.authority(&clause), expected);
    };
    check(&["derived#payload", "rfc-9110#section-5.1"], Authority::Standard);
    check(&["rfc-9110#section-5.1", "field-reports#payload"], Authority::ThirdParty);
    check(&["field-reports#payload", "capture-2021"], Authority::Capture);
    check(&["capture-2021", "php-sdk#answers"], Authority::OfficialCode);
    check(&["php-sdk#answers", "de-overview#list"], Authority::OfficialOlder);
    check(&["de-overview#list", "reference#payments/payment"], Authority::Official);
    for authority in Authority::ALL {
        let used = spec.sources.values().any(|source| source.authority == *authority);
        assert!(used, "no source is `{authority}`");
        let words = authority.meaning().contains("No document of Xsolla");
        assert_ne!(words, authority.is_documented(), "{authority}");
    }
}
