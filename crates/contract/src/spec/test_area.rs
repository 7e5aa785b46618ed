//! The test area of the Publisher Account: `spec/test-area.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::words::words;
use crate::{ErrorCode, NotificationType};

/// A tab of the test area.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tab {
    /// Its name.
    pub id: String,
    /// Its label.
    pub title: String,
    /// What a person fills in.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
    /// What is sent, and which answers pass.
    #[serde(rename = "scenario")]
    pub scenarios: Vec<Scenario>,
    /// Citations.
    pub sources: Vec<String>,
}

/// An input of a tab.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its label.
    pub title: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// The condition under which the form has the input, if not always.
    pub shown: Option<String>,
    /// What may be filled in.
    pub form: String,
    /// Where the value goes: a JSON pointer for each type that carries it.
    #[serde(default)]
    pub member: BTreeMap<NotificationType, String>,
}

/// One webhook of a test, and what must be answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name.
    pub id: String,
    /// The type that is sent.
    pub notification: NotificationType,
    /// What it stands for.
    pub title: String,
    /// Which answers pass.
    pub expect: Expect,
    /// The error code that must be in a refusal.
    pub code: Option<ErrorCode>,
    /// Whether the documents say that this case is run; else it is our reading.
    pub stated: bool,
    /// The clauses behind it.
    pub clauses: Vec<String>,
}

words! {
    /// Which answers pass a test.
    pub enum Expect {
        /// A status of success for the type.
        Success = "success",
        /// 4xx with the right error code.
        Refusal = "refusal",
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestAreaFile {
    pub(super) tab: Vec<Tab>,
}
