//! The run as events, a line of JSON each: written while it is under way, or out of the report after it.
//!
//! `started`, `noticed`, `check_started` (only while under way), `check_ended` with what the check found,
//! and at the end `ended` with the verdict; or `failed`, where the target could not be asked.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::{CheckReport, Report, RunOptions, SpecVersion, Tool};
use crate::{Options, Watch, watch::Event};

/// Name and version of the events.
pub const EVENTS_SCHEMA: &str = "hookproof.events/1";

/// The report as events, in the order of its checks.
pub fn to_ndjson(report: &Report) -> String {
    let mut text = String::new();
    let asked = report.checks.len();
    let began = json!({
        "tool": report.tool, "spec": report.spec, "target": report.target,
        "options": report.options, "checks": asked,
    });
    text.push_str(&line("started", began));
    for note in &report.notes {
        text.push_str(&line("noticed", json!({ "text": note })));
    }
    for check in &report.checks {
        text.push_str(&line("check_ended", json!({ "check": check })));
    }
    text.push_str(&line("ended", ended(report)));
    text
}

fn ended(report: &Report) -> Value {
    json!({
        "verdict": report.verdict, "summary": report.summary, "notes": report.notes,
        "diagnoses": report.diagnoses, "duration_ms": report.duration_ms, "requests": report.requests,
    })
}

fn line(event: &str, rest: Value) -> String {
    let mut whole = json!({ "event": event, "schema": EVENTS_SCHEMA });
    if let (Value::Object(whole), Value::Object(rest)) = (&mut whole, rest) {
        whole.extend(rest);
    }
    format!("{whole}\n")
}

/// Writes the events of a run as they happen.
#[derive(Debug)]
pub struct Ndjson<W> {
    out: RefCell<W>,
    target: Vec<String>,
    options: RunOptions,
    told: RefCell<BTreeSet<String>>,
    broken: Cell<Option<io::ErrorKind>>,
}

impl<W: Write> Ndjson<W> {
    /// A watch over a run with these options.
    pub fn new(out: W, options: &Options) -> Self {
        Self {
            out: RefCell::new(out),
            target: options.targets.iter().map(url::Url::to_string).collect(),
            options: RunOptions::from(options),
            told: RefCell::default(),
            broken: Cell::new(None),
        }
    }

    /// Tells the rest: the checks that were not asked, and the verdict. An error of an earlier line is
    /// told here, as nobody could be told while the run was under way.
    pub fn finish(&self, report: &Report) -> io::Result<()> {
        for check in &report.checks {
            if !self.told.borrow().contains(&check.id) {
                self.check_ended(check);
            }
        }
        self.write(&line("ended", ended(report)));
        self.result()
    }

    /// Tells why there is no report.
    pub fn fail(&self, reason: &str) -> io::Result<()> {
        self.write(&line("failed", json!({ "reason": reason })));
        self.result()
    }

    fn result(&self) -> io::Result<()> {
        self.broken.get().map_or(Ok(()), |kind| Err(io::Error::from(kind)))
    }

    fn check_ended(&self, check: &CheckReport) {
        self.write(&line("check_ended", json!({ "check": check })));
    }

    /// A line at a time, at once: whoever reads along waits for it.
    fn write(&self, line: &str) {
        let mut out = self.out.borrow_mut();
        if let Err(error) = out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
            self.broken.set(self.broken.get().or(Some(error.kind())));
        }
    }
}

impl<W: Write> Watch for Ndjson<W> {
    fn on(&self, event: &Event<'_>) {
        match event {
            Event::Started { checks } => {
                let began = json!({
                    "tool": Tool::this(), "spec": SpecVersion::this(), "target": self.target,
                    "options": self.options, "checks": checks,
                });
                self.write(&line("started", began));
            }
            Event::Noticed(text) => self.write(&line("noticed", json!({ "text": text }))),
            Event::Waiting(limit) => {
                let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
                self.write(&line("waiting", json!({ "limit_ms": limit_ms })));
            }
            // A reader sees which checks are under way.
            Event::Phase(_) => (),
            Event::CheckStarted { id } => self.write(&line("check_started", json!({ "id": id }))),
            Event::CheckEnded(check) => {
                self.told.borrow_mut().insert(check.id.clone());
                self.check_ended(check);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hookproof_contract::Secret;
    use url::Url;

    use super::*;
    use crate::report::sample;

    fn events(text: &str) -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn form() {
        insta::assert_snapshot!(to_ndjson(&sample::report()));
    }

    #[test]
    fn what_is_told_live_and_after_the_run_is_the_same() {
        let report = sample::report();
        let target = Url::parse("http://127.0.0.1:8080/webhook").unwrap();
        let options = Options::new(target, Secret::new("example").unwrap(), 1, 1);
        let mut bytes = Vec::new();
        let live = Ndjson::new(&mut bytes, &options);
        live.on(&Event::Started { checks: 1 });
        live.on(&Event::CheckStarted { id: "signature-accepts-valid" });
        live.on(&Event::CheckEnded(&report.checks[0]));
        live.finish(&report).unwrap();
        let told = events(&String::from_utf8(bytes).unwrap());
        assert_eq!(told[1]["event"], "check_started");
        let after = events(&to_ndjson(&report));
        let of = |events: &[Value], kind: &str| -> Vec<Value> {
            events.iter().filter(|event| event["event"] == kind).cloned().collect()
        };
        assert_eq!(of(&told, "check_ended"), of(&after, "check_ended"));
        assert_eq!(of(&told, "ended"), of(&after, "ended"));
        assert!(told.iter().all(|event| event["schema"] == EVENTS_SCHEMA));
    }

    #[test]
    fn a_reader_who_went_away_is_told_at_the_end() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let target = Url::parse("http://127.0.0.1:8080/webhook").unwrap();
        let options = Options::new(target, Secret::new("example").unwrap(), 1, 1);
        let error = Ndjson::new(Closed, &options).fail("gone").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
