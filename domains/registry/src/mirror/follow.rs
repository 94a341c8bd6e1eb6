//! The client's side (draft section 5): what a followed registry has new, verified before it is stored.

use std::collections::BTreeMap;
use std::path::PathBuf;

use identity::{Granted, ImportRegistry};
use kit::{Error, Result};
use nrtm::{FileKind, FileRef, Hash, Header, Keys, Known, Notification, PublicKey, Source};

use super::fetch::Place;
use super::folder::Folder;
use super::load::{self, Loaded};
use super::{Follow, refused};
use crate::Registry;
use crate::store::following::{self, Following};

/// After so many tries that failed the snapshot is taken in place of deltas (draft section 5.5).
const THEN_SNAPSHOT: i64 = 10;

/// What a run has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) version: i64,
    pub(super) snapshot: bool,
    /// Objects that came, changed or went.
    pub(super) objects: i64,
    pub(super) left_out: i64,
}

/// Takes what the registry has new; `None` when somebody else is at it. An error is noted where the operator sees it,
/// and what was taken before stays.
pub(super) fn follow(registry: &Registry, follow: &Follow) -> Result<Option<Outcome>> {
    let source: Source = follow.source.parse().map_err(|error| refused(&error))?;
    if registry.settings().keeps(source.as_str()) {
        return Err(Error::invalid(
            "registry.mirror.source",
            format!("{source} is this node's own registry"),
        ));
    }
    let folder = Folder::open(&registry.settings().mirror.folder.join(".incoming"), &source)?;
    let Some(_lock) = folder.lock()? else { return Ok(None) };
    let name = source.to_string();
    let before = registry.node().db.read_now(move |c| following::of(c, &name))?;
    let failures = before.as_ref().map_or(0, |before| before.failures);
    let mut run = Run::new(registry, follow, source, before, folder)?;
    let outcome = run.run(failures);
    if let Err(error) = &outcome {
        run.state.failures = failures + 1;
        run.state.problem = Some(error.to_string());
        run.state.checked_at = registry.now();
        run.save()?;
    }
    outcome.map(Some)
}

struct Run<'r> {
    registry: &'r Registry,
    follow: &'r Follow,
    source: Source,
    folder: Folder,
    keys: Keys,
    state: Following,
}

impl<'r> Run<'r> {
    fn new(
        registry: &'r Registry,
        follow: &'r Follow,
        source: Source,
        before: Option<Following>,
        folder: Folder,
    ) -> Result<Self> {
        let key = |text: &str| {
            PublicKey::parse(text).map_err(|error| refused(&format!("key of {source}: {error}")))
        };
        let configured = key(&follow.key)?;
        let pem = configured.to_pem();
        let keys = match before.as_ref().filter(|before| before.configured_key == pem) {
            Some(before) => Keys {
                current: key(&before.current_key)?,
                next: before.next_key.as_deref().map(key).transpose()?,
            },
            None => Keys::of(configured),
        };
        let mut state = before.unwrap_or_else(|| Following {
            source: source.to_string(),
            configured_key: String::new(),
            current_key: String::new(),
            next_key: None,
            session: None,
            version: 0,
            told: 0,
            hashes: "[]".to_owned(),
            checked_at: 0,
            changed_at: None,
            left_out: 0,
            failures: 0,
            problem: None,
        });
        state.configured_key = pem;
        (state.current_key, state.next_key) = texts(&keys);
        Ok(Self { registry, follow, source, folder, keys, state })
    }

    fn run(&mut self, failures: i64) -> Result<Outcome> {
        let place = Place::of(self.follow)?;
        let signed = place.notification()?;
        let (notification, rotation) =
            Notification::open(&signed, &self.keys).map_err(|error| refused(&error))?;
        let known = self.known()?;
        let plan = nrtm::plan(&self.source, known.as_ref(), &notification, self.registry.now());
        let mut plan = plan.map_err(|error| refused(&error))?;
        if failures >= THEN_SNAPSHOT && plan.snapshot.is_none() && !plan.is_nothing() {
            let anew = nrtm::plan(&self.source, None, &notification, self.registry.now());
            plan = anew.map_err(|error| refused(&error))?;
        }

        // From here on the file counts: the key that it announces, and in the same session its time and hashes.
        self.keys = self.keys.after(rotation, &notification);
        (self.state.current_key, self.state.next_key) = texts(&self.keys);
        if self.state.session.as_deref() == Some(notification.session.to_string().as_str()) {
            self.arrived(&notification, self.state.version)?;
        }
        let mut done = Outcome { version: 0, snapshot: false, objects: 0, left_out: 0 };
        if let Some(file) = plan.snapshot {
            let loaded = self.snapshot(&place, &notification, file)?;
            (done.snapshot, done.objects, done.left_out) = (true, loaded.objects, loaded.left_out);
        }
        for file in plan.deltas {
            let loaded = self.delta(&place, &notification, file)?;
            done.objects += loaded.objects;
            done.left_out += loaded.left_out;
        }
        (self.state.failures, self.state.problem, self.state.checked_at) = (0, None, self.registry.now());
        self.save()?;
        done.version = self.state.version;
        Ok(done)
    }

    fn snapshot(&mut self, place: &Place, notification: &Notification, file: &FileRef) -> Result<Loaded> {
        let (path, header) = self.fetched(place, notification, file)?;
        load::check_snapshot(&path, file, &header)?;
        // Should this be interrupted, neither the old state nor the new one is there: then no delta fits.
        self.state.version = 0;
        self.save()?;
        let stamp = Granted::<ImportRegistry>::for_node().stamp(self.registry.now());
        let loaded = load::snapshot(self.registry.node(), &path, file, &header, &stamp)?;
        self.state.left_out = loaded.left_out;
        self.state.changed_at = Some(self.registry.now());
        self.arrived(notification, integer(file.version))?;
        self.save()?;
        self.registry.load()?;
        drop(std::fs::remove_file(&path)); // else the next one takes its place
        Ok(loaded)
    }

    fn delta(&mut self, place: &Place, notification: &Notification, file: &FileRef) -> Result<Loaded> {
        let (path, header) = self.fetched(place, notification, file)?;
        let before = (self.state.version, self.state.changed_at);
        self.state.version = integer(file.version);
        let loaded = load::delta(self.registry.node(), &path, file, &header, self.state.clone());
        drop(std::fs::remove_file(&path)); // else the next one takes its place
        match &loaded {
            Ok(loaded) => {
                self.state.left_out = loaded.left_out;
                if !loaded.applied.is_empty() {
                    self.state.changed_at = Some(self.registry.now());
                }
                self.registry.apply(&loaded.applied)?;
            }
            Err(_) => (self.state.version, self.state.changed_at) = before,
        }
        loaded
    }

    fn fetched(
        &self,
        place: &Place,
        notification: &Notification,
        file: &FileRef,
    ) -> Result<(PathBuf, Header)> {
        let path = self.folder.path("incoming");
        place.download(file, &path)?;
        let (source, session) = (self.source.clone(), notification.session);
        Ok((path, Header { source, session, version: file.version }))
    }

    /// Where this node stands, as far as it follows already.
    fn known(&self) -> Result<Option<Known>> {
        let Some(session) = &self.state.session else { return Ok(None) };
        let damaged = || Error::Corrupt(format!("what is known of the mirrored registry {}", self.source));
        let list: Vec<(String, u64, Hash)> =
            serde_json::from_str(&self.state.hashes).map_err(|_| damaged())?;
        let kind =
            |name: &str| if name == FileKind::Delta.name() { FileKind::Delta } else { FileKind::Snapshot };
        let hashes: BTreeMap<_, _> =
            list.iter().map(|(name, version, hash)| ((kind(name), *version), *hash)).collect();
        let session = session.parse().map_err(|_| damaged())?;
        Ok(Some(Known {
            session,
            version: self.state.version.unsigned_abs(),
            timestamp: self.state.told,
            hashes,
        }))
    }

    /// `version` of the session in the notification file is here.
    fn arrived(&mut self, notification: &Notification, version: i64) -> Result<()> {
        let known = Known::after(notification, version.unsigned_abs());
        let list: Vec<_> =
            known.hashes.iter().map(|((kind, version), hash)| (kind.name(), version, hash)).collect();
        self.state.hashes = serde_json::to_string(&list)
            .map_err(|error| Error::Corrupt(format!("the hashes of {}: {error}", self.source)))?;
        self.state.session = Some(known.session.to_string());
        self.state.told = known.timestamp;
        self.state.version = version;
        Ok(())
    }

    fn save(&self) -> Result<()> {
        let state = self.state.clone();
        self.registry.node().db.write_now(move |tx| following::save(tx, &state))
    }
}

fn texts(keys: &Keys) -> (String, Option<String>) {
    (keys.current.to_pem(), keys.next.as_ref().map(PublicKey::to_pem))
}

fn integer(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
