//! Our own certificates: several, chosen by the name that a client asks for, and read again when they change.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use contracts::tls::{OwnCertificate, OwnCertificates};
use kit::{Error, Result, Time};
use tokio::sync::watch;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, NoClientAuth, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

use crate::certificate;
use crate::config::{AnyCertificate, Files, wrong};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Certificates and keys that fit, and at which names clients are asked for theirs.
#[derive(Clone)]
pub struct Config {
    files: Arc<[Files]>,
    /// Has the one that comes before those out of files.
    own: Option<Arc<dyn OwnCertificates>>,
    /// Clients are asked for a certificate at this name alone; `None`: at all.
    members: Option<Arc<str>>,
    now: Arc<ArcSwap<Both>>,
}

/// What is served at present: one way for the host that asks, one for those that do not.
struct Both {
    asking: Arc<ServerConfig>,
    silent: Arc<ServerConfig>,
    ends: Option<Time>,
    seen: Vec<Seen>,
    own: Option<Arc<OwnCertificate>>,
}

/// By what a change of a file is known.
type Seen = Option<(SystemTime, u64)>;

impl Config {
    /// Reads and checks `files`; every client is asked for a certificate.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the file, what is wrong with it, and what would be right.
    pub fn load(files: &Files) -> Result<Self> {
        Self::of(std::slice::from_ref(files), None)
    }

    /// Reads and checks `files`; the first serves names that none of them has. At the host `members` clients are asked
    /// for a certificate, at others not; without `members`, at all.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn of(files: &[Files], members: Option<&str>) -> Result<Self> {
        Self::with(files, None, members)
    }

    /// The same with the certificate that `own` has before them, as soon as it has one.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn with(
        files: &[Files],
        own: Option<Arc<dyn OwnCertificates>>,
        members: Option<&str>,
    ) -> Result<Self> {
        let (files, members): (Arc<[Files]>, _) =
            (files.into(), members.map(|name| name.to_ascii_lowercase().into()));
        let current = own.as_ref().and_then(|own| own.current());
        let now = Arc::new(ArcSwap::from_pointee(Both::read(&files, current)?));
        Ok(Self { files, own, members, now })
    }

    /// When the first of the certificates ends.
    pub(crate) fn ends(&self) -> Option<Time> {
        self.now.load().ends
    }

    /// How a client that asks for `name` is served.
    pub(crate) fn serving(&self, name: Option<&str>) -> Arc<ServerConfig> {
        let both = self.now.load();
        let asks = match (&self.members, name) {
            (None, _) => true,
            (Some(members), Some(name)) => name.eq_ignore_ascii_case(members),
            (Some(_), None) => false,
        };
        if asks { both.asking.clone() } else { both.silent.clone() }
    }

    /// Reads everything again if a file, or the certificate that is not in one, has changed. A certificate that does not fit leaves the one of before in place.
    ///
    /// # Errors
    /// As [`Config::load`]; what was served is served on.
    pub fn refresh(&self) -> Result<bool> {
        let (own, before) = (self.own.as_ref().and_then(|own| own.current()), self.now.load());
        let chain = |one: &Option<Arc<OwnCertificate>>| one.as_ref().map(|one| one.chain.clone());
        if seen(&self.files) == before.seen && chain(&own) == chain(&before.own) {
            return Ok(false);
        }
        self.now.store(Arc::new(Both::read(&self.files, own)?));
        Ok(true)
    }

    /// Looks at the files every ten seconds until `stop` says so.
    pub(crate) async fn watch(self, mut stop: watch::Receiver<bool>) {
        let mut told = String::new();
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return, // an error says that nobody can stop it any more
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let this = self.clone();
            match tokio::task::spawn_blocking(move || this.refresh()).await {
                Ok(Ok(true)) => tracing::info!("the node's own certificate was read again"),
                Ok(Err(error)) if error.to_string() != told => {
                    tracing::warn!(%error, "the new certificate is not taken; the one of before serves on");
                    told = error.to_string();
                }
                _ => {}
            }
        }
    }
}

impl Both {
    fn read(files: &[Files], own: Option<Arc<OwnCertificate>>) -> Result<Self> {
        // What is seen is noted first: a change while reading is seen at the next look.
        let seen = seen(files);
        let provider = Arc::new(ring::default_provider());
        let mut ends = None;
        let mut known = Vec::new();
        let made = own.iter().map(|own| made(own, &provider));
        for pair in made.chain(files.iter().map(|pair| read(pair, &provider))) {
            let (chain, key) = pair?;
            let until = certificate::validity(&chain[0]).map(|(_, to)| to);
            ends = match (ends, until) {
                (Some(one), Some(other)) => Some(std::cmp::min::<Time>(one, other)),
                (one, other) => one.or(other),
            };
            known.push((certificate::names(&chain[0]), Arc::new(key)));
        }
        let by_name = Arc::new(ByName(known));
        let asking = Arc::new(AnyCertificate(provider.signature_verification_algorithms));
        let configured = |config: std::result::Result<ServerConfig, rustls::Error>| {
            let failed = |error| Error::invalid("[tls]", format!("TLS cannot be set up: {error}"));
            config.map(Arc::new).map_err(failed)
        };
        Ok(Self {
            asking: configured(server(provider.clone(), asking, by_name.clone()))?,
            silent: configured(server(provider, Arc::new(NoClientAuth), by_name))?,
            ends,
            seen,
            own,
        })
    }
}

fn server(
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn rustls::server::danger::ClientCertVerifier>,
    certificates: Arc<ByName>,
) -> std::result::Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// What the node's own authority has made.
fn made(
    own: &OwnCertificate,
    provider: &CryptoProvider,
) -> Result<(Vec<CertificateDer<'static>>, CertifiedKey)> {
    let chain: Vec<_> = own.chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
    let key = PrivateKeyDer::Pkcs8(own.key.clone().into());
    let unfit = |error| Error::Corrupt(format!("the node's own certificate cannot be used: {error}"));
    let certified = CertifiedKey::from_der(chain.clone(), key, provider).map_err(unfit)?;
    Ok((chain, certified))
}

fn read(files: &Files, provider: &CryptoProvider) -> Result<(Vec<CertificateDer<'static>>, CertifiedKey)> {
    let read = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>);
    let chain = match read {
        Ok(chain) if !chain.is_empty() => chain,
        Ok(_) => return Err(wrong("cert", &files.cert, "there is no certificate in it: it should be PEM")),
        Err(error) => {
            return Err(wrong("cert", &files.cert, &format!("no certificate can be read from it ({error})")));
        }
    };
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| {
        wrong("key", &files.key, &format!("no private key can be read from it ({error})"))
    })?;
    let unfit =
        |error| wrong("cert", &files.cert, &format!("it does not go together with the key ({error})"));
    let certified = CertifiedKey::from_der(chain.clone(), key, provider).map_err(unfit)?;
    Ok((chain, certified))
}

fn seen(files: &[Files]) -> Vec<Seen> {
    let of = |path: &std::path::Path| {
        let data = std::fs::metadata(path).ok()?;
        Some((data.modified().ok()?, data.len()))
    };
    files.iter().flat_map(|pair| [of(&pair.cert), of(&pair.key)]).collect()
}

/// The certificate that has the name asked for; else the first.
#[derive(Debug)]
struct ByName(Vec<(Vec<String>, Arc<CertifiedKey>)>);

impl ResolvesServerCert for ByName {
    fn resolve(&self, client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asked = client_hello.server_name();
        let fits = |names: &[String]| asked.is_some_and(|asked| names.iter().any(|name| covers(name, asked)));
        let found = self.0.iter().find(|(names, _)| fits(names)).or_else(|| self.0.first());
        found.map(|(_, key)| key.clone())
    }
}

/// Whether the name in a certificate, perhaps `*.example`, is that of the host (RFC 9525 section 6.3).
fn covers(name: &str, host: &str) -> bool {
    let under = |rest: &str| host.split_once('.').is_some_and(|(_, above)| above.eq_ignore_ascii_case(rest));
    name.eq_ignore_ascii_case(host) || name.strip_prefix("*.").is_some_and(under)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        assert!(covers("members.example", "Members.example") && covers("*.example", "members.example"));
        assert!(!covers("*.example", "a.members.example") && !covers("*.example", "example"));
    }
}
