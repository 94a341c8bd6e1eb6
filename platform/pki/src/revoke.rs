//! Revoking: by the holder, the team, the operator; and by itself, when a team's standing changes.

use contracts::pki::{CertificateHeld, CertificateReleased, CertificateRevoked};
use identity::{Granted, Introduce, ManageNode, ManageTeam, Permission, RequestCertificates};
use kit::events::Stamp;
use kit::{Error, Result, Write, events};

use crate::Pki;
use crate::model::{Certificate, Known};
use crate::store::{self, Numbered};
use crate::x509::crl::Reason;

/// What the standing of its team asks of a certificate.
#[derive(Debug, Clone)]
enum Follow {
    /// The team has left for good.
    Revoke,
    /// The team is not entitled; why.
    Hold(String),
    /// It is entitled again.
    Release,
}

impl Pki {
    /// Revokes a certificate of the asker's own.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is somebody else's; [`Error::Conflict`] when it is revoked already.
    pub async fn revoke_own(
        &self,
        granted: &Granted<RequestCertificates>,
        fingerprint: [u8; 32],
        reason: Reason,
    ) -> Result<()> {
        let account = granted.actor().account;
        self.revoke_if(granted, fingerprint, reason, move |known| {
            account.is_some() && known.account == account
        })
        .await
    }

    /// Revokes a certificate of the asker's team, of a person or a server.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is another team's; [`Error::Conflict`] when it is revoked already.
    pub async fn revoke_of_team(
        &self,
        granted: &Granted<ManageTeam>,
        fingerprint: [u8; 32],
        reason: Reason,
    ) -> Result<()> {
        let team = granted.team();
        self.revoke_if(granted, fingerprint, reason, move |known| known.organisation == team).await
    }

    /// Revokes any certificate, for the community's operator.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when it is revoked already.
    pub async fn revoke(
        &self,
        granted: &Granted<Introduce>,
        fingerprint: [u8; 32],
        reason: Reason,
    ) -> Result<()> {
        self.revoke_if(granted, fingerprint, reason, |_| true).await
    }

    /// Revokes any certificate, for the command line.
    ///
    /// # Errors
    /// As [`Pki::revoke`].
    pub async fn revoke_any(
        &self,
        granted: &Granted<ManageNode>,
        fingerprint: [u8; 32],
        reason: Reason,
    ) -> Result<()> {
        self.revoke_if(granted, fingerprint, reason, |_| true).await
    }

    async fn revoke_if<P: Permission>(
        &self,
        granted: &Granted<P>,
        fingerprint: [u8; 32],
        reason: Reason,
        may: impl Fn(&Known) -> bool + Send + Sync + 'static,
    ) -> Result<()> {
        let (this, stamp) = (self.clone(), granted.stamp(self.node().now()));
        let work = move |tx: &Write<'_>| {
            let found = store::certificate_by(tx, &fingerprint)?.filter(|one| may(&one.known));
            let one = found.ok_or_else(|| Error::not_found("the certificate"))?;
            this.revoke_in(tx, &stamp, &one, reason)
        };
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// Revokes `certificate` in the transaction of the caller's own use case, who has found that it may; with its event.
    /// Call [`Pki::reload`] after the commit. The list follows by a job. A key that others may have is given up with all
    /// certificates that were issued for it; that is said also of a certificate that was revoked for another reason.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is revoked already, for that reason or a weaker one; [`Error::Invalid`] for a reason that is none of a certificate's.
    pub fn revoke_in(
        &self,
        tx: &Write<'_>,
        stamp: &Stamp,
        certificate: &Certificate,
        reason: Reason,
    ) -> Result<()> {
        if matches!(reason, Reason::Hold | Reason::AuthorityCompromise) {
            return Err(Error::invalid(
                "reason",
                format!("{} is for the authority itself to give", reason.name()),
            ));
        }
        let Known { fingerprint, serial, .. } = &certificate.known;
        let already = || Error::Conflict(format!("the certificate {serial} is revoked already"));
        let revoked = if reason == Reason::KeyCompromise {
            let all = store::with_key_of(tx, fingerprint)?;
            if !all.iter().any(|one| one.fingerprint == *fingerprint) {
                return Err(already());
            }
            for one in &all {
                store::compromise(tx, &one.fingerprint, stamp.at)?;
            }
            all
        } else {
            if !store::revoke(tx, fingerprint, stamp.at, reason)? {
                return Err(already());
            }
            let (serial, authority) = (serial.clone(), certificate.authority_name.clone());
            vec![Numbered { fingerprint: *fingerprint, serial, authority }]
        };
        for Numbered { authority, serial, .. } in revoked {
            let event = CertificateRevoked { authority, serial, reason: reason.name().into() };
            events::record(self.node(), tx, stamp, &event)?;
        }
        // The reason is part of it: what is raised to a compromise is no second request for the same list.
        self.plan_lists(tx, stamp.at, &format!("{serial}-{}", reason.number()))
    }

    /// The certificate with these bytes or this fingerprint, for those who may revoke it in their own use case (ACME).
    ///
    /// # Errors
    /// The database is gone.
    pub fn certificate_in(&self, c: &kit::Read<'_>, fingerprint: &[u8; 32]) -> Result<Option<Certificate>> {
        store::certificate_by(c, fingerprint)
    }

    /// Brings lists up to date with the standing of all teams, and with the accounts that are shut: certificates of a team
    /// that is not entitled, or of a person whose account is shut, are held
    /// (RFC 5280 reason 6), released when it is entitled again, and revoked for good when it has left the community. The
    /// verdict on a certificate does not wait for this. Returns how many certificates changed.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn follow(&self) -> Result<usize> {
        self.look_who_is_shut().await?;
        let (state, now) = (self.state(), self.node().now());
        let mut changes = Vec::new();
        for known in state.by_fingerprint.values().filter(|one| one.revoked.is_none() && one.until > now) {
            let gone = || self.entitlements().gone(&known.organisation.to_string());
            let change = match (self.entitled(known), known.held) {
                (Ok(()), None) => None,
                (Ok(()), Some(_)) => Some(Follow::Release),
                (Err(_), _) if gone() => Some(Follow::Revoke),
                (Err(why), None) => Some(Follow::Hold(why)),
                (Err(_), Some(_)) => None,
            };
            if let Some(change) = change {
                let authority = state.authority(known.authority).map(|one| one.stored.name.clone());
                changes.push((known.clone(), authority.unwrap_or_default(), change));
            }
        }
        if changes.is_empty() {
            return Ok(0);
        }
        let count = changes.len();
        let (this, node) = (self.clone(), self.node().clone());
        let work = move |tx: &Write<'_>| {
            for (known, authority, change) in &changes {
                let (authority, serial) = (authority.clone(), known.serial.clone());
                let stamp = Stamp { at: now, team: Some(known.organisation), actor: "node".into() };
                let fingerprint = &known.fingerprint;
                match change {
                    Follow::Revoke => {
                        if store::revoke(tx, fingerprint, now, Reason::CessationOfOperation)? {
                            let reason = Reason::CessationOfOperation.name().into();
                            events::record(
                                &node,
                                tx,
                                &stamp,
                                &CertificateRevoked { authority, serial, reason },
                            )?;
                        }
                    }
                    Follow::Hold(why) => {
                        if store::hold(tx, fingerprint, now)? {
                            let why = why.clone();
                            events::record(&node, tx, &stamp, &CertificateHeld { authority, serial, why })?;
                        }
                    }
                    Follow::Release => {
                        if store::release(tx, fingerprint)? {
                            events::record(&node, tx, &stamp, &CertificateReleased { authority, serial })?;
                        }
                    }
                }
            }
            this.plan_lists(tx, now, &format!("{}-{now}", changes.len()))
        };
        self.node().db.write(work).await?;
        self.reload().await?;
        Ok(count)
    }
}
