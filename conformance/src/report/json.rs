//! The report as JSON, for programs.

use super::{Report, SCHEMA};

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The text is not JSON, or lacks what a report has.
    #[error("this is not a report: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The report is of another version than this program reads.
    #[error("the report's schema is `{found}`, this program reads `{SCHEMA}`")]
    Schema {
        /// The schema that the report names.
        found: String,
    },
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
    let report: Report = serde_json::from_str(text)?;
    if report.schema == SCHEMA {
        Ok(report)
    } else {
        Err(JsonError::Schema { found: report.schema })
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
        assert!(matches!(from_json("{}"), Err(JsonError::Malformed(_))));
    }
}
