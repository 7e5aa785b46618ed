//! The formats that a report can be written in, and one way to all of them.

use std::str::FromStr;

use super::{
    Report, badge, github, html,
    human::{self, Style},
    json,
    junit::{self, JunitError},
    markdown, ndjson, sarif,
};

/// A format that a report can be written in. Scripts rely on the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, in a terminal.
    Human,
    /// A line for each check that is not in order.
    Short,
    /// The published, versioned form.
    Json,
    /// An event a line.
    Ndjson,
    /// What CI systems read.
    Junit,
    /// One file for a browser.
    Html,
    /// For the summary of a CI job.
    Markdown,
    /// What code scanners say; the clauses about security alone.
    Sarif,
    /// What shields.io draws.
    Badge,
    /// Annotations of GitHub Actions.
    Github,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 10] = [
        Self::Human,
        Self::Short,
        Self::Json,
        Self::Ndjson,
        Self::Junit,
        Self::Html,
        Self::Markdown,
        Self::Sarif,
        Self::Badge,
        Self::Github,
    ];

    /// The formats that a run writes into files.
    pub const FILES: [Self; 7] = [
        Self::Json,
        Self::Ndjson,
        Self::Junit,
        Self::Html,
        Self::Markdown,
        Self::Sarif,
        Self::Badge,
    ];

    /// The name, as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Short => "short",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Badge => "badge",
            Self::Github => "github",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| format!("`{name}` is no report format; known are {}", names(&Self::ALL)))
    }
}

/// Names of formats in a sentence.
pub fn names(formats: &[Format]) -> String {
    formats.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ")
}

/// The report in a format, out of the report alone. The style counts for people's formats only.
pub fn render(report: &Report, format: Format, style: Style) -> Result<String, JunitError> {
    Ok(match format {
        Format::Human => human::render(report, Style { short: false, ..style }),
        Format::Short => human::render(report, Style { short: true, ..style }),
        Format::Json => json::to_json(report),
        Format::Ndjson => ndjson::to_ndjson(report),
        Format::Junit => junit::to_junit(report)?,
        Format::Html => html::to_html(report),
        Format::Markdown => markdown::to_markdown(report),
        Format::Sarif => sarif::to_sarif(report),
        Format::Badge => badge::to_badge(report),
        Format::Github => github::annotations(report),
    })
}
