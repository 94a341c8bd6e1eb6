#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answers;
pub mod api;
mod case;
mod drafts;
mod follow;
mod health;
mod intake;
mod investigate;
mod jobs;
mod mails;
pub mod model;
mod opened;
mod reminders;
mod settings;
mod store;
mod triage;
mod undo;
pub mod views;
pub mod web;

use std::sync::Arc;

use kit::db::Engine;
use kit::{Domain, Id, Node};
use mail::pgp::SecretKey;
use registry::Registry;
use teams::Teams;
use tokio::sync::Semaphore;

pub use answers::{Closing, Reply};
pub use case::{Change, NewIncident};
pub use intake::Accepted;
pub use investigate::{LaunchOrder, LeftOut, Plan, PlanOrder, PlannedMail, Preview, Recipient};
pub use opened::OpenedMessage;
pub use settings::{Section, Settings};
pub use store::mail_in::MailIn;
pub use store::statements;
pub use store::undo::Undo;
pub use triage::{Action, Done};

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] =
    &[kit::db::Migration::new("incidents", 1, include_str!("../migrations/0001_incidents.sql"))];

/// Mails that were taken and are being opened hold this much memory at most, in kB; the rest waits on disk.
const OPENING: usize = 128 * 1024;

/// The incident desk of a node. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    node: Node,
    teams: Teams,
    registry: Registry,
    settings: Settings,
    rules: drafts::Rules,
    memory: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    placing: Arc<Semaphore>,
}

impl Desk {
    /// The desk of `node`.
    pub fn new(node: Node, teams: Teams, registry: Registry, settings: Settings) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        // Mails of one desk count up the same number: PostgreSQL would let them collide and begin again, SQLite takes
        // all that wait into one commit.
        let at_once = if node.db.engine() == Engine::Postgres { 1 } else { Semaphore::MAX_PERMITS };
        let inner = Inner {
            node,
            teams,
            registry,
            settings,
            rules: drafts::Rules::default(),
            memory: Arc::new(Semaphore::new(OPENING)),
            turns: Arc::new(Semaphore::new(cores)),
            placing: Arc::new(Semaphore::new(at_once)),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What this crate brings to the house. `relay` takes the mails that leave.
    pub fn domain(&self, relay: Arc<dyn mail::queue::Relay>) -> Domain {
        Domain {
            name: "incidents",
            statements: statements(),
            routes: web::routes(self.clone()),
            api: api::routes(self.clone()),
            jobs: jobs::handlers(self, relay),
            nav: web::nav(),
        }
    }

    /// The node that it stands on.
    pub fn node(&self) -> &Node {
        &self.inner.node
    }

    /// The directory of teams.
    pub fn teams(&self) -> &Teams {
        &self.inner.teams
    }

    /// Who is responsible for an address.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// Its limits of time, labels and reminders.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The secret keys with which the desk of `team` signs and reads; the first one signs.
    pub(crate) fn secrets(&self, team: Id) -> Arc<Vec<SecretKey>> {
        self.teams().secrets(team)
    }

    fn memory(&self) -> Arc<Semaphore> {
        self.inner.memory.clone()
    }

    fn placing(&self) -> Arc<Semaphore> {
        self.inner.placing.clone()
    }

    fn turns(&self) -> Arc<Semaphore> {
        self.inner.turns.clone()
    }

    /// What reading a mail to `team` needs to know now.
    pub(crate) fn reader(&self, team: Id) -> intake::read::Reader {
        intake::read::Reader {
            directory: self.teams().directory(),
            secrets: self.secrets(team),
            exclusions: self.exclusions(team),
            registry: self.registry().clone(),
            default_tlp: self.settings().default_tlp,
            now: self.node().now(),
        }
    }
}
