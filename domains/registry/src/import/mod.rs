//! Dumps into the database: streamed, in small transactions, so that the desk works on meanwhile; and resumed
//! where it was interrupted.
//!
//! **What an import changes.** Objects are added, or take the place of the one with the same source, class and
//! key; others stay. When the files are told to be whole dumps ([`Options::whole`]), objects of a source and
//! class that stand in them, but which no file has any more, are removed at the end: only then, and only
//! when every file was read to its end. A single pasted object can thus never empty a registry.
//!
//! **What it leaves alone.** The registry that the node keeps itself, once something was changed there: a dump would undo
//! what people did since it was written, and say nothing of it in the journal.

pub(crate) mod files;
mod gather;

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use contracts::registry::RegistryImported;
use kit::{Error, Id, Node, Result, events};
use serde::Serialize;

use crate::store::{self, FileId, Journal, NewObject, Problem, Tally};
use gather::Ready;

/// The source of objects that do not tell theirs.
pub(crate) const UNSTATED: &str = "UNSTATED";

/// Objects of one transaction: some ten milliseconds, for which others wait.
const BATCH: usize = 500;

/// How to import.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The files are whole dumps: what they do not have any more is removed.
    pub whole: bool,
}

/// How far an import is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The file being read.
    pub file: &'a Path,
    /// Bytes read of it, compressed as it is.
    pub read: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Objects taken so far.
    pub objects: i64,
    /// Objects refused so far.
    pub refused: i64,
}

/// What became of one file.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Objects taken.
    pub objects: i64,
    /// Objects refused.
    pub refused: i64,
    /// What was odd; the first thousand.
    pub problems: Vec<Problem>,
    /// Why it was not read to its end. What had been read is in the registry.
    pub failed: Option<String>,
    /// Objects that were on disk already, from an import that was interrupted.
    pub resumed: i64,
}

/// What became of an import.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// The files in their order.
    pub files: Vec<Outcome>,
    /// Objects removed since no file had them any more.
    pub removed: i64,
}

/// Imports `files` into the registry of `node`, calling `progress` now and then.
///
/// # Errors
/// A file cannot be opened, or the database refuses or lost something. A file that breaks off is no error: its
/// [`Outcome`] says so. What was taken stays; the same command goes on there.
pub(crate) fn run(
    node: &Node,
    files: &[PathBuf],
    options: Options,
    own: Option<&str>,
    actor: &events::Stamp,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Summary> {
    let named: Vec<(&Path, FileId)> =
        files.iter().map(|path| Ok((path.as_path(), identify(path)?))).collect::<Result<_>>()?;
    let (run, journals) = journal(node, named.iter().map(|(_, file)| file.clone()).collect())?;
    let mut summary = Summary::default();
    for ((path, file), journal) in named.iter().zip(&journals) {
        summary.files.push(one_file(node, path, file, journal, own, progress)?);
    }
    let complete = summary.files.iter().all(|file| file.failed.is_none());
    if options.whole && complete {
        summary.removed = remove(node, run)?;
    }
    for ((_, file), (journal, outcome)) in named.iter().zip(journals.iter().zip(&summary.files)) {
        if outcome.failed.is_none() && journal.finished.is_none() {
            let removed = if std::ptr::eq(journal, &journals[0]) { summary.removed } else { 0 };
            finish(node, journal.id, file, outcome, removed, actor)?;
        }
    }
    Ok(summary)
}

fn identify(path: &Path) -> Result<FileId> {
    let meta =
        std::fs::metadata(path).map_err(|error| Error::io(format!("opening {}", path.display()), error))?;
    let modified =
        meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Ok(FileId {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        bytes: meta.len().try_into().unwrap_or(i64::MAX),
        modified: modified.as_micros().try_into().unwrap_or(i64::MAX),
    })
}

/// The rows of the files: those of the run that was interrupted, or new ones.
fn journal(node: &Node, files: Vec<FileId>) -> Result<(Id, Vec<Journal>)> {
    let own = node.clone();
    node.db.write_now(move |tx| {
        let mut interrupted = None;
        for file in &files {
            if let Some(run) = store::unfinished(tx, file)? {
                interrupted = Some(run);
                break;
            }
        }
        let run = interrupted.unwrap_or_else(|| own.id());
        let mut journals = Vec::new();
        for file in &files {
            let known = if interrupted.is_some() { store::of_run(tx, run, file)? } else { None };
            journals.push(match known {
                Some(journal) => journal,
                None => {
                    let id = own.id();
                    store::begin(tx, id, run, file, own.now())?;
                    Journal { id, finished: None, tally: Tally::default() }
                }
            });
        }
        Ok((run, journals))
    })
}

/// Batches that are read while one is written.
const AHEAD: usize = 4;

/// One thread reads and checks the file, this one writes what it has read.
fn one_file(
    node: &Node,
    path: &Path,
    file: &FileId,
    journal: &Journal,
    own: Option<&str>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Outcome> {
    let mut tally = journal.tally.clone();
    let resumed = tally.objects;
    let (ready, incoming) = std::sync::mpsc::sync_channel::<Ready>(AHEAD);
    let read = if journal.finished.is_some() {
        Ok(())
    } else {
        let from = tally.clone();
        std::thread::scope(|scope| {
            let stopped = |_| Error::Corrupt("the import has ended".into());
            let reader =
                scope.spawn(move || gather::read(path, from, &mut |some| ready.send(some).map_err(stopped)));
            for some in incoming {
                tally = some.tally.clone();
                write(node, journal.id, own, some.objects, some.tally)?;
                progress(Progress {
                    file: path,
                    read: some.read,
                    length: file.bytes.unsigned_abs(),
                    objects: tally.objects,
                    refused: tally.refused,
                });
            }
            reader.join().unwrap_or_else(|_| {
                Err(Error::Corrupt("the file could not be read: the program made a mistake".into()))
            })
        })
    };
    outcome(path, tally, resumed, read)
}

/// The database's own troubles end the import; those of a file end the file.
fn outcome(path: &Path, tally: Tally, resumed: i64, read: Result<()>) -> Result<Outcome> {
    let failed = match read {
        Ok(()) => None,
        Err(Error::Io { context, source }) if tally.entries > 0 => Some(format!("{context}: {source}")),
        Err(error) => return Err(error),
    };
    Ok(Outcome {
        file: path.to_owned(),
        objects: tally.objects,
        refused: tally.refused,
        problems: tally.problems,
        failed,
        resumed,
    })
}

fn write(node: &Node, import: Id, own: Option<&str>, objects: Vec<NewObject>, tally: Tally) -> Result<()> {
    let now = node.now();
    let touched = own.filter(|own| objects.iter().any(|object| object.source == *own)).map(str::to_owned);
    node.db.write_now(move |tx| {
        if let Some(own) = &touched {
            if store::changes::serial(tx, own)? > 0 {
                return Err(Error::Conflict(format!(
                    "{own} is kept by this node and was changed here since: a dump would undo that. Send what is \
                     to change with `wardmote registry update`"
                )));
            }
            store::updates::leave_alone(tx, own)?;
        }
        store::put(tx, import, &objects, &tally, now)
    })
}

/// Reads and checks `files` as an import does, and stores nothing.
///
/// # Errors
/// A file cannot be opened. A file that breaks off is no error: its [`Outcome`] says so.
pub(crate) fn check(files: &[PathBuf], progress: &mut dyn FnMut(Progress<'_>)) -> Result<Summary> {
    let mut summary = Summary::default();
    for path in files {
        let length = identify(path)?.bytes.unsigned_abs();
        let mut tally = Tally::default();
        let read = gather::read(path, tally.clone(), &mut |some| {
            tally = some.tally;
            let (objects, refused) = (tally.objects, tally.refused);
            progress(Progress { file: path, read: some.read, length, objects, refused });
            Ok(())
        });
        summary.files.push(outcome(path, tally, 0, read)?);
    }
    Ok(summary)
}

fn remove(node: &Node, run: Id) -> Result<i64> {
    let classes = node.db.read_now(move |c| store::classes_of_run(c, run))?;
    let mut removed = 0;
    for (source, class) in classes {
        loop {
            let (source, class) = (source.clone(), class.clone());
            let some =
                node.db.write_now(move |tx| store::remove_others(tx, &source, &class, run, BATCH as i64))?;
            if some == 0 {
                break;
            }
            removed += i64::try_from(some).unwrap_or(i64::MAX);
        }
    }
    Ok(removed)
}

fn finish(
    node: &Node,
    import: Id,
    file: &FileId,
    outcome: &Outcome,
    removed: i64,
    actor: &events::Stamp,
) -> Result<()> {
    let event = RegistryImported {
        import: import.to_string(),
        file: file.name.clone(),
        objects: outcome.objects,
        refused: outcome.refused,
        removed,
    };
    let (own, actor) = (node.clone(), actor.clone());
    node.db.write_now(move |tx| {
        let now = own.now();
        store::finish(tx, import, removed, now)?;
        events::record(&own, tx, &events::Stamp { at: now, ..actor.clone() }, &event)
    })
}
