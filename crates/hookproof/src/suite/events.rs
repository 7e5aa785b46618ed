//! The run as events, written while it is under way: `--report ndjson=PATH`.

use std::{cell::Cell, fs::File, io, io::Write};

use anyhow::Context;
use hookproof_conformance::{
    Options, Report, Watch,
    report::{format::Format, ndjson::Ndjson},
};

use crate::{failure::Failure, suite::destination::Destination};

/// Everybody who reads along. Nobody, where no events were asked for.
pub(crate) struct Events {
    open: Vec<(String, Ndjson<Box<dyn Write>>)>,
    ended: Cell<bool>,
}

/// A run that is called off is not left without a last word.
impl Drop for Events {
    fn drop(&mut self) {
        if !self.ended.get() {
            self.fail("interrupted");
        }
    }
}

impl Events {
    /// Opens the files; the path `-` is stdout.
    pub(crate) fn open(destinations: &[Destination], options: &Options) -> Result<Self, Failure> {
        let mut open = Vec::new();
        for destination in destinations.iter().filter(|one| one.format == Format::Ndjson) {
            let name = destination.path.display().to_string();
            let out: Box<dyn Write> = if destination.is_stdout() {
                Box::new(io::stdout())
            } else {
                let file = File::create(&destination.path);
                Box::new(file.with_context(|| format!("cannot write the events to `{name}`"))?)
            };
            open.push((name, Ndjson::new(out, options)));
        }
        Ok(Self { open, ended: Cell::new(false) })
    }

    /// Those who are told what happens.
    pub(crate) fn watches(&self) -> impl Iterator<Item = &dyn Watch> {
        self.open.iter().map(|(_, events)| events as &dyn Watch)
    }

    /// Tells the verdict. A reader of a pipe who has seen enough is no error.
    pub(crate) fn finish(&self, report: &Report) -> Result<(), Failure> {
        self.ended.set(true);
        for (name, events) in &self.open {
            match events.finish(report) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    let context = format!("cannot write the events to `{name}`");
                    return Err(anyhow::Error::new(error).context(context).into());
                }
                _ => (),
            }
        }
        Ok(())
    }

    /// Tells why there is no verdict. That it cannot be told is the lesser trouble.
    pub(crate) fn fail(&self, reason: &str) {
        self.ended.set(true);
        for (_, events) in &self.open {
            let _ = events.fail(reason);
        }
    }
}
