//! Investigations.

use kit::db::{Read, Row, Write};
use kit::{Id, Result, params, statements};

use super::{label, named, tlp};
use crate::model::{Investigation, InvestigationStatus};

statements! {
    INSERT = "INSERT INTO investigation (id, team, number, incident, status, subject, recipient_team, recipient_name, recipient, chain,
            language, tlp, encrypted, addresses, reply_token, created_at, due_at, reminders, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, 1)";
    BY_ID = "SELECT id, team, number, incident, status, subject, recipient_team, recipient_name, recipient, chain, language, tlp,
            encrypted, addresses, reply_token, created_at, due_at, answered_at, reminders, closed_at, version
        FROM investigation WHERE id = $1 AND team = $2";
    BY_NUMBER = "SELECT id, team, number, incident, status, subject, recipient_team, recipient_name, recipient, chain, language, tlp,
            encrypted, addresses, reply_token, created_at, due_at, answered_at, reminders, closed_at, version
        FROM investigation WHERE team = $1 AND number = $2";
    BY_TOKEN = "SELECT id, team, number, incident, status, subject, recipient_team, recipient_name, recipient, chain, language, tlp,
            encrypted, addresses, reply_token, created_at, due_at, answered_at, reminders, closed_at, version
        FROM investigation WHERE reply_token = $1";
    OF_INCIDENT = "SELECT id, team, number, incident, status, subject, recipient_team, recipient_name, recipient, chain, language, tlp,
            encrypted, addresses, reply_token, created_at, due_at, answered_at, reminders, closed_at, version
        FROM investigation WHERE incident = $1 ORDER BY number";
    SAVE = "UPDATE investigation SET status = $3, due_at = $4, answered_at = $5, reminders = $6, closed_at = $7, version = version + 1
        WHERE id = $1 AND version = $2";
    DELETE = "DELETE FROM investigation WHERE id = $1";
}

pub(crate) fn insert(tx: &Write<'_>, i: &Investigation) -> Result<()> {
    let chain = serde_json::to_string(&i.chain).map_err(|error| kit::Error::Corrupt(error.to_string()))?;
    tx.execute(
        INSERT,
        params![
            i.id,
            i.team,
            i.number,
            i.incident,
            i.status.name(),
            i.subject,
            i.recipient_team,
            i.recipient_name,
            i.recipient,
            chain,
            i.language,
            label(i.tlp),
            i.encrypted,
            i.addresses,
            i.reply_token,
            i.created_at,
            i.due_at
        ],
    )?;
    Ok(())
}

pub(crate) fn by_id(c: &Read<'_>, team: Id, id: Id) -> Result<Option<Investigation>> {
    c.query_opt(BY_ID, params![id, team], investigation)
}

pub(crate) fn by_number(c: &Read<'_>, team: Id, number: i64) -> Result<Option<Investigation>> {
    c.query_opt(BY_NUMBER, params![team, number], investigation)
}

/// The investigation to which the reply address with `token` belongs.
pub(crate) fn by_token(c: &Read<'_>, token: &str) -> Result<Option<Investigation>> {
    c.query_opt(BY_TOKEN, params![token], investigation)
}

pub(crate) fn of_incident(c: &Read<'_>, incident: Id) -> Result<Vec<Investigation>> {
    c.query(OF_INCIDENT, params![incident], investigation)
}

/// Stores what can change of an investigation; `false` when somebody else changed it since it was read.
pub(crate) fn save(tx: &Write<'_>, i: &Investigation) -> Result<bool> {
    let changed = tx.execute(
        SAVE,
        params![i.id, i.version, i.status.name(), i.due_at, i.answered_at, i.reminders, i.closed_at],
    )?;
    Ok(changed > 0)
}

/// Removes one that was undone before its mail left.
pub(crate) fn delete(tx: &Write<'_>, id: Id) -> Result<()> {
    tx.execute(DELETE, params![id])?;
    Ok(())
}

fn investigation(row: &Row<'_>) -> Result<Investigation> {
    let chain: String = row.get(9)?;
    Ok(Investigation {
        id: row.get(0)?,
        team: row.get(1)?,
        number: row.get(2)?,
        incident: row.get(3)?,
        status: named::<InvestigationStatus>(row, 4)?,
        subject: row.get(5)?,
        recipient_team: row.get(6)?,
        recipient_name: row.get(7)?,
        recipient: row.get(8)?,
        chain: serde_json::from_str(&chain).unwrap_or_default(),
        language: row.get(10)?,
        tlp: tlp(row, 11)?,
        encrypted: row.get(12)?,
        addresses: row.get(13)?,
        reply_token: row.get(14)?,
        created_at: row.get(15)?,
        due_at: row.get(16)?,
        answered_at: row.get(17)?,
        reminders: row.get(18)?,
        closed_at: row.get(19)?,
        version: row.get(20)?,
    })
}
