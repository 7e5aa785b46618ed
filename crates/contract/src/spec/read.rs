//! Reading the files of `spec/` into their types, before anything is cross-checked.

use std::{collections::BTreeMap, ops::Range};

use serde::de::{DeserializeOwned, IgnoredAny};

use super::{
    AddressBook, AutomaticRefund, ErrorTable, FILE_BYTES_MAX, Fault, Problem,
    aliases::{Alias, AliasesFile},
    clause::ClauseFile,
    contradiction::{Contradiction, ContradictionsFile},
    delivery::{DeliveryFile, Plan},
    neighbours::{Neighbour, NeighboursFile},
    notification::Notification,
    products::{Product, ProductsFile},
    reason_codes::{ReasonCode, ReasonCodesFile},
    settings::{Setting, SettingsFile},
    source::{Source, SourcesFile},
    test_area::{Tab, TestAreaFile},
};

/// Everything that was read, in the order of the files, duplicates included.
pub(super) struct Files {
    pub(super) sources: Vec<Source>,
    /// By path.
    pub(super) clauses: BTreeMap<String, ClauseFile>,
    pub(super) contradictions: Vec<Contradiction>,
    pub(super) errors: ErrorTable,
    pub(super) plans: Vec<Plan>,
    pub(super) automatic_refund: AutomaticRefund,
    pub(super) network: AddressBook,
    pub(super) products: Vec<Product>,
    pub(super) settings: Vec<Setting>,
    pub(super) reason_codes: Vec<ReasonCode>,
    pub(super) test_area: Vec<Tab>,
    pub(super) neighbours: Vec<Neighbour>,
    pub(super) aliases: Vec<Alias>,
    /// By folder name.
    pub(super) notifications: BTreeMap<String, Notification>,
    /// The paths of all JSON files.
    pub(super) json: Vec<String>,
    /// The clauses that each file of vectors is about, by path.
    pub(super) vectors: BTreeMap<String, Vec<String>>,
}

/// What a file of vectors says of itself; its tests are read by those who run them.
#[derive(serde::Deserialize)]
struct VectorsHead {
    clauses: Vec<String>,
}

/// Reads all files. The error is every file that cannot be read.
pub(super) fn read(files: &[(&str, &str)]) -> Result<Files, Vec<Problem>> {
    let mut reader = Reader { files, problems: Vec::new() };
    reader.refuse_unexpected();
    let read = reader.read();
    match read {
        Some(files) if reader.problems.is_empty() => Ok(files),
        _ => Err(reader.problems),
    }
}

struct Reader<'a> {
    files: &'a [(&'a str, &'a str)],
    problems: Vec<Problem>,
}

impl Reader<'_> {
    /// Every table is tried before the first failure counts, so that all problems are found.
    fn read(&mut self) -> Option<Files> {
        let sources = self.table::<SourcesFile>("sources.toml");
        let contradictions = self.table::<ContradictionsFile>("contradictions.toml");
        let errors = self.table::<ErrorTable>("errors.toml");
        let delivery = self.table::<DeliveryFile>("delivery.toml");
        let network = self.table::<AddressBook>("network.toml");
        let products = self.table::<ProductsFile>("products.toml");
        let settings = self.table::<SettingsFile>("settings.toml");
        let reason_codes = self.table::<ReasonCodesFile>("reason-codes.toml");
        let test_area = self.table::<TestAreaFile>("test-area.toml");
        let neighbours = self.table::<NeighboursFile>("neighbours.toml");
        let aliases = self.table::<AliasesFile>("aliases.toml");
        let clauses = self.tables::<ClauseFile>(|path| clause_topic(path).map(|_| path.to_owned()));
        let notifications =
            self.tables::<Notification>(|path| notification_folder(path).map(str::to_owned));
        let json = self.json::<IgnoredAny>(|path| has_extension(path, "json") && !is_vectors(path));
        let vectors = self.json::<VectorsHead>(is_vectors);
        let delivery = delivery?;
        Some(Files {
            sources: sources?.source,
            clauses,
            contradictions: contradictions?.contradiction,
            errors: errors?,
            plans: delivery.plan,
            automatic_refund: delivery.automatic_refund,
            network: network?,
            products: products?.product,
            settings: settings?.setting,
            reason_codes: reason_codes?.code,
            test_area: test_area?.tab,
            neighbours: neighbours?.neighbour,
            aliases: aliases?.alias,
            notifications,
            json: json.into_keys().chain(vectors.keys().cloned()).collect(),
            vectors: vectors.into_iter().map(|(path, head)| (path, head.clauses)).collect(),
        })
    }

    fn refuse_unexpected(&mut self) {
        for (index, (path, text)) in self.files.iter().enumerate() {
            if text.len() > FILE_BYTES_MAX {
                self.problems.push(Problem::new(*path, "whole file", Fault::TooLong));
            }
            if !is_expected(path) {
                self.problems.push(Problem::new(*path, "whole file", Fault::UnexpectedFile));
            }
            if self.files[..index].iter().any(|(other, _)| other == path) {
                self.problems.push(Problem::new(*path, "whole file", Fault::DuplicateId));
            }
        }
    }

    fn table<T: DeserializeOwned>(&mut self, path: &str) -> Option<T> {
        match self.files.iter().find(|(name, _)| *name == path) {
            Some((_, text)) => self.toml(path, text),
            None => {
                self.problems.push(Problem::new(path, "whole file", Fault::MissingFile));
                None
            }
        }
    }

    fn tables<T: DeserializeOwned>(
        &mut self,
        name: impl Fn(&str) -> Option<String>,
    ) -> BTreeMap<String, T> {
        self.files
            .iter()
            .filter_map(|(path, text)| Some((name(path)?, self.toml(path, text)?)))
            .collect()
    }

    fn toml<T: DeserializeOwned>(&mut self, path: &str, text: &str) -> Option<T> {
        match toml::from_str(text) {
            Ok(table) => Some(table),
            Err(error) => {
                let fault = Fault::Unreadable(error.message().to_owned());
                self.problems.push(Problem::new(path, line(text, error.span()), fault));
                None
            }
        }
    }

    fn json<T: DeserializeOwned>(&mut self, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, T> {
        let mut read = BTreeMap::new();
        for (path, text) in self.files.iter().filter(|(path, _)| wanted(path)) {
            match serde_json::from_str(text) {
                Ok(value) => {
                    read.insert((*path).to_owned(), value);
                }
                Err(error) => {
                    let place = format!("line {}", error.line());
                    let fault = Fault::Unreadable(error.to_string());
                    self.problems.push(Problem::new(*path, place, fault));
                }
            }
        }
        read
    }
}

/// The line on which a span begins, as people count.
fn line(text: &str, span: Option<Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start));
    match before {
        Some(before) => format!("line {}", before.matches('\n').count() + 1),
        None => "whole file".to_owned(),
    }
}

const TABLES: [&str; 11] = [
    "sources.toml",
    "contradictions.toml",
    "errors.toml",
    "delivery.toml",
    "network.toml",
    "products.toml",
    "settings.toml",
    "reason-codes.toml",
    "test-area.toml",
    "neighbours.toml",
    "aliases.toml",
];

fn is_expected(path: &str) -> bool {
    let folders: Vec<&str> = path.split('/').collect();
    match folders.as_slice() {
        [name] => TABLES.contains(name) || name.ends_with(".schema.json"),
        ["clauses", _] => clause_topic(path).is_some(),
        ["notifications", _, "notification.toml"] => true,
        ["notifications", _, name] => {
            name.starts_with("payload.") && name.ends_with(".schema.json")
        }
        ["notifications", _, "examples", name] | ["vectors" | "answers", name] => {
            has_extension(name, "json")
        }
        ["answers", "examples", name] => has_extension(name, "json"),
        ["common", name] => name.ends_with(".schema.json"),
        _ => false,
    }
}

/// The topic that a path promises: `clauses/TOPIC.toml`.
pub(super) fn clause_topic(path: &str) -> Option<&str> {
    path.strip_prefix("clauses/")?.strip_suffix(".toml").filter(|topic| !topic.contains('/'))
}

/// The folder of a `notifications/FOLDER/notification.toml`.
fn notification_folder(path: &str) -> Option<&str> {
    path.strip_prefix("notifications/")?.strip_suffix("/notification.toml")
}

/// A file of vectors, and not the schema of one.
fn is_vectors(path: &str) -> bool {
    path.starts_with("vectors/") && has_extension(path, "json") && !path.ends_with(".schema.json")
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}
