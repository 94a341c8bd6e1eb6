//! The index follows the database: changes of single objects are seen by the next query, those of other processes soon.
//!
//! One at a time makes a new index out of the one that is shown and puts it in its place; whoever asks meanwhile has the
//! one before. Some thousands of changes lie over a large part that all these indexes share; then a thread puts
//! all into a new large part while more changes come.

use std::fs::{File, TryLockError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kit::{Db, Result};

use crate::Registry;
use crate::index::{Change, Index, Unusable};
use crate::store::changes;
use crate::store::objects::{self, Name};
use crate::store::state::{self, State};

/// Changes over the large part before they are merged with it: so many are copied with each further change, in less than
/// a millisecond.
const MANY: usize = 4_000;
/// Changes of another process that are read together.
const PAGE: i64 = 1_000;

/// A change of one object that is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    /// The row that the object has, or had.
    pub(crate) row: i64,
    pub(crate) source: String,
    pub(crate) class: String,
    pub(crate) key: String,
    /// Its text; `None` when it is gone.
    pub(crate) raw: Option<Vec<u8>>,
}

impl Applied {
    fn change(&self) -> Change<'_> {
        Change {
            row: self.row,
            source: &self.source,
            class: &self.class,
            key: &self.key,
            raw: self.raw.as_deref(),
        }
    }
}

/// Who may change what is shown: one at a time.
#[derive(Debug, Default)]
pub(crate) struct Live {
    shown: Mutex<Shown>,
    /// Held while the file is written.
    file: Mutex<()>,
}

#[derive(Debug, Default)]
struct Shown {
    /// What of the database is shown at least.
    state: State,
    /// Counts up when all was read anew.
    generation: u64,
    /// While a thread merges: what came since it began.
    since: Option<Vec<Applied>>,
}

impl Live {
    fn lock(&self) -> MutexGuard<'_, Shown> {
        // Whoever panicked had not put an index in place, or had put it whole.
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Shows committed changes, in their order. Call it after the commit, where waiting is allowed.
    ///
    /// # Errors
    /// None today; the signature leaves room for one.
    pub(crate) fn apply(&self, changes: &[Applied]) -> Result<()> {
        if !changes.is_empty() {
            let mut shown = self.live().lock();
            self.show_changes(&mut shown, changes);
        }
        Ok(())
    }

    /// Shows what other processes have changed or imported meanwhile. Cheap when nothing has; true when something had.
    /// While an import still runs elsewhere nothing is read: whoever imports leaves an index that only needs to be taken.
    ///
    /// # Errors
    /// The database is gone; what was shown is shown still.
    pub(crate) fn follow_database(&self) -> Result<bool> {
        let db = &self.node().db;
        let mut shown = self.live().lock();
        let now = db.read_now(state::state)?;
        if (now.imports, now.latest) != (shown.state.imports, shown.state.latest) {
            drop(shown);
            if self.others_import() {
                return Ok(false);
            }
            self.load()?;
            return Ok(true);
        }
        if now == shown.state {
            return Ok(false);
        }
        let changes = since(db, &shown.state, &now)?;
        self.show_changes(&mut shown, &changes);
        shown.state = now;
        Ok(true)
    }

    /// Reads all anew and shows it: from the file beside the database when that is no older than the last import, else from
    /// the database.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) fn load(&self) -> Result<()> {
        let db = &self.node().db;
        let (index, from) = match self.restored()? {
            Some(restored) => restored,
            None => {
                let state = db.read_now(state::state)?;
                let index = Index::from_db(db)?;
                self.keep(&index, &state);
                (index, state)
            }
        };
        let mut shown = self.live().lock();
        // What came while it was read stands in the journal.
        let now = db.read_now(state::state)?;
        let changes = since(db, &from, &now)?;
        shown.generation += 1;
        shown.since = None;
        shown.state = State { imports: from.imports, latest: from.latest, ..now };
        self.show_index(Arc::new(index.changed(changes.iter().map(Applied::change))));
        self.memory().forget_all();
        Ok(())
    }

    /// Tells other processes with this data folder, until it is dropped, that an import runs and an index will follow.
    /// Waits for an import of theirs. Where files cannot be locked, each process makes the index for itself.
    pub(crate) fn announce_import(&self) -> Option<File> {
        let lock = self.import_lock()?;
        lock.lock().inspect_err(|error| tracing::debug!(%error, "no lock for the import")).ok()?;
        Some(lock)
    }

    fn others_import(&self) -> bool {
        let held = self.import_lock().map(|lock| lock.try_lock_shared());
        matches!(held, Some(Err(TryLockError::WouldBlock)))
    }

    fn import_lock(&self) -> Option<File> {
        let beside = self.settings().index_file.as_ref()?.with_extension("lock");
        File::options().create(true).append(true).open(beside).ok()
    }

    /// The index of the file, when there is one of this database and its last import.
    fn restored(&self) -> Result<Option<(Index, State)>> {
        let Some(file) = &self.settings().index_file else { return Ok(None) };
        let unusable = match Index::restore(file) {
            Ok((index, state)) => {
                let known = state.clone();
                if self.node().db.read_now(move |c| state::grew_from(c, &known))? {
                    return Ok(Some((index, state)));
                }
                // So it is after every import.
                tracing::info!(file = %file.display(), "the registry has changed since its index was kept: it is made anew");
                return Ok(None);
            }
            Err(Unusable::Missing) => return Ok(None),
            Err(Unusable::Damaged(why)) => why,
        };
        tracing::warn!(file = %file.display(), why = %unusable, "the index of the registry cannot be used: it is made anew");
        Ok(None)
    }

    /// Keeps an index for the next start. That it could not be kept costs some seconds then and nothing now.
    fn keep(&self, index: &Index, state: &State) {
        let _one_at_a_time = self.live().file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &self.settings().index_file
            && let Err(error) = index.save(file, state)
        {
            tracing::warn!(%error, "the index of the registry could not be kept for the next start");
        }
    }

    fn show_changes(&self, shown: &mut Shown, changes: &[Applied]) {
        let index = self.index().changed(changes.iter().map(Applied::change));
        let many = index.changes() > MANY;
        self.show_index(Arc::new(index));
        if changes.iter().any(|change| change.row == 0) {
            // What another process has removed is gone, and its row is not told.
            self.memory().forget_all();
        } else {
            self.memory().forget(changes);
        }
        match &mut shown.since {
            Some(since) => since.extend_from_slice(changes),
            None if many => {
                shown.since = Some(Vec::new());
                let (own, generation) = (self.clone(), shown.generation);
                let merging = std::thread::Builder::new().name("registry-merge".into());
                if let Err(error) = merging.spawn(move || own.merge(generation)) {
                    shown.since = None;
                    tracing::warn!(%error, "the changes of the registry could not be merged now");
                }
            }
            None => {}
        }
    }

    /// Puts all changes into a new large part, unless all was read anew meanwhile.
    fn merge(&self, generation: u64) {
        let mut ended = Ended { registry: self, generation, shown: false };
        let before = {
            let mut shown = self.live().lock();
            if shown.generation != generation {
                return;
            }
            // What came before this moment is in the index; what comes from now on is written down.
            shown.since = Some(Vec::new());
            self.index()
        };
        let merged = before.merged();
        drop(before);
        let state = {
            let mut shown = self.live().lock();
            if shown.generation != generation {
                return;
            }
            let since = shown.since.take().unwrap_or_default();
            let index = merged.changed(since.iter().map(Applied::change));
            self.show_index(Arc::new(index));
            ended.shown = true;
            shown.state.clone()
        };
        self.keep(&merged, &state);
    }
}

/// When a merge comes to nothing, the next one can begin all the same.
struct Ended<'a> {
    registry: &'a Registry,
    generation: u64,
    shown: bool,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut shown = self.registry.live().lock();
        if shown.generation == self.generation && !self.shown {
            shown.since = None;
        }
    }
}

/// What the journal has between two states: each object that changed as it is now.
fn since(db: &Db, from: &State, to: &State) -> Result<Vec<Applied>> {
    let mut all = Vec::new();
    for one in &to.serials {
        let mut after = from.serial(&one.source);
        while after < one.serial {
            let source = one.source.clone();
            let page = db.read_now(move |c| {
                let changes = changes::since(c, &source, after, PAGE)?;
                let last = changes.last().map(|change| change.serial);
                let now = changes.into_iter().map(|change| {
                    let name = Name { source: &source, class: &change.class, key: &change.key };
                    let stored = objects::by_key(c, name)?;
                    Ok(Applied {
                        row: stored.as_ref().map_or(0, |stored| stored.row),
                        raw: stored.map(|stored| stored.raw),
                        source: source.clone(),
                        class: change.class,
                        key: change.key,
                    })
                });
                Ok((now.collect::<Result<Vec<_>>>()?, last))
            })?;
            let Some(last) = page.1 else { break };
            after = last;
            all.extend(page.0);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
