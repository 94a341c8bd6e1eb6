//! What is shown: one's own certificates, a team's, all of them; the authorities.

use std::borrow::Borrow;

use identity::{Granted, Introduce, ManageNode, ManageTeam, Permission, RequestCertificates};
use kit::events::{self, Recorded};
use kit::{Result, Time};

use crate::issue::hex;
use crate::model::{Certificate, Standing};
use crate::x509::crl::Reason;
use crate::x509::fingerprint;
use crate::x509::ocsp::Status;
use crate::{Pki, store};

/// An authority as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityView {
    /// Its name in addresses.
    pub name: String,
    /// Whether it is a root.
    pub root: bool,
    /// Its subject (RFC 4514).
    pub subject: String,
    /// How it stands.
    pub state: Standing,
    /// From when it is valid.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// SHA-256 of its certificate, hex.
    pub fingerprint: String,
    /// Until when its revocation list is good; `None` without one.
    pub list_until: Option<Time>,
}

/// How a certificate stands, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingView {
    /// The kind of its symbol, see `ui::status`.
    pub kind: &'static str,
    /// Its symbol.
    pub symbol: &'static str,
    /// The word: good, rests, revoked, ended.
    pub word: &'static str,
    /// Why; empty when it is good.
    pub detail: String,
}

impl std::fmt::Display for StandingView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.detail.as_str() {
            "" => f.write_str(self.word),
            detail => write!(f, "{}: {detail}", self.word),
        }
    }
}

impl AuthorityView {
    /// Whether its time is over at `now`.
    pub fn is_over(&self, now: impl Borrow<Time>) -> bool {
        self.until <= *now.borrow()
    }

    /// Whether its list is out of date at `now`.
    pub fn list_is_over(&self, now: impl Borrow<Time>) -> bool {
        self.list_until.is_some_and(|until| until <= *now.borrow())
    }
}

impl Pki {
    /// The certificates of the asker, the newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn certificates_of<P: Permission>(&self, granted: &Granted<P>) -> Result<Vec<Certificate>> {
        let Some(account) = granted.actor().account else { return Ok(Vec::new()) };
        self.node().db.read(move |c| store::certificates_of_account(c, account)).await
    }

    /// The certificates of the asker's team, of people and servers, the newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn certificates_of_team(&self, granted: &Granted<ManageTeam>) -> Result<Vec<Certificate>> {
        let team = granted.team();
        self.node().db.read(move |c| store::certificates_of_organisation(c, team)).await
    }

    /// The newest `limit` certificates of all teams, for the community's operator.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn all_certificates(
        &self,
        _granted: &Granted<Introduce>,
        limit: i64,
    ) -> Result<Vec<Certificate>> {
        self.node().db.read(move |c| store::certificates(c, limit)).await
    }

    /// The same, for the command line.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn every_certificate(
        &self,
        _granted: &Granted<ManageNode>,
        limit: i64,
    ) -> Result<Vec<Certificate>> {
        self.node().db.read(move |c| store::certificates(c, limit)).await
    }

    /// The newest `limit` events of the issuance log, the newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn log(&self, _granted: &Granted<Introduce>, limit: i64) -> Result<Vec<Recorded>> {
        self.node().db.read(move |c| events::history(c, "pki", limit)).await
    }

    /// One of the asker's own certificates, with the authorities above it, in PEM.
    ///
    /// # Errors
    /// [`kit::Error::NotFound`] when it is somebody else's.
    pub async fn own_chain(
        &self,
        granted: &Granted<RequestCertificates>,
        fingerprint: [u8; 32],
    ) -> Result<(Certificate, String)> {
        let found = self.node().db.read(move |c| store::certificate_by(c, &fingerprint)).await?;
        let account = granted.actor().account;
        let found = found.filter(|one| account.is_some() && one.known.account == account);
        let one = found.ok_or_else(|| kit::Error::not_found("the certificate"))?;
        let state = self.state();
        let above = state.authority(one.known.authority).map(|authority| authority.pem()).unwrap_or_default();
        let chain = crate::x509::armour("CERTIFICATE", &one.der) + &above;
        Ok((one, chain))
    }

    /// The authorities, those that work before those that do not, with their roots.
    pub fn authorities(&self) -> Vec<AuthorityView> {
        let state = self.state();
        let mut all: Vec<_> = state
            .authorities
            .iter()
            .map(|one| AuthorityView {
                name: one.stored.name.clone(),
                root: one.stored.root,
                subject: one.issuer.name.to_string(),
                state: one.stored.state,
                from: one.from,
                until: one.until,
                fingerprint: hex(&fingerprint(&one.der)),
                list_until: one.stored.crl.as_ref().map(|_| one.stored.crl_until),
            })
            .collect();
        all.sort_by_key(|one| (one.state != Standing::Active, !one.root, -one.from));
        all
    }

    /// The names of authorities whose key is here and whose certificate is awaited.
    pub fn awaited(&self) -> Vec<String> {
        self.state().requested.iter().map(|one| one.name.clone()).collect()
    }

    /// How a certificate stands now.
    pub fn standing_of(&self, certificate: &Certificate) -> StandingView {
        let (state, now) = (self.state(), self.node().now());
        let view = |kind, symbol, word, detail: String| StandingView { kind, symbol, word, detail };
        if certificate.known.until <= now && certificate.known.revoked.is_none() {
            return view("plain", "none", "ended", String::new());
        }
        match self.status(&state, &certificate.known, now) {
            Status::Good => view("ok", "check", "good", String::new()),
            Status::Revoked(_, Reason::Hold) => {
                let why = self.entitled(&certificate.known).err();
                view("warn", "badsig", "rests", why.unwrap_or_else(|| Reason::Hold.words().into()))
            }
            Status::Revoked(_, reason) => view("bad", "badsig", "revoked", reason.words().into()),
            Status::Unknown => view("plain", "none", "unknown", String::new()),
        }
    }
}

/// A fingerprint out of an address or a form.
///
/// # Errors
/// [`kit::Error::Invalid`] when it is no SHA-256 in hex.
pub(crate) fn parse_fingerprint(text: &str) -> Result<[u8; 32]> {
    let plain: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(plain.as_bytes()).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        kit::Error::invalid("fingerprint", format!("{text:?} is no SHA-256 in hexadecimal digits"))
    })
}
