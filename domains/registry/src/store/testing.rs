//! What tests see of the mail queue.

use kit::{Digest, Id, Read, Result, Write, params, statements};

statements! {
    QUEUED = "SELECT id, recipient, return_path, blob FROM mail_out ORDER BY queued_at, id";
    RELAYED = "UPDATE mail_out SET state = $2, reply = $3 WHERE id = $1";
}

/// Id, recipient, return path and bytes of all mails.
pub(crate) fn queued(c: &Read<'_>) -> Result<Vec<(Id, String, String, Digest)>> {
    c.query(QUEUED, &[], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, Digest::from_slice(&row.get::<Vec<u8>>(3)?)?))
    })
}

/// The relay has answered.
pub(crate) fn relayed(tx: &Write<'_>, id: Id, state: &str, words: &str) -> Result<()> {
    tx.execute(RELAYED, params![id, state, words])?;
    Ok(())
}
