//! Cross-checks: every reference leads somewhere, and what is written twice agrees.

mod aliases;
mod clauses;
mod delivery;
mod notifications;
mod tables;

use std::collections::BTreeSet;

use super::{
    Fault, Kind, Problem,
    read::Files,
    source::{Source, split_citation},
};

/// Every problem of files that could be read.
pub(super) fn check(files: &Files) -> Vec<Problem> {
    let mut checker = Checker::new(files);
    clauses::check(&mut checker);
    delivery::check(&mut checker);
    tables::check(&mut checker);
    notifications::check(&mut checker);
    aliases::check(&mut checker);
    checker.problems
}

/// What references can lead to, and the problems found so far.
struct Checker<'a> {
    files: &'a Files,
    clauses: BTreeSet<&'a str>,
    contradictions: BTreeSet<&'a str>,
    plans: BTreeSet<&'a str>,
    settings: BTreeSet<&'a str>,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn new(files: &'a Files) -> Self {
        let clauses = files.clauses.values().flat_map(|file| &file.clause);
        Self {
            files,
            clauses: clauses.map(|clause| clause.id.as_str()).collect(),
            contradictions: files.contradictions.iter().map(|one| one.id.as_str()).collect(),
            plans: files.plans.iter().map(|plan| plan.id.as_str()).collect(),
            settings: files.settings.iter().map(|setting| setting.id.as_str()).collect(),
            problems: Vec::new(),
        }
    }

    fn at<'b>(&'b mut self, file: &'b str, entry: impl Into<String>) -> Place<'b, 'a> {
        Place { checker: self, file, entry: entry.into() }
    }

    /// Reports every id that occurs more than once.
    fn unique<'b>(&mut self, file: &str, entry: &str, ids: impl Iterator<Item = &'b str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                self.at(file, format!("{entry} {id}")).report(Fault::DuplicateId);
            }
        }
    }
}

/// Where the checks are looking at the moment.
struct Place<'b, 'a> {
    checker: &'b mut Checker<'a>,
    file: &'b str,
    entry: String,
}

impl Place<'_, '_> {
    fn report(&mut self, fault: Fault) {
        self.checker.problems.push(Problem::new(self.file, self.entry.as_str(), fault));
    }

    /// Reports the fault unless the condition holds.
    fn expect(&mut self, holds: bool, fault: impl FnOnce() -> Fault) {
        if !holds {
            self.report(fault());
        }
    }

    fn not_empty(&mut self, key: &'static str, text: &str) {
        self.expect(!text.trim().is_empty(), || Fault::Empty(key));
    }

    fn refers(&mut self, kind: Kind, id: &str) {
        let known = match kind {
            Kind::Clause => self.checker.clauses.contains(id),
            Kind::Contradiction => self.checker.contradictions.contains(id),
            Kind::Plan => self.checker.plans.contains(id),
            Kind::Setting => self.checker.settings.contains(id),
            Kind::Source => self.source(id).is_some(),
            Kind::File => self.checker.files.json.iter().any(|path| path == id),
            Kind::Notification => self.checker.files.notifications.contains_key(id),
        };
        self.expect(known, || Fault::Dangling { kind, id: id.to_owned() });
    }

    fn clauses(&mut self, ids: &[String]) {
        for id in ids {
            self.refers(Kind::Clause, id);
        }
    }

    /// At least one citation, and each leads to a source and one of its anchors.
    fn cites(&mut self, citations: &[String]) {
        self.expect(!citations.is_empty(), || Fault::Empty("sources"));
        for citation in citations {
            let (key, anchor) = split_citation(citation);
            self.refers(Kind::Source, key);
            let Some((source, anchor)) = self.source(key).zip(anchor) else { continue };
            let known = source.anchors.iter().any(|known| known == anchor);
            self.expect(known, || Fault::UnknownAnchor {
                key: key.to_owned(),
                anchor: anchor.to_owned(),
            });
        }
    }

    /// A JSON pointer to a member: not the empty one.
    fn pointer(&mut self, text: &str) {
        self.expect(text.len() > 1 && text.starts_with('/'), || Fault::Form {
            form: "JSON pointer",
            value: text.to_owned(),
        });
    }

    fn source(&self, key: &str) -> Option<&Source> {
        self.checker.files.sources.iter().find(|source| source.key == key)
    }
}
