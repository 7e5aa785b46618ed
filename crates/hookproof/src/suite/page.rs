//! Labelled rows of prose for a terminal.

use hookproof_conformance::report::human::wrapped;

/// Columns of the labels before a value.
const LABEL: usize = 11;

/// A page that grows row by row.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// A page about an id, with a word on what it is.
    pub(crate) fn new(id: &str, note: &str) -> Self {
        Self { text: format!("{id} ({note})\n\n") }
    }

    /// A label and a value; nothing where the value is empty.
    pub(crate) fn row(&mut self, label: &str, value: &str) {
        let value = wrapped(value, LABEL + 2);
        if !value.is_empty() {
            self.text += &["  ", &format!("{label:LABEL$}"), &value, "\n"].concat();
        }
    }

    /// A label and a value for each line.
    pub(crate) fn rows(&mut self, label: &str, values: Vec<String>) {
        for (index, value) in values.iter().enumerate() {
            self.row(if index == 0 { label } else { "" }, value);
        }
    }

    /// The page as text.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}
