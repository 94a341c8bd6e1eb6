#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod acme;
mod api;
mod authorities;
pub mod ceremony;
pub mod cli;
mod config;
mod fetch_lists;
mod hand_over;
mod health;
mod holdings;
mod issue;
mod judge;
mod list;
mod model;
mod own;
mod publish;
mod remind;
mod revoke;
mod service;
mod signature;
mod state;
mod store;
mod trusted;
mod web;
pub mod x509;

pub use config::Section;
pub use hand_over::{LastList, touched};
pub use issue::Prepared;
pub use list::{AuthorityView, StandingView};
pub use model::{Certificate, Issued, Known, Purpose, Serves, Standing, Trusted};
pub use service::Pki;
pub use store::hand_over::TABLES as HANDED_OVER;

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] = &[
    kit::db::Migration::new("pki", 1, include_str!("../migrations/0001_pki.sql")),
    acme::MIGRATION,
    kit::db::Migration::new("pki", 21, include_str!("../migrations/0021_account.sql")),
    kit::db::Migration::new("pki", 22, include_str!("../migrations/0022_own.sql")),
    kit::db::Migration::new("pki", 23, include_str!("../migrations/0023_renewal.sql")),
    kit::db::Migration::new("pki", 24, include_str!("../migrations/0024_serves.sql")),
];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    [store::STATEMENTS, store::hand_over::STATEMENTS, acme::STATEMENTS].concat()
}

impl Pki {
    /// What the binary puts together with the other domains. The API's paths stand below `/api/v1`.
    pub fn domain(&self) -> kit::Domain {
        kit::Domain {
            name: "pki",
            statements: statements(),
            routes: web::routes(self).merge(acme::pages(self)),
            api: api::routes(self.clone()).merge(acme::api(self)),
            jobs: [self.list_jobs(), self.acme_jobs(), vec![self.remind_job(), self.fetch_job()]].concat(),
            nav: Vec::new(),
        }
    }
}
