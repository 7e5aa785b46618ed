//! Marks, colours and line breaks of the human report.

use std::fmt::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::report::{CheckStatus, Outcome, Verdict};

/// Columns after which prose is broken. Commands are never broken: they are copied.
const COLUMNS: usize = 100;

/// Characters of a command that is printed whole.
const COMMAND_CHARS_MAX: usize = 1_500;

/// Characters of a longer command that are printed.
const COMMAND_CHARS_SHOWN: usize = 300;

/// Columns of the labels before a value.
const LABEL: usize = 10;

/// Paints, or leaves as it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Paint {
    color: bool,
}

impl Paint {
    pub(in crate::report) const fn new(color: bool) -> Self {
        Self { color }
    }

    fn dress(self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    pub(in crate::report) fn strong(self, text: &str) -> String {
        self.dress(Style::new().bold(), text)
    }

    pub(in crate::report) fn faint(self, text: &str) -> String {
        self.dress(Style::new().dimmed(), text)
    }

    pub(in crate::report) fn note(self, text: &str) -> String {
        self.dress(AnsiColor::Cyan.on_default(), text)
    }

    pub(in crate::report) fn good(self, text: &str) -> String {
        self.dress(AnsiColor::Green.on_default(), text)
    }

    pub(in crate::report) fn bad(self, text: &str) -> String {
        self.dress(AnsiColor::Red.on_default().bold(), text)
    }

    pub(in crate::report) fn doubtful(self, text: &str) -> String {
        self.dress(AnsiColor::Yellow.on_default(), text)
    }

    /// One column that says how a check ended.
    pub(in crate::report) fn mark(self, status: CheckStatus) -> String {
        self.outcome(match status {
            CheckStatus::Pass => Outcome::Passed,
            CheckStatus::Fail => Outcome::Failed,
            CheckStatus::Warn => Outcome::Warned,
            CheckStatus::Inconclusive => Outcome::Inconclusive,
            CheckStatus::NotObservable => Outcome::NotObservable,
            CheckStatus::Skipped => Outcome::Skipped,
            CheckStatus::Error => Outcome::Error,
        })
    }

    /// The symbol of an outcome, in its colour.
    pub(in crate::report) fn outcome(self, outcome: Outcome) -> String {
        let symbol = outcome.symbol();
        match outcome {
            Outcome::Passed => self.good(symbol),
            Outcome::Failed | Outcome::Error => self.bad(symbol),
            Outcome::Warned | Outcome::Known | Outcome::Inconclusive => self.doubtful(symbol),
            Outcome::NotObservable | Outcome::Skipped => self.faint(symbol),
        }
    }

    /// The closing words, in the colour of the verdict.
    pub(in crate::report) fn verdict(self, verdict: Verdict, text: &str) -> String {
        match verdict {
            Verdict::Conformant => self.good(text),
            Verdict::Nonconformant | Verdict::Error => self.bad(text),
            Verdict::Partial => self.doubtful(text),
        }
    }

    /// A label in its columns, with a space after the longest.
    fn label(self, label: &str) -> String {
        let space = if label.chars().count() < LABEL { "" } else { " " };
        self.faint(&format!("  {label:LABEL$}{space}"))
    }

    /// A label and a value, broken into lines that stand under each other.
    pub(in crate::report) fn row(self, label: &str, value: &str) -> String {
        format!("{}{}\n", self.label(label), wrapped(value, LABEL + 2))
    }

    /// A label and a command in one line; of a very long command only the beginning, as nobody copies it.
    pub(in crate::report) fn command(self, label: &str, command: &str) -> String {
        let label = self.label(label);
        let length = command.chars().count();
        if length <= COMMAND_CHARS_MAX {
            return format!("{label}{}\n", printable(command));
        }
        let begin: String = command.chars().take(COMMAND_CHARS_SHOWN).collect();
        let rest = self.faint(&format!("… ({length} characters: --report json=PATH has them all)"));
        format!("{label}{}{rest}\n", printable(&begin))
    }

    /// A label, and below it lines whose blanks matter.
    pub(super) fn drawing(self, label: &str, lines: &str) -> String {
        let mut text = format!("{}\n", self.faint(&format!("  {label}")));
        for line in lines.lines() {
            text.line(format_args!("    {}", printable(line)));
        }
        text
    }
}

/// Text that grows line by line.
pub(in crate::report) trait Lines {
    /// Adds a line.
    fn line(&mut self, line: fmt::Arguments<'_>);
}

impl Lines for String {
    fn line(&mut self, line: fmt::Arguments<'_>) {
        writeln!(self, "{line}").expect("memory takes every line");
    }
}

/// A line of prose after a painted word.
pub(in crate::report) fn bullet(painted: &str, text: &str) -> String {
    format!("{painted} {}\n", wrapped(text, 2))
}

/// Prose without control characters, broken at 100 columns; lines after the first are indented.
pub fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = Vec::new();
    for line in text.trim_end().lines() {
        let line = printable(line);
        let mut current = String::new();
        for word in line.split(' ') {
            let width = indent + current.chars().count() + 1 + word.chars().count();
            if !current.is_empty() && width > COLUMNS {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

/// Text in one line, without control characters.
pub(in crate::report) fn one_line(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Text whose control characters are written as escapes.
pub(in crate::report) fn printable(text: &str) -> String {
    let mut printed = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            printed.extend(char.escape_default());
        } else {
            printed.push(char);
        }
    }
    printed
}

/// A word of a command line, quoted where a shell would not take it as it is.
pub(in crate::report) fn word(text: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_.,:/=@%+".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A duration as people say it.
pub(in crate::report) fn duration(millis: u64) -> String {
    if millis < 1000 {
        format!("{millis} ms")
    } else {
        format!("{}.{} s", millis / 1000, millis % 1000 / 100)
    }
}

/// `1 check`, `2 checks`.
pub(in crate::report) fn checks(count: u32) -> String {
    if count == 1 { "1 check".to_owned() } else { format!("{count} checks") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_breaks_between_words() {
        let text = format!("{} {}", "a".repeat(60), "b".repeat(60));
        assert_eq!(wrapped(&text, 4), format!("{}\n    {}", "a".repeat(60), "b".repeat(60)));
        assert_eq!(wrapped("one\ntwo\n", 2), "one\n  two");
        assert_eq!(wrapped("", 2), "");
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(word("http://127.0.0.1:8080/webhook"), "http://127.0.0.1:8080/webhook");
        assert_eq!(word("http://h/{user}?…"), "'http://h/{user}?…'");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word(""), "''");
    }

    #[test]
    fn long_commands_are_cut() {
        let shown = Paint::new(false).command("see it", &"x".repeat(COMMAND_CHARS_MAX + 1));
        assert!(
            shown.ends_with("x… (1501 characters: --report json=PATH has them all)\n"),
            "{shown}"
        );
        let whole = Paint::new(false).command("see it", &"x".repeat(COMMAND_CHARS_MAX));
        assert!(whole.ends_with("xx\n"), "{whole}");
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(duration(0), "0 ms");
        assert_eq!(duration(999), "999 ms");
        assert_eq!(duration(1250), "1.2 s");
        assert_eq!(duration(61_000), "61.0 s");
    }
}
