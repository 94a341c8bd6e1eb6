//! The service value, and what all its use cases share.

mod act;
mod admit;
mod owner;

use std::sync::Arc;

use identity::Identity;
use kit::{Node, Result};
use teams::Teams;

pub use act::Done;
pub(crate) use act::{acting, by, seats};
pub use admit::{Admitted, Newcomer};

use crate::{Settings, jobs, upkeep};

/// The community's process of trust. Cheap to clone.
#[derive(Clone)]
pub struct Trust {
    inner: Arc<Inner>,
}

struct Inner {
    node: Node,
    identity: Identity,
    teams: Teams,
    settings: Settings,
}

impl Trust {
    /// The process on `node`, whose database has [`crate::MIGRATIONS`].
    pub fn new(node: Node, identity: Identity, teams: Teams, settings: Settings) -> Self {
        Self { inner: Arc::new(Inner { node, identity, teams, settings }) }
    }

    /// The node it stands on.
    pub fn node(&self) -> &Node {
        &self.inner.node
    }

    /// The accounts of those who act.
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    /// The directory whose standings the process sets.
    pub fn teams(&self) -> &Teams {
        &self.inner.teams
    }

    /// How it runs.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Plans the first of its jobs.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn start(&self) -> Result<()> {
        jobs::start(self).await?;
        upkeep::start(self).await
    }
}
