//! The certificate of the node's own listener: made by the node's own authority, with a key that is made here, and renewed
//! when two thirds of its time are over.

use std::sync::{Arc, Mutex, PoisonError};

use contracts::tls::{OwnCertificate, OwnCertificates};
use kit::clock::SECOND;
use kit::events::Stamp;
use kit::{Error, Id, Read, Result, Time, Write};

use crate::issue::Order;
use crate::model::{Certificate, Purpose, Standing};
use crate::state::{State, Working};
use crate::x509::csr::{Request, make_for};
use crate::x509::{self, CaKey, Curve, Profile, subject};
use crate::{Pki, store};

/// After a failure it is tried again so long after.
const AGAIN: Time = 10 * SECOND;

/// Which hosts the listener serves, and for whom.
pub(crate) struct Hosts {
    names: Vec<String>,
    operator: Box<dyn Fn() -> Result<Id> + Send + Sync>,
    failed: Mutex<Option<(Time, String)>>,
}

/// The certificate that is shown now.
pub(crate) struct Own {
    certificate: Certificate,
    shown: Arc<OwnCertificate>,
}

impl OwnCertificates for Pki {
    fn current(&self) -> Option<Arc<OwnCertificate>> {
        self.state().own.as_ref().map(|own| own.shown.clone())
    }
}

impl Pki {
    /// From now on this node keeps a certificate for its own listener at the hosts `names`; it is one of the team that
    /// `operator` names. The first call counts.
    pub fn serve_hosts(&self, names: Vec<String>, operator: impl Fn() -> Result<Id> + Send + Sync + 'static) {
        let hosts = Hosts { names, operator: Box::new(operator), failed: Mutex::default() };
        let _ = self.inner.hosts.set(hosts); // one listener
    }

    /// Makes the certificate of the node's own listener when there is none, two thirds of its time are over, it was
    /// revoked, or the hosts are others. Returns whether there is a new one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without an authority; [`Error::Conflict`] without an operating team.
    pub async fn renew_own(&self) -> Result<bool> {
        let (state, now) = (self.state(), self.node().now());
        let Some(hosts) = self.inner.hosts.get() else { return Ok(false) };
        let old = state.own.as_ref().map(|own| &own.certificate);
        if old.is_some_and(|old| !is_due(&state, old, &hosts.names, now)) {
            return Ok(false);
        }
        let (known, before) = (old.map(|old| old.known.fingerprint), self.node().db.read(store::own).await?);
        let before = before.map(|(fingerprint, _)| fingerprint);
        if before != known && self.refresh().await? {
            return Ok(false); // another node has made one: it is looked at the next time
        }
        let organisation = (hosts.operator)()?;
        let team = self.node().db.read(move |c| identity::organisation_name(c, organisation)).await?;
        let team = team.ok_or_else(|| Error::not_found("the operating team"))?;
        let key = CaKey::make(Curve::P256, self.node().random());
        let request = make_for(&key, &Default::default(), &hosts.names)?;
        let request = Request::parse(&request).map_err(|why| Error::invalid("[hosts]", why))?;
        let common = hosts.names.first().filter(|name| name.len() <= 64).map_or("", String::as_str);
        let order = Order {
            purpose: Purpose::Node,
            profile: Profile::Server { names: hosts.names.clone() },
            subject: subject(&[(x509::O, &team), (x509::CN, common)])?,
            names: hosts.names.clone(),
            organisation,
            account: None,
            notify: None,
            days: self.settings().server_days,
        };
        let prepared = self.sign(&request, order)?;
        let fingerprint = prepared.issued().known.fingerprint;
        let sealed = self.node().secrets.seal(&purpose(&fingerprint), &key.to_pkcs8()?, self.node().random());
        let stamp = Stamp { at: now, team: Some(organisation), actor: "node".into() };
        let this = self.clone();
        let work = move |tx: &Write<'_>| {
            // Another node may have made one meanwhile.
            if store::own(tx)?.map(|(fingerprint, _)| fingerprint) != before {
                return Ok(false);
            }
            this.keep(tx, &stamp, &prepared)?;
            store::set_own(tx, &fingerprint, &sealed)?;
            Ok(true)
        };
        let made = self.node().db.write(work).await?;
        self.reload().await?;
        Ok(made)
    }

    /// [`Pki::renew_own`], tried again a while after a failure; each failure is told once.
    pub(crate) async fn tend_own(&self) {
        let Some(hosts) = self.inner.hosts.get() else { return };
        let failed = || hosts.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.node().now();
        let before = failed().clone();
        if before.as_ref().is_some_and(|(at, _)| (*at..at + AGAIN).contains(&now)) {
            return;
        }
        let outcome = self.renew_own().await.map_err(|error| error.to_string());
        match outcome {
            Ok(made) => {
                *failed() = None;
                if made {
                    tracing::info!("the node's own certificate was made by its own authority");
                }
            }
            Err(why) => {
                if before.is_none_or(|(_, told)| told != why) {
                    tracing::warn!(why, "the node's own certificate could not be made");
                }
                *failed() = Some((now, why));
            }
        }
    }
}

/// Whether `one` is to be replaced.
fn is_due(state: &State, one: &Certificate, names: &[String], now: Time) -> bool {
    let known = &one.known;
    let revoked = known.revoked.is_some()
        || state.authority(known.authority).is_none_or(|by| by.stored.state == Standing::Revoked);
    let two_thirds = known.from + (known.until - known.from) / 3 * 2;
    revoked || one.names != names || now >= two_thirds
}

/// What `authorities` have made for the listener; nothing when its key cannot be opened, so that it is made anew.
pub(crate) fn read(node: &kit::Node, c: &Read<'_>, authorities: &[Arc<Working>]) -> Result<Option<Own>> {
    let Some((fingerprint, sealed)) = store::own(c)? else { return Ok(None) };
    let Some(certificate) = store::certificate_by(c, &fingerprint)? else { return Ok(None) };
    let Ok(key) = node.secrets.open(&purpose(&fingerprint), &sealed) else { return Ok(None) };
    let above = authorities.iter().find(|one| one.stored.id == certificate.known.authority);
    let chain = std::iter::once(certificate.der.clone()).chain(above.map(|one| one.der.clone())).collect();
    Ok(Some(Own { certificate, shown: Arc::new(OwnCertificate { chain, key }) }))
}

/// For what its key is sealed.
fn purpose(fingerprint: &[u8; 32]) -> String {
    format!("pki-own:{}", crate::issue::hex(fingerprint))
}
