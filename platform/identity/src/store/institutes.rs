//! Who is who at institutes.

use kit::{Id, Read, Result, Row, Time, Write, params, statements};

use crate::institutes::InstituteLink;

statements! {
    LINK_INSTITUTE = "INSERT INTO institute_account (issuer, subject, account, shown, added) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (issuer, subject) DO NOTHING";
    INSTITUTE_OWNER = "SELECT account FROM institute_account WHERE issuer = $1 AND subject = $2";
    INSTITUTE_LINKS = "SELECT issuer, subject, shown, added, last_used FROM institute_account WHERE account = $1
        ORDER BY added, issuer, subject LIMIT 50";
    TOUCH_INSTITUTE = "UPDATE institute_account SET last_used = $3 WHERE issuer = $1 AND subject = $2";
    UNLINK_INSTITUTE = "DELETE FROM institute_account WHERE issuer = $1 AND subject = $2 AND account = $3";
    UNLINK_ALL = "DELETE FROM institute_account WHERE account = $1";
}

/// Ties a person at an institute to an account; `false` when they are tied to one.
pub(crate) fn link(
    tx: &Write<'_>,
    (issuer, subject): (&str, &str),
    account: Id,
    shown: &str,
    now: Time,
) -> Result<bool> {
    Ok(tx.execute(LINK_INSTITUTE, params![issuer, subject, account, shown, now])? == 1)
}

pub(crate) fn owner(c: &Read<'_>, issuer: &str, subject: &str) -> Result<Option<Id>> {
    c.query_opt(INSTITUTE_OWNER, params![issuer, subject], |row| row.get(0))
}

pub(crate) fn links(c: &Read<'_>, account: Id) -> Result<Vec<InstituteLink>> {
    c.query(INSTITUTE_LINKS, params![account], |row: &Row<'_>| {
        Ok(InstituteLink {
            issuer: row.get(0)?,
            subject: row.get(1)?,
            shown: row.get(2)?,
            added: row.get(3)?,
            last_used: row.get(4)?,
        })
    })
}

pub(crate) fn touch(tx: &Write<'_>, issuer: &str, subject: &str, now: Time) -> Result<()> {
    tx.execute(TOUCH_INSTITUTE, params![issuer, subject, now]).map(drop)
}

pub(crate) fn unlink(tx: &Write<'_>, issuer: &str, subject: &str, account: Id) -> Result<bool> {
    Ok(tx.execute(UNLINK_INSTITUTE, params![issuer, subject, account])? == 1)
}

/// Unties all institutes of `account`.
pub(crate) fn unlink_all(tx: &Write<'_>, account: Id) -> Result<()> {
    tx.execute(UNLINK_ALL, params![account]).map(drop)
}
