//! The conversation with an institute (OpenID Connect Core 1.0, Discovery 1.0, RFC 7636).

use std::path::PathBuf;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use kit::clock::MINUTE;
use kit::{Error, Node, Result, Time};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm as Algorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
};
use serde::{Deserialize, Serialize};
use ureq::tls::{PemItem, RootCerts, TlsConfig};

use super::Vouched;
use super::known::{self, Known};

/// An institute, as `[[login.institutes]]` of a configuration names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institute {
    /// In addresses: small letters, digits and hyphens.
    pub name: String,
    /// For people.
    pub title: String,
    /// Its issuer (`https://login.institute.example`): `/.well-known/openid-configuration` lies below it.
    pub issuer: String,
    /// What it calls this node.
    pub client_id: String,
    /// The file with the secret that it gave to this node; without it the node is a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// A file with the authorities (PEM) that vouch for its TLS certificate; the usual ones of the Web without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificates: Option<PathBuf>,
}

/// A log-in at an institute that is under way; it lies sealed in the browser's cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flow {
    institute: String,
    state: String,
    nonce: String,
    verifier: String,
    /// Where it goes on.
    pub next: String,
    /// To be tied to the account that is logged in, instead of logging in.
    pub link: bool,
    expires: Time,
}

/// How long a person may take at the institute.
const LASTS: Time = 10 * MINUTE;
/// For what the cookie is sealed.
const PURPOSE: &str = "institute-flow";
/// Answers of an institute are smaller.
const LARGEST: u64 = 1024 * 1024;
/// What signs its word: no shared secrets, no "none".
const SIGNED_BY: [Algorithm; 4] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPssSha256,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EdDsa,
];

impl Flow {
    /// A new one.
    pub(crate) fn new(node: &Node, institute: &str, next: &str, link: bool) -> Self {
        let fresh = || node.token::<32>();
        Self {
            institute: institute.to_owned(),
            state: fresh(),
            nonce: fresh(),
            verifier: fresh(),
            next: next.to_owned(),
            link,
            expires: node.now() + LASTS,
        }
    }

    /// As it lies in the browser.
    pub(crate) fn sealed(&self, node: &Node) -> String {
        let plain = serde_json::to_vec(self).unwrap_or_default(); // strings always become JSON
        BASE64URL_NOPAD.encode(&node.secrets.seal(PURPOSE, &plain, node.random()))
    }

    /// Out of the browser's cookie; `None` when it is none, belongs to another institute, or is too old.
    pub(crate) fn open(node: &Node, institute: &str, cookie: &str) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?;
        let plain = node.secrets.open(PURPOSE, &sealed).ok()?;
        let flow: Self = serde_json::from_slice(&plain).ok()?;
        (flow.institute == institute && flow.expires > node.now()).then_some(flow)
    }

    /// Whether the answer that came with `state` belongs to it.
    pub(crate) fn is_answered_by(&self, state: &str) -> bool {
        // Whoever could measure the comparison has the cookie, and with it the state.
        self.state == state
    }
}

impl Institute {
    /// Looks for what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub(crate) fn check(&self) -> Result<()> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(fits) {
            let advice = "small letters, digits and hyphens: it stands in addresses";
            return Err(Error::invalid("[[login.institutes]] name", advice));
        }
        if !is_safe(&self.issuer) {
            let advice = format!("{:?}: an issuer begins with https://", self.issuer);
            return Err(Error::invalid("[[login.institutes]] issuer", advice));
        }
        self.secret()?;
        self.roots()?;
        Ok(())
    }

    /// The address at the institute to which the browser goes; waits for the institute.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the institute does not answer as it should.
    pub(crate) fn address(&self, known: &Known, flow: &Flow, back: &str, now: Time) -> Result<String> {
        let metadata = known.of(self, now, known::LASTS)?;
        let back = RedirectUrl::new(back.to_owned()).map_err(|error| self.failed(&error))?;
        let client =
            CoreClient::from_provider_metadata(metadata, self.id(), self.secret()?).set_redirect_uri(back);
        let verifier = PkceCodeVerifier::new(flow.verifier.clone());
        let (state, nonce) = (flow.state.clone(), flow.nonce.clone());
        let (address, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state.clone()),
                move || Nonce::new(nonce.clone()),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(address.to_string())
    }

    /// Takes the code to the institute, and checks its word; waits for the institute.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not answer; [`Error::Forbidden`] when its word is not good.
    pub(crate) fn vouched(
        &self,
        known: &Known,
        flow: &Flow,
        code: &str,
        back: &str,
        now: Time,
    ) -> Result<Vouched> {
        let metadata = known.of(self, now, known::LASTS)?;
        let back = RedirectUrl::new(back.to_owned()).map_err(|error| self.failed(&error))?;
        let client = CoreClient::from_provider_metadata(metadata.clone(), self.id(), self.secret()?)
            .set_redirect_uri(back);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| self.failed(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()))
            .request(&self.asking()?)
            .map_err(|error| self.failed(&error))?;
        let refuse = |why: String| {
            tracing::warn!(institute = %self.name, %why, "the word of an institute is not good");
            Error::Forbidden(format!("the word of {} is not good: {why}", self.title))
        };
        let token = answer.extra_fields().id_token().ok_or_else(|| refuse("it says nobody's name".into()))?;
        self.named_in(token, metadata, flow, now)
            // It may have changed its keys since it was asked.
            .or_else(|_| {
                self.named_in(token, known.of(self, now, known::RENEWED)?, flow, now).map_err(refuse)
            })
    }

    /// Whom the signed word of the institute names; else what is wrong with it.
    fn named_in(
        &self,
        token: &CoreIdToken,
        metadata: CoreProviderMetadata,
        flow: &Flow,
        now: Time,
    ) -> std::result::Result<Vouched, String> {
        let time = chrono::DateTime::from_timestamp_micros(now).unwrap_or_default();
        let client = CoreClient::from_provider_metadata(metadata, self.id(), None);
        let verifier = client.id_token_verifier().set_allowed_algs(SIGNED_BY).set_time_fn(move || time);
        let claims =
            token.claims(&verifier, &Nonce::new(flow.nonce.clone())).map_err(|error| error.to_string())?;
        let subject = claims.subject().as_str().to_owned();
        if subject.is_empty() || subject.len() > 255 {
            return Err("the name of the person is empty or too long".into());
        }
        // For the owner's eyes only: nothing is found by it.
        let name = claims.preferred_username().map(|name| name.as_str().to_owned());
        let name = name.or_else(|| claims.email().map(|mail| mail.as_str().to_owned()));
        let shown: String = name.unwrap_or_else(|| subject.clone()).chars().take(200).collect();
        Ok(Vouched { issuer: self.issuer.clone(), subject, shown: format!("{shown} at {}", self.title) })
    }

    /// What it says of itself; waits for it.
    pub(super) fn discover(&self) -> Result<CoreProviderMetadata> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|error| self.failed(&error))?;
        CoreProviderMetadata::discover(&issuer, &self.asking()?).map_err(|error| self.failed(&error))
    }

    fn id(&self) -> ClientId {
        ClientId::new(self.client_id.clone())
    }

    fn secret(&self) -> Result<Option<ClientSecret>> {
        let Some(file) = &self.client_secret_file else { return Ok(None) };
        let read = std::fs::read_to_string(file)
            .map_err(|error| Error::io(format!("reading {}", file.display()), error))?;
        Ok(Some(ClientSecret::new(read.trim().to_owned())))
    }

    fn failed(&self, error: &dyn std::error::Error) -> Error {
        tracing::warn!(institute = %self.name, error = %chain(error), "an institute does not answer as it should");
        self.silent()
    }

    pub(super) fn silent(&self) -> Error {
        Error::Unavailable(format!("{} does not answer as it should: log in another way", self.title))
    }

    /// Who vouches for its TLS certificate.
    fn roots(&self) -> Result<RootCerts> {
        let Some(path) = &self.certificates else { return Ok(RootCerts::WebPki) };
        let pem =
            std::fs::read(path).map_err(|error| Error::io(format!("reading {}", path.display()), error))?;
        let wrong = |why: String| {
            Error::invalid("[[login.institutes]] certificates", format!("{}: {why}", path.display()))
        };
        let mut found = Vec::new();
        for item in ureq::tls::parse_pem(&pem) {
            if let PemItem::Certificate(one) = item.map_err(|error| wrong(error.to_string()))? {
                found.push(one);
            }
        }
        if found.is_empty() {
            return Err(wrong("no certificate (PEM) stands in it".into()));
        }
        Ok(RootCerts::new_with_certs(&found))
    }

    /// Asks by https, and by http on this machine alone.
    fn asking(&self) -> Result<impl Fn(HttpRequest) -> std::result::Result<HttpResponse, Failed> + use<>> {
        let roots = self.roots()?;
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
            .user_agent(concat!("wardmote/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build()
            .new_agent();
        Ok(move |request: HttpRequest| {
            if !is_safe(&request.uri().to_string()) {
                return Err(Failed(format!("{} is not https", request.uri())));
            }
            let is_get = request.method() == "GET";
            let answer = if is_get { agent.run(request.map(|_| ())) } else { agent.run(request) };
            let (parts, mut body) = answer.map_err(|error| Failed(error.to_string()))?.into_parts();
            let body = body.with_config().limit(LARGEST).read_to_vec();
            Ok(HttpResponse::from_parts(parts, body.map_err(|error| Failed(error.to_string()))?))
        })
    }
}

/// What went wrong on the way to an institute.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failed(String);

fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        words.push_str(": ");
        words.push_str(&next.to_string());
        cause = next.source();
    }
    words
}

/// https, or a place on this machine: for trying out.
fn is_safe(url: &str) -> bool {
    let local = |rest: &str| {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        matches!(name, "127.0.0.1" | "localhost" | "[::1]")
    };
    url.starts_with("https://") || url.strip_prefix("http://").is_some_and(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_institute_is_asked_by_https_alone_unless_it_is_this_machine() {
        for good in ["https://login.example/x", "http://127.0.0.1:8080/x", "http://localhost/x"] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "http://login.example",
            "http://127.0.0.1.evil.example/",
            "http://localhost@evil.example/",
            "ftp://x",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
    }
}
