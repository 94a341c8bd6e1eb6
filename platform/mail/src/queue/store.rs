//! All SQL of the queue.

use kit::db::{Read, Row, Write};
use kit::tables::{Kind, Table};
use kit::{Digest, Id, Result, Time, params, statements};

use super::{MailOut, State};

statements! {
    INSERT = "INSERT INTO mail_out (id, team, subject_of, message_id, return_path, recipient, blob, queued_at, leave_at, state, state_at, attempts, reply)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $8, 0, '')";
    BY_ID = "SELECT id, team, subject_of, message_id, return_path, recipient, blob, queued_at, leave_at, state, state_at, attempts, reply
        FROM mail_out WHERE id = $1";
    BY_RETURN_PATH = "SELECT id, team, subject_of, message_id, return_path, recipient, blob, queued_at, leave_at, state, state_at, attempts, reply
        FROM mail_out WHERE return_path = $1";
    BY_MESSAGE_ID = "SELECT id, team, subject_of, message_id, return_path, recipient, blob, queued_at, leave_at, state, state_at, attempts, reply
        FROM mail_out WHERE message_id = $1 ORDER BY queued_at LIMIT 1";
    ABOUT = "SELECT id, team, subject_of, message_id, return_path, recipient, blob, queued_at, leave_at, state, state_at, attempts, reply
        FROM mail_out WHERE subject_of = $1 ORDER BY queued_at, id";
    // A mail that had not left is the node's that wrote it: it leaves from there, or not at all.
    LETTER = "SELECT id, team, subject_of, message_id, return_path, recipient, blob, queued_at, leave_at,
        CASE WHEN state IN ('waiting', 'deferred') THEN 'cancelled' ELSE state END, state_at, attempts, reply FROM mail_out
        WHERE subject_of LIKE 'trust:%' OR subject_of LIKE 'drill:%' OR subject_of LIKE 'person:%'
        OR subject_of LIKE 'stranger:%' OR subject_of LIKE 'conduct-%' OR subject_of LIKE 'certificate:%' ORDER BY id";
    PUT_LETTER = "INSERT INTO mail_out (id, team, subject_of, message_id, return_path, recipient, blob, queued_at, leave_at,
        state, state_at, attempts, reply) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    HELD_UP = "SELECT count(*), min(queued_at) FROM mail_out WHERE state IN ('waiting', 'deferred') AND leave_at <= $1";
    LAST_WORDS = "SELECT reply FROM mail_out WHERE state = 'deferred' ORDER BY state_at DESC LIMIT 1";
    NEWEST_BLOBS = "SELECT blob FROM mail_out ORDER BY id DESC LIMIT $1";
    CHANGE = "UPDATE mail_out SET state = $3, state_at = $4, reply = $5 WHERE id = $1 AND state = $2";
    ATTEMPT = "UPDATE mail_out SET state = $2, state_at = $3, reply = $4, attempts = attempts + 1
        WHERE id = $1 AND state IN ('waiting', 'deferred')";
}

/// The letters of a community: they go along when its operation is handed over. Mails of cases stay.
pub const LETTERS: Table = Table {
    name: "mail_out",
    columns: &[
        ("id", Kind::Id),
        ("team", Kind::Id),
        ("subject_of", Kind::Text),
        ("message_id", Kind::Text),
        ("return_path", Kind::Text),
        ("recipient", Kind::Text),
        ("blob", Kind::Bytes),
        ("queued_at", Kind::Int),
        ("leave_at", Kind::Int),
        ("state", Kind::Text),
        ("state_at", Kind::Int),
        ("attempts", Kind::Int),
        ("reply", Kind::Text),
    ],
    select: LETTER,
    insert: PUT_LETTER,
};

pub(super) fn insert(tx: &Write<'_>, m: &MailOut) -> Result<()> {
    tx.execute(
        INSERT,
        params![
            m.id,
            m.team,
            m.subject_of,
            m.message_id,
            m.return_path,
            m.recipient,
            m.blob.as_bytes(),
            m.queued_at,
            m.leave_at,
            m.state.name()
        ],
    )?;
    Ok(())
}

pub(super) fn by_id(c: &Read<'_>, id: Id) -> Result<Option<MailOut>> {
    c.query_opt(BY_ID, params![id], mail)
}

pub(super) fn by_return_path(c: &Read<'_>, address: &str) -> Result<Option<MailOut>> {
    c.query_opt(BY_RETURN_PATH, params![address], mail)
}

pub(super) fn by_message_id(c: &Read<'_>, message_id: &str) -> Result<Option<MailOut>> {
    c.query_opt(BY_MESSAGE_ID, params![message_id], mail)
}

pub(super) fn about(c: &Read<'_>, subject_of: &str) -> Result<Vec<MailOut>> {
    c.query(ABOUT, params![subject_of], mail)
}

/// Moves the mail from one of the states `from` to `to`; `false` when it is in none of them.
pub(super) fn change(
    tx: &Write<'_>,
    id: Id,
    from: &[State],
    to: State,
    at: Time,
    words: &str,
) -> Result<bool> {
    for state in from {
        if tx.execute(CHANGE, params![id, state.name(), to.name(), at, words])? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn attempt(tx: &Write<'_>, id: Id, state: State, at: Time, words: &str) -> Result<()> {
    tx.execute(ATTEMPT, params![id, state.name(), at, words])?;
    Ok(())
}

/// How many mails should have left by `by` and have not, when the oldest was queued, and what the relay said last.
pub(super) fn held_up(c: &Read<'_>, by: Time) -> Result<(i64, Option<Time>, Option<String>)> {
    let (count, oldest) = c.query_one(HELD_UP, params![by], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((count, oldest, c.query_opt(LAST_WORDS, &[], |row| row.get(0))?))
}

/// The bytes of the newest mails.
pub(super) fn newest_blobs(c: &Read<'_>, limit: i64) -> Result<Vec<Digest>> {
    c.query(NEWEST_BLOBS, params![limit], |row| Digest::from_slice(&row.get::<Vec<u8>>(0)?))
}

fn mail(row: &Row<'_>) -> Result<MailOut> {
    let state: String = row.get(9)?;
    Ok(MailOut {
        id: row.get(0)?,
        team: row.get(1)?,
        subject_of: row.get(2)?,
        message_id: row.get(3)?,
        return_path: row.get(4)?,
        recipient: row.get(5)?,
        blob: Digest::from_slice(&row.get::<Vec<u8>>(6)?)?,
        queued_at: row.get(7)?,
        leave_at: row.get(8)?,
        state: state.parse()?,
        state_at: row.get(10)?,
        attempts: row.get(11)?,
        reply: row.get(12)?,
    })
}
