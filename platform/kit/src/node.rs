//! What every use case stands on, in one value.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Notify, broadcast};

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::db::Db;
use crate::events::{Change, Changes};
use crate::secrets::Secrets;
use crate::{Error, Id, Random, Result, Time, random_token};

/// Makes the data folder of a node, for its user alone: reports and keys lie in it.
///
/// # Errors
/// It cannot be made; the setting is named.
pub fn make_data_folder(folder: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| Error::io(format!("[node] data {}", folder.display()), error))
}

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
    /// A folder or the key file cannot be made or read.
    pub fn open(db: Db, data: &Path, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self> {
        let blobs = Blobs::open(&data.join("blobs"))?;
        let secrets = Secrets::from_file(&data.join("secret.key"), random.as_ref())?;
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
