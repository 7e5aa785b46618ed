//! Known failures: a list, each with its reason, that does not fail a run and must not grow stale.
//!
//! A listed failure is shown and counted apart. One that is listed and passes is an error: a list that
//! nobody cleans hides the next failure of its kind. What a run did not ask is neither.

use std::fmt::Write;

use hookproof_contract::spec::Spec;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::{
    checks, diagnosis,
    report::{CheckReport, CheckStatus, Report, Verdict},
    select, verdict,
};

/// Stands where nobody gave a reason yet. It is taken, and the report says that it stands there.
pub const REASON_MISSING: &str = "no reason yet: say why this is known, and who mends it";

/// Entries that are read; there are fewer checks.
const ENTRIES_MAX: usize = 1000;

/// A failure that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The check's id.
    pub check: String,
    /// The clause that it finds broken. Another one is another failure.
    pub clause: String,
    /// The likely cause, where the failure is known only as far as it has this one.
    pub cause: Option<String>,
    /// Why it stands here.
    pub reason: String,
    /// Since when, as `2026-01-31`.
    pub since: Option<String>,
    /// The line in the file.
    pub line: usize,
}

/// All known failures of a listener.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// In the order of the file.
    pub known: Vec<Known>,
}

/// An entry that no longer fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// The check's id.
    pub check: String,
    /// The clause that it does not find broken.
    pub clause: String,
    /// The line of the entry.
    pub line: usize,
}

/// Why a text is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BaselineError {
    /// Where.
    pub line: usize,
    /// What is wrong, in one line.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    check: Spanned<String>,
    clause: Spanned<String>,
    cause: Option<Spanned<String>>,
    reason: Spanned<String>,
    since: Option<toml::value::Datetime>,
}

impl Baseline {
    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let file: File = toml::from_str(text).map_err(|error| BaselineError {
            line: line_at(text, error.span().map_or(0, |span| span.start)),
            reason: error.message().replace('\n', ", "),
        })?;
        if file.known.len() > ENTRIES_MAX {
            let reason = format!("more than {ENTRIES_MAX} entries");
            return Err(BaselineError { line: 1, reason });
        }
        let known = file.known.into_iter().map(|entry| entry.read(text));
        Ok(Self { known: known.collect::<Result<_, _>>()? })
    }

    /// What fails in a report, with the reasons that an earlier list gives.
    pub fn of(report: &Report, earlier: &Self, today: &str) -> Self {
        let failing = report.checks.iter().filter(|check| is_failing(check, report));
        let known = failing.filter_map(|check| {
            let clause = check.clause.clone()?;
            let before = earlier.known.iter().find(|known| known.fits(check, report));
            Some(before.cloned().unwrap_or_else(|| Known {
                check: check.id.clone(),
                clause,
                cause: None,
                reason: REASON_MISSING.to_owned(),
                since: Some(today.to_owned()),
                line: 0,
            }))
        });
        // What this run did not ask stays listed.
        let unasked = earlier.known.iter().filter(|known| {
            let asked = |check: &CheckReport| check.id == known.check && was_judged(check);
            !report.checks.iter().any(asked)
        });
        Self { known: known.chain(unasked.cloned()).collect() }
    }

    /// The text of a file.
    pub fn to_toml(&self) -> String {
        let mut text = String::from(
            "# Failures of the listener that are known: `hookproof check --baseline FILE` does not fail \
             for them.\n# Each needs a reason. One that no longer fails must go.\n",
        );
        for known in &self.known {
            let mut line = |key: &str, value: &str| {
                writeln!(text, "{key} = {value}").expect("memory takes every line");
            };
            line("\n[[known]]\ncheck", &quoted(&known.check));
            line("clause", &quoted(&known.clause));
            if let Some(cause) = &known.cause {
                line("cause", &quoted(cause));
            }
            line("reason", &quoted(&known.reason));
            if let Some(since) = &known.since {
                line("since", since);
            }
        }
        text
    }

    /// Marks what is known, and what is known no longer, and judges the whole again.
    pub fn apply(&self, report: &mut Report) {
        let mut stale = Vec::new();
        for known in &self.known {
            let Some(place) = report.checks.iter().position(|check| check.id == known.check) else {
                continue;
            };
            if known.fits(&report.checks[place], report) {
                report.checks[place].known = Some(known.reason.clone());
            } else if known.is_gone(&report.checks[place]) {
                stale.push(Stale {
                    check: known.check.clone(),
                    clause: known.clause.clone(),
                    line: known.line,
                });
            }
        }
        let nameless = report.checks.iter().filter_map(|check| check.known.as_deref());
        let nameless = nameless.filter(|reason| *reason == REASON_MISSING).count();
        if nameless > 0 {
            report
                .notes
                .push(format!("known failures without a reason in the baseline: {nameless}"));
        }
        report.stale = stale;
        report.summary = verdict::count(&report.checks);
        report.verdict = verdict::of(report.summary, &report.checks, report.options.strict);
        // The run ends with 1, so no format may call it conformant.
        if report.verdict == Verdict::Conformant && !report.stale.is_empty() {
            report.verdict = Verdict::Partial;
        }
    }
}

impl Known {
    /// Whether this is what the check found.
    fn fits(&self, check: &CheckReport, report: &Report) -> bool {
        let caused = |cause: &String| {
            let named = report.diagnoses.iter().filter(|diagnosis| diagnosis.cause == *cause);
            named.into_iter().any(|diagnosis| diagnosis.checks.contains(&check.id))
        };
        matches!(check.status, CheckStatus::Fail | CheckStatus::Warn)
            && check.id == self.check
            && check.clause.as_ref() == Some(&self.clause)
            && self.cause.as_ref().is_none_or(caused)
    }

    /// Whether the check was asked, and finds nothing of this.
    fn is_gone(&self, check: &CheckReport) -> bool {
        let lesser = || check.warnings.iter().any(|found| found.clause == self.clause);
        match check.status {
            CheckStatus::Pass => true,
            CheckStatus::Warn => check.clause.as_ref() != Some(&self.clause) && !lesser(),
            _ => false,
        }
    }
}

/// Whether the check counts against the listener in this run.
pub fn is_failing(check: &CheckReport, report: &Report) -> bool {
    check.status == CheckStatus::Fail
        || (report.options.strict && check.status == CheckStatus::Warn)
}

fn was_judged(check: &CheckReport) -> bool {
    matches!(check.status, CheckStatus::Pass | CheckStatus::Fail | CheckStatus::Warn)
}

impl Entry {
    fn read(self, text: &str) -> Result<Known, BaselineError> {
        let wrong = |at: &Spanned<String>, reason| {
            let line = line_at(text, at.span().start);
            Err(BaselineError { line, reason })
        };
        if !checks::ALL.iter().any(|check| check.id == self.check.get_ref().as_str()) {
            let near = select::nearest(self.check.get_ref());
            return wrong(&self.check, unknown("check", self.check.get_ref(), near));
        }
        if !Spec::embedded().clauses.contains_key(self.clause.get_ref()) {
            let near = select::nearest(self.clause.get_ref());
            return wrong(&self.clause, unknown("clause", self.clause.get_ref(), near));
        }
        if let Some(cause) = &self.cause
            && !diagnosis::causes().iter().any(|known| known.slug == *cause.get_ref())
        {
            return wrong(cause, unknown("cause", cause.get_ref(), Vec::new()));
        }
        if self.reason.get_ref().trim().is_empty() {
            return wrong(
                &self.reason,
                "the reason is empty: say why this failure is known".into(),
            );
        }
        Ok(Known {
            line: line_at(text, self.check.span().start),
            check: self.check.into_inner(),
            clause: self.clause.into_inner(),
            cause: self.cause.map(Spanned::into_inner),
            reason: self.reason.into_inner(),
            since: self.since.map(|since| since.to_string()),
        })
    }
}

fn unknown(what: &str, word: &str, near: Vec<String>) -> String {
    let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    let advice = if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", near.join(" or "))
    };
    format!("there is no {what} `{word}`{advice}")
}

/// The text as a basic string of TOML, whose escapes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// The line of a byte, counted from 1.
fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Exit,
        report::{badge, human, sample},
    };

    const FORGED: &str = "[[known]]\ncheck = \"signature-rejects-flipped-body\"\nclause = \"SIG-02\"\n\
                          reason = \"ticket 12\"\nsince = 2026-01-31\n";

    #[track_caller]
    fn refused(text: &str, line: usize, words: &str) {
        let error = Baseline::parse(text).unwrap_err();
        assert_eq!(error.line, line, "{error}");
        assert!(error.reason.contains(words), "{error}");
    }

    #[test]
    fn what_is_written_can_be_read() {
        let read = Baseline::parse(FORGED).unwrap();
        assert_eq!(read.known[0].since.as_deref(), Some("2026-01-31"));
        assert!(read.to_toml().ends_with(FORGED), "{}", read.to_toml());
        let odd = Known { reason: "it's \"so\"\n\u{7f}".to_owned(), ..read.known[0].clone() };
        let again = Baseline::parse(&Baseline { known: vec![odd.clone()] }.to_toml()).unwrap();
        assert_eq!(again.known[0].reason, odd.reason);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        refused(
            &FORGED.replace("flipped", "fliped"),
            2,
            "did you mean `signature-rejects-flipped-",
        );
        refused(&FORGED.replace("SIG-02", "SIG-99"), 3, "there is no clause `SIG-99`");
        refused(&FORGED.replace("ticket 12", " "), 4, "the reason is empty");
        refused(&FORGED.replace("reason", "reasn"), 4, "unknown field `reasn`");
        refused("[[known]]\ncheck = \"a\"\n", 1, "missing field");
        refused(&format!("{FORGED}cause = \"bad-luck\"\n"), 6, "there is no cause `bad-luck`");
    }

    #[test]
    fn a_known_failure_does_not_fail_the_run() {
        let mut report = sample::report();
        Baseline::parse(FORGED).unwrap().apply(&mut report);
        assert_eq!((report.summary.fail, report.summary.known), (1, 1));
        assert_eq!(report.verdict, Verdict::Nonconformant);
        let all = Baseline::of(&report, &Baseline::parse(FORGED).unwrap(), "2026-02-01");
        assert_eq!(all.known[0].reason, "ticket 12");
        assert_eq!(all.known[1].reason, REASON_MISSING);
        report.checks.retain(|check| check.status != CheckStatus::Error);
        all.apply(&mut report);
        assert_eq!((report.summary.fail, report.summary.known), (0, 2));
        assert_eq!((report.verdict, report.exit()), (Verdict::Partial, Exit::Conformant));
    }

    #[test]
    fn what_no_longer_fails_is_stale_and_what_was_not_asked_is_not() {
        let mut report = sample::report();
        report.checks.retain(|check| check.status != CheckStatus::Error);
        let of = |check: &str, clause: &str| Known {
            check: check.to_owned(),
            clause: clause.to_owned(),
            ..Baseline::parse(FORGED).unwrap().known[0].clone()
        };
        let known = vec![
            of("signature-rejects-flipped-body", "SIG-02"),
            of("idempotency-concurrent-grants-once", "IDEM-03"),
            of("signature-accepts-valid", "SIG-01"),
            of("time-within-three-seconds", "TIME-01"),
        ];
        Baseline { known }.apply(&mut report);
        assert_eq!(report.stale.len(), 1);
        assert_eq!(report.stale[0].check, "signature-accepts-valid");
        assert_eq!(report.exit(), Exit::Nonconformant);
    }

    #[test]
    fn stale_baseline_is_never_called_conformant() {
        let mut report = sample::report();
        report.checks.retain(|check| check.status == CheckStatus::Pass);
        let known = Known {
            check: "signature-accepts-valid".to_owned(),
            clause: "SIG-01".to_owned(),
            ..Baseline::parse(FORGED).unwrap().known[0].clone()
        };
        Baseline { known: vec![known] }.apply(&mut report);
        assert_eq!((report.verdict, report.exit()), (Verdict::Partial, Exit::Nonconformant));
        let text = human::render(&report, human::Style::default());
        assert!(text.contains("stale baseline: ") && !text.contains("conformant"), "{text}");
        let text = badge::to_badge(&report);
        assert!(text.contains("stale baseline") && text.contains("true"), "{text}");
    }

    #[test]
    fn another_cause_is_another_failure() {
        let mut report = sample::report();
        let other = format!("{FORGED}cause = \"ids-as-int32\"\n");
        Baseline::parse(&other).unwrap().apply(&mut report);
        assert_eq!(report.summary.known, 0);
        let right = format!("{FORGED}cause = \"signature-not-checked\"\n");
        Baseline::parse(&right).unwrap().apply(&mut report);
        assert_eq!(report.summary.known, 1);
    }
}
