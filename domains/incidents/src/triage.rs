//! Deciding on reports, one or many at once, and taking it back.

use std::collections::HashSet;

use contracts::incidents::{ActionUndone, ReportChanged, ReportLinked};
use identity::{Granted, TriageReports};
use kit::db::Write;
use kit::events::{self, Stamp};
use kit::{Error, Id, Result, Time, search};
use mail::queue;
use serde::{Deserialize, Serialize};

use crate::case::{self, NewIncident};
use crate::model::{
    CaseKind, Incident, IncidentStatus, Investigation, InvestigationStatus, Number, Report, ReportStatus,
};
use crate::store::undo::{self, Undo};
use crate::store::{incidents, investigations, messages, observables, reports};
use crate::{Desk, reminders};

/// How many reports one action takes at most.
pub const AT_ONCE: usize = 500;

/// What is done to all reports chosen, or to none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// They are one new incident.
    Open {
        /// What it is called; the first report's subject when empty.
        title: String,
        /// RSIT: `fraud:phishing`; `other:undetermined` when empty.
        classification: String,
    },
    /// They belong to this incident.
    Link(Number),
    /// They belong to it no longer.
    Unlink(Number),
    /// They are put aside.
    Reject,
    /// They were answered, without an incident.
    Resolve,
    /// They wait for a decision again.
    Reopen,
    /// Whoever does this takes them.
    Take,
    /// Nobody has them.
    Release,
}

/// What was done, and how to take it back.
#[derive(Debug, Clone)]
pub struct Done {
    /// In words, for the foot of the page.
    pub words: String,
    /// How to take it back.
    pub undo: Undo,
    /// The incident it was about.
    pub incident: Option<Number>,
}

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
    /// Does `action` to all reports `numbers`, or to none.
    ///
    /// # Errors
    /// A report or the incident is not there, too many were chosen, or somebody else was faster.
    pub async fn triage(
        &self,
        by: &Granted<TriageReports>,
        mut numbers: Vec<i64>,
        action: Action,
    ) -> Result<Done> {
        let mut seen = HashSet::new();
        numbers.retain(|number| seen.insert(*number));
        if numbers.is_empty() {
            return Err(Error::invalid("r", "no report was chosen: mark at least one row"));
        }
        if numbers.len() > AT_ONCE {
            return Err(Error::invalid(
                "r",
                format!("{} reports were chosen; at most {AT_ONCE} at once", numbers.len()),
            ));
        }
        let (desk, by) = (self.clone(), by.clone());
        let done = self.node().db.write(move |tx| {
            let now = desk.node().now();
            let mut chosen = Vec::new();
            for number in &numbers {
                let report = reports::by_number(tx, by.team(), *number)?;
                chosen.push(report.ok_or_else(|| Error::not_found(format!("IR-{number}")))?);
            }
            let mut step =
                Step { desk: &desk, tx, by: &by, stamp: by.stamp(now), inverse: Inverse::default() };
            let (words, incident) = step.run(chosen, &action)?;
            let undo = desk.undoable(tx, by.team(), &by.stamp(now), &words, &step.inverse)?;
            Ok(Done { words, undo, incident })
        });
        done.await
    }

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

/// One action under way.
struct Step<'a, 'c> {
    desk: &'a Desk,
    tx: &'a Write<'c>,
    by: &'a Granted<TriageReports>,
    stamp: Stamp,
    inverse: Inverse,
}

impl Step<'_, '_> {
    fn run(&mut self, chosen: Vec<Report>, action: &Action) -> Result<(String, Option<Number>)> {
        let what = match chosen.as_slice() {
            [one] => one.name().to_string(),
            many => format!("{} reports", many.len()),
        };
        match action {
            Action::Open { title, classification } => {
                let incident = self.open(&chosen, title, classification)?;
                let name = incident.name();
                self.link_all(chosen, incident)?;
                Ok((format!("{what} opened as {name}"), Some(name)))
            }
            Action::Link(name) => {
                let incident = self.incident(*name)?;
                if incident.status != IncidentStatus::Open {
                    return Err(Error::Conflict(format!(
                        "{name} is {}: open it again, or choose another",
                        incident.status
                    )));
                }
                self.link_all(chosen, incident)?;
                Ok((format!("{what} linked to {name}"), Some(*name)))
            }
            Action::Unlink(name) => {
                let incident = self.incident(*name)?;
                self.unlink_all(&chosen, &incident)?;
                Ok((format!("{what} taken from {name}"), Some(*name)))
            }
            Action::Reject => self.set_status(chosen, ReportStatus::Rejected, format!("{what} rejected")),
            Action::Resolve => self.set_status(chosen, ReportStatus::Resolved, format!("{what} resolved")),
            Action::Reopen => {
                self.set_status(chosen, ReportStatus::New, format!("{what} to be decided again"))
            }
            Action::Take => self.set_owner(chosen, true, format!("{what} taken by {}", self.by.actor().name)),
            Action::Release => self.set_owner(chosen, false, format!("{what} given back")),
        }
    }

    fn open(&mut self, chosen: &[Report], title: &str, classification: &str) -> Result<Incident> {
        let title = if title.trim().is_empty() {
            without_label(&chosen[0].subject).to_owned()
        } else {
            title.trim().to_owned()
        };
        let new = NewIncident {
            title,
            description: String::new(),
            classification: classification.to_owned(),
            tlp: chosen.iter().map(|report| report.tlp).max().unwrap_or(self.desk.settings().default_tlp),
        };
        let incident = case::open(self.desk, self.tx, self.by.actor(), &self.stamp, &new)?;
        self.inverse.opened = Some(incident.id);
        Ok(incident)
    }

    fn link_all(&mut self, chosen: Vec<Report>, mut incident: Incident) -> Result<()> {
        let strictest = chosen.iter().map(|report| report.tlp).max().unwrap_or(incident.tlp);
        for mut report in chosen {
            if reports::link(self.tx, report.id, incident.id, self.stamp.at)? {
                self.inverse.linked.push((report.id, incident.id));
                self.note_link(&report, &incident, true)?;
                case::take_observables(self.tx, &report, incident.id)?;
            }
            if report.status != ReportStatus::Open {
                report.closed_at = None;
                self.change(
                    &mut report,
                    |report| report.status = ReportStatus::Open,
                    &format!("linked to {}", incident.name()),
                )?;
            }
        }
        if strictest > incident.tlp {
            self.inverse.incidents.push(IncidentBefore::of(&incident));
            let before = incident.status;
            incident.tlp = strictest;
            self.saved_incident(&incident)?;
            case::changed(
                self.desk,
                self.tx,
                &self.stamp,
                &incident,
                before,
                &format!("label raised to {strictest}"),
            )?;
        }
        Ok(())
    }

    fn unlink_all(&mut self, chosen: &[Report], incident: &Incident) -> Result<()> {
        for report in chosen {
            if !reports::incidents_of(self.tx, report.id)?.contains(&incident.id) {
                return Err(Error::Conflict(format!(
                    "{} is not linked to {}",
                    report.name(),
                    incident.name()
                )));
            }
            reports::unlink(self.tx, report.id, incident.id)?;
            self.inverse.unlinked.push((report.id, incident.id));
            self.note_link(report, incident, false)?;
            if reports::incidents_of(self.tx, report.id)?.is_empty() && report.status == ReportStatus::Open {
                self.change(
                    &mut report.clone(),
                    |report| report.status = ReportStatus::New,
                    "to be decided again",
                )?;
            }
        }
        case::rebuild_observables(self.tx, self.by.team(), incident.id)
    }

    fn set_status(
        &mut self,
        chosen: Vec<Report>,
        to: ReportStatus,
        words: String,
    ) -> Result<(String, Option<Number>)> {
        let closed = matches!(to, ReportStatus::Rejected | ReportStatus::Resolved);
        let at = self.stamp.at;
        for mut report in chosen {
            self.change(
                &mut report,
                |report| (report.status, report.closed_at) = (to, closed.then_some(at)),
                to.name(),
            )?;
        }
        Ok((words, None))
    }

    fn set_owner(
        &mut self,
        chosen: Vec<Report>,
        take: bool,
        words: String,
    ) -> Result<(String, Option<Number>)> {
        let (owner, name) = if take {
            (self.by.actor().account, self.by.actor().name.clone())
        } else {
            (None, String::new())
        };
        for mut report in chosen {
            let said = if take { format!("taken by {name}") } else { "given back".to_owned() };
            self.change(
                &mut report,
                |report| (report.owner, report.owner_name) = (owner, name.clone()),
                &said,
            )?;
        }
        Ok((words, None))
    }

    fn change(&mut self, report: &mut Report, how: impl FnOnce(&mut Report), words: &str) -> Result<()> {
        self.inverse.reports.push(ReportBefore::of(report));
        let before = report.status;
        how(report);
        if !reports::save(self.tx, report)? {
            return Err(Error::Conflict(format!(
                "{} was changed by somebody else: look again",
                report.name()
            )));
        }
        let event = ReportChanged {
            id: report.id.to_string(),
            words: words.to_owned(),
            status: (before.to_string(), report.status.to_string()),
        };
        events::record(self.desk.node(), self.tx, &self.stamp, &event)
    }

    fn note_link(&self, report: &Report, incident: &Incident, linked: bool) -> Result<()> {
        let event = ReportLinked { id: report.id.to_string(), incident: incident.name().to_string(), linked };
        events::record(self.desk.node(), self.tx, &self.stamp, &event)
    }

    fn saved_incident(&self, incident: &Incident) -> Result<()> {
        if incidents::save(self.tx, incident)? {
            return Ok(());
        }
        Err(Error::Conflict(format!("{} was changed by somebody else: look again", incident.name())))
    }

    fn incident(&self, name: Number) -> Result<Incident> {
        if name.kind != CaseKind::Incident {
            return Err(Error::invalid(
                "incident",
                format!("{name} is no incident: give a number such as INC-12"),
            ));
        }
        incidents::by_number(self.tx, self.by.team(), name.number)?.ok_or_else(|| Error::not_found(name))
    }
}

/// A subject without the label that stands before it: an incident has its own.
fn without_label(subject: &str) -> &str {
    let bare = subject.trim_start_matches(['[', '(']);
    let Some(rest) = bare.strip_prefix("TLP:") else { return subject };
    let rest = rest
        .trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '+')
        .trim_start_matches([']', ')', ':']);
    if rest.trim().is_empty() { subject } else { rest.trim() }
}

#[cfg(test)]
mod tests {
    use super::without_label;

    #[test]
    fn a_title_does_not_repeat_the_label_of_its_report() {
        assert_eq!(without_label("[TLP:AMBER+STRICT] 34 accounts"), "34 accounts");
        assert_eq!(without_label("TLP:GREEN guessing"), "guessing");
        assert_eq!(without_label("TLP:RED"), "TLP:RED");
        assert_eq!(without_label("guessing [2 hosts]"), "guessing [2 hosts]");
    }
}
