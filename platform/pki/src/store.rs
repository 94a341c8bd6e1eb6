//! All SQL of this crate but that of ACME.

pub(crate) mod hand_over;

use kit::{Error, Id, Read, Result, Row, Time, Write, params, statements};

use crate::model::{Authority, Certificate, Issued, Known, Purpose, Standing, Trusted};
use crate::x509::crl::Reason;

statements! {
    VERSION = "SELECT coalesce(max(version), 0) FROM pki_version";
    BUMP = "UPDATE pki_version SET version = version + 1";

    AUTHORITIES = "SELECT id, name, kind, state, certificate, key_sealed, crl, crl_number, crl_until, added
        FROM pki_authority ORDER BY added, name";
    ADD_AUTHORITY = "INSERT INTO pki_authority (id, name, kind, state, certificate, key_sealed, crl_number, crl_until, added)
        VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7)";
    CERTIFY_AUTHORITY = "UPDATE pki_authority SET certificate = $2, state = $3 WHERE id = $1";
    SET_AUTHORITY_STATE = "UPDATE pki_authority SET state = $2 WHERE id = $1";
    SET_CRL = "UPDATE pki_authority SET crl = $2, crl_number = $3, crl_until = $4 WHERE id = $1 AND crl_number < $3";

    LIVE = "SELECT fingerprint, authority, serial, purpose, organisation, account, not_before, not_after, revoked,
        reason, held FROM pki_certificate WHERE not_after > $1";
    ADD_CERTIFICATE = "INSERT INTO pki_certificate (fingerprint, authority, serial, purpose, organisation, account,
        subject, names, key_digest, not_before, not_after, certificate, issued, notify)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    COMPROMISED = "SELECT count(*) FROM pki_certificate WHERE key_digest = $1 AND reason = 1";
    HOLDERS_OF_KEY = "SELECT DISTINCT organisation, account FROM pki_certificate WHERE key_digest = $1 LIMIT 2";
    WITH_KEY_OF = "SELECT c.fingerprint, c.serial, a.name FROM pki_certificate c JOIN pki_authority a ON a.id = c.authority
        WHERE c.key_digest = (SELECT key_digest FROM pki_certificate WHERE fingerprint = $1)
        AND (c.revoked IS NULL OR coalesce(c.reason, 0) <> 1) ORDER BY c.issued, c.serial";
    COMPROMISE = "UPDATE pki_certificate SET revoked = coalesce(revoked, $2), reason = 1 WHERE fingerprint = $1";
    COUNT_OF_ACCOUNT = "SELECT count(*) FROM pki_certificate WHERE account = $1 AND not_after > $2 AND revoked IS NULL";
    CERTIFICATE = "SELECT c.fingerprint, c.authority, c.serial, c.purpose, c.organisation, c.account, c.not_before,
        c.not_after, c.revoked, c.reason, c.held, c.subject, c.names, c.issued, c.notify, c.certificate, o.name, a.name
        FROM pki_certificate c JOIN organisation o ON o.id = c.organisation JOIN pki_authority a ON a.id = c.authority
        WHERE c.fingerprint = $1";
    CERTIFICATES_OF_ACCOUNT = "SELECT c.fingerprint, c.authority, c.serial, c.purpose, c.organisation, c.account,
        c.not_before, c.not_after, c.revoked, c.reason, c.held, c.subject, c.names, c.issued, c.notify, c.certificate, o.name, a.name
        FROM pki_certificate c JOIN organisation o ON o.id = c.organisation JOIN pki_authority a ON a.id = c.authority
        WHERE c.account = $1 ORDER BY c.issued DESC, c.serial LIMIT 500";
    CERTIFICATES_OF_ORGANISATION = "SELECT c.fingerprint, c.authority, c.serial, c.purpose, c.organisation, c.account,
        c.not_before, c.not_after, c.revoked, c.reason, c.held, c.subject, c.names, c.issued, c.notify, c.certificate, o.name, a.name
        FROM pki_certificate c JOIN organisation o ON o.id = c.organisation JOIN pki_authority a ON a.id = c.authority
        WHERE c.organisation = $1 ORDER BY c.issued DESC, c.serial LIMIT 500";
    CERTIFICATES = "SELECT c.fingerprint, c.authority, c.serial, c.purpose, c.organisation, c.account,
        c.not_before, c.not_after, c.revoked, c.reason, c.held, c.subject, c.names, c.issued, c.notify, c.certificate, o.name, a.name
        FROM pki_certificate c JOIN organisation o ON o.id = c.organisation JOIN pki_authority a ON a.id = c.authority
        ORDER BY c.issued DESC, c.serial LIMIT $1";
    REVOKE = "UPDATE pki_certificate SET revoked = $2, reason = $3 WHERE fingerprint = $1 AND revoked IS NULL";
    HOLD = "UPDATE pki_certificate SET held = $2 WHERE fingerprint = $1 AND held IS NULL AND revoked IS NULL";
    RELEASE = "UPDATE pki_certificate SET held = NULL WHERE fingerprint = $1 AND held IS NOT NULL";
    ENDING = "SELECT fingerprint, not_after, notify, subject, serial, reminded, purpose FROM pki_certificate
        WHERE not_after > $1 AND not_after <= $2 AND revoked IS NULL AND held IS NULL AND notify IS NOT NULL
        ORDER BY not_after LIMIT 1000";
    REMINDED = "UPDATE pki_certificate SET reminded = $2 WHERE fingerprint = $1 AND (reminded IS NULL OR reminded > $2)";

    OWN = "SELECT fingerprint, key_sealed FROM pki_own";
    FORGET_OWN = "DELETE FROM pki_own";
    SET_OWN = "INSERT INTO pki_own (fingerprint, key_sealed) VALUES ($1, $2)";

    TRUSTED = "SELECT fingerprint, name, certificate, crl, crl_from, crl_until, crl_url, without_crl, serves, added
        FROM pki_trusted ORDER BY name";
    TRUST = "INSERT INTO pki_trusted (fingerprint, name, certificate, crl_url, without_crl, serves, added)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    DISTRUST = "DELETE FROM pki_trusted WHERE fingerprint = $1";
    SET_TRUSTED_CRL = "UPDATE pki_trusted SET crl = $2, crl_from = $3, crl_until = $4
        WHERE fingerprint = $1 AND (crl_from IS NULL OR crl_from <= $3)";
}

/// Changes with every change below.
pub(crate) fn version(c: &Read<'_>) -> Result<i64> {
    c.query_one(VERSION, &[], |row| row.get(0))
}

pub(crate) fn bump(tx: &Write<'_>) -> Result<()> {
    tx.execute(BUMP, &[]).map(drop)
}

pub(crate) fn authorities(c: &Read<'_>) -> Result<Vec<Authority>> {
    c.query(AUTHORITIES, &[], |row| {
        Ok(Authority {
            id: row.get(0)?,
            name: row.get(1)?,
            root: row.get::<String>(2)? == "root",
            state: row.get::<String>(3)?.parse()?,
            certificate: row.get(4)?,
            key_sealed: row.get(5)?,
            crl: row.get(6)?,
            crl_number: row.get(7)?,
            crl_until: row.get(8)?,
        })
    })
}

pub(crate) fn add_authority(tx: &Write<'_>, one: &Authority, now: Time) -> Result<()> {
    let kind = if one.root { "root" } else { "issuing" };
    tx.execute(
        ADD_AUTHORITY,
        params![one.id, one.name, kind, one.state.name(), one.certificate, one.key_sealed, now],
    )?;
    bump(tx)
}

pub(crate) fn certify_authority(tx: &Write<'_>, id: Id, certificate: &[u8], state: Standing) -> Result<()> {
    tx.execute(CERTIFY_AUTHORITY, params![id, certificate, state.name()])?;
    bump(tx)
}

pub(crate) fn set_authority_state(tx: &Write<'_>, id: Id, state: Standing) -> Result<()> {
    tx.execute(SET_AUTHORITY_STATE, params![id, state.name()])?;
    bump(tx)
}

/// `false` when a list with this number or a later one is there.
pub(crate) fn set_crl(tx: &Write<'_>, id: Id, crl: &[u8], number: i64, until: Time) -> Result<bool> {
    let set = tx.execute(SET_CRL, params![id, crl, number, until])? == 1;
    bump(tx)?;
    Ok(set)
}

/// The certificates that end after `since`.
pub(crate) fn live(c: &Read<'_>, since: Time) -> Result<Vec<Known>> {
    c.query(LIVE, params![since], known)
}

fn known(row: &Row<'_>) -> Result<Known> {
    let purpose: String = row.get(3)?;
    let (revoked, reason): (Option<Time>, Option<i64>) = (row.get(8)?, row.get(9)?);
    let reason = reason.and_then(Reason::from_number).unwrap_or(Reason::Unspecified);
    Ok(Known {
        fingerprint: digest(row.get(0)?)?,
        authority: row.get(1)?,
        serial: row.get(2)?,
        purpose: purpose.parse::<Purpose>()?,
        organisation: row.get(4)?,
        account: row.get(5)?,
        from: row.get(6)?,
        until: row.get(7)?,
        revoked: revoked.map(|since| (since, reason)),
        held: row.get(10)?,
    })
}

fn digest(bytes: Vec<u8>) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| Error::Corrupt("a fingerprint has 32 bytes".into()))
}

pub(crate) fn add_certificate(tx: &Write<'_>, one: &Issued, key_digest: &[u8; 32], now: Time) -> Result<()> {
    let known = &one.known;
    tx.execute(
        ADD_CERTIFICATE,
        params![
            known.fingerprint.as_slice(),
            known.authority,
            known.serial,
            known.purpose.name(),
            known.organisation,
            known.account,
            one.subject,
            one.names.join(" "),
            key_digest.as_slice(),
            known.from,
            known.until,
            one.der,
            now,
            one.notify
        ],
    )?;
    bump(tx)
}

/// The certificate that the node's own listener shows, and its key, sealed.
pub(crate) fn own(c: &Read<'_>) -> Result<Option<([u8; 32], Vec<u8>)>> {
    c.query_opt(OWN, &[], |row| Ok((digest(row.get(0)?)?, row.get(1)?)))
}

/// From now on it shows this one; the key of before is gone.
pub(crate) fn set_own(tx: &Write<'_>, fingerprint: &[u8; 32], sealed: &[u8]) -> Result<()> {
    tx.execute(FORGET_OWN, &[])?;
    tx.execute(SET_OWN, params![fingerprint.as_slice(), sealed])?;
    bump(tx)
}

/// Whether a certificate with this key was revoked because others may have the key.
pub(crate) fn is_compromised(c: &Read<'_>, key: &[u8; 32]) -> Result<bool> {
    c.query_one(COMPROMISED, params![key.as_slice()], |row| row.get::<i64>(0)).map(|count| count > 0)
}

/// Which organisation and account have certificates with this key; of several, two.
pub(crate) fn holders_of_key(c: &Read<'_>, key: &[u8; 32]) -> Result<Vec<(Id, Option<Id>)>> {
    c.query(HOLDERS_OF_KEY, params![key.as_slice()], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// A certificate as the record names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numbered {
    pub(crate) fingerprint: [u8; 32],
    pub(crate) serial: String,
    pub(crate) authority: String,
}

/// The certificates with the key of this one, itself among them, that are not revoked for its compromise yet.
pub(crate) fn with_key_of(c: &Read<'_>, fingerprint: &[u8; 32]) -> Result<Vec<Numbered>> {
    c.query(WITH_KEY_OF, params![fingerprint.as_slice()], |row| {
        Ok(Numbered { fingerprint: digest(row.get(0)?)?, serial: row.get(1)?, authority: row.get(2)? })
    })
}

/// Revokes it because others may have its key, also when it was revoked for another reason; since then, then.
pub(crate) fn compromise(tx: &Write<'_>, fingerprint: &[u8; 32], now: Time) -> Result<()> {
    tx.execute(COMPROMISE, params![fingerprint.as_slice(), now])?;
    bump(tx)
}

pub(crate) fn count_of_account(c: &Read<'_>, account: Id, now: Time) -> Result<i64> {
    c.query_one(COUNT_OF_ACCOUNT, params![account, now], |row| row.get(0))
}

fn certificate(row: &Row<'_>) -> Result<Certificate> {
    let names: String = row.get(12)?;
    Ok(Certificate {
        known: known(row)?,
        subject: row.get(11)?,
        names: names.split_whitespace().map(str::to_owned).collect(),
        issued: row.get(13)?,
        notify: row.get(14)?,
        der: row.get(15)?,
        organisation_name: row.get(16)?,
        authority_name: row.get(17)?,
    })
}

pub(crate) fn certificate_by(c: &Read<'_>, fingerprint: &[u8; 32]) -> Result<Option<Certificate>> {
    c.query_opt(CERTIFICATE, params![fingerprint.as_slice()], certificate)
}

pub(crate) fn certificates_of_account(c: &Read<'_>, account: Id) -> Result<Vec<Certificate>> {
    c.query(CERTIFICATES_OF_ACCOUNT, params![account], certificate)
}

pub(crate) fn certificates_of_organisation(c: &Read<'_>, organisation: Id) -> Result<Vec<Certificate>> {
    c.query(CERTIFICATES_OF_ORGANISATION, params![organisation], certificate)
}

pub(crate) fn certificates(c: &Read<'_>, limit: i64) -> Result<Vec<Certificate>> {
    c.query(CERTIFICATES, params![limit], certificate)
}

/// `false` when it was revoked before, or is not ours.
pub(crate) fn revoke(tx: &Write<'_>, fingerprint: &[u8; 32], now: Time, reason: Reason) -> Result<bool> {
    let done = tx.execute(REVOKE, params![fingerprint.as_slice(), now, reason.number()])? == 1;
    bump(tx)?;
    Ok(done)
}

/// `false` when it is held or revoked already.
pub(crate) fn hold(tx: &Write<'_>, fingerprint: &[u8; 32], now: Time) -> Result<bool> {
    let done = tx.execute(HOLD, params![fingerprint.as_slice(), now])? == 1;
    bump(tx)?;
    Ok(done)
}

/// `false` when it is not held.
pub(crate) fn release(tx: &Write<'_>, fingerprint: &[u8; 32]) -> Result<bool> {
    let done = tx.execute(RELEASE, params![fingerprint.as_slice()])? == 1;
    bump(tx)?;
    Ok(done)
}

/// A certificate whose end is near.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) fingerprint: [u8; 32],
    pub(crate) until: Time,
    pub(crate) notify: String,
    pub(crate) subject: String,
    pub(crate) serial: String,
    pub(crate) reminded: Option<i64>,
    pub(crate) purpose: Purpose,
}

/// The certificates that end after `now` and not after `by`, and that somebody wants to be told of.
pub(crate) fn ending(c: &Read<'_>, now: Time, by: Time) -> Result<Vec<Ending>> {
    c.query(ENDING, params![now, by], |row| {
        Ok(Ending {
            fingerprint: digest(row.get(0)?)?,
            until: row.get(1)?,
            notify: row.get(2)?,
            subject: row.get(3)?,
            serial: row.get(4)?,
            reminded: row.get(5)?,
            purpose: row.get::<String>(6)?.parse()?,
        })
    })
}

/// `false` when this was told before.
pub(crate) fn reminded(tx: &Write<'_>, fingerprint: &[u8; 32], days: i64) -> Result<bool> {
    Ok(tx.execute(REMINDED, params![fingerprint.as_slice(), days])? == 1)
}

pub(crate) fn trusted(c: &Read<'_>) -> Result<Vec<Trusted>> {
    c.query(TRUSTED, &[], |row| {
        Ok(Trusted {
            fingerprint: digest(row.get(0)?)?,
            name: row.get(1)?,
            certificate: row.get(2)?,
            crl: row.get(3)?,
            crl_from: row.get(4)?,
            crl_until: row.get(5)?,
            crl_url: row.get(6)?,
            accept_without_crl: row.get::<String>(7)? == "accept",
            serves: row.get::<String>(8)?.parse()?,
            added: row.get(9)?,
        })
    })
}

pub(crate) fn trust(tx: &Write<'_>, one: &Trusted) -> Result<()> {
    let policy = if one.accept_without_crl { "accept" } else { "refuse" };
    let fingerprint = one.fingerprint.as_slice();
    let serves = one.serves.name();
    tx.execute(
        TRUST,
        params![fingerprint, one.name, one.certificate, one.crl_url, policy, serves, one.added],
    )?;
    bump(tx)
}

pub(crate) fn distrust(tx: &Write<'_>, fingerprint: &[u8; 32]) -> Result<bool> {
    let done = tx.execute(DISTRUST, params![fingerprint.as_slice()])? == 1;
    bump(tx)?;
    Ok(done)
}

/// `false` when a newer list is there.
pub(crate) fn set_trusted_crl(
    tx: &Write<'_>,
    fingerprint: &[u8; 32],
    crl: &[u8],
    from: Time,
    until: Time,
) -> Result<bool> {
    let done = tx.execute(SET_TRUSTED_CRL, params![fingerprint.as_slice(), crl, from, until])? == 1;
    bump(tx)?;
    Ok(done)
}
