#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod service;

pub use config::Section;
pub use service::Trust;

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] = &[];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    Vec::new()
}

impl Trust {
    /// What the binary puts together with the other domains. The API's paths stand below `/api/v1`.
    pub fn domain(&self) -> kit::Domain {
        kit::Domain {
            name: "trust",
            statements: statements(),
            routes: axum::Router::new(),
            api: utoipa_axum::router::OpenApiRouter::new(),
            jobs: Vec::new(),
            nav: Vec::new(),
        }
    }
}
