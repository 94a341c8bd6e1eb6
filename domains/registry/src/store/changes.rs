//! The journal: every version of every object that changed here.

use kit::{Id, Read, Result, Row, Time, Write, named, params, statements};

use super::objects::Name;

statements! {
    ORIGIN = "SELECT origin FROM registry_source WHERE name = $1";
    ADD_ORIGIN = "INSERT INTO registry_import
        (id, run, file, bytes, modified, started, finished, entries, objects, refused, removed, problems)
        VALUES ($1, $1, $2, 0, $3, $3, $3, 0, 0, 0, 0, '[]')";
    ADD_SOURCE = "INSERT INTO registry_source (name, serial, origin) VALUES ($1, 0, $2)";
    NEXT = "UPDATE registry_source SET serial = serial + 1 WHERE name = $1 RETURNING serial";
    SERIAL = "SELECT serial FROM registry_source WHERE name = $1";
    NEXT_VERSION = "SELECT COALESCE(max(version), 0) + 1 FROM registry_change
        WHERE source = $1 AND class = $2 AND key = $3";
    RECORD = "INSERT INTO registry_change (source, serial, class, key, version, kind, at, actor, digest, raw)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    SINCE = "SELECT serial, class, key, version, kind, at, actor, digest, raw FROM registry_change
        WHERE source = $1 AND serial > $2 ORDER BY serial LIMIT $3";
    VERSIONS = "SELECT serial, class, key, version, kind, at, actor, digest, raw FROM registry_change
        WHERE source = $1 AND class = $2 AND key = $3 ORDER BY version DESC LIMIT $4";
    ERASE = "UPDATE registry_change SET raw = NULL WHERE source = $1 AND class = $2 AND key = $3 AND version = $4";
}

named! {
    /// What happened to an object.
    pub enum ChangeKind {
        /// It had come by an import, before its first change here.
        Found = "found",
        /// It is new.
        Create = "create",
        /// It has another text.
        Modify = "modify",
        /// It is gone.
        Delete = "delete",
    }
}

/// A row of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Counted per source without gaps, in the order of commits.
    pub(crate) serial: i64,
    pub(crate) class: String,
    pub(crate) key: String,
    /// Of this object, from 1.
    pub(crate) version: i64,
    pub(crate) kind: ChangeKind,
    pub(crate) at: Time,
    /// By whom and by which proof, in words.
    pub(crate) actor: String,
    /// SHA-256 of the text.
    pub(crate) digest: Vec<u8>,
    /// The text; of a deletion the last one; `None` when it was erased.
    pub(crate) raw: Option<Vec<u8>>,
}

/// The row that objects of `source` name as their import when they came one by one; made when there is none yet,
/// with `new` as its id.
pub(crate) fn origin(tx: &Write<'_>, source: &str, new: Id, now: Time) -> Result<Id> {
    if let Some(origin) = tx.query_opt(ORIGIN, params![source], |row| row.get(0))? {
        return Ok(origin);
    }
    tx.execute(ADD_ORIGIN, params![new, format!("changes of {source}"), now])?;
    tx.execute(ADD_SOURCE, params![source, new])?;
    Ok(new)
}

/// Writes a version into the journal and returns its serial. [`origin`] was called for the source before.
pub(crate) fn record(
    tx: &Write<'_>,
    name: Name<'_>,
    kind: ChangeKind,
    raw: &[u8],
    actor: &str,
    now: Time,
) -> Result<i64> {
    let serial: i64 = tx.query_one(NEXT, params![name.source], |row| row.get(0))?;
    let version: i64 =
        tx.query_one(NEXT_VERSION, params![name.source, name.class, name.key], |row| row.get(0))?;
    let digest = kit::blobs::Digest::of(raw);
    tx.execute(
        RECORD,
        params![
            name.source,
            serial,
            name.class,
            name.key,
            version,
            kind.name(),
            now,
            actor,
            digest.as_bytes().to_vec(),
            raw.to_vec()
        ],
    )?;
    Ok(serial)
}

/// The number of the last change of `source`; 0 when nothing of it has changed here.
pub(crate) fn serial(c: &Read<'_>, source: &str) -> Result<i64> {
    Ok(c.query_opt(SERIAL, params![source], |row| row.get(0))?.unwrap_or(0))
}

/// Up to `limit` changes of `source` behind `serial`, in their order.
pub(crate) fn since(c: &Read<'_>, source: &str, serial: i64, limit: i64) -> Result<Vec<Change>> {
    c.query(SINCE, params![source, serial, limit], change)
}

/// The last `limit` versions of an object, the newest first. None when it never changed here.
pub(crate) fn versions(c: &Read<'_>, name: Name<'_>, limit: i64) -> Result<Vec<Change>> {
    c.query(VERSIONS, params![name.source, name.class, name.key, limit], change)
}

/// Takes the text out of a version: who, when and the digest stay.
pub(crate) fn erase(tx: &Write<'_>, name: Name<'_>, version: i64) -> Result<bool> {
    Ok(tx.execute(ERASE, params![name.source, name.class, name.key, version])? > 0)
}

fn change(row: &Row<'_>) -> Result<Change> {
    Ok(Change {
        serial: row.get(0)?,
        class: row.get(1)?,
        key: row.get(2)?,
        version: row.get(3)?,
        kind: row.get::<String>(4)?.parse()?,
        at: row.get(5)?,
        actor: row.get(6)?,
        digest: row.get(7)?,
        raw: row.get(8)?,
    })
}
