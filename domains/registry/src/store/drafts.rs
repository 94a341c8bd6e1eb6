//! What somebody has begun to write and not sent.

use kit::{Id, Read, Result, Time, Write, params, statements};

statements! {
    SAVE_DRAFT = "INSERT INTO registry_draft (team, account, form, body, saved_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (team, account, form) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at";
    DRAFT = "SELECT body, saved_at FROM registry_draft WHERE team = $1 AND account = $2 AND form = $3";
    DROP_DRAFT = "DELETE FROM registry_draft WHERE team = $1 AND account = $2 AND form = $3";
    DROP_OLD_DRAFTS = "DELETE FROM registry_draft WHERE saved_at < $1";
}

/// Whose draft of which form.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) team: Id,
    pub(crate) account: String,
    pub(crate) form: String,
}

/// Keeps a draft; those that nobody has touched since `old` go.
pub(crate) fn save(tx: &Write<'_>, draft: &Draft, body: &str, now: Time, old: Time) -> Result<()> {
    tx.execute(DROP_OLD_DRAFTS, params![old])?;
    tx.execute(SAVE_DRAFT, params![draft.team, draft.account, draft.form, body, now])?;
    Ok(())
}

pub(crate) fn find(c: &Read<'_>, draft: &Draft) -> Result<Option<(String, Time)>> {
    c.query_opt(DRAFT, params![draft.team, draft.account, draft.form], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(crate) fn drop(tx: &Write<'_>, draft: &Draft) -> Result<()> {
    tx.execute(DROP_DRAFT, params![draft.team, draft.account, draft.form])?;
    Ok(())
}
