#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod directory;
pub mod import;
mod record;
mod service;
mod store;
mod team;

pub use directory::Directory;
pub use record::{Channel, Country, Email, Network, Phone, TeamRecord, Usage};
pub use service::Teams;
pub use team::{Standing, Team, TeamKey, TrustStatus};

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] =
    &[kit::db::Migration::new("teams", 1, include_str!("../migrations/0001_teams.sql"))];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    store::STATEMENTS.to_vec()
}
