//! What can be taken back.

use kit::db::{Read, Row, Write};
use kit::{Id, Result, Time, params, statements};

statements! {
    INSERT = "INSERT INTO undo (id, team, account, at, until, words, inverse, used) VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE)";
    BY_ID = "SELECT id, at, until, words, inverse FROM undo WHERE id = $1 AND team = $2 AND used = FALSE";
    USE = "UPDATE undo SET used = TRUE WHERE id = $1 AND used = FALSE";
    PURGE = "DELETE FROM undo WHERE until < $1";
}

/// An action that can be taken back until `until`.
#[derive(Debug, Clone)]
pub struct Undo {
    /// Its identifier.
    pub id: Id,
    /// When it was done.
    pub at: Time,
    /// Until when it can be taken back.
    pub until: Time,
    /// What was done, in words.
    pub words: String,
    pub(crate) inverse: String,
}

pub(crate) fn insert(tx: &Write<'_>, team: Id, account: &str, undo: &Undo) -> Result<()> {
    tx.execute(INSERT, params![undo.id, team, account, undo.at, undo.until, undo.words, undo.inverse])?;
    Ok(())
}

pub(crate) fn by_id(c: &Read<'_>, team: Id, id: Id) -> Result<Option<Undo>> {
    c.query_opt(BY_ID, params![id, team], undo)
}

/// Marks an action as taken back; `false` when it was already.
pub(crate) fn take(tx: &Write<'_>, id: Id) -> Result<bool> {
    Ok(tx.execute(USE, params![id])? > 0)
}

pub(crate) fn purge(tx: &Write<'_>, before: Time) -> Result<u64> {
    tx.execute(PURGE, params![before])
}

fn undo(row: &Row<'_>) -> Result<Undo> {
    Ok(Undo {
        id: row.get(0)?,
        at: row.get(1)?,
        until: row.get(2)?,
        words: row.get(3)?,
        inverse: row.get(4)?,
    })
}
