//! The node's own certificate from an authority elsewhere, by ACME (RFC 8555): asked for, shown, renewed when two thirds of
//! its time are over. The answer to a challenge (http-01) is given by the node's plain listener.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use axum::Router;
use axum::extract::{Path as InPath, State};
use axum::http::StatusCode;
use axum::routing::get;
use contracts::tls::{OwnCertificate, OwnCertificates};
use data_encoding::BASE64URL_NOPAD;
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, ExternalAccountKey, Identifier,
    NewAccount, NewOrder, OrderStatus, RetryPolicy,
};
use kit::{Error, Node, Result};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::certificate;

/// How often it looks whether the certificate is to be renewed, and tries again what failed.
const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// An authority that takes longer is given up until the next time.
const PATIENCE: Duration = Duration::from_secs(300);
/// For what the file is sealed.
const PURPOSE: &str = "tls-acme";

/// The section `[tls.acme]` of a configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// The address of the authority's directory.
    pub directory: String,
    /// Whether its terms of service are agreed to: it asks.
    pub agree: bool,
    /// A mail address to which it writes; may be empty.
    pub contact: String,
    /// The certificate (PEM) by which the authority's own site is known, when it is none of the Web's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<PathBuf>,
    /// The credential that binds the account to one at the authority, where it asks for one: its name.
    pub kid: String,
    /// A file with the credential's key (base64url).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
}

impl Section {
    /// Looks for what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        let bad = |key: &str, why: &str| Err(Error::invalid(format!("[tls.acme] {key}"), why));
        if !self.directory.starts_with("https://") {
            return bad("directory", "name the authority's directory; it begins with https://");
        }
        if !self.agree {
            return bad("agree", "read the authority's terms of service and set agree = true");
        }
        if self.kid.is_empty() != self.key_file.is_none() {
            return bad("kid", "kid and key_file go together: name both, or none");
        }
        Ok(())
    }

    fn binding(&self) -> Result<Option<ExternalAccountKey>> {
        let Some(file) = &self.key_file else { return Ok(None) };
        let wrong = |why: String| Error::invalid("[tls.acme] key_file", format!("{}: {why}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let key = BASE64URL_NOPAD.decode(text.trim().trim_end_matches('=').as_bytes());
        let key = key.map_err(|_| wrong("this is no base64url".into()))?;
        Ok(Some(ExternalAccountKey::new(self.kid.clone(), &key)))
    }
}

/// What is kept between starts, sealed.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    /// Where the account is.
    directory: String,
    account: Option<AccountCredentials>,
    names: Vec<String>,
    /// PEM.
    chain: String,
    key: String,
}

/// A client of an ACME server, for the node's own names.
pub struct Acme {
    node: Node,
    settings: Section,
    names: Vec<String>,
    file: PathBuf,
    /// The answers to challenges that are under way, by their tokens.
    answers: RwLock<BTreeMap<String, String>>,
    current: ArcSwapOption<OwnCertificate>,
}

impl OwnCertificates for Acme {
    fn current(&self) -> Option<Arc<OwnCertificate>> {
        self.current.load_full()
    }
}

impl Acme {
    /// The client for `names` on `node`; account, key and certificate are kept sealed in a file in the folder `data`, and
    /// what is there is shown at once.
    ///
    /// # Errors
    /// As [`Section::check`].
    pub fn open(node: Node, settings: Section, names: Vec<String>, data: &Path) -> Result<Arc<Self>> {
        settings.check()?;
        let this = Self {
            node,
            settings,
            names,
            file: data.join("tls-acme.sealed"),
            answers: RwLock::default(),
            current: ArcSwapOption::empty(),
        };
        if let Some(kept) = this.kept() {
            this.show(&kept)?;
        }
        Ok(Arc::new(this))
    }

    /// Answers challenges. The authority asks by http at port 80 of each name: the listener of `[web]`, or a proxy before
    /// it, is reached there.
    pub fn routes(self: &Arc<Self>) -> Router {
        Router::new().route("/.well-known/acme-challenge/{token}", get(answer)).with_state(self.clone())
    }

    /// Looks every hour until `stop` says so, the first time at once.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        loop {
            match self.renew().await {
                Ok(true) => {
                    tracing::info!("the authority at {} has issued our certificate", self.settings.directory)
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "no certificate by ACME; it is tried again in an hour"),
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return, // an error says that nobody can stop it any more
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Asks for a certificate when there is none, two thirds of its time are over, or the names are others. Returns whether
    /// there is a new one.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: what the authority said; what was shown is shown on.
    pub async fn renew(&self) -> Result<bool> {
        let kept = self.kept().filter(|kept| kept.directory == self.settings.directory).unwrap_or_default();
        if kept.names == self.names && !self.is_due() {
            return Ok(false);
        }
        let asked = tokio::time::timeout(PATIENCE, self.order(kept.account)).await;
        self.answers.write().unwrap_or_else(PoisonError::into_inner).clear();
        let kept = asked.map_err(|_| Error::Unavailable("the ACME server took too long".into()))??;
        self.keep(&kept)?;
        self.show(&kept)?;
        Ok(true)
    }

    fn is_due(&self) -> bool {
        let shown = self.current.load_full();
        let Some((from, until)) = shown.and_then(|shown| certificate::validity(shown.chain.first()?)) else {
            return true;
        };
        self.node.now() >= from + (until - from) / 3 * 2
    }

    async fn order(&self, known: Option<AccountCredentials>) -> Result<Kept> {
        let (account, credentials) = self.account(known).await?;
        let names: Vec<_> = self.names.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&names)).await.map_err(refused)?;
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(refused)?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let challenge = authorization.challenge(ChallengeType::Http01);
            let mut challenge = challenge
                .ok_or_else(|| Error::Unavailable("the ACME server does not ask by http-01".into()))?;
            let (token, answer) =
                (challenge.token.clone(), challenge.key_authorization().as_str().to_owned());
            self.answers.write().unwrap_or_else(PoisonError::into_inner).insert(token, answer);
            challenge.set_ready().await.map_err(refused)?;
        }
        let status = order.poll_ready(&RetryPolicy::default()).await.map_err(refused)?;
        if status != OrderStatus::Ready {
            let why = self.why(&mut order).await;
            return Err(Error::Unavailable(format!(
                "the ACME server did not find us under our names: {why}"
            )));
        }
        let key = order.finalize().await.map_err(refused)?;
        let chain = order.poll_certificate(&RetryPolicy::default()).await.map_err(refused)?;
        let (directory, names) = (self.settings.directory.clone(), self.names.clone());
        Ok(Kept { directory, account: credentials, names, chain, key })
    }

    /// The account of before, or a new one.
    async fn account(
        &self,
        before: Option<AccountCredentials>,
    ) -> Result<(Account, Option<AccountCredentials>)> {
        let builder = match &self.settings.root {
            Some(root) => Account::builder_with_root(root),
            None => Account::builder(),
        };
        let builder = builder.map_err(refused)?;
        // Credentials cannot be copied, but written and read.
        let again = before.as_ref().and_then(|before| serde_json::to_vec(before).ok());
        if let Some(known) = again.and_then(|again| serde_json::from_slice(&again).ok()) {
            return Ok((builder.from_credentials(known).await.map_err(refused)?, before));
        }
        let contact = format!("mailto:{}", self.settings.contact);
        let contacts: &[&str] = if self.settings.contact.is_empty() { &[] } else { &[&contact] };
        let new =
            NewAccount { contact: contacts, terms_of_service_agreed: true, only_return_existing: false };
        let binding = self.settings.binding()?;
        let made = builder.create(&new, self.settings.directory.clone(), binding.as_ref()).await;
        let (account, credentials) = made.map_err(refused)?;
        // It is kept at once: an order that fails asks for no second account.
        let kept = Kept {
            directory: self.settings.directory.clone(),
            account: Some(credentials),
            ..Kept::default()
        };
        self.keep(&kept)?;
        Ok((account, kept.account))
    }

    /// What the server says of the challenges that failed.
    async fn why(&self, order: &mut instant_acme::Order) -> String {
        let mut why = Vec::new();
        let mut authorizations = order.authorizations();
        while let Some(Ok(authorization)) = authorizations.next().await {
            let said = authorization.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
            why.extend(said.map(ToString::to_string));
        }
        why.join("; ")
    }

    fn show(&self, kept: &Kept) -> Result<()> {
        let unread = |_| Error::Unavailable("what the ACME server issued cannot be read".into());
        let chain: std::result::Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(kept.chain.as_bytes()).collect();
        let chain: Vec<Vec<u8>> = chain.map_err(unread)?.iter().map(|der| der.to_vec()).collect();
        let key = PrivatePkcs8KeyDer::from_pem_slice(kept.key.as_bytes()).map_err(unread)?;
        if !chain.is_empty() {
            let key = key.secret_pkcs8_der().to_vec();
            self.current.store(Some(Arc::new(OwnCertificate { chain, key })));
        }
        Ok(())
    }

    /// What was kept; nothing when there is none, or it was sealed under another key.
    fn kept(&self) -> Option<Kept> {
        let sealed = std::fs::read(&self.file).ok()?;
        let opened = self.node.secrets.open(PURPOSE, &sealed).ok()?;
        serde_json::from_slice(&opened).ok()
    }

    fn keep(&self, kept: &Kept) -> Result<()> {
        let plain = serde_json::to_vec(kept).map_err(|error| Error::Corrupt(error.to_string()))?;
        let sealed = self.node.secrets.seal(PURPOSE, &plain, self.node.random());
        let written =
            || Error::io(format!("writing {}", self.file.display()), std::io::Error::last_os_error());
        let new = self.file.with_extension("new");
        std::fs::write(&new, sealed).and_then(|()| std::fs::rename(&new, &self.file)).map_err(|_| written())
    }
}

async fn answer(
    State(acme): State<Arc<Acme>>,
    InPath(token): InPath<String>,
) -> std::result::Result<String, StatusCode> {
    let answers = acme.answers.read().unwrap_or_else(PoisonError::into_inner);
    answers.get(&token).cloned().ok_or(StatusCode::NOT_FOUND)
}

fn refused(error: instant_acme::Error) -> Error {
    Error::Unavailable(format!("the ACME server: {error}"))
}
