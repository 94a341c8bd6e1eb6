//! Authorities of others that the operator trusts: for clients, a national network's, for example; or to prove what teams
//! claim.

use std::time::Duration;

use contracts::pki::IssuerTrusted;
use identity::{Granted, ManageNode};
use kit::{Error, Result, Time, Write, events};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList,
    RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy, anchor_from_trusted_cert,
};
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::name::Name;

use crate::issue::hex;
use crate::model::{Serves, Trusted};
use crate::x509::{self, blocks, fingerprint};
use crate::{Pki, store};

/// id-kp-clientAuth (RFC 5280 section 4.2.1.12), as bytes.
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
/// A revocation list of another authority is at most so large.
pub const LARGEST_CRL: usize = 8 * 1024 * 1024;

/// Such an authority, ready to be asked.
pub(crate) struct Foreign {
    pub(crate) stored: Trusted,
    /// Its name, by which certificates say that they are its own.
    name: Option<Name>,
    valid: Option<(Time, Time)>,
    anchor: Option<TrustAnchor<'static>>,
    crl: Option<CertRevocationList<'static>>,
}

impl Foreign {
    pub(crate) fn new(stored: Trusted) -> Self {
        let tbs =
            Certificate::from_der(&stored.certificate).ok().map(|certificate| certificate.tbs_certificate);
        let valid = tbs
            .as_ref()
            .map(|tbs| (x509::micros(&tbs.validity.not_before), x509::micros(&tbs.validity.not_after)));
        let der = CertificateDer::from_slice(&stored.certificate);
        let anchor = anchor_from_trusted_cert(&der).ok().map(|anchor| anchor.to_owned());
        let crl = stored.crl.as_deref().and_then(|crl| OwnedCertRevocationList::from_der(crl).ok());
        Self {
            name: tbs.map(|tbs| tbs.subject),
            valid,
            anchor,
            crl: crl.map(CertRevocationList::Owned),
            stored,
        }
    }

    /// Whether `certificate` says that it is of this authority; its signature may say otherwise.
    pub(crate) fn is_named_by(&self, certificate: &Certificate) -> bool {
        self.name.as_ref() == Some(&certificate.tbs_certificate.issuer)
    }

    /// The same, where it is trusted for clients.
    pub(crate) fn is_of_clients(&self, certificate: &Certificate) -> bool {
        self.stored.serves.clients() && self.is_named_by(certificate)
    }

    /// Its revocation list.
    pub(crate) fn list(&self) -> Option<&CertRevocationList<'static>> {
        self.crl.as_ref()
    }

    /// Whether its list speaks of some of its certificates alone (RFC 5280 section 5.2.5).
    pub(crate) fn is_of_a_part(&self) -> bool {
        self.crl.as_ref().is_some_and(|list| list.issuing_distribution_point().is_some())
    }

    /// Whether the authority itself is in its time at `at`.
    ///
    /// # Errors
    /// Why not, in words for the holder of one of its certificates.
    pub(crate) fn is_in_time(&self, at: Time) -> Result<(), String> {
        let name = &self.stored.name;
        let (from, until) = self.valid.ok_or_else(|| format!("the certificate of {name} cannot be read"))?;
        if at < from || until <= at {
            return Err(format!("the authority {name} itself is not in its time"));
        }
        Ok(())
    }

    /// Whether the client's certificate `der` is of this authority and good at `at`.
    ///
    /// # Errors
    /// Why not, in words for its holder.
    pub(crate) fn verify(&self, der: &[u8], at: Time) -> Result<(), String> {
        self.verify_for(KeyUsage::required(CLIENT_AUTH), der, at)
    }

    /// Whether the certificate `der` is of this authority, for `usage`, and good at `at`.
    ///
    /// # Errors
    /// Why not, in words for its holder.
    pub(crate) fn verify_for(&self, usage: KeyUsage, der: &[u8], at: Time) -> Result<(), String> {
        let name = &self.stored.name;
        self.is_in_time(at)?;
        let anchors = self.anchor.as_slice();
        let der = CertificateDer::from_slice(der);
        let certificate =
            EndEntityCert::try_from(&der).map_err(|error| format!("it cannot be read: {error}"))?;
        let time = UnixTime::since_unix_epoch(Duration::from_micros(u64::try_from(at).unwrap_or(0)));
        let lenient = self.stored.accept_without_crl;
        let lists: Vec<_> = self.crl.iter().collect();
        let revocation = match RevocationOptionsBuilder::new(&lists) {
            Ok(options) if lenient => Some(
                options
                    .with_status_policy(UnknownStatusPolicy::Allow)
                    .with_expiration_policy(ExpirationPolicy::Ignore),
            ),
            Ok(options) => Some(
                options
                    .with_status_policy(UnknownStatusPolicy::Deny)
                    .with_expiration_policy(ExpirationPolicy::Enforce),
            ),
            Err(_) if lenient => None,
            Err(_) => {
                return Err(format!(
                    "the revocation list of {name} is not here yet: ask the operator for it"
                ));
            }
        };
        let revocation =
            revocation.map(|options| options.with_depth(RevocationCheckDepth::EndEntity).build());
        let verified = certificate.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            anchors,
            &[],
            time,
            usage,
            revocation,
            None,
        );
        verified.map(drop).map_err(|error| match error {
            webpki::Error::CertRevoked => format!("{name} has revoked it"),
            webpki::Error::CertExpired { .. } => "its time is over".into(),
            webpki::Error::CertNotValidYet { .. } => "its time has not begun".into(),
            webpki::Error::CrlExpired { .. } => {
                format!("the revocation list of {name} is out of date: ask the operator for the newest")
            }
            other => format!("it does not hold under {name}: {other}"),
        })
    }
}

impl Pki {
    /// Trusts the authority whose certificate is in `pem` (PEM or DER) for what it `serves` here, under `name`. Its
    /// certificates log nobody in by that: an account binds its own. Its list is fetched at `crl_url`, or brought by hand.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is no certificate of an authority; [`Error::Conflict`] when it, or the name, is known.
    pub async fn trust(
        &self,
        granted: &Granted<ManageNode>,
        name: &str,
        pem: &[u8],
        crl_url: Option<String>,
        accept_without_crl: bool,
        serves: Serves,
    ) -> Result<()> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(Error::invalid("name", "give it a name of 1 to 100 characters"));
        }
        if let Some(url) = &crl_url
            && !url.starts_with("http://")
            && !url.starts_with("https://")
        {
            return Err(Error::invalid("crl", "begin the address of the list with http:// or https://"));
        }
        let der = one_block(pem, "CERTIFICATE");
        let bad = |why: &str| Error::invalid("certificate", why);
        let certificate =
            Certificate::from_der(&der).map_err(|_| bad("this is no certificate (PEM or DER)"))?;
        let authority = matches!(
            certificate.tbs_certificate.get::<x509_cert::ext::pkix::BasicConstraints>(),
            Ok(Some((_, constraints))) if constraints.ca
        );
        if !authority || anchor_from_trusted_cert(&CertificateDer::from_slice(&der)).is_err() {
            return Err(bad("this certificate is none of an authority: it may not sign others"));
        }
        if self.state().authorities.iter().any(|one| one.der == der) {
            return Err(bad("this is our own authority: it is trusted already"));
        }
        let (node, stamp) = (self.node().clone(), granted.stamp(self.node().now()));
        let one = Trusted {
            fingerprint: fingerprint(&der),
            name,
            certificate: der,
            crl: None,
            crl_from: None,
            crl_until: None,
            crl_url,
            accept_without_crl,
            serves,
            added: stamp.at,
        };
        let work = move |tx: &Write<'_>| {
            let clash = |known: &Trusted| known.fingerprint == one.fingerprint || known.name == one.name;
            if store::trusted(tx)?.iter().any(clash) {
                return Err(Error::Conflict(format!(
                    "{} is trusted already, or another has that name",
                    one.name
                )));
            }
            store::trust(tx, &one)?;
            events::record(&node, tx, &stamp, &said(&one, true))
        };
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// Trusts the authority called `name` no more: what it has issued logs nobody in from now on, and what it has proven
    /// lapses when proofs are looked at again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn distrust(&self, granted: &Granted<ManageNode>, name: &str) -> Result<()> {
        let one = self.foreign(name)?;
        let (node, stamp) = (self.node().clone(), granted.stamp(self.node().now()));
        let work = move |tx: &Write<'_>| {
            store::distrust(tx, &one.fingerprint)?;
            events::record(&node, tx, &stamp, &said(&one, false))
        };
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// Takes the revocation list `bytes` (PEM or DER) of the authority called `name`.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] when it is none, or not signed by that authority; [`Error::Conflict`] when
    /// a newer one is here.
    pub async fn take_crl(&self, _granted: &Granted<ManageNode>, name: &str, bytes: &[u8]) -> Result<()> {
        let one = self.foreign(name)?;
        let bad = |why: String| Error::invalid("crl", why);
        if bytes.len() > LARGEST_CRL {
            return Err(bad(format!("the list has {} bytes: at most {LARGEST_CRL} are read", bytes.len())));
        }
        let der = one_block(bytes, "X509 CRL");
        let list = CertificateList::from_der(&der)
            .map_err(|error| bad(format!("this is no revocation list ({error})")))?;
        let authority = Certificate::from_der(&one.certificate)
            .map_err(|error| Error::Corrupt(format!("the certificate of {}: {error}", one.name)))?;
        if list.tbs_cert_list.issuer != authority.tbs_certificate.subject {
            return Err(bad(format!("this list is of {}, not of {}", list.tbs_cert_list.issuer, one.name)));
        }
        let signed = list.tbs_cert_list.to_der().map_err(|error| bad(error.to_string()))?;
        let spki = &authority.tbs_certificate.subject_public_key_info;
        x509::verify(spki, &list.signature_algorithm, &signed, list.signature.raw_bytes()).map_err(bad)?;
        OwnedCertRevocationList::from_der(&der)
            .map_err(|error| bad(format!("this list cannot be used: {error}")))?;
        let from = x509::micros(&list.tbs_cert_list.this_update);
        let until = list.tbs_cert_list.next_update.as_ref().map_or(from, x509::micros);
        let work = move |tx: &Write<'_>| {
            if store::set_trusted_crl(tx, &one.fingerprint, &der, from, until)? {
                return Ok(());
            }
            Err(Error::Conflict(format!("a newer list of {} is here already", one.name)))
        };
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// The authorities of others that are trusted, by name.
    pub fn trusted(&self, _granted: &Granted<ManageNode>) -> Vec<Trusted> {
        self.state().trusted.iter().map(|one| one.stored.clone()).collect()
    }

    fn foreign(&self, name: &str) -> Result<Trusted> {
        let state = self.state();
        let found = state.trusted.iter().find(|one| one.stored.name == name);
        found
            .map(|one| one.stored.clone())
            .ok_or_else(|| Error::not_found(format!("the trusted authority {name:?}")))
    }
}

fn said(one: &Trusted, trusted: bool) -> IssuerTrusted {
    let (name, fingerprint, serves) = (one.name.clone(), hex(&one.fingerprint), one.serves.name().into());
    IssuerTrusted { name, fingerprint, trusted, serves }
}

/// The first block under `label` when the bytes are PEM, else the bytes.
pub(crate) fn one_block(bytes: &[u8], label: &str) -> Vec<u8> {
    let found = std::str::from_utf8(bytes).ok().map(blocks).unwrap_or_default();
    found.into_iter().find(|(of, _)| of == label).map_or_else(|| bytes.to_vec(), |(_, der)| der)
}
