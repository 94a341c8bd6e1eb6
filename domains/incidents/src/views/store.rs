//! SQL for pages alone: counts that stop early, and lists across the cases of an incident.

use kit::db::{Read, Row};
use kit::{Error, Id, Result, Time, params, statements};
use taxonomy::Tlp;

use super::timeline::Said;
use crate::model::{Case, CaseKind, Number, Outcome, SignatureState};

statements! {
    COUNT_FEW = "SELECT count(*) FROM (SELECT 1 FROM observable WHERE owner = $1 AND excluded IS NULL LIMIT 200) AS few";
    LAST = "SELECT n FROM observable WHERE owner = $1 ORDER BY n DESC LIMIT 1";
    SEEN_FEW = "SELECT count(*) FROM (SELECT 1 FROM observable o JOIN report r ON r.id = o.owner
        WHERE o.team = $1 AND o.value = $2 AND o.owner <> $3 LIMIT 10) AS few";
    SILENT = "SELECT v.number, v.recipient_name, v.due_at, v.reminders, i.number, i.title
        FROM investigation v JOIN incident i ON i.id = v.incident
        WHERE v.team = $1 AND v.status = 'open' AND v.answered_at IS NULL AND v.due_at <= $2 ORDER BY v.due_at LIMIT $3";
    ANSWERED = "SELECT v.number, v.recipient_name, v.answered_at, v.reminders, i.number, i.title
        FROM investigation v JOIN incident i ON i.id = v.incident
        WHERE v.team = $1 AND v.status = 'open' AND v.answered_at IS NOT NULL ORDER BY v.answered_at DESC LIMIT $2";
    MAIL_SINCE = "SELECT outcome, count(*) FROM mail_in WHERE team = $1 AND id >= $2 GROUP BY outcome ORDER BY outcome";
    INVESTIGATIONS_BY_INCIDENT = "SELECT count(*), sum(CASE WHEN answered_at IS NULL THEN 0 ELSE 1 END) FROM investigation WHERE incident = $1";
    OF_REPORTS = "SELECT m.id, m.at, m.direction, m.kind, m.from_address, m.from_name, m.recipients, m.subject, substr(m.preview, 1, 400),
            m.tlp, m.signature, m.encrypted, m.author, m.blob IS NOT NULL, 'IR', r.number
        FROM report_incident l JOIN report r ON r.id = l.report JOIN message m ON m.report = r.id
        WHERE l.incident = $1 ORDER BY m.at DESC LIMIT $2";
    OF_INVESTIGATIONS = "SELECT m.id, m.at, m.direction, m.kind, m.from_address, m.from_name, m.recipients, m.subject, substr(m.preview, 1, 400),
            m.tlp, m.signature, m.encrypted, m.author, m.blob IS NOT NULL, 'INV', v.number
        FROM investigation v JOIN message m ON m.investigation = v.id
        WHERE v.incident = $1 ORDER BY m.at DESC LIMIT $2";
    OF_INCIDENT = "SELECT m.id, m.at, m.direction, m.kind, m.from_address, m.from_name, m.recipients, m.subject, substr(m.preview, 1, 400),
            m.tlp, m.signature, m.encrypted, m.author, m.blob IS NOT NULL, 'INC', i.number
        FROM incident i JOIN message m ON m.incident = i.id
        WHERE i.id = $1 ORDER BY m.at DESC LIMIT $2";
    LINKED_AT = "SELECT r.number, l.linked_at FROM report_incident l JOIN report r ON r.id = l.report
        WHERE l.incident = $1 ORDER BY l.linked_at DESC LIMIT $2";
}

/// How many observables a report has; beyond 200 those left out by rule are counted, too.
pub(crate) fn count_observables(c: &Read<'_>, owner: Id) -> Result<i64> {
    let few: i64 = c.query_one(COUNT_FEW, params![owner], |row| row.get(0))?;
    if few < 200 {
        return Ok(few);
    }
    Ok(c.query_opt(LAST, params![owner], |row| row.get(0))?.unwrap_or(few))
}

/// In how many other reports `value` stands; counting stops at 10: a list of fifty rows asks this fifty times.
pub(crate) fn seen(c: &Read<'_>, team: Id, value: &str, besides: Id) -> Result<i64> {
    c.query_one(SEEN_FEW, params![team, value, besides], |row| row.get(0))
}

/// An investigation in a list of the desk.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `INV-…`
    pub(crate) number: Number,
    /// Who was asked.
    pub(crate) recipient: String,
    /// When the answer was due, or when it came.
    pub(crate) at: Time,
    /// How many reminders went out.
    pub(crate) reminders: i64,
    /// `INC-…`
    pub(crate) incident: Number,
    /// What that is called.
    pub(crate) title: String,
}

/// Investigations whose answer is overdue at `now`, the longest first.
pub(crate) fn silent(c: &Read<'_>, team: Id, now: Time, limit: i64) -> Result<Vec<Asked>> {
    c.query(SILENT, params![team, now, limit], asked)
}

/// Investigations that were answered and wait for us, the newest answer first.
pub(crate) fn answered(c: &Read<'_>, team: Id, limit: i64) -> Result<Vec<Asked>> {
    c.query(ANSWERED, params![team, limit], asked)
}

/// What became of the mails that came since `first`, an identifier made at that time.
pub(crate) fn mail_since(c: &Read<'_>, team: Id, first: Id) -> Result<Vec<(Outcome, i64)>> {
    c.query(MAIL_SINCE, params![team, first], |row| Ok((named(row, 0)?, row.get(1)?)))
}

/// How many investigations an incident has, and how many of them were answered.
pub(crate) fn investigations(c: &Read<'_>, incident: Id) -> Result<(i64, i64)> {
    c.query_one(INVESTIGATIONS_BY_INCIDENT, params![incident], |row| {
        Ok((row.get(0)?, row.get::<Option<i64>>(1)?.unwrap_or(0)))
    })
}

/// The newest messages of an incident, of its reports and of its investigations, the newest first.
pub(crate) fn messages_around(c: &Read<'_>, incident: Id, limit: i64) -> Result<Vec<Said>> {
    let mut all = c.query(OF_REPORTS, params![incident, limit], said)?;
    all.extend(c.query(OF_INVESTIGATIONS, params![incident, limit], said)?);
    all.extend(c.query(OF_INCIDENT, params![incident, limit], said)?);
    all.sort_by_key(|one| std::cmp::Reverse((one.at, one.id)));
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(all)
}

/// The reports of an incident with the times at which they were linked, the newest first.
pub(crate) fn linked_at(c: &Read<'_>, incident: Id, limit: i64) -> Result<Vec<(Number, Time)>> {
    c.query(LINKED_AT, params![incident, limit], |row| {
        Ok((Number { kind: CaseKind::Report, number: row.get(0)? }, row.get(1)?))
    })
}

/// The case that a message belongs to, by name.
pub(crate) fn name_of(c: &Read<'_>, team: Id, case: Case) -> Result<Option<Number>> {
    use crate::store::{incidents, investigations, reports};
    Ok(match case {
        Case::Report(id) => reports::by_id(c, team, id)?.map(|report| report.name()),
        Case::Incident(id) => incidents::by_id(c, team, id)?.map(|incident| incident.name()),
        Case::Investigation(id) => investigations::by_id(c, team, id)?.map(|one| one.name()),
    })
}

fn asked(row: &Row<'_>) -> Result<Asked> {
    Ok(Asked {
        number: Number { kind: CaseKind::Investigation, number: row.get(0)? },
        recipient: row.get(1)?,
        at: row.get(2)?,
        reminders: row.get(3)?,
        incident: Number { kind: CaseKind::Incident, number: row.get(4)? },
        title: row.get(5)?,
    })
}

fn said(row: &Row<'_>) -> Result<Said> {
    let direction: String = row.get(2)?;
    let (tlp, kind): (String, String) = (row.get(9)?, row.get(14)?);
    Ok(Said {
        id: row.get(0)?,
        at: row.get(1)?,
        incoming: direction == "in",
        kind: row.get(3)?,
        from_address: row.get(4)?,
        from_name: row.get(5)?,
        recipients: row.get(6)?,
        subject: row.get(7)?,
        text: row.get(8)?,
        tlp: Tlp::parse(&tlp).ok_or_else(|| Error::Corrupt(format!("{tlp:?} is no TLP label")))?,
        signature: named::<SignatureState>(row, 10)?,
        encrypted: row.get(11)?,
        author: row.get(12)?,
        has_original: row.get(13)?,
        case: Number { kind: kind.parse()?, number: row.get(15)? },
    })
}

fn named<T: std::str::FromStr>(row: &Row<'_>, index: usize) -> Result<T> {
    let name: String = row.get(index)?;
    name.parse().map_err(|_| {
        Error::Corrupt(format!("{name:?} in column {index} is no {}", std::any::type_name::<T>()))
    })
}
