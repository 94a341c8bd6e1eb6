//! How a desk works: limits of time, labels, reminders.

use kit::Time;
use kit::clock::{DAY, HOUR, SECOND};
use taxonomy::Tlp;

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
        Self {
            node_name: "localhost".into(),
            first_answer: 8 * HOUR,
            answer_within: 3 * DAY,
            reminders: 2,
            default_tlp: Tlp::Amber,
            undo_window: 60 * SECOND,
            acknowledge: false,
            acknowledge_every: HOUR,
        }
    }
}
