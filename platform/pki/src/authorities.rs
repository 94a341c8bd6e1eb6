//! The node's own authorities: asked for, installed, followed by the next.

use contracts::pki::AuthorityChanged;
use identity::{Granted, ManageNode};
use kit::{Error, Result, Time, Write, events};
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::der::{Decode as _, Encode as _};

use crate::ceremony::{IssuerTerms, Root, authority_name};
use crate::issue::hex;
use crate::model::{Authority, Standing};
use crate::state::purpose;
use crate::trusted::one_block;
use crate::x509::{self, CN, CaKey, Curve, O, armour, blocks, fingerprint, key_id, subject, unencoded};
use crate::{Pki, store};

impl Pki {
    /// Makes the key of a new issuing authority, sealed on this node, and asks for its certificate: the request in PEM,
    /// for the root's ceremony.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn request_authority(&self, granted: &Granted<ManageNode>, community: &str) -> Result<String> {
        let node = self.node().clone();
        let key = CaKey::make(Curve::P256, node.random());
        let spki = key.public()?;
        let name = authority_name(false, &key_id(&spki));
        let subject = subject(&[(O, community), (CN, &format!("{community} {name}"))])?;
        let request = x509::csr::make(&key, &subject)?;
        let id = node.id();
        let sealed = node.secrets.seal(&purpose(id), &key.to_pkcs8()?, node.random());
        let one = Authority {
            id,
            name: name.clone(),
            root: false,
            state: Standing::Requested,
            certificate: None,
            key_sealed: Some(sealed),
            crl: None,
            crl_number: 0,
            crl_until: 0,
        };
        let stamp = granted.stamp(node.now());
        let work = move |tx: &Write<'_>| {
            store::add_authority(tx, &one, stamp.at)?;
            let event = changed(&one.name, Standing::Requested, None);
            events::record(&node, tx, &stamp, &event)
        };
        self.node().db.write(work).await?;
        self.reload().await?;
        Ok(armour("CERTIFICATE REQUEST", &request))
    }

    /// Takes up the work of the authority whose certificate is in `pem`, with its root's behind it (which may be known
    /// already). The one that issued before is retired: it answers still for what it has issued. A renewed certificate
    /// for a root or an authority that is known takes the place of the one before.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is none whose key is here, when its root has not signed it, or when either is not
    /// in its time.
    pub async fn install_authority(&self, granted: &Granted<ManageNode>, pem: &str) -> Result<()> {
        let certificates = blocks(pem).into_iter().filter(|(label, _)| label == "CERTIFICATE");
        let (node, now) = (self.node().clone(), self.node().now());
        let mut ours = None;
        let mut roots: Vec<Certificate> = self
            .state()
            .authorities
            .iter()
            .filter(|one| one.stored.root)
            .map(|one| one.certificate.clone())
            .collect();
        let mut new_roots = Vec::new();
        for (_, der) in certificates {
            let unread =
                |error| Error::invalid("certificate", format!("a certificate cannot be read ({error})"));
            let certificate = Certificate::from_der(&der).map_err(unread)?;
            if certificate.tbs_certificate.subject == certificate.tbs_certificate.issuer {
                signed_by(&certificate, &der, &certificate, now)?;
                new_roots.push((der, certificate.clone()));
                roots.push(certificate);
            } else {
                ours = Some((der, certificate));
            }
        }
        let found = match ours {
            Some((der, certificate)) => {
                let by =
                    |root: &&Certificate| root.tbs_certificate.subject == certificate.tbs_certificate.issuer;
                let candidates: Vec<_> = roots.iter().filter(by).collect();
                let verified = candidates.iter().any(|root| signed_by(&certificate, &der, root, now).is_ok());
                if !verified {
                    let advice = "no root that is known here has signed this authority, or it is not in its time: put the \
                                  root's certificate into the same file";
                    return Err(Error::invalid("certificate", advice));
                }
                Some((der, certificate))
            }
            None if new_roots.is_empty() => {
                return Err(Error::invalid("certificate", "there is no certificate in this file (PEM)"));
            }
            None => None,
        };
        let stamp = granted.stamp(now);
        let work = move |tx: &Write<'_>| {
            let known = store::authorities(tx)?;
            for (der, root) in &new_roots {
                let name = authority_name(true, &key_id(&root.tbs_certificate.subject_public_key_info));
                match known.iter().find(|one| one.name == name) {
                    Some(one) if one.certificate.as_deref() == Some(der.as_slice()) => continue,
                    Some(one) => store::certify_authority(tx, one.id, der, one.state)?,
                    None => {
                        let one = Authority {
                            id: node.id(),
                            name: name.clone(),
                            root: true,
                            state: Standing::Active,
                            certificate: Some(der.clone()),
                            key_sealed: None,
                            crl: None,
                            crl_number: 0,
                            crl_until: 0,
                        };
                        store::add_authority(tx, &one, stamp.at)?;
                    }
                }
                events::record(&node, tx, &stamp, &changed(&name, Standing::Active, Some(der)))?;
            }
            let Some((der, certificate)) = &found else { return Ok(()) };
            let name = authority_name(false, &key_id(&certificate.tbs_certificate.subject_public_key_info));
            let one =
                known.iter().find(|one| one.name == name && one.key_sealed.is_some()).ok_or_else(|| {
                    let advice =
                        format!("the key of {name} is not on this node: install it where it was asked for");
                    Error::invalid("certificate", advice)
                })?;
            if one.state == Standing::Revoked {
                return Err(Error::Conflict(format!("{name} was revoked by its root: ask for a new one")));
            }
            // A renewed certificate leaves an authority as it stands; one that is new takes up the work.
            let is_new = one.state == Standing::Requested;
            let state = if is_new { Standing::Active } else { one.state };
            store::certify_authority(tx, one.id, der, state)?;
            events::record(&node, tx, &stamp, &changed(&name, state, Some(der)))?;
            let before = known
                .iter()
                .filter(|old| is_new && !old.root && old.id != one.id && old.state == Standing::Active);
            for old in before {
                store::set_authority_state(tx, old.id, Standing::Retired)?;
                let event = changed(&old.name, Standing::Retired, old.certificate.as_deref());
                events::record(&node, tx, &stamp, &event)?;
            }
            Ok(())
        };
        self.node().db.write(work).await?;
        self.reload().await?;
        self.make_lists().await.map(drop)
    }

    /// Publishes the revocation list of a root (DER or PEM). An issuing authority that stands in it is revoked, and with
    /// it everything that it has issued.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is none, or of no root that is known here; [`Error::Conflict`] when a newer one is
    /// there.
    pub async fn install_root_crl(&self, granted: &Granted<ManageNode>, bytes: &[u8]) -> Result<()> {
        let der = one_block(bytes, "X509 CRL");
        let bad = |why: String| Error::invalid("crl", why);
        let list = CertificateList::from_der(&der)
            .map_err(|error| bad(format!("this is no revocation list ({error})")))?;
        let state = self.state();
        let root = state.authorities.iter().find(|one| {
            one.stored.root
                && one.issuer.name == list.tbs_cert_list.issuer
                && list.tbs_cert_list.to_der().is_ok_and(|signed| {
                    let spki = &one.certificate.tbs_certificate.subject_public_key_info;
                    x509::verify(spki, &list.signature_algorithm, &signed, list.signature.raw_bytes()).is_ok()
                })
        });
        let root = root.ok_or_else(|| bad("no root that is known here has signed this list".into()))?;
        let number = x509::crl::number(&list).ok_or_else(|| bad("this list has no number".into()))?;
        let until = list.tbs_cert_list.next_update.as_ref().map_or(0, x509::micros);
        let entries = list.tbs_cert_list.revoked_certificates.as_deref().unwrap_or_default();
        let revoked: Vec<_> = state
            .authorities
            .iter()
            .filter(|one| !one.stored.root && one.stored.state != Standing::Revoked)
            .filter(|one| one.certificate.tbs_certificate.issuer == list.tbs_cert_list.issuer)
            .filter(|one| {
                entries
                    .iter()
                    .any(|entry| entry.serial_number == one.certificate.tbs_certificate.serial_number)
            })
            .cloned()
            .collect();
        let (node, stamp, id) = (self.node().clone(), granted.stamp(self.node().now()), root.stored.id);
        let work = move |tx: &Write<'_>| {
            if !store::set_crl(tx, id, &der, number, until)? {
                return Err(Error::Conflict(
                    "a list with this number or a later one is published already".into(),
                ));
            }
            for one in &revoked {
                store::set_authority_state(tx, one.stored.id, Standing::Revoked)?;
                let event = changed(&one.stored.name, Standing::Revoked, Some(&one.der));
                events::record(&node, tx, &stamp, &event)?;
            }
            Ok(())
        };
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// The quick way for a small community: an issuing authority under `root`, and the root's first list, good for
    /// `crl_days`. The root's own key is kept nowhere here: its file belongs away from the node.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is an authority already; [`Error::Invalid`] for `terms` or days.
    pub async fn begin(
        &self,
        granted: &Granted<ManageNode>,
        root: &Root,
        terms: &IssuerTerms,
        crl_days: u32,
    ) -> Result<()> {
        self.must_not_have_begun()?;
        let (node, now) = (self.node().clone(), self.node().now());
        let list = root.crl(&[], 1, now, crl_days)?;
        let request = self.request_authority(granted, &root.community()).await?;
        let issuer = root.sign_issuer(request.as_bytes(), terms, now, node.random())?;
        self.install_authority(granted, &(armour("CERTIFICATE", &issuer) + &root.pem())).await?;
        self.install_root_crl(granted, &list).await
    }

    /// Refuses when there is an authority already.
    ///
    /// # Errors
    /// [`Error::Conflict`] says what to do instead.
    pub(crate) fn must_not_have_begun(&self) -> Result<()> {
        if self.state().authorities.is_empty() {
            return Ok(());
        }
        let advice = "there is a certification authority already: `wardmote cert issuing request` begins its successor";
        Err(Error::Conflict(advice.into()))
    }
}

fn changed(name: &str, state: Standing, der: Option<&[u8]>) -> AuthorityChanged {
    AuthorityChanged {
        authority: name.to_owned(),
        state: state.name().into(),
        fingerprint: der.map(|der| hex(&fingerprint(der))).unwrap_or_default(),
    }
}

/// Whether `by` has signed `certificate`, may do so, and both are in their time.
fn signed_by(certificate: &Certificate, der: &[u8], by: &Certificate, now: Time) -> Result<()> {
    let bad = |why: String| Err(Error::invalid("certificate", why));
    let (tbs, above) = (&certificate.tbs_certificate, &by.tbs_certificate);
    let ca = |of: &x509_cert::TbsCertificate| matches!(of.get::<x509_cert::ext::pkix::BasicConstraints>(), Ok(Some((_, constraints))) if constraints.ca);
    if !ca(above) || !ca(tbs) {
        return bad("this is no certificate of an authority".into());
    }
    for one in [tbs, above] {
        let (from, until) = (x509::micros(&one.validity.not_before), x509::micros(&one.validity.not_after));
        if now < from || until <= now {
            return bad(format!("{} is not in its time", one.subject));
        }
    }
    let signed = tbs.to_der().map_err(unencoded)?;
    if certificate.to_der().map_err(unencoded)? != der {
        return bad("the certificate is written in an unusual way".into());
    }
    let spki = &above.subject_public_key_info;
    match x509::verify(spki, &certificate.signature_algorithm, &signed, certificate.signature.raw_bytes()) {
        Ok(_) => Ok(()),
        Err(why) => bad(format!("{} is not signed by {}: {why}", tbs.subject, above.subject)),
    }
}
