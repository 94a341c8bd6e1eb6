#![cfg_attr(test, allow(clippy::unwrap_used))]
//! registry
mod answer;
mod import;
mod index;
mod resource;
mod service;
mod store;

pub use answer::{
    Answer, Asked, Basis, Brief, Contact, IrtView, KeyView, Network, Step, StepKind, TeamView, range_text,
};
pub use import::{Options, Outcome, Progress, Summary};
pub use index::{Index, Key, Report};
pub use resource::Resource;
pub use service::{Registry, Snapshot};
pub use store::{Count, Import, Problem};

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] =
    &[kit::db::Migration::new("registry", 1, include_str!("../migrations/0001_registry.sql"))];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    store::STATEMENTS.to_vec()
}
