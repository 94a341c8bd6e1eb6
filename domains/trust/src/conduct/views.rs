//! What pages and API show of the code of conduct.

use std::collections::BTreeMap;

use identity::{Granted, LookUp};
use kit::{Error, Id, Result};
use teams::TrustStatus;

use super::store::{self, Declaration, Document};
use crate::Trust;

/// A team and the newest version that it declared.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Declared {
    /// The team's handle.
    pub team: String,
    /// Its name.
    pub name: String,
    /// The version.
    pub version: i64,
    /// When, µs since 1970 UTC.
    pub at: i64,
    /// The fingerprint of the key that signed it; empty without a signature.
    pub fingerprint: String,
}

/// Where the reader's own team stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Own {
    /// Its name.
    pub name: String,
    /// What it declared, the newest version first: version, when, by whom, what was found of its signature.
    pub declared: Vec<(i64, i64, String, String)>,
    /// Whether the version in force asks it.
    pub is_asked: bool,
}

impl Trust {
    /// All versions, the newest first: for everybody.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn conduct(&self) -> Result<Vec<Document>> {
        self.node().db.read(store::documents).await
    }

    /// One version: for everybody.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn conduct_version(&self, version: i64) -> Result<Document> {
        let found = self.conduct().await?.into_iter().find(|document| document.version == version);
        found.ok_or_else(|| Error::not_found(format!("version {version} of the code of conduct")))
    }

    /// The teams that declared, each with its newest version, by name: for everybody. Who is suspended or has left is not
    /// among them.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn declared(&self) -> Result<Vec<Declared>> {
        let all = self.node().db.read(store::declarations).await?;
        let mut newest: BTreeMap<Id, Declaration> = BTreeMap::new();
        for one in all {
            // They come with the newest version first.
            newest.entry(one.team).or_insert(one);
        }
        let directory = self.teams().directory();
        let listed = newest.into_values().filter_map(|one| {
            let team = directory.by_id(one.team)?;
            team.standing.filter(|standing| standing.status >= TrustStatus::Listed)?;
            Some(Declared {
                team: team.handle.clone(),
                name: team.name.clone(),
                version: one.version,
                at: one.at,
                fingerprint: one.fingerprint,
            })
        });
        let mut listed: Vec<Declared> = listed.collect();
        listed.sort_by_key(|one| (one.name.to_lowercase(), one.team.clone()));
        Ok(listed)
    }

    /// Where the reader's own team stands; `None` for who is of no team.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn own_conduct(&self, granted: &Granted<LookUp>) -> Result<Option<Own>> {
        let id = granted.team();
        let Some(team) = self.teams().directory().by_id(id) else { return Ok(None) };
        let read = self.node().db.read(move |c| Ok((store::documents(c)?, store::of_team(c, id)?)));
        let (documents, declared) = read.await?;
        let in_force = documents.first().map(|document| document.version);
        Ok(Some(Own {
            name: team.name.clone(),
            is_asked: in_force.is_some_and(|version| declared.iter().all(|one| one.version != version)),
            declared: declared.into_iter().map(|one| (one.version, one.at, one.by, one.verdict)).collect(),
        }))
    }
}
