//! The use cases: enter, change, judge teams; run their desks. Those about keys stand in `keys`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use contracts::teams::{DeskChanged, StatusChanged, TeamChanged, TeamImported};
use contracts::trust::ClaimProver;
use contracts::trust::holdings::HoldingsJudge;
use identity::{Granted, Introduce, LookUp, ManageNode, ManageTeam, Permission};
use kit::events::Recorded;
use kit::{Error, Id, Node, Result, Write, events};
use mail::pgp::{PublicKey, SecretKey};

use crate::Section;
use crate::claims::{Claim, Proof, ProofKind};
use crate::directory::Directory;
use crate::dns::Resolver;
use crate::import::Entry;
use crate::proving::{not_own, note};
use crate::record::{Audience, Channel, Email, TeamRecord, Usage, mail_address};
use crate::store;
use crate::team::{Standing, Team};

/// A desk as a new node begins it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewDesk {
    /// The team's handle.
    pub handle: String,
    /// The team's name.
    pub name: String,
    /// The address at which its mail comes in.
    pub mailbox: String,
}

impl NewDesk {
    /// The record with which its team begins.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a field.
    pub fn record(&self) -> Result<TeamRecord> {
        let no_address = || Error::invalid("mailbox", format!("{:?} is no mail address", self.mailbox));
        let address = mail_address(&self.mailbox).ok_or_else(no_address)?;
        let record = TeamRecord {
            handle: self.handle.clone(),
            official_name: self.name.clone(),
            name: self.name.clone(),
            emails: vec![Email { address, usage: Usage::Report }],
            languages: vec!["en".into()],
            channels: vec![Channel::MailEncrypted, Channel::Csv],
            ..TeamRecord::default()
        };
        Ok(record.checked()?)
    }
}

/// The directory of teams. Cheap to clone.
#[derive(Clone)]
pub struct Teams {
    inner: Arc<Inner>,
}

struct Inner {
    node: Node,
    settings: Section,
    directory: ArcSwap<Directory>,
    prover: OnceLock<Arc<dyn ClaimProver>>,
    holdings_judge: OnceLock<Arc<dyn HoldingsJudge>>,
    resolver: Option<Resolver>,
    secrets: ArcSwap<HashMap<Id, Arc<Vec<SecretKey>>>>,
    /// The version that is shown. It is held while reading: an older state must not follow a newer one.
    version: tokio::sync::Mutex<i64>,
}

impl Teams {
    /// The directory on `node`, whose database has [`crate::MIGRATIONS`], read into memory.
    ///
    /// # Errors
    /// The database is gone, or a secret key of a desk was sealed under another key.
    pub async fn open(node: Node, settings: Section) -> Result<Self> {
        settings.check()?;
        let inner = Inner {
            node,
            resolver: Resolver::new(&settings.dns),
            settings,
            directory: ArcSwap::default(),
            prover: OnceLock::new(),
            holdings_judge: OnceLock::new(),
            secrets: ArcSwap::default(),
            version: Default::default(),
        };
        let this = Self { inner: Arc::new(inner) };
        this.reload().await?;
        Ok(this)
    }

    /// The node it stands on.
    pub fn node(&self) -> &Node {
        &self.inner.node
    }

    /// How it works.
    pub fn settings(&self) -> &Section {
        &self.inner.settings
    }

    /// The directory as it is now. It is a snapshot: take it once for one piece of work.
    pub fn directory(&self) -> Arc<Directory> {
        self.inner.directory.load_full()
    }

    /// Who answers for the registry, once the binary has said so.
    pub(crate) fn prover(&self) -> &OnceLock<Arc<dyn ClaimProver>> {
        &self.inner.prover
    }

    /// Who says what certificates prove, once the binary has said so.
    pub(crate) fn holdings_judge(&self) -> &OnceLock<Arc<dyn HoldingsJudge>> {
        &self.inner.holdings_judge
    }

    /// Who is asked for records of the domain name system, where that is configured.
    pub(crate) fn resolver(&self) -> Option<&Resolver> {
        self.inner.resolver.as_ref()
    }

    /// The secret keys of the desk of `team`, the newest first: sign with the first, open with all.
    pub fn secrets(&self, team: Id) -> Arc<Vec<SecretKey>> {
        self.inner.secrets.load().get(&team).cloned().unwrap_or_default()
    }

    /// Looks, `every` so often and for ever, for what another process has changed: run it beside the node.
    pub async fn watch(self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            match self.refresh().await {
                Ok(true) => tracing::info!("the directory was read anew"),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the directory could not be read anew"),
            }
        }
    }

    /// Shows what another process has changed meanwhile. Cheap when nothing has changed; otherwise reads all.
    ///
    /// # Errors
    /// As [`Teams::open`]; what was shown is shown still.
    pub async fn refresh(&self) -> Result<bool> {
        let version = self.inner.node.db.read(store::version).await?;
        let stale = *self.inner.version.lock().await != version;
        if stale {
            self.reload().await?;
        }
        Ok(stale)
    }

    /// Reads the directory anew. Every use case here does it.
    ///
    /// # Errors
    /// As [`Teams::open`].
    pub async fn reload(&self) -> Result<()> {
        let mut shown = self.inner.version.lock().await;
        let before = self.directory();
        let keys = before.teams().iter().flat_map(|team| &team.keys);
        let parsed: HashMap<String, PublicKey> =
            keys.map(|key| (key.key.to_armored(), key.key.clone())).collect();
        let node = self.inner.node.clone();
        let work = move |c: &kit::Read<'_>| {
            let version = store::version(c)?;
            let teams = store::all(c, &parsed)?;
            let mut secrets: HashMap<Id, Vec<SecretKey>> = HashMap::new();
            for (team, sealed) in store::secrets(c)? {
                secrets.entry(team).or_default().push(unseal(&node, team, &sealed)?);
            }
            // It is drawn up here, on a thread that may take its time.
            let directory = Directory::new(teams.into_iter().map(Arc::new).collect());
            Ok((version, Arc::new(directory), secrets))
        };
        let (version, directory, secrets) = self.inner.node.db.read(work).await?;
        let secrets = secrets.into_iter().map(|(team, keys)| (team, Arc::new(keys))).collect();
        self.inner.secrets.store(Arc::new(secrets));
        self.inner.directory.store(directory);
        *shown = version;
        Ok(())
    }

    /// Enters teams, or brings those with the same handle up to date. What proves a claim stays with the claim; that an
    /// `irt` object is the team's is taken on the operator's word, unless it is proven to be another team's, or the operator
    /// took that word back. Keys, desks, mailboxes and standings stay. All or none are taken. Returns their ids in order.
    ///
    /// What the file says of a standing is kept as such ([`stated`]) until the process takes it over: an import gives none.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn import(&self, granted: &Granted<ManageNode>, entries: Vec<Entry>) -> Result<Vec<Id>> {
        let node = self.inner.node.clone();
        let actor = granted.actor().name.clone();
        let work =
            move |tx: &Write<'_>| entries.iter().map(|entry| enter(&node, tx, &actor, entry)).collect();
        let ids = self.inner.node.db.write(work).await?;
        self.reload().await?;
        Ok(ids)
    }

    /// Puts `record` in place of the record of the asker's team (of any team, for the node). The handle stays, and so
    /// does what the asker does not see: a team does not touch the operator's notes.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a field; [`Error::NotFound`] for another team.
    pub async fn save(&self, granted: &Granted<ManageTeam>, team: Id, record: TeamRecord) -> Result<()> {
        self.save_over(granted, team, record, None).await.map(drop)
    }

    /// [`Teams::save`], only over the version whose digest is `expected` ([`TeamRecord::digest`]). Returns the digest of
    /// what is saved.
    ///
    /// # Errors
    /// As [`Teams::save`]; [`Error::Conflict`] when somebody was faster.
    pub async fn save_over(
        &self,
        granted: &Granted<ManageTeam>,
        team: Id,
        record: TeamRecord,
        expected: Option<String>,
    ) -> Result<String> {
        own(granted, team)?;
        let record = record.checked()?;
        if let Some(owner) = record.irt.as_ref().and_then(|irt| self.directory().by_irt(irt))
            && owner.id != team
        {
            return Err(Error::invalid("irt", format!("the object is {}'s in this directory", owner.name)));
        }
        let directory = self.directory();
        let before = directory.by_id(team);
        if let Some((field, other)) = directory.same_name(before.as_deref(), &record) {
            let advice = "take one by which people tell you apart";
            return Err(Error::invalid(field, format!("it reads like the name of {}: {advice}", other.name)));
        }
        let is_node = granted.is_node();
        let audience = if is_node { Audience::Operator } else { Audience::Team };
        let (node, stamp) = (self.inner.node.clone(), self.stamp(granted, team));
        let work = move |tx: &Write<'_>| {
            let before = must(tx, team)?.record;
            let record = record.clone().with_hidden_from(audience, &before);
            if expected.as_ref().is_some_and(|expected| *expected != before.digest()) {
                let said = "the record was changed since you read it; look at it again and save then";
                return Err(Error::Conflict(said.into()));
            }
            if before.handle != record.handle {
                let advice = format!("the handle stays {}: links and tokens name it", before.handle);
                return Err(Error::invalid("handle", advice));
            }
            if let Some((n, other)) = directory.contested(team, &record, &before)
                && !is_node
            {
                let why = format!(
                    "{} is {}'s, as far as is known here: prove that the domain is yours, or ask the operator of the community",
                    record.emails[n].address, other.name
                );
                return Err(Error::invalid(format!("emails.{n}.address"), why));
            }
            change(&node, tx, &stamp, team, &before, &record)?;
            Ok(record.digest())
        };
        let digest = self.inner.node.db.write(work).await?;
        self.reload().await?;
        Ok(digest)
    }

    /// What the operator notes about a team; the team does not see it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text beyond 4,000 bytes; [`Error::Forbidden`] for the operator's own team;
    /// [`Error::NotFound`].
    pub async fn note(&self, granted: &Granted<Introduce>, team: Id, notes: &str) -> Result<()> {
        not_own(granted, team)?;
        let (node, stamp) = (self.inner.node.clone(), self.stamp(granted, team));
        let notes = notes.to_owned();
        let work = move |tx: &Write<'_>| {
            let before = must(tx, team)?.record;
            // The rest may have been stored under other rules: only what is new is checked.
            let alone = TeamRecord {
                handle: "x".into(),
                name: "x".into(),
                operator_notes: notes.clone(),
                ..TeamRecord::default()
            };
            let record = TeamRecord { operator_notes: alone.checked()?.operator_notes, ..before.clone() };
            change(&node, tx, &stamp, team, &before, &record)
        };
        self.inner.node.db.write(work).await?;
        self.reload().await
    }

    /// Has this node run the desk of `team`, with these addresses at which its mail comes in, the main one first;
    /// without addresses it runs it no more.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an address that is none or belongs to another desk; [`Error::NotFound`].
    pub async fn set_desk(
        &self,
        granted: &Granted<ManageNode>,
        team: Id,
        mailboxes: Vec<String>,
    ) -> Result<()> {
        let no_address = |text: &String| Error::invalid("mailboxes", format!("{text:?} is no mail address"));
        let mut mailboxes: Vec<String> = mailboxes
            .iter()
            .map(|text| mail_address(text).ok_or_else(|| no_address(text)))
            .collect::<Result<_>>()?;
        let mut named = BTreeSet::new();
        mailboxes.retain(|one| named.insert(one.clone()));
        let (node, stamp) = (self.inner.node.clone(), self.stamp(granted, team));
        let work = move |tx: &Write<'_>| {
            must(tx, team)?;
            for address in &mailboxes {
                if store::mailbox(tx, address)?.is_some_and(|owner| owner != team) {
                    return Err(Error::invalid("mailboxes", format!("{address} belongs to another desk")));
                }
            }
            store::put_desk(tx, team, &mailboxes, stamp.at)?;
            events::record(
                &node,
                tx,
                &stamp,
                &DeskChanged { team: team.to_string(), mailboxes: mailboxes.clone() },
            )
        };
        self.inner.node.db.write(work).await?;
        self.reload().await
    }

    /// Makes a team whose desk this node runs from the little that a new node knows: its record (to be filled in
    /// later), its mailbox, its key. A team that is there already keeps its record.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a field.
    pub async fn create_desk(&self, granted: &Granted<ManageNode>, desk: NewDesk) -> Result<Id> {
        let known = self.directory().by_handle(&desk.handle).map(|team| team.id);
        let team = match known {
            Some(team) => team,
            None => {
                let entry = Entry { record: desk.record()?, standing: None, own: true, key: None };
                let made = self.import(granted, vec![entry]).await?;
                made.first().copied().ok_or_else(|| Error::Corrupt("the team was not made".into()))?
            }
        };
        self.set_desk(granted, team, vec![desk.mailbox]).await?;
        if self.secrets(team).is_empty() {
            self.make_secret_key(&Granted::for_node_in(team), team, None).await?;
        }
        Ok(team)
    }

    /// The newest `limit` events of the team's record, newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn history(&self, _granted: &Granted<LookUp>, team: Id, limit: i64) -> Result<Vec<Recorded>> {
        self.inner.node.db.read(move |c| events::history(c, &format!("team:{team}"), limit)).await
    }

    /// Checks the chain of the team's record and returns how many events it has.
    ///
    /// # Errors
    /// [`Error::Corrupt`] names the first event that was altered.
    pub async fn verify(&self, _granted: &Granted<LookUp>, team: Id) -> Result<usize> {
        self.inner.node.db.read(move |c| events::verify(c, &format!("team:{team}"))).await
    }

    /// Who did it and when, in the record of `team`.
    pub(crate) fn stamp<P: Permission>(&self, granted: &Granted<P>, team: Id) -> events::Stamp {
        events::Stamp { team: Some(team), ..granted.stamp(self.inner.node.now()) }
    }
}

/// Only a team itself changes its record; the node does what its command line says.
pub(crate) fn own(granted: &Granted<ManageTeam>, team: Id) -> Result<()> {
    if granted.is_node() || granted.team() == team { Ok(()) } else { Err(Error::not_found("the team")) }
}

pub(crate) fn must(c: &kit::Read<'_>, team: Id) -> Result<Team> {
    store::one(c, team)?.ok_or_else(|| Error::not_found("the team"))
}

/// Enters a team, or brings it up to date, in the transaction of a use case that does more; call [`Teams::reload`] when it
/// is committed. `actor` is who does it, by name. Returns the team's id.
///
/// # Errors
/// As [`Teams::import`].
pub fn enter(node: &Node, tx: &Write<'_>, actor: &str, entry: &Entry) -> Result<Id> {
    let id = identity::ensure_organisation(node, tx, &entry.record.handle, &entry.record.name)?;
    let stamp = events::Stamp { at: node.now(), team: Some(id), actor: actor.to_owned() };
    let before = store::one(tx, id)?;
    match &before {
        Some(before) => change(node, tx, &stamp, id, &before.record, &entry.record)?,
        None => {
            store::put(tx, id, &entry.record, stamp.at)?;
            let (handle, name) = (entry.record.handle.clone(), entry.record.name.clone());
            events::record(node, tx, &stamp, &TeamImported { team: id.to_string(), handle, name })?;
        }
    }
    believe_irt(node, tx, &stamp, id)?;
    let stands = before.and_then(|before| before.standing);
    if let Some(stated) = entry.standing {
        store::put_stated(tx, id, (stands != Some(stated)).then_some(stated))?;
    }
    Ok(id)
}

/// What the operator imports is the operator's word: the `irt` object is the team's, unless another team's by proof. A list
/// is no second thought: where the operator took the word back, it stays so.
fn believe_irt(node: &Node, tx: &Write<'_>, stamp: &events::Stamp, id: Id) -> Result<()> {
    let team = must(tx, id)?;
    let Some(irt) = team.irt.clone().filter(|_| team.irt_proof().is_none()) else { return Ok(()) };
    let claim = Claim::Irt(irt.clone());
    let was_taken_back = store::refused(tx, id)?.contains(&(claim.clone(), ProofKind::Operator));
    if was_taken_back || store::irt_holder(tx, &irt, id)?.is_some() {
        return Ok(());
    }
    let proof = Proof {
        claim,
        kind: ProofKind::Operator,
        at: stamp.at,
        by: stamp.actor.clone(),
        evidence: "the list that the operator imported names it".into(),
        missing: None,
    };
    note(node, tx, stamp, id, &proof)
}

fn change(
    node: &Node,
    tx: &Write<'_>,
    stamp: &events::Stamp,
    team: Id,
    before: &TeamRecord,
    record: &TeamRecord,
) -> Result<()> {
    let fields = record.differs_in(before);
    if fields.is_empty() {
        return Ok(());
    }
    store::put(tx, team, record, stamp.at)?;
    identity::ensure_organisation(node, tx, &record.handle, &record.name)?;
    events::record(node, tx, stamp, &TeamChanged { team: team.to_string(), fields })
}

/// Sets a team's standing in the transaction of the process that decides it, with the event; call [`Teams::reload`]
/// when it is committed. It is the one way to a standing, and what a list stated of it is answered with it.
///
/// # Errors
/// [`Error::NotFound`], or the database refuses it.
pub fn stand(
    node: &Node,
    tx: &Write<'_>,
    stamp: &events::Stamp,
    team: Id,
    standing: Option<Standing>,
) -> Result<()> {
    let before = must(tx, team)?.standing;
    store::put_stated(tx, team, None)?;
    if before == standing {
        return Ok(());
    }
    store::put_standing(tx, team, standing, stamp.at)?;
    let name = |standing: Option<Standing>| standing.map(|standing| standing.status.name().to_owned());
    let since = ui::format::date(standing.map_or(stamp.at, |standing| standing.since));
    let event = StatusChanged { team: team.to_string(), from: name(before), to: name(standing), since };
    events::record(node, tx, stamp, &event)
}

/// What imported lists say of the standings of teams, and the process has not taken over.
///
/// # Errors
/// The database is gone.
pub fn stated(c: &kit::Read<'_>) -> Result<Vec<(Id, Standing)>> {
    store::stated(c)
}

/// Whether an imported list says something of the standing of `team` that the process has not taken over.
///
/// # Errors
/// The database is gone.
pub fn is_stated(c: &kit::Read<'_>, team: Id) -> Result<bool> {
    Ok(store::stated(c)?.iter().any(|(stated, _)| *stated == team))
}

/// The version of the record of `team` ([`Team::record_digest`]) as this transaction sees it; `None` without such a team.
///
/// # Errors
/// The database is gone.
pub fn record_digest(c: &kit::Read<'_>, team: Id) -> Result<Option<String>> {
    Ok(store::one(c, team)?.map(|team| team.record_digest()))
}

/// What a list said of the standing of `team` counts no more.
///
/// # Errors
/// The database is gone.
pub fn forget_stated(tx: &Write<'_>, team: Id) -> Result<()> {
    store::put_stated(tx, team, None)
}

pub(crate) fn purpose(team: Id) -> String {
    format!("team-key:{team}")
}

fn unseal(node: &Node, team: Id, sealed: &[u8]) -> Result<SecretKey> {
    let bytes = node.secrets.open(&purpose(team), sealed)?;
    SecretKey::parse(&bytes, None)
        .map_err(|error| Error::Corrupt(format!("the secret key of a desk: {error}")))
}
