//! Second factors: seeds of one-time codes, and recovery codes.

use kit::{Id, Read, Result, Write, params, statements};

statements! {
    OFFER_TOTP = "UPDATE account SET totp_unconfirmed = $2 WHERE id = $1";
    KEEP_TOTP = "UPDATE account SET totp_sealed = totp_unconfirmed, totp_unconfirmed = NULL, totp_last_step = $2
        WHERE id = $1";
    DROP_TOTP = "UPDATE account SET totp_sealed = NULL, totp_unconfirmed = NULL WHERE id = $1";
    USE_TOTP_STEP = "UPDATE account SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2";
    CLEAR_RECOVERY = "DELETE FROM recovery_code WHERE account = $1";
    ADD_RECOVERY = "INSERT INTO recovery_code (account, digest) VALUES ($1, $2)";
    USE_RECOVERY = "DELETE FROM recovery_code WHERE account = $1 AND digest = $2";
    COUNT_RECOVERY = "SELECT count(*) FROM recovery_code WHERE account = $1";
}

pub(crate) fn offer_totp(tx: &Write<'_>, account: Id, sealed: &[u8]) -> Result<()> {
    tx.execute(OFFER_TOTP, params![account, sealed]).map(drop)
}

/// Makes the offered seed the one that counts; `step` is that of the code that confirmed it.
pub(crate) fn keep_totp(tx: &Write<'_>, account: Id, step: i64) -> Result<()> {
    tx.execute(KEEP_TOTP, params![account, step]).map(drop)
}

pub(crate) fn drop_totp(tx: &Write<'_>, account: Id) -> Result<()> {
    tx.execute(DROP_TOTP, params![account])?;
    tx.execute(CLEAR_RECOVERY, params![account]).map(drop)
}

/// Notes that the code of `step` was taken; `false` when it, or a later one, was taken before.
pub(crate) fn use_totp_step(tx: &Write<'_>, account: Id, step: i64) -> Result<bool> {
    Ok(tx.execute(USE_TOTP_STEP, params![account, step])? == 1)
}

pub(crate) fn set_recovery(tx: &Write<'_>, account: Id, digests: &[[u8; 32]]) -> Result<()> {
    tx.execute(CLEAR_RECOVERY, params![account])?;
    for digest in digests {
        tx.execute(ADD_RECOVERY, params![account, digest.as_slice()])?;
    }
    Ok(())
}

/// Takes a recovery code; `false` when there is none such (any more).
pub(crate) fn use_recovery(tx: &Write<'_>, account: Id, digest: &[u8; 32]) -> Result<bool> {
    Ok(tx.execute(USE_RECOVERY, params![account, digest.as_slice()])? == 1)
}

pub(crate) fn count_recovery(c: &Read<'_>, account: Id) -> Result<i64> {
    c.query_one(COUNT_RECOVERY, params![account], |row| row.get(0))
}
