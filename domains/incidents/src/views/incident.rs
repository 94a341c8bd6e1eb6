//! One incident with everything about it, and the list of incidents.

use identity::{Granted, ReadCases};
use kit::db::Read;
use kit::{Error, Id, Result, Time, events};
use mail::queue::{self, MailOut};
use ui::format::Int;

use super::inbox::Cursor;
use super::investigation::delivery;
use super::mail_text::clean;
use super::responsible::{Group, grouped};
use super::store;
use super::timeline::{self, Done, Stop};
use crate::Desk;
use crate::model::{Case, Incident, IncidentStatus, Investigation, InvestigationStatus, Observable, Report};
use crate::store::{incidents, investigations, observables, reports};

/// How many observables the page groups; the rest is in the CSV.
const OBSERVABLES: i64 = 1_000;
const MESSAGES: i64 = 60;
const CHANGES: i64 = 60;
/// Rows on a page of the list.
pub(crate) const PAGE: usize = 50;

/// An incident as its page shows it.
#[derive(Debug, Clone)]
pub(crate) struct IncidentView {
    pub(crate) incident: Incident,
    /// What it names, by who is responsible.
    pub(crate) groups: Vec<Rolled>,
    /// What nobody can be asked about.
    pub(crate) others: Vec<Observable>,
    /// How many things it names.
    pub(crate) observables: i64,
    /// How many of them are shown.
    pub(crate) shown: i64,
    /// Messages and changes, newest first.
    pub(crate) line: Vec<Stop>,
    /// How many messages and changes the line has.
    pub(crate) told: (usize, usize),
    /// Whom it was asked, by number.
    pub(crate) investigations: Vec<Asked>,
    /// The reports linked to it, newest first.
    pub(crate) reports: Vec<Report>,
}

/// What one recipient is responsible for, and what became of asking them.
#[derive(Debug, Clone)]
pub(crate) struct Rolled {
    pub(crate) group: Group,
    /// The newest investigation that asks them.
    pub(crate) asked: Option<Asked>,
}

/// An investigation with the state of its newest mail.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) investigation: Investigation,
    /// Its mails, oldest first.
    pub(crate) mails: Vec<MailOut>,
}

impl Asked {
    /// How far its newest mail has got: state and what follows the word.
    pub(crate) fn delivery(&self, now: impl Int) -> (&'static str, String) {
        let now = now.int();
        self.mails.last().map_or(("", String::new()), |mail| delivery(mail, now))
    }

    /// What became of the question: state, and what follows the word.
    pub(crate) fn answer(&self, now: impl Int) -> (&'static str, String) {
        let now = now.int();
        let one = &self.investigation;
        match one.answered_at {
            Some(at) => ("answered", super::short_time(at, now)),
            None if one.status == InvestigationStatus::Resolved => ("told", "closed".into()),
            None if self.mails.last().is_some_and(|mail| mail.state == queue::State::Failed) => {
                ("failed", "not delivered".into())
            }
            None if one.due_at <= now => ("silent", ui::format::duration(now - one.due_at)),
            None => ("told", format!("by {}", day_or_time(one.due_at, now))),
        }
    }

    /// The last words of the relay or of a notice, when they matter.
    pub(crate) fn reply(&self) -> Option<&str> {
        let last = self.mails.last()?;
        let matters = matches!(last.state, queue::State::Failed | queue::State::Deferred);
        Some(last.reply.as_str()).filter(|words| matters && !words.is_empty())
    }
}

impl IncidentView {
    /// How many of its investigations were answered.
    pub(crate) fn answered(&self) -> usize {
        self.investigations.iter().filter(|asked| asked.investigation.answered_at.is_some()).count()
    }

    /// The investigations whose answer is overdue at `now`.
    pub(crate) fn silent(&self, now: impl Int) -> usize {
        let now = now.int();
        self.investigations.iter().filter(|asked| asked.answer(now).0 == "silent").count()
    }

    /// How many recipients have something in it and were not asked.
    pub(crate) fn not_told(&self) -> usize {
        let other = |rolled: &&Rolled| rolled.group.who.as_ref().is_some_and(|who| !who.ours);
        self.groups.iter().filter(other).filter(|rolled| rolled.asked.is_none()).count()
    }

    /// How many recipients are responsible for something in it.
    pub(crate) fn teams(&self) -> usize {
        self.groups.iter().filter(|rolled| rolled.group.who.is_some()).count()
    }

    /// How often its things were found.
    pub(crate) fn hits(&self) -> i64 {
        self.groups.iter().map(|rolled| rolled.group.hits()).sum()
    }

    /// How many people or programs sent its reports.
    pub(crate) fn senders(&self) -> usize {
        let mut senders: Vec<&str> = self.reports.iter().map(|report| report.from_address.as_str()).collect();
        senders.sort_unstable();
        senders.dedup();
        senders.len()
    }

    /// The report whose first answer is due first, if one still waits.
    pub(crate) fn unanswered(&self) -> Option<&Report> {
        let waits =
            |report: &&Report| report.answered_at.is_none() && report.closed_at.is_none() && !report.machine;
        self.reports.iter().filter(waits).min_by_key(|report| report.due_at)
    }

    /// The clock of one of its reports.
    pub(crate) fn clock(&self, report: &Report, now: impl Int) -> ui::Clock {
        ui::Clock::new(report.received_at, report.due_at, now.int())
    }

    /// What it waits for, for the head of the page: colour, symbol, words.
    pub(crate) fn state(&self, now: impl Int) -> (&'static str, &'static str, &'static str) {
        let now = now.int();
        let open = |asked: &&Asked| asked.investigation.status == InvestigationStatus::Open;
        let asked = self.investigations.iter().filter(open).count();
        match self.incident.status {
            IncidentStatus::Resolved => ("ok", "check", "resolved"),
            IncidentStatus::Abandoned => ("plain", "cross", "abandoned"),
            IncidentStatus::Open if self.silent(now) > 0 => ("warn", "silent", "teams are silent"),
            IncidentStatus::Open if asked > 0 => ("info", "told", "waiting for teams"),
            IncidentStatus::Open => ("info", "edit", "open"),
        }
    }

    /// The name of its class: type and class of RSIT.
    pub(crate) fn class(&self) -> (String, String) {
        taxonomy::rsit::Type::parse(&self.incident.classification).map_or_else(
            || (self.incident.classification.clone(), String::new()),
            |t| (t.label.into(), t.class.label().into()),
        )
    }
}

/// `20:02` today, else the day: `11-25`.
fn day_or_time(at: Time, now: Time) -> String {
    let whole = super::short_time(at, now);
    whole.split(' ').next().unwrap_or_default().to_owned()
}

/// A row of the list of incidents.
#[derive(Debug, Clone)]
pub(crate) struct IncidentRow {
    pub(crate) incident: Incident,
    pub(crate) reports: i64,
    /// How many were asked, and how many of them have answered.
    pub(crate) asked: (i64, i64),
    pub(crate) observables: i64,
}

impl IncidentRow {
    /// The name of its type.
    pub(crate) fn class(&self) -> &str {
        let known = taxonomy::rsit::Type::parse(&self.incident.classification);
        known.map_or(self.incident.classification.as_str(), |class| class.label)
    }
}

/// A page of the list of incidents.
#[derive(Debug, Clone)]
pub(crate) struct Incidents {
    pub(crate) rows: Vec<IncidentRow>,
    pub(crate) counts: Vec<(IncidentStatus, i64)>,
    pub(crate) next: Option<Cursor>,
}

impl Desk {
    /// The incident `number` of the reader's team.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn incident_view(&self, by: &Granted<ReadCases>, number: i64) -> Result<IncidentView> {
        let team = by.team();
        let registry = self.registry().clone();
        let read = self.node().db.read(move |c| {
            let found = incidents::by_number(c, team, number)?;
            let incident = found.ok_or_else(|| Error::not_found(format!("INC-{number}")))?;
            view(c, &registry, team, incident)
        });
        read.await
    }

    /// The incident `number` with all that it names.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn incident_observables(
        &self,
        by: &Granted<ReadCases>,
        number: i64,
    ) -> Result<(Incident, Vec<Observable>)> {
        let team = by.team();
        let read = self.node().db.read(move |c| {
            let found = incidents::by_number(c, team, number)?;
            let incident = found.ok_or_else(|| Error::not_found(format!("INC-{number}")))?;
            let named = observables::of(c, incident.id, i64::MAX)?;
            Ok((incident, named))
        });
        read.await
    }

    /// A page of the incidents in `status`, newest first.
    pub(crate) async fn incident_list(
        &self,
        by: &Granted<ReadCases>,
        status: IncidentStatus,
        after: Option<Cursor>,
    ) -> Result<Incidents> {
        let team = by.team();
        let before = match after {
            Some(Cursor::Clock(at, id)) => (at, id),
            _ => (i64::MAX, Id::from_bytes([0xff; 16])),
        };
        let read = self.node().db.read(move |c| {
            let limit = PAGE as i64 + 1;
            let mut found = incidents::list(c, team, status, before, limit)?;
            let is_more = found.len() > PAGE;
            found.truncate(PAGE);
            let next = found.last().filter(|_| is_more).map(|last| Cursor::Clock(last.opened_at, last.id));
            let rows = found.into_iter().map(|incident| list_row(c, incident)).collect::<Result<_>>()?;
            let counts =
                IncidentStatus::ALL.iter().map(|status| Ok((*status, incidents::count(c, team, *status)?)));
            Ok(Incidents { rows, counts: counts.collect::<Result<_>>()?, next })
        });
        read.await
    }

    /// Open incidents whose number, title or class holds all words of `q`, newest first; at most 50 of the newest 500.
    pub(crate) async fn incidents_to_link(
        &self,
        by: &Granted<ReadCases>,
        q: String,
    ) -> Result<Vec<IncidentRow>> {
        let team = by.team();
        let read = self.node().db.read(move |c| {
            let newest =
                incidents::list(c, team, IncidentStatus::Open, (i64::MAX, Id::from_bytes([0xff; 16])), 500)?;
            let words: Vec<String> = q.split_whitespace().map(str::to_lowercase).collect();
            let fits = |incident: &Incident| {
                let text = format!("{} {} {}", incident.name(), incident.title, incident.classification)
                    .to_lowercase();
                words.iter().all(|word| text.contains(word.as_str()))
            };
            newest.into_iter().filter(fits).take(PAGE).map(|incident| list_row(c, incident)).collect()
        });
        read.await
    }
}

fn cleaned(mut incident: Incident) -> Incident {
    incident.title = clean(&incident.title);
    incident
}

fn list_row(c: &Read<'_>, incident: Incident) -> Result<IncidentRow> {
    Ok(IncidentRow {
        reports: reports::count_linked(c, incident.id)?,
        asked: store::investigations(c, incident.id)?,
        observables: store::count_observables(c, incident.id)?,
        incident: cleaned(incident),
    })
}

fn view(c: &Read<'_>, registry: &registry::Registry, team: Id, incident: Incident) -> Result<IncidentView> {
    let id = incident.id;
    let mut asked = Vec::new();
    for investigation in investigations::of_incident(c, id)? {
        let mails = queue::about(c, &investigation.subject_of())?;
        asked.push(Asked { investigation, mails });
    }
    let named = observables::of(c, id, OBSERVABLES)?;
    let (shown, observables) = (named.len() as i64, store::count_observables(c, id)?);
    let (groups, others) = grouped(registry, team, named);
    let groups = groups
        .into_iter()
        .map(|group| {
            let who = group.who.clone();
            let of_them = |one: &&Asked| who.as_ref().is_some_and(|who| who.is_asked_by(&one.investigation));
            Rolled { asked: asked.iter().rev().find(of_them).cloned(), group }
        })
        .collect();
    let mut reports = reports::of_incident(c, id)?;
    for report in &mut reports {
        report.subject = clean(&report.subject);
    }
    let said = store::messages_around(c, id, MESSAGES)?;
    let done = changes(c, id, &asked)?;
    let told = (said.len(), done.len());
    let line = timeline::line(said, done);
    Ok(IncidentView {
        incident: cleaned(incident),
        groups,
        others,
        observables,
        shown,
        line,
        told,
        investigations: asked,
        reports,
    })
}

fn changes(c: &Read<'_>, id: Id, asked: &[Asked]) -> Result<Vec<Done>> {
    let mut done = Vec::new();
    for event in events::history(c, &Case::Incident(id).stream(), CHANGES)? {
        done.push(Done { at: event.at, words: timeline::words(&event) });
    }
    for (report, at) in store::linked_at(c, id, CHANGES)? {
        done.push(Done { at, words: format!("{report} linked") });
    }
    for one in asked.iter().rev().take(20) {
        let (name, stream) = (one.investigation.name(), Case::Investigation(one.investigation.id).stream());
        for event in events::history(c, &stream, 10)? {
            done.push(Done { at: event.at, words: format!("{name}: {}", timeline::words(&event)) });
        }
    }
    Ok(done)
}
