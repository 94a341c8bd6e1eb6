//! One-time links.

use kit::{Id, Read, Result, Time, Write, params, statements};

statements! {
    INSERT_LINK = "INSERT INTO one_time_login (digest, account, expires) VALUES ($1, $2, $3)";
    LINK = "SELECT account FROM one_time_login WHERE digest = $1 AND expires > $2";
    USE_LINK = "DELETE FROM one_time_login WHERE digest = $1";
    DROP_LINKS = "DELETE FROM one_time_login WHERE account = $1";
    PURGE_LINKS = "DELETE FROM one_time_login WHERE expires <= $1";
}

pub(crate) fn insert_link(tx: &Write<'_>, digest: &[u8; 32], account: Id, expires: Time) -> Result<()> {
    drop_links(tx, account)?;
    tx.execute(INSERT_LINK, params![digest.as_slice(), account, expires]).map(drop)
}

pub(crate) fn drop_links(tx: &Write<'_>, account: Id) -> Result<()> {
    tx.execute(DROP_LINKS, params![account]).map(drop)
}

pub(crate) fn link(c: &Read<'_>, digest: &[u8; 32], now: Time) -> Result<Option<Id>> {
    c.query_opt(LINK, params![digest.as_slice(), now], |row| row.get(0))
}

/// Uses up the link; `false` when somebody else was faster.
pub(crate) fn use_link(tx: &Write<'_>, digest: &[u8; 32]) -> Result<bool> {
    Ok(tx.execute(USE_LINK, params![digest.as_slice()])? == 1)
}

/// Deletes the links that have ended by `now`.
pub(crate) fn purge_links(tx: &Write<'_>, now: Time) -> Result<u64> {
    tx.execute(PURGE_LINKS, params![now])
}
