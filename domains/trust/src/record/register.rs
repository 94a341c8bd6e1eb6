//! The register on any day, the record out of this node, and whether what is stored is what the record gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use axum::body::Bytes;
use contracts::trust::record::{Entry, STREAM};
use identity::{Govern, Granted};
use jiff::tz::TimeZone;
use kit::clock::DAY;
use kit::{Error, Id, Result, Time, events};

use super::{Erasure, entry, file};
use crate::process::State;
use crate::record::file::Scope;
use crate::{Trust, store};

/// A team in the register.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Registered {
    /// The team's id.
    pub team: String,
    /// Its handle then.
    pub handle: String,
    /// Its standing then: `listed`, `candidate`, `accredited`, `certified`, `suspended`, `withdrawn`.
    pub standing: String,
    /// Since when, microseconds since 1970 UTC.
    pub since: Time,
    /// The place of the entry that gave it; 0: not known, from a file.
    pub position: i64,
}

/// A register that grows entry by entry.
#[derive(Debug, Default)]
pub struct Register {
    teams: BTreeMap<String, Registered>,
}

impl Register {
    /// Takes an entry in.
    pub fn take(&mut self, position: i64, at: Time, entry: &Entry) {
        if entry.team.is_empty() {
            return;
        }
        let known = self.teams.get(&entry.team).is_some_and(|known| known.standing == entry.to);
        if known {
            return;
        }
        let since = match &entry.change {
            contracts::trust::record::Change::TakenOver { since, .. } => *since,
            _ => at,
        };
        let (team, handle, standing) = (entry.team.clone(), entry.handle.clone(), entry.to.clone());
        self.teams.insert(entry.team.clone(), Registered { team, handle, standing, since, position });
    }

    /// The teams that have a standing, by handle.
    pub fn teams(self) -> Vec<Registered> {
        let mut all: Vec<Registered> =
            self.teams.into_values().filter(|team| team.standing != "unknown").collect();
        all.sort_by(|a, b| a.handle.cmp(&b.handle));
        all
    }
}

/// The end of what `text` names: a day (UTC) or a moment (RFC 3339).
///
/// # Errors
/// [`Error::Invalid`]: it is neither.
pub fn moment(text: &str) -> Result<Time> {
    if let Ok(moment) = text.trim().parse::<jiff::Timestamp>() {
        return Ok(moment.as_microsecond());
    }
    let wrong = || Error::invalid("date", format!("{text:?} is no day and no moment: write 2026-03-01"));
    let day: jiff::civil::Date = text.trim().parse().map_err(|_| wrong())?;
    let start = day.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
    Ok(start.timestamp().as_microsecond().saturating_add(DAY - 1))
}

impl Trust {
    /// The register as it was at `at`, replayed from the record. Standings are public.
    ///
    /// # Errors
    /// The database is gone, or an entry cannot be read.
    pub async fn register_at(&self, at: Time) -> Result<Vec<Registered>> {
        let links = self.node().db.read(|c| events::links(c, STREAM, 0, i64::MAX)).await?;
        let mut register = Register::default();
        for link in links.iter().filter(|link| link.at <= at) {
            if let Some(entry) = entry(link)? {
                register.take(link.position, link.at, &entry);
            }
        }
        Ok(register.teams())
    }

    /// The record as a file for `scope`.
    ///
    /// # Errors
    /// The database is gone, or an entry cannot be read.
    pub(crate) async fn export_as(&self, scope: Scope) -> Result<Vec<u8>> {
        let links = self.node().db.read(|c| events::links(c, STREAM, 0, i64::MAX)).await?;
        file::write(links, self.settings().community(), scope, self.node().now())
    }

    /// The public record as a file, and what tells this state of it from others: anybody asks for it, so it is made once.
    /// What a file for everybody shows is never erased.
    ///
    /// # Errors
    /// As for any export.
    pub(crate) async fn public_record(&self) -> Result<(String, Bytes)> {
        let newest = self.node().db.read(|c| events::history(c, STREAM, 1)).await?;
        let last = newest.first().map_or(0, |event| event.position);
        let tag = format!("\"{last}\"");
        // Whoever panicked had put nothing in.
        let known = self.public_file().lock().unwrap_or_else(PoisonError::into_inner).clone();
        if last != 0 && known.0 == last {
            return Ok((tag, known.1));
        }
        let made = Bytes::from(self.export_as(Scope::Public).await?);
        *self.public_file().lock().unwrap_or_else(PoisonError::into_inner) = (last, made.clone());
        Ok((tag, made))
    }

    /// The whole record, sealed parts too: for the owner, who hands the operation over.
    ///
    /// # Errors
    /// As for any export.
    pub async fn export_whole(&self, _granted: &Granted<Govern>) -> Result<Vec<u8>> {
        self.export_as(Scope::Whole).await
    }

    /// Holds everything against everything: the chain, each team's stored state against the replay of its entries, the
    /// standings of the directory against the record. Returns how many entries there are and what does not fit, in words.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn check(&self) -> Result<(usize, Vec<String>)> {
        let (chain, links, states) = self
            .node()
            .db
            .read(|c| {
                Ok((events::verify(c, STREAM), events::links(c, STREAM, 0, i64::MAX)?, store::states(c)?))
            })
            .await?;
        let mut wrong: Vec<String> = chain.err().iter().map(ToString::to_string).collect();
        let mut replayed: BTreeMap<String, State> = BTreeMap::new();
        let mut gone = BTreeSet::new();
        for link in &links {
            match entry(link)? {
                Some(entry) if !entry.team.is_empty() => {
                    replayed.entry(entry.team.clone()).or_default().apply(link.at, &entry);
                }
                Some(entry) => {
                    let erasure = Erasure::of(link.position, link.at, &entry);
                    erasure.map(|erasure| gone.remove(&erasure.entry));
                }
                None => drop(gone.insert(link.position)),
            }
        }
        wrong.extend(gone.iter().map(|position| {
            format!("entry {position}: what it told is gone, and no entry says who erased it on whose word")
        }));
        let directory = self.teams().directory();
        let name =
            |team: Id| directory.by_id(team).map_or_else(|| team.to_string(), |team| team.handle.clone());
        for (team, stored) in &states {
            if !stored.agrees_with(replayed.get(&team.to_string()).unwrap_or(&State::default())) {
                wrong.push(format!("{}: the stored state is not what the record gives", name(*team)));
            }
        }
        let known: BTreeMap<Id, &State> = states.iter().map(|(team, state)| (*team, state)).collect();
        for team in directory.teams() {
            let by_record = known.get(&team.id).and_then(|state| state.standing());
            if team.standing.map(|standing| standing.status) != by_record {
                let by_record = by_record.map_or("not listed", |status| status.name());
                wrong.push(format!(
                    "{}: the directory says {}, the record {by_record}",
                    team.handle,
                    team.status_name()
                ));
            }
        }
        Ok((links.len(), wrong))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_meant_to_its_end_and_a_moment_as_it_is() {
        assert_eq!(moment("1970-01-01").unwrap(), DAY - 1);
        assert_eq!(moment("1970-01-01T00:00:01Z").unwrap(), 1_000_000);
        assert!(moment("March").is_err());
    }
}
