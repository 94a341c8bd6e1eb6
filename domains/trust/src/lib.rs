#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod conduct;
mod config;
pub mod drill;
pub mod maturity;
pub mod people;
mod post;
pub mod process;
mod service;
mod upkeep;

pub use config::{Section, Settings};
pub use service::Trust;

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] = &[
    kit::db::Migration::new("trust", 10, include_str!("../migrations/0010_drill.sql")),
    kit::db::Migration::new("trust", 11, include_str!("../migrations/0011_maturity.sql")),
    kit::db::Migration::new("trust", 12, include_str!("../migrations/0012_conduct.sql")),
    kit::db::Migration::new("trust", 13, include_str!("../migrations/0013_people.sql")),
];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    upkeep::statements()
}

impl Trust {
    /// What the binary puts together with the other domains. The API's paths stand below `/api/v1`.
    pub fn domain(&self) -> kit::Domain {
        kit::Domain {
            name: "trust",
            statements: statements(),
            routes: upkeep::routes(self.clone()),
            api: upkeep::api(self.clone()),
            jobs: upkeep::handlers(self),
            nav: Vec::new(),
        }
    }
}
