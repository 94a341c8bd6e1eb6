//! Reports, and their links to incidents.

use kit::db::{Read, Row, Write};
use kit::{Id, Result, Time, params, statements};

use super::{label, named, tlp};
use crate::model::{Report, ReportStatus};

statements! {
    INSERT = "INSERT INTO report (id, team, number, status, machine, kind, subject, from_address, from_name, received_at, due_at,
            tlp, signature, owner_name, same, flagged, first_message, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', 0, $14, $15, 1)";
    BY_ID = "SELECT id, team, number, status, machine, kind, subject, from_address, from_name, received_at, due_at, answered_at,
            closed_at, tlp, signature, owner, owner_name, same, flagged, first_message, version
        FROM report WHERE id = $1 AND team = $2";
    BY_NUMBER = "SELECT id, team, number, status, machine, kind, subject, from_address, from_name, received_at, due_at, answered_at,
            closed_at, tlp, signature, owner, owner_name, same, flagged, first_message, version
        FROM report WHERE team = $1 AND number = $2";
    TO_DECIDE = "SELECT id, team, number, status, machine, kind, subject, from_address, from_name, received_at, due_at, answered_at,
            closed_at, tlp, signature, owner, owner_name, same, flagged, first_message, version
        FROM report WHERE team = $1 AND machine = $2 AND status = 'new' AND (due_at, id) > ($3, $4)
        ORDER BY due_at, id LIMIT $5";
    MINE = "SELECT id, team, number, status, machine, kind, subject, from_address, from_name, received_at, due_at, answered_at,
            closed_at, tlp, signature, owner, owner_name, same, flagged, first_message, version
        FROM report WHERE team = $1 AND owner = $2 AND status IN ('new', 'open') AND (due_at, id) > ($3, $4)
        ORDER BY due_at, id LIMIT $5";
    NEWEST = "SELECT id, team, number, status, machine, kind, subject, from_address, from_name, received_at, due_at, answered_at,
            closed_at, tlp, signature, owner, owner_name, same, flagged, first_message, version
        FROM report WHERE team = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    CLOSED = "SELECT id, team, number, status, machine, kind, subject, from_address, from_name, received_at, due_at, answered_at,
            closed_at, tlp, signature, owner, owner_name, same, flagged, first_message, version
        FROM report WHERE team = $1 AND status = $2 AND closed_at >= $3 ORDER BY closed_at DESC, id LIMIT $4";
    OF_INCIDENT = "SELECT r.id, r.team, r.number, r.status, r.machine, r.kind, r.subject, r.from_address, r.from_name, r.received_at,
            r.due_at, r.answered_at, r.closed_at, r.tlp, r.signature, r.owner, r.owner_name, r.same, r.flagged, r.first_message, r.version
        FROM report_incident l JOIN report r ON r.id = l.report WHERE l.incident = $1 ORDER BY r.received_at DESC, r.id LIMIT 500";
    COUNT_TO_DECIDE = "SELECT count(*) FROM (SELECT 1 FROM report WHERE team = $1 AND machine = $2 AND status = 'new' LIMIT 10000) AS few";
    COUNT_MINE = "SELECT count(*) FROM (SELECT 1 FROM report WHERE team = $1 AND owner = $2 AND status IN ('new', 'open') LIMIT 10000) AS few";
    COUNT_CLOSED = "SELECT count(*) FROM (SELECT 1 FROM report WHERE team = $1 AND status = $2 AND closed_at >= $3 LIMIT 10000) AS few";
    LAST_NUMBER = "SELECT number FROM report WHERE team = $1 ORDER BY number DESC LIMIT 1";
    SAVE = "UPDATE report SET status = $3, owner = $4, owner_name = $5, answered_at = $6, closed_at = $7, tlp = $8, version = version + 1
        WHERE id = $1 AND version = $2";
    SAME = "UPDATE report SET same = same + 1 WHERE id = $1";
    LINK = "INSERT INTO report_incident (report, incident, linked_at) VALUES ($1, $2, $3) ON CONFLICT (report, incident) DO NOTHING";
    UNLINK = "DELETE FROM report_incident WHERE report = $1 AND incident = $2";
    INCIDENTS_OF = "SELECT incident FROM report_incident WHERE report = $1 ORDER BY linked_at";
    COUNT_LINKED = "SELECT count(*) FROM report_incident WHERE incident = $1";
    PUT_TOKEN = "INSERT INTO reply_token (token, team, report) VALUES ($1, $2, $3)";
    TOKEN_OF = "SELECT token FROM reply_token WHERE report = $1 LIMIT 1";
    BY_TOKEN = "SELECT team, report FROM reply_token WHERE token = $1";
    ACKNOWLEDGED_SINCE = "SELECT count(*) FROM (SELECT 1 FROM acknowledged WHERE team = $1 AND at > $2 LIMIT 10000) AS few";
    FORGET_ACKNOWLEDGED = "DELETE FROM acknowledged WHERE at <= $1";
    ACKNOWLEDGE = "INSERT INTO acknowledged (team, address, at) VALUES ($1, $2, $3)
        ON CONFLICT (team, address) DO UPDATE SET at = EXCLUDED.at WHERE acknowledged.at <= $4";
}

pub(crate) fn insert(tx: &Write<'_>, r: &Report) -> Result<()> {
    tx.execute(
        INSERT,
        params![
            r.id,
            r.team,
            r.number,
            r.status.name(),
            r.machine,
            r.kind,
            r.subject,
            r.from_address,
            r.from_name,
            r.received_at,
            r.due_at,
            label(r.tlp),
            r.signature.name(),
            r.flagged,
            r.first_message
        ],
    )?;
    Ok(())
}

pub(crate) fn by_id(c: &Read<'_>, team: Id, id: Id) -> Result<Option<Report>> {
    c.query_opt(BY_ID, params![id, team], report)
}

pub(crate) fn by_number(c: &Read<'_>, team: Id, number: i64) -> Result<Option<Report>> {
    c.query_opt(BY_NUMBER, params![team, number], report)
}

/// The place in a list behind which the next page begins.
pub(crate) type After = (Time, Id);

pub(crate) fn to_decide(
    c: &Read<'_>,
    team: Id,
    machine: bool,
    after: After,
    limit: i64,
) -> Result<Vec<Report>> {
    c.query(TO_DECIDE, params![team, machine, after.0, after.1, limit], report)
}

pub(crate) fn mine(c: &Read<'_>, team: Id, owner: Id, after: After, limit: i64) -> Result<Vec<Report>> {
    c.query(MINE, params![team, owner, after.0, after.1, limit], report)
}

pub(crate) fn newest(c: &Read<'_>, team: Id, below: i64, limit: i64) -> Result<Vec<Report>> {
    c.query(NEWEST, params![team, below, limit], report)
}

pub(crate) fn closed(
    c: &Read<'_>,
    team: Id,
    status: ReportStatus,
    since: Time,
    limit: i64,
) -> Result<Vec<Report>> {
    c.query(CLOSED, params![team, status.name(), since, limit], report)
}

pub(crate) fn of_incident(c: &Read<'_>, incident: Id) -> Result<Vec<Report>> {
    c.query(OF_INCIDENT, params![incident], report)
}

/// Counts stop at 10,000: more than that nobody counts on a tab.
pub(crate) fn count_to_decide(c: &Read<'_>, team: Id, machine: bool) -> Result<i64> {
    c.query_one(COUNT_TO_DECIDE, params![team, machine], |row| row.get(0))
}

pub(crate) fn count_mine(c: &Read<'_>, team: Id, owner: Id) -> Result<i64> {
    c.query_one(COUNT_MINE, params![team, owner], |row| row.get(0))
}

pub(crate) fn count_closed(c: &Read<'_>, team: Id, status: ReportStatus, since: Time) -> Result<i64> {
    c.query_one(COUNT_CLOSED, params![team, status.name(), since], |row| row.get(0))
}

pub(crate) fn last_number(c: &Read<'_>, team: Id) -> Result<i64> {
    Ok(c.query_opt(LAST_NUMBER, params![team], |row| row.get(0))?.unwrap_or(0))
}

/// Stores what can change of a report; `false` when somebody else changed it since it was read.
pub(crate) fn save(tx: &Write<'_>, r: &Report) -> Result<bool> {
    let changed = tx.execute(
        SAVE,
        params![
            r.id,
            r.version,
            r.status.name(),
            r.owner,
            r.owner_name,
            r.answered_at,
            r.closed_at,
            label(r.tlp)
        ],
    )?;
    Ok(changed > 0)
}

pub(crate) fn same_again(tx: &Write<'_>, id: Id) -> Result<()> {
    tx.execute(SAME, params![id])?;
    Ok(())
}

pub(crate) fn link(tx: &Write<'_>, report: Id, incident: Id, at: Time) -> Result<bool> {
    Ok(tx.execute(LINK, params![report, incident, at])? > 0)
}

pub(crate) fn unlink(tx: &Write<'_>, report: Id, incident: Id) -> Result<()> {
    tx.execute(UNLINK, params![report, incident])?;
    Ok(())
}

pub(crate) fn incidents_of(c: &Read<'_>, report: Id) -> Result<Vec<Id>> {
    c.query(INCIDENTS_OF, params![report], |row| row.get(0))
}

pub(crate) fn count_linked(c: &Read<'_>, incident: Id) -> Result<i64> {
    c.query_one(COUNT_LINKED, params![incident], |row| row.get(0))
}

pub(crate) fn put_token(tx: &Write<'_>, token: &str, team: Id, report: Id) -> Result<()> {
    tx.execute(PUT_TOKEN, params![token, team, report])?;
    Ok(())
}

pub(crate) fn token_of(c: &Read<'_>, report: Id) -> Result<Option<String>> {
    c.query_opt(TOKEN_OF, params![report], |row| row.get(0))
}

/// The team and report to which the reply address with `token` belongs.
pub(crate) fn by_token(c: &Read<'_>, token: &str) -> Result<Option<(Id, Id)>> {
    c.query_opt(BY_TOKEN, params![token], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Notes that `address` is told now that its mail has come; `false` when it was told after `not_since`.
pub(crate) fn acknowledge(
    tx: &Write<'_>,
    team: Id,
    address: &str,
    now: Time,
    not_since: Time,
) -> Result<bool> {
    Ok(tx.execute(ACKNOWLEDGE, params![team, address, now, not_since])? > 0)
}

/// How many addresses of `team` were told after `since`; counting stops at 10,000.
pub(crate) fn acknowledged_since(c: &Read<'_>, team: Id, since: Time) -> Result<i64> {
    c.query_one(ACKNOWLEDGED_SINCE, params![team, since], |row| row.get(0))
}

/// Forgets who was told at `before` or earlier.
pub(crate) fn forget_acknowledged(tx: &Write<'_>, before: Time) -> Result<u64> {
    tx.execute(FORGET_ACKNOWLEDGED, params![before])
}

pub(super) fn report(row: &Row<'_>) -> Result<Report> {
    Ok(Report {
        id: row.get(0)?,
        team: row.get(1)?,
        number: row.get(2)?,
        status: named(row, 3)?,
        machine: row.get(4)?,
        kind: row.get(5)?,
        subject: row.get(6)?,
        from_address: row.get(7)?,
        from_name: row.get(8)?,
        received_at: row.get(9)?,
        due_at: row.get(10)?,
        answered_at: row.get(11)?,
        closed_at: row.get(12)?,
        tlp: tlp(row, 13)?,
        signature: named(row, 14)?,
        owner: row.get(15)?,
        owner_name: row.get(16)?,
        same: row.get(17)?,
        flagged: row.get(18)?,
        first_message: row.get(19)?,
        version: row.get(20)?,
    })
}
