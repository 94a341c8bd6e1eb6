//! Verified files of another registry into the database.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use contracts::registry::RegistryImported;
use flate2::bufread::MultiGzDecoder;
use kit::db::Write;
use kit::{Error, Id, Node, Result, Time, events};
use nrtm::{Change, DeltaReader, FileRef, Header, Limits, SnapshotReader, Source};
use rpsl::Object;
use rpsl::template::normal_key;

use super::refused;
use crate::live::Applied;
use crate::store::changes::{self, ChangeKind};
use crate::store::following::{self, Following};
use crate::store::objects::{self, Name};
use crate::store::{self, FileId, NewObject, Tally};

/// A delta is applied in one transaction, so all of it is in memory.
const DELTA: Limits = Limits { record: 8 << 20, records: 1_000_000, bytes: 256 << 20 };
/// Objects of one transaction of a snapshot, and their bytes.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 1 << 20;

/// What came of a file.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) objects: i64,
    /// Objects that are none, or of another registry: left out, since one broken object does not make a registry useless
    /// (draft section 9.2).
    pub(super) left_out: i64,
    /// Of a delta: what has changed, for the index in memory.
    pub(super) applied: Vec<Applied>,
}

/// Reads all of a snapshot and stores nothing.
///
/// # Errors
/// It is not the file that was expected, or broken somewhere.
pub(super) fn check_snapshot(path: &Path, file: &FileRef, expected: &Header) -> Result<()> {
    each_object(path, file, expected, |_| Ok(()))
}

/// Stores the objects of a snapshot that was checked, then removes those of its registry that it does not have. In
/// small transactions, so that the desk works on meanwhile; the index in memory shows the old state until the end.
///
/// # Errors
/// The database refuses something: the snapshot must be loaded again.
pub(super) fn snapshot(
    node: &Node,
    path: &Path,
    file: &FileRef,
    expected: &Header,
    actor: &events::Stamp,
) -> Result<Loaded> {
    let bytes = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let named = FileId {
        name: format!("mirror of {}, version {}", expected.source, expected.version),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        modified: node.now(),
    };
    let import = node.id();
    let begun = named.clone();
    node.db.write_now(move |tx| store::begin(tx, import, import, &begun, begun.modified))?;

    let mut tally = Tally::default();
    let mut batch = Batch { node, import, objects: Vec::new(), bytes: 0 };
    each_object(path, file, expected, |text| {
        tally.entries += 1;
        match incoming(&text, &expected.source) {
            Ok(object) => {
                tally.objects += 1;
                batch.take(object, &tally)
            }
            Err(why) => {
                tally.refused += 1;
                tracing::warn!(source = %expected.source, why, "an object of the mirrored registry is left out");
                Ok(())
            }
        }
    })?;
    batch.write(&tally)?;
    let removed = remove_older(node, &expected.source, import)?;
    finish(node, import, named, &tally, removed, actor)?;
    Ok(Loaded { objects: tally.objects, left_out: tally.refused, applied: Vec::new() })
}

/// Applies a delta and notes in the same transaction that it was, by `state`; all of it or nothing.
///
/// # Errors
/// It is not the file that was expected or broken somewhere, or the database refuses something.
pub(super) fn delta(
    node: &Node,
    path: &Path,
    file: &FileRef,
    expected: &Header,
    state: Following,
) -> Result<Loaded> {
    let mut reader =
        DeltaReader::open(opened(path, file)?, expected, DELTA).map_err(|error| broken(file, &error))?;
    let (mut steps, mut left_out) = (Vec::new(), 0);
    while let Some(change) = reader.next_change().map_err(|error| broken(file, &error))? {
        match step(change, &expected.source) {
            Ok(step) => steps.push(step),
            Err(why) => {
                left_out += 1;
                tracing::warn!(source = %expected.source, why, "a change of the mirrored registry is left out");
            }
        }
    }
    let (steps, own) = (Arc::new(steps), node.clone());
    let (source, actor) =
        (expected.source.clone(), format!("mirror of {}, version {}", expected.source, expected.version));
    let applied = node.db.write_now(move |tx| {
        let now = own.now();
        let origin = changes::origin(tx, source.as_str(), own.id(), now)?;
        let mut applied = Vec::new();
        for step in steps.iter() {
            applied.extend(apply(tx, source.as_str(), step, origin, &actor, now)?);
        }
        let changed_at = if applied.is_empty() { state.changed_at } else { Some(now) };
        following::save(tx, &Following { left_out, changed_at, ..state.clone() })?;
        Ok(applied)
    })?;
    Ok(Loaded { objects: i64::try_from(applied.len()).unwrap_or(i64::MAX), left_out, applied })
}

/// One change of a delta, ready to be applied.
pub(super) enum Step {
    Put(NewObject),
    Delete { class: String, key: String },
}

pub(super) fn step(change: Change, source: &Source) -> Result<Step, String> {
    match change {
        Change::Put(text) => incoming(&text, source).map(Step::Put),
        Change::Delete { class, key } => {
            let key = normal_key(&class, &key).map_err(|why| format!("{class}: {why}"))?;
            Ok(Step::Delete { class, key })
        }
    }
}

pub(super) fn apply(
    tx: &Write<'_>,
    source: &str,
    step: &Step,
    origin: Id,
    actor: &str,
    now: Time,
) -> Result<Option<Applied>> {
    let (class, key) = match step {
        Step::Put(object) => (&object.class, &object.key),
        Step::Delete { class, key } => (class, key),
    };
    let name = Name { source, class, key };
    let before = objects::by_key(tx, name)?;
    if let Some(before) = &before
        && changes::versions(tx, name, 1)?.is_empty()
    {
        changes::record(tx, name, ChangeKind::Found, &before.raw, "snapshot", before.since)?;
    }
    let (row, raw) = match (step, before) {
        (Step::Put(object), Some(before)) if before.raw == object.raw => return Ok(None),
        (Step::Put(object), before) => {
            let kind = if before.is_some() { ChangeKind::Modify } else { ChangeKind::Create };
            let row = objects::save(tx, name, &object.raw, &object.terms, origin, now)?;
            changes::record(tx, name, kind, &object.raw, actor, now)?;
            (row, Some(object.raw.clone()))
        }
        (Step::Delete { .. }, Some(before)) => {
            changes::record(tx, name, ChangeKind::Delete, &before.raw, actor, now)?;
            objects::remove(tx, name)?;
            (before.row, None)
        }
        (Step::Delete { .. }, None) => return Ok(None),
    };
    Ok(Some(Applied { row, source: source.to_owned(), class: class.clone(), key: key.clone(), raw }))
}

/// The object in `text`; or why it is left out.
fn incoming(text: &str, source: &Source) -> Result<NewObject, String> {
    let object = Object::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    let (class, written) = (object.class().into_owned(), object.key());
    let told = object.get("source").map(|attribute| attribute.value().into_owned()).unwrap_or_default();
    if !told.eq_ignore_ascii_case(source.as_str()) {
        return Err(format!("{class} {written}: it is of {told:?}, not of {source}"));
    }
    let key = object.primary_key().map_err(|error| format!("{class} {written}: {error}"))?;
    let mut raw = object.raw().to_vec();
    if raw.last() != Some(&b'\n') {
        raw.push(b'\n');
    }
    let terms = crate::update::terms(&raw);
    Ok(NewObject { source: source.to_string(), class, key, raw, line: 0, terms })
}

fn each_object(
    path: &Path,
    file: &FileRef,
    expected: &Header,
    mut take: impl FnMut(String) -> Result<()>,
) -> Result<()> {
    let reader = SnapshotReader::open(opened(path, file)?, expected, Limits::REGISTRY);
    let mut reader = reader.map_err(|error| broken(file, &error))?;
    while let Some(text) = reader.next_object().map_err(|error| broken(file, &error))? {
        take(text)?;
    }
    Ok(())
}

fn opened(path: &Path, file: &FileRef) -> Result<Box<dyn BufRead>> {
    let plain = File::open(path).map_err(|error| Error::io(format!("reading {}", path.display()), error))?;
    let plain = BufReader::with_capacity(1 << 16, plain);
    Ok(match file.url.is_gzip() {
        true => Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(plain))),
        false => Box::new(plain),
    })
}

fn broken(file: &FileRef, error: &nrtm::Error) -> Error {
    refused(&format!("{}: {error}", file.url))
}

/// Gathers objects for one transaction.
struct Batch<'n> {
    node: &'n Node,
    import: Id,
    objects: Vec<NewObject>,
    bytes: usize,
}

impl Batch<'_> {
    fn take(&mut self, object: NewObject, tally: &Tally) -> Result<()> {
        self.bytes += object.raw.len();
        self.objects.push(object);
        if self.objects.len() < BATCH && self.bytes < BATCH_BYTES { Ok(()) } else { self.write(tally) }
    }

    fn write(&mut self, tally: &Tally) -> Result<()> {
        self.bytes = 0;
        let objects = Arc::new(std::mem::take(&mut self.objects));
        let (import, now, tally) = (self.import, self.node.now(), tally.clone());
        self.node.db.write_now(move |tx| store::put(tx, import, &objects, &tally, now))
    }
}

fn remove_older(node: &Node, source: &Source, import: Id) -> Result<i64> {
    let mut removed = 0;
    loop {
        let name = source.to_string();
        let some = node.db.write_now(move |tx| following::remove_older(tx, &name, import, BATCH as i64))?;
        if some == 0 {
            return Ok(removed);
        }
        removed += i64::try_from(some).unwrap_or(i64::MAX);
    }
}

fn finish(
    node: &Node,
    import: Id,
    file: FileId,
    tally: &Tally,
    removed: i64,
    actor: &events::Stamp,
) -> Result<()> {
    let event = RegistryImported {
        import: import.to_string(),
        file: file.name,
        objects: tally.objects,
        refused: tally.refused,
        removed,
    };
    let (own, actor) = (node.clone(), actor.clone());
    node.db.write_now(move |tx| {
        let now = own.now();
        store::finish(tx, import, removed, now)?;
        events::record(&own, tx, &events::Stamp { at: now, ..actor.clone() }, &event)
    })
}
