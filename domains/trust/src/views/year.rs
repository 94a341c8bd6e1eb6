//! The figures of a year: what the operator reports to the review board, and what charts are made of.

use std::collections::BTreeMap;

use contracts::trust::record::{Audience, Change, Entry, STREAM};
use identity::{Govern, Granted, LookUp};
use jiff::civil::date;
use jiff::tz::TimeZone;
use kit::{Error, Result, Time, events};

use super::case::Line;
use crate::{Trust, record};

/// A year in figures.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Year {
    /// Which.
    pub year: i16,
    /// Month by month, as far as the year has come; without those before the record began.
    pub months: Vec<Month>,
    /// When the record began; `None`: it is empty.
    pub began: Option<Time>,
    /// How long each step took.
    pub steps: Vec<StepTime>,
    /// How often each kind of entry was made.
    #[schema(value_type = Object)]
    pub counts: BTreeMap<String, usize>,
    /// The operator's steps that took longer than the rules ask, and all of them.
    pub operator_late: usize,
    /// All steps of the operator that were measured.
    pub operator_steps: usize,
    /// The overrides, oldest first.
    pub overrides: Vec<Line>,
}

/// A month: how many teams had which standing at its end.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Month {
    /// 1 to 12.
    pub month: i8,
    /// Teams by standing.
    #[schema(value_type = Object)]
    pub standings: BTreeMap<String, usize>,
}

/// How long a step took, in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct StepTime {
    /// Which, in words.
    pub step: &'static str,
    /// Who takes it: `operator`, `team`, `board`, `community`.
    pub who: &'static str,
    /// How often it was taken.
    pub count: usize,
    /// Half of them took no longer.
    pub median: Time,
    /// The longest.
    pub longest: Time,
}

/// A step from one kind of entry to another: its words, who takes it.
const STEPS: &[(&str, &str, &str, &str)] = &[
    ("trust.applied", "trust.rules_sent", "answering an application", "operator"),
    ("trust.rules_sent", "trust.rules_signed", "signing the rules for a listing", "team"),
    ("trust.data_submitted", "trust.consultation_opened", "opening a consultation", "operator"),
    ("trust.consultation_opened", "trust.listed", "consulting the community", "community"),
    ("trust.accreditation_requested", "trust.invited", "sending an invitation", "operator"),
    ("trust.invited", "trust.candidacy_begun", "signing the rules for accreditation", "team"),
    ("trust.candidacy_begun", "trust.completed", "completing the record", "team"),
    ("trust.completed", "trust.verified", "verifying the record", "operator"),
    ("trust.verified", "trust.accredited", "accrediting", "operator"),
    ("trust.invited", "trust.accredited", "the whole way to accreditation", "team"),
    ("trust.case_opened", "trust.ballot_closed", "deciding a case", "board"),
];

impl Trust {
    /// The figures of `year`: operator and board get the overrides with their reasons, others the counts.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a year that no calendar has.
    pub async fn year(&self, granted: &Granted<LookUp>, year: i16) -> Result<Year> {
        let start = begins(year, 1)?;
        let end = begins(year.saturating_add(1), 1)?;
        let links = self.node().db.read(|c| events::links(c, STREAM, 0, i64::MAX)).await?;
        let mut entries: Vec<(i64, Time, Entry)> = Vec::with_capacity(links.len());
        for link in &links {
            entries.extend(record::entry(link)?.map(|entry| (link.position, link.at, entry)));
        }
        let actor = granted.actor();
        let inside = self.is_inside(actor) || Granted::<Govern>::check(actor).is_ok();
        let now = self.node().now();
        let within: Vec<_> = entries.iter().filter(|(_, at, _)| (start..end).contains(at)).collect();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (_, _, entry) in &within {
            if inside || entry.change.audience() <= Audience::Members {
                *counts.entry(entry.change.name().to_owned()).or_default() += 1;
            }
        }
        let overridden = within.iter().filter(|(_, _, entry)| match entry.change {
            Change::Overridden { .. } => true,
            // Told of each team, it is one deed.
            Change::ClockSetRight { .. } => entry.team.is_empty(),
            _ => false,
        });
        let overrides = overridden.map(|(position, at, entry)| self.line(*position, *at, entry));
        let overrides = if inside { overrides.collect() } else { Vec::new() };
        let (steps, operator_late, operator_steps) = self.steps(&entries, start, end);
        Ok(Year {
            year,
            months: months(&entries, year, now)?,
            began: entries.iter().map(|(_, at, _)| *at).min(),
            steps,
            counts,
            operator_late,
            operator_steps,
            overrides,
        })
    }

    fn steps(&self, entries: &[(i64, Time, Entry)], start: Time, end: Time) -> (Vec<StepTime>, usize, usize) {
        let (mut late, mut all) = (0, 0);
        let mut steps = Vec::new();
        for (from, to, step, who) in STEPS {
            let mut began: BTreeMap<&str, Time> = BTreeMap::new();
            let mut took: Vec<Time> = Vec::new();
            for (_, at, entry) in entries {
                if entry.change.name() == *from {
                    began.insert(&entry.team, *at);
                } else if entry.change.name() == *to
                    && let Some(since) = began.remove(entry.team.as_str())
                    && (start..end).contains(at)
                {
                    took.push(at - since);
                    if *who == "operator" {
                        all += 1;
                        late += usize::from(*at > self.settings().rules.operator_step.after(since));
                    }
                }
            }
            took.sort_unstable();
            if let (Some(longest), Some(median)) = (took.last(), took.get(took.len().saturating_sub(1) / 2)) {
                steps.push(StepTime { step, who, count: took.len(), median: *median, longest: *longest });
            }
        }
        (steps, late, all)
    }
}

fn begins(year: i16, month: i8) -> Result<Time> {
    let wrong = || Error::invalid("year", format!("{year} is no year that can be shown: write 2026"));
    if !(1970..=9000).contains(&year) {
        return Err(wrong());
    }
    let day = date(year, month, 1).to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
    Ok(day.timestamp().as_microsecond())
}

/// The standings at the end of each month that has begun, from the one on in which the record does.
fn months(entries: &[(i64, Time, Entry)], year: i16, now: Time) -> Result<Vec<Month>> {
    let began = entries.iter().map(|(_, at, _)| *at).min().unwrap_or(Time::MAX);
    let mut all = Vec::new();
    for month in 1..=12_i8 {
        let end = if month == 12 { begins(year + 1, 1)? } else { begins(year, month + 1)? };
        if begins(year, month)? > now {
            break;
        }
        if end <= began {
            continue;
        }
        // In the order of the record: what a clock that was ahead has dated later belongs to later.
        let past = entries.iter().filter(|(_, at, entry)| *at < end && !entry.team.is_empty());
        let standings: BTreeMap<&str, &str> =
            past.map(|(_, _, entry)| (entry.team.as_str(), entry.to.as_str())).collect();
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for standing in standings.values().filter(|standing| **standing != "unknown") {
            *counted.entry((*standing).to_owned()).or_default() += 1;
        }
        all.push(Month { month, standings: counted });
    }
    Ok(all)
}
