//! What changed between two runs: what was mended, what is newly broken, what is broken in another way.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    CheckReport, CheckStatus, Report, Verdict,
    human::paint::{Lines, Paint, one_line, wrapped},
    run_values::without_run_values,
};

/// Name and version of the JSON form.
pub const DIFF_SCHEMA: &str = "hookproof.diff/1";

/// What changed from one report to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Always [`DIFF_SCHEMA`].
    pub schema: String,
    /// The verdicts of both.
    pub verdict: Change<Verdict>,
    /// Whether something got worse.
    pub worse: bool,
    /// What was asked in another way: a difference may come from it.
    pub options: Vec<OptionChange>,
    /// Checks that broke a clause, and keep it now or break a lesser one.
    pub fixed: Vec<CheckChange>,
    /// Checks that break a clause, and kept it before or broke a lesser one.
    pub broken: Vec<CheckChange>,
    /// Checks that ended in another way, which is neither of the two.
    pub changed: Vec<CheckChange>,
    /// Checks that break a clause in another way than before.
    pub reasons: Vec<CheckChange>,
    /// Checks of the second report alone.
    pub added: Vec<String>,
    /// Checks of the first report alone.
    pub removed: Vec<String>,
}

/// Something before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change<T> {
    /// In the first report.
    pub before: T,
    /// In the second report.
    pub after: T,
}

/// An option that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionChange {
    /// Its name, as in the report; `target`, `tool` and `spec` are among them.
    pub name: String,
    /// Its values, as JSON.
    #[serde(flatten)]
    pub values: Change<serde_json::Value>,
}

/// A check that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckChange {
    /// The check's id.
    pub id: String,
    /// How it ended.
    pub status: Change<CheckStatus>,
    /// The clause that was broken.
    pub clause: Change<Option<String>>,
    /// The expected answer or effect.
    pub expected: Change<Option<String>>,
    /// What came, or the reason.
    pub actual: Change<Option<String>>,
}

/// Compares two reports of one schema.
pub fn compare(before: &Report, after: &Report) -> Diff {
    let known: BTreeMap<&str, &CheckReport> =
        before.checks.iter().map(|check| (check.id.as_str(), check)).collect();
    let mut diff = Diff {
        schema: DIFF_SCHEMA.to_owned(),
        verdict: Change { before: before.verdict, after: after.verdict },
        worse: false,
        options: options(before, after),
        fixed: Vec::new(),
        broken: Vec::new(),
        changed: Vec::new(),
        reasons: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
    };
    for check in &after.checks {
        let Some(old) = known.get(check.id.as_str()) else {
            diff.added.push(check.id.clone());
            continue;
        };
        let (was, is) = (badness(old.status), badness(check.status));
        let judged = |status| matches!(status, CheckStatus::Pass | CheckStatus::Warn);
        if is > was {
            diff.broken.push(change(old, check));
        } else if is < was && judged(check.status) {
            diff.fixed.push(change(old, check));
        } else if old.status != check.status {
            diff.changed.push(change(old, check));
        } else if check.is_broken() && reason(old) != reason(check) {
            diff.reasons.push(change(old, check));
        }
    }
    let kept = |old: &&CheckReport| !after.checks.iter().any(|check| check.id == old.id);
    diff.removed = before.checks.iter().filter(kept).map(|check| check.id.clone()).collect();
    diff.worse = !diff.broken.is_empty();
    diff
}

fn badness(status: CheckStatus) -> u8 {
    match status {
        CheckStatus::Fail => 2,
        CheckStatus::Warn => 1,
        _ => 0,
    }
}

fn change(before: &CheckReport, after: &CheckReport) -> CheckChange {
    CheckChange {
        id: after.id.clone(),
        status: Change { before: before.status, after: after.status },
        clause: Change { before: before.clause.clone(), after: after.clause.clone() },
        expected: Change { before: before.expected.clone(), after: after.expected.clone() },
        actual: Change { before: before.actual.clone(), after: after.actual.clone() },
    }
}

/// Why a clause counts as broken, without the numbers in it: ids are new in each run.
fn reason(check: &CheckReport) -> (Option<&str>, Option<String>, Option<String>) {
    let told = |text: &Option<String>| text.as_deref().map(without_run_values);
    (check.clause.as_deref(), told(&check.expected), told(&check.actual))
}

/// Options that the suite chooses anew for every run, or that repeat others.
const NO_DIFFERENCE: [&str; 3] = ["first_id", "seed", "again"];

fn options(before: &Report, after: &Report) -> Vec<OptionChange> {
    let members = |report: &Report| {
        let mut members = match serde_json::to_value(&report.options) {
            Ok(serde_json::Value::Object(members)) => members,
            _ => serde_json::Map::new(),
        };
        members.insert("target".to_owned(), targets(report).into());
        members.insert("tool".to_owned(), report.tool.version.clone().into());
        members.insert("spec".to_owned(), report.spec.version.clone().into());
        members
    };
    let (old, new) = (members(before), members(after));
    let mut names: Vec<&String> = new.keys().chain(old.keys()).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| !NO_DIFFERENCE.contains(&name.as_str()) && seen.insert(*name));
    let value = |members: &serde_json::Map<String, serde_json::Value>, name: &str| {
        members.get(name).cloned().unwrap_or_default()
    };
    let changes = names.into_iter().map(|name| OptionChange {
        name: name.clone(),
        values: Change { before: value(&old, name), after: value(&new, name) },
    });
    changes.filter(|change| change.values.before != change.values.after).collect()
}

/// The targets, without the ports that the suite chose for a listener that it started.
fn targets(report: &Report) -> Vec<String> {
    let target = |target: &String| {
        if report.options.spawn { without_run_values(target) } else { target.clone() }
    };
    report.target.iter().map(target).collect()
}

/// The difference as JSON that ends with a newline.
pub fn to_json(diff: &Diff) -> String {
    let mut text = serde_json::to_string_pretty(diff)
        .expect("a difference's keys are strings, its numbers finite");
    text.push('\n');
    text
}

/// The difference for people.
pub fn render(diff: &Diff, color: bool) -> String {
    let paint = Paint::new(color);
    let mut text = String::new();
    if !diff.options.is_empty() {
        text.line(format_args!("{}", paint.strong("asked in another way")));
        for option in &diff.options {
            let Change { before, after } = &option.values;
            let words = format!("{}: {before} -> {after}", option.name);
            text.line(format_args!("  {}", wrapped(&words, 4)));
        }
        text.line(format_args!("  {}\n", paint.faint("what differs below may come from this")));
    }
    for (title, checks) in [
        ("newly broken", &diff.broken),
        ("fixed", &diff.fixed),
        ("broken in another way", &diff.reasons),
        ("ended in another way", &diff.changed),
    ] {
        block(&mut text, title, checks, paint);
    }
    for (title, ids) in [("only in the first", &diff.removed), ("only in the second", &diff.added)]
    {
        if !ids.is_empty() {
            let ids = wrapped(&ids.join(", "), 2);
            text.line(format_args!("{}\n  {ids}\n", paint.strong(title)));
        }
    }
    let Change { before, after } = &diff.verdict;
    text.line(format_args!("verdict: {} -> {}\n", before.as_str(), after.as_str()));
    text.line(format_args!(
        "{} fixed, {} newly broken, {} changed",
        diff.fixed.len(),
        diff.broken.len(),
        diff.reasons.len() + diff.changed.len()
    ));
    text
}

fn block(text: &mut String, title: &str, checks: &[CheckChange], paint: Paint) {
    if checks.is_empty() {
        return;
    }
    text.line(format_args!("{}", paint.strong(title)));
    for check in checks {
        let clause = check.clause.after.as_ref().or(check.clause.before.as_ref());
        let clause = clause.map(|id| format!(" {id}")).unwrap_or_default();
        let Change { before, after } = check.status;
        let how = if before == after {
            String::new()
        } else {
            format!("  {}", paint.faint(&format!("{} -> {}", before.as_str(), after.as_str())))
        };
        text.line(format_args!("  {} {}{clause}{how}", paint.mark(after), check.id));
        if let Some(expected) = check.expected.after.as_ref().or(check.expected.before.as_ref()) {
            let words = format!("expected {}", one_line(expected));
            text.line(format_args!("      {}", wrapped(&words, 15)));
        }
        for (label, actual) in [("was", &check.actual.before), ("is", &check.actual.after)] {
            if let Some(actual) = actual {
                let words = format!("{label:8} {}", one_line(actual));
                text.line(format_args!("      {}", wrapped(&words, 15)));
            }
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn pair() -> (Report, Report) {
        let (before, mut after) = (sample::report(), sample::report());
        let check = |report: &mut Report, id: &str, status, actual: &str| {
            let check = report.checks.iter_mut().find(|check| check.id == id).unwrap();
            check.status = status;
            check.actual = (!actual.is_empty()).then(|| actual.to_owned());
        };
        check(&mut after, "signature-accepts-valid", CheckStatus::Fail, "400");
        check(&mut after, "signature-rejects-flipped-body", CheckStatus::Pass, "");
        check(&mut after, "idempotency-concurrent-grants-once", CheckStatus::Fail, "2 gold");
        check(&mut after, "orders-granted", CheckStatus::Pass, "");
        after.options.cases = 8;
        after.options.probe = true;
        after.options.seed = 43;
        after.checks.pop();
        (before, after)
    }

    #[test]
    fn human() {
        let (before, after) = pair();
        insta::assert_snapshot!(render(&compare(&before, &after), false));
    }

    #[test]
    fn json() {
        let (before, after) = pair();
        insta::assert_snapshot!(to_json(&compare(&before, &after)));
    }

    #[test]
    fn the_same_report_differs_in_nothing() {
        let diff = compare(&sample::report(), &sample::report());
        assert!(!diff.worse);
        assert_eq!(
            render(&diff, false),
            "verdict: nonconformant -> nonconformant\n\n0 fixed, 0 newly broken, 0 changed\n"
        );
    }

    #[test]
    fn a_difference_in_ids_alone_is_none() {
        let (mut old, mut after) = (sample::report(), sample::report());
        after.options.first_id += 1_000;
        old.checks[1].actual = Some("409 for order 7000000001, status 409".to_owned());
        after.checks[1].actual = Some("409 for order 7000001001, status 409".to_owned());
        assert_eq!(compare(&old, &after).reasons, []);
        after.checks[1].actual = Some("422 for order 7000001001, status 409".to_owned());
        assert_eq!(compare(&old, &after).reasons.len(), 1);
    }

    #[test]
    fn ports_and_seeds_that_the_suite_chose_are_no_change() {
        let (mut before, mut after) = (sample::report(), sample::report());
        for (report, port) in [(&mut before, 15_001), (&mut after, 8_123)] {
            report.options.seed += port;
            report.options.spawn = true;
            report.target = vec![format!("http://127.0.0.1:{port}/webhook")];
            report.checks[4].actual = Some(format!("refused by 127.0.0.1:{port} after {port} ms"));
            report.checks[1].actual = Some(format!("409 from http://127.0.0.1:{port}/webhook"));
        }
        let diff = compare(&before, &after);
        assert_eq!((diff.options, diff.reasons), (Vec::new(), Vec::new()));
        // A port that somebody named is another listener.
        after.options.spawn = false;
        before.options.spawn = false;
        assert_eq!(compare(&before, &after).options.len(), 1);
    }

    #[test]
    fn what_cannot_be_seen_any_more_is_not_fixed() {
        let (before, mut after) = (sample::report(), sample::report());
        after.checks[1].status = CheckStatus::Inconclusive;
        let diff = compare(&before, &after);
        assert_eq!((diff.fixed.len(), diff.changed.len(), diff.worse), (0, 1, false));
    }
}
