//! What an operator does: tell others the key, roll it over, begin anew, not wait for the minute.

use identity::{Granted, ManageNode};
use kit::clock::DAY;
use kit::{Error, Result, Time};
use nrtm::{NOTIFICATION_FILE, Source};
use serde::Serialize;

use super::{follow, keys, publish, refused};
use crate::Registry;
use crate::settings::Settings;
use crate::store::publication::{self, KeyPlace};

/// An announced key should be known to all before it signs (draft section 9.6).
const ANNOUNCED_FOR: Time = 7 * DAY;

/// What those who want to follow this node's registry must know.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// The registry.
    pub source: String,
    /// The URL of its notification file.
    pub url: String,
    /// The public key, as PEM.
    pub key: String,
    /// The announced one, as PEM, with the time since when.
    pub next: Option<(String, Time)>,
}

/// How far a new key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RolledOver {
    /// It is announced.
    Announced,
    /// It signs.
    Done,
}

impl Registry {
    /// What those who want to follow this node's registry must know. The key is made when there is none yet.
    ///
    /// # Errors
    /// This node keeps no registry, or the database is gone.
    pub fn mirror_key(&self, _granted: &Granted<ManageNode>) -> Result<Told> {
        let source = self.own_source()?;
        let keys = keys::of(self.node(), &source)?;
        Ok(Told {
            source: source.to_string(),
            url: url(self.settings(), source.as_str()),
            key: keys.current.public().to_pem(),
            next: keys.next.map(|(key, since)| (key.public().to_pem(), since)),
        })
    }

    /// Announces a new key; called again after a week, has it sign. `now`: do not wait for the week.
    ///
    /// # Errors
    /// The announcement is younger than a week, this node keeps no registry, or the database is gone.
    pub fn roll_mirror_key_over(&self, _granted: &Granted<ManageNode>, now: bool) -> Result<RolledOver> {
        let source = self.own_source()?;
        let Some((_, since)) = keys::of(self.node(), &source)?.next else {
            keys::make(self.node(), &source, KeyPlace::Next)?;
            return Ok(RolledOver::Announced);
        };
        let age = self.now() - since;
        if age < ANNOUNCED_FOR && !now {
            let days = (ANNOUNCED_FOR - age + DAY - 1) / DAY;
            return Err(Error::Conflict(format!(
                "the next key was announced less than a week ago; who has not seen it would be lost. Wait {days} days, or insist with --now"
            )));
        }
        let name = source.to_string();
        self.node().db.write_now(move |tx| publication::roll_over(tx, &name))?;
        Ok(RolledOver::Done)
    }

    /// Publishes and follows now; a line for each thing done. `anew`: begins a new session, so that all who follow load
    /// everything again.
    ///
    /// # Errors
    /// The database is gone; troubles with single registries are among the lines.
    pub fn mirror_now(
        &self,
        _granted: &Granted<ManageNode>,
        anew: bool,
    ) -> Result<Vec<Result<String, String>>> {
        let mut done = Vec::new();
        if self.settings().mirror.publish {
            let source = self.own_source()?;
            done.push(match publish::publish(self, anew) {
                Ok(None) => Ok(format!("{source}: another process is publishing it just now")),
                Ok(Some(one)) if one.restarted => {
                    Ok(format!("{source}: published in a new session, version 1"))
                }
                Ok(Some(one)) => {
                    Ok(format!("{source}: published, version {}, {} changes", one.version, one.changes))
                }
                Err(error) => Err(format!("{source}: {error}")),
            });
        }
        for one in &self.settings().mirror.follow {
            let source = one.source.to_uppercase();
            done.push(match follow::follow(self, one) {
                Ok(None) => Ok(format!("{source}: another process is following it just now")),
                Ok(Some(one)) => Ok(format!(
                    "{source}: version {}, {}{} taken{}",
                    one.version,
                    if one.snapshot { "the snapshot, " } else { "" },
                    ui::format::plural(one.objects, "object", "objects"),
                    if one.left_out > 0 { format!(", {} left out", one.left_out) } else { String::new() }
                )),
                Err(error) => Err(format!("{source}: {error}")),
            });
        }
        Ok(done)
    }

    fn own_source(&self) -> Result<Source> {
        let source = self.settings().source.as_deref().ok_or_else(|| {
            Error::invalid(
                "registry.source",
                "this node keeps no registry of its own: name it in the configuration",
            )
        })?;
        source.parse().map_err(|error| refused(&error))
    }
}

/// Where the notification file of `source` is reached from outside.
pub(super) fn url(settings: &Settings, source: &str) -> String {
    let base = if settings.base_url.is_empty() { "https://this-node" } else { &settings.base_url };
    format!("{base}/nrtmv4/{source}/{NOTIFICATION_FILE}")
}
