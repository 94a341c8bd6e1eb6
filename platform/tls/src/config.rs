//! The listener's settings, and what clients may show.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use contracts::tls::OwnCertificates;
use kit::clock::DAY;
use kit::health::Finding;
use kit::{Error, Node, Result, Time};
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{self, DigitallySignedStruct, DistinguishedName, SignatureScheme};

use crate::{Acme, Config};

/// Where certificate and key lie, as PEM: the certificate with those that vouch for it behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The certificate.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Where the node's own certificate comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Out of files, which somebody else writes.
    #[default]
    Files,
    /// The node's own authority makes and renews it, for the names of `[hosts]`.
    Authority,
    /// An authority elsewhere does, asked by ACME.
    Acme,
}

/// The section `[tls]` of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Where pages and API are reached by https, and members show their certificates.
    pub listen: SocketAddr,
    /// Whether it listens at all.
    pub enabled: bool,
    /// Where its own certificate comes from.
    pub source: Source,
    /// The node's certificate, with those that vouch for it behind it, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert: Option<PathBuf>,
    /// Its key, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// The authority that is asked by ACME.
    pub acme: crate::acme::Section,
    /// More of them, for other names: each client gets the one that has the name it asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Files>,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            enabled: false,
            source: Source::Files,
            cert: None,
            key: None,
            acme: crate::acme::Section::default(),
            more: Vec::new(),
        }
    }
}

impl Section {
    /// Makes relative paths count from `folder`, that of the configuration.
    pub fn resolve(&mut self, folder: &Path) {
        let more = self.more.iter_mut().flat_map(|files| [&mut files.cert, &mut files.key]);
        let acme = self.acme.root.iter_mut().chain(&mut self.acme.key_file);
        let all = self.cert.iter_mut().chain(&mut self.key).chain(acme).chain(more);
        all.for_each(|file| kit::config::beside(folder, file));
    }

    /// Whether the node's own authority makes the listener's certificate.
    pub fn is_by_authority(&self) -> bool {
        self.enabled && self.source == Source::Authority
    }

    /// Whether an authority elsewhere is asked for it by ACME.
    pub fn is_by_acme(&self) -> bool {
        self.enabled && self.source == Source::Acme
    }

    /// The client for the names of `[hosts]`, when an authority elsewhere is asked; what it keeps lies in the folder `data`.
    ///
    /// # Errors
    /// As [`Acme::open`].
    pub fn acme_client(&self, node: &Node, hosts: Vec<String>, data: &Path) -> Result<Option<Arc<Acme>>> {
        let open = || Acme::open(node.clone(), self.acme.clone(), hosts, data);
        self.is_by_acme().then(open).transpose()
    }

    /// Looks for what cannot work, with the names of `[hosts]`.
    ///
    /// # Errors
    /// A file is missing, or is not what it should be; nobody would know for which names a certificate is to be made.
    pub fn check(&self, hosts: &[String]) -> Result<()> {
        if self.is_by_acme() {
            self.acme.check()?;
        }
        if self.enabled && self.source != Source::Files && hosts.is_empty() {
            let advice = "[hosts] names no host to make a certificate for: name the members' host at least";
            return Err(Error::invalid("[tls] source", advice));
        }
        Config::of(&self.files()?, None).map(drop)
    }

    /// What is served, if it is to listen; `own` has the certificate that comes from no file. Clients are asked
    /// for theirs at the host `members` alone; without it, at every name.
    ///
    /// # Errors
    /// A file is missing, or is not what it should be.
    pub fn read(&self, members: Option<&str>, own: &Arc<dyn OwnCertificates>) -> Result<Option<Config>> {
        if !self.enabled {
            return Ok(None);
        }
        let own = (self.source != Source::Files).then(|| own.clone());
        Config::with(&self.files()?, own, members).map(Some)
    }

    /// All files that are to be read, its own first.
    fn files(&self) -> Result<Vec<Files>> {
        let own = match (&self.cert, &self.key) {
            _ if !self.enabled => return Ok(Vec::new()),
            (None, None) if self.source != Source::Files => None,
            _ if self.source != Source::Files => {
                let advice = "the certificate comes from an authority: leave out cert and key (more may stand beside it)";
                return Err(Error::invalid("[tls] source", advice));
            }
            (Some(cert), Some(key)) => Some(Files { cert: cert.clone(), key: key.clone() }),
            _ => {
                let advice = "cert and key are missing: name both files, or set source, or enabled = false";
                return Err(Error::invalid("[tls] enabled", advice));
            }
        };
        Ok(own.into_iter().chain(self.more.iter().cloned()).collect())
    }

    /// Whether all is well at `now`; `None` when it does not listen.
    pub fn finding(&self, own: &Arc<dyn OwnCertificates>, now: Time) -> Option<Finding> {
        let listen = self.listen;
        Some(match self.read(None, own).map(|read| read.map(|config| config.ends())) {
            Ok(None) => return None,
            Ok(Some(None)) if self.source != Source::Files && own.current().is_none() => {
                let advice = match self.source {
                    Source::Acme => "the node asks for it when it runs; its log says what came of it",
                    _ => "the node makes it when it runs and has an authority (`wardmote cert init`)",
                };
                Finding::bad("tls", format!("{listen}, no certificate yet: {advice}"))
            }
            Ok(Some(None)) => Finding::good("tls", listen.to_string()),
            Ok(Some(Some(ends))) => {
                let todo = match self.source {
                    Source::Files => "renew it",
                    _ => "the node renews it when it runs: does it? Else its log says why",
                };
                let told = Finding::ends("tls", ends, now, TOLD_DAYS, todo);
                let words = format!("{listen}, certificate {}", told.words);
                match ends - now < WARN_DAYS * DAY {
                    true => Finding::bad("tls", words),
                    false => Finding { words, ..told },
                }
            }
            Err(error) => Finding::bad("tls", error.to_string()),
        })
    }
}

/// A certificate that ends within so many days is told of: those that are good for 90 days are renewed before.
const TOLD_DAYS: i64 = 20;
/// Within so many days it is to be renewed now.
const WARN_DAYS: i64 = 7;

pub(crate) fn wrong(setting: &str, file: &Path, why: &str) -> Error {
    Error::invalid(format!("[tls] {setting}"), format!("{}: {why}", file.display()))
}

/// Takes every certificate whose key the client has, and clients without one.
#[derive(Debug)]
pub(crate) struct AnyCertificate(pub(crate) WebPkiSupportedAlgorithms);

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[] // any: browsers and curl then offer what they have
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> std::result::Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
