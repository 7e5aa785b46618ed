//! What was told when, drawn as text: a column for each connection, a line for each moment.

use std::{fmt::Write as _, time::Duration};

/// The narrowest column, in characters.
const COLUMN_MIN: usize = 14;

/// Lines of one drawing; what is more is left out and said so.
const LINES_MAX: usize = 80;

/// One delivery in a drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The place of its connection.
    pub column: usize,
    /// What was told.
    pub told: String,
    /// When it was sent.
    pub sent: Duration,
    /// When its answer came, or it was given up.
    pub answered: Duration,
    /// The answer, or why there was none.
    pub answer: String,
}

/// Draws deliveries below these headings: each is sent at one line and answered at another.
pub fn draw(columns: &[String], marks: &[Mark]) -> String {
    let mut moments: Vec<(Duration, usize, String)> = Vec::with_capacity(marks.len() * 2);
    for mark in marks {
        moments.push((mark.sent, mark.column, format!("-> {}", mark.told)));
        moments.push((mark.answered, mark.column, format!("<- {}", mark.answer)));
    }
    moments.sort_by(|left, right| left.0.cmp(&right.0).then(left.1.cmp(&right.1)));
    let began = moments.first().map_or(Duration::ZERO, |(at, ..)| *at);
    let width = |column: usize| {
        let texts = moments.iter().filter(|(_, of, _)| *of == column);
        let longest = texts.map(|(.., text)| text.chars().count()).max().unwrap_or(0);
        longest.max(columns[column].chars().count()).max(COLUMN_MIN)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = format!("{:>8}", "ms");
    for (name, width) in columns.iter().zip(&widths) {
        let _ = write!(text, "  {name:width$}");
    }
    let mut text = format!("{}\n", text.trim_end());
    for (at, column, what) in moments.iter().take(LINES_MAX) {
        let millis = at.saturating_sub(began).as_secs_f64() * 1000.0;
        let before: usize = widths[..*column].iter().map(|width| width + 2).sum();
        let _ = writeln!(text, "{millis:>8.1}{:before$}  {what}", "");
    }
    if moments.len() > LINES_MAX {
        let _ = writeln!(text, "{:>8}  and {} more", "...", moments.len() - LINES_MAX);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_has_a_column() {
        let mark = |column, told: &str, sent, answered, answer: &str| Mark {
            column,
            told: told.to_owned(),
            sent: Duration::from_millis(sent),
            answered: Duration::from_millis(answered),
            answer: answer.to_owned(),
        };
        let marks = [
            mark(0, "order_paid A", 10, 62, "204"),
            mark(1, "order_canceled A", 11, 14, "204"),
            mark(1, "order_paid A", 70, 71, "no answer"),
        ];
        let columns = ["connection 1", "connection 2"].map(str::to_owned);
        insta::assert_snapshot!(draw(&columns, &marks), @r"
              ms  connection 1     connection 2
             0.0  -> order_paid A
             1.0                   -> order_canceled A
             4.0                   <- 204
            52.0  <- 204
            60.0                   -> order_paid A
            61.0                   <- no answer
        ");
    }
}
