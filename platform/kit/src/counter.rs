//! Short numbers for people, counted for each team: IR-2041, INC-17.

use crate::db::Write;
use crate::{Id, Result, params, statements};

statements! {
    NEXT_NUMBER = "INSERT INTO counter (team, kind, last) VALUES ($1, $2, 1)
        ON CONFLICT (team, kind) DO UPDATE SET last = counter.last + 1 RETURNING last";
}

/// The next number of `kind` for `team`, from 1 without gaps: it is given back when the transaction is.
///
/// # Errors
/// The database refuses it.
pub fn next_number(tx: &Write<'_>, team: Id, kind: &str) -> Result<i64> {
    tx.query_one(NEXT_NUMBER, params![team, kind], |row| row.get(0))
}
