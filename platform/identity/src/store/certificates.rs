//! Which certificate is whose.

use std::collections::BTreeSet;

use kit::{Id, Read, Result, Row, Time, Write, params, statements};

use super::roles;
use crate::actor::{Actor, Rights, Session, Way};
use crate::certificates::{Certificate, CertificateView};

statements! {
    BIND_CERTIFICATE = "INSERT INTO account_certificate (fingerprint, account, subject, issuer, serial, not_before,
        not_after, added) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (fingerprint) DO NOTHING";
    CERTIFICATES = "SELECT fingerprint, subject, issuer, serial, not_after, added, withdrawn, last_used
        FROM account_certificate WHERE account = $1 ORDER BY added DESC LIMIT 100";
    CERTIFICATE_OWNER = "SELECT account FROM account_certificate WHERE fingerprint = $1";
    CERTIFICATE_HOLDER = "SELECT account FROM account_certificate WHERE fingerprint = $1 AND withdrawn IS NULL";
    CERTIFICATE_ACTOR = "SELECT c.account, c.withdrawn, c.last_used, c.proven_at, a.login, a.disabled, a.organisation, o.name
        FROM account_certificate c JOIN account a ON a.id = c.account JOIN organisation o ON o.id = a.organisation
        WHERE c.fingerprint = $1";
    TOUCH_CERTIFICATE = "UPDATE account_certificate SET last_used = $2 WHERE fingerprint = $1";
    WITHDRAW_CERTIFICATE = "UPDATE account_certificate SET withdrawn = $3 WHERE fingerprint = $1 AND account = $2
        AND withdrawn IS NULL";
    WITHDRAW_ALL = "UPDATE account_certificate SET withdrawn = $2 WHERE account = $1 AND withdrawn IS NULL";
}

pub(crate) fn bind_certificate(tx: &Write<'_>, certificate: &Certificate, now: Time) -> Result<()> {
    let Certificate { fingerprint, account, subject, issuer, serial, not_before, not_after } = certificate;
    let row =
        params![fingerprint.as_slice(), *account, subject, issuer, serial, *not_before, *not_after, now];
    tx.execute(BIND_CERTIFICATE, row).map(drop)
}

pub(crate) fn certificates(c: &Read<'_>, account: Id) -> Result<Vec<CertificateView>> {
    c.query(CERTIFICATES, params![account], |row: &Row<'_>| {
        Ok(CertificateView {
            fingerprint: row.get(0)?,
            subject: row.get(1)?,
            issuer: row.get(2)?,
            serial: row.get(3)?,
            not_after: row.get(4)?,
            added: row.get(5)?,
            withdrawn: row.get(6)?,
            last_used: row.get(7)?,
        })
    })
}

/// Whose certificate it is.
pub(crate) fn owner(c: &Read<'_>, fingerprint: &[u8; 32]) -> Result<Option<Id>> {
    c.query_opt(CERTIFICATE_OWNER, params![fingerprint.as_slice()], |row| row.get(0))
}

/// Whose certificate it is, as long as they have not withdrawn it.
pub(crate) fn holder(c: &Read<'_>, fingerprint: &[u8; 32]) -> Result<Option<Id>> {
    c.query_opt(CERTIFICATE_HOLDER, params![fingerprint.as_slice()], |row| row.get(0))
}

/// Whom a certificate stands for, and how it stands.
pub(crate) struct CertificateActor {
    pub actor: Actor,
    pub account: Id,
    pub withdrawn: bool,
    pub disabled: bool,
    pub last_used: Option<Time>,
}

pub(crate) fn certificate_actor(c: &Read<'_>, fingerprint: &[u8; 32]) -> Result<Option<CertificateActor>> {
    let found = c.query_opt(CERTIFICATE_ACTOR, params![fingerprint.as_slice()], |row| {
        let account: Id = row.get(0)?;
        let session = Session {
            way: Way::Certificate(*fingerprint),
            second_factor_at: None,
            proven_at: row.get(3)?,
            by_link: false,
        };
        Ok(CertificateActor {
            actor: Actor {
                account: Some(account),
                team: row.get(6)?,
                team_name: row.get(7)?,
                name: row.get(4)?,
                login: Some(row.get(4)?),
                session: Some(session),
                rights: Rights::Roles { roles: BTreeSet::new(), scopes: None },
            },
            account,
            withdrawn: row.get::<Option<Time>>(1)?.is_some(),
            disabled: row.get(5)?,
            last_used: row.get(2)?,
        })
    })?;
    let Some(mut found) = found else { return Ok(None) };
    found.actor.rights = Rights::Roles { roles: roles(c, found.account)?, scopes: None };
    Ok(Some(found))
}

pub(crate) fn touch(tx: &Write<'_>, fingerprint: &[u8; 32], now: Time) -> Result<()> {
    tx.execute(TOUCH_CERTIFICATE, params![fingerprint.as_slice(), now]).map(drop)
}

pub(crate) fn withdraw(tx: &Write<'_>, fingerprint: &[u8], account: Id, now: Time) -> Result<bool> {
    Ok(tx.execute(WITHDRAW_CERTIFICATE, params![fingerprint, account, now])? == 1)
}

/// Withdraws all certificates of `account`.
pub(crate) fn withdraw_all(tx: &Write<'_>, account: Id, now: Time) -> Result<()> {
    tx.execute(WITHDRAW_ALL, params![account, now]).map(drop)
}
