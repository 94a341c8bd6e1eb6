//! The directory as others take it: files for programs, a key ring, keys by Web Key Directory, cards, the emergency list,
//! and each team's description by RFC 2350.
//!
//! ```text
//! Directory (a snapshot) ──► Set: the files of one audience, each made when it is first asked for
//!                              └──► File: bytes, ETag, signature over exactly these bytes
//! web: who may have it is asked at each request     folder: all of them on a disk, whole or not at all
//! ```
//!
//! | module | what |
//! |---|---|
//! | here | which files there are, who may have them, how long they are kept |
//! | `listing` | `teams.json`, `teams.csv` |
//! | `keyring`, [`wkd`] | keys |
//! | `vcard`, `phones` | cards, the emergency list |
//! | [`description`] | each team's description by RFC 2350, written, signed by the team, read |
//! | `folder` | written to a disk |
//! | `web` | served |

mod api;
pub mod description;
mod folder;
mod keyring;
mod listing;
mod phones;
mod vcard;
mod web;
pub mod wkd;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::Bytes;
use contracts::trust::Service;
use identity::{Actor, Granted, Introduce};
use kit::blobs::Digest;
use kit::clock::{DAY, SECOND};
use kit::{Error, Result, Time};
use mail::pgp::SignatureMode;

pub(crate) use api::routes as api;
pub(crate) use description::store::STATEMENTS;
pub(crate) use web::routes;

use crate::{Audience, Directory, Seen, Team, Teams, TrustStatus};

/// A file of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The directory in the shape of the public directory that other programs read.
    Listing,
    /// The directory as a table.
    Table,
    /// All teams as vCards.
    Cards,
    /// The key ring in armour.
    Ring,
    /// The key ring in binary form.
    BinaryRing,
    /// What is in the key ring, and what was left out of it.
    RingReport,
    /// The emergency telephones, to print.
    Phones,
    /// The emergency telephones as cards for a telephone.
    PhoneCards,
    /// The digests of all of these.
    Sums,
}

impl Kind {
    /// All of them, as they are shown.
    pub const ALL: [Self; 9] = [
        Self::Listing,
        Self::Table,
        Self::Cards,
        Self::Ring,
        Self::BinaryRing,
        Self::RingReport,
        Self::Phones,
        Self::PhoneCards,
        Self::Sums,
    ];

    /// Its name as a file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listing => "teams.json",
            Self::Table => "teams.csv",
            Self::Cards => "teams.vcf",
            Self::Ring => "keyring.asc",
            Self::BinaryRing => "keyring.gpg",
            Self::RingReport => "keyring.txt",
            Self::Phones => "phones.txt",
            Self::PhoneCards => "phones.vcf",
            Self::Sums => "SHA256SUMS",
        }
    }

    /// What it is, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Listing => "the directory for programs",
            Self::Table => "the directory as a table",
            Self::Cards => "all teams for an address book",
            Self::Ring => "the OpenPGP key ring",
            Self::BinaryRing => "the OpenPGP key ring, binary",
            Self::RingReport => "what is in the key ring, and what was left out",
            Self::Phones => "emergency telephones, to print",
            Self::PhoneCards => "emergency telephones, for a telephone",
            Self::Sums => "the digests of all files",
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Listing => "application/json",
            Self::Table => "text/csv; charset=utf-8",
            Self::Cards | Self::PhoneCards => "text/vcard; charset=utf-8",
            Self::Ring => "application/pgp-keys",
            Self::BinaryRing => "application/octet-stream",
            Self::RingReport | Self::Phones | Self::Sums => "text/plain; charset=utf-8",
        }
    }

    /// What a team must be entitled to for the members' version.
    pub const fn service(self) -> Service {
        match self {
            Self::Ring | Self::BinaryRing | Self::RingReport => Service::KeyRing,
            Self::Phones | Self::PhoneCards => Service::ClosedLists,
            Self::Listing | Self::Table | Self::Cards | Self::Sums => Service::MembersSite,
        }
    }

    /// Whether it is for members alone.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Phones | Self::PhoneCards)
    }

    /// The files for `audience`.
    pub fn for_audience(audience: Audience) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |kind| audience > Audience::Public || !kind.is_closed())
    }
}

/// A file as it is served: the signature is over exactly these bytes.
#[derive(Debug)]
pub struct File {
    /// Which.
    pub kind: Kind,
    /// It.
    pub bytes: Bytes,
    /// SHA-256 of the bytes.
    pub digest: Digest,
    signature: Mutex<Option<Arc<Signature>>>,
}

/// A detached signature.
#[derive(Debug)]
pub struct Signature {
    /// Fingerprint of the key that made it.
    pub key: String,
    /// In armour.
    pub armored: String,
    /// In OpenPGP's binary form.
    pub binary: Vec<u8>,
}

/// The files of the directory. Cheap to clone.
#[derive(Clone)]
pub struct Exports {
    inner: Arc<Inner>,
}

struct Inner {
    teams: Teams,
    sets: Mutex<HashMap<Audience, Arc<Set>>>,
    /// The newest of each file: one with the same bytes keeps its signature.
    newest: Mutex<HashMap<(Audience, Kind), Arc<File>>>,
}

/// The files of one audience, of one snapshot of the directory.
struct Set {
    audience: Audience,
    directory: Arc<Directory>,
    made: Time,
    /// Until when no key begins or ends; microseconds.
    until: Time,
    files: [OnceLock<Arc<File>>; Kind::ALL.len()],
    keys: OnceLock<wkd::Index>,
}

impl axum::extract::FromRef<Exports> for Teams {
    fn from_ref(exports: &Exports) -> Self {
        exports.teams().clone()
    }
}

impl Exports {
    /// The files of the directory of `teams`.
    pub fn new(teams: Teams) -> Self {
        Self { inner: Arc::new(Inner { teams, sets: Mutex::default(), newest: Mutex::default() }) }
    }

    /// The directory they are made of.
    pub fn teams(&self) -> &Teams {
        &self.inner.teams
    }

    /// The file `kind` for `audience` (public, or members) as the directory is now.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such file for the public.
    pub async fn file(&self, audience: Audience, kind: Kind) -> Result<Arc<File>> {
        if kind.is_closed() && audience == Audience::Public {
            return Err(Error::not_found(format!("{} for the public", kind.name())));
        }
        let set = self.set(audience);
        if let Some(file) = set.slot(kind).get() {
            return Ok(file.clone());
        }
        let this = self.clone();
        let made = tokio::task::spawn_blocking(move || this.make(&set, kind)).await;
        made.map_err(|_| Error::Corrupt(format!("making {} failed", kind.name())))?
    }

    /// The community's signature over `file`; it is made once for the same bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no desk is there to sign, or its key may not sign now.
    pub async fn signature(&self, file: &Arc<File>) -> Result<Arc<Signature>> {
        let (this, file) = (self.clone(), file.clone());
        let made = tokio::task::spawn_blocking(move || this.sign(&file)).await;
        made.map_err(|_| Error::Corrupt("signing failed".into()))?
    }

    /// The team whose desk signs: the configured one, else the only one whose desk is here.
    ///
    /// # Errors
    /// [`Error::NotFound`] with what to configure.
    pub fn signer(&self) -> Result<Arc<Team>> {
        let directory = self.inner.teams.directory();
        let named = &self.inner.teams.settings().signing_team;
        let found = match (named.as_str(), directory.desks()) {
            ("", [only]) => Some(only.clone()),
            ("", _) => None,
            (handle, desks) => desks.iter().find(|team| team.handle == handle).cloned(),
        };
        found.filter(|team| !self.inner.teams.secrets(team.id).is_empty()).ok_or_else(|| {
            Error::not_found("a key to sign with ([trust] operator names the team whose desk signs)")
        })
    }

    /// Keys of the mail address with this domain and hash of its local part (see [`wkd::hash`]), in binary form.
    pub fn key_of(&self, domain: &str, hash: &str) -> Option<Vec<u8>> {
        let set = self.set(Audience::Public);
        let domains = &self.inner.teams.settings().wkd_domains;
        let keys = set.keys.get_or_init(|| wkd::index(&set.directory, domains, set.made / SECOND));
        keys.get(&(domain.to_ascii_lowercase(), hash.to_owned())).cloned()
    }

    /// The teams with emergency telephones, as members see them.
    pub fn on_call(&self) -> Vec<phones::OnCall> {
        phones::on_call(self.inner.teams.directory().teams().iter().filter(|team| is_listed(team)))
    }

    /// Whether `actor` may have the members' version of `kind` now. It is derived at each call: whoever loses the
    /// standing gets nothing from then on.
    ///
    /// # Errors
    /// [`Error::Forbidden`], in words.
    pub fn may_have(&self, actor: &Actor, kind: Kind) -> Result<()> {
        if Granted::<Introduce>::check(actor).is_ok() {
            return Ok(());
        }
        let directory = self.inner.teams.directory();
        let team = directory.by_id(actor.team);
        let team =
            team.ok_or_else(|| Error::Forbidden(format!("{} is for teams of the directory", kind.words())))?;
        self.inner.teams.entitles(&team, kind.service()).map_err(Error::Forbidden)
    }

    /// The set that shows the directory of now; an older one is let go.
    fn set(&self, audience: Audience) -> Arc<Set> {
        let (directory, now) = (self.inner.teams.directory(), self.inner.teams.node().now());
        let mut sets = self.inner.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sets.get(&audience).filter(|set| set.shows(&directory, now));
        if let Some(set) = known {
            return set.clone();
        }
        let set = Arc::new(Set::new(audience, directory, now));
        sets.insert(audience, set.clone());
        set
    }

    fn make(&self, set: &Set, kind: Kind) -> Result<Arc<File>> {
        if let Some(file) = set.slot(kind).get() {
            return Ok(file.clone());
        }
        let bytes = match kind {
            Kind::Sums => self.sums(set)?,
            kind => set.bytes(kind, &self.inner.teams)?,
        };
        let digest = Digest::of(&bytes);
        let place = (set.audience, kind);
        let mut newest = self.inner.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match newest.get(&place).filter(|file| file.digest == digest) {
            Some(same) => same.clone(),
            None => Arc::new(File { kind, bytes: bytes.into(), digest, signature: Mutex::default() }),
        };
        newest.insert(place, file.clone());
        Ok(set.slot(kind).get_or_init(|| file).clone())
    }

    /// As `sha256sum` writes and checks them.
    fn sums(&self, set: &Set) -> Result<Vec<u8>> {
        let mut out = String::new();
        for kind in Kind::for_audience(set.audience).filter(|kind| *kind != Kind::Sums) {
            let file = self.make(set, kind)?;
            out.push_str(&format!("{}  {}\n", file.digest, kind.name()));
        }
        Ok(out.into_bytes())
    }

    fn sign(&self, file: &File) -> Result<Arc<Signature>> {
        let signer = self.signer()?;
        let secrets = self.inner.teams.secrets(signer.id);
        let secret = secrets.first().ok_or_else(|| Error::not_found("a key to sign with"))?;
        let key = secret.public().fingerprint();
        let mut known = file.signature.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signature) = known.as_ref().filter(|signature| signature.key == key) {
            return Ok(signature.clone());
        }
        let now = self.inner.teams.node().now() / SECOND;
        let signed = secret.sign_detached(&file.bytes, SignatureMode::Binary, now);
        let signed =
            signed.map_err(|error| Error::not_found(format!("a good key to sign with ({error})")))?;
        let signature = Arc::new(Signature { key, armored: signed.armored, binary: signed.binary });
        *known = Some(signature.clone());
        Ok(signature)
    }
}

impl Set {
    fn new(audience: Audience, directory: Arc<Directory>, now: Time) -> Self {
        let keys = directory.teams().iter().flat_map(|team| team.keys_in_use());
        let turns = keys
            .flat_map(|key| [Some(key.created()), key.expires()])
            .flatten()
            .map(|at| at.saturating_mul(SECOND));
        let until = turns.filter(|at| *at > now).min().unwrap_or(Time::MAX).min(now + DAY);
        Self { audience, directory, made: now, until, files: Default::default(), keys: OnceLock::new() }
    }

    /// Whether it is what would be made at `now`; a clock that was put back makes it anew.
    fn shows(&self, directory: &Arc<Directory>, now: Time) -> bool {
        Arc::ptr_eq(&self.directory, directory) && (self.made..self.until).contains(&now)
    }

    fn slot(&self, kind: Kind) -> &OnceLock<Arc<File>> {
        &self.files[kind as usize]
    }

    fn bytes(&self, kind: Kind, teams: &Teams) -> Result<Vec<u8>> {
        let listed = || self.directory.teams().iter().filter(|team| is_listed(team));
        let ring = || {
            let is_in = |team: &&Arc<Team>| {
                self.audience == Audience::Public || teams.entitles(team, Service::KeyRing).is_ok()
            };
            keyring::Ring::of(listed().filter(is_in).map(|team| &**team), self.made)
        };
        Ok(match kind {
            Kind::Listing => listing::json(&self.seen(), self.made)?,
            Kind::Table => listing::table(&self.seen(), self.made)?,
            Kind::Cards => self
                .seen()
                .iter()
                .map(|team| vcard::of_team(team, self.made / SECOND))
                .collect::<String>()
                .into_bytes(),
            Kind::Ring => ring().armored(),
            Kind::BinaryRing => ring().binary(),
            Kind::RingReport => ring().report(),
            Kind::Phones => phones::text(&phones::on_call(listed())),
            Kind::PhoneCards => phones::cards(&phones::on_call(listed())),
            // Made of the others.
            Kind::Sums => Vec::new(),
        })
    }

    /// The listed teams as the audience sees them, in the order of their handles.
    fn seen(&self) -> Vec<Seen> {
        let listed = self.directory.teams().iter().filter(|team| is_listed(team));
        let mut seen: Vec<Seen> = listed.map(|team| team.seen_by(self.audience)).collect();
        seen.sort_by(|one, other| one.handle.cmp(&other.handle));
        seen
    }
}

/// Whether the community vouches for the team at all: what is not listed, suspended or gone is in no file.
pub(crate) fn is_listed(team: &Team) -> bool {
    team.standing.is_some_and(|standing| standing.status >= TrustStatus::Listed)
}
