//! Keys of teams: public ones for everybody, secret ones for the desks of this node.

use std::collections::HashSet;

use contracts::teams::{KeyAdded, KeyWithdrawn, SecretKeySet};
use identity::{Granted, ManageTeam};
use kit::clock::SECOND;
use kit::{Error, Id, Result, Time, Write, events};
use mail::pgp::{KeyParams, PublicKey, SecretKey, Seed};

use crate::service::{Teams, must, own, purpose};
use crate::store;
use crate::team::Team;

/// Most keys that a team has in use.
const TOO_MANY_KEYS: usize = 50;
/// Most keys that it has entered ever, those that were withdrawn with them.
const TOO_MANY_EVER: usize = 500;
/// Largest key, in armour: those with thousands of certifications have 2 MiB.
const TOO_LARGE_KEY: usize = 4 << 20;

impl Teams {
    /// Adds public keys of a team (armoured or binary); one that is known already is brought up to date (a new
    /// expiry, a revocation). Keys that are not good today are taken too: they say so themselves. Returns the
    /// fingerprints.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `key` when none can be read, or a key belongs to a team already;
    /// [`Error::NotFound`] for another team.
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
        let others = |key: &(String, String)| directory.by_key(&key.0).filter(|owner| owner.id != team);
        if let Some((key, owner)) = keys.iter().find_map(|key| Some((key, others(key)?))) {
            let end = ui::format::fingerprint_end(&key.0);
            return Err(Error::invalid("key", format!("the key {end} belongs to {} already", owner.name)));
        }
        if let Some(known) = directory.by_id(team) {
            has_room(&known, &keys)?;
        }
        let fingerprints = keys.iter().map(|(fingerprint, _)| fingerprint.clone()).collect();
        let (node, stamp) = (self.node().clone(), self.stamp(granted, team));
        let work = move |tx: &Write<'_>| {
            must(tx, team)?;
            for (fingerprint, armored) in &keys {
                store::add_key(tx, team, fingerprint, armored, stamp.at)?;
                let event = KeyAdded { team: team.to_string(), fingerprint: fingerprint.clone() };
                events::record(&node, tx, &stamp, &event)?;
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

/// Whether `new` keys, by fingerprint and text, fit beside the others of the team. Those that are known already take no room.
fn has_room(team: &Team, new: &[(String, String)]) -> Result<()> {
    let fingerprints: HashSet<&str> = new.iter().map(|(fingerprint, _)| fingerprint.as_str()).collect();
    let others = team.keys.iter().filter(|key| !fingerprints.contains(key.key.fingerprint().as_str()));
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

/// Fingerprint and armoured text of each key in `bytes`.
fn read_keys(bytes: &[u8]) -> Result<Vec<(String, String)>> {
    if bytes.len() > TOO_LARGE_KEY {
        return Err(Error::invalid(
            "key",
            "it is larger than 4 MiB: export it without other people's certifications",
        ));
    }
    let keys = PublicKey::parse_all(bytes).map_err(|error| {
        Error::invalid(
            "key",
            format!("{error}. Export it with \"gpg --armor --export-options export-minimal --export\""),
        )
    })?;
    Ok(keys.iter().map(|key| (key.fingerprint(), key.to_armored())).collect())
}
