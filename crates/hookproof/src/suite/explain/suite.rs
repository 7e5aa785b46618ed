//! What the suite knows: checks and causes of failures.

use hookproof_conformance::{
    Check,
    diagnosis::{Cause, Pattern},
};
use hookproof_contract::spec::Spec;

use crate::suite::{list::level, page::Page};

pub(super) fn of_check(check: &Check, spec: &Spec) -> String {
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

pub(super) fn of_cause(cause: &Cause) -> String {
    let mut page = Page::new(&cause.slug, "cause of failures");
    page.row("what", cause.text.trim());
    page.row("fix", cause.fix.trim());
    page.row("seen when", &listed("all of these fail: ", &cause.failed));
    page.row("", &listed("one of these fails: ", &cause.failed_any));
    page.row("", &listed("none of these fails: ", &cause.kept));
    page.row("", &listed("less likely where one of these fails: ", &cause.doubted));
    page.row("explains", &listed("", &cause.explains));
    page.finish()
}

fn listed(head: &str, patterns: &[Pattern]) -> String {
    let written: Vec<&str> = patterns.iter().map(Pattern::written).collect();
    if written.is_empty() { String::new() } else { format!("{head}{}", written.join(", ")) }
}
