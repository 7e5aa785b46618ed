//! Keeps the project's secret out of reports, also where the target itself tells it.

use hookproof_contract::Secret;

use crate::{check::Violation, report::CheckReport};

/// What stands in the place of the secret.
const MASK: &str = "[secret]";

/// A secret shorter than this is no secret, and would be found in every other word.
const SECRET_BYTES_MIN: usize = 4;

/// Masks the secret in whatever a check found.
pub(crate) fn report(report: &mut CheckReport, secret: &Secret) {
    let mask = |words: &mut String| text(words, secret);
    report.expected.iter_mut().for_each(mask);
    report.actual.iter_mut().for_each(mask);
    report.repro.iter_mut().for_each(mask);
    report.timeline.iter_mut().for_each(mask);
    report.steps.iter_mut().for_each(|step| step.map_texts(&mask));
    report.warnings.iter_mut().for_each(|found| violation(found, &mask));
}

fn violation(found: &mut Violation, mask: &impl Fn(&mut String)) {
    mask(&mut found.expected);
    mask(&mut found.actual);
    found.repro.iter_mut().for_each(mask);
    found.timeline.iter_mut().for_each(mask);
    found.steps.iter_mut().for_each(|step| step.map_texts(mask));
}

/// Masks the secret in a text.
pub(crate) fn text(text: &mut String, secret: &Secret) {
    let secret = secret.expose();
    if secret.len() >= SECRET_BYTES_MIN && text.contains(secret) {
        *text = text.replace(secret, MASK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secret: &str, given: &str, expected: &str) {
        let mut words = given.to_owned();
        text(&mut words, &Secret::new(secret).unwrap());
        assert_eq!(words, expected);
    }

    #[test]
    fn no_secret_stays() {
        check(
            "example-secret",
            "expected example-secret, twice example-secret",
            "expected [secret], twice [secret]",
        );
        check("ab", "able", "able");
    }
}
