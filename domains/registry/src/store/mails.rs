//! Mails to the registry's own address.

use kit::{Digest, Id, Read, Result, Row, Time, Write, named, params, statements};

statements! {
    INSERT = "INSERT INTO registry_mail (id, received_at, envelope_from, recipient, peer, blob, state, answered, proven, note)
        VALUES ($1, $2, $3, $4, $5, $6, 'waiting', '', FALSE, '')";
    BY_ID = "SELECT id, received_at, envelope_from, recipient, peer, blob, state FROM registry_mail WHERE id = $1";
    SETTLE = "UPDATE registry_mail SET state = $2, answered = $3, proven = $4, note = $5
        WHERE id = $1 AND state = 'waiting'";
    ANSWERED = "SELECT count(*) FROM registry_mail WHERE answered = $1 AND proven = $2 AND received_at > $3";
    ANSWERED_ALL = "SELECT count(*) FROM registry_mail WHERE answered <> '' AND proven = FALSE AND received_at > $1";
}

named! {
    /// What became of a mail.
    pub enum MailState {
        /// It is acknowledged to whoever handed it over, and not read yet.
        Waiting = "waiting",
        /// It was read, and an answer is on its way.
        Answered = "answered",
        /// It was read, and nobody gets an answer.
        Silent = "silent",
    }
}

/// A mail as it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegistryMail {
    pub(crate) id: Id,
    pub(crate) received_at: Time,
    /// Empty for the null path of bounces.
    pub(crate) envelope_from: String,
    /// The addresses of the registry that it was sent to, parted by blanks.
    pub(crate) recipient: String,
    pub(crate) peer: String,
    pub(crate) blob: Digest,
    pub(crate) state: MailState,
}

/// What became of a mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Whom the answer goes to; empty when there is none.
    pub(crate) answered: String,
    /// A signature proves that somebody who is known has sent it.
    pub(crate) proven: bool,
    /// In words.
    pub(crate) note: String,
}

pub(crate) fn insert(tx: &Write<'_>, mail: &RegistryMail) -> Result<()> {
    let blob = mail.blob.as_bytes().to_vec();
    tx.execute(
        INSERT,
        params![mail.id, mail.received_at, mail.envelope_from, mail.recipient, mail.peer, blob],
    )?;
    Ok(())
}

pub(crate) fn by_id(c: &Read<'_>, id: Id) -> Result<Option<RegistryMail>> {
    c.query_opt(BY_ID, params![id], mail)
}

/// Writes what became of a mail; `false` when that was written before.
pub(crate) fn settle(tx: &Write<'_>, id: Id, settled: &Settled) -> Result<bool> {
    let state = if settled.answered.is_empty() { MailState::Silent } else { MailState::Answered };
    let values = params![id, state.name(), settled.answered, settled.proven, settled.note];
    Ok(tx.execute(SETTLE, values)? > 0)
}

/// How many answers `address` got to mails received since `since`.
pub(crate) fn answered(c: &Read<'_>, address: &str, proven: bool, since: Time) -> Result<i64> {
    c.query_one(ANSWERED, params![address, proven, since], |row| row.get(0))
}

/// How many answers went to senders who proved nothing, to mails received since `since`.
pub(crate) fn answered_unproven(c: &Read<'_>, since: Time) -> Result<i64> {
    c.query_one(ANSWERED_ALL, params![since], |row| row.get(0))
}

fn mail(row: &Row<'_>) -> Result<RegistryMail> {
    Ok(RegistryMail {
        id: row.get(0)?,
        received_at: row.get(1)?,
        envelope_from: row.get(2)?,
        recipient: row.get(3)?,
        peer: row.get(4)?,
        blob: Digest::from_slice(&row.get::<Vec<u8>>(5)?)?,
        state: row.get::<String>(6)?.parse()?,
    })
}
