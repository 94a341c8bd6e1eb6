//! How a desk works: limits of time, labels, reminders.

use kit::Time;
use kit::clock::{DAY, HOUR, SECOND};
use serde::{Deserialize, Serialize};
use taxonomy::Tlp;

/// `[desk]` of the configuration: as an operator writes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// A reporter has a first answer within so many hours.
    pub first_answer_hours: u32,
    /// An investigation is answered within so many days.
    pub answer_within_days: u32,
    /// How many reminders follow when it is not.
    pub reminders: u32,
    /// The label of what comes without one.
    pub default_tlp: Tlp,
    /// For so long an action can be taken back.
    pub undo_seconds: u32,
    /// People who report are told at once that their mail has come.
    pub acknowledge: bool,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            first_answer_hours: 8,
            answer_within_days: 3,
            reminders: 2,
            default_tlp: Tlp::Amber,
            undo_seconds: 60,
            acknowledge: false,
        }
    }
}

impl Section {
    /// What it means for the node called `node_name`.
    pub fn settings(&self, node_name: &str) -> Settings {
        Settings {
            node_name: node_name.to_owned(),
            first_answer: i64::from(self.first_answer_hours) * HOUR,
            answer_within: i64::from(self.answer_within_days) * DAY,
            reminders: i64::from(self.reminders),
            default_tlp: self.default_tlp,
            undo_window: i64::from(self.undo_seconds) * SECOND,
            acknowledge: self.acknowledge,
            acknowledge_every: HOUR,
        }
    }
}

/// What can be set for the desk of a node.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The node's public name; it stands in Message-IDs and loop marks.
    pub node_name: String,
    /// A reporter has a first answer within this time.
    pub first_answer: Time,
    /// An investigation is answered within this time.
    pub answer_within: Time,
    /// How many reminders follow when it is not.
    pub reminders: i64,
    /// The label of what comes without one.
    pub default_tlp: Tlp,
    /// How long an action can be taken back; its mails leave when it is over.
    pub undo_window: Time,
    /// People who report are told at once that their mail has come.
    pub acknowledge: bool,
    /// The same sender is told so once in this time.
    pub acknowledge_every: Time,
}

impl Default for Settings {
    fn default() -> Self {
        Section::default().settings("localhost")
    }
}
