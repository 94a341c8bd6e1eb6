//! Keys of teams: public ones for everybody, secret ones for the desks of this node.

use std::collections::HashSet;

use contracts::teams::{KeyAdded, KeyRestored, KeyWithdrawn, SecretKeySet};
use identity::{Granted, ManageNode, ManageTeam};
use kit::clock::SECOND;
use kit::{Error, Id, Result, Time, Write, events};
use mail::pgp::{KeyError, KeyParams, PublicKey, SecretKey, Seed};

use crate::service::{Teams, must, own, purpose};
use crate::team::Team;
use crate::{Directory, store};

/// Most keys that a team has in use.
const TOO_MANY_KEYS: usize = 50;
/// Most keys that it has entered ever, those that were withdrawn with them.
const TOO_MANY_EVER: usize = 500;
/// Largest key, in armour: those with thousands of certifications have 2 MiB.
const TOO_LARGE_KEY: usize = 4 << 20;
const TOO_LARGE: &str = "it is larger than 4 MiB: export it without other people's certifications";

impl Teams {
    /// Adds public keys of a team (armoured or binary); of one that is known already both copies are brought together (a
    /// new expiry, a revocation): an old copy takes back nothing that the key has said of itself. Keys that are not good
    /// today are taken too: they say so themselves. Returns the fingerprints.
    ///
    /// A key that names another team's mail address is that team's, whoever comes first; the node's operator may decide
    /// otherwise.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `key` when none can be read, a key belongs to another team, or it was withdrawn
    /// ([`Teams::restore_key`]); [`Error::NotFound`] for another team.
    pub async fn add_key(
        &self,
        granted: &Granted<ManageTeam>,
        team: Id,
        bytes: Vec<u8>,
    ) -> Result<Vec<String>> {
        own(granted, team)?;
        let parsed = tokio::task::spawn_blocking(move || read_keys(&bytes)).await;
        let keys = parsed.map_err(|_| Error::Corrupt("reading a key failed".into()))??;
        let directory = self.directory();
        for key in &keys {
            may_have(&directory, granted, team, key).map_err(|why| Error::invalid("key", why))?;
        }
        if let Some(known) = directory.by_id(team) {
            has_room(&known, &keys)?;
        }
        let fingerprints = keys.iter().map(PublicKey::fingerprint).collect();
        let (node, stamp) = (self.node().clone(), self.stamp(granted, team));
        let work = move |tx: &Write<'_>| {
            must(tx, team)?;
            for key in &keys {
                let fingerprint = key.fingerprint();
                let armored = match store::key_of(tx, team, &fingerprint)? {
                    Some((_, Some(at))) => return Err(was_withdrawn(&fingerprint, at)),
                    Some((known, None)) => merged(&known, key)?,
                    None => key.to_armored(),
                };
                store::add_key(tx, team, &fingerprint, &armored, stamp.at)?;
                events::record(&node, tx, &stamp, &KeyAdded { team: team.to_string(), fingerprint })?;
            }
            Ok(())
        };
        self.node().db.write(work).await?;
        self.reload().await?;
        Ok(fingerprints)
    }

    /// Takes a public key out of use; it stays in the record.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the team has no such key in use, or is another's.
    pub async fn withdraw_key(
        &self,
        granted: &Granted<ManageTeam>,
        team: Id,
        fingerprint: &str,
        why: &str,
    ) -> Result<()> {
        own(granted, team)?;
        let (node, stamp) = (self.node().clone(), self.stamp(granted, team));
        let (fingerprint, why) =
            (fingerprint.to_ascii_uppercase(), why.chars().take(500).collect::<String>());
        let work = move |tx: &Write<'_>| {
            if !store::withdraw_key(tx, team, &fingerprint, stamp.at)? {
                return Err(Error::not_found("the key"));
            }
            let event =
                KeyWithdrawn { team: team.to_string(), fingerprint: fingerprint.clone(), why: why.clone() };
            events::record(&node, tx, &stamp, &event)
        };
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// Takes a withdrawn key back into use: the operator's act, with a reason. No upload does it.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a reason; [`Error::NotFound`] when the team has no such key that is withdrawn.
    pub async fn restore_key(
        &self,
        granted: &Granted<ManageNode>,
        team: Id,
        fingerprint: &str,
        why: &str,
    ) -> Result<()> {
        let why: String = why.trim().chars().take(500).collect();
        if why.is_empty() {
            return Err(Error::invalid("why", "say why the key is to be used again: it stays in the record"));
        }
        let (node, stamp) = (self.node().clone(), self.stamp(granted, team));
        let fingerprint = fingerprint.to_ascii_uppercase();
        let work = move |tx: &Write<'_>| {
            if !store::restore_key(tx, team, &fingerprint, stamp.at)? {
                return Err(Error::not_found(format!("a withdrawn key {fingerprint} of this team")));
            }
            let event =
                KeyRestored { team: team.to_string(), fingerprint: fingerprint.clone(), why: why.clone() };
            events::record(&node, tx, &stamp, &event)
        };
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// Gives the desk of `team` a secret key, sealed in the database, and enters its public half.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another team; or the database refuses it.
    pub async fn set_secret_key(
        &self,
        granted: &Granted<ManageTeam>,
        team: Id,
        key: &SecretKey,
    ) -> Result<String> {
        let public = key.public().to_armored();
        self.add_key(granted, team, public.into_bytes()).await?;
        let (node, stamp) = (self.node().clone(), self.stamp(granted, team));
        let sealed = node.secrets.seal(&purpose(team), &key.to_bytes(), node.random());
        let fingerprint = key.public().fingerprint();
        let noted = fingerprint.clone();
        let work = move |tx: &Write<'_>| {
            store::add_secret(tx, team, &noted, &sealed, stamp.at)?;
            events::record(
                &node,
                tx,
                &stamp,
                &SecretKeySet { team: team.to_string(), fingerprint: noted.clone() },
            )
        };
        self.node().db.write(work).await?;
        self.reload().await?;
        Ok(fingerprint)
    }

    /// Makes a new secret key for the desk of `team`, for its main mailbox; good from now until `expires`. Returns its
    /// fingerprint.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another team; [`Error::Conflict`] when the team has no address to name in the key.
    pub async fn make_secret_key(
        &self,
        granted: &Granted<ManageTeam>,
        team: Id,
        expires: Option<Time>,
    ) -> Result<String> {
        own(granted, team)?;
        let record = self.directory().by_id(team).ok_or_else(|| Error::not_found("the team"))?;
        let address = record.mailbox().or_else(|| record.report_address());
        let address = address.ok_or_else(|| {
            Error::Conflict(format!("{} has no mail address to name in a key", record.name))
        })?;
        let params = KeyParams {
            user_id: format!("{} <{address}>", record.name.replace(['<', '>'], "")),
            created: self.node().now() / SECOND,
            expires: expires.map(|at| at / SECOND),
        };
        let mut seed = [0; 32];
        self.node().random().fill(&mut seed);
        let made = tokio::task::spawn_blocking(move || SecretKey::generate(&params, Seed::from(seed))).await;
        let made = made.map_err(|_| Error::Corrupt("making a key failed".into()))?;
        let key = made.map_err(|error| Error::Corrupt(error.to_string()))?;
        self.set_secret_key(granted, team, &key).await
    }
}

/// Whether `new` keys fit beside the others of the team. Those that are known already take no room.
fn has_room(team: &Team, new: &[PublicKey]) -> Result<()> {
    let fingerprints: HashSet<String> = new.iter().map(PublicKey::fingerprint).collect();
    let others = team.keys.iter().filter(|key| !fingerprints.contains(&key.key.fingerprint()));
    let (in_use, ever) =
        others.fold((0, 0), |(in_use, ever), key| (in_use + usize::from(key.withdrawn.is_none()), ever + 1));
    if in_use + fingerprints.len() > TOO_MANY_KEYS {
        let advice = "withdraw those that you do not use";
        return Err(Error::invalid(
            "key",
            format!("a team has at most {TOO_MANY_KEYS} keys in use: {advice}"),
        ));
    }
    if ever + fingerprints.len() > TOO_MANY_EVER {
        return Err(Error::invalid("key", format!("a team enters at most {TOO_MANY_EVER} keys in all")));
    }
    Ok(())
}

/// Whether `team` may enter `key`.
///
/// # Errors
/// Why not, and what to do.
fn may_have(
    directory: &Directory,
    granted: &Granted<ManageTeam>,
    team: Id,
    key: &PublicKey,
) -> std::result::Result<(), String> {
    let end = ui::format::fingerprint_end(&key.fingerprint());
    let emails = key.emails();
    let held = || emails.iter().filter_map(|address| Some((address, directory.holder(address)?)));
    let names_own = held().any(|(_, holder)| holder.id == team);
    let owner = directory.by_key(&key.fingerprint()).filter(|owner| owner.id != team);
    if let Some(owner) = owner {
        let names_owners = held().any(|(_, holder)| holder.id == owner.id);
        if names_owners || !names_own && !granted.is_node() {
            let advice =
                "if it is yours, the operator of the community decides: write to them, signed with this key";
            return Err(format!("the key {end} belongs to {} already; {advice}", owner.name));
        }
    }
    // A person may work for two teams; a key with another team's address alone is that team's.
    let foreign = held().find(|(_, holder)| holder.id != team);
    match foreign {
        Some((address, holder)) if !names_own && !granted.is_node() => Err(format!(
            "the key {end} is for {address}, the address of {}: they enter it themselves, or the operator of the \
             community decides",
            holder.name
        )),
        _ => Ok(()),
    }
}

/// What is known of a key and what came of it, together, in armour.
fn merged(known: &str, key: &PublicKey) -> Result<String> {
    let bad = |error: KeyError| Error::invalid("key", format!("it was not brought up to date: {error}"));
    let known = PublicKey::parse_all(known.as_bytes()).map_err(bad)?.into_iter().next();
    let merged = known.map_or_else(|| Ok(key.clone()), |known| known.merged(key)).map_err(bad)?.to_armored();
    if merged.len() > TOO_LARGE_KEY {
        return Err(Error::invalid("key", TOO_LARGE));
    }
    Ok(merged)
}

fn was_withdrawn(fingerprint: &str, at: Time) -> Error {
    let (end, date) = (ui::format::fingerprint_end(fingerprint), ui::format::date(at));
    let advice = "an upload does not take that back. Enter another key, or ask the operator of the community to take \
                  this one back into use";
    Error::invalid("key", format!("the key {end} was withdrawn on {date}; {advice}"))
}

/// The keys in `bytes`.
fn read_keys(bytes: &[u8]) -> Result<Vec<PublicKey>> {
    if bytes.len() > TOO_LARGE_KEY {
        return Err(Error::invalid("key", TOO_LARGE));
    }
    PublicKey::parse_all(bytes).map_err(|error| {
        Error::invalid(
            "key",
            format!("{error}. Export it with \"gpg --armor --export-options export-minimal --export\""),
        )
    })
}
