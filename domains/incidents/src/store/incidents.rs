//! Incidents.

use kit::db::{Read, Row, Write};
use kit::{Id, Result, params, statements};

use super::{label, named, tlp};
use crate::model::{Incident, IncidentStatus};

statements! {
    INSERT = "INSERT INTO incident (id, team, number, status, title, description, classification, severity, tlp, owner, owner_name,
            opened_at, opened_by, resolution, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', 1)";
    BY_ID = "SELECT id, team, number, status, title, description, classification, severity, tlp, owner, owner_name, opened_at,
            opened_by, closed_at, resolution, version
        FROM incident WHERE id = $1 AND team = $2";
    BY_NUMBER = "SELECT id, team, number, status, title, description, classification, severity, tlp, owner, owner_name, opened_at,
            opened_by, closed_at, resolution, version
        FROM incident WHERE team = $1 AND number = $2";
    LIST = "SELECT id, team, number, status, title, description, classification, severity, tlp, owner, owner_name, opened_at,
            opened_by, closed_at, resolution, version
        FROM incident WHERE team = $1 AND status = $2 AND (opened_at, id) < ($3, $4)
        ORDER BY opened_at DESC, id DESC LIMIT $5";
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM incident WHERE team = $1 AND status = $2 LIMIT 10000) AS few";
    SAVE = "UPDATE incident SET status = $3, title = $4, description = $5, classification = $6, severity = $7, tlp = $8, owner = $9,
            owner_name = $10, closed_at = $11, resolution = $12, version = version + 1
        WHERE id = $1 AND version = $2";
}

pub(crate) fn insert(tx: &Write<'_>, i: &Incident) -> Result<()> {
    tx.execute(
        INSERT,
        params![
            i.id,
            i.team,
            i.number,
            i.status.name(),
            i.title,
            i.description,
            i.classification,
            i.severity.name(),
            label(i.tlp),
            i.owner,
            i.owner_name,
            i.opened_at,
            i.opened_by
        ],
    )?;
    Ok(())
}

pub(crate) fn by_id(c: &Read<'_>, team: Id, id: Id) -> Result<Option<Incident>> {
    c.query_opt(BY_ID, params![id, team], incident)
}

pub(crate) fn by_number(c: &Read<'_>, team: Id, number: i64) -> Result<Option<Incident>> {
    c.query_opt(BY_NUMBER, params![team, number], incident)
}

/// Newest first, those opened before `before`.
pub(crate) fn list(
    c: &Read<'_>,
    team: Id,
    status: IncidentStatus,
    before: (kit::Time, Id),
    limit: i64,
) -> Result<Vec<Incident>> {
    c.query(LIST, params![team, status.name(), before.0, before.1, limit], incident)
}

pub(crate) fn count(c: &Read<'_>, team: Id, status: IncidentStatus) -> Result<i64> {
    c.query_one(COUNT, params![team, status.name()], |row| row.get(0))
}

/// Stores what can change of an incident; `false` when somebody else changed it since it was read.
pub(crate) fn save(tx: &Write<'_>, i: &Incident) -> Result<bool> {
    let changed = tx.execute(
        SAVE,
        params![
            i.id,
            i.version,
            i.status.name(),
            i.title,
            i.description,
            i.classification,
            i.severity.name(),
            label(i.tlp),
            i.owner,
            i.owner_name,
            i.closed_at,
            i.resolution
        ],
    )?;
    Ok(changed > 0)
}

fn incident(row: &Row<'_>) -> Result<Incident> {
    Ok(Incident {
        id: row.get(0)?,
        team: row.get(1)?,
        number: row.get(2)?,
        status: named(row, 3)?,
        title: row.get(4)?,
        description: row.get(5)?,
        classification: row.get(6)?,
        severity: named(row, 7)?,
        tlp: tlp(row, 8)?,
        owner: row.get(9)?,
        owner_name: row.get(10)?,
        opened_at: row.get(11)?,
        opened_by: row.get(12)?,
        closed_at: row.get(13)?,
        resolution: row.get(14)?,
        version: row.get(15)?,
    })
}
