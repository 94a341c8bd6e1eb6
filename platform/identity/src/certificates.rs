//! Which certificate is whose: the tie between a person's certificate and their account, and log-in by it.
//!
//! The handshake proves that the client has the key. What the certificate is worth is asked of the judge at each request:
//! a connection may outlive a revocation, and a resumed one never shows the certificate again.

use std::net::IpAddr;

use contracts::identity::{CredentialsChanged, LoggedIn};
use contracts::trust::CertificateVerdict;
use data_encoding::HEXLOWER;
use kit::{Error, Id, Result, Time, Write, events};
use sha2::{Digest as _, Sha256};
use tls::ClientCertificate;

use crate::accounts::own_id;
use crate::actor::Actor;
use crate::permission::{Granted, OwnAccount};
use crate::service::{IDLE, Identity, SEEN_EVERY};
use crate::step_up::StepUp;
use crate::store::{self, certificates as rows};

/// A certificate of a person, as it is tied to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of its bytes (DER).
    pub fingerprint: [u8; 32],
    /// Whose it is.
    pub account: Id,
    /// Its subject (RFC 4514).
    pub subject: String,
    /// Who issued it (RFC 4514).
    pub issuer: String,
    /// Its serial number, hex.
    pub serial: String,
    /// From when it is valid.
    pub not_before: Time,
    /// Until when.
    pub not_after: Time,
}

/// Ties a certificate to its account, in the transaction that issues or accepts it. Tied already, it stays as it is.
///
/// # Errors
/// The database refuses it: there is no such account.
pub fn bind_certificate(tx: &Write<'_>, certificate: &Certificate, now: Time) -> Result<()> {
    store::bind_certificate(tx, certificate, now)
}

/// A certificate as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateView {
    /// SHA-256 of its bytes.
    pub fingerprint: Vec<u8>,
    /// Its subject (RFC 4514).
    pub subject: String,
    /// Who issued it (RFC 4514).
    pub issuer: String,
    /// Its serial number, hex.
    pub serial: String,
    /// Until when it is valid.
    pub not_after: Time,
    /// When it was tied to the account.
    pub added: Time,
    /// Since when it logs nobody in any more.
    pub withdrawn: Option<Time>,
    /// When it was last used, to five minutes.
    pub last_used: Option<Time>,
}

impl CertificateView {
    /// The fingerprint, hex.
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.fingerprint)
    }
}

/// What a certificate that was shown is worth here.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// It lets this person in.
    In(Box<Actor>),
    /// It belongs to somebody here and is not taken; why, for its holder.
    Refused(String),
    /// It is good, and belongs to nobody here yet.
    Unbound,
    /// It means nothing here.
    Unknown,
}

impl Identity {
    /// What the certificate of a request is worth now; a person who comes in by it is noted.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn by_certificate(&self, shown: &ClientCertificate, peer: IpAddr) -> Result<Shown> {
        let Some(judge) = self.judge() else { return Ok(Shown::Unknown) };
        let (node, now) = (self.node().clone(), self.node().now());
        let fingerprint: [u8; 32] = Sha256::digest(shown.der()).into();
        let found = node.db.read(move |c| rows::certificate_actor(c, &fingerprint)).await?;
        let organisation = found.as_ref().map(|found| found.actor.team.to_string());
        let verdict = judge.judge(shown.der(), now, organisation.as_deref());
        let found = match (found, verdict) {
            (None, CertificateVerdict::Good) => return Ok(Shown::Unbound),
            (None, CertificateVerdict::Refused(_)) => return Ok(Shown::Unknown),
            (Some(_), CertificateVerdict::Refused(why)) => return Ok(Shown::Refused(why)),
            (Some(found), CertificateVerdict::Good) => found,
        };
        if found.withdrawn || found.disabled {
            let why = if found.disabled { "the account is shut" } else { "its owner has withdrawn it" };
            return Ok(Shown::Refused(why.into()));
        }
        if found.last_used.is_none_or(|at| at + SEEN_EVERY <= now) {
            let comes_in = found.last_used.is_none_or(|at| at + IDLE <= now);
            let (account, stamp) = (found.account, found.actor.stamp(now));
            let work = move |tx: &Write<'_>| {
                rows::touch(tx, &fingerprint, now)?;
                if comes_in {
                    store::set_last_login(tx, account, now)?;
                    crate::login::log_login(tx, account, "certificate");
                    let (account, peer) = (account.to_string(), peer.to_string());
                    events::record(&node, tx, &stamp, &LoggedIn { account, peer, by: "certificate".into() })?;
                }
                Ok(())
            };
            self.node().db.write(work).await?;
        }
        Ok(Shown::In(Box::new(found.actor)))
    }

    /// The asker's certificates, the newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn certificates(&self, granted: &Granted<OwnAccount>) -> Result<Vec<CertificateView>> {
        let account = own_id(granted)?;
        self.node().db.read(move |c| rows::certificates(c, account)).await
    }

    /// Ties the certificate that the asker's browser shows to their account: one of an issuer that is trusted here and
    /// issued elsewhere.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is not good, or is tied to an account.
    pub async fn bind_own_certificate(
        &self,
        fresh: &StepUp<OwnAccount>,
        shown: &ClientCertificate,
    ) -> Result<()> {
        let account = own_id(fresh)?;
        let node = self.node().clone();
        let now = node.now();
        let none = || Error::Conflict("certificates let nobody in at this node".into());
        let judge = self.judge().ok_or_else(none)?;
        let organisation = fresh.actor().team.to_string();
        if let CertificateVerdict::Refused(why) = judge.judge(shown.der(), now, Some(&organisation)) {
            return Err(Error::Conflict(format!("this certificate is not taken here: {why}")));
        }
        let unread = || Error::Conflict("this certificate cannot be read".into());
        let facts = shown.facts().ok_or_else(unread)?;
        let certificate = Certificate {
            fingerprint: Sha256::digest(shown.der()).into(),
            account,
            subject: facts.subject,
            issuer: facts.issuer,
            serial: facts.serial,
            not_before: facts.not_before,
            not_after: facts.not_after,
        };
        let stamp = fresh.stamp(now);
        let work = move |tx: &Write<'_>| {
            if rows::owner(tx, &certificate.fingerprint)?.is_some() {
                return Err(Error::Conflict("this certificate is tied to an account already".into()));
            }
            store::bind_certificate(tx, &certificate, now)?;
            let what = format!("certificate {} of {} added", certificate.serial, certificate.issuer);
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.to_string(), what })
        };
        self.node().db.write(work).await
    }

    /// From now on the certificate logs nobody in. It is not revoked by that: its issuer does so.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the asker's, or is withdrawn.
    pub async fn withdraw_certificate(&self, fresh: &StepUp<OwnAccount>, fingerprint: &str) -> Result<()> {
        let account = own_id(fresh)?;
        let missing = || Error::not_found("the certificate");
        let fingerprint = HEXLOWER.decode(fingerprint.as_bytes()).map_err(|_| missing())?;
        let node = self.node().clone();
        let (now, stamp) = (node.now(), fresh.stamp(node.now()));
        let work = move |tx: &Write<'_>| {
            if !rows::withdraw(tx, &fingerprint, account, now)? {
                return Err(missing());
            }
            let what = format!("certificate {} withdrawn", HEXLOWER.encode(&fingerprint[..8]));
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.to_string(), what })
        };
        self.node().db.write(work).await
    }

    /// The asker proves themselves by the certificate that brought them here: for accounts that have nothing else.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when there is something stronger, or no certificate.
    pub async fn step_up_by_certificate(&self, granted: &Granted<OwnAccount>) -> Result<()> {
        let by_certificate = granted.actor().by_certificate();
        if !by_certificate || !self.proofs(granted).await?.none() {
            let why = "a certificate alone is a proof only where the account has neither password nor second factor";
            return Err(Error::Forbidden(why.into()));
        }
        let (node, granted, now) = (self.node().clone(), granted.clone(), self.node().now());
        let work =
            move |tx: &Write<'_>| crate::step_up::proven(&node, tx, &granted, "certificate", false, now);
        self.node().db.write(work).await
    }
}
