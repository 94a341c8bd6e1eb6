//! What pages and API show of drills.

use std::collections::BTreeMap;

use contracts::trust::Service;
use identity::{Granted, Introduce, LookUp};
use kit::{Error, Id, Result};

use super::model::{Check, Drill, Figures};
use super::store;
use crate::Trust;

/// Most drills in the list.
const DRILLS: i64 = 60;

/// A drill with its figures, and its tests where the reader may see them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct DrillView {
    /// Its id.
    pub id: String,
    /// Why it was held.
    pub reason: String,
    /// The least standing of the teams that were tested.
    pub scope: String,
    /// When it began, µs since 1970 UTC.
    pub started_at: i64,
    /// Until then an answer was in time, µs since 1970 UTC.
    pub deadline_at: i64,
    /// Its figures.
    pub figures: Figures,
    /// Its tests, by team; empty for those who may see figures only.
    pub tests: Vec<Row>,
}

/// One team on one channel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Row {
    /// The team's handle.
    pub team: String,
    /// Its name.
    pub name: String,
    /// The channel.
    pub channel: String,
    /// Where the message went.
    pub address: String,
    /// How it travelled: `encrypted`, `signed`, `clear`.
    pub protection: String,
    /// What became of it.
    pub state: String,
    /// When it left, µs since 1970 UTC.
    pub asked_at: Option<i64>,
    /// From the message to the answer.
    pub seconds: Option<i64>,
    /// `link` or `mail`.
    pub answered_by: String,
    /// Why it did not arrive.
    pub failure: String,
}

/// The figures of a month.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Month {
    /// `2026-11`.
    pub month: String,
    /// Its figures.
    pub figures: Figures,
}

impl Trust {
    /// Whether the reader sees how single teams did: members of the community, and who operates it.
    pub(super) fn sees_teams(&self, granted: &Granted<LookUp>) -> bool {
        let member = self.teams().directory().by_id(granted.team());
        member.is_some_and(|team| self.teams().entitles(&team, Service::MembersSite).is_ok())
            || Granted::<Introduce>::check(granted.actor()).is_ok()
    }

    /// The drills of late, the newest first, without their tests; and their figures by month, the newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn drills(&self, _granted: &Granted<LookUp>) -> Result<(Vec<DrillView>, Vec<Month>)> {
        let read = self.node().db.read(|c| {
            let drills = store::newest(c, DRILLS)?;
            drills
                .into_iter()
                .map(|drill| Ok((store::checks(c, drill.id)?, drill)))
                .collect::<Result<Vec<_>>>()
        });
        let all = read.await?;
        let mut months: BTreeMap<String, Vec<&Check>> = BTreeMap::new();
        for (checks, drill) in &all {
            let month = ui::format::date(drill.started_at).chars().take(7).collect();
            months.entry(month).or_default().extend(checks);
        }
        let months = months
            .into_iter()
            .rev()
            .map(|(month, checks)| Month { month, figures: Figures::of(checks.into_iter()) });
        let months = months.collect();
        Ok((all.iter().map(|(checks, drill)| view(drill, checks, Vec::new())).collect(), months))
    }

    /// One drill, with its tests where the reader may see them.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn drill(&self, granted: &Granted<LookUp>, id: Id) -> Result<DrillView> {
        let read = self.node().db.read(move |c| Ok((store::by_id(c, id)?, store::checks(c, id)?)));
        let (drill, checks) = read.await?;
        let drill = drill.ok_or_else(|| Error::not_found("the drill"))?;
        let mut rows = Vec::new();
        if self.sees_teams(granted) {
            rows = checks.iter().map(|check| self.row(granted, check)).collect();
            rows.sort_by_key(|row: &Row| (row.name.to_lowercase(), row.channel.clone()));
        }
        Ok(view(&drill, &checks, rows))
    }

    /// How the reader's own team did lately, the newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn own_tests(&self, granted: &Granted<LookUp>) -> Result<Vec<Row>> {
        let team = granted.team();
        let checks = self.node().db.read(move |c| store::checks_of(c, team, 12)).await?;
        Ok(checks.iter().map(|check| self.row(granted, check)).collect())
    }

    fn row(&self, granted: &Granted<LookUp>, check: &Check) -> Row {
        let team = self.teams().directory().by_id(check.team);
        // Whether it shows its addresses is the team's own to say.
        let reader = self.teams().reader(Some(granted.actor()));
        let may = team.as_ref().is_some_and(|team| {
            team.seen_by(reader.audience(team)).emails.iter().any(|known| known.address == check.address)
        });
        Row {
            team: team.as_ref().map(|team| team.handle.clone()).unwrap_or_default(),
            name: team.map_or_else(|| "a team that left".into(), |team| team.name.clone()),
            channel: check.way.name().into(),
            address: if may { check.address.clone() } else { String::new() },
            protection: check.protection.clone(),
            state: check.state.name().into(),
            asked_at: check.asked_at,
            seconds: check.seconds(),
            answered_by: check.answered_by.clone(),
            failure: check.failure.clone(),
        }
    }
}

fn view(drill: &Drill, checks: &[Check], tests: Vec<Row>) -> DrillView {
    DrillView {
        id: drill.id.to_string(),
        reason: drill.reason.clone(),
        scope: drill.scope.clone(),
        started_at: drill.started_at,
        deadline_at: drill.deadline_at,
        figures: Figures::of(checks.iter()),
        tests,
    }
}

/// Seconds in words: `under a minute`, `38 min`, `3 h 04`.
pub(crate) fn took(seconds: impl std::borrow::Borrow<Option<i64>>) -> String {
    match seconds.borrow() {
        None => "–".into(),
        Some(0..60) => "under a minute".into(),
        Some(seconds) => ui::format::age(seconds.saturating_mul(kit::clock::SECOND)),
    }
}
