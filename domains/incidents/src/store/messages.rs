//! Mails and notes of the cases.

use kit::db::{Read, Row, Write};
use kit::{Digest, Error, Id, Result, params, statements};

use super::{label, named, tlp};
use crate::model::{Case, Message};

statements! {
    INSERT = "INSERT INTO message (id, team, report, incident, investigation, direction, kind, at, written_at, blob, from_address,
            from_name, recipients, subject, preview, message_id, fingerprint, tlp, signature, signature_words, encrypted, parts,
            notes, same, author)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, 0, $24)";
    BY_ID = "SELECT id, team, report, incident, investigation, direction, kind, at, written_at, blob, from_address, from_name,
            recipients, subject, preview, message_id, fingerprint, tlp, signature, signature_words, encrypted, parts, notes, same, author
        FROM message WHERE id = $1 AND team = $2";
    OF_REPORT = "SELECT id, team, report, incident, investigation, direction, kind, at, written_at, blob, from_address, from_name,
            recipients, subject, preview, message_id, fingerprint, tlp, signature, signature_words, encrypted, parts, notes, same, author
        FROM message WHERE report = $1 ORDER BY at DESC, id DESC LIMIT 500";
    OF_INVESTIGATION = "SELECT id, team, report, incident, investigation, direction, kind, at, written_at, blob, from_address, from_name,
            recipients, subject, preview, message_id, fingerprint, tlp, signature, signature_words, encrypted, parts, notes, same, author
        FROM message WHERE investigation = $1 ORDER BY at DESC, id DESC LIMIT 500";
    OF_INCIDENT = "SELECT id, team, report, incident, investigation, direction, kind, at, written_at, blob, from_address, from_name,
            recipients, subject, preview, message_id, fingerprint, tlp, signature, signature_words, encrypted, parts, notes, same, author
        FROM message WHERE incident = $1 ORDER BY at DESC, id DESC LIMIT 500";
    BY_MESSAGE_ID = "SELECT id, team, report, incident, investigation, direction, kind, at, written_at, blob, from_address, from_name,
            recipients, subject, preview, message_id, fingerprint, tlp, signature, signature_words, encrypted, parts, notes, same, author
        FROM message WHERE team = $1 AND message_id = $2 ORDER BY at LIMIT 1";
    BY_FINGERPRINT = "SELECT id, team, report, incident, investigation, direction, kind, at, written_at, blob, from_address, from_name,
            recipients, subject, preview, message_id, fingerprint, tlp, signature, signature_words, encrypted, parts, notes, same, author
        FROM message WHERE team = $1 AND fingerprint = $2 ORDER BY at LIMIT 1";
    SAME = "UPDATE message SET same = same + 1 WHERE id = $1";
    DELETE = "DELETE FROM message WHERE id = $1";
}

pub(crate) fn insert(tx: &Write<'_>, m: &Message) -> Result<()> {
    let (report, incident, investigation) = match m.case {
        Case::Report(id) => (Some(id), None, None),
        Case::Incident(id) => (None, Some(id), None),
        Case::Investigation(id) => (None, None, Some(id)),
    };
    let direction = if m.incoming { "in" } else { "out" };
    let blob = m.blob.map(|blob| blob.as_bytes().to_vec());
    let notes = serde_json::to_string(&m.notes).map_err(|error| Error::Corrupt(error.to_string()))?;
    tx.execute(
        INSERT,
        params![
            m.id,
            m.team,
            report,
            incident,
            investigation,
            direction,
            m.kind,
            m.at,
            m.written_at,
            blob,
            m.from_address,
            m.from_name,
            m.recipients,
            m.subject,
            m.preview,
            m.message_id,
            m.fingerprint.as_bytes(),
            label(m.tlp),
            m.signature.name(),
            m.signature_words,
            m.encrypted,
            m.parts,
            notes,
            m.author
        ],
    )?;
    Ok(())
}

pub(crate) fn by_id(c: &Read<'_>, team: Id, id: Id) -> Result<Option<Message>> {
    c.query_opt(BY_ID, params![id, team], message)
}

/// The newest 500 messages of a case, oldest first: what came last is what must be seen.
pub(crate) fn of(c: &Read<'_>, case: Case) -> Result<Vec<Message>> {
    let sql = match case {
        Case::Report(_) => OF_REPORT,
        Case::Incident(_) => OF_INCIDENT,
        Case::Investigation(_) => OF_INVESTIGATION,
    };
    let mut newest = c.query(sql, params![case.id()], message)?;
    newest.reverse();
    Ok(newest)
}

pub(crate) fn by_message_id(c: &Read<'_>, team: Id, message_id: &str) -> Result<Option<Message>> {
    c.query_opt(BY_MESSAGE_ID, params![team, message_id], message)
}

pub(crate) fn by_fingerprint(c: &Read<'_>, team: Id, fingerprint: Digest) -> Result<Option<Message>> {
    c.query_opt(BY_FINGERPRINT, params![team, fingerprint.as_bytes()], message)
}

pub(crate) fn same_again(tx: &Write<'_>, id: Id) -> Result<()> {
    tx.execute(SAME, params![id])?;
    Ok(())
}

/// Removes one that was undone before it left.
pub(crate) fn delete(tx: &Write<'_>, id: Id) -> Result<()> {
    tx.execute(DELETE, params![id])?;
    Ok(())
}

fn message(row: &Row<'_>) -> Result<Message> {
    let case = match (row.get(2)?, row.get(3)?, row.get(4)?) {
        (Some(id), None, None) => Case::Report(id),
        (None, Some(id), None) => Case::Incident(id),
        (None, None, Some(id)) => Case::Investigation(id),
        _ => return Err(Error::Corrupt("a message belongs to exactly one case".into())),
    };
    let direction: String = row.get(5)?;
    let notes: String = row.get(22)?;
    let blob: Option<Vec<u8>> = row.get(9)?;
    Ok(Message {
        id: row.get(0)?,
        team: row.get(1)?,
        case,
        incoming: direction == "in",
        kind: row.get(6)?,
        at: row.get(7)?,
        written_at: row.get(8)?,
        blob: blob.map(|blob| Digest::from_slice(&blob)).transpose()?,
        from_address: row.get(10)?,
        from_name: row.get(11)?,
        recipients: row.get(12)?,
        subject: row.get(13)?,
        preview: row.get(14)?,
        message_id: row.get(15)?,
        fingerprint: Digest::from_slice(&row.get::<Vec<u8>>(16)?)?,
        tlp: tlp(row, 17)?,
        signature: named(row, 18)?,
        signature_words: row.get(19)?,
        encrypted: row.get(20)?,
        parts: row.get(21)?,
        notes: serde_json::from_str(&notes).unwrap_or_default(),
        same: row.get(23)?,
        author: row.get(24)?,
    })
}
