//! The report as JSON, for programs.

use serde::Deserialize;
use serde_json::Value;

use super::{Report, SCHEMA};

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// The text ends within the JSON: whoever wrote it was stopped, or the disk was full.
    #[error("it ends in the middle, at line {line}")]
    Truncated {
        /// The last line.
        line: usize,
    },
    /// The text is not JSON.
    #[error("it is no JSON: {0}")]
    Malformed(serde_json::Error),
    /// The text is JSON of something else.
    #[error("it is no report of this program: it names no schema")]
    Foreign,
    /// The report is of another version than this program reads.
    #[error("the report's schema is `{found}`, this program reads `{SCHEMA}`")]
    Schema {
        /// The schema that the report names.
        found: String,
    },
    /// The report lacks what a report has.
    #[error("it is no whole report: {0}")]
    Incomplete(serde_json::Error),
}

/// What is looked at first: another version may differ in everything else.
#[derive(Deserialize)]
struct Named {
    schema: Option<Value>,
}

/// The report as JSON that ends with a newline.
pub fn to_json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report)
        .expect("a report's keys are strings, its numbers finite");
    text.push('\n');
    text
}

/// Reads a report that [`to_json`] wrote. Unknown members are ignored: a newer program may add some.
pub fn from_json(text: &str) -> Result<Report, JsonError> {
    // Windows' editors put a mark of the byte order in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(JsonError::Empty);
    }
    let named: Result<Named, _> = serde_json::from_str(text);
    let schema = named.map_err(|error| {
        if error.is_eof() {
            JsonError::Truncated { line: error.line() }
        } else if error.is_data() {
            JsonError::Foreign
        } else {
            JsonError::Malformed(error)
        }
    })?;
    match schema.schema {
        Some(Value::String(found)) if found == SCHEMA => {
            serde_json::from_str(text).map_err(JsonError::Incomplete)
        }
        Some(Value::String(found)) => Err(JsonError::Schema { found }),
        _ => Err(JsonError::Foreign),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn form() {
        insta::assert_snapshot!(to_json(&sample::report()));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let written = to_json(&sample::report());
        assert_eq!(to_json(&from_json(&written).unwrap()), written);
    }

    #[test]
    fn a_newer_member_is_ignored_and_another_schema_refused() {
        let written = to_json(&sample::report());
        assert!(from_json(&written.replacen('{', r#"{"newer": 1,"#, 1)).is_ok());
        let error = from_json(&written.replace(SCHEMA, "hookproof.report/2")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the report's schema is `hookproof.report/2`, this program reads `hookproof.report/1`"
        );
    }

    #[test]
    fn every_wrong_file_is_told_from_the_others() {
        let written = to_json(&sample::report());
        let says = |text: &str| from_json(text).unwrap_err().to_string();
        assert_eq!(says(" \n"), "it is empty");
        assert!(says(&written[..written.len() / 2]).starts_with("it ends in the middle, at line "));
        assert!(says("<testsuites/>").starts_with("it is no JSON: expected value at line 1"));
        for foreign in ["{}", "[1]", r#"{"schema":1}"#] {
            assert_eq!(says(foreign), "it is no report of this program: it names no schema");
        }
        let incomplete = format!(r#"{{"schema":"{SCHEMA}"}}"#);
        assert!(says(&incomplete).starts_with("it is no whole report: missing field `tool`"));
        assert!(from_json(&format!("\u{feff}{written}")).is_ok());
    }
}
