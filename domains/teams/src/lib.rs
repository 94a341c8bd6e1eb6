#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
mod audience;
mod by_certificate;
mod claims;
pub mod cli;
mod config;
mod directory;
pub mod dns;
mod entitled;
mod examine;
pub mod exports;
pub mod import;
mod keys;
mod names;
mod proving;
mod record;
mod search;
mod service;
mod store;
mod team;
#[cfg(feature = "testing")]
pub mod testing;
mod view;
mod web;

pub use audience::Reader;
pub use by_certificate::ByCertificate;
pub use claims::{Claim, Proof, ProofKind};
pub use config::Section;
pub use directory::Directory;
pub use examine::Examined;
pub use names::skeleton;
pub use proving::Asked;
pub use record::{
    Audience, Channel, Contact, ContactRole, Country, CrossReferences, Difference, Document, Email, Field,
    FieldError, Handled, IncidentType, Misp, Needs, Network, Person, Phone, ServiceHours, TeamRecord, Usage,
    Weekday, Wrong,
};
pub use search::TeamQuery;
pub use service::{NewDesk, Teams, enter, forget_stated, is_stated, record_digest, stand, stated};
pub use store::hand_over::{TABLES as HANDED_OVER, touched};
pub use team::{Seen, Standing, Team, TeamKey, TrustStatus};
pub use view::{ContactView, KeyView, NetworkView, TeamView};

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] = &[
    kit::db::Migration::new("teams", 1, include_str!("../migrations/0001_teams.sql")),
    kit::db::Migration::new("teams", 2, include_str!("../migrations/0002_proofs.sql")),
    kit::db::Migration::new("teams", 10, include_str!("../migrations/0010_description.sql")),
    kit::db::Migration::new("teams", 11, include_str!("../migrations/0011_stated.sql")),
    kit::db::Migration::new("teams", 12, include_str!("../migrations/0012_proof_missing.sql")),
    kit::db::Migration::new("teams", 13, include_str!("../migrations/0013_version.sql")),
    kit::db::Migration::new("teams", 14, include_str!("../migrations/0014_certificate.sql")),
];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    [store::STATEMENTS, store::hand_over::STATEMENTS, exports::STATEMENTS].concat()
}

impl Teams {
    /// What the binary puts together with the other domains. The API's paths stand below `/api/v1`.
    pub fn domain(&self) -> kit::Domain {
        kit::Domain {
            name: "teams",
            statements: statements(),
            routes: web::routes(self.clone()).merge(exports::routes(self.clone())),
            api: api::routes(self.clone()).merge(exports::api(self.clone())),
            jobs: vec![examine::handler(self)],
            nav: vec![kit::NavEntry { href: "/teams", label: "Directory", key: 't' }],
        }
    }
}
