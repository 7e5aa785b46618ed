//! Keeps the project's secret out of reports, also where the target itself tells it.
//!
//! A random secret is masked wherever it stands. One that is an ordinary word, such as `other`, is part of
//! the suite's own sentences too: masking it there would mangle them, and tell which word it is. It is
//! masked in answers, in what a process wrote, in the options shown, and in what stands between
//! backticks, where the suite quotes them.

use std::sync::LazyLock;

use hookproof_contract::{NotificationType, Secret, spec::Spec};

use crate::{check::Violation, checks, diagnosis, report::CheckReport, trace::Step};

/// What stands in the place of the secret.
const MASK: &str = "[secret]";

/// A secret shorter than this is no secret, and would be found in every other word.
const SECRET_BYTES_MIN: usize = 4;

/// Letters up to which a secret that consists of letters alone may be a word.
const WORD_LETTERS_MAX: usize = 12;

/// The suite's sentences and ids, in lower case.
static OWN_TEXTS: LazyLock<String> = LazyLock::new(|| {
    let spec = Spec::embedded();
    let mut texts: Vec<&str> = Vec::new();
    texts.extend(spec.clauses.values().flat_map(|clause| [&*clause.id, &clause.text, &clause.why]));
    texts.extend(checks::ALL.iter().flat_map(|check| [check.id, check.title]));
    texts.extend(
        diagnosis::causes().iter().flat_map(|cause| [&*cause.slug, &cause.text, &cause.fix]),
    );
    texts.extend(NotificationType::ALL.map(NotificationType::as_str));
    texts.join("\n").to_lowercase()
});

/// Masks the secret in whatever a check found.
pub(crate) fn report(report: &mut CheckReport, secret: &Secret) {
    let Some(mask) = Mask::of(secret) else { return };
    let sentences = [&mut report.expected, &mut report.actual, &mut report.timeline];
    sentences.into_iter().flatten().for_each(|text| mask.sentence(text));
    report.listener_output.iter_mut().for_each(|text| mask.foreign(text));
    report.repro.iter_mut().for_each(|command| mask.command(command));
    report.steps.iter_mut().for_each(|step| mask.step(step));
    report.warnings.iter_mut().for_each(|found| mask.violation(found));
}

/// Masks the secret in a sentence of the suite that may quote the target.
pub(crate) fn text(text: &mut String, secret: &Secret) {
    if let Some(mask) = Mask::of(secret) {
        mask.sentence(text);
    }
}

/// The way in which one secret is masked.
struct Mask<'s> {
    secret: &'s str,
    /// Whether the suite's own texts may hold the same letters.
    is_word: bool,
}

impl<'s> Mask<'s> {
    fn of(secret: &'s Secret) -> Option<Self> {
        let secret = secret.expose();
        (secret.len() >= SECRET_BYTES_MIN).then(|| Self { secret, is_word: is_word(secret) })
    }

    /// Text that is not the suite's own.
    fn foreign(&self, text: &mut String) {
        if text.contains(self.secret) {
            *text = text.replace(self.secret, MASK);
        }
    }

    /// A sentence of the suite, in which others are quoted between backticks.
    fn sentence(&self, text: &mut String) {
        if !self.is_word {
            return self.foreign(text);
        }
        if text.contains(self.secret) {
            let parts = text.split('`').enumerate().map(|(place, part)| {
                if place % 2 == 1 { part.replace(self.secret, MASK) } else { part.to_owned() }
            });
            *text = parts.collect::<Vec<_>>().join("`");
        }
    }

    /// A command: the URL in it is an option, the request is the suite's own.
    fn command(&self, text: &mut String) {
        if !self.is_word {
            return self.foreign(text);
        }
        let url_end = |rest: &str| rest.find('\'').unwrap_or(rest.len());
        if let Some((before, rest)) = text.split_once("'http") {
            let (url, after) = rest.split_at(url_end(rest));
            *text = format!("{before}'http{}{after}", url.replace(self.secret, MASK));
        }
    }

    fn step(&self, step: &mut Step) {
        match step {
            Step::Delivery(delivery) => {
                if !self.is_word {
                    delivery.headers.iter_mut().for_each(|(_, value)| self.foreign(value));
                    self.foreign(&mut delivery.body);
                }
                delivery.fault.iter_mut().for_each(|fault| self.sentence(fault));
                if let Some(answer) = &mut delivery.answer {
                    answer.headers.iter_mut().for_each(|(_, value)| self.foreign(value));
                    self.foreign(&mut answer.body);
                }
            }
            Step::Look { user, shown, .. } => {
                self.foreign(user);
                self.foreign(shown);
            }
            Step::Process { did, .. } => self.sentence(did),
        }
    }

    fn violation(&self, found: &mut Violation) {
        self.sentence(&mut found.expected);
        self.sentence(&mut found.actual);
        found.timeline.iter_mut().for_each(|text| self.sentence(text));
        found.repro.iter_mut().for_each(|command| self.command(command));
        found.steps.iter_mut().for_each(|step| self.step(step));
    }
}

/// Returns true if the suite's own texts may hold this secret by chance.
fn is_word(secret: &str) -> bool {
    let all = |is: fn(&char) -> bool| secret.chars().all(|char| is(&char));
    let letters = all(char::is_ascii_lowercase) || all(char::is_ascii_uppercase);
    (letters && secret.len() <= WORD_LETTERS_MAX) || OWN_TEXTS.contains(&secret.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[track_caller]
    fn check(secret: &str, given: &str, expected: &str) {
        let mut words = given.to_owned();
        text(&mut words, &Secret::new(secret).unwrap());
        assert_eq!(words, expected);
    }

    #[test]
    fn random_secrets_are_masked_everywhere() {
        check(
            "example-Secret-7",
            "expected example-Secret-7, twice `example-Secret-7`",
            "expected [secret], twice `[secret]`",
        );
        check("ab", "able", "able");
    }

    #[test]
    fn own_sentences_are_kept_whatever_the_secret_is() {
        let given = "accepted in 11 other ways: 200, body `no other secret`";
        check("other", given, "accepted in 11 other ways: 200, body `no [secret] secret`");
        check("ways", given, given);
        check("INVALID_SIGNATURE", "4xx with INVALID_SIGNATURE", "4xx with INVALID_SIGNATURE");
    }

    #[test]
    fn requests_keep_words_and_answers_do_not() {
        let mut found = sample::report().checks.remove(1);
        found.repro =
            Some("curl -i 'http://127.0.0.1/other' --data '{\"a\": \"another\"}'".to_owned());
        for step in &mut found.steps {
            step.map_texts(&|text: &mut String| *text = "another".to_owned());
        }
        report(&mut found, &Secret::new("other").unwrap());
        let command = "curl -i 'http://127.0.0.1/[secret]' --data '{\"a\": \"another\"}'";
        assert_eq!(found.repro.as_deref(), Some(command));
        let Some(Step::Delivery(delivery)) = found.steps.first() else { panic!("no delivery") };
        assert_eq!(delivery.body, "another");
        assert_eq!(delivery.answer.as_ref().unwrap().body, "an[secret]");
    }
}
