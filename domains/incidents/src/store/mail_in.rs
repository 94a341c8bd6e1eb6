//! What was acknowledged.

use kit::db::{Read, Row, Write};
use kit::{Digest, Id, Result, Time, params, statements};

use super::named;
use crate::model::Outcome;

statements! {
    INSERT = "INSERT INTO mail_in (id, team, received_at, envelope_from, recipient, peer, blob, size, outcome, attempts, subject, note)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', 0, '', '')";
    BY_ID = "SELECT id, team, received_at, envelope_from, recipient, peer, blob, size, outcome, attempts, subject, note, message
        FROM mail_in WHERE id = $1";
    WAITING = "SELECT id FROM mail_in WHERE outcome = 'waiting' ORDER BY received_at LIMIT $1";
    OLDEST_WAITING = "SELECT count(*), min(received_at) FROM mail_in WHERE outcome = 'waiting' AND received_at <= $1";
    NEWEST_BLOBS = "SELECT blob FROM mail_in ORDER BY id DESC LIMIT $1";
    TRIED = "UPDATE mail_in SET attempts = attempts + 1 WHERE id = $1 AND outcome = 'waiting'";
    NOT_TRIED = "UPDATE mail_in SET attempts = attempts - 1 WHERE id = $1 AND outcome = 'waiting' AND attempts > 1";
    SETTLE = "UPDATE mail_in SET outcome = $2, subject = $3, note = $4, message = $5 WHERE id = $1 AND outcome = 'waiting'";
    NEWEST = "SELECT id, team, received_at, envelope_from, recipient, peer, blob, size, outcome, attempts, subject, note, message
        FROM mail_in WHERE team = $1 AND ($2 = '' OR outcome = $2) AND ($3 = FALSE OR id < $4) ORDER BY id DESC LIMIT $5";
}

/// One mail that was acknowledged.
#[derive(Debug, Clone)]
pub struct MailIn {
    /// Its identifier.
    pub id: Id,
    /// The team whose address it was sent to.
    pub team: Id,
    /// When it was taken.
    pub received_at: Time,
    /// The envelope's sender; empty for the null path.
    pub envelope_from: String,
    /// The envelope's recipient.
    pub recipient: String,
    /// Who handed it over.
    pub peer: String,
    /// Its bytes.
    pub blob: Digest,
    /// Their number.
    pub size: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// How often its opening was begun.
    pub attempts: i64,
    /// Its subject, once it was opened.
    pub subject: String,
    /// What was done with it, in words.
    pub note: String,
    /// The message made of it.
    pub message: Option<Id>,
}

pub(crate) fn insert(tx: &Write<'_>, mail: &MailIn) -> Result<()> {
    tx.execute(
        INSERT,
        params![
            mail.id,
            mail.team,
            mail.received_at,
            mail.envelope_from,
            mail.recipient,
            mail.peer,
            mail.blob.as_bytes(),
            mail.size
        ],
    )?;
    Ok(())
}

pub(crate) fn by_id(c: &Read<'_>, id: Id) -> Result<Option<MailIn>> {
    c.query_opt(BY_ID, params![id], mail)
}

pub(crate) fn waiting(c: &Read<'_>, limit: i64) -> Result<Vec<Id>> {
    c.query(WAITING, params![limit], |row| row.get(0))
}

/// How many mails that were taken by `by` are not placed, and when the oldest was taken.
pub(crate) fn left_waiting(c: &Read<'_>, by: Time) -> Result<(i64, Option<Time>)> {
    c.query_one(OLDEST_WAITING, params![by], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The bytes of the newest mails.
pub(crate) fn newest_blobs(c: &Read<'_>, limit: i64) -> Result<Vec<Digest>> {
    c.query(NEWEST_BLOBS, params![limit], |row| Digest::from_slice(&row.get::<Vec<u8>>(0)?))
}

pub(crate) fn tried(tx: &Write<'_>, id: Id) -> Result<()> {
    tx.execute(TRIED, params![id])?;
    Ok(())
}

/// Takes back [`tried`], but for the first: that one also says that nobody is at it any more.
pub(crate) fn not_tried(tx: &Write<'_>, id: Id) -> Result<()> {
    tx.execute(NOT_TRIED, params![id])?;
    Ok(())
}

/// Notes what became of a waiting mail; `false` when that was settled before.
pub(crate) fn settle(
    tx: &Write<'_>,
    id: Id,
    outcome: Outcome,
    subject: &str,
    note: &str,
    message: Option<Id>,
) -> Result<bool> {
    Ok(tx.execute(SETTLE, params![id, outcome.name(), subject, note, message])? > 0)
}

pub(crate) fn newest(
    c: &Read<'_>,
    team: Id,
    outcome: &str,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<MailIn>> {
    let paged = before.is_some();
    let before = before.unwrap_or(Id::from_bytes([0; 16]));
    c.query(NEWEST, params![team, outcome, paged, before, limit], mail)
}

fn mail(row: &Row<'_>) -> Result<MailIn> {
    Ok(MailIn {
        id: row.get(0)?,
        team: row.get(1)?,
        received_at: row.get(2)?,
        envelope_from: row.get(3)?,
        recipient: row.get(4)?,
        peer: row.get(5)?,
        blob: Digest::from_slice(&row.get::<Vec<u8>>(6)?)?,
        size: row.get(7)?,
        outcome: named(row, 8)?,
        attempts: row.get(9)?,
        subject: row.get(10)?,
        note: row.get(11)?,
        message: row.get(12)?,
    })
}
