//! The switches that change payloads: `spec/settings.toml`.

use serde::Deserialize;

use super::words::words;
use crate::NotificationType;

/// A switch of the Publisher Account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The name by which notifications refer to it.
    pub id: String,
    /// Its label in the Publisher Account.
    pub title: String,
    /// What it does.
    pub effect: String,
    /// The types that it changes.
    pub notifications: Vec<NotificationType>,
    /// The types that it changes too, at a place that is not published.
    #[serde(default)]
    pub unplaced: Vec<NotificationType>,
    /// JSON pointers of the members that appear when it is on.
    pub adds: Vec<String>,
    /// JSON pointers of the members that vanish when it is on.
    pub removes: Vec<String>,
    /// Whether place and form of the members are documented.
    pub shape: Shape,
    /// The values that the added members take, where they are published.
    #[serde(default)]
    pub values: Vec<SettingValue>,
    /// Citations.
    pub sources: Vec<String>,
}

impl Setting {
    /// Returns true if the switch changes webhooks of this type.
    pub fn changes(&self, kind: NotificationType) -> bool {
        self.notifications.contains(&kind) || self.unplaced.contains(&kind)
    }
}

words! {
    /// Whether place and form of members are documented.
    pub enum Shape {
        /// They are.
        Documented = "documented",
        /// They are not: neither depend on them nor fail on them.
        Undocumented = "undocumented",
    }
}

/// A value that a switch brings into a payload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingValue {
    /// The member's JSON pointer.
    pub member: String,
    /// The value.
    pub value: i64,
    /// What it means.
    pub meaning: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsFile {
    pub(super) setting: Vec<Setting>,
}
