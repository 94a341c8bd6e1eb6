#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod blobs;
pub mod clock;
pub mod config;
mod counter;
pub mod db;
mod domain;
mod error;
pub mod events;
pub mod found;
pub mod health;
mod ids;
pub mod jobs;
mod named;
mod node;
pub mod search;
pub mod secrets;
pub mod tables;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use blobs::{Blobs, Digest};
pub use clock::{Clock, ManualClock, SystemClock, Time};
pub use counter::next_number;
pub use db::{Db, Read, Row, Sql, Write};
pub use domain::{Domain, NavEntry};
pub use error::{Error, Result};
pub use ids::{Id, Random, SeededRandom, SystemRandom, random_token};
pub use node::Node;
#[doc(hidden)]
pub use serde;

/// The schema of this crate.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration::new("kit", 1, include_str!("../migrations/0001_kit.sql")),
    db::Migration {
        domain: "kit",
        number: 2,
        sqlite: include_str!("../migrations/0002_search_sqlite.sql"),
        postgres: include_str!("../migrations/0002_search_postgres.sql"),
    },
    db::Migration::new("kit", 13, include_str!("../migrations/0013_lost_jobs.sql")),
];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, Sql)> {
    [
        events::STATEMENTS,
        jobs::STATEMENTS,
        search::STATEMENTS,
        search::BY_ENGINE,
        counter::STATEMENTS,
        health::STATEMENTS,
    ]
    .concat()
}
