//! What the pages show: one read model for each, made in one look at the database. Look-ups are not stored but
//! derived here, from the registry and the directory in memory.

pub(crate) mod found;
pub(crate) mod inbox;
pub(crate) mod incident;
pub(crate) mod investigation;
pub(crate) mod mail_log;
pub(crate) mod mail_text;
pub(crate) mod overview;
pub(crate) mod reach;
pub(crate) mod report;
pub(crate) mod responsible;
pub(crate) mod store;
pub(crate) mod timeline;

use identity::{Granted, ReadCases};
use kit::Result;
use ui::format::Int;

use crate::Desk;
use crate::model::{IncidentStatus, SignatureState};
use crate::store::{incidents, reports};

/// What waits, for the main menu.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    /// Reports of people that nobody has decided on.
    pub(crate) reports: i64,
    /// Incidents that are open.
    pub(crate) incidents: i64,
}

impl Desk {
    /// What waits at the desk of the reader's team.
    pub(crate) async fn waiting(&self, by: &Granted<ReadCases>) -> Result<Waiting> {
        let team = by.team();
        let counted = self.node().db.read(move |c| {
            Ok(Waiting {
                reports: reports::count_to_decide(c, team, false)?,
                incidents: incidents::count(c, team, IncidentStatus::Open)?,
            })
        });
        counted.await
    }

    /// How many incidents of the reader's team are open.
    pub(crate) async fn open_incidents(&self, by: &Granted<ReadCases>) -> Result<i64> {
        let team = by.team();
        self.node().db.read(move |c| incidents::count(c, team, IncidentStatus::Open)).await
    }
}

/// A moment for a narrow column: `22:40` today, `11-21 22:40` this year, else `2025-11-21`. µs since 1970 UTC.
pub(crate) fn short_time(at: impl Int, now: impl Int) -> String {
    let (at, now) = (ui::format::iso(at), ui::format::iso(now));
    match (at.get(..10), now.get(..10)) {
        (Some(day), Some(today)) if day == today => at[11..16].to_owned(),
        (Some(day), Some(today)) if day[..4] == today[..4] => format!("{} {}", &day[5..], &at[11..16]),
        (Some(day), _) => day.to_owned(),
        (None, _) => at,
    }
}

/// The name of a label in a form: FIRST's, without `TLP:`.
pub(crate) fn label(tlp: taxonomy::Tlp) -> &'static str {
    crate::store::label(tlp)
}

/// The word by which the pages know a verdict on a signature.
pub(crate) fn verdict(state: impl std::borrow::Borrow<SignatureState>) -> &'static str {
    match state.borrow() {
        SignatureState::Unsigned => "none",
        SignatureState::Good => "good",
        SignatureState::Other => "other",
        SignatureState::Unknown => "unknown",
        SignatureState::Bad => "broken",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::clock::{DAY, HOUR};
    use kit::testing::START;

    #[test]
    fn a_narrow_column_shows_the_day_only_when_it_is_another() {
        assert_eq!(short_time(START - HOUR, START), "19:00");
        assert_eq!(short_time(START - DAY, START), "11-20 20:00");
        assert_eq!(short_time(START - 400 * DAY, START), "2025-10-17");
        assert_eq!(short_time(i64::MAX, START), "–");
    }
}
