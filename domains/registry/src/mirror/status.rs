//! How mirroring stands, for people and programs.

use identity::{Granted, ManageNode};
use kit::clock::{HOUR, MINUTE};
use kit::health::{Finding, ago};
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

    /// How mirroring stands, for `wardmote doctor`.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn findings(&self) -> Result<Vec<Finding>> {
        let status = self.mirror_status(&Granted::for_node()).await?;
        let now = self.now();
        let published = status.published.iter().map(|one| one.finding(now));
        Ok(published.chain(status.followed.iter().map(|one| one.finding(now))).collect())
    }
}

/// A notification file is made anew each hour, and looked for each minute; so late nobody does it any more.
const STALE_OWN: Time = 2 * HOUR;
/// A registry is asked for each minute, and at least each 16 minutes while it fails.
const NOT_ASKED: Time = 40 * MINUTE;
/// An operator tells anew each hour; one that has told nothing for a day has stopped (draft section 4.3.2).
const STALE: Time = 24 * HOUR;

impl Published {
    fn finding(&self, now: Time) -> Finding {
        let what = format!("publishes {}", self.source);
        let version = format!("version {}", self.version);
        let todo = "does the node run? Else its log says why: see `wardmote registry mirror status`";
        match now - self.told {
            _ if self.told == 0 => Finding::bad(what, format!("nothing is published yet: {todo}")),
            age if age > STALE_OWN => Finding::bad(what, format!("{version}, made {} ago: {todo}", ago(age))),
            _ => Finding::good(what, version),
        }
    }
}

impl Followed {
    fn finding(&self, now: Time) -> Finding {
        let what = format!("mirror {}", self.source);
        let version = format!("version {}", self.version);
        let todo = "see `wardmote registry mirror status`";
        let asked = self.checked.map(|at| now - at);
        match (&self.problem, self.told.map(|told| now - told)) {
            (Some(problem), _) => Finding::bad(what, format!("{problem}: {todo}")),
            (None, _) if asked.is_none_or(|age| age > NOT_ASKED) => {
                let since = asked.map_or_else(
                    || "not asked for yet".to_owned(),
                    |age| format!("asked for {} ago", ago(age)),
                );
                Finding::bad(what, format!("{version}, {since}: does the node run? {todo}"))
            }
            (None, Some(age)) if age > STALE => {
                let words = format!("{version}, made {} ago: ask its operator, {todo}", ago(age));
                Finding::mind(what, words)
            }
            _ => Finding::good(what, version),
        }
    }
}

#[cfg(test)]
mod tests {
    use kit::health::Verdict;

    use super::*;

    #[test]
    fn a_registry_that_nobody_asks_for_or_makes_any_more_is_told() {
        let followed = |problem: Option<&str>, checked: Option<Time>, told: Option<Time>| {
            let one = Followed {
                source: "THEIRS".into(),
                url: String::new(),
                version: 7,
                told: told.map(|age| -age),
                checked: checked.map(|age| -age),
                changed: None,
                left_out: 0,
                failures: 0,
                problem: problem.map(str::to_owned),
            };
            one.finding(0).verdict
        };
        assert_eq!(followed(None, Some(MINUTE), Some(HOUR)), Verdict::Good);
        assert_eq!(followed(None, Some(HOUR), Some(HOUR)), Verdict::Bad, "asked for an hour ago");
        assert_eq!(followed(None, None, None), Verdict::Bad, "never asked for");
        assert_eq!(
            followed(None, Some(MINUTE), Some(25 * HOUR)),
            Verdict::Mind,
            "its operator tells nothing"
        );
        assert_eq!(followed(Some("no route"), Some(MINUTE), Some(HOUR)), Verdict::Bad);
        let published = |age: Time| {
            let (source, url, session) = ("OURS".into(), String::new(), String::new());
            Published { source, url, session, version: 1, told: -age, deltas: 0 }.finding(0).verdict
        };
        assert_eq!((published(HOUR), published(3 * HOUR)), (Verdict::Good, Verdict::Bad));
        assert_eq!(published(0), Verdict::Bad, "nothing was ever published");
    }
}
