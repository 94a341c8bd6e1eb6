//! The sample community: teams with real keys, a registry in which those keys are named, an account to log in with.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use identity::{Granted, NewAccount, Role};
use kit::clock::SECOND;
use kit::{Id, random_token};
use mail::pgp::{KeyParams, PublicKey, SecretKey, Seed};
use teams::import::Entry;

use crate::{MAILBOX, Past, Stage, past};

const TEAMS: &str = include_str!("../sample/teams.json");
const REGISTRY: &str = include_str!("../sample/registry.rpsl");

/// The community, as far as the story needs it.
pub struct Community {
    /// The team whose desk this is.
    pub own: Id,
    /// Secret keys by the team's handle.
    pub keys: HashMap<String, SecretKey>,
    /// The password of `kes` and of `jor`.
    pub password: String,
    teams: usize,
    /// So many standings were taken over.
    pub(crate) taken: usize,
    countries: usize,
    objects: i64,
}

impl Community {
    /// One line about it.
    pub fn told(&self) -> String {
        format!(
            "{} teams in {} countries, {} keys made, {} registry objects loaded\n",
            self.teams,
            self.countries,
            self.keys.len(),
            self.objects
        )
    }
}

/// Makes the community on `house`, whose clock is `clock`: with a past of some months, with its keys and its registry as files in `dir`.
///
/// # Errors
/// A file cannot be written, or the node refuses something.
pub async fn make(house: &Stage, clock: &Past, dir: &Path) -> anyhow::Result<Community> {
    let entries = teams::import::parse(TEAMS.as_bytes())?.entries;
    let (ids, taken) = past::take_over(house, clock, &entries).await?;
    let folder = dir.join("keys");
    std::fs::create_dir_all(&folder)?;
    let mut keys = HashMap::new();
    let mut certificates = String::new();
    let mut own = None;
    for (entry, id) in entries.iter().zip(&ids) {
        let handle = &entry.record.handle;
        if entry.own {
            own = Some(*id);
            house.teams.set_desk(&Granted::for_node(), *id, vec![MAILBOX.into()]).await?;
        }
        let Some((secret, public)) = make_key(house, entry)? else { continue };
        if entry.own {
            house.teams.set_secret_key(&Granted::for_node_in(*id), *id, &secret).await?;
        } else {
            house.teams.add_key(&Granted::for_node_in(*id), *id, public.to_armored().into_bytes()).await?;
        }
        std::fs::write(folder.join(format!("{handle}.asc")), public.to_armored())?;
        std::fs::write(folder.join(format!("{handle}.secret.asc")), secret.to_armored())?;
        certificates.push_str(&key_cert(&public));
        keys.insert(handle.clone(), secret);
    }
    let own = own.ok_or_else(|| anyhow::anyhow!("the sample names no team of its own"))?;
    let file = dir.join("registry.rpsl");
    std::fs::write(&file, format!("{}\n{certificates}", with_keys(&keys)))?;
    let registry = house.registry.clone();
    let import = move || registry.import(&Granted::for_node(), &[file], Default::default(), &mut |_| {});
    let summary = tokio::task::spawn_blocking(import).await??;
    let mut countries: Vec<&str> = entries.iter().map(|entry| entry.record.country.code.as_str()).collect();
    countries.sort_unstable();
    countries.dedup();
    Ok(Community {
        own,
        password: account(house, own).await?,
        teams: entries.len(),
        taken,
        countries: countries.len(),
        objects: summary.files.iter().map(|file| file.objects).sum(),
        keys,
    })
}

/// `kes` may do all at the desk and operates the community; `jor` only looks.
async fn account(house: &Stage, own: Id) -> anyhow::Result<String> {
    let password = random_token::<10>(house.node.random());
    let people = [
        ("kes", BTreeSet::from([Role::Handler, Role::TeamAdmin, Role::NodeAdmin, Role::Introducer])),
        ("jor", BTreeSet::from([Role::Reader])),
    ];
    for (login, roles) in people {
        let account =
            NewAccount { login: login.into(), name: login.into(), roles, password: Some(password.clone()) };
        house.identity.create_account(&Granted::for_node_in(own), own, account).await?;
    }
    Ok(password)
}

pub(crate) fn make_key(house: &Stage, entry: &Entry) -> anyhow::Result<Option<(SecretKey, PublicKey)>> {
    let Some(wish) = &entry.key else { return Ok(None) };
    let now = house.node.now();
    let (created, expires) = wish.times(now)?;
    let address = entry.record.emails.first().map_or("nobody@team.example", |email| &email.address);
    let params = KeyParams {
        user_id: format!("{} <{address}>", entry.record.name),
        created: created / SECOND,
        expires: expires.map(|at| at / SECOND),
    };
    let mut seed = [0; 32];
    house.node.random().fill(&mut seed);
    let secret = SecretKey::generate(&params, Seed::from(seed))?;
    let public = if wish.revoked {
        secret.revoked(now / SECOND - 86_400, "the laptop that held it was stolen")?
    } else {
        secret.public().clone()
    };
    Ok(Some((secret, public)))
}

/// Puts the names of the keys where the sample has `@KEY:handle@`; a team without a key loses the line.
fn with_keys(keys: &HashMap<String, SecretKey>) -> String {
    let mut out = String::with_capacity(REGISTRY.len() + 4096);
    for line in REGISTRY.lines() {
        match line.split_once("@KEY:") {
            None => out.push_str(line),
            Some((before, rest)) => {
                let (handle, after) = rest.split_once('@').unwrap_or((rest, ""));
                let Some(key) = keys.get(handle) else { continue };
                out.push_str(before);
                out.push_str(&key_name(key.public()));
                out.push_str(after);
            }
        }
        out.push('\n');
    }
    out
}

/// `PGPKEY-` and the last eight digits of the fingerprint, as registries name keys.
fn key_name(key: &PublicKey) -> String {
    let fingerprint = key.fingerprint();
    format!("PGPKEY-{}", &fingerprint[fingerprint.len() - 8..])
}

fn key_cert(key: &PublicKey) -> String {
    let owner = key.user_ids().into_iter().next().unwrap_or_default();
    let mut object = format!(
        "\nkey-cert:       {}\nmethod:         PGP\nowner:          {owner}\nfingerpr:       {}\n",
        key_name(key),
        ui::format::fingerprint(&key.fingerprint()).replace('\n', " ")
    );
    for line in key.to_armored().lines() {
        object.push_str(&format!("certif:         {line}\n"));
    }
    object.push_str("mnt-by:         WARD-MNT\nsource:         WARD\n");
    object
}
