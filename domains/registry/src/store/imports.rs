//! Imports: the journal of files, and the objects that they bring.

use kit::{Id, Read, Result, Row, Time, Write, params, statements};
use serde::{Deserialize, Serialize};

use super::many;
use super::objects::Term;

statements! {
    BEGIN_IMPORT = "INSERT INTO registry_import
        (id, run, file, bytes, modified, started, entries, objects, refused, removed, problems)
        VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, '[]')";
    UNFINISHED = "SELECT run FROM registry_import
        WHERE finished IS NULL AND file = $1 AND bytes = $2 AND modified = $3 ORDER BY started DESC, id DESC LIMIT 1";
    OF_RUN = "SELECT id, entries, objects, refused, finished, problems FROM registry_import
        WHERE run = $1 AND file = $2 AND bytes = $3 AND modified = $4";
    ADVANCE = "UPDATE registry_import SET entries = $2, objects = $3, refused = $4, problems = $5 WHERE id = $1";
    FINISH = "UPDATE registry_import SET finished = $2, removed = $3 WHERE id = $1";
    CLASSES_OF_RUN = "SELECT DISTINCT o.source, o.class FROM registry_object o
        JOIN registry_import i ON i.id = o.import WHERE i.run = $1 ORDER BY o.source, o.class";
    REMOVE_OTHERS = "DELETE FROM registry_object WHERE seq IN (
        SELECT seq FROM registry_object WHERE source = $1 AND class = $2
            AND import NOT IN (SELECT id FROM registry_import WHERE run = $3) ORDER BY seq LIMIT $4)";
    IMPORTS = "SELECT id, run, file, bytes, started, finished, objects, refused, removed, problems
        FROM registry_import ORDER BY started DESC, id DESC LIMIT $1";
    COUNTS = "SELECT source, class, count(*), max(imported_at) FROM registry_object
        GROUP BY source, class ORDER BY source, class";
    RAW = "SELECT raw FROM registry_object WHERE seq = $1";
}

/// A file as the journal knows it: the same file again is the one that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileId {
    /// Its name, without folders.
    pub(crate) name: String,
    /// Its length in bytes, as it lies on the disk.
    pub(crate) bytes: i64,
    /// When it was last changed.
    pub(crate) modified: Time,
}

/// A file's row in the journal.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    pub(crate) id: Id,
    pub(crate) finished: Option<Time>,
    pub(crate) tally: Tally,
}

/// How far a file has come.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    /// Objects and refusals.
    pub(crate) entries: i64,
    pub(crate) objects: i64,
    pub(crate) refused: i64,
    pub(crate) problems: Vec<Problem>,
}

/// Something odd in a file: an object that was refused, or one that was taken in spite of an oddity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// The object's class and key, when it has them.
    pub object: String,
    /// What is wrong.
    pub reason: String,
    /// Whether the object was left out.
    pub refused: bool,
}

/// An object on its way in.
#[derive(Debug, Clone)]
pub(crate) struct NewObject {
    pub(crate) source: String,
    pub(crate) class: String,
    pub(crate) key: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) line: i64,
    /// By which it is found.
    pub(crate) terms: Vec<Term>,
}

impl NewObject {
    /// Source, class and key: what makes it the same object as one that is there.
    pub(super) fn name(&self) -> (&str, &str, &str) {
        (&self.source, &self.class, &self.key)
    }
}

/// One file of an import, for people.
#[derive(Debug, Clone, Serialize)]
pub struct Import {
    /// Its identifier.
    #[serde(skip)]
    pub id: Id,
    /// Shared by the files of one command.
    #[serde(skip)]
    pub run: Id,
    /// The file's name.
    pub file: String,
    /// Its length in bytes.
    pub bytes: i64,
    /// When it began.
    pub started: Time,
    /// When it was done; `None`: still running, or interrupted.
    pub finished: Option<Time>,
    /// Objects taken.
    pub objects: i64,
    /// Objects refused.
    pub refused: i64,
    /// Objects removed since the files did not have them any more.
    pub removed: i64,
    /// What was odd; the first thousand.
    pub problems: Vec<Problem>,
}

/// How many objects of a class the registry of one source has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The registry.
    pub source: String,
    /// The class.
    pub class: String,
    /// How many.
    pub objects: i64,
    /// When the last of them came in.
    pub newest: Time,
}

pub(crate) fn unfinished(c: &Read<'_>, file: &FileId) -> Result<Option<Id>> {
    c.query_opt(UNFINISHED, params![file.name, file.bytes, file.modified], |row| row.get(0))
}

pub(crate) fn of_run(c: &Read<'_>, run: Id, file: &FileId) -> Result<Option<Journal>> {
    c.query_opt(OF_RUN, params![run, file.name, file.bytes, file.modified], |row| {
        let tally = Tally {
            entries: row.get(1)?,
            objects: row.get(2)?,
            refused: row.get(3)?,
            problems: problems(row, 5)?,
        };
        Ok(Journal { id: row.get(0)?, finished: row.get(4)?, tally })
    })
}

pub(crate) fn begin(tx: &Write<'_>, id: Id, run: Id, file: &FileId, now: Time) -> Result<()> {
    tx.execute(BEGIN_IMPORT, params![id, run, file.name, file.bytes, file.modified, now])?;
    Ok(())
}

/// Stores `objects` and how far the file has come, both or neither.
pub(crate) fn put(tx: &Write<'_>, import: Id, objects: &[NewObject], tally: &Tally, now: Time) -> Result<()> {
    many::put(tx, import, objects, now)?;
    let problems = serde_json::to_string(&tally.problems).unwrap_or_else(|_| "[]".to_owned());
    tx.execute(ADVANCE, params![import, tally.entries, tally.objects, tally.refused, problems])?;
    Ok(())
}

pub(crate) fn finish(tx: &Write<'_>, import: Id, removed: i64, now: Time) -> Result<()> {
    tx.execute(FINISH, params![import, now, removed])?;
    Ok(())
}

/// The sources and classes of which the files of `run` had objects.
pub(crate) fn classes_of_run(c: &Read<'_>, run: Id) -> Result<Vec<(String, String)>> {
    c.query(CLASSES_OF_RUN, params![run], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Removes up to `limit` objects of `source` and `class` that no file of `run` had; returns how many.
pub(crate) fn remove_others(tx: &Write<'_>, source: &str, class: &str, run: Id, limit: i64) -> Result<u64> {
    tx.execute(REMOVE_OTHERS, params![source, class, run, limit])
}

pub(crate) fn imports(c: &Read<'_>, limit: i64) -> Result<Vec<Import>> {
    c.query(IMPORTS, params![limit], |row| {
        Ok(Import {
            id: row.get(0)?,
            run: row.get(1)?,
            file: row.get(2)?,
            bytes: row.get(3)?,
            started: row.get(4)?,
            finished: row.get(5)?,
            objects: row.get(6)?,
            refused: row.get(7)?,
            removed: row.get(8)?,
            problems: problems(row, 9)?,
        })
    })
}

pub(crate) fn counts(c: &Read<'_>) -> Result<Vec<Count>> {
    c.query(COUNTS, &[], |row| {
        Ok(Count { source: row.get(0)?, class: row.get(1)?, objects: row.get(2)?, newest: row.get(3)? })
    })
}

pub(crate) fn raw(c: &Read<'_>, seq: i64) -> Result<Option<Vec<u8>>> {
    c.query_opt(RAW, params![seq], |row| row.get(0))
}

fn problems(row: &Row<'_>, index: usize) -> Result<Vec<Problem>> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text)
        .map_err(|error| kit::Error::Corrupt(format!("problems of an import: {error}")))
}
