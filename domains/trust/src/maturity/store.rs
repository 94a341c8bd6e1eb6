//! All SQL of assessments.

use kit::{Error, Id, Read, Result, Row, Time, Write, params, statements};

use super::assessment::Assessment;

statements! {
    INSERT = "INSERT INTO trust_assessment
        (id, team, model, profile, levels, begun_at, begun_by, finished_at, finished_by, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)";
    SAVE = "UPDATE trust_assessment SET model = $3, profile = $4, levels = $5, finished_at = $6, finished_by = $7,
        version = version + 1 WHERE id = $1 AND version = $2 AND finished_at IS NULL";
    DROP_DRAFT = "DELETE FROM trust_assessment WHERE team = $1 AND finished_at IS NULL";
    DRAFT = "SELECT id, team, model, profile, levels, begun_at, begun_by, finished_at, finished_by, version
        FROM trust_assessment WHERE team = $1 AND finished_at IS NULL ORDER BY begun_at, id LIMIT 1";
    OF_TEAM = "SELECT id, team, model, profile, levels, begun_at, begun_by, finished_at, finished_by, version
        FROM trust_assessment WHERE team = $1 AND finished_at IS NOT NULL ORDER BY finished_at DESC, id DESC LIMIT $2";
    BY_ID = "SELECT id, team, model, profile, levels, begun_at, begun_by, finished_at, finished_by, version
        FROM trust_assessment WHERE id = $1 AND team = $2";
    LATEST = "SELECT a.id, a.team, a.model, a.profile, a.levels, a.begun_at, a.begun_by, a.finished_at, a.finished_by, a.version
        FROM trust_assessment a WHERE a.model = $1 AND a.finished_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM trust_assessment b WHERE b.team = a.team AND b.model = a.model AND b.finished_at > a.finished_at)
        ORDER BY a.team, a.id";
}

pub(super) fn insert(tx: &Write<'_>, a: &Assessment) -> Result<()> {
    let (at, by) = a.finished.clone().unzip();
    tx.execute(
        INSERT,
        params![a.id, a.team, a.model, a.profile, json(a)?, a.begun.0, a.begun.1, at, by.unwrap_or_default()],
    )
    .map(drop)
}

/// Saves a draft whose version is `a.version`; `false` when it has another by now, or is finished.
pub(super) fn save(tx: &Write<'_>, a: &Assessment) -> Result<bool> {
    let (at, by) = a.finished.clone().unzip();
    let count =
        tx.execute(SAVE, params![a.id, a.version, a.model, a.profile, json(a)?, at, by.unwrap_or_default()])?;
    Ok(count > 0)
}

pub(super) fn drop_draft(tx: &Write<'_>, team: Id) -> Result<()> {
    tx.execute(DROP_DRAFT, params![team]).map(drop)
}

pub(super) fn draft(c: &Read<'_>, team: Id) -> Result<Option<Assessment>> {
    c.query_opt(DRAFT, params![team], assessment)
}

/// Up to `limit` finished assessments of a team, the newest first.
pub(super) fn of_team(c: &Read<'_>, team: Id, limit: i64) -> Result<Vec<Assessment>> {
    c.query(OF_TEAM, params![team, limit], assessment)
}

pub(super) fn by_id(c: &Read<'_>, id: Id, team: Id) -> Result<Option<Assessment>> {
    c.query_opt(BY_ID, params![id, team], assessment)
}

/// Each team's latest finished assessment by `model`.
pub(super) fn latest(c: &Read<'_>, model: &str) -> Result<Vec<Assessment>> {
    c.query(LATEST, params![model], assessment)
}

fn json(a: &Assessment) -> Result<String> {
    serde_json::to_string(&a.levels).map_err(|error| Error::Corrupt(format!("assessment: {error}")))
}

fn assessment(row: &Row<'_>) -> Result<Assessment> {
    let levels: String = row.get(4)?;
    let (at, by): (Option<Time>, String) = (row.get(7)?, row.get(8)?);
    Ok(Assessment {
        id: row.get(0)?,
        team: row.get(1)?,
        model: row.get(2)?,
        profile: row.get(3)?,
        levels: serde_json::from_str(&levels)
            .map_err(|error| Error::Corrupt(format!("assessment: {error}")))?,
        begun: (row.get(5)?, row.get(6)?),
        finished: at.map(|at| (at, by)),
        version: row.get(9)?,
    })
}
