//! What was typed, and could not be sent yet.

use kit::{Id, Read, Result, Time, Write, params, statements};

statements! {
    KEEP = "INSERT INTO kept_form (digest, account, sealed, expires) VALUES ($1, $2, $3, $4)";
    KEPT = "SELECT account, sealed FROM kept_form WHERE digest = $1 AND expires > $2";
    MAKE_ROOM = "DELETE FROM kept_form WHERE account = $1 AND digest NOT IN
        (SELECT digest FROM kept_form WHERE account = $1 ORDER BY expires DESC, digest LIMIT $2)";
    FORGET = "DELETE FROM kept_form WHERE digest = $1";
    PURGE_KEPT = "DELETE FROM kept_form WHERE expires <= $1";
}

pub(crate) fn keep(
    tx: &Write<'_>,
    digest: &[u8; 32],
    account: Id,
    sealed: &[u8],
    expires: Time,
) -> Result<()> {
    tx.execute(KEEP, params![digest.as_slice(), account, sealed, expires]).map(drop)
}

/// Forgets the oldest forms of `account`, so that `most` stay.
pub(crate) fn make_room(tx: &Write<'_>, account: Id, most: i64) -> Result<()> {
    tx.execute(MAKE_ROOM, params![account, most]).map(drop)
}

pub(crate) fn kept(c: &Read<'_>, digest: &[u8; 32], now: Time) -> Result<Option<(Option<Id>, Vec<u8>)>> {
    c.query_opt(KEPT, params![digest.as_slice(), now], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(crate) fn forget(tx: &Write<'_>, digest: &[u8; 32]) -> Result<()> {
    tx.execute(FORGET, params![digest.as_slice()]).map(drop)
}

pub(crate) fn purge_kept(tx: &Write<'_>, now: Time) -> Result<u64> {
    tx.execute(PURGE_KEPT, params![now])
}
