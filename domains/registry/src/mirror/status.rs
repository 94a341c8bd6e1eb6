//! How mirroring stands, for people and programs.

use identity::{Granted, ManageNode};
use kit::{Result, Time};
use serde::Serialize;

use crate::Registry;
use crate::store::{following, publication};

/// What is published and what is followed.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// This node's own registry; `None` when it is not published.
    pub published: Option<Published>,
    /// The registries that are followed, by name.
    pub followed: Vec<Followed>,
}

/// A registry that is published.
#[derive(Debug, Clone, Serialize)]
pub struct Published {
    /// Its name.
    pub source: String,
    /// Where its notification file is.
    pub url: String,
    /// The session; empty before the first run.
    pub session: String,
    /// The version that others can have.
    pub version: i64,
    /// When the notification file was made.
    pub told: Time,
    /// How many deltas are told of.
    pub deltas: usize,
}

/// A registry that is followed.
#[derive(Debug, Clone, Serialize)]
pub struct Followed {
    /// Its name.
    pub source: String,
    /// Where its notification file is.
    pub url: String,
    /// The version that is here; 0 before the first snapshot.
    pub version: i64,
    /// When its operator made the notification file that was taken last.
    pub told: Option<Time>,
    /// When it was asked for last.
    pub checked: Option<Time>,
    /// When an object came, changed or went.
    pub changed: Option<Time>,
    /// Objects of the last file that were left out, since they are none or of another registry.
    pub left_out: i64,
    /// How many tries have failed in a row.
    pub failures: i64,
    /// Why the last one did; what was taken before is still there.
    pub problem: Option<String>,
}

impl Registry {
    /// How mirroring stands.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn mirror_status(&self, _granted: &Granted<ManageNode>) -> Result<Status> {
        let settings = self.settings().clone();
        let read = self.node().db.read(move |c| {
            let published = match settings.source.as_ref().filter(|_| settings.mirror.publish) {
                None => None,
                Some(source) => {
                    let state = publication::of(c, source)?;
                    let files = publication::files(c, source)?;
                    let delta = |file: &&publication::PublishedFile| {
                        file.kind == publication::PublishedKind::Delta && file.dropped.is_none()
                    };
                    Some(Published {
                        source: source.clone(),
                        url: super::commands::url(&settings, source),
                        session: state.as_ref().map_or_else(String::new, |state| state.session.clone()),
                        version: state.as_ref().map_or(0, |state| state.version),
                        told: state.as_ref().map_or(0, |state| state.told),
                        deltas: files.iter().filter(delta).count(),
                    })
                }
            };
            let known = following::all(c)?;
            let followed = settings.mirror.follow.iter().map(|follow| {
                let state = known.iter().find(|state| state.source.eq_ignore_ascii_case(&follow.source));
                Followed {
                    source: follow.source.to_uppercase(),
                    url: follow.url.clone(),
                    version: state.map_or(0, |state| state.version),
                    told: state.map(|state| state.told).filter(|told| *told > 0),
                    checked: state.map(|state| state.checked_at),
                    changed: state.and_then(|state| state.changed_at),
                    left_out: state.map_or(0, |state| state.left_out),
                    failures: state.map_or(0, |state| state.failures),
                    problem: state.and_then(|state| state.problem.clone()),
                }
            });
            Ok(Status { published, followed: followed.collect() })
        });
        read.await
    }
}
