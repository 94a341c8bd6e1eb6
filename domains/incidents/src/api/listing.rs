//! What the API reads in one look at the database.

use identity::{Granted, ReadCases};
use kit::clock::DAY;
use kit::{Error, Result};

use crate::Desk;
use crate::model::{
    Case, CaseKind, Incident, IncidentStatus, Investigation, Message, Number, Observable, Report,
    ReportStatus,
};
use crate::store::{incidents, investigations, messages, observables, pages, reports};
use crate::views::inbox::{self, Asked, Cursor, Row};

/// Rows, and where the next page begins.
pub(super) type Rows<T> = (Vec<T>, Option<Cursor>);

/// A report with what belongs to it.
pub(super) struct WholeReport {
    pub(super) report: Report,
    pub(super) incidents: Vec<Incident>,
    pub(super) observables: Vec<Observable>,
    pub(super) messages: Vec<Message>,
}

/// An incident with what belongs to it.
pub(super) struct WholeIncident {
    pub(super) incident: Incident,
    pub(super) reports: Vec<Report>,
    pub(super) investigations: Vec<Investigation>,
    pub(super) observables: Vec<Observable>,
    pub(super) messages: Vec<Message>,
}

impl Desk {
    /// A page of reports with the look-ups that the inbox shows; all of one status, or those of a view.
    pub(super) async fn report_rows(
        &self,
        by: &Granted<ReadCases>,
        asked: Asked,
        status: Option<ReportStatus>,
    ) -> Result<Rows<Row>> {
        let (team, me, now) = (by.team(), by.actor().account, self.node().now());
        let midnight = now - now.rem_euclid(DAY);
        let (engine, registry) = (self.node().db.engine(), self.registry().clone());
        let read = self.node().db.read(move |c| {
            let mut found = match status {
                Some(status) => {
                    let below =
                        if let Some(Cursor::Number(number)) = asked.after { number } else { i64::MAX };
                    pages::reports_in(c, team, status, below, one_more(asked.rows))?
                }
                None => inbox::reports_of(c, engine, team, me, midnight, &asked)?,
            };
            let is_more = found.len() > asked.rows;
            found.truncate(asked.rows);
            let next = found.last().filter(|_| is_more).and_then(|last| inbox::cursor(asked.view, last));
            let rows = found
                .into_iter()
                .map(|report| inbox::row(c, &registry, team, report))
                .collect::<Result<_>>()?;
            Ok((rows, next))
        });
        read.await
    }

    /// The report `number` with at most `limit` of its observables.
    pub(super) async fn whole_report(
        &self,
        by: &Granted<ReadCases>,
        number: i64,
        limit: usize,
    ) -> Result<WholeReport> {
        let team = by.team();
        let read = self.node().db.read(move |c| {
            let report = reports::by_number(c, team, number)?;
            let report = report.ok_or_else(|| Error::not_found(format!("IR-{number}")))?;
            let linked = reports::incidents_of(c, report.id)?;
            let incidents = linked.into_iter().filter_map(|id| incidents::by_id(c, team, id).transpose());
            Ok(WholeReport {
                incidents: incidents.collect::<Result<_>>()?,
                observables: observables::of(c, report.id, one_more(limit))?,
                messages: messages::of(c, Case::Report(report.id))?,
                report,
            })
        });
        read.await
    }

    /// A page of incidents in `status`, newest first.
    pub(super) async fn incident_rows(
        &self,
        by: &Granted<ReadCases>,
        status: IncidentStatus,
        after: Option<Cursor>,
        rows: usize,
    ) -> Result<Rows<Incident>> {
        let team = by.team();
        let before = match after {
            Some(Cursor::Clock(at, id)) => (at, id),
            _ => (i64::MAX, kit::Id::from_bytes([0xff; 16])),
        };
        let read = self.node().db.read(move |c| {
            let mut found = incidents::list(c, team, status, before, one_more(rows))?;
            let is_more = found.len() > rows;
            found.truncate(rows);
            let next = found.last().filter(|_| is_more).map(|last| Cursor::Clock(last.opened_at, last.id));
            Ok((found, next))
        });
        read.await
    }

    /// The incident `number` with at most `limit` of its observables.
    pub(super) async fn whole_incident(
        &self,
        by: &Granted<ReadCases>,
        number: i64,
        limit: usize,
    ) -> Result<WholeIncident> {
        let team = by.team();
        let read = self.node().db.read(move |c| {
            let incident = incidents::by_number(c, team, number)?;
            let incident = incident.ok_or_else(|| Error::not_found(format!("INC-{number}")))?;
            Ok(WholeIncident {
                reports: reports::of_incident(c, incident.id)?,
                investigations: investigations::of_incident(c, incident.id)?,
                observables: observables::of(c, incident.id, one_more(limit))?,
                messages: messages::of(c, Case::Incident(incident.id))?,
                incident,
            })
        });
        read.await
    }

    /// A page of what the report or the incident `name` names, in the order of the list.
    pub(super) async fn observable_rows(
        &self,
        by: &Granted<ReadCases>,
        name: Number,
        after: Option<Cursor>,
        rows: usize,
    ) -> Result<Rows<Observable>> {
        let team = by.team();
        let behind = if let Some(Cursor::Number(n)) = after { n } else { 0 };
        let read = self.node().db.read(move |c| {
            let case = crate::case::find(c, team, name)?;
            let mut found = pages::observables_behind(c, case.id(), behind, one_more(rows))?;
            let is_more = found.len() > rows;
            found.truncate(rows);
            let next = found.last().filter(|_| is_more).map(|last| Cursor::Number(last.n));
            Ok((found, next))
        });
        read.await
    }

    /// The case called `name`, if the asker's team has it: its title or subject.
    pub(super) async fn case_called(
        &self,
        by: &Granted<ReadCases>,
        name: Number,
    ) -> Result<Option<(String, kit::Time)>> {
        let (team, n) = (by.team(), name.number);
        let read = self.node().db.read(move |c| {
            Ok(match name.kind {
                CaseKind::Report => reports::by_number(c, team, n)?.map(|r| (r.subject, r.received_at)),
                CaseKind::Incident => incidents::by_number(c, team, n)?.map(|i| (i.title, i.opened_at)),
                CaseKind::Investigation => {
                    investigations::by_number(c, team, n)?.map(|i| (i.subject, i.created_at))
                }
            })
        });
        read.await
    }
}

/// One row more than asked for tells whether there is a next page.
fn one_more(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX).saturating_add(1)
}
