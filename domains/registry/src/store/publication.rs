//! What is published of the node's own registry.

use kit::{Read, Result, Row, Time, Write, named, params, statements};

statements! {
    OF = "SELECT session, version, serial, objects, imported, told FROM registry_publication WHERE source = $1";
    START = "INSERT INTO registry_publication (source, session, version, serial, objects, imported, told)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (source) DO UPDATE SET session = excluded.session, version = excluded.version,
            serial = excluded.serial, objects = excluded.objects, imported = excluded.imported, told = excluded.told";
    ADVANCE = "UPDATE registry_publication SET version = $4, serial = $5, objects = $6, imported = $7, told = $8
        WHERE source = $1 AND session = $2 AND version = $3";
    FILES = "SELECT url, kind, version, hash, made, dropped FROM registry_publication_file
        WHERE source = $1 ORDER BY version, kind";
    ADD_FILE = "INSERT INTO registry_publication_file (source, url, kind, version, hash, made)
        VALUES ($1, $2, $3, $4, $5, $6)";
    DROP_FILE = "UPDATE registry_publication_file SET dropped = $3 WHERE source = $1 AND url = $2 AND dropped IS NULL";
    FORGET_FILE = "DELETE FROM registry_publication_file WHERE source = $1 AND url = $2";
    REMARKS = "SELECT key, digest FROM registry_publication_remark WHERE source = $1";
    SET_REMARK = "INSERT INTO registry_publication_remark (source, key, digest) VALUES ($1, $2, $3)
        ON CONFLICT (source, key) DO UPDATE SET digest = excluded.digest";
    FORGET_REMARK = "DELETE FROM registry_publication_remark WHERE source = $1 AND key = $2";
    KEY = "SELECT sealed, since FROM registry_publication_key WHERE source = $1 AND place = $2";
    ADD_KEY = "INSERT INTO registry_publication_key (source, place, sealed, since) VALUES ($1, $2, $3, $4)
        ON CONFLICT (source, place) DO NOTHING";
    FORGET_KEY = "DELETE FROM registry_publication_key WHERE source = $1 AND place = $2";
    MOVE_KEY = "UPDATE registry_publication_key SET place = $3 WHERE source = $1 AND place = $2";
    OBJECTS = "SELECT class, key, raw FROM registry_object WHERE source = $1 ORDER BY class, key";
    IRTS = "SELECT key, raw FROM registry_object WHERE source = $1 AND class = 'irt' ORDER BY key";
    COUNT = "SELECT count(*) FROM registry_object WHERE source = $1";
    LAST_IMPORT = "SELECT COALESCE(max(finished), 0) FROM registry_import";
    IMPORTED = "SELECT count(*) FROM registry_import i WHERE i.finished > $2
        AND EXISTS (SELECT 1 FROM registry_object o WHERE o.import = i.id AND o.source = $1)
        AND NOT EXISTS (SELECT 1 FROM registry_source s WHERE s.origin = i.id)";
}

named! {
    /// What a published file holds.
    pub enum PublishedKind {
        /// All objects.
        Snapshot = "snapshot",
        /// The changes of one version.
        Delta = "delta",
    }
}

named! {
    /// What a signing key is for.
    pub enum KeyPlace {
        /// It signs.
        Current = "current",
        /// It is announced and will sign.
        Next = "next",
    }
}

/// Where the session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Publication {
    pub(crate) session: String,
    pub(crate) version: i64,
    pub(crate) serial: i64,
    pub(crate) objects: i64,
    pub(crate) imported: Time,
    pub(crate) told: Time,
}

/// A file that lies in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishedFile {
    pub(crate) url: String,
    pub(crate) kind: PublishedKind,
    pub(crate) version: i64,
    pub(crate) hash: Vec<u8>,
    pub(crate) made: Time,
    pub(crate) dropped: Option<Time>,
}

pub(crate) fn of(c: &Read<'_>, source: &str) -> Result<Option<Publication>> {
    c.query_opt(OF, params![source], |row| {
        Ok(Publication {
            session: row.get(0)?,
            version: row.get(1)?,
            serial: row.get(2)?,
            objects: row.get(3)?,
            imported: row.get(4)?,
            told: row.get(5)?,
        })
    })
}

/// Begins a session; what was published before is dropped.
pub(crate) fn start(tx: &Write<'_>, source: &str, to: &Publication) -> Result<()> {
    tx.execute(START, params![source, to.session, to.version, to.serial, to.objects, to.imported, to.told])?;
    for (key, _) in remarks(tx, source)? {
        tx.execute(FORGET_REMARK, params![source, key])?;
    }
    Ok(())
}

/// Goes on in a session; `false` when it is not where `from` says any more, and then nothing has changed.
pub(crate) fn advance(tx: &Write<'_>, source: &str, from: i64, to: &Publication) -> Result<bool> {
    let values = params![source, to.session, from, to.version, to.serial, to.objects, to.imported, to.told];
    Ok(tx.execute(ADVANCE, values)? > 0)
}

/// All files in the folder, in the order of their versions.
pub(crate) fn files(c: &Read<'_>, source: &str) -> Result<Vec<PublishedFile>> {
    c.query(FILES, params![source], |row| {
        Ok(PublishedFile {
            url: row.get(0)?,
            kind: row.get::<String>(1)?.parse()?,
            version: row.get(2)?,
            hash: row.get(3)?,
            made: row.get(4)?,
            dropped: row.get(5)?,
        })
    })
}

pub(crate) fn add_file(tx: &Write<'_>, source: &str, file: &PublishedFile) -> Result<()> {
    let values = params![source, file.url, file.kind.name(), file.version, file.hash, file.made];
    tx.execute(ADD_FILE, values)?;
    Ok(())
}

pub(crate) fn drop_file(tx: &Write<'_>, source: &str, url: &str, now: Time) -> Result<()> {
    tx.execute(DROP_FILE, params![source, url, now])?;
    Ok(())
}

pub(crate) fn forget_file(tx: &Write<'_>, source: &str, url: &str) -> Result<()> {
    tx.execute(FORGET_FILE, params![source, url])?;
    Ok(())
}

/// The digests of the objects that were published with the introducer's remarks.
pub(crate) fn remarks(c: &Read<'_>, source: &str) -> Result<Vec<(String, Vec<u8>)>> {
    c.query(REMARKS, params![source], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Notes what was published of an object with such remarks; `None` when it has none any more.
pub(crate) fn set_remark(tx: &Write<'_>, source: &str, key: &str, digest: Option<&[u8]>) -> Result<()> {
    match digest {
        Some(digest) => tx.execute(SET_REMARK, params![source, key, digest])?,
        None => tx.execute(FORGET_REMARK, params![source, key])?,
    };
    Ok(())
}

/// The sealed key in that place, and since when it is there.
pub(crate) fn key(c: &Read<'_>, source: &str, place: KeyPlace) -> Result<Option<(Vec<u8>, Time)>> {
    c.query_opt(KEY, params![source, place.name()], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Puts a key into a place that is free.
pub(crate) fn add_key(tx: &Write<'_>, source: &str, place: KeyPlace, sealed: &[u8], now: Time) -> Result<()> {
    tx.execute(ADD_KEY, params![source, place.name(), sealed, now])?;
    Ok(())
}

/// The announced key signs from now on, and the one before is gone. `false` when none was announced.
pub(crate) fn roll_over(tx: &Write<'_>, source: &str) -> Result<bool> {
    if key(tx, source, KeyPlace::Next)?.is_none() {
        return Ok(false);
    }
    tx.execute(FORGET_KEY, params![source, KeyPlace::Current.name()])?;
    Ok(tx.execute(MOVE_KEY, params![source, KeyPlace::Next.name(), KeyPlace::Current.name()])? > 0)
}

/// Each object of `source` with class, key and bytes, in the order of classes and keys.
pub(crate) fn each_object(
    c: &Read<'_>,
    source: &str,
    mut take: impl FnMut(String, String, Vec<u8>) -> Result<()>,
) -> Result<()> {
    c.each(OBJECTS, params![source], |row| {
        take(row.get(0)?, row.get(1)?, row.get(2)?)?;
        Ok(true)
    })
}

/// The `irt` objects of `source`: key and bytes.
pub(crate) fn irts(c: &Read<'_>, source: &str) -> Result<Vec<(String, Vec<u8>)>> {
    c.query(IRTS, params![source], |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?)))
}

/// How many objects `source` has.
pub(crate) fn count(c: &Read<'_>, source: &str) -> Result<i64> {
    c.query_one(COUNT, params![source], |row| row.get(0))
}

/// When the last import of any source was done; 0 when there was none.
pub(crate) fn last_import(c: &Read<'_>) -> Result<Time> {
    c.query_one(LAST_IMPORT, &[], |row| row.get(0))
}

/// Whether an import that was done behind `since` has brought objects of `source` that are still there.
pub(crate) fn imported(c: &Read<'_>, source: &str, since: Time) -> Result<bool> {
    Ok(c.query_one(IMPORTED, params![source, since], |row| row.get::<i64>(0))? > 0)
}
