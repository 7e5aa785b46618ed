//! The verdict as a badge: the JSON that the endpoint of shields.io reads.

use serde_json::json;

use super::{Counts, Outcome, Report, Verdict};
use crate::Exit;

/// The badge as JSON that ends with a newline.
pub fn to_badge(report: &Report) -> String {
    let counts = Counts::of(report);
    let (passed, failed) = (counts.get(Outcome::Passed), counts.get(Outcome::Failed));
    let (message, color) = match report.verdict {
        Verdict::Conformant => (format!("conformant, {passed} passed"), "brightgreen"),
        Verdict::Nonconformant => (format!("{failed} failed"), "red"),
        Verdict::Partial if !report.stale.is_empty() => ("stale baseline".to_owned(), "red"),
        Verdict::Partial => (format!("{passed} of {} passed", counts.total()), "yellow"),
        Verdict::Error => ("no verdict".to_owned(), "lightgrey"),
    };
    let badge = json!({
        "schemaVersion": 1,
        "label": "webhook contract",
        "message": message,
        "color": color,
        "isError": report.exit() != Exit::Conformant,
    });
    format!("{badge:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn form() {
        insta::assert_snapshot!(to_badge(&sample::report()));
    }

    #[test]
    fn every_verdict_has_its_colour() {
        let mut report = sample::report();
        for (verdict, color) in [
            (Verdict::Conformant, "brightgreen"),
            (Verdict::Partial, "yellow"),
            (Verdict::Error, "lightgrey"),
        ] {
            report.verdict = verdict;
            assert!(to_badge(&report).contains(color));
        }
    }
}
