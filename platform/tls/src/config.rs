//! Our own certificate and key, out of files.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kit::clock::DAY;
use kit::{Error, Result, Time};
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{self, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};

use crate::certificate;

/// Where certificate and key lie, as PEM: the certificate with those that vouch for it behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Where members reach pages and API by https, and show their certificates.
    pub listen: SocketAddr,
    /// Whether it listens at all.
    pub enabled: bool,
    /// The node's certificate, with those that vouch for it behind it, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert: Option<PathBuf>,
    /// Its key, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
}

impl Default for Section {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8443)), enabled: false, cert: None, key: None }
    }
}

impl Section {
    /// Certificate and key, if it is to listen.
    ///
    /// # Errors
    /// A file is missing, or is not what it should be.
    pub fn read(&self) -> Result<Option<Config>> {
        match (&self.cert, &self.key) {
            _ if !self.enabled => Ok(None),
            (Some(cert), Some(key)) => {
                Config::load(&Files { cert: cert.clone(), key: key.clone() }).map(Some)
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
        Some(match self.read() {
            Ok(None) => return None,
            Ok(Some(Config { ends: None, .. })) => (true, listen.to_string()),
            Ok(Some(Config { ends: Some(ends), .. })) => {
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

/// A certificate and a key that fit.
#[derive(Clone)]
pub struct Config {
    pub(crate) server: Arc<ServerConfig>,
    ends: Option<Time>,
}

impl Config {
    /// Reads and checks `files`.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the file, what is wrong with it, and what would be right.
    pub fn load(files: &Files) -> Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let chain = certificates(&files.cert)?;
        let ends = chain.first().and_then(|own| certificate::validity(own)).map(|(_, to)| to);
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| {
            wrong("key", &files.key, &format!("no private key can be read from it ({error})"))
        })?;
        let server = server(provider, chain, key).map_err(|error| {
            wrong("cert", &files.cert, &format!("it does not go together with the key ({error})"))
        })?;
        Ok(Self { server: Arc::new(server), ends })
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read =
        CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>);
    match read {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(wrong("cert", file, "there is no certificate in it: it should be PEM")),
        Err(error) => Err(wrong("cert", file, &format!("no certificate can be read from it ({error})"))),
    }
}

fn wrong(setting: &str, file: &Path, why: &str) -> Error {
    Error::invalid(format!("[tls] {setting}"), format!("{}: {why}", file.display()))
}

fn server(
    provider: Arc<CryptoProvider>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> std::result::Result<ServerConfig, rustls::Error> {
    let algorithms = provider.signature_verification_algorithms;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(AnyCertificate(algorithms)))
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Takes every certificate whose key the client has, and clients without one.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

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
