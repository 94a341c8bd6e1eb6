//! Organisations, accounts and their roles.

use std::collections::BTreeSet;

use kit::{Error, Id, Read, Result, Row, Time, Write, params, statements};

use crate::actor::Role;

statements! {
    ORGANISATION_BY_HANDLE = "SELECT id, name FROM organisation WHERE handle = $1";
    INSERT_ORGANISATION = "INSERT INTO organisation (id, handle, name) VALUES ($1, $2, $3)";
    ORGANISATION_NAME = "SELECT name FROM organisation WHERE id = $1";
    RENAME_ORGANISATION = "UPDATE organisation SET name = $2 WHERE id = $1";
    ACCOUNT_BY_LOGIN = "SELECT id, organisation, login, name, password_hash, totp_sealed, totp_unconfirmed,
        disabled, created, last_login FROM account WHERE login = $1";
    ACCOUNT_BY_ID = "SELECT id, organisation, login, name, password_hash, totp_sealed, totp_unconfirmed,
        disabled, created, last_login FROM account WHERE id = $1";
    ACCOUNTS = "SELECT id, organisation, login, name, password_hash, totp_sealed, totp_unconfirmed,
        disabled, created, last_login FROM account WHERE organisation = $1 ORDER BY login LIMIT 1000";
    INSERT_ACCOUNT = "INSERT INTO account (id, organisation, login, name, password_hash, totp_last_step, disabled, created)
        VALUES ($1, $2, $3, $4, $5, 0, FALSE, $6)";
    SET_PASSWORD = "UPDATE account SET password_hash = $2 WHERE id = $1";
    CLEAR_PASSWORD = "UPDATE account SET password_hash = NULL WHERE id = $1";
    SET_DISABLED = "UPDATE account SET disabled = $2 WHERE id = $1";
    SET_LAST_LOGIN = "UPDATE account SET last_login = $2 WHERE id = $1";
    ROLES = "SELECT role FROM account_role WHERE account = $1 ORDER BY role";
    SHUT = "SELECT id FROM account WHERE disabled = TRUE";
    IN_OFFICE = "SELECT DISTINCT a.id, a.login, a.name, a.disabled, o.name FROM account a
        JOIN account_role r ON r.account = a.id JOIN organisation o ON o.id = a.organisation
        WHERE r.role IN ('introducer', 'board', 'owner') ORDER BY a.login LIMIT 1000";
    CLEAR_ROLES = "DELETE FROM account_role WHERE account = $1";
    ADD_ROLE = "INSERT INTO account_role (account, role) VALUES ($1, $2)";
}

pub(crate) fn organisation(c: &Read<'_>, handle: &str) -> Result<Option<(Id, String)>> {
    c.query_opt(ORGANISATION_BY_HANDLE, params![handle], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(crate) fn organisation_name(c: &Read<'_>, id: Id) -> Result<Option<String>> {
    c.query_opt(ORGANISATION_NAME, params![id], |row| row.get(0))
}

pub(crate) fn insert_organisation(tx: &Write<'_>, id: Id, handle: &str, name: &str) -> Result<()> {
    tx.execute(INSERT_ORGANISATION, params![id, handle, name]).map(drop)
}

pub(crate) fn rename_organisation(tx: &Write<'_>, id: Id, name: &str) -> Result<()> {
    tx.execute(RENAME_ORGANISATION, params![id, name]).map(drop)
}

/// An account as stored.
#[derive(Debug, Clone)]
pub(crate) struct AccountRow {
    pub id: Id,
    pub organisation: Id,
    pub login: String,
    pub name: String,
    pub password_hash: Option<String>,
    pub totp_sealed: Option<Vec<u8>>,
    pub totp_unconfirmed: Option<Vec<u8>>,
    pub disabled: bool,
    pub created: Time,
    pub last_login: Option<Time>,
}

fn account(row: &Row<'_>) -> Result<AccountRow> {
    Ok(AccountRow {
        id: row.get(0)?,
        organisation: row.get(1)?,
        login: row.get(2)?,
        name: row.get(3)?,
        password_hash: row.get(4)?,
        totp_sealed: row.get(5)?,
        totp_unconfirmed: row.get(6)?,
        disabled: row.get(7)?,
        created: row.get(8)?,
        last_login: row.get(9)?,
    })
}

pub(crate) fn account_by_login(c: &Read<'_>, login: &str) -> Result<Option<AccountRow>> {
    c.query_opt(ACCOUNT_BY_LOGIN, params![login], account)
}

pub(crate) fn account_by_id(c: &Read<'_>, id: Id) -> Result<Option<AccountRow>> {
    c.query_opt(ACCOUNT_BY_ID, params![id], account)
}

/// As [`account_by_id`], for an account that must exist.
pub(crate) fn account_must(c: &Read<'_>, id: Id) -> Result<AccountRow> {
    account_by_id(c, id)?.ok_or_else(|| Error::not_found("the account"))
}

pub(crate) fn accounts(c: &Read<'_>, organisation: Id) -> Result<Vec<AccountRow>> {
    c.query(ACCOUNTS, params![organisation], account)
}

pub(crate) fn insert_account(tx: &Write<'_>, row: &AccountRow) -> Result<()> {
    tx.execute(
        INSERT_ACCOUNT,
        params![row.id, row.organisation, row.login, row.name, row.password_hash, row.created],
    )
    .map(drop)
}

pub(crate) fn set_password(tx: &Write<'_>, account: Id, hash: &str) -> Result<()> {
    tx.execute(SET_PASSWORD, params![account, hash]).map(drop)
}

pub(crate) fn clear_password(tx: &Write<'_>, account: Id) -> Result<()> {
    tx.execute(CLEAR_PASSWORD, params![account]).map(drop)
}

pub(crate) fn set_disabled(tx: &Write<'_>, account: Id, disabled: bool) -> Result<()> {
    tx.execute(SET_DISABLED, params![account, disabled]).map(drop)
}

pub(crate) fn shut(c: &Read<'_>) -> Result<Vec<Id>> {
    c.query(SHUT, &[], |row| row.get(0))
}

pub(crate) fn set_last_login(tx: &Write<'_>, account: Id, now: Time) -> Result<()> {
    tx.execute(SET_LAST_LOGIN, params![account, now]).map(drop)
}

pub(crate) fn roles(c: &Read<'_>, account: Id) -> Result<BTreeSet<Role>> {
    let roles = c.query(ROLES, params![account], |row| row.get::<String>(0)?.parse())?;
    Ok(roles.into_iter().collect())
}

pub(crate) fn set_roles(tx: &Write<'_>, account: Id, roles: &BTreeSet<Role>) -> Result<()> {
    tx.execute(CLEAR_ROLES, params![account])?;
    for role in roles {
        tx.execute(ADD_ROLE, params![account, role.name()])?;
    }
    Ok(())
}
