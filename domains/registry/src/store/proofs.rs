//! Signed texts that were acted on, and the keys that sign.

use kit::{Digest, Id, Read, Result, Time, Write, params, statements};

statements! {
    TAKE = "INSERT INTO registry_proof (digest, fingerprint, made_at, used_at, used_by) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (digest) DO NOTHING";
    USED = "SELECT used_at, used_by FROM registry_proof WHERE digest = $1";
    COPIED = "UPDATE registry_proof SET copied_at = $2 WHERE digest = $1 AND copied_at IS NULL";
    FORGET = "DELETE FROM registry_proof WHERE used_at < $1";
    KEY_STATE = "SELECT count(*), COALESCE(max(imported_at), 0), COALESCE(max(seq), 0) FROM registry_object
        WHERE source = $1 AND class = 'key-cert'";
    KEY_CERTS = "SELECT raw FROM registry_object WHERE source = $1 AND class = 'key-cert' ORDER BY key";
}

/// A signed text at its first use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use<'a> {
    /// Of signer, time and text.
    pub(crate) digest: Digest,
    /// The signer's, in upper-case hex.
    pub(crate) fingerprint: &'a str,
    pub(crate) made_at: Time,
    /// The mail or request.
    pub(crate) by: Id,
}

/// Notes the use of a signed text. The time of its first use when another mail or request had it before: then it does
/// not count again.
pub(crate) fn take(tx: &Write<'_>, of: Use<'_>, now: Time) -> Result<Option<Time>> {
    let digest = of.digest.as_bytes().to_vec();
    let taken = tx.execute(TAKE, params![digest, of.fingerprint, of.made_at, now, of.by])?;
    if taken > 0 {
        return Ok(None);
    }
    let (at, by): (Time, Id) = tx.query_one(USED, params![digest], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((by != of.by).then_some(at))
}

/// Notes that a copy came; `true` for the first one.
pub(crate) fn copied(tx: &Write<'_>, digest: Digest, now: Time) -> Result<bool> {
    Ok(tx.execute(COPIED, params![digest.as_bytes().to_vec(), now])? > 0)
}

/// Forgets what was used before `before`.
pub(crate) fn forget(tx: &Write<'_>, before: Time) -> Result<()> {
    tx.execute(FORGET, params![before])?;
    Ok(())
}

/// Changes whenever a key of `source` does.
pub(crate) fn key_state(c: &Read<'_>, source: &str) -> Result<(i64, Time, i64)> {
    c.query_one(KEY_STATE, params![source], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// The texts of all `key-cert` objects of `source`.
pub(crate) fn key_certs(c: &Read<'_>, source: &str) -> Result<Vec<Vec<u8>>> {
    c.query(KEY_CERTS, params![source], |row| row.get(0))
}
