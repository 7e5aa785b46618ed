//! The pages, one module a kind of page, in the order of the navigation.

mod answers;
mod checks;
mod clauses;
mod contradictions;
mod delivery;
mod diagnoses;
mod errors;
mod examples;
mod flows;
mod generated;
pub(super) mod guides;
mod kind;
mod network;
mod products;
mod reason_codes;
mod settings;
mod sources;
mod start;
mod test_area;
mod types;
mod vectors;

#[cfg(test)]
pub(super) use self::generated::after_outage as generated_after_outage;
use hookproof_contract::spec::{Spec, embedded_files};

use super::{Group, Page};

/// All pages, in the order of the navigation.
pub(super) fn all(spec: &Spec) -> Vec<Page> {
    let mut pages = vec![start::page(spec)];
    pages.extend(guides::pages(spec, Group::Start));
    pages.push(flows::page(spec));
    pages.extend(guides::pages(spec, Group::Tool));
    pages.push(types::page(spec));
    pages.extend(types::in_order(spec).map(|notification| kind::page(spec, notification)));
    pages.extend([answers::page(spec), errors::page(spec), delivery::page(spec)]);
    pages.push(clauses::overview(spec));
    pages.extend(topics().filter_map(|name| clauses::topic(spec, spec.topics.get(name)?)));
    pages.extend([
        contradictions::page(spec),
        products::page(spec),
        settings::page(spec),
        network::page(spec),
        reason_codes::page(spec),
        test_area::page(spec),
        vectors::page(spec),
        sources::page(spec),
        checks::page(spec),
        diagnoses::page(spec),
    ]);
    pages
}

/// The topics' names, in the order in which the contract lists their files.
fn topics() -> impl Iterator<Item = &'static str> {
    embedded_files().iter().filter_map(|(path, _)| {
        path.strip_prefix("clauses/").and_then(|file| file.strip_suffix(".toml"))
    })
}

/// A page without a lead, sections or anything to be found.
fn page(path: &str, group: Group, title: &str, summary: &str) -> Page {
    Page {
        path: path.to_owned(),
        group,
        title: title.to_owned(),
        label: None,
        summary: summary.to_owned(),
        lead: maud::html! { p.lead { (summary) } },
        sections: Vec::new(),
        found: Vec::new(),
    }
}
