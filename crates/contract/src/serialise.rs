//! One JSON value in many bytes.
//!
//! A signature covers bytes, and JSON leaves many choices: blanks, line ends, the order of members,
//! escapes, how a number is written. A listener must accept each of them if it was signed as it
//! came, and must take none for another.

use serde_json::{Map, Value};

/// A way to write JSON. All of them mean the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// No blanks: how Xsolla writes.
    Compact,
    /// Indented, lines end with LF.
    Pretty,
    /// Indented, lines end with CR LF.
    PrettyCrlf,
    /// One blank after each colon and comma.
    Blanks,
    /// Tabs and blanks around everything.
    Wide,
    /// Members in reverse order.
    Reversed,
    /// Members sorted by name.
    Sorted,
    /// Everything beyond ASCII as `\u` escapes; two of them for a character beyond 16 bits.
    EscapedUnicode,
    /// The same with upper-case digits.
    EscapedUnicodeUpper,
    /// Every third ASCII letter as a `\u` escape, in names too.
    EscapedAscii,
    /// Every slash as `\/`.
    EscapedSlash,
    /// Decimals with one more zero at the end, integers as they are.
    TrailingZeros,
    /// Decimals without zeros at the end.
    ShortNumbers,
    /// Decimals with an exponent: `11e-1`.
    Exponents,
    /// Compact, and a line end after it.
    TrailingNewline,
    /// Compact, and a blank after it.
    TrailingBlank,
    /// Compact, and a line end before it.
    LeadingNewline,
}

impl Form {
    /// All forms, Xsolla's own first.
    pub const ALL: [Self; 17] = [
        Self::Compact,
        Self::Pretty,
        Self::PrettyCrlf,
        Self::Blanks,
        Self::Wide,
        Self::Reversed,
        Self::Sorted,
        Self::EscapedUnicode,
        Self::EscapedUnicodeUpper,
        Self::EscapedAscii,
        Self::EscapedSlash,
        Self::TrailingZeros,
        Self::ShortNumbers,
        Self::Exponents,
        Self::TrailingNewline,
        Self::TrailingBlank,
        Self::LeadingNewline,
    ];

    /// What the form does, fit to follow "a body with".
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Compact => "no blanks",
            Self::Pretty => "indented lines",
            Self::PrettyCrlf => "indented lines that end with CR LF",
            Self::Blanks => "a blank after each colon and comma",
            Self::Wide => "tabs and blanks around everything",
            Self::Reversed => "its members in reverse order",
            Self::Sorted => "its members sorted by name",
            Self::EscapedUnicode => "all characters beyond ASCII as \\u escapes",
            Self::EscapedUnicodeUpper => "all characters beyond ASCII as upper-case \\u escapes",
            Self::EscapedAscii => "some ASCII letters as \\u escapes",
            Self::EscapedSlash => "each slash as \\/",
            Self::TrailingZeros => "a zero more at the end of each decimal",
            Self::ShortNumbers => "no zero at the end of a decimal",
            Self::Exponents => "decimals written with an exponent",
            Self::TrailingNewline => "a line end after it",
            Self::TrailingBlank => "a blank after it",
            Self::LeadingNewline => "a line end before it",
        }
    }
}

/// Writes a value in a form.
pub fn write(value: &Value, form: Form) -> Vec<u8> {
    let mut writer = Writer { form, style: Style::of(form), out: String::new(), letters: 0 };
    if form == Form::LeadingNewline {
        writer.out.push('\n');
    }
    writer.value(value, 0);
    match form {
        Form::TrailingNewline => writer.out.push('\n'),
        Form::TrailingBlank => writer.out.push(' '),
        _ => (),
    }
    writer.out.into_bytes()
}

/// The blanks of a form.
struct Style {
    line_end: &'static str,
    indent: &'static str,
    around_colon: (&'static str, &'static str),
    after_comma: &'static str,
}

impl Style {
    const fn of(form: Form) -> Self {
        let (line_end, indent, around_colon, after_comma) = match form {
            Form::Pretty => ("\n", "  ", ("", " "), ""),
            Form::PrettyCrlf => ("\r\n", "    ", ("", " "), ""),
            Form::Blanks => ("", "", ("", " "), " "),
            Form::Wide => (" ", "\t", (" ", "\t"), "  "),
            _ => ("", "", ("", ""), ""),
        };
        Self { line_end, indent, around_colon, after_comma }
    }
}

struct Writer {
    form: Form,
    style: Style,
    out: String,
    /// ASCII letters written so far.
    letters: usize,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.out.push_str(&self.number(number.as_str())),
            Value::String(text) => self.string(text),
            Value::Array(items) => self.list(['[', ']'], items, depth, |writer, item| {
                writer.value(item, depth + 1);
            }),
            Value::Object(members) => {
                let members = self.ordered(members);
                self.list(['{', '}'], &members, depth, |writer, (name, member)| {
                    writer.string(name);
                    writer.out.push_str(writer.style.around_colon.0);
                    writer.out.push(':');
                    writer.out.push_str(writer.style.around_colon.1);
                    writer.value(member, depth + 1);
                });
            }
        }
    }

    fn list<T>(
        &mut self,
        [open, close]: [char; 2],
        items: &[T],
        depth: usize,
        mut item: impl FnMut(&mut Self, &T),
    ) {
        self.out.push(open);
        for (index, each) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
                self.out.push_str(self.style.after_comma);
            }
            self.new_line(depth + 1);
            item(self, each);
        }
        if !items.is_empty() {
            self.new_line(depth);
        }
        self.out.push(close);
    }

    fn new_line(&mut self, depth: usize) {
        self.out.push_str(self.style.line_end);
        self.out.extend(std::iter::repeat_n(self.style.indent, depth));
    }

    fn ordered<'a>(&self, members: &'a Map<String, Value>) -> Vec<(&'a String, &'a Value)> {
        let mut members: Vec<_> = members.iter().collect();
        match self.form {
            Form::Reversed => members.reverse(),
            Form::Sorted => members.sort_by_key(|(name, _)| *name),
            _ => (),
        }
        members
    }

    fn number(&self, text: &str) -> String {
        let (mantissa, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
        let Some((whole, fraction)) = mantissa.split_once('.') else { return text.to_owned() };
        if !exponent.is_empty() {
            return text.to_owned();
        }
        match self.form {
            Form::TrailingZeros => format!("{text}0"),
            Form::ShortNumbers => {
                let fraction = fraction.trim_end_matches('0');
                if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
            }
            Form::Exponents => {
                let sign = if whole.starts_with('-') { "-" } else { "" };
                let digits = format!("{}{fraction}", whole.trim_start_matches('-'));
                let digits = digits.trim_start_matches('0');
                let digits = if digits.is_empty() { "0" } else { digits };
                format!("{sign}{digits}e-{}", fraction.len())
            }
            _ => text.to_owned(),
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for char in text.chars() {
            match char {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '/' if self.form == Form::EscapedSlash => self.out.push_str("\\/"),
                char if self.escapes(char) => self.escape(char),
                char => self.out.push(char),
            }
        }
        self.out.push('"');
    }

    fn escapes(&mut self, char: char) -> bool {
        let is_letter = char.is_ascii_alphabetic();
        self.letters += usize::from(is_letter);
        match self.form {
            _ if char.is_ascii_control() && char != '\u{7f}' => true,
            Form::EscapedUnicode | Form::EscapedUnicodeUpper => !char.is_ascii(),
            Form::EscapedAscii => is_letter && self.letters.is_multiple_of(3),
            _ => false,
        }
    }

    fn escape(&mut self, char: char) {
        for unit in char.encode_utf16(&mut [0; 2]) {
            let escaped = match self.form {
                Form::EscapedUnicodeUpper => format!("\\u{unit:04X}"),
                _ => format!("\\u{unit:04x}"),
            };
            self.out.push_str(&escaped);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        decimal::same_value,
        generate::payloads,
        notification::{Mode, NotificationType},
    };

    #[track_caller]
    fn check(form: Form, expected: &str) {
        let text = r#"{"b":["é🗡/",1.10],"a":{},"c":-0.5}"#;
        let written = write(&serde_json::from_str(text).unwrap(), form);
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn each_form_is_what_it_says() {
        check(Form::Compact, r#"{"b":["é🗡/",1.10],"a":{},"c":-0.5}"#);
        check(
            Form::Pretty,
            "{\n  \"b\": [\n    \"é🗡/\",\n    1.10\n  ],\n  \"a\": {},\n  \"c\": -0.5\n}",
        );
        check(
            Form::PrettyCrlf,
            "{\r\n    \"b\": [\r\n        \"é🗡/\",\r\n        1.10\r\n    ],\r\n    \"a\": {},\r\n    \"c\": -0.5\r\n}",
        );
        check(Form::Blanks, r#"{"b": ["é🗡/", 1.10], "a": {}, "c": -0.5}"#);
        check(
            Form::Wide,
            "{ \t\"b\" :\t[ \t\t\"é🗡/\",   \t\t1.10 \t],   \t\"a\" :\t{},   \t\"c\" :\t-0.5 }",
        );
        check(Form::Reversed, r#"{"c":-0.5,"a":{},"b":["é🗡/",1.10]}"#);
        check(Form::Sorted, r#"{"a":{},"b":["é🗡/",1.10],"c":-0.5}"#);
        check(Form::EscapedUnicode, r#"{"b":["\u00e9\ud83d\udde1/",1.10],"a":{},"c":-0.5}"#);
        check(Form::EscapedUnicodeUpper, r#"{"b":["\u00E9\uD83D\uDDE1/",1.10],"a":{},"c":-0.5}"#);
        check(Form::EscapedAscii, r#"{"b":["é🗡/",1.10],"a":{},"\u0063":-0.5}"#);
        check(Form::EscapedSlash, r#"{"b":["é🗡\/",1.10],"a":{},"c":-0.5}"#);
        check(Form::TrailingZeros, r#"{"b":["é🗡/",1.100],"a":{},"c":-0.50}"#);
        check(Form::ShortNumbers, r#"{"b":["é🗡/",1.1],"a":{},"c":-0.5}"#);
        check(Form::Exponents, r#"{"b":["é🗡/",110e-2],"a":{},"c":-5e-1}"#);
        check(Form::TrailingNewline, "{\"b\":[\"é🗡/\",1.10],\"a\":{},\"c\":-0.5}\n");
        check(Form::TrailingBlank, r#"{"b":["é🗡/",1.10],"a":{},"c":-0.5} "#);
        check(Form::LeadingNewline, "\n{\"b\":[\"é🗡/\",1.10],\"a\":{},\"c\":-0.5}");
    }

    #[test]
    fn no_two_forms_write_the_same_bytes() {
        let value = serde_json::from_str(r#"{"b":["é🗡/",1.10],"a":{},"c":-0.5}"#).unwrap();
        let distinct: BTreeSet<_> = Form::ALL.iter().map(|form| write(&value, *form)).collect();
        assert_eq!(distinct.len(), Form::ALL.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_form_means_the_same_value(
            value in payloads(NotificationType::OrderPaid, Mode::Combined),
        ) {
            for form in Form::ALL {
                let parsed: Value = serde_json::from_slice(&write(&value, form)).unwrap();
                prop_assert!(same_value(&parsed, &value), "{:?}", form);
            }
            prop_assert_eq!(write(&value, Form::Compact), value.to_string().into_bytes());
        }
    }
}
