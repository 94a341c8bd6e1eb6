//! The versions of an object: who, when, and what changed.

use identity::{Granted, LookUp};
use kit::{Result, Time};

use super::Id;
use crate::Registry;
use crate::store::changes::{self, ChangeKind};

/// Versions that are told.
const MOST: i64 = 200;

/// One version.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) number: i64,
    pub(crate) kind: ChangeKind,
    pub(crate) at: Time,
    pub(crate) actor: String,
    /// Hexadecimal digits.
    pub(crate) digest: String,
    /// What changed against the version before; `None` where that cannot be told, since a text was erased or is
    /// personal data.
    pub(crate) diff: Option<String>,
    pub(crate) erased: bool,
}

impl Registry {
    /// The versions of an object, the newest first; empty when it never changed here. Of persons and roles only who and
    /// when: their old texts are nobody's business.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn history(&self, _granted: &Granted<LookUp>, id: Id) -> Result<Vec<Version>> {
        let personal = matches!(id.class.as_str(), "person" | "role");
        let changes = self.node().db.read(move |c| changes::versions(c, id.name(), MOST)).await?;
        let versions = changes.iter().enumerate().map(|(place, change)| {
            let before = changes.get(place + 1);
            // The oldest that is told is shown whole when it is the first of all.
            let old = match before {
                Some(before) => before.raw.as_deref(),
                None if change.version == 1 => Some(&b""[..]),
                None => None,
            };
            let (old, new) = match change.kind {
                ChangeKind::Delete => (change.raw.as_deref(), Some(&b""[..])),
                // After a deletion the object begins anew.
                _ if before.is_some_and(|before| before.kind == ChangeKind::Delete) => {
                    (Some(&b""[..]), change.raw.as_deref())
                }
                _ => (old, change.raw.as_deref()),
            };
            let diff = old.zip(new).filter(|_| !personal).map(|(old, new)| {
                rpsl::diff::unified(&super::masked(old, false), &super::masked(new, false))
            });
            Version {
                number: change.version,
                kind: change.kind,
                at: change.at,
                actor: change.actor.clone(),
                digest: change.digest.iter().map(|byte| format!("{byte:02x}")).collect(),
                diff,
                erased: change.raw.is_none(),
            }
        });
        Ok(versions.collect())
    }
}
