//! What somebody has begun to write, and the team's rules of exclusion.

use kit::db::{Read, Write};
use kit::{Id, Result, Time, params, statements};

statements! {
    SAVE = "INSERT INTO draft (team, account, form, body, saved_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (team, account, form) DO UPDATE SET body = EXCLUDED.body, saved_at = EXCLUDED.saved_at";
    FIND = "SELECT body, saved_at FROM draft WHERE team = $1 AND account = $2 AND form = $3";
    DELETE = "DELETE FROM draft WHERE team = $1 AND account = $2 AND form = $3";
    PURGE = "DELETE FROM draft WHERE saved_at < $1";
    SET_RULES = "INSERT INTO exclusion (team, rules, changed_by, changed_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (team) DO UPDATE SET rules = EXCLUDED.rules, changed_by = EXCLUDED.changed_by, changed_at = EXCLUDED.changed_at";
    RULES = "SELECT rules FROM exclusion WHERE team = $1";
}

pub(crate) fn save(tx: &Write<'_>, team: Id, account: &str, form: &str, body: &str, now: Time) -> Result<()> {
    tx.execute(SAVE, params![team, account, form, body, now])?;
    Ok(())
}

pub(crate) fn find(c: &Read<'_>, team: Id, account: &str, form: &str) -> Result<Option<(String, Time)>> {
    c.query_opt(FIND, params![team, account, form], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(crate) fn delete(tx: &Write<'_>, team: Id, account: &str, form: &str) -> Result<()> {
    tx.execute(DELETE, params![team, account, form])?;
    Ok(())
}

pub(crate) fn purge(tx: &Write<'_>, before: Time) -> Result<u64> {
    tx.execute(PURGE, params![before])
}

pub(crate) fn set_rules(tx: &Write<'_>, team: Id, rules: &str, by: &str, now: Time) -> Result<()> {
    tx.execute(SET_RULES, params![team, rules, by, now])?;
    Ok(())
}

pub(crate) fn rules(c: &Read<'_>, team: Id) -> Result<String> {
    Ok(c.query_opt(RULES, params![team], |row| row.get(0))?.unwrap_or_default())
}
