#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answer;
mod api;
mod browse;
pub mod cli;
mod config;
mod contacts;
mod import;
mod index;
mod live;
mod mirror;
mod post;
mod prove;
mod rdap;
mod resource;
mod service;
mod settings;
mod store;
mod stream;
#[cfg(test)]
mod testing;
mod trust;
pub mod update;
mod web;
pub mod whois;

pub use answer::{
    Answer, Asked, Basis, Brief, Contact, IrtView, KeyView, Network, Step, StepKind, TeamView, range_text,
};
pub use config::{Config, Publish};
pub use contacts::{ContactState, Standing};
pub use import::{Options, Outcome, Progress, Summary};
pub use index::{Index, Key, Netname, Report};
pub use mirror::{Follow, Followed, Mirror, Personal, Published, RolledOver, Status, Told};
pub use resource::Resource;
pub use service::{Registry, Snapshot};
pub use settings::Settings;
pub use store::{Confirmation, Count, Import, Problem};

impl Registry {
    /// What the registry brings to the house: pages, API, menu.
    pub fn domain(&self) -> kit::Domain {
        kit::Domain {
            name: "registry",
            statements: statements(),
            routes: web::routes(self.clone()).merge(rdap::routes(self.clone())),
            api: api::routes(self.clone()),
            jobs: [
                vec![
                    contacts::handler(self),
                    update::by_mail::handler(self),
                    update::notify::handler(self.clone()),
                ],
                mirror::handlers(self),
            ]
            .concat(),
            nav: vec![
                kit::NavEntry { href: "/registry", label: "Registry", key: 'n' },
                kit::NavEntry { href: "/lookup", label: "Look-up", key: 'l' },
            ],
        }
    }
}

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] = &[
    kit::db::Migration::new("registry", 1, include_str!("../migrations/0001_registry.sql")),
    kit::db::Migration::new("registry", 2, include_str!("../migrations/0002_objects.sql")),
    kit::db::Migration::new("registry", 3, include_str!("../migrations/0003_updates.sql")),
    kit::db::Migration::new("registry", 4, include_str!("../migrations/0004_contacts.sql")),
    kit::db::Migration::new("registry", 5, include_str!("../migrations/0005_mirror.sql")),
    kit::db::Migration::new("registry", 6, include_str!("../migrations/0006_drafts.sql")),
];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    store::statements()
}
