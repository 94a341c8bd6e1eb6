//! Mailboxes of this node's own objects: when somebody last answered there.

use kit::{Digest, Read, Result, Row, Time, Write, named, params, statements};

statements! {
    SEEN = "INSERT INTO registry_contact (address, first_seen, last_seen, asks, failure, changed_at)
        VALUES ($1, $2, $2, 0, '', $2) ON CONFLICT (address) DO UPDATE SET last_seen = excluded.last_seen";
    ALL = "SELECT address, last_seen, confirmed_at, confirmed_by, asks, first_asked, last_asked, failed_at, failure
        FROM registry_contact ORDER BY address";
    BY_ADDRESS = "SELECT address, last_seen, confirmed_at, confirmed_by, asks, first_asked, last_asked, failed_at, failure
        FROM registry_contact WHERE address = $1";
    BY_TOKEN = "SELECT address, last_seen, confirmed_at, confirmed_by, asks, first_asked, last_asked, failed_at, failure
        FROM registry_contact WHERE token = $1";
    DUE = "SELECT address, last_seen, confirmed_at, confirmed_by, asks, first_asked, last_asked, failed_at, failure
        FROM registry_contact WHERE last_seen >= $1 AND (
            (failed_at IS NULL AND asks = 0 AND (confirmed_at IS NULL OR confirmed_at <= $2))
            OR (failed_at IS NULL AND asks BETWEEN 1 AND 2 AND last_asked <= $3)
            OR (asks > 0 AND last_asked <= $2 AND (failed_at IS NULL OR failed_at <= $2)))
        ORDER BY asks DESC, first_seen, address LIMIT $4";
    WAITING = "SELECT address, last_seen, confirmed_at, confirmed_by, asks, first_asked, last_asked, failed_at, failure
        FROM registry_contact WHERE asks > 0 AND failed_at IS NULL ORDER BY last_asked DESC LIMIT $1";
    ASKED = "UPDATE registry_contact SET asks = $2, first_asked = COALESCE(first_asked, $3), last_asked = $3, token = $4,
        failed_at = NULL, failure = '', changed_at = $3 WHERE address = $1";
    CONFIRM = "UPDATE registry_contact SET confirmed_at = $2, confirmed_by = $3, asks = 0, first_asked = NULL,
        last_asked = NULL, token = NULL, failed_at = NULL, failure = '', changed_at = $2 WHERE address = $1";
    FAIL = "UPDATE registry_contact SET failed_at = $2, failure = $3, changed_at = $2
        WHERE address = $1 AND failed_at IS NULL";
    STATE = "SELECT count(*), COALESCE(max(changed_at), 0) FROM registry_contact";
    OBJECTS = "SELECT seq, raw FROM registry_object WHERE source = $1 AND class = $2 AND seq > $3 ORDER BY seq LIMIT $4";
}

named! {
    /// How an address was confirmed.
    pub enum Confirmation {
        /// Somebody answered a mail to it, or followed the link in one.
        Mail = "mail",
        /// Its object was changed with a signature.
        Update = "update",
        /// The node's people say so.
        Hand = "hand",
    }
}

/// What is known of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    /// In lower case.
    pub(crate) address: String,
    /// When it last stood in an object.
    pub(crate) last_seen: Time,
    pub(crate) confirmed: Option<(Time, Confirmation)>,
    /// Mails that asked since then.
    pub(crate) asks: i64,
    pub(crate) first_asked: Option<Time>,
    pub(crate) last_asked: Option<Time>,
    /// When a mail could not be delivered, and what was said then.
    pub(crate) failed: Option<(Time, String)>,
}

/// Notes that `address` stands in an object.
pub(crate) fn seen(tx: &Write<'_>, address: &str, now: Time) -> Result<()> {
    tx.execute(SEEN, params![address, now])?;
    Ok(())
}

pub(crate) fn all(c: &Read<'_>) -> Result<Vec<Contact>> {
    c.query(ALL, &[], contact)
}

pub(crate) fn by_address(c: &Read<'_>, address: &str) -> Result<Option<Contact>> {
    c.query_opt(BY_ADDRESS, params![address], contact)
}

/// Whose link carries the secret with this digest.
pub(crate) fn by_token(c: &Read<'_>, token: Digest) -> Result<Option<Contact>> {
    c.query_opt(BY_TOKEN, params![token.as_bytes().to_vec()], contact)
}

/// When contacts are to be asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct When {
    /// Those that stood in an object since.
    pub(crate) seen_since: Time,
    /// Those that were confirmed, asked in vain or unreachable by then.
    pub(crate) good_until: Time,
    /// Those whose last mail is as old.
    pub(crate) asked_by: Time,
}

/// Up to `limit` contacts to be asked now, those who were asked already first.
pub(crate) fn due(c: &Read<'_>, when: When, limit: i64) -> Result<Vec<Contact>> {
    c.query(DUE, params![when.seen_since, when.good_until, when.asked_by, limit], contact)
}

/// Up to `limit` contacts that were asked and have neither answered nor failed, those asked last first.
pub(crate) fn waiting(c: &Read<'_>, limit: i64) -> Result<Vec<Contact>> {
    c.query(WAITING, params![limit], contact)
}

/// Notes the mail number `asks` that asks, with the digest of its secret.
pub(crate) fn asked(tx: &Write<'_>, address: &str, asks: i64, now: Time, token: Digest) -> Result<()> {
    tx.execute(ASKED, params![address, asks, now, token.as_bytes().to_vec()])?;
    Ok(())
}

/// Notes that somebody answered; `false` when the address is not known.
pub(crate) fn confirm(tx: &Write<'_>, address: &str, by: Confirmation, now: Time) -> Result<bool> {
    Ok(tx.execute(CONFIRM, params![address, now, by.name()])? > 0)
}

/// Notes that a mail could not be delivered; `false` when that was known.
pub(crate) fn fail(tx: &Write<'_>, address: &str, words: &str, now: Time) -> Result<bool> {
    Ok(tx.execute(FAIL, params![address, now, words])? > 0)
}

/// Changes whenever what is known of a contact does.
pub(crate) fn state(c: &Read<'_>) -> Result<(i64, Time)> {
    c.query_one(STATE, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Row and text of up to `limit` objects of a class behind row `after`.
pub(crate) fn objects(
    c: &Read<'_>,
    source: &str,
    class: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Vec<u8>)>> {
    c.query(OBJECTS, params![source, class, after, limit], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn contact(row: &Row<'_>) -> Result<Contact> {
    let (confirmed_at, confirmed_by): (Option<Time>, Option<String>) = (row.get(2)?, row.get(3)?);
    let by = confirmed_by.map(|by| by.parse()).transpose()?;
    let (failed_at, failure): (Option<Time>, String) = (row.get(7)?, row.get(8)?);
    Ok(Contact {
        address: row.get(0)?,
        last_seen: row.get(1)?,
        confirmed: confirmed_at.zip(by),
        asks: row.get(4)?,
        first_asked: row.get(5)?,
        last_asked: row.get(6)?,
        failed: failed_at.map(|at| (at, failure)),
    })
}
