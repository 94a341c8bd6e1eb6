//! The reports' list: what is to decide, with the look-ups already in the row.

use identity::{Granted, ReadCases};
use kit::clock::{DAY, HOUR};
use kit::db::{Engine, Read};
use kit::{Error, Id, Result, Time, search};
use ui::format::Int;

use super::mail_text::clean;
use super::responsible::{Responsible, can_be_asked_about};
use super::store;
use crate::Desk;
use crate::model::{Case, Observable, Report, ReportStatus};
use crate::store::{messages, observables, reports};

/// Rows on a page.
pub(crate) const PAGE: usize = 50;
/// How many hits of a search are looked through.
const HITS: usize = 300;
/// How many observables of a report are tried until one has an answer.
const TRIED: i64 = 8;

kit::named! {
    /// The saved views of the list.
    pub(crate) enum View {
        /// What people reported and nobody has decided on, soonest clock first.
        Decide = "decide",
        /// What the reader has taken.
        Mine = "mine",
        /// What machines reported and nobody has decided on.
        Machine = "machine",
        /// Everything, newest first.
        All = "all",
        /// What was rejected since midnight, UTC.
        Rejected = "rejected",
    }
}

impl View {
    /// Its name on the page.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Decide => "To decide",
            Self::Mine => "Mine",
            Self::Machine => "Feeds and machines",
            Self::All => "All",
            Self::Rejected => "Rejected today",
        }
    }

    fn shows(self, report: &Report, reader: Option<Id>, midnight: Time) -> bool {
        match self {
            Self::Decide => report.status == ReportStatus::New && !report.machine,
            Self::Machine => report.status == ReportStatus::New && report.machine,
            Self::Mine => {
                reader.is_some()
                    && report.owner == reader
                    && matches!(report.status, ReportStatus::New | ReportStatus::Open)
            }
            Self::All => true,
            Self::Rejected => {
                report.status == ReportStatus::Rejected && report.closed_at.is_some_and(|at| at >= midnight)
            }
        }
    }
}

/// What is asked of the list; it stands in the address bar.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) view: View,
    /// Words that the mails must hold; empty: any.
    pub(crate) q: String,
    /// The last row of the page before.
    pub(crate) after: Option<Cursor>,
    /// How many rows at most.
    pub(crate) rows: usize,
}

/// A place in a list: `1795291200000000.0193…` or, in a list by number, `.2041`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// Behind this clock.
    Clock(Time, Id),
    /// Below this number.
    Number(i64),
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Clock(at, id) => write!(f, "{at}.{id}"),
            Self::Number(number) => write!(f, ".{number}"),
        }
    }
}

impl std::str::FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::invalid("after", "this is no place in the list: begin at its first page");
        let (at, id) = text.split_once('.').ok_or_else(wrong)?;
        if at.is_empty() {
            return id.parse().map(Self::Number).map_err(|_| wrong());
        }
        Ok(Self::Clock(at.parse().map_err(|_| wrong())?, id.parse().map_err(|_| wrong())?))
    }
}

/// The list as it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Inbox {
    pub(crate) rows: Vec<Row>,
    /// How many wait in each view; `None` where that is not counted.
    pub(crate) counts: Vec<(View, Option<i64>)>,
    /// The number of the newest report: how many there are in all.
    pub(crate) total: i64,
    /// Where the next page begins.
    pub(crate) next: Option<Cursor>,
}

/// A report in the list.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) report: Report,
    /// The first thing it names for which somebody is responsible, else the first thing it names.
    pub(crate) first: Option<Observable>,
    /// How many more it names.
    pub(crate) more: i64,
    /// Who is responsible for the first.
    pub(crate) who: Option<Responsible>,
    /// In how many other reports the first stands; 10 means more than 9.
    pub(crate) seen: i64,
}

impl Inbox {
    /// How many wait in `view`; `None` where that is not counted.
    pub(crate) fn count(&self, view: View) -> Option<i64> {
        self.counts.iter().find(|(known, _)| *known == view).and_then(|(_, count)| *count)
    }
}

impl Row {
    /// The verdict on the mail's signature, for the pages.
    pub(crate) fn verdict(&self) -> &'static str {
        super::verdict(self.report.signature)
    }

    /// `new`, `seen 3×`.
    pub(crate) fn seen_words(&self) -> String {
        if self.seen == 0 { "new".into() } else { format!("seen {}", times(self.seen)) }
    }

    /// Its clock: what is left to the first answer.
    pub(crate) fn clock(&self, now: impl Int) -> ui::Clock {
        let now = now.int();
        ui::Clock::new(self.report.received_at, self.report.due_at, now)
    }

    /// Whether its clock still runs.
    pub(crate) fn runs(&self) -> bool {
        self.report.answered_at.is_none() && self.report.closed_at.is_none()
    }
}

/// `new`, `3×`, `>9×`.
pub(crate) fn times(seen: i64) -> String {
    match seen {
        0 => "new".into(),
        1..=9 => format!("{seen}×"),
        _ => ">9×".into(),
    }
}

/// The heading under which a report stands among those to decide, by its clock at `now`.
pub(crate) fn group(report: &Report, now: Time) -> &'static str {
    if report.due_at <= now {
        "First answer overdue"
    } else if report.due_at <= now + HOUR {
        "Due within the hour"
    } else {
        "Due today and later"
    }
}

impl Desk {
    /// The rows asked for, and how many wait in each view.
    pub(crate) async fn inbox(&self, by: &Granted<ReadCases>, asked: Asked) -> Result<Inbox> {
        let (team, me, now) = (by.team(), by.actor().account, self.node().now());
        let midnight = now - now.rem_euclid(DAY);
        let (engine, registry) = (self.node().db.engine(), self.registry().clone());
        let read = self.node().db.read(move |c| {
            let mut found = reports_of(c, engine, team, me, midnight, &asked)?;
            let is_more = found.len() > asked.rows;
            found.truncate(asked.rows);
            let next = found
                .last()
                .filter(|_| is_more && asked.q.is_empty())
                .and_then(|last| cursor(asked.view, last));
            let rows =
                found.into_iter().map(|report| row(c, &registry, team, report)).collect::<Result<_>>()?;
            Ok(Inbox {
                rows,
                counts: counts(c, team, me, midnight)?,
                total: reports::last_number(c, team)?,
                next,
            })
        });
        read.await
    }
}

pub(crate) fn cursor(view: View, last: &Report) -> Option<Cursor> {
    match view {
        View::Decide | View::Machine | View::Mine => Some(Cursor::Clock(last.due_at, last.id)),
        View::All => Some(Cursor::Number(last.number)),
        View::Rejected => None,
    }
}

fn counts(c: &Read<'_>, team: Id, me: Option<Id>, midnight: Time) -> Result<Vec<(View, Option<i64>)>> {
    let mine = me.map(|me| reports::count_mine(c, team, me)).transpose()?;
    Ok(vec![
        (View::Decide, Some(reports::count_to_decide(c, team, false)?)),
        (View::Mine, Some(mine.unwrap_or(0))),
        (View::Machine, Some(reports::count_to_decide(c, team, true)?)),
        (View::All, None),
        (View::Rejected, Some(reports::count_closed(c, team, ReportStatus::Rejected, midnight)?)),
    ])
}

/// One more than asked for, if there are more.
pub(crate) fn reports_of(
    c: &Read<'_>,
    engine: Engine,
    team: Id,
    me: Option<Id>,
    midnight: Time,
    asked: &Asked,
) -> Result<Vec<Report>> {
    if !asked.q.is_empty() {
        let mut found = searched(c, engine, team, &asked.q)?;
        found.retain(|report| asked.view.shows(report, me, midnight));
        return Ok(found);
    }
    let limit = i64::try_from(asked.rows).unwrap_or(i64::MAX).saturating_add(1);
    let after = match asked.after {
        Some(Cursor::Clock(at, id)) => (at, id),
        _ => (i64::MIN, Id::from_bytes([0; 16])),
    };
    match (asked.view, me) {
        (View::Decide, _) => reports::to_decide(c, team, false, after, limit),
        (View::Machine, _) => reports::to_decide(c, team, true, after, limit),
        (View::Mine, Some(me)) => reports::mine(c, team, me, after, limit),
        // A program's token has taken nothing.
        (View::Mine, None) => Ok(Vec::new()),
        (View::All, _) => {
            let below = if let Some(Cursor::Number(number)) = asked.after { number } else { i64::MAX };
            reports::newest(c, team, below, limit)
        }
        (View::Rejected, _) => reports::closed(c, team, ReportStatus::Rejected, midnight, limit),
    }
}

/// Reports of whose mails one holds all the words of `q`, the newest hit first.
fn searched(c: &Read<'_>, engine: Engine, team: Id, q: &str) -> Result<Vec<Report>> {
    let mut found: Vec<Report> = Vec::new();
    for hit in search::find(c, engine, team, q, HITS)? {
        let Some(message) = messages::by_id(c, team, hit.reference)? else { continue };
        let Case::Report(id) = message.case else { continue };
        if found.iter().all(|known| known.id != id) {
            found.extend(reports::by_id(c, team, id)?);
        }
    }
    Ok(found)
}

pub(crate) fn row(c: &Read<'_>, registry: &registry::Registry, team: Id, mut report: Report) -> Result<Row> {
    report.subject = clean(&report.subject);
    report.from_name = clean(&report.from_name);
    let named = observables::of(c, report.id, TRIED)?;
    let mut kept = named.into_iter().filter(|one| one.excluded.is_none());
    let mut first = None;
    let mut who = None;
    for one in kept.by_ref() {
        if can_be_asked_about(one.kind) {
            who = Responsible::of(registry, team, &one);
        }
        if who.is_some() {
            first = Some(one);
            break;
        }
        first.get_or_insert(one);
    }
    let (mut more, mut seen) = (0, 0);
    if let Some(one) = &first {
        more = (store::count_observables(c, report.id)? - 1).max(0);
        seen = store::seen(c, team, &one.value, report.id)?;
    }
    Ok(Row { report, first, more, who, seen })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_survives_the_address_bar() {
        for cursor in [Cursor::Clock(-5, Id::from_bytes([7; 16])), Cursor::Number(2041)] {
            assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }
        for wrong in ["", ".", "x.y", "5.", ".x", "5.7"] {
            assert!(wrong.parse::<Cursor>().is_err(), "{wrong}");
        }
    }
}
