//! The listener's settings, and what clients may show.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use kit::clock::DAY;
use kit::{Error, Result, Time};
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{self, DigitallySignedStruct, DistinguishedName, SignatureScheme};

use crate::Config;

/// Where certificate and key lie, as PEM: the certificate with those that vouch for it behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The certificate.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// The section `[tls]` of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Where pages and API are reached by https, and members show their certificates.
    pub listen: SocketAddr,
    /// Whether it listens at all.
    pub enabled: bool,
    /// The node's certificate, with those that vouch for it behind it, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert: Option<PathBuf>,
    /// Its key, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// More of them, for other names: each client gets the one that has the name it asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Files>,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            enabled: false,
            cert: None,
            key: None,
            more: Vec::new(),
        }
    }
}

impl Section {
    /// Certificates and keys, if it is to listen. Clients are asked for theirs at the host `members` alone; without it,
    /// at every name.
    ///
    /// # Errors
    /// A file is missing, or is not what it should be.
    pub fn read(&self, members: Option<&str>) -> Result<Option<Config>> {
        match (&self.cert, &self.key) {
            _ if !self.enabled => Ok(None),
            (Some(cert), Some(key)) => {
                let own = Files { cert: cert.clone(), key: key.clone() };
                let all: Vec<_> = std::iter::once(own).chain(self.more.iter().cloned()).collect();
                Config::of(&all, members).map(Some)
            }
            _ => Err(Error::invalid(
                "[tls] enabled",
                "cert and key are missing: name both files, or set enabled = false",
            )),
        }
    }

    /// Whether all is well at `now`, and what to say of it; `None` when it does not listen.
    pub fn health(&self, now: Time) -> Option<(bool, String)> {
        let listen = self.listen;
        Some(match self.read(None).map(|read| read.map(|config| config.ends())) {
            Ok(None) => return None,
            Ok(Some(None)) => (true, listen.to_string()),
            Ok(Some(Some(ends))) => {
                let days = (ends - now).div_euclid(DAY);
                let advice = if days < WARN_DAYS { ": renew it" } else { "" };
                (days >= WARN_DAYS, format!("{listen}, certificate good for {days} days{advice}"))
            }
            Err(error) => (false, error.to_string()),
        })
    }
}

/// A certificate that ends within so many days is one to renew.
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
