#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod addresses;
pub mod classify;
pub mod compose;
pub mod envelope;
pub mod limits;
pub mod message;
pub mod open;
pub mod pgp;
pub mod queue;
pub mod relay;
pub mod sink;
pub mod smtp;
pub mod unlock;

pub use envelope::Envelope;
pub use limits::Limits;

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] = &[
    kit::db::Migration::new("mail", 1, include_str!("../migrations/0001_mail.sql")),
    kit::db::Migration::new("mail", 2, include_str!("../migrations/0002_answered.sql")),
];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    queue::STATEMENTS.to_vec()
}

/// Header field in which every node names itself on what it sends by itself. A node that meets its own name, or more than
/// one other, knows that machines are talking to each other.
pub const LOOP_HEADER: &str = "X-Wardmote-Loop";
