#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
mod by_certificate;
pub mod cli;
pub mod conduct;
mod config;
pub mod drill;
pub mod hand_over;
mod jobs;
mod letters;
pub mod maturity;
pub mod people;
mod post;
pub mod process;
mod publish;
pub mod record;
mod service;
mod signing;
mod store;
pub mod stranger;
mod upkeep;
pub mod views;
mod web;

pub use config::{Section, Settings};
pub use service::{Admitted, Ahead, Done, Newcomer, Trust};
pub use store::{CheckpointRow, LetterRow};

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] = &[
    kit::db::Migration::new("trust", 1, include_str!("../migrations/0001_process.sql")),
    kit::db::Migration::new("trust", 10, include_str!("../migrations/0010_drill.sql")),
    kit::db::Migration::new("trust", 11, include_str!("../migrations/0011_maturity.sql")),
    kit::db::Migration::new("trust", 12, include_str!("../migrations/0012_conduct.sql")),
    kit::db::Migration::new("trust", 13, include_str!("../migrations/0013_people.sql")),
    kit::db::Migration::new("trust", 14, include_str!("../migrations/0014_stranger.sql")),
];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    [store::STATEMENTS.to_vec(), store::hand_over::STATEMENTS.to_vec(), upkeep::statements()].concat()
}

impl Trust {
    /// What the binary puts together with the other domains. The API's paths stand below `/api/v1`.
    pub fn domain(&self) -> kit::Domain {
        kit::Domain {
            name: "trust",
            statements: statements(),
            routes: upkeep::routes(self.clone())
                .merge(publish::routes(self.clone()))
                .merge(web::routes(self.clone())),
            api: upkeep::api(self.clone()).merge(api::routes(self.clone())),
            jobs: jobs::handlers(self).into_iter().chain(upkeep::handlers(self)).collect(),
            nav: vec![kit::NavEntry { href: "/trust", label: "Trust", key: 'c' }],
        }
    }
}
