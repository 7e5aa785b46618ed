//! `hookproof explain ID`: what the contract and the suite say about one id.

use anyhow::anyhow;
use hookproof_conformance::{
    Check, Exit, checks,
    diagnosis::{self, Cause},
    select::nearest,
};
use hookproof_contract::{
    ErrorCode, Mode, NotificationType,
    spec::{Clause, Contradiction, Need, Notification, PublishedError, Spec, Status},
};

use crate::{cli::ExplainArgs, failure::Failure, list::level, page::Page, terminal};

/// Near names that are suggested for an unknown id.
const SUGGESTIONS: usize = 3;

/// Prints the explanation; an unknown id is a wrong command line.
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let text = explain(&args.id).ok_or_else(|| unknown(&args.id))?;
    terminal::print(&text)?;
    Ok(Exit::Conformant)
}

/// What is known under an id, in whatever case it was typed.
fn explain(id: &str) -> Option<String> {
    let spec = Spec::embedded();
    let same = |known: &str| known.eq_ignore_ascii_case(id);
    if let Some(check) = checks::ALL.iter().find(|check| same(check.id)) {
        return Some(of_check(check, spec));
    }
    if let Some(clause) = spec.clauses.values().find(|clause| same(&clause.id)) {
        return Some(of_clause(clause, spec));
    }
    if let Some(found) = spec.contradictions.values().find(|found| same(&found.id)) {
        return Some(of_contradiction(found, spec));
    }
    if let Some(entry) = spec.errors.published.iter().find(|entry| same(entry.code.as_str())) {
        return Some(of_error(entry, spec));
    }
    if let Some(entry) = spec.errors.foreign.iter().find(|entry| same(&entry.code)) {
        let mut page = Page::new(&entry.code, "not a code of the contract, but met in the wild");
        page.row("meaning", &entry.meaning);
        page.row("status", &entry.status.to_string());
        page.row("clauses", &entry.clauses.join(", "));
        page.rows("source", cited(&entry.sources, spec));
        return Some(page.finish());
    }
    if let Some(notification) = spec.notifications.values().find(|known| same(&known.kind)) {
        return Some(of_notification(notification, spec));
    }
    diagnosis::causes().iter().find(|cause| same(&cause.slug)).map(of_cause)
}

fn of_check(check: &Check, spec: &Spec) -> String {
    let note = format!("check, {}, evidence {}", level(check), check.evidence.as_str());
    let mut page = Page::new(check.id, &note);
    page.row("asks", &format!("whether the listener {}", check.title));
    for clause in check.clauses.iter().filter_map(|id| spec.clauses.get(*id)) {
        page.row(&clause.id, &format!("({}) {}", clause.level, clause.text));
        page.row("why", &clause.why);
    }
    page.row("run it", &format!("hookproof check --target URL --only {}", check.id));
    page.finish()
}

fn of_clause(clause: &Clause, spec: &Spec) -> String {
    let note =
        format!("clause, {} on {}, {}, {}", clause.level, clause.on, clause.status, clause.topic);
    let mut page = Page::new(&clause.id, &note);
    page.row("text", &clause.text);
    page.row("why", &clause.why);
    if let Some(dispute) = &clause.dispute {
        page.row("dispute", dispute);
    }
    if let Some(contradiction) = clause.contradiction.as_ref().map(|id| &spec.contradictions[id]) {
        page.row("taken", &format!("{} ({})", contradiction.taken, contradiction.id));
    }
    page.row("evidence", clause.evidence.as_str());
    if let Some(reason) = &clause.reason {
        page.row("", reason);
    }
    let by: Vec<&str> = checks::ALL
        .iter()
        .filter(|check| check.clauses.contains(&clause.id.as_str()))
        .map(|check| check.id)
        .collect();
    if !by.is_empty() {
        page.row("checks", &by.join(", "));
    } else if clause.status != Status::Withdrawn {
        page.row("checks", "none");
    }
    page.rows("source", cited(&clause.sources, spec));
    page.finish()
}

fn of_contradiction(found: &Contradiction, spec: &Spec) -> String {
    let mut page = Page::new(&found.id, "contradiction between sources");
    page.row("about", &found.topic);
    for reading in &found.readings {
        page.row("reading", &reading.text);
        page.rows("", cited(&reading.sources, spec));
    }
    page.row("taken", &found.taken);
    page.row("because", &found.why);
    page.row("effect", &found.effect);
    page.row("clauses", &found.clauses.join(", "));
    page.finish()
}

fn of_error(entry: &PublishedError, spec: &Spec) -> String {
    let mut page = Page::new(entry.code.as_str(), "error code of the contract");
    page.row("when", &entry.when);
    page.row("status", &entry.status.to_string());
    let body = format!(r#"{{"error":{{"code":"{}","message":"{}"}}}}"#, entry.code, entry.message);
    page.row("body", &body);
    page.row("clauses", &entry.clauses.join(", "));
    page.rows("source", cited(&entry.sources, spec));
    page.finish()
}

fn of_notification(it: &Notification, spec: &Spec) -> String {
    let mut page = Page::new(&it.kind, "notification type");
    page.row("title", &it.title);
    page.row("sent when", &it.trigger);
    page.row("products", &products(it, spec));
    page.row("follows", &words(&it.follows));
    page.row("precedes", &words(&it.precedes));
    let statuses: Vec<String> = it.accepted.iter().map(u16::to_string).collect();
    page.row("success", &statuses.join(", "));
    page.row("body", &it.answer_body);
    page.row("failure", &it.failure);
    page.row("key", &it.key.join(", "));
    page.row("retried", &it.plan);
    page.row("clauses", &it.clauses.join(", "));
    page.rows("source", cited(&it.sources, spec));
    page.finish()
}

fn of_cause(cause: &Cause) -> String {
    let mut page = Page::new(&cause.slug, "cause of failures");
    page.row("what", cause.text.trim());
    page.row("fix", cause.fix.trim());
    page.row("seen when", &listed("all of these fail: ", &cause.failed));
    page.row("", &listed("none of these fails: ", &cause.kept));
    page.row("explains", &cause.explains.join(", "));
    page.finish()
}

fn listed(head: &str, names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("{head}{}", names.join(", ")) }
}

/// Which products need it, and how much: where the modes differ, in each.
fn products(it: &Notification, spec: &Spec) -> String {
    let Some(kind) = it.notification_type() else { return String::new() };
    let needs = spec.products.iter().filter_map(|product| {
        let [separate, combined] = Mode::ALL.map(|mode| product.needs(kind, mode));
        match (separate, combined) {
            (Need::Unused, Need::Unused) => None,
            _ if separate == combined => Some(format!("{} ({separate})", product.id)),
            _ => Some(format!("{} ({separate}; {combined} in combined mode)", product.id)),
        }
    });
    needs.collect::<Vec<_>>().join(", ")
}

fn words(kinds: &[NotificationType]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// Citations with the addresses where they lead.
fn cited(sources: &[String], spec: &Spec) -> Vec<String> {
    let with_address = |citation: &String| match spec.address(citation) {
        Some(address) => format!("{citation}: {address}"),
        None => citation.clone(),
    };
    sources.iter().map(with_address).collect()
}

fn unknown(id: &str) -> Failure {
    let spec = Spec::embedded();
    let lower = id.to_lowercase();
    let mut near: Vec<String> = spec
        .notifications
        .keys()
        .chain(spec.contradictions.keys())
        .chain(spec.clauses.keys())
        .chain(diagnosis::causes().iter().map(|cause| &cause.slug))
        .map(String::as_str)
        .chain(ErrorCode::ALL.map(ErrorCode::as_str))
        .filter(|name| name.to_lowercase().contains(&lower))
        .map(str::to_owned)
        .collect();
    near.extend(nearest(id));
    near.truncate(SUGGESTIONS);
    let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    let hint = if quoted.is_empty() {
        "`hookproof list` shows every check with its clauses".to_owned()
    } else {
        format!("did you mean {}?", quoted.join(" or "))
    };
    Failure::usage(anyhow!("nothing is known under `{id}`")).hint(hint)
}
