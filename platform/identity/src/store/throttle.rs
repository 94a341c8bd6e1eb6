//! Attempts to come in, counted.

use kit::{Read, Result, Time, Write, params, statements};

statements! {
    THROTTLE = "SELECT failures, not_before, last FROM login_throttle WHERE name = $1";
    SET_THROTTLE = "INSERT INTO login_throttle (name, failures, not_before, last) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET failures = $2, not_before = $3, last = $4";
    CLEAR_THROTTLE = "DELETE FROM login_throttle WHERE name = $1";
    EASE_THROTTLE = "UPDATE login_throttle SET failures = failures - 1 WHERE name = $1 AND failures > 0";
    PURGE_THROTTLE = "DELETE FROM login_throttle WHERE last <= $1";
}

/// Failures so far, not before when to try again, and when the last attempt was.
pub(crate) fn throttle(c: &Read<'_>, name: &str) -> Result<Option<(i64, Time, Time)>> {
    c.query_opt(THROTTLE, params![name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

pub(crate) fn set_throttle(
    tx: &Write<'_>,
    name: &str,
    failures: i64,
    not_before: Time,
    now: Time,
) -> Result<()> {
    tx.execute(SET_THROTTLE, params![name, failures, not_before, now]).map(drop)
}

pub(crate) fn clear_throttle(tx: &Write<'_>, name: &str) -> Result<()> {
    tx.execute(CLEAR_THROTTLE, params![name]).map(drop)
}

pub(crate) fn ease_throttle(tx: &Write<'_>, name: &str) -> Result<()> {
    tx.execute(EASE_THROTTLE, params![name]).map(drop)
}

/// Forgets the counts of attempts that ended before `forgotten`.
pub(crate) fn purge_throttle(tx: &Write<'_>, forgotten: Time) -> Result<u64> {
    tx.execute(PURGE_THROTTLE, params![forgotten])
}
