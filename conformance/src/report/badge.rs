//! The verdict as a badge: the JSON that the endpoint of shields.io reads.

use serde_json::json;

use super::{Report, Verdict, human::Tally};

/// The badge as JSON that ends with a newline.
pub fn to_badge(report: &Report) -> String {
    let tally = Tally::of(report);
    let (message, color) = match report.verdict {
        Verdict::Conformant => (format!("conformant, {} passed", tally.passed), "brightgreen"),
        Verdict::Nonconformant => (format!("{} failed", tally.failed), "red"),
        Verdict::Partial => {
            (format!("{} passed, {} unseen", tally.passed, tally.skipped), "yellow")
        }
        Verdict::Error => ("no verdict".to_owned(), "lightgrey"),
    };
    let badge = json!({
        "schemaVersion": 1,
        "label": "webhook contract",
        "message": message,
        "color": color,
        "isError": matches!(report.verdict, Verdict::Nonconformant | Verdict::Error),
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
