//! Taking back what was done: all of it or nothing.

use contracts::incidents::ActionUndone;
use identity::{Granted, TriageReports};
use kit::db::Write;
use kit::events::{self, Stamp};
use kit::{Error, Id, Result, Time, search};
use mail::queue;
use serde::{Deserialize, Serialize};

use crate::model::{Incident, IncidentStatus, Investigation, InvestigationStatus, Report, ReportStatus};
use crate::store::undo::{self, Undo};
use crate::store::{incidents, investigations, messages, observables, reports};
use crate::{Desk, case, reminders};

/// What an action must restore to be undone. Versions are those after the action: if one has moved on, somebody
/// has built upon it, and nothing is undone.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Inverse {
    pub(crate) reports: Vec<ReportBefore>,
    pub(crate) linked: Vec<(Id, Id)>,
    pub(crate) unlinked: Vec<(Id, Id)>,
    pub(crate) opened: Option<Id>,
    pub(crate) incidents: Vec<IncidentBefore>,
    /// Made by the action.
    pub(crate) investigations: Vec<Id>,
    /// Changed by the action.
    #[serde(default)]
    pub(crate) changed: Vec<InvestigationBefore>,
    pub(crate) messages: Vec<Id>,
    pub(crate) mails: Vec<Id>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReportBefore {
    id: Id,
    version: i64,
    status: ReportStatus,
    owner: Option<Id>,
    owner_name: String,
    answered_at: Option<Time>,
    closed_at: Option<Time>,
}

impl ReportBefore {
    /// How `report` was before a change that is saved right after this.
    pub(crate) fn of(report: &Report) -> Self {
        Self {
            id: report.id,
            version: report.version + 1,
            status: report.status,
            owner: report.owner,
            owner_name: report.owner_name.clone(),
            answered_at: report.answered_at,
            closed_at: report.closed_at,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IncidentBefore {
    id: Id,
    version: i64,
    status: IncidentStatus,
    closed_at: Option<Time>,
    resolution: String,
    tlp: String,
}

impl IncidentBefore {
    /// How `incident` was before a change that is saved right after this.
    pub(crate) fn of(incident: &Incident) -> Self {
        Self {
            id: incident.id,
            version: incident.version + 1,
            status: incident.status,
            closed_at: incident.closed_at,
            resolution: incident.resolution.clone(),
            tlp: incident.tlp.to_string(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct InvestigationBefore {
    id: Id,
    version: i64,
    status: InvestigationStatus,
    closed_at: Option<Time>,
    due_at: Time,
    reminders: i64,
}

impl InvestigationBefore {
    /// How `investigation` was before a change that is saved right after this.
    pub(crate) fn of(investigation: &Investigation) -> Self {
        Self {
            id: investigation.id,
            version: investigation.version + 1,
            status: investigation.status,
            closed_at: investigation.closed_at,
            due_at: investigation.due_at,
            reminders: investigation.reminders,
        }
    }
}

impl Desk {
    /// Takes back the action `id`, whole; what it had queued does not leave.
    ///
    /// # Errors
    /// It is too late, or somebody has built upon it: then nothing is taken back.
    pub async fn undo(&self, by: &Granted<TriageReports>, id: Id) -> Result<String> {
        let (desk, by) = (self.clone(), by.clone());
        self.node().db.write(move |tx| desk.take_back(tx, by.team(), &by.stamp(desk.node().now()), id)).await
    }

    pub(crate) fn undoable(
        &self,
        tx: &Write<'_>,
        team: Id,
        stamp: &Stamp,
        words: &str,
        inverse: &Inverse,
    ) -> Result<Undo> {
        let inverse = serde_json::to_string(inverse).map_err(|error| Error::Corrupt(error.to_string()))?;
        let undo = Undo {
            id: self.node().id(),
            at: stamp.at,
            until: stamp.at + self.settings().undo_window,
            words: words.to_owned(),
            inverse,
        };
        undo::insert(tx, team, &stamp.actor, &undo)?;
        Ok(undo)
    }

    fn take_back(&self, tx: &Write<'_>, team: Id, stamp: &Stamp, id: Id) -> Result<String> {
        let too_late = || {
            Error::Conflict(
                "it is too late to take this back: its mails have left, or it was taken back already".into(),
            )
        };
        let action =
            undo::by_id(tx, team, id)?.filter(|action| action.until > stamp.at).ok_or_else(too_late)?;
        let inverse: Inverse = serde_json::from_str(&action.inverse)
            .map_err(|error| Error::Corrupt(format!("undo: {error}")))?;
        if !undo::take(tx, id)? {
            return Err(too_late());
        }
        for mail in &inverse.mails {
            if !queue::cancel(tx, *mail, stamp.at)? {
                return Err(too_late());
            }
        }
        for message in &inverse.messages {
            messages::delete(tx, *message)?;
            search::forget(tx, *message)?;
        }
        for investigation in &inverse.investigations {
            investigations::delete(tx, *investigation)?;
        }
        for before in &inverse.changed {
            self.restore_investigation(tx, team, before)?;
        }
        for before in &inverse.reports {
            restore_report(tx, team, before)?;
        }
        for (report, incident) in &inverse.linked {
            reports::unlink(tx, *report, *incident)?;
        }
        for (report, incident) in &inverse.unlinked {
            reports::link(tx, *report, *incident, stamp.at)?;
        }
        for before in &inverse.incidents {
            restore_incident(tx, team, before)?;
        }
        self.rebuild_observables(tx, team, &inverse)?;
        if let Some(opened) = inverse.opened {
            self.abandon_opened(tx, team, stamp, opened)?;
        }
        events::record(
            self.node(),
            tx,
            stamp,
            &ActionUndone { id: id.to_string(), words: action.words.clone() },
        )?;
        Ok(action.words)
    }

    fn restore_investigation(&self, tx: &Write<'_>, team: Id, before: &InvestigationBefore) -> Result<()> {
        let Some(mut investigation) = investigations::by_id(tx, team, before.id)? else { return Ok(()) };
        if investigation.version != before.version {
            return Err(Error::Conflict(format!(
                "{} was changed since: nothing was taken back",
                investigation.name()
            )));
        }
        reminders::cancel(tx, &investigation, self.node().now())?;
        investigation.status = before.status;
        investigation.closed_at = before.closed_at;
        investigation.due_at = before.due_at;
        investigation.reminders = before.reminders;
        investigations::save(tx, &investigation)?;
        if investigation.status == InvestigationStatus::Open && investigation.answered_at.is_none() {
            reminders::plan(self, tx, &investigation)?;
        }
        Ok(())
    }

    /// What an incident names follows from the reports that are linked to it.
    fn rebuild_observables(&self, tx: &Write<'_>, team: Id, inverse: &Inverse) -> Result<()> {
        let mut touched: Vec<Id> =
            inverse.linked.iter().chain(&inverse.unlinked).map(|(_, incident)| *incident).collect();
        touched.sort();
        touched.dedup();
        touched.into_iter().try_for_each(|incident| case::rebuild_observables(tx, team, incident))
    }

    /// An incident that was opened by mistake keeps its number and is marked as abandoned: numbers have no gaps.
    fn abandon_opened(&self, tx: &Write<'_>, team: Id, stamp: &Stamp, id: Id) -> Result<()> {
        let Some(mut incident) = incidents::by_id(tx, team, id)? else { return Ok(()) };
        let before = incident.status;
        incident.status = IncidentStatus::Abandoned;
        incident.closed_at = Some(stamp.at);
        incident.resolution = "taken back".into();
        observables::forget(tx, id)?;
        incidents::save(tx, &incident)?;
        case::changed(self, tx, stamp, &incident, before, "taken back right after it was opened")
    }
}

fn restore_report(tx: &Write<'_>, team: Id, before: &ReportBefore) -> Result<()> {
    let Some(mut report) = reports::by_id(tx, team, before.id)? else { return Ok(()) };
    if report.version != before.version {
        return Err(Error::Conflict(format!("{} was changed since: nothing was taken back", report.name())));
    }
    report.status = before.status;
    report.owner = before.owner;
    report.owner_name.clone_from(&before.owner_name);
    report.answered_at = before.answered_at;
    report.closed_at = before.closed_at;
    reports::save(tx, &report)?;
    Ok(())
}

fn restore_incident(tx: &Write<'_>, team: Id, before: &IncidentBefore) -> Result<()> {
    let Some(mut incident) = incidents::by_id(tx, team, before.id)? else { return Ok(()) };
    if incident.version != before.version {
        return Err(Error::Conflict(format!(
            "{} was changed since: nothing was taken back",
            incident.name()
        )));
    }
    incident.status = before.status;
    incident.closed_at = before.closed_at;
    incident.resolution.clone_from(&before.resolution);
    incident.tlp = taxonomy::Tlp::parse(&before.tlp).unwrap_or(incident.tlp);
    incidents::save(tx, &incident)?;
    Ok(())
}
