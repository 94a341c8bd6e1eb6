//! Signed descriptions, as the teams gave them.

use kit::{Id, Read, Result, Time, Write, params, statements};

statements! {
    SIGNED = "SELECT text, signed, is_clear, fingerprint, added FROM team_description WHERE team = $1";
    PUT = "INSERT INTO team_description (team, text, signed, is_clear, fingerprint, added) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (team) DO UPDATE SET text = $2, signed = $3, is_clear = $4, fingerprint = $5, added = $6";
    DROP = "DELETE FROM team_description WHERE team = $1";
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The description that was signed, exactly.
    pub(super) text: Vec<u8>,
    /// The signature, or the clear-signed text.
    pub(super) signed: Vec<u8>,
    pub(super) is_clear: bool,
    pub(super) fingerprint: String,
    pub(super) added: Time,
}

pub(super) fn signed(c: &Read<'_>, team: Id) -> Result<Option<Row>> {
    c.query_opt(SIGNED, params![team], |row| {
        Ok(Row {
            text: row.get(0)?,
            signed: row.get(1)?,
            is_clear: row.get(2)?,
            fingerprint: row.get(3)?,
            added: row.get(4)?,
        })
    })
}

pub(super) fn put(tx: &Write<'_>, team: Id, row: &Row) -> Result<()> {
    let (text, signed) = (row.text.as_slice(), row.signed.as_slice());
    tx.execute(PUT, params![team, text, signed, row.is_clear, row.fingerprint, row.added]).map(drop)
}

/// `false` when there was none.
pub(super) fn drop_one(tx: &Write<'_>, team: Id) -> Result<bool> {
    Ok(tx.execute(DROP, params![team])? == 1)
}
