//! Every link of the site leads somewhere, and every id of the contract has its anchor.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use super::*;
use crate::suite::site::context::place;

/// Made once: all tests read the same.
fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(|| Site::build(Spec::embedded()))
}

fn pages(site: &Site) -> impl Iterator<Item = (&String, &String)> {
    site.files.iter().filter(|(path, _)| path.rsplit_once('.').is_some_and(|(_, it)| it == "html"))
}

/// The values of an attribute. The pages write them all between double quotes.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let head = format!(" {attribute}=\"");
    page.split(&head).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn resolve(from: &str, href: &str) -> (String, Option<String>) {
    let (file, anchor) =
        href.split_once('#').map_or((href, None), |(f, a)| (f, Some(a.to_owned())));
    if file.is_empty() {
        return (from.to_owned(), anchor);
    }
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for part in file.split('/') {
        if part == ".." {
            assert!(path.pop().is_some(), "{from}: `{href}` leads out of the site");
        } else {
            path.push(part);
        }
    }
    (path.join("/"), anchor)
}

fn is_external(href: &str) -> bool {
    href.starts_with("https://") || href.starts_with("http://")
}

fn ids(site: &Site) -> BTreeMap<&String, BTreeSet<&str>> {
    pages(site).map(|(path, page)| (path, values(page, "id").into_iter().collect())).collect()
}

#[track_caller]
fn assert_leads(site: &Site, ids: &BTreeMap<&String, BTreeSet<&str>>, from: &str, href: &str) {
    let (file, anchor) = resolve(from, href);
    assert!(site.files.contains_key(&file), "{from}: `{href}` leads to no file");
    if let Some(anchor) = anchor {
        let found = ids.get(&file).is_some_and(|ids| ids.contains(anchor.as_str()));
        assert!(found, "{from}: `{href}` leads to no anchor");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let site = site();
    let ids = ids(site);
    for (path, page) in pages(site) {
        let links = values(page, "href").into_iter().filter(|href| !href.starts_with("data:"));
        for href in links.filter(|href| !is_external(href)).chain(values(page, "src")) {
            assert_leads(site, &ids, path, href);
        }
        for attribute in ["aria-labelledby", "aria-controls"] {
            for id in values(page, attribute).into_iter().flat_map(str::split_whitespace) {
                assert!(ids[path].contains(id), "{path}: `{id}` is no id");
            }
        }
    }
}

#[test]
fn whatever_is_found_is_there() {
    let site = site();
    let ids = ids(site);
    let index = site.get("assets/search-index.js").unwrap();
    let json =
        index.trim().trim_start_matches("globalThis.HOOKPROOF_INDEX = ").trim_end_matches(';');
    let entries: Vec<serde_json::Value> = serde_json::from_str(json).unwrap();
    assert!(entries.len() > 400);
    for entry in entries {
        assert_leads(site, &ids, "index.html", entry["u"].as_str().unwrap());
    }
}

#[test]
fn ids_are_unique_on_their_page() {
    let site = site();
    for (path, page) in pages(site) {
        let mut seen = BTreeSet::new();
        for id in values(page, "id") {
            assert!(seen.insert(id), "{path}: `{id}` twice");
        }
    }
}

#[test]
fn every_id_of_the_contract_has_its_anchor() {
    let site = site();
    let ids = ids(site);
    let spec = Spec::embedded();
    let codes = spec.errors.published.iter().map(|entry| entry.code.as_str());
    let checks = hookproof_conformance::checks::ALL.iter().map(|check| check.id);
    let names =
        spec.clauses.keys().chain(spec.notifications.keys()).chain(spec.contradictions.keys());
    for id in names.chain(spec.plans.keys()).map(String::as_str).chain(codes).chain(checks) {
        let place = place(spec, id).unwrap_or_else(|| panic!("`{id}` has no place"));
        assert_leads(site, &ids, "index.html", &place);
    }
    for (page, keys) in [
        ("settings.html", spec.settings.keys().collect::<Vec<_>>()),
        ("sources.html", spec.sources.keys().collect()),
        ("products.html", spec.products.iter().map(|product| &product.id).collect()),
        ("test-area.html", spec.test_area.iter().map(|tab| &tab.id).collect()),
        ("network.html", spec.network.lists.iter().map(|list| &list.id).collect()),
    ] {
        for key in keys {
            assert_leads(site, &ids, "index.html", &format!("{page}#{key}"));
        }
    }
    assert_leads(site, &ids, "index.html", "clauses/signature.html#SIG-01");
    assert_leads(site, &ids, "index.html", "delivery.html#automatic-refund");
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let site = site();
    for (path, page) in pages(site) {
        for source in values(page, "src").into_iter().chain(values(page, "poster")) {
            assert!(!source.contains(':') && !source.starts_with("//"), "{path}: {source}");
        }
        for tag in page.split("<link ").skip(1) {
            let tag = format!(" {}", tag.split('>').next().unwrap_or_default());
            let href = values(&tag, "href")[0];
            assert!(href.starts_with("data:image/") || !href.contains(':'), "{path}: {href}");
        }
        for word in ["<style", "style=\"", "<iframe", "<img", "onclick=", "javascript:"] {
            assert!(!page.contains(word), "{path}: {word}");
        }
    }
    for (path, text) in ASSETS {
        for word in
            ["http://", "https://", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML"]
        {
            assert!(!text.contains(word), "{path}: {word}");
        }
    }
}

#[test]
fn equal_contracts_give_equal_bytes() {
    assert_eq!(&Site::build(Spec::embedded()), site());
}

#[test]
fn text_is_escaped() {
    let site = site();
    let page = site.get("clauses/signature.html").unwrap();
    assert!(!page.contains("<script>"));
    // A text of the contract with an ampersand, an angle bracket or a quote, wherever it is shown.
    let context = context::Context::new(Spec::embedded(), "index.html");
    let shown = context.prose("a <b> & \"c\" `<d>` SIG-01").into_string();
    assert!(
        shown.starts_with("a &lt;b&gt; &amp; &quot;c&quot; <code>&lt;d&gt;</code> "),
        "{shown}"
    );
    assert!(shown.ends_with("<a class=\"id\" href=\"clauses/signature.html#SIG-01\">SIG-01</a>"));
}

#[test]
fn every_page_has_one_title_and_headings_in_order() {
    let site = site();
    for (path, page) in pages(site) {
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
        assert_eq!(page.matches("<main").count(), 1, "{path}");
        let mut before = 1;
        for rest in page.split("<h").skip(1) {
            let Some(level) = rest.chars().next().and_then(|digit| digit.to_digit(10)) else {
                continue;
            };
            assert!(level <= before + 1, "{path}: h{level} after h{before}");
            before = level;
        }
    }
}
