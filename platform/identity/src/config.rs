//! The section `[login]` of a configuration.

use kit::clock::MINUTE;
use serde::{Deserialize, Serialize};

use crate::Settings;

/// How people come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// For so many minutes after somebody proved themselves, dangerous acts do not ask again.
    pub step_up_minutes: u16,
}

impl Default for Section {
    fn default() -> Self {
        Self { step_up_minutes: 15 }
    }
}

impl Section {
    /// The settings, where the rest of the configuration says how the node is reached.
    pub fn settings(&self, https: bool, behind_proxy: bool, origin: Option<&str>) -> Settings {
        let step_up = i64::from(self.step_up_minutes) * MINUTE;
        Settings { https, behind_proxy, origin: origin.map(str::to_owned), step_up }
    }
}
