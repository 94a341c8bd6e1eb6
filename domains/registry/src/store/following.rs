//! The registries that this node follows.

use kit::{Id, Read, Result, Row, Time, Write, params, statements};

statements! {
    OF = "SELECT source, configured_key, current_key, next_key, session, version, told, hashes, checked_at, changed_at,
        left_out, failures, problem FROM registry_following WHERE source = $1";
    ALL = "SELECT source, configured_key, current_key, next_key, session, version, told, hashes, checked_at, changed_at,
        left_out, failures, problem FROM registry_following ORDER BY source";
    SAVE = "INSERT INTO registry_following (source, configured_key, current_key, next_key, session, version, told,
            hashes, checked_at, changed_at, left_out, failures, problem)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (source) DO UPDATE SET configured_key = excluded.configured_key,
            current_key = excluded.current_key, next_key = excluded.next_key, session = excluded.session,
            version = excluded.version, told = excluded.told, hashes = excluded.hashes,
            checked_at = excluded.checked_at, changed_at = excluded.changed_at, left_out = excluded.left_out,
            failures = excluded.failures, problem = excluded.problem";
    REMOVE_OLDER = "DELETE FROM registry_object WHERE seq IN (
        SELECT seq FROM registry_object WHERE source = $1 AND import <> $2 ORDER BY seq LIMIT $3)";
}

/// Where this node stands with a registry that it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Following {
    pub(crate) source: String,
    pub(crate) configured_key: String,
    pub(crate) current_key: String,
    pub(crate) next_key: Option<String>,
    /// `None` before the first snapshot.
    pub(crate) session: Option<String>,
    pub(crate) version: i64,
    pub(crate) told: Time,
    /// JSON: what the notification file named, by kind and version.
    pub(crate) hashes: String,
    pub(crate) checked_at: Time,
    pub(crate) changed_at: Option<Time>,
    pub(crate) left_out: i64,
    pub(crate) failures: i64,
    pub(crate) problem: Option<String>,
}

pub(crate) fn of(c: &Read<'_>, source: &str) -> Result<Option<Following>> {
    c.query_opt(OF, params![source], following)
}

pub(crate) fn all(c: &Read<'_>) -> Result<Vec<Following>> {
    c.query(ALL, &[], following)
}

pub(crate) fn save(tx: &Write<'_>, one: &Following) -> Result<()> {
    tx.execute(
        SAVE,
        params![
            one.source,
            one.configured_key,
            one.current_key,
            one.next_key,
            one.session,
            one.version,
            one.told,
            one.hashes,
            one.checked_at,
            one.changed_at,
            one.left_out,
            one.failures,
            one.problem
        ],
    )?;
    Ok(())
}

/// Removes up to `limit` objects of `source` that did not come with `import`; returns how many.
pub(crate) fn remove_older(tx: &Write<'_>, source: &str, import: Id, limit: i64) -> Result<u64> {
    tx.execute(REMOVE_OLDER, params![source, import, limit])
}

fn following(row: &Row<'_>) -> Result<Following> {
    Ok(Following {
        source: row.get(0)?,
        configured_key: row.get(1)?,
        current_key: row.get(2)?,
        next_key: row.get(3)?,
        session: row.get(4)?,
        version: row.get(5)?,
        told: row.get(6)?,
        hashes: row.get(7)?,
        checked_at: row.get(8)?,
        changed_at: row.get(9)?,
        left_out: row.get(10)?,
        failures: row.get(11)?,
        problem: row.get(12)?,
    })
}
