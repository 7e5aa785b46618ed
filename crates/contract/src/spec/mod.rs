//! The contract's data, `spec/`, as Rust types.
//!
//! [`Spec::embedded`] is the contract that this program was built with; [`Spec::from_files`] reads any
//! other set of files by the same rules. Both refuse unknown keys, and references that lead nowhere.
//!
//! **Invariant:** a [`Spec`] that exists is consistent; nobody who holds one checks a reference again.

pub mod aliases;
pub mod clause;
pub mod contradiction;
pub mod delivery;
pub mod embedded;
pub mod errors;
pub mod neighbours;
pub mod network;
pub mod notification;
pub mod products;
pub mod reason_codes;
pub mod settings;
pub mod source;
pub mod test_area;

mod check;
mod problem;
mod read;
mod words;

#[cfg(test)]
mod broken;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::OnceLock};

pub use aliases::Alias;
pub use clause::{Clause, Evidence, Level, Side, Status, Topic};
pub use contradiction::{Contradiction, Reading};
pub use delivery::{
    After, AnswerPattern, AutomaticRefund, Outcome, Plan, PlanReading, Published, Step, Switch,
};
pub use embedded::embedded_files;
pub use errors::{ErrorTable, ForeignError, PublishedError};
pub use neighbours::{Neighbour, Standing};
pub use network::{AddressBook, AddressList, Network};
pub use notification::{Example, ExampleKind, ExampleMode, Notification, Quirk};
pub use problem::{Fault, Kind, Problem, SpecError};
pub use products::{Need, Product};
pub use reason_codes::{Advice, ReasonCode};
pub use settings::{Setting, SettingValue, Shape};
pub use source::{Authority, Source, split_citation};
pub use test_area::{Expect, Field, Scenario, Tab};

use self::read::Files;

/// Size of the largest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// The contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The documents behind it, by key.
    pub sources: BTreeMap<String, Source>,
    /// The topics, by name.
    pub topics: BTreeMap<String, Topic>,
    /// The clauses, by id.
    pub clauses: BTreeMap<String, Clause>,
    /// Where the sources disagree, by id.
    pub contradictions: BTreeMap<String, Contradiction>,
    /// The error codes.
    pub errors: ErrorTable,
    /// The retry plans, by id.
    pub plans: BTreeMap<String, Plan>,
    /// What follows from the answer to a paid order.
    pub automatic_refund: AutomaticRefund,
    /// Where webhooks come from.
    pub network: AddressBook,
    /// The products, in the order of the documents.
    pub products: Vec<Product>,
    /// The switches that change payloads, by id.
    pub settings: BTreeMap<String, Setting>,
    /// Why money was given back, by code. An open set.
    pub reason_codes: BTreeMap<u32, ReasonCode>,
    /// The tabs of the Publisher Account's test area.
    pub test_area: Vec<Tab>,
    /// The words people search for, in the order of the file.
    pub aliases: Vec<Alias>,
    /// Types outside the contract that a listener may meet all the same.
    pub neighbours: Vec<Neighbour>,
    /// The webhooks, by type; the Web Shop's question by
    /// [`WEB_SHOP_USER_VALIDATION`](notification::WEB_SHOP_USER_VALIDATION).
    pub notifications: BTreeMap<String, Notification>,
}

impl Spec {
    /// The contract that is embedded in this program, read once.
    pub fn embedded() -> &'static Self {
        static SPEC: OnceLock<Spec> = OnceLock::new();
        SPEC.get_or_init(|| {
            Self::from_files(embedded_files()).expect("a test reads the embedded contract")
        })
    }

    /// Reads a contract from its files: paths relative to `spec/`, and texts.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Self, SpecError> {
        let checked = read::read(files).and_then(|files| match check::check(&files) {
            problems if problems.is_empty() => Ok(files),
            problems => Err(problems),
        });
        match checked {
            Ok(files) => Ok(Self::index(files)),
            Err(mut problems) => {
                problems.sort();
                problems.dedup();
                Err(SpecError { problems })
            }
        }
    }

    /// Turns the lists of files that were checked into maps.
    fn index(files: Files) -> Self {
        let mut topics = BTreeMap::new();
        let mut clauses = BTreeMap::new();
        for file in files.clauses.into_values() {
            for clause in file.clause {
                // A text of several lines ends in a line break, which is not part of the sentence.
                let text = clause.text.trim_end().to_owned();
                let topic = file.topic.clone();
                clauses.insert(clause.id.clone(), Clause { topic, text, ..clause });
            }
            let topic = Topic { name: file.topic, prefix: file.prefix, about: file.about };
            topics.insert(topic.name.clone(), topic);
        }
        Self {
            sources: by(files.sources, |source| source.key.clone()),
            topics,
            clauses,
            contradictions: by(files.contradictions, |contradiction| contradiction.id.clone()),
            errors: files.errors,
            plans: by(files.plans, |plan| plan.id.clone()),
            automatic_refund: files.automatic_refund,
            network: files.network,
            products: files.products,
            settings: by(files.settings, |setting| setting.id.clone()),
            reason_codes: by(files.reason_codes, |code| code.code),
            test_area: files.test_area,
            aliases: files.aliases,
            neighbours: files.neighbours,
            notifications: files.notifications,
        }
    }

    /// The authority of a clause: that of its strongest source.
    pub fn authority(&self, clause: &Clause) -> Authority {
        let sources = clause.sources.iter().filter_map(|it| self.sources.get(split_citation(it).0));
        sources.map(|source| source.authority).min().expect("a loaded clause cites known sources")
    }

    /// Where a citation leads: the address of its source or of the page of its anchor.
    pub fn address(&self, citation: &str) -> Option<String> {
        let (key, anchor) = split_citation(citation);
        self.sources.get(key)?.address(anchor)
    }
}

fn by<K: Ord, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> BTreeMap<K, V> {
    values.into_iter().map(|value| (key(&value), value)).collect()
}
