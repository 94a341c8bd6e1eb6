//! The service value, and what all its use cases share.

mod act;
mod admit;
mod clock;
mod health;
mod owner;

use std::sync::{Arc, Mutex, OnceLock};

use axum::body::Bytes;
use contracts::trust::SignatureJudge;
use identity::Identity;
use kit::{Node, Result};
use teams::Teams;

pub use act::Done;
pub(crate) use act::{acting, by, seats};
pub use admit::{Admitted, Newcomer};
pub use clock::Ahead;

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
    /// Says which signatures by certificates count; without it, none does.
    signatures: OnceLock<Arc<dyn SignatureJudge>>,
    /// The public record as a file, with the place of its last entry.
    public: Mutex<(i64, Bytes)>,
}

impl Trust {
    /// The process on `node`, whose database has [`crate::MIGRATIONS`].
    pub fn new(node: Node, identity: Identity, teams: Teams, settings: Settings) -> Self {
        let signatures = OnceLock::new();
        let public = Mutex::default();
        Self { inner: Arc::new(Inner { node, identity, teams, settings, signatures, public }) }
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

    pub(crate) fn public_file(&self) -> &Mutex<(i64, Bytes)> {
        &self.inner.public
    }

    /// How it runs.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// From now on `judge` says which signatures by certificates count; the first one stays.
    pub fn judge_signatures_by(&self, judge: Arc<dyn SignatureJudge>) {
        let _ = self.inner.signatures.set(judge); // there is one authority in a house
    }

    pub(crate) fn signature_judge(&self) -> Option<Arc<dyn SignatureJudge>> {
        self.inner.signatures.get().cloned()
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
