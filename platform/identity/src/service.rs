//! The service value, and what all its use cases share.

use std::sync::{Arc, OnceLock};

use contracts::trust::{CertificateJudge, Nominators};
use kit::clock::{DAY, HOUR, MINUTE};
use kit::jobs::Handler;
use kit::{Error, Id, Node, Result, Time, Write, jobs};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use crate::config::Hosts;
use crate::institutes::{Institute, Known};
use crate::{password, store, throttle};

/// A session that nobody uses ends after this.
pub(crate) const IDLE: Time = 12 * HOUR;
/// A session ends after this however much it is used.
pub(crate) const LONGEST: Time = 7 * DAY;
/// For so long it is known whose an ended session was: a form that comes too late is kept for nobody else.
pub(crate) const ENDED_KNOWN: Time = 2 * DAY;
/// "Last seen" is written at most this often: reading a page should not write to the disk.
pub(crate) const SEEN_EVERY: Time = 5 * MINUTE;

/// How the node is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// People reach the node by https: cookies are for https alone.
    pub https: bool,
    /// A proxy of ours stands before the node: its `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub behind_proxy: bool,
    /// Where people log in (`https://members.example`): passkeys belong to it. Without it they work on localhost only.
    pub origin: Option<String>,
    /// For so long after somebody proved themselves, dangerous acts do not ask again.
    pub step_up: Time,
    /// Lost second factors are recovered by two people; no administrator takes them off alone.
    pub split_recovery: bool,
    /// Institutes that log their people in.
    pub institutes: Vec<Institute>,
    /// The names under which it is reached.
    pub hosts: Hosts,
}

impl Settings {
    /// Where members are sent from the public hosts, if there are hosts.
    pub(crate) fn members_origin(&self) -> Option<&str> {
        self.hosts.members.as_ref().and(self.origin.as_deref()).map(|origin| origin.trim_end_matches('/'))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            https: false,
            behind_proxy: false,
            origin: None,
            step_up: 15 * MINUTE,
            split_recovery: false,
            institutes: Vec::new(),
            hosts: Hosts::default(),
        }
    }
}

/// Organisations, accounts, sessions, tokens. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
}

struct Inner {
    node: Node,
    settings: Settings,
    /// Each hash takes 19 MiB and a core for 20 ms: two at a time, so that a flood of log-ins cannot stop the node.
    hashing: Semaphore,
    /// Says which certificates are good; without it, none lets anybody in.
    judge: OnceLock<Arc<dyn CertificateJudge>>,
    /// Knows who nominated whom; without it, nobody is known to have.
    nominators: OnceLock<Arc<dyn Nominators>>,
    /// What institutes have said of themselves.
    institutes: Known,
    /// A hash that no password has: what is checked for a login that does not exist, so that it takes as long.
    nobody: OnceLock<String>,
}

impl Identity {
    /// Identity on `node`, whose database has [`crate::MIGRATIONS`].
    pub fn new(node: Node, settings: Settings) -> Self {
        let hashing = Semaphore::new(2);
        let (judge, nominators, nobody) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        let institutes = Known::default();
        let inner = Inner { node, settings, hashing, judge, nominators, institutes, nobody };
        Self { inner: Arc::new(inner) }
    }

    /// The node it stands on.
    pub fn node(&self) -> &Node {
        &self.inner.node
    }

    /// From now on `judge` says which certificates are good; the first one stays.
    pub fn judge_certificates_by(&self, judge: Arc<dyn CertificateJudge>) {
        let _ = self.inner.judge.set(judge); // there is one authority in a house
    }

    pub(crate) fn judge(&self) -> Option<&dyn CertificateJudge> {
        self.inner.judge.get().map(AsRef::as_ref)
    }

    /// From now on `nominators` say who nominated whom; the first ones stay.
    pub fn ask_nominators_of(&self, nominators: Arc<dyn Nominators>) {
        let _ = self.inner.nominators.set(nominators); // there is one process in a house
    }

    pub(crate) fn nominators(&self) -> Option<&dyn Nominators> {
        self.inner.nominators.get().map(AsRef::as_ref)
    }

    pub(crate) fn known_institutes(&self) -> &Known {
        &self.inner.institutes
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The site to which passkeys belong, when it is reached at `host`.
    ///
    /// # Errors
    /// [`Error::Conflict`] when they cannot work there.
    pub(crate) fn site(&self, host: &str, https: bool) -> Result<webauthn::Site> {
        let scheme = if https { "https" } else { "http" };
        let origin = self.settings().origin.clone();
        let origin = origin
            .map_or_else(|| format!("{scheme}://{host}"), |origin| origin.trim_end_matches('/').to_owned());
        let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
        let id = authority.rsplit_once(':').map_or(authority, |(name, _)| name).to_ascii_lowercase();
        // A browser gives passkeys to names by https, and to localhost.
        if id == "localhost" || (origin.starts_with("https://") && self.settings().origin.is_some()) {
            return Ok(webauthn::Site { id, origins: vec![origin] });
        }
        let advice = "passkeys do not work at this address: the setting [web] base_url names one with https";
        Err(Error::Conflict(advice.into()))
    }

    /// Whoever holds all of it stops the comparing of passwords.
    #[cfg(test)]
    pub(crate) fn hashing(&self) -> &Semaphore {
        &self.inner.hashing
    }

    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        let node = self.inner.node.clone();
        self.on_a_thread(move || password::hash(&password, node.random())).await?
    }

    /// Whether `password` has the hash `stored`; without one it takes as long and is wrong.
    pub(crate) async fn matches(&self, password: String, stored: Option<String>) -> Result<bool> {
        let this = self.clone();
        let found = stored.is_some();
        let matched = self
            .on_a_thread(move || {
                let nobody = || this.inner.nobody.get_or_init(|| dummy(&this.inner.node)).clone();
                password::matches(&password, &stored.unwrap_or_else(nobody))
            })
            .await?;
        Ok(matched && found)
    }

    async fn on_a_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let stopped = |_| Error::Unavailable("the node is shutting down".into());
        let _turn = self.inner.hashing.acquire().await.map_err(stopped)?;
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| Error::Corrupt("hashing a password failed".into()))
    }

    /// What this crate does by itself: every hour it deletes what has ended. Call [`Identity::start`] once.
    pub fn jobs(&self) -> Vec<Handler> {
        let this = self.clone();
        vec![Handler::repeated(self.node(), PURGE, HOUR, move || {
            let this = this.clone();
            async move { this.purge().await }
        })]
    }

    /// Plans the first of the [`Identity::jobs`].
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn start(&self) -> Result<()> {
        let node = self.inner.node.clone();
        let now = node.now();
        self.inner.node.db.write(move |tx| jobs::plan(&node, tx, PURGE, HOUR, now)).await
    }

    async fn purge(&self) -> Result<()> {
        let now = self.inner.node.now();
        let work = move |tx: &Write<'_>| {
            store::purge(tx, now, now - IDLE - ENDED_KNOWN, now - throttle::FORGOTTEN_AFTER)
        };
        self.inner.node.db.write(work).await.map(drop)
    }
}

const PURGE: &str = "identity.purge";

fn dummy(node: &Node) -> String {
    password::hash(&node.token::<32>(), node.random()).unwrap_or_default()
}

/// How a secret that we gave out is stored: its SHA-256. It has 256 random bits, so it needs no salt.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether there is an organisation with this handle.
///
/// # Errors
/// The database is gone.
pub fn knows_organisation(c: &kit::Read<'_>, handle: &str) -> Result<bool> {
    Ok(store::organisation(c, handle)?.is_some())
}

/// Finds the organisation `handle` or makes it, under `name`, in the transaction of the domain that knows of it
/// (a team's record has its organisation's id). An existing one takes the new name.
///
/// # Errors
/// [`Error::Invalid`] when the handle is not 1–40 of `a-z`, `0-9`, `-`; or the database refuses it.
pub fn ensure_organisation(node: &Node, tx: &Write<'_>, handle: &str, name: &str) -> Result<Id> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if handle.is_empty() || handle.len() > 40 || !handle.chars().all(fits) {
        let advice = format!("{handle:?} is not a handle: take 1 to 40 of a-z, 0-9 and -");
        return Err(Error::invalid("handle", advice));
    }
    match store::organisation(tx, handle)? {
        Some((id, known_as)) => {
            if known_as != name {
                store::rename_organisation(tx, id, name)?;
            }
            Ok(id)
        }
        None => {
            let id = node.id();
            store::insert_organisation(tx, id, handle, name)?;
            Ok(id)
        }
    }
}
