//! Cross-checks of sources, clauses and contradictions.

use std::collections::BTreeSet;

use super::{Checker, Place};
use crate::spec::{
    Fault, Kind,
    clause::{Clause, ClauseFile, Evidence, Level, Status},
    contradiction::Contradiction,
    read::clause_topic,
};

/// The file of the contradictions, and what their ids begin with.
const CONTRADICTIONS: (&str, &str) = ("contradictions.toml", "CON");

/// Sides that a contradiction has at least.
const READINGS_MIN: usize = 2;

pub(super) fn check(checker: &mut Checker<'_>) {
    let files = checker.files;
    checker.unique(
        "sources.toml",
        "source",
        files.sources.iter().map(|source| source.key.as_str()),
    );
    for source in &files.sources {
        let mut place = checker.at("sources.toml", format!("source {}", source.key));
        place.not_empty("key", &source.key);
        place.not_empty("title", &source.title);
        place.not_empty("date", &source.date);
        let mut seen = BTreeSet::new();
        for anchor in &source.anchors {
            place.expect(seen.insert(anchor), || Fault::ListedTwice(anchor.clone()));
        }
    }
    let mut prefixes = BTreeSet::from([CONTRADICTIONS.1]);
    for (path, file) in &files.clauses {
        check_file(checker, path, file);
        let mut place = checker.at(path, "prefix");
        place.expect(prefixes.insert(&file.prefix), || Fault::SharedPrefix(file.prefix.clone()));
    }
    check_ids(checker);
    for contradiction in &files.contradictions {
        check_contradiction(
            &mut checker.at(CONTRADICTIONS.0, format!("contradiction {}", contradiction.id)),
            contradiction,
        );
    }
    let ids = files.contradictions.iter().map(|contradiction| contradiction.id.as_str());
    checker.unique(CONTRADICTIONS.0, "contradiction", ids);
}

fn check_file(checker: &mut Checker<'_>, path: &str, file: &ClauseFile) {
    let mut place = checker.at(path, "topic");
    let promised = clause_topic(path).unwrap_or_default();
    place.expect(file.topic == promised, || Fault::OtherPath {
        said: file.topic.clone(),
        path: promised.to_owned(),
    });
    place.not_empty("about", &file.about);
    for clause in &file.clause {
        let mut place = checker.at(path, format!("clause {}", clause.id));
        place.expect(has_form(&clause.id, &file.prefix), || Fault::IdForm {
            prefix: file.prefix.clone(),
        });
        check_clause(&mut place, clause);
    }
}

/// Ids are unique over all files, so a second one is reported where it stands.
fn check_ids(checker: &mut Checker<'_>) {
    let files = checker.files;
    let mut seen = BTreeSet::new();
    for (path, file) in &files.clauses {
        for clause in &file.clause {
            let mut place = checker.at(path, format!("clause {}", clause.id));
            place.expect(seen.insert(clause.id.as_str()), || Fault::DuplicateId);
        }
    }
}

fn check_clause(place: &mut Place<'_, '_>, clause: &Clause) {
    place.not_empty("text", &clause.text);
    place.not_empty("why", &clause.why);
    place.cites(&clause.sources);

    let disputed = clause.status == Status::Disputed;
    together(place, "dispute", clause.dispute.as_deref(), disputed, "`status = \"disputed\"`");
    together(
        place,
        "contradiction",
        clause.contradiction.as_deref(),
        disputed,
        "`status = \"disputed\"`",
    );
    let files = place.checker.files;
    let in_doubt = files.contradictions.iter().any(|one| one.clauses.contains(&clause.id));
    place.expect(disputed || !in_doubt, || Fault::Needs {
        key: "status = \"disputed\"",
        because: "a contradiction that lists the clause under `clauses`",
    });
    let too_strict = disputed && clause.level == Level::Must && clause.binds_listeners();
    place.expect(!too_strict, || Fault::Excess {
        key: "level = \"must\"",
        because: "a disputed clause binds listeners by a should at most",
    });
    let untestable = clause.evidence == Evidence::Untestable;
    together(place, "reason", clause.reason.as_deref(), untestable, "`evidence = \"untestable\"`");
    if let Some(why) = &clause.unchecked {
        place.not_empty("unchecked", why);
        place.expect(clause.binds_listeners() && !untestable, || Fault::Excess {
            key: "unchecked",
            because: "no check could judge a listener by it",
        });
    }

    let Some(id) = &clause.contradiction else { return };
    place.refers(Kind::Contradiction, id);
    let Some(found) = files.contradictions.iter().find(|one| one.id == *id) else { return };
    place.expect(found.clauses.contains(&clause.id), || Fault::NotMutual {
        kind: Kind::Contradiction,
        id: id.clone(),
    });
}

/// A key is there if and only if its condition holds, and then says something.
fn together(
    place: &mut Place<'_, '_>,
    key: &'static str,
    value: Option<&str>,
    wanted: bool,
    condition: &'static str,
) {
    match value {
        None => place.expect(!wanted, || Fault::Needs { key, because: condition }),
        Some(text) if wanted => place.not_empty(key, text),
        Some(_) => place.report(Fault::Excess { key, because: "its condition does not hold" }),
    }
}

fn check_contradiction(place: &mut Place<'_, '_>, contradiction: &Contradiction) {
    place.expect(has_form(&contradiction.id, CONTRADICTIONS.1), || Fault::IdForm {
        prefix: CONTRADICTIONS.1.to_owned(),
    });
    for (key, text) in [
        ("topic", &contradiction.topic),
        ("taken", &contradiction.taken),
        ("why", &contradiction.why),
        ("effect", &contradiction.effect),
    ] {
        place.not_empty(key, text);
    }
    place.expect(contradiction.readings.len() >= READINGS_MIN, || Fault::Empty("readings"));
    for reading in &contradiction.readings {
        place.not_empty("readings", &reading.text);
        place.cites(&reading.sources);
    }
    let clauses = [&contradiction.clauses[..], &contradiction.mentions].concat();
    place.expect(!clauses.is_empty(), || Fault::Empty("clauses"));
    place.clauses(&clauses);
    let mut seen = BTreeSet::new();
    for id in &clauses {
        place.expect(seen.insert(id), || Fault::ListedTwice(id.clone()));
    }
}

/// `PREFIX-NN`: the prefix in capitals, a hyphen, two digits.
fn has_form(id: &str, prefix: &str) -> bool {
    let digits = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()))
        && !prefix.is_empty()
        && prefix.bytes().all(|b| b.is_ascii_uppercase())
}
