//! What an entry tells, erased for good: that it was made stays, and so does who erased it on whose word.

use std::collections::BTreeMap;

use contracts::trust::record::{By, Capacity, Change, Entry, STREAM};
use identity::{Govern, NO_TEAM, StepUp};
use kit::{Error, Read, Result, Time, Write, events};

use crate::process::{Paragraph, State};
use crate::service::by;
use crate::{Trust, store};

/// An erasure, as the record has it and everybody may read it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Erasure {
    /// The place of the entry that told something.
    pub entry: i64,
    /// The place of the entry that says it was erased.
    pub position: i64,
    /// When, microseconds since 1970 UTC.
    pub at: Time,
    /// In which capacity: `owner`.
    pub by: &'static str,
    /// The id of the account; none: on the machine of the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// On whose word, and why.
    pub reason: String,
}

impl Erasure {
    /// The erasure that the entry at `position` tells, if it tells one.
    pub(crate) fn of(position: i64, at: Time, entry: &Entry) -> Option<Self> {
        let Change::Erased { entry: erased, reason } = &entry.change else { return None };
        let By { capacity, account, .. } = &entry.by;
        let (by, account, reason) = (capacity.name(), account.clone(), reason.clone());
        Some(Self { entry: *erased, position, at, by, account, reason })
    }
}

/// All erasures, by the place of what was erased.
fn erasures(c: &Read<'_>) -> Result<BTreeMap<i64, Erasure>> {
    let mut all = BTreeMap::new();
    for place in store::entries_of(c, NO_TEAM)?.iter().filter(|place| place.kind == "trust.erased") {
        if let Some((at, entry)) = super::read(c, place.position)? {
            all.extend(Erasure::of(place.position, at, &entry).map(|one| (one.entry, one)));
        }
    }
    Ok(all)
}

impl Trust {
    /// Everything that was erased, by the place of the entry that told it.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn erasures(&self) -> Result<Vec<Erasure>> {
        Ok(self.node().db.read(erasures).await?.into_values().collect())
    }

    /// Erases the particulars of the entry at `position` on the word of `reason`. That it was made stays, the record still
    /// verifies, and an entry of its own says in public who erased what and why. Only what nothing rests on any more can be
    /// erased: the team's state without it must be the same. For what is gone already and no entry says by whom, the entry
    /// is made belatedly.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a reason; [`Error::Conflict`] when it is needed still, public, or was erased;
    /// [`Error::NotFound`].
    pub async fn erase(&self, granted: &StepUp<Govern>, position: i64, reason: &str) -> Result<()> {
        let reason = super::reason(reason, "on whose word, and why")?;
        let (node, by) = (self.node().clone(), by(granted, Capacity::Owner));
        let work = move |tx: &Write<'_>| {
            let place =
                store::entry(tx, position)?.ok_or_else(|| Error::not_found(format!("entry {position}")))?;
            if place.audience == "public" {
                return Err(Error::Conflict(format!(
                    "Entry {position} is public: it tells of a standing, and the register rests on it. It stays."
                )));
            }
            if let Some(before) = erasures(tx)?.get(&position) {
                return Err(Error::Conflict(format!(
                    "What entry {position} told was erased on {}: entry {} says so.",
                    ui::format::date(before.at),
                    before.position
                )));
            }
            let mut entries = Vec::new();
            for other in store::entries_of(tx, place.team)?.iter().filter(|other| other.position != position)
            {
                entries.extend(super::read(tx, other.position)?);
            }
            let without = State::replay(entries.iter().map(|(at, entry)| (*at, entry)));
            if !store::state(tx, place.team)?.agrees_with(&without) {
                return Err(Error::Conflict(format!(
                    "Entry {position} is needed still: something that runs rests on it. Erase it when that is over."
                )));
            }
            events::erase_one(tx, STREAM, position)?;
            let change = Change::Erased { entry: position, reason: reason.clone() };
            super::of_the_community(&node, tx, &by, "", Paragraph::Erasure, change)
        };
        self.node().db.write(work).await
    }
}
