//! The server's side (draft section 4.3): what has changed since the last time, as files.

use std::sync::Arc;

use kit::clock::{DAY, HOUR, MINUTE};
use kit::db::Read;
use kit::{Error, Result, Time};
use nrtm::{
    Change, DeltaWriter, FileKind, FileRef, Hash, Header, Keys, Notification, SessionId, SnapshotWriter,
    Source,
};

use super::compare::{self, Objects};
use super::folder::Folder;
use super::keys::{self, SigningKeys};
use super::{gather, refused, render};
use crate::Registry;
use crate::store::changes;
use crate::store::publication::{self, Publication, PublishedFile, PublishedKind};

/// A notification file is made anew at least so often: older than a day it would be stale.
const TOLD_EVERY: Time = HOUR;
/// Deltas are told of for so long (draft section 4.3.1).
const DELTAS_LAST: Time = DAY;
/// A snapshot is made so often when there were changes: at least daily (draft section 4.3.2).
const SNAPSHOT_EVERY: Time = 23 * HOUR;
/// … or earlier, after so many deltas, yet not more than hourly.
const SNAPSHOT_AFTER: i64 = 720;
/// Dropped files stay for those who were told of them just before: 5 minutes at least (draft section 9.5).
const DROPPED_STAY: Time = 15 * MINUTE;
/// A delta is read whole by those who follow: more text than this (bytes) is a new session instead.
pub(super) const LARGEST_DELTA: usize = 64 << 20;

/// What a run has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) version: i64,
    /// A new session began: those who follow begin with its snapshot.
    pub(super) restarted: bool,
    /// Changes in the new delta; 0 when there is none.
    pub(super) changes: usize,
    pub(super) snapshot: bool,
}

/// One run over the registry of this node.
pub(super) struct Run<'r> {
    registry: &'r Registry,
    source: Source,
    folder: Folder,
    keys: SigningKeys,
    now: Time,
}

/// What one look into the database shows: all of it of the same moment.
struct Look {
    serial: i64,
    objects: i64,
    imported: Time,
    changes: Vec<Change>,
    /// The digests of the objects with the introducer's remarks; `None`: it has none any more.
    remarks: Vec<(String, Option<[u8; 32]>)>,
    snapshot: Option<(String, Hash)>,
}

/// Publishes what has changed; `None` when this node publishes nothing, or somebody else is at it.
pub(super) fn publish(registry: &Registry, anew: bool) -> Result<Option<Outcome>> {
    let settings = registry.settings();
    let (true, Some(source)) = (settings.mirror.publish, &settings.source) else { return Ok(None) };
    let source: Source = source.parse().map_err(|error| refused(&error))?;
    let folder = Folder::open(&settings.mirror.folder, &source)?;
    let Some(_lock) = folder.lock()? else { return Ok(None) };
    let keys = keys::of(registry.node(), &source)?;
    let run = Run { registry, source, folder, keys, now: registry.now() };
    run.run(anew).map(Some)
}

impl Run<'_> {
    fn run(&self, anew: bool) -> Result<Outcome> {
        let name = self.source.to_string();
        let (state, files) =
            self.db(move |c| Ok((publication::of(c, &name)?, publication::files(c, &name)?)))?;
        let told: Vec<_> = files.iter().filter(|file| file.dropped.is_none()).cloned().collect();
        let there = told.iter().all(|file| self.folder.has(&file.url)) && newest_snapshot(&told).is_some();
        let last = self.last_told();
        // What others were told and this database does not know: it was restored from a backup.
        let knows = |state: &Publication| last.is_none_or(|last| last <= state.told);
        let before = state.as_ref().map(|state| state.told).max(last);
        let outcome = match &state {
            Some(state) if there && knows(state) && !anew => match self.go_on(state, &told)? {
                Some(outcome) => outcome,
                None => self.begin(before, &told)?,
            },
            _ => self.begin(before, &told)?,
        };
        self.tell()?;
        self.tidy()?;
        Ok(outcome)
    }

    /// A new session: a snapshot of version 1 and no deltas (draft section 4.2).
    fn begin(&self, before: Option<Time>, told: &[PublishedFile]) -> Result<Outcome> {
        let mut random = [0; 16];
        self.registry.node().random().fill(&mut random);
        let session = SessionId::from_random(random);
        let look = self.look(session, None, true, None)?;
        let look = look.ok_or_else(|| Error::Corrupt("a snapshot without a registry".into()))?;
        let state = Publication {
            session: session.to_string(),
            version: 1,
            serial: look.serial,
            objects: look.objects,
            imported: look.imported,
            told: self.later(before),
        };
        let snapshot =
            look.snapshot.as_ref().map(|(url, hash)| self.file(url, PublishedKind::Snapshot, 1, hash));
        let added: Vec<_> = snapshot.into_iter().collect();
        let drop = told.iter().map(|file| file.url.clone()).collect();
        self.save(None, state, added, drop, look.remarks)?;
        Ok(Outcome { version: 1, restarted: true, changes: 0, snapshot: true })
    }

    /// The next version; `None` when the changes since the last one cannot be told.
    fn go_on(&self, state: &Publication, told: &[PublishedFile]) -> Result<Option<Outcome>> {
        let session: SessionId = state.session.parse().map_err(|error| refused(&error))?;
        let last = newest_snapshot(told).map_or((0, 0), |file| (file.version, file.made));
        let (age, deltas) = (self.now - last.1, state.version - last.0);
        let due = age >= SNAPSHOT_EVERY || (deltas >= SNAPSHOT_AFTER && age >= HOUR);
        let from = Some((state, last.0));
        let look = match self.look(session, from, due, None)? {
            Some(look) => Some(look),
            // An import has passed by the journal: what others have is held against what is here.
            None => match compare::published(&self.folder, &self.source, session, told)? {
                Some(published) => self.look(session, from, due, Some(Arc::new(published)))?,
                None => None,
            },
        };
        let Some(look) = look else {
            tracing::info!(source = %self.source, "too much has changed for a delta: a new session begins");
            return Ok(None);
        };
        let changes = look.changes.len();
        let version = state.version + i64::from(changes > 0);
        let mut added = Vec::new();
        if changes > 0 {
            let (url, hash) = self.write_delta(session, version, &look.changes)?;
            added.push(self.file(&url, PublishedKind::Delta, version, &hash));
        }
        if let Some((url, hash)) = &look.snapshot {
            added.push(self.file(url, PublishedKind::Snapshot, version, hash));
        }
        let next = Publication {
            version,
            serial: look.serial,
            objects: look.objects,
            imported: look.imported,
            told: if added.is_empty() && self.now - state.told < TOLD_EVERY {
                state.told
            } else {
                self.later(Some(state.told))
            },
            session: state.session.clone(),
        };
        let drop = superseded(told, &added, self.now);
        let outcome = Outcome { version, restarted: false, changes, snapshot: look.snapshot.is_some() };
        if next != *state || !drop.is_empty() {
            self.save(Some(state.version), next, added, drop, look.remarks)?;
        }
        Ok(Some(outcome))
    }

    /// Looks into the database, once, so that snapshot, changes and serial belong together. The snapshot is written
    /// while looking: should the database ask for a repetition, it is written again from its begin.
    ///
    /// The changes are those of the journal behind `from`, or those that make `published` what is here. `None`: they
    /// cannot be told by a delta.
    fn look(
        &self,
        session: SessionId,
        from: Option<(&Publication, i64)>,
        snapshot_due: bool,
        published: Option<Arc<Objects>>,
    ) -> Result<Option<Look>> {
        let (source, folder) = (self.source.clone(), self.folder.clone());
        let from = from.map(|(state, snapshot)| (state.clone(), snapshot));
        let (directory, settings) =
            (self.registry.teams().directory(), Arc::new(self.registry.settings().clone()));
        let mut random = [0; 16];
        self.registry.node().random().fill(&mut random);
        self.db(move |c| {
            let name = source.as_str();
            let mut look = Look {
                serial: changes::serial(c, name)?,
                objects: publication::count(c, name)?,
                imported: publication::last_import(c)?,
                changes: Vec::new(),
                remarks: Vec::new(),
                snapshot: None,
            };
            if let Some((state, _)) = &from {
                let changes = match &published {
                    Some(published) => compare::changes(c, name, published, &directory, &settings)?,
                    None => {
                        gather::journal(c, name, state, (look.objects, look.serial), &directory, &settings)?
                    }
                };
                let Some(changes) = changes else { return Ok(None) };
                look.changes = changes;
            }
            // In a new session nothing was published before.
            let before = if from.is_some() { publication::remarks(c, name)? } else { Vec::new() };
            if !settings.introducers.is_empty() || !before.is_empty() {
                let irts = publication::irts(c, name)?;
                look.remarks = gather::remarks(irts, before, &directory, &settings, &mut look.changes);
            }
            let version = match &from {
                None => 1,
                Some((state, _)) => state.version + i64::from(!look.changes.is_empty()),
            };
            if snapshot_due && from.as_ref().is_none_or(|(_, last)| version > *last) {
                let version = version.unsigned_abs();
                let url = FileKind::Snapshot.url(session, version, random);
                let file = folder.create(url.as_str())?;
                let header = Header { source: source.clone(), session, version };
                let io = |error| Error::io(format!("writing {url}"), error);
                let mut to = SnapshotWriter::new(file, &header).map_err(io)?;
                publication::each_object(c, name, |_, _, raw| {
                    render::published(&raw, &directory, &settings)
                        .map_or(Ok(()), |text| to.object(&text))
                        .map_err(io)
                })?;
                look.snapshot = Some((url.to_string(), to.finish().finish()?));
            }
            Ok(Some(look))
        })
    }

    fn write_delta(&self, session: SessionId, version: i64, changes: &[Change]) -> Result<(String, Hash)> {
        let version = version.unsigned_abs();
        let mut random = [0; 16];
        self.registry.node().random().fill(&mut random);
        let url = FileKind::Delta.url(session, version, random);
        let header = Header { source: self.source.clone(), session, version };
        let io = |error| Error::io(format!("writing {url}"), error);
        let mut to = DeltaWriter::new(self.folder.create(url.as_str())?, &header).map_err(io)?;
        changes.iter().try_for_each(|change| to.change(change)).map_err(io)?;
        Ok((url.to_string(), to.finish().finish()?))
    }

    /// Notes what was written. `from`: the version that it goes on from, or a new session.
    fn save(
        &self,
        from: Option<i64>,
        to: Publication,
        added: Vec<PublishedFile>,
        dropped: Vec<String>,
        remarks: Vec<(String, Option<[u8; 32]>)>,
    ) -> Result<()> {
        let (name, now) = (self.source.to_string(), self.now);
        self.registry.node().db.write_now(move |tx| {
            match from {
                None => publication::start(tx, &name, &to)?,
                Some(from) if publication::advance(tx, &name, from, &to)? => {}
                Some(_) => {
                    return Err(Error::Conflict(format!("another node has published {name} meanwhile")));
                }
            }
            dropped.iter().try_for_each(|url| publication::drop_file(tx, &name, url, now))?;
            added.iter().try_for_each(|file| publication::add_file(tx, &name, file))?;
            remarks.iter().try_for_each(|(key, digest)| {
                publication::set_remark(tx, &name, key, digest.as_ref().map(<[u8; 32]>::as_slice))
            })
        })
    }

    /// Writes the notification file when it does not say what the database does.
    fn tell(&self) -> Result<()> {
        let name = self.source.to_string();
        let (state, files) =
            self.db(move |c| Ok((publication::of(c, &name)?, publication::files(c, &name)?)))?;
        let Some(state) = state else { return Ok(()) };
        let told: Vec<_> = files.into_iter().filter(|file| file.dropped.is_none()).collect();
        let reference = |file: &PublishedFile| {
            let hash = file.hash.as_slice().try_into().map(Hash);
            Ok(FileRef {
                version: file.version.unsigned_abs(),
                url: file.url.parse().map_err(|error| refused(&error))?,
                hash: hash.map_err(|_| Error::Corrupt(format!("the hash of {}", file.url)))?,
            })
        };
        let snapshot = newest_snapshot(&told).ok_or_else(|| Error::Corrupt("the snapshot is gone".into()))?;
        let deltas = told.iter().filter(|file| file.kind == PublishedKind::Delta);
        let notification = Notification {
            timestamp: state.told,
            source: self.source.clone(),
            session: state.session.parse().map_err(|error| refused(&error))?,
            version: state.version.unsigned_abs(),
            snapshot: reference(snapshot)?,
            deltas: deltas.map(reference).collect::<Result<_>>()?,
            next_signing_key: self.keys.next.as_ref().map(|(key, _)| key.public()),
        };
        // The same content and key give the same bytes.
        let signed = notification.sign(&self.keys.current).map_err(|error| refused(&error))?;
        if self.folder.notification().is_none_or(|there| there != signed.as_bytes()) {
            self.folder.notify(&signed)?;
        }
        Ok(())
    }

    /// Removes what was dropped long enough ago, and what a crash has left.
    fn tidy(&self) -> Result<()> {
        let name = self.source.to_string();
        let files = self.db(move |c| publication::files(c, &name))?;
        for file in &files {
            if file.dropped.is_some_and(|dropped| self.now - dropped >= DROPPED_STAY) {
                self.folder.remove(&file.url)?;
                let (name, url) = (self.source.to_string(), file.url.clone());
                self.registry.node().db.write_now(move |tx| publication::forget_file(tx, &name, &url))?;
            }
        }
        self.folder.tidy(|found| files.iter().any(|file| file.url == found))
    }

    fn file(&self, url: &str, kind: PublishedKind, version: i64, hash: &Hash) -> PublishedFile {
        PublishedFile {
            url: url.to_owned(),
            kind,
            version,
            hash: hash.0.to_vec(),
            made: self.now,
            dropped: None,
        }
    }

    /// The time in the notification file that lies there, if it is one of ours.
    fn last_told(&self) -> Option<Time> {
        let keys = Keys {
            current: self.keys.current.public(),
            next: self.keys.next.as_ref().map(|(key, _)| key.public()),
        };
        let (last, _) = Notification::open(&self.folder.notification()?, &keys).ok()?;
        Some(last.timestamp)
    }

    /// Now, and later than what was told before: those who follow refuse what is not.
    fn later(&self, before: Option<Time>) -> Time {
        before.map_or(self.now, |before| self.now.max(before + 1))
    }

    fn db<T: Send + 'static>(
        &self,
        work: impl Fn(&Read<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        self.registry.node().db.read_now(work)
    }
}

fn newest_snapshot(files: &[PublishedFile]) -> Option<&PublishedFile> {
    files.iter().filter(|file| file.kind == PublishedKind::Snapshot).max_by_key(|file| file.version)
}

/// What is not told of any more: all snapshots but the newest, and deltas of more than a day that it holds already,
/// the oldest first so that no gap comes into being.
fn superseded(told: &[PublishedFile], added: &[PublishedFile], now: Time) -> Vec<String> {
    let all = || told.iter().chain(added);
    let snapshots = all().filter(|file| file.kind == PublishedKind::Snapshot);
    let newest = snapshots.map(|file| file.version).max().unwrap_or(0);
    let old = |file: &&PublishedFile| match file.kind {
        PublishedKind::Snapshot => file.version < newest,
        PublishedKind::Delta => file.version <= newest && now - file.made > DELTAS_LAST,
    };
    told.iter().filter(old).map(|file| file.url.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(kind: PublishedKind, version: i64, made: Time) -> PublishedFile {
        let url = format!("{}.{version}", kind.name());
        PublishedFile { url, kind, version, hash: vec![0; 32], made, dropped: None }
    }

    #[test]
    fn deltas_of_a_day_stay_and_so_do_those_that_no_snapshot_holds() {
        use PublishedKind::{Delta, Snapshot};
        let now = 100 * DAY;
        let told = [
            file(Snapshot, 1, now - 3 * DAY),
            file(Delta, 2, now - 2 * DAY),
            file(Delta, 3, now - DAY - 1),
            file(Delta, 4, now - DAY),
            file(Delta, 5, now - MINUTE),
        ];
        assert_eq!(superseded(&told, &[], now), [""; 0]);
        let snapshot = file(Snapshot, 5, now);
        assert_eq!(superseded(&told, &[snapshot], now), ["snapshot.1", "delta.2", "delta.3"]);
    }
}
