//! What the listener wrote meanwhile: one JSON object a line, and nothing that is nobody's business.

use std::{
    fmt,
    io::{BufRead, BufReader, Read},
};

use anyhow::bail;
use serde_json::{Map, Value};

use crate::pool::SECRET;

/// What opens the probe.
pub(super) const TOKEN: &str = "bench-token";

/// Characters of an odd line that are shown.
const SHOWN_CHARS_MAX: usize = 500;

/// What was read of it.
#[derive(Debug, Default)]
pub(super) struct Log {
    lines: u64,
    odd: u64,
    first_odd: Option<String>,
}

impl Log {
    /// Reads to its end.
    pub(super) fn read(log: impl Read) -> Self {
        let mut read = Self::default();
        for line in BufReader::new(log).split(b'\n') {
            let Ok(line) = line else { break };
            read.lines += 1;
            if is_odd(&line) {
                read.odd += 1;
                read.first_odd.get_or_insert_with(|| {
                    let line = String::from_utf8_lossy(&line);
                    line.chars().take(SHOWN_CHARS_MAX).collect()
                });
            }
        }
        read
    }

    /// A log in which there is what must not be is a finding; so is none.
    pub(super) fn judge(&self) -> anyhow::Result<()> {
        if self.lines == 0 {
            bail!("the listener wrote no log");
        }
        if let Some(line) = &self.first_odd {
            bail!("{} odd lines in the log; the first: {line}", self.odd);
        }
        Ok(())
    }
}

/// A panic is no JSON; neither is a line that somebody else has begun or ended.
fn is_odd(line: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(line) else { return true };
    let Ok(entry) = serde_json::from_str::<Map<String, Value>>(text) else { return true };
    !entry.contains_key("timestamp")
        || [SECRET, TOKEN, "panicked"].iter().any(|it| text.contains(it))
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lines of log, of which {} odd", self.lines, self.odd)?;
        self.first_odd.iter().try_for_each(|line| write!(f, ": {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_and_forged_lines_are_odd() {
        let right = r#"{"timestamp":"2026-01-01T00:00:00Z","level":"WARN"}"#;
        assert!(Log::read(format!("{right}\n{right}\n").as_bytes()).judge().is_ok());
        assert!(Log::read(&b""[..]).judge().is_err());
        let forged = "2026-01-01T00:00:00Z ERROR all is lost";
        let panic = "thread 'main' panicked at src/lib.rs:1:1:";
        let told = right.replace("WARN", SECRET);
        for line in [forged, panic, "{}", "", told.as_str()] {
            let log = Log::read(format!("{right}\n{line}\n{right}\n").as_bytes());
            assert_eq!((log.lines, log.odd), (3, 1), "{line}");
            assert!(log.judge().is_err());
        }
    }
}
