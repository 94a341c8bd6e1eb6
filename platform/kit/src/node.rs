//! What every use case stands on, in one value.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Notify, broadcast};

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::db::Db;
use crate::events::{Change, Changes};
use crate::found;
use crate::secrets::Secrets;
use crate::{Id, Random, Result, Time, random_token};

/// A running node: its data, its clock, its randomness. Cheap to clone.
#[derive(Clone)]
pub struct Node {
    /// The database.
    pub db: Db,
    /// The original bytes of what came in.
    pub blobs: Blobs,
    /// Seals secrets before they are stored.
    pub secrets: Secrets,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    pub(crate) changes: Arc<Changes>,
    pub(crate) wake_jobs: Arc<Notify>,
}

impl Node {
    /// A node on `db`, with its blobs and its key file in the folder `data`.
    ///
    /// # Errors
    /// The folder of blobs cannot be made, or the key file cannot be read; it is made with the node, see [`crate::found`].
    pub fn open(db: Db, data: &Path, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self> {
        let blobs = Blobs::open(&data.join("blobs"))?;
        let secrets = Secrets::from_file(&data.join(found::KEY))?;
        Ok(Self { db, blobs, secrets, clock, random, changes: Arc::default(), wake_jobs: Arc::default() })
    }

    /// The current time.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// A new identifier.
    pub fn id(&self) -> Id {
        Id::new(self.clock.as_ref(), self.random.as_ref())
    }

    /// The source of randomness.
    pub fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    /// A secret of `N` bytes in lower-case base32.
    pub fn token<const N: usize>(&self) -> String {
        random_token::<N>(self.random.as_ref())
    }

    /// Changes as they are committed on this node, for the live pages of `team`; `true`: it had one at `since` or later,
    /// which a page made then may not show. A reader that is too slow loses some.
    pub fn changes(&self, team: Id, since: Time) -> (bool, broadcast::Receiver<Change>) {
        self.changes.listen(team, since)
    }
}
