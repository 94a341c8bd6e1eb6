//! One report with everything about it.

use identity::{Granted, ReadCases};
use kit::db::Read;
use kit::{Error, Id, Result, Time, events};
use ui::format::Int;

use super::inbox::times;
use super::mail_text::clean;
use super::responsible::{Group, grouped};
use super::store;
use super::timeline;
use crate::Desk;
use crate::model::{Case, Incident, IncidentStatus, Message, Observable, Report};
use crate::store::{incidents, messages, observables, reports};

/// How many observables are shown; the rest is in the CSV.
const OBSERVABLES: i64 = 500;
const HISTORY: i64 = 100;
/// A report that has a third of this in common with an incident looks like it, however long it is.
const WHOLE: i64 = 100;

/// A report as its page shows it.
#[derive(Debug, Clone)]
pub(crate) struct ReportView {
    pub(crate) report: Report,
    /// The incidents it is linked to.
    pub(crate) incidents: Vec<Incident>,
    /// Open incidents that name the same things, and how many of them.
    pub(crate) similar: Vec<Similar>,
    /// What it names, by who is responsible for it.
    pub(crate) groups: Vec<Group>,
    /// What it names for which nobody can be asked: hashes, CVE numbers; and what was left out by rule.
    pub(crate) others: Vec<Observable>,
    /// How many things it names in all.
    pub(crate) observables: i64,
    /// How many of them are shown.
    pub(crate) shown: i64,
    /// Mails and notes, oldest first.
    pub(crate) messages: Vec<Message>,
    /// What happened to it, newest first: when, and in words.
    pub(crate) history: Vec<(Time, String)>,
}

/// An open incident that names the same things.
#[derive(Debug, Clone)]
pub(crate) struct Similar {
    pub(crate) incident: Incident,
    /// How many things both name.
    pub(crate) common: i64,
}

impl ReportView {
    /// The verdict on the mail's signature, for the pages.
    pub(crate) fn verdict(&self) -> &'static str {
        super::verdict(self.report.signature)
    }

    /// The mail it began with.
    pub(crate) fn first(&self) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == self.report.first_message)
    }

    /// How many addresses, domains and URLs have somebody responsible, in words.
    pub(crate) fn summary(&self) -> String {
        let named = ui::format::plural(self.observables, "observable", "observables");
        match self.groups.iter().filter(|group| group.who.is_some()).count() {
            0 => named,
            teams => format!("{named} → {}", ui::format::plural(teams, "team", "teams")),
        }
    }

    /// Its clock.
    pub(crate) fn clock(&self, now: impl Int) -> ui::Clock {
        let now = now.int();
        ui::Clock::new(self.report.received_at, self.report.due_at, now)
    }
}

impl Desk {
    /// The report `number` of the reader's team. `with_history`: with all its messages and its history, for its own page.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn report_view(
        &self,
        by: &Granted<ReadCases>,
        number: i64,
        with_history: bool,
    ) -> Result<ReportView> {
        let team = by.team();
        let registry = self.registry().clone();
        let read = self.node().db.read(move |c| {
            let found = reports::by_number(c, team, number)?;
            let report = found.ok_or_else(|| Error::not_found(format!("IR-{number}")))?;
            view(c, &registry, team, report, with_history)
        });
        read.await
    }
}

fn view(
    c: &Read<'_>,
    registry: &registry::Registry,
    team: Id,
    mut report: Report,
    with_history: bool,
) -> Result<ReportView> {
    report.subject = clean(&report.subject);
    report.from_name = clean(&report.from_name);
    let linked = reports::incidents_of(c, report.id)?;
    let incidents = linked
        .iter()
        .filter_map(|id| incidents::by_id(c, team, *id).transpose())
        .collect::<Result<Vec<_>>>()?;
    let mut similar = Vec::new();
    for (id, _, common) in observables::incidents_with(c, team, report.id)? {
        if linked.contains(&id) {
            continue;
        }
        let known = incidents::by_id(c, team, id)?.filter(|incident| incident.status == IncidentStatus::Open);
        similar.extend(known.map(|incident| Similar { incident, common }));
    }
    let named = observables::of(c, report.id, OBSERVABLES)?;
    let (shown, observables) = (named.len(), store::count_observables(c, report.id)?);
    // One thing in common among many is chance.
    similar.retain(|similar| similar.common * 3 >= observables.min(WHOLE));
    let (mut groups, others) = grouped(registry, team, named);
    for group in &mut groups {
        group.seen = times(store::seen(c, team, &group.observables[0].value, report.id)?);
    }
    let messages = if with_history {
        let mut newest = messages::of(c, Case::Report(report.id))?;
        if newest.iter().all(|message| message.id != report.first_message) {
            newest.splice(0..0, messages::by_id(c, team, report.first_message)?);
        }
        newest
    } else {
        messages::by_id(c, team, report.first_message)?.into_iter().collect()
    };
    let mut history = Vec::new();
    if with_history {
        for event in events::history(c, &Case::Report(report.id).stream(), HISTORY)? {
            let line = (event.at, timeline::words(&event));
            // Linking is an event of its own and a change of the report's status.
            if history.last() != Some(&line) {
                history.push(line);
            }
        }
    }
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    Ok(ReportView { report, incidents, similar, groups, others, observables, shown, messages, history })
}
