//! Cross-checks of the smaller tables.

use std::collections::BTreeSet;

use super::Checker;
use crate::{
    ErrorCode, NotificationType,
    spec::{
        Fault, Network,
        products::{Need, Product},
        test_area::{Expect, Tab},
    },
};

pub(super) fn check(checker: &mut Checker<'_>) {
    errors(checker);
    network(checker);
    products(checker);
    settings(checker);
    reason_codes(checker);
    test_area(checker);
    neighbours(checker);
    vectors(checker);
}

fn errors(checker: &mut Checker<'_>) {
    const FILE: &str = "errors.toml";
    let errors = &checker.files.errors;
    let mut codes = BTreeSet::new();
    for entry in &errors.published {
        let mut place = checker.at(FILE, format!("error {}", entry.code));
        place.expect(codes.insert(entry.code), || Fault::DuplicateId);
        place.not_empty("message", &entry.message);
        place.not_empty("when", &entry.when);
        place.expect((400..500).contains(&entry.status), || Fault::Form {
            form: "4xx status",
            value: entry.status.to_string(),
        });
        place.clauses(&entry.clauses);
        place.cites(&entry.sources);
    }
    for code in ErrorCode::ALL.iter().filter(|code| !codes.contains(code)) {
        checker.at(FILE, "error").report(Fault::ListedNowhere(code.to_string()));
    }
    checker.unique(FILE, "foreign", errors.foreign.iter().map(|entry| entry.code.as_str()));
    for entry in &errors.foreign {
        let mut place = checker.at(FILE, format!("foreign {}", entry.code));
        place.expect(entry.code.parse::<ErrorCode>().is_err(), || {
            Fault::ListedTwice(entry.code.clone())
        });
        place.not_empty("meaning", &entry.meaning);
        place.clauses(&entry.clauses);
        place.cites(&entry.sources);
    }
}

fn network(checker: &mut Checker<'_>) {
    const FILE: &str = "network.toml";
    let network = &checker.files.network;
    checker.unique(FILE, "list", network.lists.iter().map(|list| list.id.as_str()));
    let mut derived: BTreeSet<Network> = BTreeSet::new();
    for list in &network.lists {
        let mut place = checker.at(FILE, format!("list {}", list.id));
        place.cites(&list.sources);
        let mut seen = BTreeSet::new();
        for address in &list.addresses {
            place.expect(seen.insert(*address), || Fault::ListedTwice(address.to_string()));
        }
        if list.accept {
            derived.extend(seen);
        }
    }
    let mut place = checker.at(FILE, "union");
    place.clauses(&network.union.clauses);
    let mut written = BTreeSet::new();
    for address in &network.union.addresses {
        place.expect(written.insert(*address), || Fault::ListedTwice(address.to_string()));
        place.expect(derived.contains(address), || Fault::Differs {
            what: "the union",
            written: format!("with {address}"),
            derived: "without it".to_owned(),
        });
    }
    for address in derived.difference(&written) {
        place.report(Fault::ListedNowhere(address.to_string()));
    }
}

fn products(checker: &mut Checker<'_>) {
    const FILE: &str = "products.toml";
    let products = &checker.files.products;
    checker.unique(FILE, "product", products.iter().map(|product| product.id.as_str()));
    for product in products {
        let mut place = checker.at(FILE, format!("product {}", product.id));
        place.not_empty("title", &product.title);
        place.not_empty("purpose", &product.purpose);
        place.cites(&product.sources);
        let mut seen = BTreeSet::new();
        for kind in product.listed() {
            place.expect(seen.insert(kind), || Fault::ListedTwice(kind.to_string()));
        }
        place.expect(product.need != Need::Unused, || Fault::Form {
            form: "need of a product",
            value: product.need.to_string(),
        });
    }
    let used: BTreeSet<NotificationType> = products.iter().flat_map(Product::listed).collect();
    for kind in NotificationType::ALL.iter().filter(|kind| !used.contains(kind)) {
        checker.at(FILE, "product").report(Fault::ListedNowhere(kind.to_string()));
    }
}

fn settings(checker: &mut Checker<'_>) {
    const FILE: &str = "settings.toml";
    let settings = &checker.files.settings;
    checker.unique(FILE, "setting", settings.iter().map(|setting| setting.id.as_str()));
    for setting in settings {
        let mut place = checker.at(FILE, format!("setting {}", setting.id));
        place.not_empty("title", &setting.title);
        place.not_empty("effect", &setting.effect);
        place.cites(&setting.sources);
        place.expect(!setting.notifications.is_empty(), || Fault::Empty("notifications"));
        for kind in setting.unplaced.iter().filter(|kind| setting.notifications.contains(kind)) {
            place.report(Fault::ListedTwice(kind.to_string()));
        }
        for pointer in setting.adds.iter().chain(&setting.removes) {
            place.pointer(pointer);
        }
        for value in &setting.values {
            place.expect(setting.adds.contains(&value.member), || {
                Fault::ListedNowhere(value.member.clone())
            });
        }
    }
}

fn reason_codes(checker: &mut Checker<'_>) {
    const FILE: &str = "reason-codes.toml";
    let mut seen = BTreeSet::new();
    for code in &checker.files.reason_codes {
        let mut place = checker.at(FILE, format!("code {}", code.code));
        place.expect(seen.insert(code.code), || Fault::DuplicateId);
        place.not_empty("reason", &code.reason);
        place.expect(!code.on.is_empty(), || Fault::Empty("on"));
        place.cites(&code.sources);
    }
}

fn test_area(checker: &mut Checker<'_>) {
    const FILE: &str = "test-area.toml";
    let tabs = &checker.files.test_area;
    checker.unique(FILE, "tab", tabs.iter().map(|tab| tab.id.as_str()));
    let scenarios = tabs.iter().flat_map(|tab| &tab.scenarios);
    checker.unique(FILE, "scenario", scenarios.map(|scenario| scenario.id.as_str()));
    for tab in tabs {
        checker.at(FILE, format!("tab {}", tab.id)).cites(&tab.sources);
        test_tab(checker, FILE, tab);
    }
}

fn test_tab(checker: &mut Checker<'_>, file: &str, tab: &Tab) {
    let sent: BTreeSet<_> = tab.scenarios.iter().map(|scenario| scenario.notification).collect();
    checker.unique(file, "field", tab.fields.iter().map(|field| field.name.as_str()));
    for field in &tab.fields {
        let mut place = checker.at(file, format!("tab {}, field {}", tab.id, field.name));
        for (kind, pointer) in &field.member {
            place.pointer(pointer);
            // The public id is asked for on tabs that may send a search besides.
            let known = sent.contains(kind) || *kind == NotificationType::UserSearch;
            place.expect(known, || Fault::ListedNowhere(kind.to_string()));
        }
    }
    for scenario in &tab.scenarios {
        let mut place = checker.at(file, format!("scenario {}", scenario.id));
        let named =
            scenario.id.strip_prefix(tab.id.as_str()).is_some_and(|rest| rest.starts_with('-'));
        place.expect(named, || Fault::Form {
            form: "scenario of this tab",
            value: scenario.id.clone(),
        });
        place.clauses(&scenario.clauses);
        match scenario.expect {
            Expect::Refusal => place.expect(scenario.code.is_some(), || Fault::Needs {
                key: "code",
                because: "`expect = \"refusal\"`",
            }),
            Expect::Success => place.expect(scenario.code.is_none(), || Fault::Excess {
                key: "code",
                because: "success has no code",
            }),
        }
    }
}

fn neighbours(checker: &mut Checker<'_>) {
    const FILE: &str = "neighbours.toml";
    let neighbours = &checker.files.neighbours;
    checker.unique(FILE, "neighbour", neighbours.iter().map(|neighbour| neighbour.kind.as_str()));
    for neighbour in neighbours {
        let mut place = checker.at(FILE, format!("neighbour {}", neighbour.kind));
        place.not_empty("title", &neighbour.title);
        place.cites(&neighbour.sources);
        place.expect(neighbour.kind.parse::<NotificationType>().is_err(), || {
            Fault::ListedTwice(neighbour.kind.clone())
        });
    }
}

fn vectors(checker: &mut Checker<'_>) {
    for (path, clauses) in &checker.files.vectors {
        let mut place = checker.at(path, "clauses");
        place.expect(!clauses.is_empty(), || Fault::Empty("clauses"));
        place.clauses(clauses);
    }
}
