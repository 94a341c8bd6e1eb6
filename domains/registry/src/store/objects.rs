//! Objects one by one: by key, by row, by what they say.

use kit::{Id, Read, Result, Row, Time, Write, params, statements};

statements! {
    BY_KEY = "SELECT seq, source, class, key, raw, imported_at FROM registry_object
        WHERE source = $1 AND class = $2 AND key = $3";
    BY_ROW = "SELECT seq, source, class, key, raw, imported_at FROM registry_object WHERE seq = $1";
    BY_TERM = "SELECT o.seq, o.source, o.class, o.key, o.raw, o.imported_at FROM registry_term t
        JOIN registry_object o ON o.seq = t.object
        WHERE t.attribute = $1 AND t.value = $2 AND t.object > $3 ORDER BY t.object LIMIT $4";
    SAVE = "INSERT INTO registry_object (source, class, key, raw, import, line, imported_at)
        VALUES ($1, $2, $3, $4, $5, 0, $6)
        ON CONFLICT (source, class, key) DO UPDATE SET raw = excluded.raw, import = excluded.import,
            line = excluded.line, imported_at = excluded.imported_at
        RETURNING seq";
    REMOVE = "DELETE FROM registry_object WHERE source = $1 AND class = $2 AND key = $3 RETURNING seq";
    FORGET_TERMS = "DELETE FROM registry_term WHERE object = $1";
    ADD_TERM = "INSERT INTO registry_term (attribute, value, object) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
}

/// An object as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) row: i64,
    pub(crate) source: String,
    pub(crate) class: String,
    /// In its one spelling.
    pub(crate) key: String,
    pub(crate) raw: Vec<u8>,
    /// When this version came in.
    pub(crate) since: Time,
}

/// One of the words or references by which an object is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    /// The attribute's two-letter name.
    pub(crate) attribute: &'static str,
    /// The value in its one spelling.
    pub(crate) value: String,
}

/// Which object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name<'a> {
    pub(crate) source: &'a str,
    pub(crate) class: &'a str,
    pub(crate) key: &'a str,
}

pub(crate) fn by_key(c: &Read<'_>, name: Name<'_>) -> Result<Option<Stored>> {
    c.query_opt(BY_KEY, params![name.source, name.class, name.key], stored)
}

pub(crate) fn by_row(c: &Read<'_>, row: i64) -> Result<Option<Stored>> {
    c.query_opt(BY_ROW, params![row], stored)
}

/// Up to `limit` objects behind row `after` that have `value` in `attribute`, in the order of their rows.
pub(crate) fn by_term(
    c: &Read<'_>,
    attribute: &str,
    value: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Stored>> {
    c.query(BY_TERM, params![attribute, value, after, limit], stored)
}

/// Stores an object in place of its last version, with the terms by which it is found; returns its row, which it
/// keeps as long as it lives. `origin`: see [`super::changes::origin`].
pub(crate) fn save(
    tx: &Write<'_>,
    name: Name<'_>,
    raw: &[u8],
    terms: &[Term],
    origin: Id,
    now: Time,
) -> Result<i64> {
    let values = params![name.source, name.class, name.key, raw.to_vec(), origin, now];
    let row: i64 = tx.query_one(SAVE, values, |row| row.get(0))?;
    tx.execute(FORGET_TERMS, params![row])?;
    for term in terms {
        tx.execute(ADD_TERM, params![term.attribute, term.value, row])?;
    }
    Ok(row)
}

/// Removes an object with its terms; returns the row that it had.
pub(crate) fn remove(tx: &Write<'_>, name: Name<'_>) -> Result<Option<i64>> {
    tx.query_opt(REMOVE, params![name.source, name.class, name.key], |row| row.get(0))
}

pub(super) fn stored(row: &Row<'_>) -> Result<Stored> {
    Ok(Stored {
        row: row.get(0)?,
        source: row.get(1)?,
        class: row.get(2)?,
        key: row.get(3)?,
        raw: row.get(4)?,
        since: row.get(5)?,
    })
}
